"""What an import tells does not hang on the order in which it came: over several files, and before the list that names it."""

from __future__ import annotations

import random
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import walk
from bringing import bring
from desk import Desk, ended
from foreign_crawls import by_writer, linked
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive import views
from archive.home import Home
from archive.ledger.others import Others, Waiting
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger
from archive.warc import WarcWriter
from crawler import importing
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import list_profile
from crawler.demo.server import conditioned, wire
from crawler.demo.site import Site
from crawler.run import SeriesRun

PROFILE = walk.profile_of(list_profile(walk.BASE, recheck="always"))
SERIES = PROFILE.series.id
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
FIELDS = (
    "id",
    "position",
    "title",
    "state",
    "origin",
    "revisions",
    "captured",
    "text_sha256",
    "variants",
    "last_checked",
)


@pytest.fixture
def newspaper() -> Newspaper:
    """A newspaper with seventeen instalments."""
    return Newspaper()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home that is looked at."""
    return Desk(tmp_path, Home(tmp_path / "home").make().root)


def parted(site: Site, folder: Path, at: datetime = EARLY) -> tuple[Path, Path]:
    """Write the newspaper as two WARCs: all that is no list, a second apart, and then the lists."""
    paths = [(path, at + timedelta(seconds=place)) for place, path in enumerate(linked(site))]
    pages = [one for one in paths if not one[0].startswith("/list/")]
    lists = [one for one in paths if one[0].startswith("/list/")]
    assert len(pages) > len(lists) > 0
    return by_writer(site, pages, folder / "pages.warc.gz"), by_writer(site, lists, folder / "lists.warc.gz")


def articles(home: Home) -> list[dict[str, Any]]:
    """Give the articles as the command does."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            return [{name: one[name] for name in FIELDS} for one in views.articles(connection, SERIES)]
    finally:
        ledger.close()


def asked(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    """Ask the ledger itself."""
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as ledger:
        return ledger.execute(query).fetchall()


def unread(desk: Desk) -> int:
    """Count the captures that wait."""
    return int(asked(desk, "SELECT count(*) FROM captures WHERE unread IS NOT NULL")[0][0])


def same_after_rebuild(desk: Desk, why: object = None) -> None:
    """Compare all of the ledger, and what is derived of it, with what a rebuild makes of the WARCs."""
    kept, files = desk.ledger(), desk.derived()
    run = SeriesRun(Home(desk.home), PROFILE)
    run.refold()
    run.derive()
    run.close()
    made = desk.ledger()

    assert {table: rows for table, rows in kept.items() if rows != made[table]} == {}, why
    assert files == desk.derived(), why


# ------------------------------------------------------------------------------------------------------- several files


@pytest.mark.parametrize("backwards", [False, True])
def test_a_list_may_stand_in_another_file_than_its_pages(
    desk: Desk, newspaper: Newspaper, tmp_path: Path, backwards: bool
) -> None:
    """browsertrix writes several files at once, wget begins a new one by size: they are one crawl."""
    files = parted(walk.site_of(newspaper), tmp_path)
    brought = bring(Home(desk.home), PROFILE, *(reversed(files) if backwards else files))
    found = articles(Home(desk.home))
    counted = {Path(one.what).name: one.counts.articles for one in brought}

    assert [(one["state"], one["origin"], one["revisions"]) for one in found] == [("captured", "import", 1)] * 17
    assert [one["position"] for one in found] == list(range(1, 18))
    assert counted == {"pages.warc.gz": 17, "lists.warc.gz": 0}
    assert unread(desk) == 2  # two entrances of the paper that are nothing in the series
    same_after_rebuild(desk)


def test_the_warcs_of_a_package_are_one_crawl(desk: Desk, newspaper: Newspaper, tmp_path: Path) -> None:
    """The first in it has the pages, the second the lists."""
    pages, lists = parted(walk.site_of(newspaper), tmp_path)
    package = tmp_path / "crawl.wacz"
    with zipfile.ZipFile(package, "w") as made:
        made.write(pages, "archive/rec-1.warc.gz")
        made.write(lists, "archive/rec-2.warc.gz")
    bring(Home(desk.home), PROFILE, package)

    assert [one["state"] for one in articles(Home(desk.home))] == ["captured"] * 17
    same_after_rebuild(desk)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 6))])
