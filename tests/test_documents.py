"""The documents are true: links lead somewhere, commands parse, profiles are good, what is in the code is described."""

from __future__ import annotations

import ast
import contextlib
import logging
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

from archive import errors
from archive.config import Config
from archive.ledger.schema import METADATA
from archive.model import RecordType, Role, Truncation
from crawler.profile import parse_profile
from scheduler import CLI, VERBS

ROOT = Path(__file__).parent.parent
HIDDEN = re.compile(r"(^|/)[._](?!ci|github)|(^|/)(lianzai-data|dist)/")
DOCUMENTS = sorted(p for p in ROOT.rglob("*.md") if not HIDDEN.search(p.relative_to(ROOT).as_posix()))
README = (ROOT / "README.md").read_text("utf-8")
DATA = (ROOT / "docs" / "data.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(text: str) -> set[str]:
    """Give the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def cells(text: str) -> Iterator[list[str]]:
    """Give the rows of every table, without their outer bars."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", cell))


# -------------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    """A dead link says that nobody reads what is written."""
    dead = []
    for target in _LINK.findall(_FENCE.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = path.parent / file if file else path
        if not there.exists() or (anchor and anchor not in anchors(there.read_text("utf-8"))):
            dead.append(target)

    assert dead == []


def test_every_document_and_decision_is_in_the_index() -> None:
    """What is not listed is not found."""
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for target in _LINK.findall(index.read_text("utf-8"))}
    there = {path.resolve() for path in (ROOT / "docs").rglob("*.md")} - {index.resolve()}

    assert there - linked == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    """A number is a decision's name for good, also in comments of the code."""
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


# ----------------------------------------------------------------------------------------------------------- commands


@pytest.fixture
def untouched_log() -> Iterator[None]:
    """Parsing a command sets up the log, which other tests look at."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def parse(line: str) -> click.Command:
    """Parse a command line as the console script would, without doing it. Raises click.UsageError.

    A verb alone, as prose names one, need only be there.
    """
    words = shlex.split(line, comments=True)[1:]
    if len(words) == 1 and words[0] in VERBS:
        words.append("--help")
    command: click.Command = CLI
    with contextlib.suppress(click.exceptions.Exit):  # --help has said what it says
        context = CLI.make_context("lianzai", words, obj=Config())
        while isinstance(command, click.Group):
            name, below, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert below is not None, line
            command = below
            context = command.make_context(name, rest, parent=context)
    return command


def quoted(text: str) -> list[str]:
    """Give every whole `lianzai …` line that a document quotes, in a span or a block."""
    spans = re.findall(r"`(lianzai(?: [^`]+))`", text)
    blocks = re.findall(r"^ *(?:\$ |\.venv/bin/)?(lianzai [^\n]*)$", "\n".join(_FENCE.findall(text)), re.MULTILINE)
    return [line for line in (*spans, *blocks) if "…" not in line and "COMMAND" not in line and "X.Y.Z" not in line]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
@pytest.mark.usefixtures("untouched_log")
def test_every_quoted_command_parses(path: Path) -> None:
    """What a newcomer copies must not answer with a usage error."""
    wrong = []
    for line in quoted(path.read_text("utf-8")):
        try:
            parse(line)
        except click.UsageError as error:
            wrong.append((line, error.format_message()))

    assert wrong == []


def test_the_readme_quotes_what_a_newcomer_needs() -> None:
    """The test above holds nothing where nothing is quoted."""
    used = {line.split()[1] for line in quoted(README) if not line.split()[1].startswith("-")}

    assert {"crawl", "status", "articles", "show", "diff", "history", "profile", "rebuild", "doctor", "add"} <= used


def actions() -> Iterator[tuple[str, str]]:
    """Give place and words of each `action=` in the code that begins with our name; what is to be filled in is a 1."""
    for path in [*ROOT.glob("archive/**/*.py"), *ROOT.glob("crawler/**/*.py"), ROOT / "scheduler.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "action":
                parts = node.value.values if isinstance(node.value, ast.JoinedStr) else [node.value]
                text = "".join(str(p.value) if isinstance(p, ast.Constant) else "1" for p in parts)
                if text.startswith("lianzai "):
                    yield f"{name_of(path)}:{node.value.lineno}", re.sub(r"\b[A-Z]+\b", "1", text)


@pytest.mark.usefixtures("untouched_log")
def test_every_advice_of_an_error_is_a_command_that_exists() -> None:
    """An error that sends a person to a command that is not there makes two problems of one."""
    wrong = []
    for place, text in actions():
        line = re.split(r", | --home 1| …", text)[0]
        if line == "lianzai":
            continue
        try:
            parse(line)
        except click.UsageError as error:
            wrong.append((place, text, error.format_message()))

    assert wrong == []


def test_what_the_readme_says_is_not_there_is_not_there() -> None:
    """The list of what is missing is read by who decides whether to use this."""
    later = {"worker", "recover"}
    missing = README.partition("## What it does not do yet")[2].partition("\n## ")[0]

    assert later & set(VERBS) == set()
    assert all(word in missing for word in ("lost instalments", "browser rendering"))


# ----------------------------------------------------------------------------------------------------------- profiles


def readme_profiles() -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", readme_profiles(), ids=["list-page", "henandaily"])
def test_a_profile_of_the_readme_is_good_and_all_of_it_works(text: str) -> None:
    """The first thing that is copied."""
    profile = parse_profile(text, name="README.md", config=None, environ={})

    assert profile.inert() == []


def test_the_series_this_was_made_for_has_its_eighteen_cities() -> None:
    """A city left out would never be missed."""
    profile = parse_profile(readme_profiles()[1], name="README.md", config=None, environ={})

    assert len(set(profile.series.subjects)) == 18
    assert (profile.series.subjects[0], profile.series.subjects[11], profile.series.subjects[-1]) == (
        "郑州", "三门峡", "济源",
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- inventory


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    """The drawing tells which exit code an error has, and under which it can be caught."""
    drawn = {name: int(code) for name, code in re.findall(r"(\w+Error) +(\d)", errors.__doc__ or "")}
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.LianzaiError)]
    there = {one.__name__: one.exit_code for one in classes}

    assert drawn == there


def test_every_table_and_column_of_the_ledger_is_described() -> None:
    """People read the ledger with their own tools."""
    rows = {
        names(row[0])[0]: set(names(row[2]))
        for row in cells(DATA.partition("## Ledger")[2])
        if len(row) == 3 and names(row[0])
    }
    tables = {name: set(table.columns.keys()) for name, table in METADATA.tables.items()}
    values = set(get_args(Role)) | {"page:2"}

    assert {name: said - values for name, said in rows.items() if name != "alembic_version"} == tables


def test_every_kind_of_record_and_truncation_is_described() -> None:
    """Others read the WARCs, long after us."""
    records = {names(row[0])[0] for row in cells(DATA.partition("## WARC")[2].partition("**Notes")[0]) if names(row[0])}

    assert records == set(get_args(RecordType))
    assert [one for one in get_args(Truncation) if f"`{one}`" not in DATA] == []


@pytest.mark.parametrize("room", ["archive", "crawler"])
def test_the_architecture_names_every_module(room: str) -> None:
    """A newcomer finds each file's place on the one page."""
    table = ARCHITECTURE.partition(f"| `{room}/`, in import order")[2].partition("\n\n")[0]
    there = {p.name + "/" * p.is_dir() for p in (ROOT / room).iterdir()} - {"__init__.py", "__pycache__/", "py.typed"}

    assert [name for name in sorted(there) if f"`{name}`" not in table] == []


