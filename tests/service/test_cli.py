"""The command as people and scripts meet it: real processes on real homes."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archive.ledger import schema

REPOSITORY = Path(__file__).parents[2]
VERBS = (
    "crawl", "add", "remove", "pause", "resume", "status", "articles", "show", "diff", "history", "profile", "rebuild",
    "extract", "demo", "doctor",
)  # fmt: skip
PROFILE = """\
[series]
id = "jiuqu"
title = "旧渠"
schedule = "0 7 * * *"
timezone = "Asia/Shanghai"
[source]
kind = "url-list"
urls = ["http://127.0.0.1:9/a.html"]
[fetch]
auth = "env:JIUQU_AUTH"
"""


@pytest.fixture
def series(filled: Any, reading: Any) -> Any:
    """A home with one series: an edited instalment, a withdrawn one, one that was never captured."""
    filled.add_series(expected=4, subjects=["济源", "郑州"], missing=["开封"], complete=False)
    filled.add_article("aaaaaa-1", reading(), reading(title="济源：水从这里分开"), subject="济源")
    filled.add_article("bbbbbb-2", reading(title="郑州：城里的渠"), subject="郑州", position=2, state="withdrawn")
    filled.add_article("cccccc-3", position=3)
    filled.add_event("captured", "2018-09-01T05:00:00.120Z", article="aaaaaa-1", evidence=["urn:uuid:1"])
    filled.add_event("revised", "2018-09-03T05:00:00.120Z", article="aaaaaa-1", fields=["title"], start=1, end=2)
    return filled


def on_a_terminal(*arguments: str, home: Path, **more: str) -> str:
    """Run the command with stdout and stderr on a pseudo terminal; give what it wrote there."""
    leader, follower = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "LIANZAI_HOME": str(home), **more}
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), *arguments]
    with subprocess.Popen(command, stdout=follower, stderr=follower, stdin=follower, env=environ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:  # EIO: the other side was closed
                break
            if not block:
                break
            written += block
        process.wait(timeout=60)
    os.close(leader)
    return written.decode()


def only_line(text: str) -> str:
    """Give the one line of stderr; fail where there are more or none."""
    assert text.count("\n") == 1, text
    assert text.endswith("\n")
    return text.strip()


# ---------------------------------------------------------------------------------------------------------- the door


def test_help_names_every_verb_on_its_own_line(lianzai: Any) -> None:
    """Who knows nothing yet begins here."""
    result = lianzai("--help")

    assert result.returncode == 0
    assert re.findall(r"^  ([a-z]+)  ", result.stdout.partition("Commands:")[2], re.MULTILINE) == list(VERBS)


def test_without_arguments_the_help_is_shown(lianzai: Any) -> None:
    """A bare call is a question, not an error."""
    assert lianzai().stdout == lianzai("--help").stdout


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
    """A command that only reads the ledger answers within a second: no Alembic, pydantic, Scrapy or rich for it."""
    dear = ("scrapy", "twisted", "pydantic", "rich", "trafilatura", "alembic")
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
def test_bad_usage_is_one_line_and_exit_2(lianzai: Any, series: Any, arguments: list[str], told: str) -> None:
    """What, where, what to do: on one line, stdout empty, no traceback."""
    result = lianzai(*arguments, home=series.home.root)

    assert result.returncode == 2
    assert result.stdout == ""
    assert told in only_line(result.stderr)
    assert result.stderr.startswith("lianzai: ")


def test_a_home_that_is_a_file_is_refused(lianzai: Any, tmp_path: Path) -> None:
    """The file is left alone."""
    (tmp_path / "file").write_text("mine")
    result = lianzai("status", "--home", tmp_path / "file")

    assert result.returncode == 2
    assert "found a file" in only_line(result.stderr)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_bug_is_one_line_with_a_traceback_only_for_debug(lianzai: Any, series: Any) -> None:
    """Exit 1 is a bug; the line says how to report it. The bug here: a ledger in which a list is a number."""
    with series.ledger.write() as connection:
        connection.execute(update(schema.SERIES).values(missing=5))

    quiet = lianzai("status", home=series.home.root)
    loud = lianzai("status", "--debug", home=series.home.root)

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
def test_a_full_disk_behind_stdout_is_exit_3(series: Any) -> None:
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
        assert process.wait(timeout=10) == code


def test_shell_completion_knows_the_verbs(lianzai: Any) -> None:
    """Click's completion, by _LIANZAI_COMPLETE (docs/commands.md)."""
    script = lianzai(_LIANZAI_COMPLETE="bash_source")
    answer = lianzai(_LIANZAI_COMPLETE="bash_complete", COMP_WORDS="lianzai st", COMP_CWORD="1")

    assert "complete -o nosort -F" in script.stdout
    assert answer.stdout == "plain,status\n"


# --------------------------------------------------------------------------------------------------------- reading


