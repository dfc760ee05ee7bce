"""`lianzai import` by the command itself: files of wget, warcio and other homes become a series as a crawl's would."""

from __future__ import annotations

import ast
import gzip
import json
import shutil
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import walk
from desk import Crawled, Desk, ended, profile_text
from foreign_crawls import by_capture_http, by_wget, by_writer, linked
from foreign_makers import page

from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import list_profile
from crawler.demo.server import Server
from crawler.demo.site import Site

LIST, API = "qushui-list", "qushui"
EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
PROFILE = list_profile(walk.BASE)


def bring(desk: Desk, *files: Path, series: str | None = LIST) -> Crawled:
    """Import files."""
    return ended(desk.start("import", *files, *(("--series", series) if series else ()), "--json"))


def add(desk: Desk, text: str) -> None:
    """Let the home know a series."""
    assert ended(desk.start("add", desk.profile(text), "--json")).code == 0


def rebuilt(desk: Desk) -> Crawled:
    """Delete all that is derived and rebuild; nothing of ledger, text and index may differ."""
    ledger, files = desk.ledger(), desk.derived()
    for path in desk.home.glob("ledger.sqlite3*"):
        path.unlink()
    shutil.rmtree(desk.home / "text")
    shutil.rmtree(desk.home / "index")
    done = ended(desk.start("rebuild", "--json"))
    if done.code == 0:
        assert told_of_all(ledger) == told_of_all(desk.ledger())
        assert files == desk.derived()
    return done


