"""The replay as RFC 7089 has it: TimeGate, mementos, TimeMaps; bytes, ranges, redirects, revisits."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from replay_maker import SERIES, MadeHome, client

from archive.index import cdxj_line, write_index
from archive.web.room import Room

URL = "http://paper.example/a/1.html"
FIRST, SECOND, LAST = "20180820020000", "20180901030000", "20190105040000"
FILM = bytes(range(256)) * 4000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A home whose captures are of 2018 and 2019, in two series and three WARCs."""
    maker = MadeHome(tmp_path_factory.mktemp("replay") / "home")
    one = maker.file(1)
    first = maker.put(one, URL, FIRST, "<title>一</title>第一稿".encode())
    maker.put(one, URL, "20180825000000", status=304, not_modified=maker.original(first))
    maker.put(one, URL, SECOND, "<title>二</title>第二稿".encode())
    maker.put(one, "http://paper.example/old", FIRST, status=302, head="Location: /a/1.html?x=\u00e9\r\n")
    maker.put(one, "http://paper.example/gone", FIRST, b"<p>gone", status=410)
    maker.put(one, "http://paper.example/Dir/", FIRST, b"<p>dir")
    maker.put(one, "http://paper.example/film.mp4", FIRST, FILM, mime="video/mp4")
    part = {"status": 206, "mime": "video/mp4"}
    maker.put(
        one,
        "http://paper.example/all.mp4",
        FIRST,
        FILM,
        head=f"Content-Range: bytes 0-{len(FILM) - 1}/{len(FILM)}\r\n",
        **part,
    )
    maker.put(
        one, "http://paper.example/part.mp4", FIRST, FILM[10:20], head="Content-Range: bytes 10-19/999\r\n", **part
    )
    packed = gzip.compress(b"<p>packed<img src=/p.png>", mtime=0)
    maker.put(
        one,
        "http://paper.example/packed",
        FIRST,
        packed,
        head="Content-Encoding: gzip\r\nSet-Cookie: id=1\r\nX-A: b\r\n",
    )
    chunks = b"3\r\n<p>\r\n5\r\nchunk\r\n0\r\n\r\n"
    maker.put(one, "http://paper.example/chunked", FIRST, chunks, head="Transfer-Encoding: chunked\r\n")
    maker.put(one, "http://moved.example/", FIRST, status=301, head="Location: https://moved.example/\r\n")
    maker.put(one, "https://moved.example/", FIRST, b"<p>moved")
    maker.put(one, "http://ring.example/", FIRST, status=301, head="Location: http://ring.example/\r\n")
    one.close()
    two = maker.file(2)
    again = maker.put(two, URL, LAST, "<title>一</title>第一稿".encode())
    two.close()
    other = maker.file(1, "other")
    maker.put(other, URL, "20181010000000", b"<p>other", series="other")
    other.close()
    with Room(maker.indexed(), {}) as room, client(room) as asked:
        yield SimpleNamespace(ask=asked.get, head=asked.head, maker=maker, again=again, first=first, room=room)


def links(response: Any) -> dict[str, str]:
    """Read a Link header: relation -> address; of a memento with its date behind it."""
    found = {}
    for address, relation, date in re.findall(
        r'<([^>]*)>; rel="([^"]*)"(?:; type="[^"]*")?(?:; datetime="([^"]*)")?', response.headers["Link"]
    ):
        for one in relation.split():
            found.setdefault(one, f"{address} {date}".strip())
    return found


def test_a_timegate_sends_to_the_nearest_capture(made):
    """RFC 7089, 4.2.1."""
    answer = made.ask(f"/web/{URL}", headers={"Accept-Datetime": "Sun, 02 Sep 2018 00:00:00 GMT"})

    assert 302 == answer.status_code
    assert answer.headers["Location"].endswith(f"/web/{SECOND}/{URL}")
    assert "accept-datetime" == answer.headers["Vary"].lower()
    assert "Memento-Datetime" not in answer.headers
    assert URL == links(answer)["original"]
    assert links(answer)["timemap"].endswith(f"/timemap/link/{URL}")


def test_a_timegate_that_is_told_no_time_sends_to_the_last(made):
    """RFC 7089, 4.5.1: no Accept-Datetime asks for the most recent."""
    assert made.ask(f"/web/{URL}").headers["Location"].endswith(f"/web/{LAST}/{URL}")


