"""What others asked with a body, or otherwise than by GET, is not what a GET gives: in index, ledger and replay."""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path

import pytest
import walk
from bringing import bring
from foreign_makers import answer, record
from replay_maker import client
from tiny import paths, tiny_profile

from archive.home import Home
from archive.index import foreign_lines
from archive.ledger import queries
from archive.ledger.store import open_to_read
from archive.verify import verify_home
from archive.web.room import Room

ASK = walk.BASE + "/ask"
FORM = "application/x-www-form-urlencoded"
SENT = (
    ("POST", ASK, FORM, b"q=%E6%B8%A0&b=2"),
    ("POST", ASK, FORM, b"q=other"),
    ("POST", ASK, "application/json", b'{"page": [1, 2]}'),
    ("POST", ASK, FORM, b"q=" + b"x" * 9000),
    ("PUT", ASK, "text/plain", b"words"),
    ("HEAD", walk.BASE + paths(1)[0], "", b""),
    ("POST", walk.BASE + paths(1)[0], FORM, b"like=1"),
)


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """A home with one imported file, in which the request stands before its answer or behind it."""
    folder = tmp_path_factory.mktemp("sent")
    records = []
    for number, (method, url, kind, body) in enumerate(SENT):
        ask = f"{method} /ask HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        pair = [
            record("request", url.encode(), ask, WARC_Concurrent_To=f"<urn:uuid:a{number}>"),
            record("response", url.encode(), answer(number), WARC_Record_ID=f"<urn:uuid:a{number}>"),
        ]  # fmt: skip
        records += pair if number % 2 else pair[::-1]
    file = folder / "sent.warc.gz"
    file.write_bytes(b"".join(map(gzip.compress, records)))
    home = Home(folder / "home").make()
    bring(home, walk.profile_of(tiny_profile(walk.BASE, "paper")), file)
    return home, file


def lines_of(home: Home) -> list[bytes]:
    """Give the lines of the home's index but those of our own records."""
    lines = home.index("paper").read_bytes().splitlines(keepends=True)
    return [line for line in lines if not line.startswith(b"urn:")]


def test_the_home_s_index_is_that_of_the_file(brought: tuple[Home, Path]) -> None:
    """Method and body are part of the key: `index` of the file says the same of each capture."""
    home, file = brought
    of_file = sorted(line.replace(b'"filename": "', b'"filename": "imported/') for line in foreign_lines(file, print))
    of_home = lines_of(home)

    assert [line.split(b" {")[0] for line in of_file] == [line.split(b" {")[0] for line in of_home]
    assert [method for method, *_ in SENT].count("POST") == sum(b'"method": "POST"' in line for line in of_home)
    assert all(f'"requestBody": "{body}"'.encode() in b"".join(of_home) for body in ("q=other", "page=1&page.2_=2"))


def test_no_get_is_answered_with_them(brought: tuple[Home, Path]) -> None:
    """A page that was never asked for was never captured."""
    home, _ = brought
    with Room(home, {}) as room, client(room) as asked:
        got = asked.get(f"/web/2026/{ASK}", follow_redirects=True)
        posted = asked.post(f"/web/2026id_/{ASK}", content=b"q=other", headers={"Content-Type": FORM})
        listed = asked.get(f"/timemap/link/{ASK}")

    assert (404, 404) == (got.status_code, listed.status_code)
    assert (200, answer(1).partition(b"\r\n\r\n")[2]) == (posted.status_code, posted.content)


def test_they_are_no_captures_of_an_article(brought: tuple[Home, Path]) -> None:
    """What a click on a button sent to a page's address, or a HEAD of it, is not the page."""
    home, _ = brought
    with closing(open_to_read(home)) as ledger, ledger.read() as connection:
        assert 0 == queries.counts(connection, "paper").get("paper", {"captured": 0})["captured"]


def test_the_same_file_again_brings_nothing_and_all_is_whole(brought: tuple[Home, Path]) -> None:
    """The record has the address alone, the ledger also what was sent: they are held against each other."""
    home, file = brought
    bring(home, walk.profile_of(tiny_profile(walk.BASE, "paper")), file)

    assert len(SENT) == len(lines_of(home))
    assert verify_home(home).whole
