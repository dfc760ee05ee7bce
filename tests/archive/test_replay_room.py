"""The frame of the reading room and what is beside /web/: who may ask, in which language, the index, the calendar, packages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_maker import MadeHome, client

from archive.index import Index
from archive.web.guard import Guard
from archive.web.room import Room

SITE, MORE = "http://paper.example", "http://more.example"
URL = f"{SITE}/a/1.html"
FIRST, SECOND, FAILED, LAST = "20180820020000", "20180901030000", "20180903000000", "20190105040000"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A home with captures under several addresses and hosts, and a package."""
    maker = MadeHome(tmp_path_factory.mktemp("room") / "home")
    writer = maker.file()
    first = maker.put(writer, URL, FIRST, b"one")
    maker.put(writer, URL, SECOND, b"two")
    maker.put(writer, URL, "20180902000000", status=304, not_modified=maker.original(first))
    maker.put(writer, URL, FAILED, b"<script>alert(1)</script>", status=503)
    maker.put(writer, URL, LAST, b"two")
    maker.put(writer, f"{SITE}/a/2.html", FIRST, b"x")
    maker.put(writer, f"{SITE}/ab", FIRST, b"x")
    maker.put(writer, "http://news.paper.example:8080/", FIRST, b"x")
    maker.put(writer, "http://paperexample.example/", FIRST, b"x")
    maker.put(writer, f"{SITE}/t", FIRST, b"<title><b>\xe6\xb4\x9b</b>\"'&amp;</title>")
    maker.put(writer, f"{MORE}/data.json?id=7&_=1534730400000", FIRST, b"{}", mime="application/json")
    hidden = b"<!-- <meta http-equiv=refresh content='0;url=/a'> --><script>'<meta http-equiv=refresh content=0;url=/b>'</script>"
    maker.put(writer, f"{MORE}/on", FIRST, hidden + b"<meta content='1; url=ab' http-equiv=refresh>")
    maker.put(writer, f"{MORE}/itself", FIRST, b"<meta http-equiv=refresh content='0; url=/itself'>")
    writer.close()
    home = maker.indexed()
    (home.root / "wacz").mkdir()
    (home.root / "wacz" / "paper.wacz").write_bytes(bytes(range(200)))
    (home.root / "secret.wacz").write_bytes(b"hidden words")
    (home.root / "wacz" / "linked.wacz").symlink_to(home.root / "secret.wacz")
    with Room(home, {}) as room, client(room) as asked:
        yield SimpleNamespace(
            ask=asked.get, client=asked, index=home.index("paper").read_bytes().splitlines(), home=home, room=room
        )


def addresses(answer: Any) -> list[str]:
    """Give the addresses that lines of an index tell."""
    return [json.loads(line.split(" ", 2)[2])["url"] for line in answer.text.splitlines()]


# ------------------------------------------------------------------------------------------------------------- who asks


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "",
        "a b",
        "[::1",
        "127.0.0.1:x",
        "127.1",
        "2130706433",
        "127.0.0.1.nip.example",
        "localhost:8080@evil.example",
        "[fe80::1%25eth0]",
        "evil.example.",
    ],
)
@pytest.mark.parametrize("place", ["/web/x", f"/web/{FIRST}/{URL}", "/static/style.css", f"/cdx?url={URL}"])
def test_a_name_that_is_not_ours_is_refused(made, host, place):
    """Else a page of another site reads all, once its name points here."""
    answer = made.ask(place, headers={"Host": host})

    assert 400 == answer.status_code
    assert "one" not in answer.text


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "localhost",
        "[::1]:8080",
        "192.168.1.7",
        "a.localhost:80",
        "Archive.LAN",
        "archive.lan.",
        "127.0.0.1.",
        "localhost.:8080",
        "[::ffff:127.0.0.1]:80",
    ],
)
def test_names_that_are_ours_are_answered(made, host):
    """An address in digits needs no name server that could lie."""
    assert Guard(made.client.app, ["archive.lan"]).knows(host)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_nothing_can_be_changed(made, method):
    """It is read-only."""
    answers = [made.client.request(method, place) for place in ("/", "/search", f"/timemap/link/{URL}", "/webs")]
    if method != "POST":  # below /web/ that is a question (test_replay_sent.py)
        answers.append(made.client.request(method, f"/web/{FIRST}/{URL}"))

    assert {405} == {one.status_code for one in answers}


