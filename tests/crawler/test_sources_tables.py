"""The tables of [source]: what is refused before anything is fetched, and that what is taken is set up as it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.errors import ProfileError
from archive.model import Capture, Redirected
from archive.posted import Posted, posted
from crawler.profile import parse_profile
from crawler.reading import Asked, Reader
from crawler.sources import source_for

SERIES = '[series]\nid = "qu"\ntitle = "渠"\ntimezone = "Asia/Shanghai"\n[source]\n'
API = 'kind = "json-api"\nurl = "http://e.example/l"\nitems = "rows"\nfields = { url = "href" }\n'
LIST = 'kind = "list-page"\nitem = "a"\nurl = "http://e.example/l"\n'


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (API + 'body = "x"', 'body needs method = "POST"'),
        (API + 'method = "PUT"', 'source.method: "PUT" is not "GET" or "POST"'),
        (API + 'detail = "link"', "detail needs detail_fields.body"),
        (API + 'content_type = "a\\nb"', "source.content_type"),
        (API + "page_size = 0", "source.page_size"),
        (API.replace('"href"', '"https://e.example/a"'), "source.fields.url"),
        (API.replace('"href"', '"https://e.example/{a b}"'), "source.fields.url"),
        (API.replace("/l", "/l?x={size}"), "no other braces than {offset}, {page} and {cursor}"),
        (LIST + 'more = "http://e.example/m"', "source.more"),
        (
            LIST + 'more = "http://e.example/m?p={page}"\nnext = "a.next"',
            "one way to the next page; found next and more",
        ),
        (LIST.replace("/l", "/{page}") + 'next = "a.next"', "one way to the next page; found next and {page} in url"),
        ('kind = "feed"\nurl = "http://e.example/"\nmax_pages = 0', "source.max_pages"),
        ('kind = "sitemap"\nurl = "http://e.example/"\nsince = "gestern"', "source.since"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(source: str, said: str) -> None:
    """A walk of nothing, or one that never goes on, is seen weeks later."""
    with pytest.raises(ProfileError) as caught:
        parse_profile(SERIES + source, name="p.toml", environ={})

    assert said in str(caught.value)


def test_times_without_a_zone_are_of_the_series() -> None:
    """Lists print the newspaper's own time, and the profile knows it."""
    profile = parse_profile(SERIES + 'kind = "feed"\nurl = "http://e.example/f"', name="p.toml", environ={})
    feed = b"<rss version='2.0'><channel><item><link>/1</link><pubDate>2021-05-03 10:05:00</pubDate></item></channel></rss>"
    listing = source_for(profile.source, profile.series.timezone).read_list("http://e.example/f", feed, "")

    assert [entry.published for entry in listing.entries] == ["2021-05-03T02:05:00Z"]


def test_two_bodies_of_one_address_are_two_sources() -> None:
    """What an API lists is said by what is sent to it."""
    one, other = (
        parse_profile(
            SERIES + API + f'method = "POST"\nbody = "topic={topic}"', name="p.toml", environ={}
        ).source_identity()
        for topic in ("a", "b")
    )

    assert one != other


@pytest.mark.parametrize(("status", "is_posted"), [(301, False), (302, False), (303, False), (307, True), (308, True)])
def test_a_redirect_keeps_what_was_posted_where_http_says_so(status: int, is_posted: bool) -> None:
    """RFC 9110, 15.4: 307 and 308 keep method and body; to the others a GET answers, as browsers have it."""
    profile = parse_profile(SERIES + API + 'method = "POST"\nbody = "{page}"', name="p.toml", environ={})
    source = source_for(profile.source)
    raw = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: /new\r\n\r\n" % status
    seed = source.seeds()[0]
    capture = Capture("id", "response", seed, datetime(2021, 5, 3, tzinfo=UTC), "a.warc.gz", 0, 1, status, "", "", 0)
    said = Reader(profile, source).read(capture, raw, Asked("list"))

    assert isinstance(said, Redirected)
    assert posted(said.location) == (Posted("http://e.example/new", "application/json", b"1") if is_posted else None)
    assert said.location.startswith("http://e.example/new")
