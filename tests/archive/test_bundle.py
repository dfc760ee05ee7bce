"""A series as WACZ: other people's replays read it as well as we do, and the same archive gives the same bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import walk
from bundle_checker import Wacz
from sqlalchemy import delete

from archive.bundle import Bundle, write_wacz
from archive.errors import IntegrityError, NotFoundError, UsageError, WarcError
from archive.home import Home
from archive.index import cdxj_line, timestamp
from archive.ledger import schema
from archive.ledger.store import open_ledger
from archive.views import articles, show
from archive.warc import capture_of, read_records, recover, series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile
from crawler.run import SeriesRun

SERIES = "qushui"
BEGIN = datetime(2026, 11, 25, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose series was crawled three times, with an edit and a withdrawal between; not to be changed."""
    home = walk.home_at(tmp_path_factory.mktemp("kept"))
    crawl(home, Newspaper())
    return home


@pytest.fixture
def home(kept: Home, tmp_path: Path) -> Home:
    """A copy of that home, to be spoilt."""
    return Home(Path(shutil.copytree(kept.root, tmp_path / "home")))


def crawl(home: Home, newspaper: Newspaper, days: int = 3) -> None:
    """Crawl day by day; behind the first day one article is edited and one withdrawn."""
    profile, site = walk.profile_of(demo_profile(walk.BASE, recheck="always")), walk.site_of(newspaper)
    for day in range(days):
        clock = ticking(day)
        walk.walk(home, profile, site, at=lambda clock=clock: next(clock))
        if day == 0:
            newspaper.edit("开封")
            newspaper.withdraw("郑州")


def ticking(day: int) -> Iterator[datetime]:
    """Give the moments of a day's exchanges, two a second."""
    moment = BEGIN + timedelta(days=day)
    while True:
        yield moment
        moment += timedelta(milliseconds=500)


def export(home: Home, path: Path | None = None, *, force: bool = False) -> Bundle:
    """Bundle the series."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            return write_wacz(connection, home, SERIES, path, force=force)
    finally:
        ledger.close()


def wacz_of(home: Home, path: Path) -> Wacz:
    """Bundle the series and read the file."""
    return Wacz(export(home, path).path)


# ------------------------------------------------------------------------------------------------------- what is in it


def test_it_holds_to_the_specification(kept: Home, tmp_path: Path) -> None:
    """Members, manifest, digests, pages: by a checker that shares no code with the writer."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    wacz.check()

    assert wacz.names == [
        *(f"archive/{path.name}" for path in series_files(kept.warc(SERIES), SERIES)),
        "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl", "datapackage.json", "datapackage-digest.json",
    ]  # fmt: skip


def test_the_warcs_are_the_ones_that_were_kept(kept: Home, tmp_path: Path) -> None:
    """A bundle is evidence only where its WARCs are ours to the byte."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    paths = series_files(kept.warc(SERIES), SERIES)

    assert len(paths) == 3
    for path in paths:
        assert wacz.zip.read(f"archive/{path.name}") == path.read_bytes()


def test_each_line_of_the_index_finds_its_record(kept: Home, tmp_path: Path) -> None:
    """warcio reads, at the offset in the file itself, the record that the line speaks of, and its payload's digest."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    kinds = set()
    for line in wacz.lines:
        _, moment, text = line.split(" ", 2)
        fields = json.loads(text)
        record, payload = wacz.record(fields)
        heads = record.rec_headers
        kinds.add(record.rec_type)

        assert heads.get_header("WARC-Target-URI") == fields["url"]
        assert timestamp(datetime.fromisoformat(heads.get_header("WARC-Date"))) == moment
        assert heads.get_header("WARC-Payload-Digest", fields["digest"]) == fields["digest"]
        if record.rec_type == "response":
            assert record.http_headers.get_statuscode() == fields["status"]
            assert payload
    assert kinds == {"response", "revisit", "resource"}


def test_the_index_is_that_of_the_home_without_304s(kept: Home, tmp_path: Path) -> None:
    """A 304 shows as an empty page in ReplayWeb.page; the capture whose payload it confirms is shown in its place."""
    lines = kept.index(SERIES).read_text(encoding="utf-8").splitlines()
    documents = [line for line in lines if '"status": "304"' not in line]
    bundle = export(kept, tmp_path / "a.wacz")

    assert len(documents) < len(lines)
    assert Wacz(bundle.path).lines == documents
    assert bundle.captures == len(documents)


