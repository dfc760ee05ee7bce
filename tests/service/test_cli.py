"""The front door: help, options, errors, exit codes, signals; real processes on real homes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archive.ledger import schema
from archive.ledger.seal import seal_all
from crawler.demo.profiles import demo_profile
from crawler.demo.server import Server

REPOSITORY = Path(__file__).parents[2]
VERBS = (
    "crawl", "add", "remove", "pause", "resume", "status", "articles", "show", "diff", "history", "search", "profile", "verify",
    "rebuild", "export", "cite", "import", "upload", "extract", "index", "replay", "serve", "notify", "demo", "doctor",
)  # fmt: skip


def test_help_names_every_verb_on_its_own_line(lianzai: Any) -> None:
    """Who knows nothing yet begins here."""
    result = lianzai("--help")

    assert result.returncode == 0
    assert re.findall(r"^  ([a-z]+)  ", result.stdout.partition("Commands:")[2], re.MULTILINE) == list(VERBS)


def test_without_arguments_the_help_is_shown(lianzai: Any) -> None:
    """A bare call is a question, not an error."""
    bare = [
        sys.executable,
        "-c",
        "import sys, scheduler; sys.argv[1:] = []; scheduler.main()",
    ]  # by its file it is `serve`
    shown = subprocess.run(bare, capture_output=True, text=True, encoding="utf-8", cwd=REPOSITORY, check=True).stdout

    assert shown == lianzai("--help").stdout


def test_help_imports_nothing_dear() -> None:
    """`--help` under 0.3 s: one of these imports alone would break it (docs/decisions, start-up)."""
    dear = ("sqlalchemy", "scrapy", "twisted", "pydantic", "rich", "trafilatura", "lxml", "alembic", "logging")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from scheduler import CLI, run; from archive.config import Config;"
        "run(['--help'], Config()); run(['status', '--help'], Config());"
        f"print([name for name in {dear} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(REPOSITORY)], capture_output=True, text=True, check=True
    )

    assert result.stderr.strip() == "[]"


def test_reading_the_ledger_imports_nothing_dear(series: Any) -> None:
    """A command that only reads the ledger answers in half a second: a library that it does not ask is none of its concern."""
    dear = (
        "scrapy", "twisted", "pydantic", "rich", "trafilatura", "alembic", "lxml", "boto3", "apprise", "jinja2", "opencc",
        "brotli", "sqlalchemy.dialects.postgresql", "archive.clean", "archive.warc.record", "archive.http.message",
    )  # fmt: skip
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from scheduler import run;"
        "from archive.config import Config; run(['status', '--json'], Config(home=Path(sys.argv[2])));"
        f"print([name for name in {dear} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(REPOSITORY), str(series.home.root)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert result.stderr.strip() == "[]"


def test_a_crawl_that_finds_nothing_new_imports_nothing_to_read_articles(newspaper: Server, tmp_path: Path) -> None:
    """The service starts a process for each crawl, and most find nothing new: what they do not need is most of what they cost."""
    dear = (
        "trafilatura", "readability", "htmldate", "dateparser", "opencc", "pypinyin", "alembic", "apprise", "boto3", "botocore",
        "rich", "jinja2", "starlette", "psycopg", "sqlalchemy.dialects.postgresql",
        "archive.clean.reading", "archive.clean.bylines", "archive.clean.repair", "archive.index.foreign", "archive.index.lookup",
        "crawler.sources.list_page", "crawler.sources.url_list",
    )  # fmt: skip
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from scheduler import run;"
        "from archive.config import Config; code = run(['crawl', '--json', sys.argv[3]], Config(home=Path(sys.argv[2])));"
        f"print([name for name in {dear} if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    profile = tmp_path / "qushui.toml"
    profile.write_text(demo_profile(newspaper.url, delay=0))

    def crawl() -> tuple[dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "-c", program, str(REPOSITORY), str(tmp_path / "home"), str(profile)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)["series"][0], done.stderr.strip().splitlines()[-1]

    new, read = crawl()
    again, imported = crawl()

    assert new["captured"] == again["unchanged"] > 0
    assert "archive.clean.reading" in read
    assert imported == "[]"


def test_the_version_is_that_of_the_package(lianzai: Any) -> None:
    """A report of a bug begins with it."""
    from importlib.metadata import version

    assert lianzai("--version").stdout == f"lianzai {version('lianzai')}\n"


@pytest.mark.parametrize("after", [False, True])
def test_common_options_are_taken_before_and_after_the_command(lianzai: Any, series: Any, after: bool) -> None:
    """Who forgot --json adds it at the end of the line."""
    options = ["--json", "--home", series.home.root]
    result = lianzai("status", *options) if after else lianzai(*options, "status")

    assert json.loads(result.stdout)["series"][0]["id"] == "qushui"


def test_the_home_is_the_option_else_the_environment_else_a_folder_here(lianzai: Any, tmp_path: Path) -> None:
    """In that order, and it is made where it is missing."""
    lianzai("status", "--home", tmp_path / "option", home=tmp_path / "environment")
    lianzai("status", home=tmp_path / "environment")
    lianzai("status")

    homes = [path.parent.name for path in sorted(tmp_path.glob("*/ledger.sqlite3"))]
    assert homes == ["environment", "lianzai-data", "option"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["statsu"], "no command 'statsu'; nearest: status"),
        (["--frobnicate"], "No such option '--frobnicate'"),
        (["show"], "Missing argument 'ARTICLE'; try: lianzai show --help"),
        (["history", "qushui", "--since", "gestern"], "'gestern' is no time"),
        (["show", "aaaaaa-1", "--format", "pdf"], "'pdf' is not one of"),
        (["show", "qushui/济原"], "nearest: qushui/济源"),
        (["articles", "qushiu", "--json"], "nearest: qushui"),
        (["diff", "bbbbbb-2"], "one revision only"),
        (["diff", "aaaaaa-1", "1"], "one revision number given"),
        (["show", "aaaaaa-1", "--revision", "9", "--json"], "it has 1 to 2"),
        (["pause", "qushiu"], "nearest: qushui"),
        (["add", "nowhere.toml"], "nowhere.toml: no such file"),
        (["profile", "chekc"], "'check'"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    lianzai: Any, series: Any, arguments: list[str], told: str, only_line: Any
) -> None:
    """What, where, what to do: on one line, stdout empty, no traceback."""
    result = lianzai(*arguments, home=series.home.root)

    assert result.returncode == 2
    assert result.stdout == ""
    assert told in only_line(result.stderr)
    assert result.stderr.startswith("lianzai: ")


def test_a_level_of_the_log_that_is_none_is_refused(lianzai: Any, only_line: Any) -> None:
    """A typing error would else mean: no log, and nobody knows why."""
    result = lianzai("status", LIANZAI_LOG="loud")

    assert result.returncode == 2
    assert "LIANZAI_LOG: expected one of debug, info, warning, error, found 'loud'" in only_line(result.stderr)


def test_a_home_that_is_a_file_is_refused(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """The file is left alone."""
    (tmp_path / "file").write_text("mine")
    result = lianzai("status", "--home", tmp_path / "file")

    assert result.returncode == 2
    assert "found a file" in only_line(result.stderr)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_bug_is_one_line_with_a_traceback_only_for_debug(lianzai: Any, series: Any, only_line: Any) -> None:
    """Exit 1 is a bug; the line says how to report it. The bug here: a list was written as a number. Else it is damage."""
    with series.ledger.write() as connection:
        connection.execute(update(schema.SERIES).values(missing=5))
    decayed = lianzai("status", home=series.home.root)
    with series.ledger.write() as connection:
        seal_all(connection)

    quiet = lianzai("status", home=series.home.root)
    loud = lianzai("status", "--debug", home=series.home.root)

    assert decayed.returncode == 4
    assert "ledger.sqlite3: damaged: " in only_line(decayed.stderr)
    assert (quiet.returncode, loud.returncode) == (1, 1)
    assert "a bug in lianzai: TypeError" in only_line(quiet.stderr)
    assert "Traceback" in loud.stderr


def test_a_reader_that_leaves_is_no_error(series: Any) -> None:
    """`lianzai … | head -1` must not end in a complaint on stderr."""
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "--home", str(series.home.root), "articles", "qushui"]
    read, write = os.pipe()
    os.close(read)
    result = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)

    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_behind_stdout_is_exit_3(series: Any, only_line: Any) -> None:
    """A report cut short must not pass for a whole one."""
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "--home", str(series.home.root), "status", "--json"]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)

    assert result.returncode == 3
    assert "No space left" in only_line(result.stderr)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_with_its_code(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Scripts tell a stopped command from a failed one. `extract` reads from a pipe that nobody writes to, so it waits."""
    waits = tmp_path / "page.html"
    os.mkfifo(waits)
    ready = tmp_path / "ready.html"
    ready.write_text("<html><body><p>短</p></body></html>")
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "extract", str(ready), str(waits)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first file is done: it now waits at the second
        process.send_signal(number)
        assert process.wait(timeout=60) == code


def test_shell_completion_knows_the_verbs(lianzai: Any) -> None:
    """Click's completion, by _LIANZAI_COMPLETE (docs/commands.md)."""
    script = lianzai(_LIANZAI_COMPLETE="bash_source")
    answer = lianzai(_LIANZAI_COMPLETE="bash_complete", COMP_WORDS="lianzai st", COMP_CWORD="1")

    assert "complete -o nosort -F" in script.stdout
    assert answer.stdout == "plain,status\n"
