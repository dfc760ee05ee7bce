"""What others asked with a body, or otherwise than by GET, is not what a GET gives: in index, ledger and replay."""

from __future__ import annotations

import base64
import gzip
import json
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
import walk
from bringing import bring
from foreign_makers import answer, record
from rebuilder import rebuild
from replay_maker import client
from tiny import paths, tiny_profile

from archive.home import Home
from archive.index import foreign_lines
from archive.ledger import queries
from archive.ledger.store import open_to_read
from archive.verify import verify_home
from archive.views import articles
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


LIST = walk.BASE + "/api/list"
LISTED = f"""
[series]
id = "asked"
title = "渠"
[source]
kind = "json-api"
url = "{LIST}"
method = "POST"
body = '{{"topic": "river", "page": {{page}}, "size": 2}}'
items = "data"
fields = {{ url = "url", title = "title" }}
[fetch]
delay = 0
requisites = "none"
allow_private = true
[article]
title = "h1"
body = "div.content"
"""
WORDS = "清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺，水顺着渠道往下游走，先到苗圃，再到稻田。"


def asked_list(style: str, number: int) -> list[bytes]:
    """One page of the list and one article that it names, as a browser's crawl keeps them. style: how the request is told."""
    path = f"/a/{number}.html"
    rows = {"data": [{"url": path, "title": f"第{number}站"}] if number < 3 else []}
    told = json.dumps(rows, ensure_ascii=False).encode()
    body = b'{"size":2,"page":%d,"topic":"river"}' % number  # as a script writes it: no blanks, another order
    data = base64.b64encode(body).decode()
    url = LIST if style == "beside" else f"{LIST}?__wb_method=POST&__wb_post_data={quote(data, safe='')}"
    if style == "appended as a query":
        url = f"{LIST}?__wb_method=POST&size=2&page={number}&topic=river"
    kind = b"application/json;charset=UTF-8"
    ask = b"POST /api/list HTTP/1.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body
    page = f"<html><body><h1>第{number}站</h1><div class='content'><p>{WORDS}</p></div></body></html>".encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n"
    meta = json.dumps({"cert": {"ctc": "1"}, "fetchType": "fetch"})
    name = f"<urn:uuid:{style.replace(' ', '-')}{number}>"
    answered = record(
        "response", url.encode(), head % b"application/json" + told, WARC_Record_ID=name, WARC_JSON_Metadata=meta
    )
    told_of = url if style == "appended" else LIST
    sent = record(
        "request", told_of.encode(), ask, WARC_Concurrent_To=name, WARC_Record_ID=name.replace("uuid:", "uuid:q")
    )
    shown = record(
        "response", (walk.BASE + path).encode(), head % b"text/html; charset=utf-8" + page,
        WARC_Record_ID=name.replace("uuid:", "uuid:p"),
    )  # fmt: skip
    return [answered, *([] if style == "appended alone" else [sent]), shown]


@pytest.mark.parametrize("style", ["beside", "appended", "appended alone", "appended as a query"])
def test_a_list_that_was_asked_by_post_is_read(tmp_path: Path, style: str) -> None:
    """Whatever blanks, order and charset a browser gave its JSON, it is the page of the list that the profile asks for."""
    file = tmp_path / "asked.warc.gz"
    file.write_bytes(b"".join(gzip.compress(one) for number in (1, 2, 3) for one in asked_list(style, number)))
    home = Home(tmp_path / "home").make()
    bring(home, walk.profile_of(LISTED), file)

    with closing(open_to_read(home)) as ledger, ledger.read() as connection:
        found = [(one["title"], one["state"]) for one in articles(connection, "asked")]
    assert [("第1站", "captured"), ("第2站", "captured")] == found
    assert verify_home(home).whole
    before = walk.state_of(home)
    assert rebuild(home)[0].exit_code == 0
    assert before == walk.state_of(home)
    of_file = sorted(line.split(b" {")[0] for line in foreign_lines(file, print))
    of_home = [line.split(b" {")[0] for line in home.index("asked").read_bytes().splitlines() if line[:4] != b"urn:"]
    assert of_file == of_home