def test_people_see_chinese_in_aligned_columns(lianzai: Any, series: Any) -> None:
    """Each column begins at the same place whatever the widths before it."""
    from archive.terminal import width

    lines = lianzai("articles", "qushui", home=series.home.root).stdout.splitlines()
    starts = {
        width(line[: line.index(one)]) for line, one in zip(lines[1:4], ("aaaaaa", "bbbbbb", "cccccc"), strict=True)
    }

    assert len(starts) == 1
    assert "济源：水从这里分开" in lines[1]


def test_colours_are_for_terminals_without_no_color(lianzai: Any, series: Any) -> None:
    """A pipe gets plain text; NO_COLOR is obeyed (no-color.org)."""
    home = series.home.root

    assert "\x1b[" not in lianzai("status", home=home).stdout
    assert "\x1b[" in on_a_terminal("status", home=home)
    assert "\x1b[" not in on_a_terminal("status", home=home, NO_COLOR="1")


def test_a_title_cannot_steer_the_terminal(series: Any, reading: Any) -> None:
    """Titles come from the network; an escape sequence in one is shown, not obeyed."""
    series.add_article("dddddd-4", reading(title="标题\x1b]0;owned\x07\x1b[2J"), position=4)

    for arguments in (["articles", "qushui"], ["show", "dddddd-4"], ["history", "qushui"]):
        written = on_a_terminal(*arguments, home=series.home.root)

        assert "\x1b]0" not in written
        assert "\x1b[2J" not in written


def test_every_view_gives_one_json_document(lianzai: Any, series: Any) -> None:
    """Nothing else stands on stdout, and nothing on stderr."""
    for arguments in (
        ["status"],
        ["articles", "qushui"],
        ["show", "qushui/济源"],
        ["diff", "aaaaaa"],
        ["history", "qushui"],
    ):
        result = lianzai(*arguments, "--json", home=series.home.root)

        json.loads(result.stdout)
        assert (result.returncode, result.stderr, result.stdout.count("\n")) == (0, "", 1)


def test_json_is_utf8_in_any_locale(lianzai: Any, series: Any) -> None:
    """A program that reads JSON expects UTF-8, wherever it is started."""
    result = lianzai(
        "show", "aaaaaa-1", "--json", home=series.home.root, LANG="C", LC_ALL="C", PYTHONIOENCODING="ascii"
    )

    assert "济源：水从这里分开" in result.stdout


def test_people_get_what_their_locale_can_show(lianzai: Any, series: Any) -> None:
    """A terminal without Chinese gets escapes, not a traceback."""
    result = lianzai("show", "aaaaaa-1", home=series.home.root, PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert "\\u6d4e\\u6e90" in result.stdout


def test_a_diff_shows_what_went_and_what_came(lianzai: Any, series: Any) -> None:
    """Readable without colours too."""
    result = lianzai("diff", "qushui/济源", home=series.home.root)

    assert "济源：水从这里分{+开+}" in result.stdout


def test_an_article_is_typeset_in_its_order(lianzai: Any, series: Any) -> None:
    """Title, byline, note, highlights, body, then where it came from."""
    text = lianzai("show", "qushui/济源", home=series.home.root).stdout

    parts = ["济源：水从", "沈渡（济源市渠务所所长）", "编者按", "一条渠", "　　渠水自西", "read from"]
    assert sorted(text.index(part) for part in parts) == [text.index(part) for part in parts]


def test_history_since_leaves_earlier_events_out(lianzai: Any, series: Any) -> None:
    """A time, a day or an age."""
    kinds = []
    for since in ("2018-09-01T05:00:00Z", "2018-09-02", "1d"):
        result = lianzai("history", "qushui", "--since", since, "--json", home=series.home.root)
        kinds.append([one["kind"] for one in json.loads(result.stdout)])

    assert kinds == [["captured", "revised"], ["revised"], []]


# --------------------------------------------------------------------------------------------------------- keeping


def test_a_kept_profile_is_copied_and_scheduled(lianzai: Any, tmp_path: Path) -> None:
    """`add` is what `serve` runs by; the secret stays in the environment."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home, secret = tmp_path / "home", "name:correct-horse"

    added = lianzai("add", "p.toml", "--json", home=home, JIUQU_AUTH=secret)
    row = json.loads(lianzai("status", "jiuqu", "--json", home=home).stdout)["series"][0]

    assert json.loads(added.stdout) == {"done": True, "failed": [], "paths": [str(home / "profiles/jiuqu.toml")]}
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE
    assert (row["title"], row["next_run"][10:]) == ("旧渠", "T23:00:00Z")
    assert not [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_removed_profile_can_be_added_again_by_its_id(lianzai: Any, tmp_path: Path) -> None:
    """Nothing is lost by `remove`: the home remembers the profile."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")

    removed = lianzai("remove", "jiuqu", "--json", home=home)
    between = json.loads(lianzai("status", "--json", home=home).stdout)["series"][0]
    again = lianzai("add", "jiuqu", home=home, JIUQU_AUTH="a:bcdef")

    assert removed.returncode == 0
    assert between["next_run"] is None
    assert again.returncode == 0
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE


def test_paused_means_no_next_run(lianzai: Any, tmp_path: Path) -> None:
    """Until it is resumed."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")
    seen = []
    for verb in ("pause", "resume"):
        lianzai(verb, "jiuqu", home=home)
        row = json.loads(lianzai("status", "--json", home=home).stdout)["series"][0]
        seen.append((row["paused"], row["next_run"] is None))

    assert seen == [(True, True), (False, False)]


def test_an_id_of_another_source_is_refused(lianzai: Any, tmp_path: Path) -> None:
    """Two newspapers under one id would be folded into one series."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "q.toml").write_text(PROFILE.replace("a.html", "b.html"), encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")
    refused = lianzai("add", "q.toml", home=home, JIUQU_AUTH="a:bcdef")

    assert refused.returncode == 2
    assert "already another source" in only_line(refused.stderr)
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE


def test_profile_check_names_keys_that_do_nothing_yet(lianzai: Any, tmp_path: Path) -> None:
    """Who sets a schedule learns that nothing runs it yet."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    told = json.loads(lianzai("profile", "check", "p.toml", "--json", JIUQU_AUTH="a:bcdef").stdout)

    assert told["inert"] == ["series.schedule"]
    assert (told["done"], told["failed"]) == (True, [])


def test_profile_check_refuses_all_faults_on_one_line(lianzai: Any, tmp_path: Path) -> None:
    """Several faults, one round of mending."""
    (tmp_path / "p.toml").write_text(
        PROFILE.replace("0 7 * * *", "0 25 * * *").replace("auth", "oath"), encoding="utf-8"
    )
    refused = lianzai("profile", "check", "p.toml", "--json")

    assert (refused.returncode, refused.stdout) == (2, "")
    line = only_line(refused.stderr)
    assert "schedule" in line
    assert "oath" in line


# ----------------------------------------------------------------------------------------------- extract and doctor


def test_extract_gives_a_line_a_file_and_goes_on_after_a_bad_one(lianzai: Any, tmp_path: Path) -> None:
    """A missing file costs its own line, not the others; the exit code tells."""
    paragraphs = "".join(
        f"<p>第{n}段，渠水自西而来，绕城半周，老闸工说水大的年份一夜要起三回闸。</p>" for n in range(8)
    )
    page = f"<html><head><title>渠</title></head><body><h1>渠水流过</h1><article>{paragraphs}</article></body></html>"
    (tmp_path / "one.page.html").write_text(page, encoding="utf-8")
    result = lianzai("extract", "missing.html", "one.page.html", "--url", "http://q.example/1.html")
    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert result.returncode == 3
    assert [line["id"] for line in lines] == ["missing", "one"]
    assert list(lines[1]) == ["id", "url", "title", "authors", "published", "text", "language"]
    assert lines[0]["text"] is None
    assert "第7段" in lines[1]["text"]
    assert "missing.html: cannot be read" in only_line(result.stderr)


def test_extract_unpacks_gzip_and_names_a_damaged_one(lianzai: Any, tmp_path: Path) -> None:
    """Corpora of pages come packed; a file cut in the middle is named, not read half."""
    page = (
        f"<title>渠</title><h1>渠水流过</h1><article>{'<p>渠水自西而来，绕城半周，一夜要起三回闸。</p>' * 9}</article>"
    )
    packed = gzip.compress(page.encode())
    (tmp_path / "whole.html.gz").write_bytes(packed)
    (tmp_path / "cut.html.gz").write_bytes(packed[:-9])
    result = lianzai("extract", "whole.html.gz", "cut.html.gz")
    whole, cut = (json.loads(line) for line in result.stdout.splitlines())

    assert result.returncode == 3
    assert "绕城半周" in whole["text"]
    assert (cut["id"], cut["text"]) == ("cut", None)
    assert "cut.html.gz: its gzip is damaged" in only_line(result.stderr)


def test_doctor_finds_a_sound_home_sound(lianzai: Any, series: Any) -> None:
    """Each check says what it found."""
    result = lianzai("doctor", "--json", home=series.home.root)
    checks = json.loads(result.stdout)["checks"]

    assert [one["name"] for one in checks] == ["home", "disk", "clock", "ledger", "versions", "packages"]
    assert [set(one) for one in checks] == [{"name", "ok", "detail", "action"}] * len(checks)
    assert result.returncode == (0 if all(one["ok"] for one in checks) else 3)
    assert next(one for one in checks if one["name"] == "ledger")["ok"]


def test_doctor_finds_a_damaged_ledger(lianzai: Any, tmp_path: Path) -> None:
    """It is named with what mends it, and the other checks are made all the same."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "ledger.sqlite3").write_bytes(b"no database at all" * 100)
    result = lianzai("doctor", "--json", home=home)
    ledger = next(one for one in json.loads(result.stdout)["checks"] if one["name"] == "ledger")

    assert result.returncode == 3
    assert not ledger["ok"]
    assert "rebuild" in ledger["action"]