def test_the_architecture_is_one_page() -> None:
    """What is longer is not read."""
    assert ARCHITECTURE.count("\n") <= 120


def test_the_changelog_begins_with_the_contract() -> None:
    """Who runs scripts reads that first."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert re.findall(r"^##+ (.*)$", text, re.MULTILINE)[:2] == ["[Unreleased]", "Contract"]


# ---------------------------------------------------------------------------------------------------------- container


@pytest.mark.usefixtures("untouched_log")
def test_the_container_calls_a_command_that_exists() -> None:
    """Compose passes it on unseen; a wrong word shows only in the container."""
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    called = re.findall(r'^ +command: \["exec (lianzai [^"]+)"\]$', compose, re.MULTILINE)

    assert [parse(line).name for line in called] == ["crawl"]


def test_the_image_is_made_of_files_that_are_there_and_of_the_locks() -> None:
    """A file that moved breaks the image only when somebody builds it."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for word in line.split()]
    let_in = (ROOT / ".dockerignore").read_text("utf-8").replace("!", "").replace("/\n", "\n").split("\n")
    installs = re.findall(r"pip install (.*)", text)

    assert [word for word in copied if not (ROOT / word).exists()] == []
    assert [word for word in copied if word.split("/")[0] not in let_in] == []
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []


# ------------------------------------------------------------------------------------------------------------ hygiene


def own_files() -> list[Path]:
    """Give the files that the repository has or is about to have; those under ROOT where it is no checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists():
        return [p for p in ROOT.rglob("*") if p.is_file() and not HIDDEN.search(name_of(p))]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def test_no_file_knows_the_machine_it_was_made_on() -> None:
    """A path of one machine works on no other, and a lock that names an index works with no other."""
    machine = re.compile(rb"(?<![\w.:/-])/(?:work|root|home)/\w|\b[A-Z]:\\\\?Users")
    index = re.compile(rb"\bpypi\.|python[h]osted|(?:index-url|find-links)[ =]\S*http")
    wrong = [
        f"{name_of(path)}: {found[0].decode('utf-8', 'replace')}"
        for path in own_files()
        for found in [*machine.finditer(path.read_bytes()), *index.finditer(path.read_bytes())]
    ]

    assert wrong == []


def test_the_locks_have_hashes_and_no_address() -> None:
    """They install alike from any index."""
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        pinned = re.findall(
            r"^[a-z0-9][\w.-]*(?:\[[^\]]*\])?==[^\n]*\n(?: +--hash=sha256:[0-9a-f]{64})", text, re.MULTILINE
        )

        assert "://" not in text
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 50
