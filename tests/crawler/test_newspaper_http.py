"""The demonstration newspaper over HTTP: its pages and what they need, conditional requests, codings, planned faults."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.demo import answers
from crawler.demo.newspaper import Newspaper
from crawler.demo.pictures import picture
from crawler.demo.server import Server, serve
from crawler.demo.text import instalments

TOPIC = "/v2/content/getSpecialContent?special_id=special_901"


def fetch(server: Server, target: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask once, over a connection of its own; header names with _ for -."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def page_path(server: Server, subject: str) -> str:
    """Path of the web page of a subject."""
    return server.newspaper.standing(subject).instalment.path


# ---------------------------------------------------------------------------------------------------------------- pages


def test_a_page_holds_its_fields_where_the_profile_looks(newspaper: Server) -> None:
    """The CSS of the demonstration profile must find title, day, source and text."""
    one = newspaper.newspaper.standing("洛阳").instalment
    response, body = fetch(newspaper, one.path)
    page = html.fromstring(body.decode())

    assert response.status == 200
    assert page.xpath('string(//h1[@class="content-title"])') == one.title
    assert page.xpath('string(//span[@class="content-time"])') == "2018.08.31"
    assert page.xpath('string(//span[@class="content-source"])') == "澜川日报"
    assert page.xpath("string(//title)") == f"{one.title}-澜川日报客户端"
    assert all(paragraph in page.xpath('string(//div[@class="content-content"])') for paragraph in one.body)


def test_everything_that_a_page_needs_is_there(newspaper: Server) -> None:
    """Replay needs each image, style and script; one that is 404 at the source would look like a fault of ours."""
    needed = set()
    for standing in newspaper.newspaper.all():
        page = html.fromstring(fetch(newspaper, standing.instalment.path)[1].decode())
        needed |= {*page.xpath("//img/@src"), *page.xpath("//script/@src"), *page.xpath("//link/@href")}
        needed |= {size.split()[0] for sizes in page.xpath("//img/@srcset") for size in sizes.split(", ")}
    sheet = fetch(newspaper, "/static/css/main.css")[1].decode()
    needed |= {"/static/css/type.css", "/static/img/paper.png", "/static/img/rule.png"}

    assert re.findall(r"url\([\"']?([^)\"']+)", sheet) == ["type.css", "../img/paper.png", "../img/rule.png"]
    assert any("-2x." in target for target in needed)
    for target in needed:
        response, body = fetch(newspaper, target)
        assert (response.status, bool(body)) == (200, True), target


def test_list_pages_lead_from_one_to_the_next_until_all_are_named(newspaper: Server) -> None:
    """The list-page kind follows `next`; the chain must end and name each article once."""
    target, found = "/list/index.html", []
    while target:
        page = html.fromstring(fetch(newspaper, target)[1].decode())
        found += page.cssselect(".news-list li.news-item a")
        following = page.xpath('//a[@class="next"]/@href')
        target = f"/list/{following[0]}" if following else ""

    assert [link.get("href") for link in found] == [one.instalment.path for one in newspaper.newspaper.listed()]
    assert fetch(newspaper, "/list/index_9.html")[0].status == 404


def test_a_page_stands_under_its_short_address_too(newspaper: Server) -> None:
    """The client changed its paths in 2019; both forms give the same bytes."""
    short = "/content/2018/0820/38294.html"

    assert fetch(newspaper, page_path(newspaper, "郑州"))[1] == fetch(newspaper, short)[1]


# ------------------------------------------------------------------------------------------------------------- pictures


@given(st.text(alphabet="abcdef0123456789", min_size=1, max_size=8))
def test_a_png_is_whole(name: str) -> None:
    """Each chunk carries the checksum that its type and data have, and the rows fill the size that the head tells."""
    data, at, kinds, rows = picture(f"{name}.png"), 8, [], b""
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, crc = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        assert int.from_bytes(crc, "big") == zlib.crc32(kind + body)
        kinds.append(kind)
        rows += zlib.decompress(body) if kind == b"IDAT" else b""
        at += 12 + length

    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(rows) == 53 * (1 + 3 * 80)


def test_pictures_differ_by_name_and_not_by_call() -> None:
    """A payload kept once is only told from another if the bytes are other."""
    names = [one.picture(index) for one in instalments() for index in range(len(one.captions))]
    drawn = [picture(name) for name in names]
    picture.cache_clear()

    assert len(set(drawn)) == len(names)
    assert drawn == [picture(name) for name in names]


# ----------------------------------------------------------------------------------------------------------------- HTTP


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize(
    "target", ["/content/minsheng/shuibian/2018/0820/38294.html", "/static/css/main.css", "/favicon.ico"]
)
def test_what_has_not_changed_answers_304_without_a_body(newspaper: Server, target: str, coding: str) -> None:
    """An incremental crawl rests on it, by tag and by date, whatever the coding."""
    first, _ = fetch(newspaper, target, Accept_Encoding=coding)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    by_tag, body = fetch(newspaper, target, Accept_Encoding=coding, If_None_Match=f'"other", {tag}')
    by_date, _ = fetch(newspaper, target, Accept_Encoding=coding, If_Modified_Since=date)
    other, _ = fetch(newspaper, target, Accept_Encoding=coding, If_None_Match='"other"', If_Modified_Since=date)

    assert (first.status, by_tag.status, by_date.status, other.status) == (200, 304, 304, 200)
    assert body == b""
    assert by_tag.headers["ETag"] == tag


def test_answers_of_the_api_have_no_validators(newspaper: Server) -> None:
    """So nothing but the list's `updated` tells whether an article changed."""
    response, _ = fetch(newspaper, TOPIC)

    assert response.headers["ETag"] is response.headers["Last-Modified"] is None


