"""The folders are the architecture: every import is held against ARCHITECTURE.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# In import order: a module of a room imports only modules that stand before its own.
ARCHIVE = (
    "lazy", "errors", "syntax", "steering", "octets", "patterns", "model", "events", "config", "home", "locking",
    "fixity", "http", "posted", "warc", "copying", "surt", "index", "clean", "fold", "ledger", "stores", "store",
    "records", "diff", "aligning", "logs", "formats", "views", "derive", "search", "bundle", "exports", "citing",
    "upload", "verify", "terminal", "markup", "web", "verbs",
)  # fmt: skip
CRAWLER = (
    "profile", "tracking", "scope", "twins", "sources", "requisites", "parts", "identity", "changed", "surplus",
    "walls", "reading", "budget", "politeness", "robots", "settings", "request", "names", "heads", "parser", "wire",
    "connection", "capture", "intake", "staged", "originals", "importing", "frontier", "recorder", "refold", "lock",
    "packing", "copies", "refill", "hosts", "spider", "keeping", "opening", "notify", "run", "arrival", "taking",
    "probe", "proposing", "service", "demo", "verbs",
)  # fmt: skip
ROOMS = {"archive": ARCHIVE, "crawler": CRAWLER}
MAY_IMPORT = {"archive": {"archive"}, "crawler": {"archive", "crawler"}, "scheduler": {"archive", "crawler"}}
# The only places that import a library which the rest must not lean on.
KEEPERS = {
    "warcio": ("archive/warc",),
    "sqlalchemy": ("archive/ledger",),
    "alembic": ("archive/ledger",),
    "boto3": ("archive/stores/s3",),
    "botocore": ("archive/stores/s3",),
    "apscheduler": ("crawler/service/timetable.py",),
    "apprise": ("crawler/notify/sending.py",),
    "prometheus_client": ("crawler/service/metrics.py",),
    "re2": ("archive/patterns.py",),
    "feedparser": ("crawler/sources/feed_xml.py",),
    "pyarrow": ("archive/exports/parquet.py",),
    # The reading room is made of them; the service joins its own three addresses to it.
    "starlette": ("archive/web", "crawler/service/web.py"),
    "h11": ("archive/web",),
    "uvicorn": ("archive/web", "crawler/service/web.py"),
    "jinja2": ("archive/web",),
    "scrapy": (
        "crawler/names.py",
        "crawler/capture.py",
        "crawler/parser.py",
        "crawler/connection.py",
        "crawler/spider.py",
        "crawler/run.py",
    ),
    "twisted": (
        "crawler/names.py",
        "crawler/wire.py",
        "crawler/capture.py",
        "crawler/parser.py",
        "crawler/connection.py",
        "crawler/spider.py",
        "crawler/run.py",
    ),
}


def sources() -> list[Path]:
    """Every module of ours that is not a test."""
    return [*sorted(ROOT.glob("archive/**/*.py")), *sorted(ROOT.glob("crawler/**/*.py")), ROOT / "scheduler.py"]


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Give the full name of each module that a file imports, relative imports resolved; what only types need left out."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _running(node)


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_follow_the_arrows(path: Path) -> None:
    """A room that reaches back, or a module that reaches down, ties two things that must be free of each other."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    room, own = parts[0], parts[1] if len(parts) > 1 else ""
    wrong = []
    for name in imports(path):
        target = name.split(".")
        if target[0] not in MAY_IMPORT:
            continue
        below = own in ROOMS.get(room, ()) and target[0] == room and len(target) > 1 and target[1] in ROOMS[room]
        if target[0] not in MAY_IMPORT[room] or (below and ROOMS[room].index(target[1]) > ROOMS[room].index(own)):
            wrong.append(name)

    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_has_its_place_in_the_order(room: str) -> None:
    """A module without a place would escape the check above."""
    names = {p.relative_to(ROOT / room).with_suffix("").parts[0] for p in (ROOT / room).glob("**/*.py")} - {"__init__"}

    assert sorted(names) == sorted(ROOMS[room])


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_has_one_keeper(library: str) -> None:
    """Where one place imports a library, that library can be replaced."""
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if any(name.split(".")[0] == library for name in imports(path))
    }

    assert [p for p in importers if not p.startswith(KEEPERS[library])] == []


def test_sources_read_without_scrapy() -> None:
    """`rebuild` reads lists years later, when Scrapy may be gone."""
    folders = ("crawler/sources", "crawler/profile", "crawler/requisites")
    lists = [p for p in sources() if p.relative_to(ROOT).as_posix().startswith(folders)]
    lists += [ROOT / "crawler" / name for name in ("scope.py", "reading.py", "intake.py", "refold.py")]

    assert [p.name for p in lists if any(n.startswith(("scrapy", "twisted")) for n in imports(p))] == []


def test_no_other_distribution_owns_our_names() -> None:
    """`crawler`, `archive` and `scheduler` are names of other projects on PyPI; one of them would shadow ours."""
    owners = packages_distributions()

    for name in ("crawler", "archive", "scheduler"):
        assert set(owners.get(name, ["lianzai"])) <= {"lianzai"}


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_can_be_read_at_one_sitting(path: Path) -> None:
    """A file above 400 lines does more than one thing."""
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= 400


def test_nothing_prints_but_the_terminal() -> None:
    """What a program reads on stdout is one JSON document; a stray print would break it."""
    callers = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert [c for c in callers if c != "crawler/demo/server.py"] == []
