"""A home whose disk is small: its WARCs lie in an object store alone, and all is replayed from there by ranges."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import walk
from epub_checker import Epub
from fault_proxy import faulty
from replay_maker import MadeHome, client
from s3_server import PREFIX, Bucket, environment

from archive.exports import export
from archive.home import Home
from archive.ledger.store import open_ledger, open_to_read
from archive.records import Records
from archive.web.room import Room
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile

SITE, TIME, LATER = "http://film.example", "20180830020500", "20180901020500"
FILM = b"".join(
    bytes([n % 251]) * 997 for n in range(6000)
)  # 6 MB; stored as it is, so that a place in it is one in the file


@pytest.fixture(scope="module")
def far(s3: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A crawled series and a series with a film, moved to a bucket; a proxy that notes what is asked of it."""
    bucket, home = Bucket.new(*s3), walk.home_at(tmp_path_factory.mktemp("far"))
    walk.walk(home, walk.profile_of(demo_profile(walk.BASE)), walk.site_of(Newspaper()))
    maker = MadeHome(home.root)
    writer = maker.file(series="film")
    maker.put(writer, f"{SITE}/film.mp4", TIME, FILM, mime="video/mp4", series="film")
    maker.put(writer, f"{SITE}/film.mp4", LATER, FILM, mime="video/mp4", series="film")
    writer.close()
    maker.indexed()
    (home.root / "config.toml").write_text(f'[store]\nurl = "s3://{bucket.name}/{PREFIX}"\n', "utf-8")
    shutil.move(home.root / "warc", bucket.prefix / "warc")
    (home.root / "warc").mkdir()
    open_ledger(home, create=True).close()
    with faulty(s3[0]) as proxy, found(proxy.url) as environ, Room(home, environ) as room, client(room) as asked:
        yield SimpleNamespace(ask=asked.get, head=asked.head, home=home, proxy=proxy, environ=environ)


@contextmanager
def found(url: str) -> Iterator[dict[str, str]]:
    """Let the server be found, by what is handed down and by what boto3 looks for itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(url).items():
            patch.setenv(name, value)
        yield environment(url)


def test_an_article_shows_its_pictures(far):
    """The reading view and the page as it was: text, pictures, bytes, each out of the bucket."""
    name = re.findall(r'href="/article/([^"/]+)"', far.ask("/series/qushui").text)[0]
    view = far.ask(f"/article/{name}").text
    pictures = sorted(set(re.findall(r'<img[^>]+src="(/web/[^"]+)"', view)))
    replayed = re.findall(r'href="(/web/\d{14}/[^"]+)"', view)[0]
    page = far.ask(replayed, follow_redirects=True)
    loaded = re.findall(r'/web/\d{14}(?:cs|da)_/[^" ]+', page.text)
    raw = far.ask(replayed.replace("/http", "id_/http", 1), follow_redirects=True)

    assert pictures
    assert {200} == {far.ask(one).status_code for one in [*pictures, *loaded]}
    assert {"image"} == {far.ask(one).headers["Content-Type"].partition("/")[0] for one in pictures}
    assert (200, 200) == (page.status_code, raw.status_code)
    assert "X-Archive-Orig-content-type" in raw.headers


def test_a_film_is_read_as_far_as_it_is_watched(far):
    """The end of the record is not fetched to show its beginning; a revisit reads the record that holds the payload."""
    asked = {LATER: "bytes=1000-1999", TIME: "bytes=0-9"}
    for time, wanted in asked.items():
        answer = far.ask(f"/web/{time}da_/{SITE}/film.mp4", headers={"Range": wanted})
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))

        assert (206, FILM[first : last + 1]) == (answer.status_code, answer.content)
        assert f"bytes {first}-{last}/{len(FILM)}" == answer.headers["Content-Range"]
    told = far.head(f"/web/{TIME}id_/{SITE}/film.mp4")

    assert (200, str(len(FILM)), b"") == (told.status_code, told.headers["Content-Length"], told.content)
    assert FILM == far.ask(f"/web/{TIME}da_/{SITE}/film.mp4").content
    assert all(
        each.startswith("bytes=") for method, path, each in far.proxy.ranges if method == "GET" and ".warc" in path
    )


def test_a_book_has_its_pictures(far, tmp_path):
    """An export reads them as the pages do."""
    ledger = open_to_read(far.home)
    with ledger.read() as connection, Records(far.home, ledger, far.environ) as records:
        done = export(connection, far.home, records, "qushui", "epub", tmp_path / "book.epub")
    Epub(tmp_path / "book.epub").check()

    assert done.failed == ()
    assert done.held.pictures > 0


def test_a_store_that_is_gone_is_said_to_be(far, tmp_path):
    """503, and which store; it may be back. An object that is not there is no 503."""
    home = Home(Path(shutil.copytree(far.home.root, tmp_path / "home")))
    with found("http://127.0.0.1:9") as environ, Room(home, environ) as room, client(room) as asked:
        gone = asked.get(f"/web/{TIME}id_/{SITE}/film.mp4")
    with (
        faulty(far.proxy.server, rate=1.0, faults=("stale",)) as empty,
        found(empty.url) as environ,
        Room(home, environ) as room,
        client(room) as asked,
    ):
        lost = asked.get(f"/web/{TIME}id_/{SITE}/film.mp4")

    assert (503, 502) == (gone.status_code, lost.status_code)
    assert PREFIX in gone.text
    assert "film-20180101000000-00001.warc.gz" in lost.text