def test_the_order_of_files_makes_no_difference(newspaper: Newspaper, tmp_path: Path, seed: int) -> None:
    """Texts, states, history and order of a crawl that was dealt out to files at random, in two ages of the newspaper."""
    chance, site, files = random.Random(seed), walk.site_of(newspaper), list[Path]()
    for age in range(2):
        dealt: list[list[tuple[str, datetime]]] = [[], []]
        for path in linked(site):
            at = EARLY + timedelta(days=age * 100, seconds=chance.randrange(86400))
            dealt[chance.randrange(2)].append((path, at))
        files += [by_writer(site, some, tmp_path / f"{age}-{part}.warc.gz") for part, some in enumerate(dealt)]
        newspaper.edit("安阳")
        newspaper.withdraw("信阳")
    orders = list(permutations(files))
    told = []
    for number, order in enumerate((orders[0], orders[-1], *chance.sample(orders[1:-1], 2))):
        home = Home(tmp_path / f"home-{number}").make()
        bring(home, PROFILE, *order)
        told.append((articles(home), revisions(Desk(tmp_path, home.root)), happened(Desk(tmp_path, home.root))))

    assert all(one == told[0] for one in told[1:])
    assert [one["state"] for one in told[0][0]] == ["captured"] * 17
    assert max(one["revisions"] for one in told[0][0]) == 2


def revisions(desk: Desk) -> list[tuple[Any, ...]]:
    """Give the texts of every revision."""
    return asked(desk, "SELECT article, number, fetched, text_sha256 FROM revisions ORDER BY 1, 2")


def happened(desk: Desk) -> list[tuple[Any, ...]]:
    """Give the history, without what names records."""
    return sorted(asked(desk, 'SELECT kind, article, fields, start, "end" FROM events'), key=repr)


# ------------------------------------------------------------------------------------------------------------- revisits


def written(path: Path, fill: Callable[[WARCWriter], Any]) -> Path:
    """Write a WARC by warcio."""
    with path.open("wb") as file:
        fill(WARCWriter(file, gzip=True))
    return path


def answered(site: Site, path: str) -> tuple[Any, BytesIO]:
    """Give what the newspaper answers, as warcio wants it."""
    head, body = wire(conditioned(site.answer(path, walk.BASE), {}), keep=True)
    block = BytesIO(head + body)
    return StatusAndHeadersParser(["HTTP/1.1"]).parse(block), block


@pytest.mark.parametrize("by", ["id", "address", "digest"])
@pytest.mark.parametrize("names", [pytest.param(("a", "b"), marks=pytest.mark.soak), ("b", "a")])
def test_a_revisit_may_stand_in_another_file_than_its_original(
    desk: Desk, newspaper: Newspaper, tmp_path: Path, by: str, names: tuple[str, str]
) -> None:
    """It refers to it by id, by address and time, or by nothing but the digest that both tell."""
    site, date = walk.site_of(newspaper), "2020-01-01T00:00:00Z"
    target = next(path for path in linked(site) if re.search(r"/\d+\.html$", path))
    other = f"{walk.BASE}/elsewhere.html"
    originals: list[Any] = []

    def original(writer: WARCWriter) -> None:
        headers, block = answered(site, target)
        more = {"WARC-Date": date}
        originals.append(
            writer.create_warc_record(other, "response", payload=block, http_headers=headers, warc_headers_dict=more)
        )
        writer.write_record(originals[0])

    def revisit(writer: WARCWriter) -> None:
        headers, _ = answered(site, target)
        told = originals[0].rec_headers
        record = writer.create_revisit_record(
            walk.BASE + target,
            digest=told.get_header("WARC-Payload-Digest"),
            refers_to_uri=other,
            refers_to_date=date,
            http_headers=headers,
            warc_headers_dict={"WARC-Date": "2020-01-02T00:00:00Z"},
        )
        if by != "address":
            for name in ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"):
                record.rec_headers.remove_header(name)
        if by == "id":
            record.rec_headers.add_header("WARC-Refers-To", told.get_header("WARC-Record-ID"))
        writer.write_record(record)

    first, second = names
    lists = [(path, EARLY) for path in linked(site) if path.startswith("/list/")]
    files = [
        written(tmp_path / f"{second}.warc.gz", original),
        written(tmp_path / f"{first}.warc.gz", revisit),
        by_writer(site, lists, tmp_path / "lists.warc.gz"),
    ]
    bring(Home(desk.home), PROFILE, *sorted(files))
    captured = [one for one in articles(Home(desk.home)) if one["state"] == "captured"]
    walk.walk(Home(tmp_path / "live").make(), PROFILE, site)
    live = {one["id"]: one["text_sha256"] for one in articles(Home(tmp_path / "live"))}

    assert [one["text_sha256"] for one in captured] == [live[one["id"]] for one in captured] != []
    same_after_rebuild(desk)


# ------------------------------------------------------------------------------------------------- the list comes later