@pytest.mark.parametrize(
    "wish", ["yesterday", "2018-09-02", "Sun, 31 Feb 2018 00:00:00 GMT", "Sun, 02 Sep 2018 00:00:00 CET", ""]
)
def test_a_timegate_refuses_what_is_no_date(made, wish):
    """RFC 7089, 4.5.3: with the headers that each answer of a TimeGate has."""
    answer = made.ask(f"/web/{URL}", headers={"Accept-Datetime": wish})

    assert 400 == answer.status_code
    assert "expected a date such as" in answer.text
    assert "accept-datetime" in answer.headers["Vary"].lower()
    assert {"original", "timegate", "timemap"} <= links(answer).keys()


def test_a_timegate_says_that_its_answers_differ_by_time(made):
    """RFC 7089, 2.1.2: Vary also where there is nothing, else a cache gives that to who asks for another time."""
    found, never = made.ask(f"/web/{URL}"), made.ask(f"/web/{URL}/never")

    assert (302, 404) == (found.status_code, never.status_code)
    assert all("accept-datetime" in one.headers["Vary"].lower() for one in (found, never))
    assert "Memento-Datetime" not in found.headers


def test_what_was_never_captured_is_not_found(made):
    """By any of the addresses."""
    url = "http://paper.example/never"

    answers = [
        made.ask(f"{place}/{url}").status_code
        for place in ("/web", f"/web/{FIRST}", f"/web/{FIRST}id_", f"/web/{FIRST}da_")
    ]
    answers += [made.ask(f"{place}/{url}").status_code for place in ("/web/*", "/timemap/link", "/timemap/json")]

    assert [404] * 7 == answers


@pytest.mark.parametrize("time", ["1", "201", "20181301000000", "20180230", "20180820996000"])
def test_a_time_that_is_none_is_refused(made, time):
    """Not answered by some capture."""
    assert 400 == made.ask(f"/web/{time}/{URL}").status_code


def test_a_memento_tells_its_time_and_its_neighbours(made):
    """RFC 7089, 2.1 and 2.2; the 304 of August is none, the capture of the other series is."""
    answer = made.ask(f"/web/{SECOND}/{URL}")
    told = links(answer)

    assert 200 == answer.status_code
    assert "Sat, 01 Sep 2018 03:00:00 GMT" == answer.headers["Memento-Datetime"]
    assert (URL, f"http://127.0.0.1:8080/web/{URL}") == (told["original"], told["timegate"])
    assert told["first"] == told["prev"] == f"http://127.0.0.1:8080/web/{FIRST}/{URL} Mon, 20 Aug 2018 02:00:00 GMT"
    assert "/web/20181010000000/" in told["next"]
    assert f"/web/{LAST}/" in told["last"]
    assert "第二稿" in answer.text


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("2019", LAST),
        ("201809", SECOND),
        ("20180824235959", FIRST),
        ("20180825000000", FIRST),
        ("1999", FIRST),
        ("20991231", LAST),
        ("2018082002", FIRST),
    ],
)
def test_another_time_leads_to_the_nearest_memento(made, time, found):
    """A year means one within it, a 304 is never the nearest."""
    answer = made.ask(f"/web/{time}/{URL}")

    assert (302, f"/web/{found}/{URL}") == (answer.status_code, answer.headers["Location"])


def test_a_page_needs_no_second_request_for_what_it_loads(made):
    """The nearest capture answers itself, and says which it is."""
    answer = made.ask(f"/web/20180902000000da_/{URL}")

    assert (200, f"/web/{SECOND}da_/{URL}") == (answer.status_code, answer.headers["Content-Location"])
    assert "Sat, 01 Sep 2018 03:00:00 GMT" == answer.headers["Memento-Datetime"]


def test_a_revisit_is_read_from_the_file_that_has_its_payload(made):
    """Identical payloads are kept once."""
    assert "revisit" == made.again.type
    assert made.again.file != made.first.file
    assert "第一稿" in made.ask(f"/web/{LAST}/{URL}").text
    assert made.ask(f"/web/{LAST}id_/{URL}").content == made.ask(f"/web/{FIRST}id_/{URL}").content


def test_the_bytes_are_those_that_were_captured(made):
    """The digest of the record is the digest of the answer; what the server said stands apart and does nothing."""
    answer = made.ask(f"/web/{FIRST}id_/http://paper.example/packed")

    assert f'"sha256:{hashlib.sha256(answer.content).hexdigest()}"' == answer.headers["ETag"]
    assert b"<p>packed<img src=/p.png>" == gzip.decompress(answer.content)
    assert ("gzip", "id=1", "b") == tuple(
        answer.headers[f"x-archive-orig-{name}"] for name in ("content-encoding", "set-cookie", "x-a")
    )
    assert not {"set-cookie", "x-a", "content-encoding"} & set(answer.headers)
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_codings_are_undone_where_a_page_is_shown(made):
    """A page is rewritten as text."""
    answer = made.ask(f"/web/{FIRST}/http://paper.example/packed")

    assert f'<p>packed<img src="/web/{FIRST}da_/http://paper.example/p.png">' == answer.text
    assert not {"set-cookie", "x-a"} & set(answer.headers)
    assert "<p>chunk" == made.ask(f"/web/{FIRST}/http://paper.example/chunked").text
    assert b"<p>chunk" == made.ask(f"/web/{FIRST}id_/http://paper.example/chunked").content