@pytest.mark.parametrize(
    "place",
    [
        "/web/../../etc/passwd",
        "/web/20180820020000/file:///etc/passwd",
        "/static/../room.py",
        "/static/%2e%2e/room.py",
        "/wacz/..%2fsecret.wacz",
        "/wacz/linked.wacz",
        "/wacz/none.wacz",
        "/web/%00",
        "/web/20180820020000id_/http://paper.example/%00%0d%0aSet-Cookie:x",
        "/web/http://[::1",
        "/web/20180820020000/http://paper.example/a%0d%0aX:%20y",
        "/web/%e6%b4%9b",
        "/cdx?url=%00%ff",
        "/web/*/%00",
        "/timemap/link/%0a",
    ],
)
def test_odd_addresses_reach_no_file_and_no_header(made, place):
    """NUL, dots, line ends, addresses that are none."""
    answer = made.ask(place)

    assert answer.status_code in (200, 302, 400, 404)
    assert "hidden words" not in answer.text
    assert "root:" not in answer.text
    assert "set-cookie" not in answer.headers
    assert "x" not in answer.headers


@given(st.binary(max_size=40))
def test_no_address_is_a_bug(made, octets):
    """Whatever bytes come, escaped or not."""
    path = "".join(
        chr(octet) if 33 <= octet < 127 and octet not in b'#"<>\\^`{|}?' else f"%{octet:02x}" for octet in octets
    )
    for place in ("/web/", f"/web/{FIRST}id_/", "/timemap/json/", "/cdx?url=", "/web/*/"):
        assert made.ask(place + path).status_code in (200, 302, 303, 400, 404)


def test_a_service_worker_gets_nothing(made):
    """It would stand between the reader and the archive."""
    assert 403 == made.ask(f"/web/{FIRST}da_/{URL}", headers={"Service-Worker": "script"}).status_code


# ------------------------------------------------------------------------------------------------------- the page around


BROWSER = {"Sec-Fetch-Dest": "document", "Upgrade-Insecure-Requests": "1", "Accept-Language": "zh"}


@pytest.mark.parametrize("headers", [BROWSER, {"Upgrade-Insecure-Requests": "1"}])
def test_a_browser_gets_the_banner_and_the_memento_in_a_sandbox(made, headers):
    """On plain http too, where it tells less."""
    answer = made.ask(f"/web/{SECOND}/{URL}", headers=headers)

    assert f'src="/web/{SECOND}mp_/{URL}"' in answer.text
    assert "allow-scripts" not in answer.text
    assert "Memento-Datetime" in answer.headers
    assert "frame-src 127.0.0.1:8080/web/" in answer.headers["Content-Security-Policy"]
    assert f'href="/web/{FIRST}/{URL}" rel="prev"' in answer.text
    assert f'href="/web/{FAILED}/{URL}" rel="next"' in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Dest": "iframe", "Upgrade-Insecure-Requests": "1"}, {"Sec-Fetch-Dest": "image"}]
)
def test_all_others_get_the_memento(made, headers):
    """Programs, and the frame itself."""
    answer = made.ask(f"/web/{SECOND}/{URL}", headers=headers)

    assert "two" == answer.text
    assert answer.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-same-origin" not in answer.headers["Content-Security-Policy"]


def test_an_archived_error_keeps_its_status_in_the_banner(made):
    """And says that it was the site's."""
    answer = made.ask(f"/web/{FAILED}/{URL}", headers=BROWSER)

    assert 503 == answer.status_code
    assert "网站当时报错" in answer.text