def test_what_was_imported_before_its_list_is_read_when_a_crawl_brings_it(
    desk: Desk, newspaper: Newspaper, tmp_path: Path
) -> None:
    """Live texts stay live; older ones are history, and no edits of this run; what the site lost is captured at last."""
    home, site = Home(desk.home), walk.site_of(newspaper)
    pages, _ = parted(site, tmp_path)
    bring(home, PROFILE, pages)
    waiting = unread(desk)

    assert (articles(home), waiting) == ([], len(linked(site)) - lists_of(site))

    was, now = newspaper.edit("安阳")
    newspaper.withdraw("信阳", listed=True)
    report = walk.walk(home, PROFILE, site)
    found = articles(home)
    [edited] = [one for one in found if one["revisions"] == 2]
    [lost] = [one for one in found if one["origin"] == "import"]

    assert {name: report[name] for name in ("found", "captured", "revised", "unchanged")} == {
        "found": 17,
        "captured": 17,
        "revised": 0,
        "unchanged": 0,
    }
    assert [one["reason"] for one in report["failed"]] == ["http-4xx"]
    assert [one["state"] for one in found] == ["captured"] * 17
    assert edited["origin"] == "live"
    texts = asked(desk, f"SELECT reading FROM revisions WHERE article = '{edited['id']}' ORDER BY number")
    assert (now in texts[0][0], was in texts[1][0]) == (True, True)
    assert asked(desk, f"SELECT shown FROM articles WHERE id = '{edited['id']}'") == [(1,)]
    assert (lost["captured"][:4], lost["last_checked"]) == ("2020", None)
    assert len(asked(desk, "SELECT 1 FROM events WHERE kind = 'captured'")) == 17
    assert unread(desk) < waiting
    same_after_rebuild(desk)

    again = walk.walk(home, PROFILE, site)
    assert (again["captured"], again["revised"], again["failed"]) == (0, 0, [])
    same_after_rebuild(desk)
    verified = ended(desk.start("verify", "--json"))
    assert (verified.code, verified.stderr) == (0, "")  # reports and events count alike, too


def lists_of(site: Site) -> int:
    """Count the lists of a newspaper."""
    return sum(path.startswith("/list/") for path in linked(site))


def test_what_was_imported_before_its_list_is_read_when_an_import_brings_it(
    desk: Desk, newspaper: Newspaper, tmp_path: Path
) -> None:
    """Two commands give the texts and states of one."""
    home, once = Home(desk.home), Home(tmp_path / "once").make()
    pages, lists = parted(walk.site_of(newspaper), tmp_path)
    for file in (pages, lists):
        bring(home, PROFILE, file)
    bring(once, PROFILE, pages, lists)

    assert articles(home) == articles(once)
    assert [one["state"] for one in articles(home)] == ["captured"] * 17
    same_after_rebuild(desk)


def test_a_crawl_reads_only_what_has_become_due(
    desk: Desk, newspaper: Newspaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of captures that are nothing in the series cost the next crawls nothing: new addresses are looked for."""
    home, site = Home(desk.home), walk.site_of(newspaper)
    bring(home, PROFILE, parted(site, tmp_path)[0])
    walk.walk(home, PROFILE, site)
    looked: list[str] = []
    waiting = Others.waiting

    def counted(self: Others, urls: Sequence[str]) -> Iterator[Waiting]:
        looked.extend(urls)
        return waiting(self, urls)

    monkeypatch.setattr(Others, "waiting", counted)
    newspaper.publish("济源")
    walk.walk(home, PROFILE, site)

    assert 0 < unread(desk)
    assert 0 < len(looked) < 5  # the new instalment's page, and what it needs


# ----------------------------------------------------------------------------------------------------------------- kills


class Dying:
    """Dies before the durable step of a number, of those of an import or a crawl."""

    STEPS = ((WarcWriter, "sync"), (WarcWriter, "_end"), (SeriesLedger, "save"))

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for owner, name in self.STEPS:
            patch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise walk.KilledError
            return step(*arguments, **named)

        return counted


@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("whole", ["import", "crawl"])
@pytest.mark.soak
def test_reading_what_waited_may_die_at_each_step(
    newspaper: Newspaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: str, stride: int
) -> None:
    """Once more the same command: each capture is read once, and a rebuild gives the same."""
    monkeypatch.setattr(importing, "BATCH", 7)
    site, dying = walk.site_of(newspaper), Dying(monkeypatch)
    pages, lists = parted(site, tmp_path)
    newspaper.edit("安阳")

    def end(home: Home) -> None:
        if whole == "import":
            bring(home, PROFILE, pages, lists)
        else:
            walk.walk(home, PROFILE, site)

    last, died = 1, True
    while died:
        desk = Desk(tmp_path, Home(tmp_path / f"home-{last}").make().root)
        home = Home(desk.home)
        if whole == "crawl":
            bring(home, PROFILE, pages)
        dying.left = last
        try:
            end(home)
            died = False
        except walk.KilledError:
            dying.left = -1
            end(home)
        dying.left = -1
        assert [one["state"] for one in articles(home)] == ["captured"] * 17, last
        assert sum(one["revisions"] for one in articles(home)) == (18 if whole == "crawl" else 17), last
        assert list(home.root.rglob("*.open")) == [], last
        same_after_rebuild(desk, last)
        last += stride

    assert last > 12