def test_a_page_for_each_article_in_its_order(kept: Home, tmp_path: Path) -> None:
    """Withdrawn ones too: that they can still be read is what the archive is for. Each can be opened, and searched."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    head, *pages = wacz.pages
    ledger = open_ledger(kept.root, create=False)
    with ledger.read() as connection:
        told = [show(connection, one["id"]) for one in articles(connection, SERIES)]
    ledger.close()
    whole = {
        (json.loads(line.split(" ", 2)[2])["url"], line.split(" ")[1])
        for line in wacz.lines
        if '"status": "200"' in line
    }

    assert head == {"format": "json-pages-1.0", "id": "pages", "title": "渠水流过十八城", "hasText": True}
    assert [(one["title"], one["url"], one["text"]) for one in told] == [
        (page["title"], page["url"], page["text"]) for page in pages
    ]
    assert "withdrawn" in {one["state"] for one in told}
    for page in pages:
        assert (page["url"], timestamp(datetime.fromisoformat(page["ts"]))) in whole


def test_an_edited_article_opens_as_it_was_edited(kept: Home, tmp_path: Path) -> None:
    """The page's time is that of the newest capture that was read, a withdrawn one's of the last before it went."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    _, withdrawn, edited, *_ = wacz.pages
    gone = [line for line in wacz.lines if f'"url": "{withdrawn["url"]}"' in line and '"status": "404"' in line]

    assert (withdrawn["ts"][:10], edited["ts"][:10]) == ("2026-11-25", "2026-11-26")
    assert gone


def test_the_manifest_tells_what_the_series_is(kept: Home, tmp_path: Path) -> None:
    """A reader who knows nothing of us learns what this is, whose, and where to begin; all times are of the captures."""
    wacz = wacz_of(kept, tmp_path / "a.wacz")
    package, first = wacz.package, wacz.pages[1]
    newest = max(line.split(" ")[1] for line in kept.index(SERIES).read_text(encoding="utf-8").splitlines())

    assert (package["name"], package["title"]) == ("qushui", "渠水流过十八城")
    assert package["description"].startswith("一条渠")
    assert package["contributors"] == [{"title": "澜川日报", "role": "publisher"}]
    assert (package["mainPageUrl"], package["mainPageDate"]) == (first["url"], first["ts"])
    assert timestamp(datetime.fromisoformat(package["created"])) == newest
    assert package["modified"] == package["created"]
    assert package["software"].startswith("lianzai ")


# ---------------------------------------------------------------------------------------------------- the same bytes


def test_the_same_archive_gives_the_same_bytes(kept: Home, home: Home, tmp_path: Path) -> None:
    """Two copies can be compared by digest: elsewhere, later, and from a ledger that was made again of the WARCs."""
    first = export(kept, tmp_path / "a.wacz").path.read_bytes()
    home.ledger.unlink()
    run = SeriesRun(home, walk.profile_of(demo_profile(walk.BASE, recheck="always")))
    run.refold()
    run.derive()
    run.close()
    again = export(home)

    assert again.path == home.root / "wacz" / "qushui.wacz"
    assert first == again.path.read_bytes()
    assert (again.written, export(home).written) == (True, False)


def test_a_further_crawl_gives_another_bundle_in_the_home(home: Home) -> None:
    """The one in the home is derived and follows the archive."""
    before = export(home)
    profile, site = walk.profile_of(demo_profile(walk.BASE, recheck="always")), walk.site_of(Newspaper())
    walk.walk(home, profile, site)
    after = export(home)

    assert (after.written, after.warcs) == (True, before.warcs + 1)
    Wacz(after.path).check()


# -------------------------------------------------------------------------------------------------- what is not in it


def test_an_unfinished_warc_is_left_out_and_named(home: Home, tmp_path: Path) -> None:
    """It may still grow, or be cut; what the bundle has without it is whole, and the articles keep their pages."""
    profile, site = walk.profile_of(demo_profile(walk.BASE, recheck="always")), walk.site_of(Newspaper())
    before = wacz_of(home, tmp_path / "a.wacz")
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, site, kill_after=9)
    bundle = export(home, tmp_path / "b.wacz")
    after = Wacz(bundle.path)
    after.check()

    assert [name.endswith(".warc.gz.open") for name in bundle.left_out] == [True]
    assert after.lines == before.lines
    assert [{**page, "id": "", "ts": ""} for page in after.pages] == [
        {**page, "id": "", "ts": ""} for page in before.pages
    ]