def test_titles_are_escaped(made):
    """Archived markup never stands in a page of ours."""
    answer = made.ask(f"/web/{FIRST}/{SITE}/t", headers=BROWSER)

    assert "&lt;b&gt;洛&lt;/b&gt;&#34;&#39;&amp;" in answer.text
    assert "<b>洛" not in answer.text


def test_scripted_pages_alone_are_led_back_into_the_banner(made):
    """Alone they could lead the window to the live web."""
    answer = made.ask(f"/web/{SECOND}ms_/{URL}", headers=BROWSER)

    assert (302, f"/web/{SECOND}sc_/{URL}") == (answer.status_code, answer.headers["Location"])


def test_the_language_is_chosen_beside_the_archived_address(made):
    """A query below /web/ is the newspaper's own."""
    page = made.ask(f"/web/*/{URL}", headers={"Accept-Language": "en"})
    chosen = made.ask(f"/lang?lang=zh&to=/web/*/{URL}")

    assert "Captures of an address" in page.text
    assert (303, f"/web/*/{URL}") == (chosen.status_code, chosen.headers["Location"])
    assert "lang=zh" in chosen.headers["Set-Cookie"]
    assert [400, 400, 400] == [
        made.ask(f"/lang?lang=zh&to={to}").status_code for to in ("//evil.example/", "https://evil.example/", "/x")
    ]


def test_a_number_against_caches_does_not_hide_an_answer(made):
    """A script asks with another one each time; an article's number is none of these."""
    answer = made.ask(f"/web/{FIRST}da_/{MORE}/data.json?id=7&_=1770000000000")

    assert (302, f"/web/{FIRST}da_/{MORE}/data.json?id=7&_=1534730400000") == (
        answer.status_code,
        answer.headers["Location"],
    )
    assert 404 == made.ask(f"/web/{FIRST}da_/{MORE}/data.json?id=8&_=1770000000000").status_code
    assert 404 == made.ask(f"/web/{FIRST}/{MORE}/data.json?id=7&_=1770000000000").status_code


def test_a_page_that_sends_on_is_followed_by_the_banner(made):
    """In the sandbox it cannot by itself; not where a comment or a script says so, and not to itself."""
    page = made.ask(f"/web/{FIRST}/{MORE}/on", headers=BROWSER).text
    itself = made.ask(f"/web/{FIRST}/{MORE}/itself", headers=BROWSER).text

    assert f'<meta http-equiv="refresh" content="1; url=/web/{FIRST}/{MORE}/ab">' in page
    assert "refresh" not in itself


# ------------------------------------------------------------------------------------------------------------- calendar


def test_the_calendar_shows_every_capture(made):
    """Those that say nothing new and the errors too; a 304 is the same as before."""
    page = made.ask(f"/web/2018*/{URL}", headers={"Accept-Language": "zh"}).text

    assert 4 == page.count('<tr id="c')
    assert ["captured", "revised", "same", "failed"] == [
        kind for kind in ("captured", "revised", "same", "failed") if f'cell is-{kind}" href="#c' in page
    ]
    assert f'href="/web/{FIRST}/{URL}"' in page
    assert f'href="/web/2019*/{URL}"' in page
    assert f'<tr id="c{LAST}"' in made.ask(f"/web/*/{URL}").text
    assert f"/web/*/{URL}" == made.ask(f"/web/*/{SITE}/A/1.HTML/").headers["Location"]


def test_the_form_of_the_calendar_leads_to_an_address(made):
    """Without a script."""
    answer = made.ask("/web/*/", params={"url": "paper.example/洛 a"})

    assert (303, "/web/*/http://paper.example/%E6%B4%9B%20a") == (answer.status_code, answer.headers["Location"])
    assert 200 == made.ask("/web/*/").status_code