def told_of_all(ledger: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Give the rows without what is a person's word (`kept`), the profile as the values that it has."""
    series = [ast.literal_eval(row) for row in ledger["series"]]
    return {**ledger, "series": [{**row, "kept": None, "profile": json.loads(row["profile"])} for row in series]}


@pytest.fixture
def site() -> Site:
    """The newspaper, to be asked without a server."""
    return walk.site_of(Newspaper())


@pytest.fixture
def foreign(site: Site, tmp_path: Path) -> Path:
    """All of the newspaper in a WARC by warcio."""
    return by_writer(site, [(path, EARLY) for path in linked(site)], tmp_path / "foreign.warc.gz")


# ----------------------------------------------------------------------------------------------------- other people's


@pytest.mark.soak
def test_what_wget_mirrored_is_a_series(desk: Desk, newspaper: Server, tmp_path: Path) -> None:
    """All articles, in their order, with their subjects; a second import adds nothing, and a crawl finds them there."""
    path = by_wget(newspaper, tmp_path)
    text = profile_text(newspaper, "list")
    add(desk, text)
    done = bring(desk, path)
    kept = desk.home / "warc" / LIST / "imported" / "paper.warc.gz"
    articles = desk.ask("articles", LIST)

    assert (done.code, done.stderr, done.document) == (0, "", {"done": True, "failed": [], "paths": [str(kept)]})
    assert kept.read_bytes() == path.read_bytes()
    assert [(one["state"], one["origin"], one["revisions"]) for one in articles] == [("captured", "import", 1)] * 17
    assert [one["position"] for one in articles] == list(range(1, 18))
    assert desk.ask("status")["series"][0]["missing"] == ["济源"]

    rows, warcs = desk.ledger(), desk.warcs()
    again = bring(desk, path)

    assert (again.code, again.stderr, desk.ledger(), desk.warcs()) == (0, "", rows, warcs)
    assert rebuilt(desk).code == 0

    crawled = desk.crawl(text)
    assert (crawled.code, crawled.counts) == (0, {"found": 17, "unchanged": 17})


@pytest.mark.soak
def test_what_capture_http_heard_is_a_series(desk: Desk, newspaper: Server, tmp_path: Path) -> None:
    """The API's answers, as warcio keeps them while a program asks; texts are those of a crawl."""
    elsewhere = Desk(tmp_path, tmp_path / "elsewhere")
    text = profile_text(newspaper)
    assert elsewhere.crawl(text).code == 0
    asked = [newspaper.url + one.target for one in newspaper.requests if "robots" not in one.target]
    path = by_capture_http(reversed(asked), tmp_path / "heard.warc.gz")  # pages before the lists that name them
    add(desk, text)
    done = bring(desk, path, series=API)
    crawled = {one["id"]: one["text_sha256"] for one in elsewhere.ask("articles", API)}

    assert (done.code, done.stderr) == (0, "")
    assert {one["id"]: one["text_sha256"] for one in desk.ask("articles", API)} == crawled
    assert rebuilt(desk).code == 0


@pytest.mark.soak
def test_a_wacz_of_another_home_is_kept_and_unpacked(desk: Desk, newspaper: Server, tmp_path: Path) -> None:
    """The package stays as it is; what is in it gives the same articles and revisions as there."""
    elsewhere = Desk(tmp_path, tmp_path / "elsewhere")
    text = profile_text(newspaper, recheck="always")
    elsewhere.crawl(text)
    newspaper.newspaper.edit("安阳")
    elsewhere.crawl(text)
    path = tmp_path / "渠水.wacz"
    assert ended(elsewhere.start("export", API, "--format", "wacz", "--output", path, "--json")).code == 0
    add(desk, text)
    done = bring(desk, path, series=API)
    fields = ("id", "position", "title", "revisions", "text_sha256")

    def told(which: Desk) -> list[Any]:
        return [[one[name] for name in fields] for one in which.ask("articles", API)]

    assert (done.code, done.stderr) == (0, "")
    assert done.document is not None
    assert done.document["paths"][0] == str(desk.home / "wacz" / API / "imported" / "渠水.wacz")
    assert Path(done.document["paths"][0]).read_bytes() == path.read_bytes()
    assert len(done.document["paths"]) == 3
    assert told(desk) == told(elsewhere)
    assert max(one["revisions"] for one in desk.ask("articles", API)) == 2

    rows, files = desk.ledger(), sorted(desk.home.rglob("*"))
    assert bring(desk, path, series=API).code == 0
    assert (desk.ledger(), sorted(desk.home.rglob("*"))) == (rows, files)
    assert rebuilt(desk).code == 0


# -------------------------------------------------------------------------------------------------- beside live crawls


@pytest.mark.soak
def test_an_older_capture_adds_its_text_and_changes_nothing_of_today(desk: Desk, tmp_path: Path) -> None:
    """The article shows what the site says now; what it said then is a further revision, told in the order of time."""
    newspaper = Newspaper()
    site = walk.site_of(newspaper)
    path = by_writer(site, [(one, EARLY) for one in linked(site)], tmp_path / "then.warc.gz")
    was, now = newspaper.edit("安阳")
    walk.walk(walk.home_at(desk.home), walk.profile_of(PROFILE), site)
    before = desk.ask("articles", LIST)
    done = bring(desk, path)
    after = desk.ask("articles", LIST)
    [edited] = [one for one in after if one["revisions"] == 2]
    told = [one for one in desk.ask("history", LIST) if one["kind"] == "revised"]

    assert (done.code, done.stderr) == (0, "")
    assert [one["text_sha256"] for one in after] == [one["text_sha256"] for one in before]
    assert [one["origin"] for one in after] == ["live"] * 17
    assert now in desk.ask("show", edited["id"])["text"]
    assert was in desk.ask("show", edited["id"], "--revision", "2")["text"]
    assert [(one["article"], one["from"], one["to"], one["fields"]) for one in told] == [(edited["id"], 2, 1, ["body"])]
    assert rebuilt(desk).code == 0


def test_a_newer_capture_is_the_text_of_today(desk: Desk, tmp_path: Path) -> None:
    """As if we had fetched it; but the next conditional request refers to no record that is not ours."""
    newspaper = Newspaper()
    site = walk.site_of(newspaper)
    profile = walk.profile_of(PROFILE)
    walk.walk(walk.home_at(desk.home), profile, site)
    _, now = newspaper.edit("安阳")
    path = by_writer(site, [(one, LATE) for one in linked(site)], tmp_path / "later.warc.gz")
    done = bring(desk, path)
    [edited] = [one for one in desk.ask("articles", LIST) if one["revisions"] == 2]

    assert (done.code, done.stderr) == (0, "")
    assert now in desk.ask("show", edited["id"])["text"]
    assert edited["origin"] == "import"
    assert rebuilt(desk).code == 0

    report = walk.walk(walk.home_at(desk.home), profile, site)
    assert (report["failed"], report["found"]) == ([], 17)
    assert rebuilt(desk).code == 0


@pytest.mark.soak
def test_one_file_may_belong_to_two_series(desk: Desk, foreign: Path) -> None:
    """Each series has its own copy and its own reading of it."""
    add(desk, PROFILE)
    add(desk, list_profile(walk.BASE, series="other"))

    assert [bring(desk, foreign, series=name).code for name in (LIST, "other")] == [0, 0]
    assert [len(desk.ask("articles", name)) for name in (LIST, "other")] == [17, 17]
    assert rebuilt(desk).code == 0


def test_without_a_series_files_are_kept_and_indexed(desk: Desk, foreign: Path) -> None:
    """They are replayable, and no article; a crawl of them has nothing to do and says so."""
    done = bring(desk, foreign, series=None)
    index = (desk.home / "index" / "imported.cdxj").read_text()

    assert (done.code, done.stderr) == (0, "")
    assert (desk.home / "warc" / "imported" / "imported" / "foreign.warc.gz").read_bytes() == foreign.read_bytes()
    assert index.count('"filename": "imported/foreign.warc.gz"') == len(linked(walk.site_of(Newspaper())))
    assert desk.ask("articles", "imported") == []
    crawled = ended(desk.start("crawl", "imported", "--json"))
    assert (crawled.code, crawled.stderr, crawled.counts, crawled.failed) == (0, "", {}, [])
    assert rebuilt(desk).code == 0


# ----------------------------------------------------------------------------------------------------------- bad input


def test_a_damaged_file_is_taken_as_far_as_it_is_whole(desk: Desk, site: Site, tmp_path: Path) -> None:
    """Each damage is told with file and offset, also at the second file; the bytes are kept as they are."""
    whole = by_writer(site, [(path, EARLY) for path in linked(site)], tmp_path / "whole.warc.gz").read_bytes()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole[:-40])
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 0xFF
    flipped = tmp_path / "flipped.warc.gz"
    flipped.write_bytes(bytes(spoilt))
    add(desk, PROFILE)
    done = bring(desk, cut, flipped)
    assert done.document is not None
    failed = done.document["failed"]

    assert done.code == 3
    assert done.document["done"] is False
    assert {one["what"] for one in failed} == {str(cut), str(flipped)}
    assert all("offset " in one["reason"] for one in failed)
    assert len(done.stderr.splitlines()) == len(failed) >= 2
    assert all(f"{one['what']}: {one['reason']}" in done.stderr for one in failed)
    assert [Path(path).read_bytes() for path in done.document["paths"]] == [whole[:-40], bytes(spoilt)]
    assert [one["state"] for one in desk.ask("articles", LIST)] == ["captured"] * 17
    assert rebuilt(desk).code == 0
    assert bring(desk, cut).code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.warc.gz", b""),
        ("text.warc", "渠水流过".encode()),
        ("packed-text.warc.gz", gzip.compress(b"no record", mtime=0)),
        ("cut.warc", page(1)[:-30]),
        ("zip.wacz", b"PK\x03\x04" + bytes(200)),
    ],
)
@pytest.mark.soak
def test_what_holds_no_whole_record_is_not_kept(
    desk: Desk, foreign: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    """It is named, and the files beside it are taken."""
    (tmp_path / name).write_bytes(content)
    add(desk, PROFILE)
    done = bring(desk, tmp_path / name, tmp_path / "missing.warc", tmp_path, foreign)
    assert done.document is not None

    assert done.code == 3
    assert [one["what"] for one in done.document["failed"]][-2:] == [str(tmp_path / "missing.warc"), str(tmp_path)]
    assert done.document["failed"][0]["what"] == str(tmp_path / name)
    assert done.document["paths"] == [str(desk.home / "warc" / LIST / "imported" / "foreign.warc.gz")]
    assert sorted(path.name for path in desk.home.rglob("*imported/*")) == ["foreign.warc.gz"]


def test_an_import_that_kept_nothing_leaves_no_text(desk: Desk, tmp_path: Path) -> None:
    """An empty list of texts would say that something is there."""
    (tmp_path / "none.warc").write_bytes(b"x")
    done = bring(desk, tmp_path / "none.warc", series=None)

    assert done.code == 3
    assert sorted(path.name for path in desk.home.rglob("*") if path.is_file()) == ["imported.lock", "ledger.sqlite3"]


def test_names_are_made_safe(desk: Desk, tmp_path: Path) -> None:
    """No name leads out of the folder, hides a file, steers a terminal, is too long, or takes another's place."""
    long = "渠" * 80
    names = [
        "连载 1.warc.gz", ".hidden.warc", "a\nb\x1b[2J.warc", "wrong.arc", f"{long}.warc", "e\u0301.warc", "same.warc",
        "sub/same.warc", "..warc",
    ]  # fmt: skip
    given = [tmp_path / "given" / name for name in names]
    for number, path in enumerate(given):
        path.parent.mkdir(parents=True, exist_ok=True)
        record = page(number)
        path.write_bytes(gzip.compress(record, mtime=0) if path.name.endswith(".gz") else record)
    done = bring(desk, *given[:-1], tmp_path / "given" / "sub" / ".." / "..warc", series=None)
    assert done.document is not None
    folder = desk.home / "warc" / "imported" / "imported"

    assert (done.code, done.stderr) == (0, "")
    assert [Path(path).name for path in done.document["paths"]] == [
        "连载 1.warc.gz", "hidden.warc", "ab[2J.warc", "wrong.warc", f"{'渠' * 65}.warc", "é.warc", "same.warc",
        "same-2.warc", "import.warc",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted(Path(path).name for path in done.document["paths"])
    assert all(unicodedata.is_normalized("NFC", path.name) for path in folder.iterdir())


def test_an_unknown_series_is_refused(desk: Desk, foreign: Path) -> None:
    """A mistyped name must not become a series."""
    add(desk, PROFILE)
    done = bring(desk, foreign, series="qushui-lits")

    assert (done.code, done.document) == (2, None)
    assert f"nearest: {LIST}" in done.error
    assert desk.warcs() == []


def test_a_disk_that_refuses_leaves_no_half_file(desk: Desk, foreign: Path) -> None:
    """Named, exit 3; and when there is room again the import is whole."""
    add(desk, PROFILE)
    process = desk.start(
        "import", foreign, "--series", LIST, "--json", shell=f"ulimit -f {foreign.stat().st_size // 2048}"
    )
    refused = ended(process)

    assert refused.code == 3
    assert "File too large" in refused.stderr
    assert desk.warcs() == []
    assert bring(desk, foreign).code == 0
    assert len(desk.ask("articles", LIST)) == 17


def test_a_disk_that_is_to_stay_free_refuses_a_copy(desk: Desk, foreign: Path) -> None:
    """`fetch.min_free` holds for imports too."""
    (desk.home).mkdir()
    (desk.home / "config.toml").write_text(f"[fetch]\nmin_free = {1 << 60}\n")
    done = bring(desk, foreign, series=None)

    assert done.code == 3
    assert "fetch.min_free asks for" in done.stderr
    assert [path for path in desk.home.rglob("*") if path.suffix in {".gz", ".open"}] == []


# ------------------------------------------------------------------------------------------------------------- rebuild


@pytest.mark.parametrize("damage", ["missing", "cut"])
@pytest.mark.soak
def test_an_imported_file_that_is_lost_is_told_and_can_be_imported_again(
    desk: Desk, foreign: Path, tmp_path: Path, damage: str
) -> None:
    """rebuild says so (exit 4) and goes on with the rest; the file that is gone comes back to its place."""
    other = tmp_path / "other.warc"
    other.write_bytes(page(7))
    add(desk, PROFILE)
    bring(desk, foreign, other)
    rows = desk.ledger()
    kept = desk.home / "warc" / LIST / "imported" / "foreign.warc.gz"
    if damage == "missing":
        kept.unlink()
    else:
        kept.write_bytes(foreign.read_bytes()[:-5000])
    done = rebuilt(desk)

    assert done.code == 4
    assert str(kept) in done.error
    assert (desk.home / "index" / f"{LIST}.cdxj").read_text().count("imported/other.warc") == 1
    if damage == "missing":
        assert bring(desk, foreign).code == 0
        again = desk.ledger()
        assert {name: again[name] for name in ("articles", "captures", "files")} == {
            name: rows[name] for name in ("articles", "captures", "files")
        }