def test_an_archived_redirect_leads_on_in_the_archive(made):
    """At the time of the redirect, whatever else its head holds."""
    answer = made.ask(f"/web/{FIRST}/http://paper.example/old")

    assert 302 == answer.status_code
    assert f"/web/{FIRST}/http://paper.example/a/1.html?x=%E9" == answer.headers["Location"]
    assert "Memento-Datetime" in answer.headers


def test_a_redirect_to_https_is_no_ring(made):
    """http and https share a key, and here a second."""
    answer = made.ask(f"/web/{FIRST}/http://moved.example/")
    behind = made.ask(answer.headers["Location"])

    assert (301, f"/web/{FIRST}/https://moved.example/") == (answer.status_code, answer.headers["Location"])
    assert (200, "<p>moved") == (behind.status_code, behind.text)
    assert 404 == made.ask(f"/web/{FIRST}/http://ring.example/").status_code


def test_an_archived_error_has_its_own_status(made):
    """It is a memento like any other."""
    answer = made.ask(f"/web/{FIRST}/http://paper.example/gone")

    assert (410, "<p>gone") == (answer.status_code, answer.text)
    assert "Memento-Datetime" in answer.headers


def test_another_spelling_leads_to_the_address_that_was_captured(made):
    """Not shown as if it were the same: the reader sees which it is."""
    assert made.ask("/web/2018/http://paper.example/dir").headers["Location"].endswith("/http://paper.example/Dir/")
    assert made.ask("/web/http://paper.example/dir").headers["Location"].endswith("/web/http://paper.example/Dir/")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=1000000-", 1000000, len(FILM) - 1), ("bytes=-5", len(FILM) - 5, len(FILM) - 1)],
)
@pytest.mark.parametrize("mode", ["", "da_", "id_"])
def test_a_film_is_given_in_ranges(made, mode, asked, first, last):
    """RFC 9110, 14: without it no browser can seek."""
    answer = made.ask(f"/web/{FIRST}{mode}/http://paper.example/film.mp4", headers={"Range": asked})

    assert (206, FILM[first : last + 1]) == (answer.status_code, answer.content)
    assert f"bytes {first}-{last}/{len(FILM)}" == answer.headers["Content-Range"]


@pytest.mark.parametrize("mode", ["da_", "id_", "mp_"])
def test_a_film_that_was_captured_in_ranges_is_played(made, mode):
    """Browsers ask for films by ranges, so do crawls that use one: the whole as one is a film, a part says which it is."""
    whole = made.ask(f"/web/{FIRST}{mode}/http://paper.example/all.mp4")
    middle = made.ask(f"/web/{FIRST}{mode}/http://paper.example/all.mp4", headers={"Range": "bytes=5-9"})
    part = made.ask(f"/web/{FIRST}{mode}/http://paper.example/part.mp4", headers={"Range": "bytes=0-3"})

    assert (200, FILM) == (whole.status_code, whole.content)
    assert (206, FILM[5:10]) == (middle.status_code, middle.content)
    assert f"bytes 5-9/{len(FILM)}" == middle.headers["Content-Range"]
    assert (206, FILM[10:20], "bytes 10-19/999") == (part.status_code, part.content, part.headers["Content-Range"])


@pytest.mark.parametrize(
    ("theirs", "ours"), [("if_", "mp_"), ("im_", "da_"), ("js_", "da_"), ("oe_", "da_"), ("fw_", "fr_")]
)
def test_links_of_other_archives_lead_here_too(made, theirs, ours):
    """A citation keeps its mode when only the host of the archive in it is changed."""
    answers = [made.ask(f"/web/{FIRST}{mode}/{URL}") for mode in (theirs, ours)]

    assert [200, 200] == [one.status_code for one in answers]
    assert answers[0].content == answers[1].content


