"""The whole command with its ledger in PostgreSQL: the same archive as in a file, and a database that goes away.

What needs a process of its own has one: crawls, the service. The other verbs are called as the console script calls them, in this
process, since each start costs half a second. One server for all tests, a database for each.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk import Crawled, Desk, ended, profile_text
from postgres_server import PASSWORD, Postgres
from witness import Trap

from archive.warc import read_records
from crawler.demo.server import Server
from scheduler import read_environment, run

VARIABLE = "LIANZAI_DATABASE_URL"
_STATUS = ("id", "captured", "revised", "withdrawn", "missing", "complete")
SMALL = {"requisites": "none"}  # what a page needs is kept by the same lines as a page


class Served(Desk):
    """A desk whose ledger is in a database."""

    url: str | None = None

    def start(self, *arguments: str | Path, shell: str = "", **environ: str) -> Any:
        """Start the command with the database in its environment."""
        return super().start(*arguments, shell=shell, **({VARIABLE: self.url} if self.url else {}), **environ)

    def do(self, *arguments: str | Path) -> Crawled:
        """Do a verb to its end, here."""
        environ = {"LIANZAI_HOME": str(self.home)} | ({VARIABLE: self.url} if self.url else {})
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([*map(str, arguments), "--json"], read_environment(environ))
        document, said = (one.buffer.getvalue().decode() for one in (out, err))
        return Crawled(code, json.loads(document) if document.strip() else None, said)

    def ask(self, *arguments: str) -> Any:
        """Ask a verb that reads, and give its JSON."""
        done = self.do(*arguments)
        assert done.code == 0, done.stderr
        return done.document


@pytest.fixture
def served(tmp_path: Path, database: str) -> Iterator[Served]:
    """An empty home, and an empty database for its ledger."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    made = Served(tmp_path, tmp_path / "home")
    made.url = database
    yield made
    made.close()
    root.handlers[:], root.level = handlers, level  # a verb sets up the log


def told(desk: Served, series: str) -> dict[str, Any]:
    """Give all that the verbs tell of a series, and the files derived of it."""
    articles = desk.ask("articles", series)
    shown = [
        desk.ask("show", one["id"], "--revision", str(n)) for one in articles for n in range(1, one["revisions"] + 1)
    ]
    diffs = [desk.ask("diff", one["id"]) for one in articles if one["revisions"] > 1]
    status = [{name: one[name] for name in _STATUS} for one in desk.ask("status")["series"]]
    history = [one for one in desk.ask("history", series) if one["kind"] not in ("verified", "uploaded")]
    return {
        "articles": articles,
        "show": shown,
        "diff": diffs,
        "status": status,
        "history": history,
        "files": desk.derived(),
    }


def test_the_newspaper_is_the_same_archive_in_both_databases(served: Served, newspaper: Server, tmp_path: Path) -> None:
    """Growth, an edit and a withdrawal, crawled into PostgreSQL; the same WARCs, folded into SQLite by `rebuild`."""
    text = profile_text(newspaper, recheck="always", withdraw_after="{ checks = 1, hours = 0 }", **SMALL)
    first = served.crawl(text)
    newspaper.newspaper.stage(2)
    newspaper.newspaper.edit_quietly("开封")
    second = served.crawl(text)
    in_database = told(served, "qushui")
    checked = served.do("verify")
    in_file = Served(tmp_path, tmp_path / "file")
    for name in ("warc", "profiles"):
        if (served.home / name).is_dir():
            shutil.copytree(served.home / name, in_file.home / name)
    rebuilt = in_file.do("rebuild")

    assert [first.code, second.code, rebuilt.code, checked.code] == [0] * 4, checked.stderr
    assert [second.counts[kind] for kind in ("captured", "revised", "withdrawn")] == [1, 2, 1]
    assert told(in_file, "qushui") == in_database
    assert not (served.home / "ledger.sqlite3").exists()
    assert (in_file.home / "ledger.sqlite3").exists()


@pytest.mark.soak
def test_each_verb_works_and_what_the_rows_tell_otherwise_is_found(
    served: Served, newspaper: Server, postgres: Postgres, tmp_path: Path
) -> None:
    """Nothing above the ledger knows which database it is in. PostgreSQL checks its own pages; what its rows say is held against
    the records, as in a file."""
    store = tmp_path / "store"
    profile = served.profile(f'{profile_text(newspaper, **SMALL)}\n[store]\nurl = "{store.as_uri()}"\n')
    codes = {"add": served.do("add", profile).code, "crawl": ended(served.start("crawl", "qushui", "--json")).code}
    for line in (
        "pause qushui",
        "resume qushui",
        "export qushui --format wacz",
        "upload",
        "verify --remote",
        "rebuild",
        "verify",
    ):
        codes[line] = served.do(*line.split()).code
    warc = next((served.home / "warc" / "qushui").glob("*.warc.gz"))
    other = tmp_path / "other.warc.gz"
    shutil.copyfile(warc, other)
    codes["import"] = served.do("import", other).code
    codes["remove"] = served.do("remove", "qushui").code
    (status, *_) = (one for one in served.ask("status")["series"] if one["id"] == "qushui")
    spoil = "UPDATE captures SET digest = 'sha256:' || repeat('0', 64) WHERE status = 200 AND series = 'qushui'"
    postgres.do(spoil, str(served.url).rpartition("/")[2])
    found, rebuilt, again = served.do("verify"), served.do("rebuild"), served.do("verify")

    assert {verb: code for verb, code in codes.items() if code} == {}
    assert status["captured"] == 17
    (copy,) = (store / "ledger").glob("*.sqlite3")
    with closing(sqlite3.connect(copy)) as base:
        assert base.execute("SELECT count(*) FROM articles WHERE series = 'qushui'").fetchone() == (17,)
    assert (found.code, rebuilt.code, again.code) == (4, 0, 0)
    assert found.document is not None
    assert [one["path"] for one in found.document["damaged"]] == ["postgresql"]
    assert found.error.endswith("try: lianzai rebuild")