def test_a_warc_that_the_ledger_has_not_heard_of_is_indexed(home: Home, tmp_path: Path) -> None:
    """A run that was killed behind the renaming leaves one; its records are read from the file itself."""
    profile, site = walk.profile_of(demo_profile(walk.BASE, recheck="always")), walk.site_of(Newspaper())
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, site, kill_after=9)
    recover(home.warc(SERIES), SERIES)
    captures = [
        capture
        for path in series_files(home.warc(SERIES), SERIES)
        for record in read_records(path)
        if (capture := capture_of(record)) and capture.status != 304
    ]
    bundle = export(home, tmp_path / "a.wacz")

    assert bundle.warcs == 4
    assert Wacz(bundle.path).lines == sorted({cdxj_line(one) for one in captures}, key=str.encode)


def test_only_names_of_the_series_go_into_it(home: Home, tmp_path: Path) -> None:
    """Whatever lies beside the WARCs, no name leads a reader's unpacking out of the folder."""
    folder, any_warc = home.warc(SERIES), series_files(home.warc(SERIES), SERIES)[0]
    before = export(home, tmp_path / "a.wacz").path.read_bytes()
    for name in (
        "..%2f..%2fa.warc.gz",
        "..\\..\\a.warc.gz",
        "a.warc.gz",
        "other-20260101000000-00001.warc.gz",
        "\n.warc.gz",
    ):
        shutil.copy(any_warc, folder / name)
    (folder / "x").mkdir()
    shutil.copy(any_warc, folder / "x")

    assert before == export(home, tmp_path / "b.wacz").path.read_bytes()


# ------------------------------------------------------------------------------------------------------------ damage


@pytest.mark.parametrize("at", [0.0, 0.5, 0.99])
def test_a_damaged_warc_is_not_vouched_for(home: Home, tmp_path: Path, at: float) -> None:
    """The manifest would give the damaged bytes a right digest. The file is named, and nothing stays behind."""
    path = series_files(home.warc(SERIES), SERIES)[1]
    octets = bytearray(path.read_bytes())
    octets[int(at * len(octets))] ^= 1
    path.write_bytes(octets)
    with pytest.raises(IntegrityError, match=f"{path.name}: expected sha256:"):
        export(home, tmp_path / "out" / "a.wacz")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_cut_warc_and_a_missing_one_are_damage(home: Home, tmp_path: Path) -> None:
    """Both are named before anything is written."""
    path = series_files(home.warc(SERIES), SERIES)[1]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IntegrityError, match=path.name):
        export(home, tmp_path / "a.wacz")
    path.unlink()
    with pytest.raises(IntegrityError, match=path.name):
        export(home, tmp_path / "a.wacz")

    assert [one.name for one in tmp_path.iterdir()] == ["home"]


def test_a_damaged_warc_that_the_ledger_does_not_know_is_found_by_reading(home: Home, tmp_path: Path) -> None:
    """There is no digest to compare with; the records' own grammar tells."""
    path = series_files(home.warc(SERIES), SERIES)[2]
    ledger = open_ledger(home.root, create=False)
    with ledger.write() as connection:
        connection.execute(delete(schema.FILES).where(schema.FILES.c.name == path.name))
    ledger.close()
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(WarcError, match=path.name):
        export(home, tmp_path / "a.wacz")


# ------------------------------------------------------------------------------------------------------------- where


def test_a_home_holds_bundles_only_in_their_folder(home: Home) -> None:
    """Nothing but WARCs lies under warc/, and no --force replaces the ledger."""
    (home.root / "link").symlink_to(home.warc(SERIES))
    for place in ("warc/a.wacz", "warc/qushui/a.wacz", "ledger.sqlite3", "a.wacz", "wacz/../a.wacz", "link/a.wacz"):
        with pytest.raises(UsageError, match="within the home only"):
            export(home, home.root / place, force=True)


def test_a_series_without_a_closed_warc_has_nothing_to_bundle(home: Home) -> None:
    """The error says so, not an empty archive that no reader opens."""
    shutil.rmtree(home.warc(SERIES))
    ledger = open_ledger(home.root, create=False)
    with ledger.write() as connection:
        connection.execute(delete(schema.FILES))
    ledger.close()

    with pytest.raises(NotFoundError, match="no closed WARC yet"):
        export(home)
    assert not (home.root / "wacz").exists()
