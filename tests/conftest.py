"""What tests stand on: a newspaper on loopback, a home with a real ledger, and the console script as a process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forking
import hypothesis
import pytest
from damaged_home import crawled_twice
from postgres_server import CannotStartError, Postgres, running
from s3_server import Bucket, environment, serving

from archive.home import Home
from archive.ledger import schema, writing
from archive.ledger.rows import reading_to_json
from archive.ledger.store import Ledger, open_ledger
from archive.model import Author, Image, Reading, Repair
from crawler.demo.newspaper import Newspaper
from crawler.demo.server import Server, serve

# A shell starts `make test &` with SIGINT ignored, and every child inherits that: a crawl could not be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A time limit would measure the machine, not the code; the same examples everywhere, so that a failure can be seen again.
hypothesis.settings.register_profile("lianzai", deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=300)  # make soak
hypothesis.settings.register_profile("wide", deadline=None, max_examples=2000)
hypothesis.settings.register_profile(  # make fuzz
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")),
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "lianzai"))


def a_reading(**changes: Any) -> Reading:
    """An instalment as cleaned: every field known."""
    body = ("渠水自西而来，绕城半周。", "老闸工说，水大的年份，一夜要起三回闸。")
    values: dict[str, Any] = {
        "title": "济源：水从这里分",
        "authors": (Author("沈渡", "济源市渠务所所长"),),
        "published": "2018-08-30",
        "published_precision": "day",
        "source": "渠水日报客户端",
        "editor": "闻澜",
        "editors_note": ("编者按：本报沿渠而行。",),
        "highlights": ("一条渠，两座城。",),
        "body": body,
        "text": "\n".join(("编者按：本报沿渠而行。", "一条渠，两座城。", *body)),
        "images": (Image("http://qushui.example/1.jpg", "分水闸"),),
        "repairs": (Repair("後(hòu)来", "后来", "converted"),),
        "language": "zh",
        "cleaner": "lianzai-clean/1",
    }
    return Reading(**(values | changes))


@dataclass
class Filled:
    """A home and its ledger, with methods that write rows as a crawl would."""

    home: Home
    ledger: Ledger

    def put(self, table: Any, *rows: dict[str, Any]) -> None:
        """Insert rows."""
        with self.ledger.write() as connection:
            for row in rows:
                writing.insert(connection, table, [row])

    def add_series(self, name: str = "qushui", **changes: Any) -> None:
        """Add a series of which nothing is known yet."""
        row: dict[str, Any] = {
            "id": name, "title": "渠水流过十八城", "source": "list-page http://qushui.example/", "profile": {},
            "subjects": [], "missing": [], "state": {},
        }  # fmt: skip
        self.put(schema.SERIES, row | changes)

    def add_article(self, name: str, *readings: Reading, series: str = "qushui", **changes: Any) -> None:
        """Add an article with one revision a reading; without any it was only found."""
        last = readings[-1] if readings else None
        row: dict[str, Any] = {
            "id": name, "series": series, "key": name, "position": 1, "url": f"http://qushui.example/{name}.html",
            "title": last.title if last else None, "published": last.published if last else None,
            "published_precision": last.published_precision if last else None,
            "authors": [{"name": one.name, "role": one.role} for one in last.authors] if last else [],
            "state": "captured" if last else "found", "origin": "live", "revisions": len(readings), "shown": len(readings),
            "captured": "2018-09-01T05:00:00.120Z" if last else None, "variants": [], "fold": {},
            "text_sha256": f"sha256:{len(readings):064x}" if last else None,
        }  # fmt: skip
        self.put(schema.ARTICLES, row | changes)
        for number, reading in enumerate(readings, 1):
            self._add_revision(name, series, number, reading)

    def _add_revision(self, article: str, series: str, number: int, reading: Reading) -> None:
        record = f"urn:uuid:{article}-{number}"
        fetched = f"2018-09-{number:02d}T05:00:00.120Z"
        digest = f"sha256:{number:064x}"
        self.put(schema.CAPTURES, {
            "record_id": record, "series": series, "type": "response", "url": f"http://qushui.example/api/{article}",
            "fetched": fetched, "file": f"{series}-20180901050000-00001.warc.gz", "offset": 100 * number, "length": 99,
            "status": 200, "mime": "text/html", "digest": digest, "bytes": 1234,
        })  # fmt: skip
        self.put(schema.REVISIONS, {
            "article": article, "number": number, "fetched": fetched, "record_id": record,
            "reading": reading_to_json(reading), "text_sha256": f"sha256:{number:064x}",
            "witnesses": [{"channel": "page", "record_id": record, "uri": f"http://qushui.example/{article}.html",
                           "captured": fetched, "digest": digest, "origin": "live"}],
        })  # fmt: skip

    def add_event(self, kind: str, at: str, series: str = "qushui", **changes: Any) -> None:
        """Add one event of the series."""
        self.put(schema.EVENTS, {"series": series, "at": at, "kind": kind, "fields": [], "evidence": []} | changes)


@pytest.fixture(autouse=os.environ.get("HYPOTHESIS_PROFILE") == "fuzz")
def _not_watched_after() -> Iterator[None]:
    """What comes behind a fuzzed property is not its last example."""
    from mutated import stop_watching  # reads the profile that is loaded above

    yield
    stop_watching()


@pytest.fixture
def place(tmp_path: Path) -> Home:
    """Where `filled` is; a module of tests that hold for both databases has `either` in its place."""
    return Home(tmp_path / "home")


@pytest.fixture
def filled(place: Home) -> Iterator[Filled]:
    """An empty home with a ledger, to be filled by the test."""
    ledger = open_ledger(place.make(), create=True)
    yield Filled(place, ledger)
    ledger.close()


@pytest.fixture(scope="session")
def pages_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with all that pages have to show (pages_maker.py); it is only read."""
    from pages_maker import fill

    home = Home(tmp_path_factory.mktemp("pages") / "home")
    ledger = open_ledger(home.make(), create=True)
    fill(Filled(home, ledger), a_reading)
    ledger.close()
    return home


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """Make an instalment's reading, with changes."""
    return a_reading


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A real S3 server on loopback: its address, and the folder of its buckets."""
    disk = tmp_path_factory.mktemp("s3")
    with serving(disk) as url:
        yield url, disk


@pytest.fixture
def bucket(s3: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket of the server, which boto3 finds by the environment."""
    for name, value in environment(s3[0]).items():
        monkeypatch.setenv(name, value)
    return Bucket.new(*s3)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL on loopback; where none can be started, the test is skipped and says why."""
    try:
        with running() as server:
            yield server
    except CannotStartError as error:
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.make()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home that is made by whoever opens its ledger: in a file, and in a database."""
    return Home(tmp_path / "home", None if request.param == "sqlite" else request.getfixturevalue("database"))


Lianzai = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def lianzai(tmp_path: Path) -> Lianzai:
    """Run the command as its own process, in a scrubbed environment; the home is given by the arguments or `home`."""

    def run(*arguments: str | Path, home: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(tmp_path), **more}
        if home is not None:
            environ["LIANZAI_HOME"] = str(home)
        return forking.run(arguments, environ, cwd=tmp_path)

    return run


@pytest.fixture
def newspaper() -> Iterator[Server]:
    """The demonstration newspaper on a free local port, with seventeen of its eighteen instalments published."""
    with serve(Newspaper()) as server:
        yield server


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after two crawls; no test writes into it. A module whose tests need more in a home has its own."""
    return crawled_twice(tmp_path_factory.mktemp("kept") / "home").root