@pytest.mark.soak
def test_two_series_are_crawled_at_once_in_one_database(served: Served, newspaper: Server) -> None:
    """As the service does it: each its own process, one ledger."""
    running = [
        served.start("crawl", served.profile(profile_text(newspaper, series=name, **SMALL), f"{name}.toml"), "--json")
        for name in ("qushui", "second")
    ]
    done = [ended(one) for one in running]

    assert [one.code for one in done] == [0, 0], [one.stderr for one in done]
    assert {one["id"]: one["captured"] for one in served.ask("status")["series"]} == {"qushui": 17, "second": 17}
    assert served.do("verify").code == 0


@pytest.mark.parametrize("request_number", [3, 25])
@pytest.mark.soak
def test_a_database_lost_in_the_middle_of_a_crawl_loses_nothing(
    request_number: int, served: Served, newspaper: Server, trap: Trap, postgres: Postgres
) -> None:
    """The bytes are in the WARC before the ledger speaks of them: the next run folds them, and asks for none again."""
    down = threading.Event()

    def stop() -> None:
        postgres.stop(signal.SIGQUIT)
        down.set()

    trap.at(request_number, stop)
    text = profile_text(newspaper, **SMALL)
    broken = served.crawl(text)
    (left,) = (served.home / "warc" / "qushui").glob("*.open")
    kept, since = list(read_records(left)), len(newspaper.requests)
    postgres.start()
    trap.open()
    mended = served.crawl(text)
    pages = {one.instalment.path for one in newspaper.newspaper.all()}
    got = {path for path in pages for one in kept if one.type == "response" and (one.url or "").endswith(path)}

    assert down.is_set()
    assert broken.code == 5
    assert "the same command again once the database answers" in broken.error
    assert PASSWORD not in broken.stderr
    assert {one.record_id for one in kept} <= {one.record_id for one in served.records("qushui")}
    assert kept
    assert got.isdisjoint(one.target for one in newspaper.requests[since:])
    assert mended.code == 0, mended.stderr
    assert [one["captured"] for one in served.ask("status")["series"]] == [17]
    assert served.do("verify").code == 0


def test_a_database_that_is_down_is_told_at_once(served: Served, newspaper: Server, postgres: Postgres) -> None:
    """One line, exit 5, no password; a script can wait and try again. `doctor` says which server it is while it is there."""
    (served.home / "warc" / "qushui").mkdir(parents=True)
    profile = served.profile(profile_text(newspaper))
    well = served.do("doctor")
    postgres.stop()
    try:
        processes = [served.start("crawl", profile), served.start("serve", "--json", "--port", "0")]
        done = {
            line: served.do(*line.split())
            for line in ("status", "articles qushui", "verify", "rebuild", "pause qushui")
        }
        done |= {str(one.args[4]): ended(one) for one in processes}
        ill = served.do("doctor")
    finally:
        postgres.start()

    def ledger(crawled: Crawled) -> dict[str, Any]:
        assert crawled.document is not None
        return next(one for one in crawled.document["checks"] if one["name"] == "ledger")

    assert {line: one.code for line, one in done.items()} == dict.fromkeys(done, 5)
    for one in done.values():
        assert "Connection refused; try: the same command again once the database answers" in one.error
    assert len(done) == 7
    assert ledger(well)["ok"]
    assert "PostgreSQL 16" in ledger(well)["detail"]
    assert (ill.code, ledger(ill)["ok"]) == (3, False)
    said = [json.dumps(one.document, ensure_ascii=False) + one.stderr for one in (well, ill, *done.values())]
    assert [one for one in said if PASSWORD in one] == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("/home_", "/nowhere_"), 5, ("does not exist", "createdb, or another LIANZAI_DATABASE_URL")),
        (("://lianzai:", "://nobody:"), 5, ("password authentication failed", "the right user and password")),
        (("@127.0.0.1:", "@no-such-host.invalid:"), 5, ("no-such-host.invalid", "once the database answers")),
        (("@127.0.0.1:", "@127.0.0.1:x"), 2, ("expected postgresql://USER:PASSWORD@", "unset LIANZAI_DATABASE_URL")),
        (("postgresql://", "mysql://"), 2, ("found mysql://", "unset LIANZAI_DATABASE_URL")),
    ],
    ids=["database", "user", "host", "port", "scheme"],
)  # fmt: skip
def test_a_wrong_address_says_what_to_do_and_no_secret(
    change: tuple[str, str], code: int, words: tuple[str, str], served: Served
) -> None:
    """It is set by a person who sees this one line."""
    secret = str(served.url).split(":")[2].partition("@")[0]
    served.url = str(served.url).replace(*change)
    done = served.do("status")

    assert (done.code, done.document) == (code, None)
    assert [word for word in words if word not in done.error] == []
    assert [one for one in (PASSWORD, secret) if one in done.stderr] == []


def test_a_wrong_password_is_not_repeated(served: Served, postgres: Postgres) -> None:
    """Nor is the right one."""
    served.url = postgres.url(str(served.url).rpartition("/")[2], password="falsch@und/lang")
    done = served.do("status")

    assert done.code == 5
    assert "password authentication failed" in done.error
    assert [one for one in ("falsch", PASSWORD) if one in done.stderr] == []