# ---------------------------------------------------------------------------------------------------------------- index


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"url={URL}", [URL] * 5),
        (f"url={SITE}/a/&matchType=prefix", [URL] * 5 + [f"{SITE}/a/2.html"]),
        (f"url={SITE}/a*", [URL] * 5 + [f"{SITE}/a/2.html", f"{SITE}/ab"]),
        ("url=paper.example&matchType=host", [URL] * 5 + [f"{SITE}/a/2.html", f"{SITE}/ab", f"{SITE}/t"]),
        ("url=paper.example&matchType=host&to=20180819", []),
        ("url=*.paper.example", [URL] * 5 + [f"{SITE}/a/2.html", f"{SITE}/ab", f"{SITE}/t", "http://news.paper.example:8080/"]),
        (f"url={URL}&limit=2", [URL] * 2),
        (f"url={URL}&limit=0", []),
        (f"url={URL}&from=2018090103&to=20180902", [URL] * 2),
        (f"url={SITE}/none", []),
    ],
)  # fmt: skip
def test_the_index_is_asked_as_a_cdx_server(made, query, found):
    """Lines as they stand in the file, oldest first."""
    answer = made.ask(f"/cdx?{query}")

    assert sorted(found) == sorted(addresses(answer))
    assert set(answer.content.splitlines()) <= set(made.index)
    assert answer.content.splitlines() == sorted(answer.content.splitlines())


def test_the_index_as_json_is_an_object_a_line(made):
    """With key and time among the rest."""
    told = [json.loads(line) for line in made.ask(f"/cdx?url={URL}&output=json").text.splitlines()]

    assert [FIRST, SECOND] == [one["timestamp"] for one in told[:2]]
    assert "example,paper)/a/1.html" == told[0]["urlkey"]


@pytest.mark.parametrize(
    "query",
    [
        "", "url=", "url=*", f"url={URL}&matchType=fuzzy", f"url={URL}&limit=x", f"url={URL}&limit=-", f"url={URL}&limit=-100001",
        f"url={URL}&from=x", f"url={URL}&output=xml", f"url={URL}&collapse=digest", f"url={URL}&filter=status",
        f"url={URL}&filter=none:1", f"url={URL}&filter=~status:(", f"url={URL}&filter=~url:(a)\\1", f"url={URL}&sort=up",
        f"url={URL}&filter=~url:\\pL{{300}}", f"url={URL}&filter=~url:(?=a)a", f"url={URL}&sort=closest",
        f"url={SITE}/a*&sort=reverse", f"url={URL}&filter=~url:" + "a" * 201,
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_understood_is_refused(made, query):
    """Not answered as if it were another; what was expected is said as text, for programs ask here."""
    answer = made.ask(f"/cdx?{query}")

    assert 400 == answer.status_code
    assert "text/plain; charset=utf-8" == answer.headers["Content-Type"]
    assert "expected" in answer.text or "known" in answer.text or "no regex" in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=-2", [FAILED, LAST]),
        ("limit=-9", [FIRST, SECOND, "20180902000000", FAILED, LAST]),
        ("sort=reverse&limit=2", [LAST, FAILED]),
        ("sort=reverse&limit=-1", [FIRST]),
        ("sort=closest&closest=20180902&limit=3", ["20180902000000", SECOND, FAILED]),
        ("closest=2019&limit=1", [LAST]),
        ("filter=status:50", [FAILED]),
        ("filter==status:50", []),
        ("filter=!statuscode:3&filter=!=status:503&limit=2", [FIRST, SECOND]),
        ("filter=~status:[35]0[0-9]", ["20180902000000", FAILED]),
        ("filter=~timestamp:2018.*&filter=!~mimetype:warc.*", [FIRST, SECOND, FAILED]),
        ("filter=~url:(.*/)*1[.]html&filter=!~url:(a|a)*.*b&filter=~status:(?:3..|5..)", ["20180902000000", FAILED]),
        ("filter=method:POST", []),
    ],
)
def test_filters_and_orders_are_those_of_cdx_servers(made, query, found):
    """As pywb and wayback-cdx-server have them; what is sorted is cut afterwards."""
    told = [json.loads(line) for line in made.ask(f"/cdx?url={URL}&output=json&{query}").text.splitlines()]

    assert found == [one["timestamp"] for one in told]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=60), st.sampled_from("abcd"))
