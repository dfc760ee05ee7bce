"""The whole command with its ledger in PostgreSQL: the same archive as in a file, and a database that goes away."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk import Crawled, Desk, ended, profile_text
from postgres_server import PASSWORD, Postgres
from witness import Trap

from archive.warc import read_records
from crawler.demo.server import Server

pytestmark = pytest.mark.soak  # real processes and servers: minutes, so by `make soak`

VARIABLE = "LIANZAI_DATABASE_URL"
_STATUS = ("id", "captured", "revised", "withdrawn", "missing", "complete")
DOWN = 10  # a command says within so many seconds that the database is down; it takes a tenth of that


class Served(Desk):
    """A desk whose ledger is in a database."""

    url: str | None = None

    def start(self, *arguments: str | Path, shell: str = "", **environ: str) -> Any:
        """Start the command with the database in its environment."""
        return super().start(*arguments, shell=shell, **({VARIABLE: self.url} if self.url else {}), **environ)

    def do(self, *arguments: str | Path) -> Crawled:
        """Do a command to its end."""
        return ended(self.start(*arguments, "--json"))


@pytest.fixture
def served(tmp_path: Path, database: str) -> Any:
    """An empty home, and an empty database for its ledger."""
    made = Served(tmp_path, tmp_path / "home")
    made.url = database
    yield made
    made.close()


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


@pytest.mark.soak
def test_the_newspaper_is_the_same_archive_in_both_databases(served: Served, newspaper: Server, tmp_path: Path) -> None:
    """Growth, an edit and a withdrawal, crawled into PostgreSQL; the same WARCs, folded into SQLite by `rebuild`."""
    text = profile_text(newspaper, recheck="always", withdraw_after="{ checks = 1, hours = 0 }")
    first = served.crawl(text)
    newspaper.newspaper.stage(2)
    newspaper.newspaper.edit_quietly("开封")
    second = served.crawl(text)
    in_database = told(served, "qushui")
    checked, doctor = served.do("verify"), served.do("doctor")
    in_file = Served(tmp_path, tmp_path / "file")
    for name in ("warc", "profiles"):
        if (served.home / name).is_dir():
            shutil.copytree(served.home / name, in_file.home / name)
    rebuilt = in_file.do("rebuild")

    assert [first.code, second.code, rebuilt.code, checked.code, doctor.code] == [0] * 5, checked.stderr
    assert [second.counts[kind] for kind in ("captured", "revised", "withdrawn")] == [1, 2, 1]
    assert told(in_file, "qushui") == in_database
    assert not (served.home / "ledger.sqlite3").exists()
    assert (in_file.home / "ledger.sqlite3").exists()


def test_each_verb_works(served: Served, newspaper: Server, tmp_path: Path) -> None:
    """Nothing above the ledger knows which database it is in."""
    store = tmp_path / "store"
    profile = served.profile(f'{profile_text(newspaper)}\n[store]\nurl = "{store.as_uri()}"\n')
    codes = {
        "add": served.do("add", profile).code,
        "crawl": served.do("crawl", "qushui").code,
        "pause": served.do("pause", "qushui").code,
        "resume": served.do("resume", "qushui").code,
        "export": served.do("export", "qushui", "--format", "wacz").code,
        "upload": served.do("upload").code,
        "rebuild": served.do("rebuild").code,
        "verify": served.do("verify").code,
        "repair": served.do("verify", "--repair").code,
    }
    warc = next((served.home / "warc" / "qushui").glob("*.warc.gz"))
    other = tmp_path / "other.warc.gz"
    shutil.copyfile(warc, other)
    codes["import"] = served.do("import", other).code
    codes["remove"] = served.do("remove", "qushui").code
    (status, *_) = (one for one in served.ask("status")["series"] if one["id"] == "qushui")

    assert {verb: code for verb, code in codes.items() if code} == {}
    assert status["captured"] == 17
    (copy,) = (store / "ledger").glob("*.sqlite3")
    with closing(sqlite3.connect(copy)) as base:
        assert base.execute("SELECT count(*) FROM articles WHERE series = 'qushui'").fetchone() == (17,)


def test_rows_that_tell_otherwise_than_the_warcs_are_found(
    served: Served, newspaper: Server, postgres: Postgres
) -> None:
    """PostgreSQL checks its own pages; what its rows say is held against the records, as in a file."""
    served.crawl(profile_text(newspaper))
    postgres.do(
        "UPDATE captures SET digest = 'sha256:' || repeat('0', 64) WHERE status = 200",
        str(served.url).rpartition("/")[2],
    )
    found = served.do("verify")

    assert found.code == 4
    assert found.document is not None
    assert [one["path"] for one in found.document["damaged"]] == ["postgresql"]
    assert found.error.endswith("try: lianzai rebuild")
    assert [served.do("rebuild").code, served.do("verify").code] == [0, 0]


def test_two_series_are_crawled_at_once_in_one_database(served: Served, newspaper: Server) -> None:
    """As the service does it: each its own process, one ledger."""
    series = ("qushui", "second", "third")
    running = [
        served.start("crawl", served.profile(profile_text(newspaper, series=name), f"{name}.toml"), "--json")
        for name in series
    ]
    done = [ended(one) for one in running]

    assert [one.code for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert {one["id"]: one["captured"] for one in served.ask("status")["series"]} == dict.fromkeys(series, 17)
    assert served.do("verify").code == 0


@pytest.mark.parametrize("request_number", [3, 25])
def test_a_database_lost_in_the_middle_of_a_crawl_loses_nothing(
    request_number: int, served: Served, newspaper: Server, trap: Trap, postgres: Postgres
) -> None:
    """The bytes are in the WARC before the ledger speaks of them: the next run folds them, and asks for none again."""
    down = threading.Event()

    def stop() -> None:
        postgres.stop(signal.SIGQUIT)
        down.set()

    trap.at(request_number, stop)
    text = profile_text(newspaper)
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


VERBS = ("status", "articles qushui", "verify", "rebuild", "pause qushui", "serve --port 0")


@pytest.mark.parametrize("verb", VERBS)
def test_a_database_that_is_down_is_told_at_once(verb: str, served: Served, postgres: Postgres) -> None:
    """One line, exit 5, no password; a script can wait and try again."""
    postgres.stop()
    try:
        (served.home / "warc" / "qushui").mkdir(parents=True)
        process = served.start(*verb.split())
        out, err = process.communicate(timeout=DOWN)
    finally:
        postgres.start()

    assert process.returncode == 5, err
    assert PASSWORD not in out + err
    assert "Connection refused; try: the same command again once the database answers" in err


def test_doctor_tells_of_the_database(served: Served, postgres: Postgres) -> None:
    """Which server, and where the ledger is; never with which password."""
    well = served.do("doctor")
    postgres.stop()
    try:
        ill = served.do("doctor")
    finally:
        postgres.start()

    def ledger(done: Crawled) -> dict[str, Any]:
        assert done.document is not None
        return next(one for one in done.document["checks"] if one["name"] == "ledger")

    assert ledger(well)["ok"]
    assert "PostgreSQL 16" in ledger(well)["detail"]
    assert (ill.code, ledger(ill)["ok"]) == (3, False)
    assert [one for one in (well, ill) if PASSWORD in json.dumps(one.document, ensure_ascii=False) + one.stderr] == []