def test_what_came_in_chunks_has_ranges_too(made):
    """Many servers send films so; how long they are is known when they are read."""
    address = f"/web/{FIRST}da_/http://paper.example/chunked"
    middle = made.ask(address, headers={"Range": "bytes=1-3"})
    behind = made.ask(address, headers={"Range": "bytes=8-"})

    assert (206, b"p>c", "bytes 1-3/8") == (middle.status_code, middle.content, middle.headers["Content-Range"])
    assert (416, "bytes */8") == (behind.status_code, behind.headers["Content-Range"])
    assert b"<p>chunk" == made.ask(address).content


def test_ranges_that_cannot_be_are_told(made):
    """Behind the end 416; what is no range of one part, or is of other bytes, gets all."""
    url = f"/web/{FIRST}da_/http://paper.example/film.mp4"
    etag = made.head(url).headers["ETag"]

    assert (416, f"bytes */{len(FILM)}") == (
        (answer := made.ask(url, headers={"Range": "bytes=9999999-"})).status_code,
        answer.headers["Content-Range"],
    )
    assert [200, 200, 206] == [
        made.ask(url, headers=headers).status_code
        for headers in (
            {"Range": "bytes=0-1,4-5"},
            {"Range": "bytes=0-1", "If-Range": '"other"'},
            {"Range": "bytes=0-1", "If-Range": etag},
        )
    ]


@pytest.mark.parametrize(
    "place",
    [
        f"/web/{FIRST}/{URL}",
        f"/web/{FIRST}id_/{URL}",
        f"/web/{URL}",
        f"/web/{FIRST}da_/http://paper.example/film.mp4",
        f"/timemap/link/{URL}",
        f"/cdx?url={URL}",
    ],
)
def test_head_tells_the_same_without_a_body(made, place):
    """RFC 9110, 9.3.2."""
    got, head = made.ask(place), made.head(place)

    assert (got.status_code, b"") == (head.status_code, head.content)
    for name in ("Memento-Datetime", "Link", "Location", "Content-Type"):
        assert got.headers.get(name) == head.headers.get(name)


def test_a_timemap_names_all_mementos(made):
    """RFC 7089, 5, and the same as JSON."""
    answer, told = made.ask(f"/timemap/link/{URL}"), made.ask(f"/timemap/json/{URL}").json()
    times = [FIRST, SECOND, "20181010000000", LAST]

    assert "application/link-format" == answer.headers["Content-Type"].partition(";")[0]
    assert times == re.findall(r"/web/(\d{14})/", answer.text)
    assert (
        f'<http://127.0.0.1:8080/web/{FIRST}/{URL}>; rel="first memento"; datetime="Mon, 20 Aug 2018 02:00:00 GMT"'
        in answer.text
    )
    assert (
        'rel="self"; type="application/link-format"; from="Mon, 20 Aug 2018 02:00:00 GMT"; until="Sat, 05 Jan 2019 04:00:00 GMT"'
        in answer.text
    )
    assert (URL, times) == (
        told["original_uri"],
        [re.findall(r"\d{14}", one["uri"])[0] for one in told["mementos"]["list"]],
    )
    assert "2018-08-20T02:00:00Z" == told["mementos"]["first"]["datetime"]


def test_a_new_index_is_seen_at_once(made, tmp_path):
    """A crawl goes on while the replay runs."""
    maker = MadeHome(tmp_path / "home")
    writer = maker.file()
    first = maker.put(writer, URL, FIRST, b"one")
    write_index(maker.home.index(SERIES), [cdxj_line(first)])
    with Room(maker.home, {}) as room, client(room) as asked:
        before = asked.get(f"/web/{URL}").headers["Location"]
        second = maker.put(writer, URL, LAST, b"two")
        write_index(maker.home.index(SERIES), [cdxj_line(first), cdxj_line(second)])
        after = asked.get(f"/web/{URL}").headers["Location"]
        text = asked.get(after).text  # of a WARC that is still being written

    assert [FIRST, LAST] == [re.findall(r"\d{14}", one)[0] for one in (before, after)]
    assert "two" == text


def test_a_record_that_is_missing_or_damaged_is_said_to_be(made, tmp_path):
    """Never another capture in its place, never a page that only seems whole."""
    maker = MadeHome(tmp_path / "home")
    writer = maker.file()
    maker.put(writer, URL, FIRST, b"x" * 5000)
    path = writer.close()[0].path
    octets = bytearray(path.read_bytes())
    octets[-20] ^= 1
    path.write_bytes(octets)
    with Room(maker.indexed(), {}) as room, client(room) as asked:
        damaged = asked.get(f"/web/{FIRST}/{URL}").status_code
        path.unlink()
        missing = asked.get(f"/web/{FIRST}/{URL}")

    assert [502, 502] == [damaged, missing.status_code]
    assert "not in the home" in missing.text