def test_gzip_comes_when_asked_for_and_chunks_come_on_some(newspaper: Server) -> None:
    """Captures must hold both codings as they came."""
    even = page_path(newspaper, "开封")
    plain, body = fetch(newspaper, even)
    coded, zipped = fetch(newspaper, even, Accept_Encoding="gzip, deflate")

    assert plain.headers["Transfer-Encoding"] == coded.headers["Transfer-Encoding"] == "chunked"
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped) == body
    assert fetch(newspaper, page_path(newspaper, "郑州"))[0].headers["Content-Length"]


def test_a_connection_is_kept_and_pipelined_requests_are_answered_in_order(newspaper: Server) -> None:
    """One connection for a series is polite; a server that drops it would hide faults of reuse."""
    connection = http.client.HTTPConnection(newspaper.url.removeprefix("http://"))
    connection.connect()
    connection.sock.sendall(b"HEAD /robots.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n")
    connection.sock.sendall(b"GET /favicon.ico HTTP/1.0\r\n\r\n")
    received = b"".join(iter(lambda: connection.sock.recv(65536), b""))
    connection.close()

    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b"User-agent: *") == 1
    assert [(asked.method, asked.target) for asked in newspaper.requests] == [
        ("HEAD", "/robots.txt"), ("GET", "/robots.txt"), ("GET", "/favicon.ico"),
    ]  # fmt: skip


def test_the_log_tells_what_was_asked(newspaper: Server) -> None:
    """Tests of politeness and of conditional requests read it."""
    fetch(newspaper, "/robots.txt", User_Agent="lianzai", If_None_Match='"x"')
    (asked,) = newspaper.requests

    assert (asked.method, asked.target, asked.status) == ("GET", "/robots.txt", 200)
    assert asked.header("user-agent") == "lianzai"
    assert newspaper.targets("/robots") == ["/robots.txt"]


def test_what_is_neither_get_nor_head_is_refused(newspaper: Server) -> None:
    """An archiver that posts has a fault; the newspaper says so."""
    assert fetch(newspaper, "/robots.txt", "POST")[0].status == 405


def test_a_closed_newspaper_refuses_connections() -> None:
    """A site that is down is a case of its own, and a port must not stay taken."""
    server = serve(Newspaper())
    server.close()
    server.close()

    with pytest.raises(ConnectionRefusedError):
        fetch(server, "/")


def test_an_edited_page_has_a_new_tag_even_if_the_list_says_nothing(newspaper: Server) -> None:
    """The conditional recheck is what finds a quiet edit."""
    path = page_path(newspaper, "洛阳")
    before, _ = fetch(newspaper, path)
    newspaper.newspaper.edit_quietly("洛阳")
    headers = {"If_None_Match": before.headers["ETag"], "If_Modified_Since": before.headers["Last-Modified"]}
    after, _ = fetch(newspaper, path, **headers)

    assert after.status == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.headers["Last-Modified"] != before.headers["Last-Modified"]


# --------------------------------------------------------------------------------------------------------------- faults


def test_planned_faults_come_as_often_as_planned_and_then_no_more(newspaper: Server) -> None:
    """A crawl that tries again must find the site well again."""
    newspaper.fail("/robots.txt", 500, times=2)
    newspaper.fail("/v2/*", answers.too_many("7"))
    robots = [fetch(newspaper, "/robots.txt")[0].status for _ in range(3)]
    limited = [fetch(newspaper, TOPIC)[0] for _ in range(2)]

    assert robots == [500, 500, 200]
    assert [response.status for response in limited] == [429, 200]
    assert limited[0].headers["Retry-After"] == "7"


def test_a_fault_without_number_lasts_until_it_is_healed(newspaper: Server) -> None:
    """times=0: all answers that follow."""
    newspaper.fail("/", 503, times=0)
    during = [fetch(newspaper, "/")[0].status for _ in range(4)]
    newspaper.site.heal()

    assert during == [503] * 4
    assert fetch(newspaper, "/")[0].status == 200


def test_an_html_page_and_an_empty_answer_come_with_status_200(newspaper: Server) -> None:
    """Both look well to who only reads the status."""
    newspaper.fail(TOPIC, answers.html_page)
    newspaper.fail(TOPIC, answers.empty_info)
    page, empty = fetch(newspaper, TOPIC), fetch(newspaper, TOPIC)

    assert (page[0].status, empty[0].status) == (200, 200)
    assert page[1].startswith(b"<!DOCTYPE html>")
    assert json.loads(empty[1]) == {"Status": 1, "Info": []}


@pytest.mark.parametrize("subject", ["郑州", "开封"], ids=["by length", "by chunks"])
def test_a_cut_body_ends_before_its_end(newspaper: Server, subject: str) -> None:
    """Both framings tell the client that bytes are missing."""
    newspaper.fail("/content/*", answers.cut_body)

    with pytest.raises(http.client.IncompleteRead):
        fetch(newspaper, page_path(newspaper, subject))


def test_a_reset_gives_no_byte(newspaper: Server) -> None:
    """Seen by the client as a reset, and in the log as status 0."""
    newspaper.fail("/robots.txt", answers.reset)

    with pytest.raises(ConnectionResetError):
        fetch(newspaper, "/robots.txt")
    assert newspaper.requests[-1].status == 0


def test_a_stalled_answer_does_not_stop_the_others(newspaper: Server) -> None:
    """One silent address must not be the whole site's silence; closing the server ends it."""
    newspaper.fail("/robots.txt", answers.stall)
    connection = http.client.HTTPConnection(newspaper.url.removeprefix("http://"))
    connection.request("GET", "/robots.txt")

    assert fetch(newspaper, "/favicon.ico")[0].status == 200
    newspaper.close()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