def test_halving_finds_what_reading_all_finds(tmp_path_factory, lines, wanted):
    """Whatever the lines, whoever stands first or last."""
    folder = tmp_path_factory.mktemp("index")
    rest = '{"url": "u", "offset": "0", "length": "1", "filename": "f"}'
    for series, keep in (("one", 0), ("two", 1)):
        told = sorted({f"e)/{key} 201801010000{second:02} {rest}\n" for key, second in lines if second % 2 == keep})
        (folder / f"{series}.cdxj").write_text("".join(told))
    everything = sorted({f"e)/{key} 201801010000{second:02} {rest}\n" for key, second in lines})

    found = [line.decode() for line in Index(folder).captures(f"http://e/{wanted}").raw()]

    assert [line for line in everything if line.startswith(f"e)/{wanted} ")] == found


# ------------------------------------------------------------------------------------------------------------- packages


def test_a_package_is_read_in_ranges_from_another_site(made):
    """ReplayWeb.page reads its index at the end first; the browser asks before."""
    preflight = made.client.options(
        "/wacz/paper.wacz",
        headers={
            "Origin": "https://replayweb.page",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "range",
        },
    )
    answer = made.ask("/wacz/paper.wacz", headers={"Origin": "https://replayweb.page", "Range": "bytes=190-"})

    assert 204 == preflight.status_code
    assert "range" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert (206, bytes(range(190, 200))) == (answer.status_code, answer.content)
    assert "*" == preflight.headers["Access-Control-Allow-Origin"] == answer.headers["Access-Control-Allow-Origin"]
    assert "Content-Range" in answer.headers["Access-Control-Expose-Headers"]
    assert bytes(range(200)) == made.ask("/wacz/paper.wacz").content


def test_a_package_is_asked_for_as_any_large_file(made):
    """HEAD tells its length and that ranges are had; a range of what was replaced is the whole; what is known is not sent."""
    whole = made.client.head("/wacz/paper.wacz")
    tag = whole.headers["ETag"]
    asked = {"Range": "bytes=5-9"}
    same, other, behind, known = (
        made.ask("/wacz/paper.wacz", headers=told)
        for told in (
            asked | {"If-Range": tag}, asked | {"If-Range": '"older"'}, {"Range": "bytes=200-"}, {"If-None-Match": f'"x", {tag}'},
        )
    )  # fmt: skip

    assert (200, "200", "bytes", b"") == (
        whole.status_code, whole.headers["Content-Length"], whole.headers["Accept-Ranges"], whole.content,
    )  # fmt: skip
    assert (206, bytes(range(5, 10)), "bytes 5-9/200") == (
        same.status_code,
        same.content,
        same.headers["Content-Range"],
    )
    assert (200, bytes(range(200))) == (other.status_code, other.content)
    assert 416 == behind.status_code
    assert (304, b"", tag) == (known.status_code, known.content, known.headers["ETag"])
    assert all("*" == one.headers["Access-Control-Allow-Origin"] for one in (whole, same, other, behind, known))


@pytest.mark.parametrize("named", ["../../../secret/{}", "a/../../../../secret/{}", "/etc/passwd", "..\\{}"])
def test_an_index_that_leads_out_of_the_home_reads_nothing(tmp_path, named):
    """An index can be copied from anywhere; only what lies below warc/ is ever opened."""
    maker = MadeHome(tmp_path / "home")
    writer = maker.file()
    maker.put(writer, URL, FIRST, b"hidden words")
    (closed,) = writer.close()
    home = maker.indexed()
    (tmp_path / "secret").mkdir()
    closed.path.rename(tmp_path / "secret" / closed.path.name)
    line = home.index("paper").read_text("utf-8")
    home.index("paper").write_text(
        line.replace(f'"{closed.path.name}"', json.dumps(named.format(closed.path.name))), "utf-8"
    )
    with Room(home, {}) as room, client(room) as asked:
        answer = asked.get(f"/web/{FIRST}id_/{URL}")

    assert answer.status_code in (400, 502)
    assert "hidden words" not in answer.text
