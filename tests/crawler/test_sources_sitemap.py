"""Sitemaps: indexes, windows, cuts, robots.txt, and 50,000 addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sources import SourceError
from crawler.sources.mending import mended, mended_pieces, whole_tags
from crawler.sources.sitemap import Sitemap, looks_like_sitemap
from crawler.sources.sitemap_xml import Places, read_places

URL = "http://e.example/sitemap.xml"


def urls(*places: str) -> str:
    return "".join(f"<url><loc>{place}</loc></url>" for place in places)


def read(text: str, **settings: str) -> list[str]:
    return [entry.url for entry in Sitemap(URL, **settings).read_list(URL, text.encode(), "text/xml").entries]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "named", "window"),
    [
        (f"<urlset>{urls('/1', '/2')}</urlset>", ["http://e.example/1", "http://e.example/2"], False),
        (
            f"<urlset>{urls('/1', '/2')}<url><loc>http://e.example/ha",
            ["http://e.example/1", "http://e.example/2"],
            True,
        ),
        (f"<urlset>{urls('/1')}</url></url>{urls('/2')}</urlset>", ["http://e.example/1"], False),
        ("<urlset/>", [], False),
        ("<urlset></urlset>", [], False),
        (f"<urlset><url>{'<loc>/1</loc>' * 2}<loc/></url></urlset>", ["http://e.example/1"], False),
    ],
)
def test_a_cut_sitemap_names_what_is_whole_and_proves_no_absence(text: str, named: list[str], window: bool) -> None:
    """Half an address is none; the rest of the file may hold what seems to be missing."""
    listing = Sitemap(URL).read_list(URL, text.encode(), "")

    assert ([entry.url for entry in listing.entries][: len(named)], listing.window) == (named, window)


def test_an_index_names_sitemaps_and_never_itself() -> None:
    """Indexes within indexes are followed; one that names itself has an end all the same."""
    names = ("/a.xml", "http://e.example/sitemap.xml#x", "/a.xml", "b/sitemap_index.xml")
    index = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
    listing = Sitemap(URL).read_list(URL, f"<sitemapindex>{index}</sitemapindex>".encode(), "")

    assert listing.more == ("http://e.example/a.xml", "http://e.example/b/sitemap_index.xml")
    assert (listing.entries, listing.window) == ((), False)


@pytest.mark.parametrize(
    ("lastmod", "is_asked"),
    [("2021-05-02", False), ("2021-05-03", True), ("2021-05-02T23:59:59+08:00", False), ("2021-05-03T00:00:00Z", True),
     ("", True), ("gestern", True), ("2021-05", True)],
)  # fmt: skip
def test_sitemaps_of_before_since_are_not_asked_for(lastmod: str, is_asked: bool) -> None:
    """What has no date that can be read may be new."""
    index = f"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>{lastmod}</lastmod></sitemap></sitemapindex>"
    listing = Sitemap(URL, since="2021-05-03").read_list(URL, index.encode(), "")

    assert bool(listing.more) is is_asked


def test_robots_txt_names_its_sitemaps() -> None:
    """Where nobody knows the address of the sitemap, robots.txt often does."""
    robots = "http://e.example/robots.txt"
    text = b"User-agent: *\r\nDisallow: /x\r\nSITEMAP : http://e.example/a.xml # old\r\nSitemap:/b.xml.gz\n#Sitemap: /c.xml\n"
    listing = Sitemap(robots).read_list(robots, text, "text/plain")

    assert (listing.more, listing.entries) == (("http://e.example/a.xml", "http://e.example/b.xml.gz"), ())
    with pytest.raises(SourceError, match=r"robots\.txt names no sitemap"):
        Sitemap(robots).read_list(robots, b"User-agent: *\nDisallow:\n", "text/plain")


def test_a_feed_serves_as_a_sitemap() -> None:
    """The protocol allows it (sitemaps.org, other formats); a feed is a window there too."""
    feed = b"<rss version='2.0'><channel><item><link>http://e.example/1</link></item></channel></rss>"
    listing = Sitemap(URL).read_list(URL, feed, "")

    assert ([entry.url for entry in listing.entries], listing.window) == (["http://e.example/1"], True)


def test_what_does_not_match_is_left_out() -> None:
    """A sitemap names the whole site; the pattern is looked for in the address as written and in its canonical form."""
    text = f"<urlset>{urls('/qu/1?utm_source=x', '/about', '/%E6%B8%A0/2')}</urlset>"

    assert read(text, match=r"/qu/1$|/%E6%B8%A0/") == [
        "http://e.example/qu/1?utm_source=x",
        "http://e.example/%E6%B8%A0/2",
    ]


def test_a_text_of_which_most_is_no_address_is_no_sitemap() -> None:
    """Prose may begin with an address."""
    assert not looks_like_sitemap(b"http://e.example/1\nis a nice page\nand so is this\n", "text/plain")
    assert looks_like_sitemap(b"http://e.example/1\nhttp://e.example/2\n", "text/plain")


NEWS = (
    "<news:news><news:publication><news:language>zh</news:language></news:publication>"
    "<news:publication_date>2021-05-02</news:publication_date><news:title><![CDATA[渠 & <水>]]></news:title></news:news>"
)
PARTS = st.sampled_from(
    [
        *("<urlset>", "</urlset>", "<url>", "</url>", "<sitemap>", "</sitemap>", "<loc>", "</loc>", "<lastmod>", NEWS),
        *(
            "<url><loc>/1?a=1&b=2&amp;c</loc></url>",
            "<url><loc>http://e.example/2</loc><lastmod>2021-05-03</lastmod></url>",
        ),
        f"<url><loc>/4</loc>{NEWS}<xhtml:link rel='alternate' href='/de/4'/></url>",
        "<url><image:image><image:loc>/i.jpg</image:loc><image:title>x</image:title></image:image><loc>/5</loc></url>",
        *(
            "<!-- c -->",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<loc><![CDATA[/6?x=1&y=2]]></loc>",
            "&nbsp;",
            "&bomb;",
            "&",
        ),
        *(
            "<",
            ">",
            "<?pi x?>",
            "<!DOCTYPE x [<!ENTITY bomb ']>'>]>",
            "</x>",
            "<x a='1'/>",
            "\x01",
            "&#0;",
            "水",
            "😀",
            "\n ",
        ),
    ]
)
BEGINS = st.sampled_from(
    [
        *("", "\n ", "<?xml version='1.0' encoding='gbk'?>\n"),
        "<!DOCTYPE urlset [<!ENTITY b \"]>\">]><urlset xmlns='s' xmlns:news='n'>",
    ]
)
TEXTS = st.builds(lambda begin, parts: begin + "".join(parts), BEGINS, st.lists(PARTS, max_size=14))


@given(text=TEXTS, length=st.integers(1, 40))
def test_a_sitemap_reads_the_same_however_it_comes_in_pieces(text: str, length: int) -> None:
    """A long one is never held as a whole; broken or not, it must say what it says where it is."""

    def places(pieces: list[str]) -> Places | str:
        try:
            return read_places(pieces, URL)
        except SourceError as error:
            return error.reason

    pieces = [text[at : at + length] for at in range(0, len(text), length)]

    assert "".join(whole_tags(pieces)) == text
    assert "".join(mended_pieces(whole_tags(pieces))) == mended(text)
    assert places(list(whole_tags(pieces))) == places([text])


@pytest.mark.parametrize("label", ["", "utf-8", "gb2312", "iso-8859-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_long_sitemap_is_read_as_a_short_one(monkeypatch: pytest.MonkeyPatch, encoding: str, label: str) -> None:
    """In any encoding, whatever its label says, also where the first character beyond ASCII stands far from its beginning."""
    news = "".join(f"<url><loc>/n/{n}</loc>{NEWS}</url>" for n in range(20))
    body = f"<urlset xmlns:news='n'>{urls('/1')}{' ' * 20_000}{news}</urlset>".encode(encoding)
    content_type = f"application/xml; charset={label}" if label else "application/xml"
    short = Sitemap(URL).read_list(URL, body, content_type)
    monkeypatch.setattr("crawler.sources.sitemap.MAX_BYTES", 1000)

    assert Sitemap(URL).read_list(URL, body, content_type) == short
    assert (short.entries[-1].title, looks_like_sitemap(body, content_type)) == ("渠 & <水>", True)


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        ("<url " + " ".join(f"a{n}='1'" for n in range(600)) + "/>", "attributes of one element"),
        ("<a/>" * 50, "more than 40 tags"),
        ("x" * 150_000, "characters between two tags"),
        ("<!--" + "x" * 150_000 + "-->", "characters between two tags"),
        ("<url a='" + "x" * 150_000, "characters between two tags"),
    ],
)
def test_what_no_sitemap_has_ends_a_long_one(monkeypatch: pytest.MonkeyPatch, piece: str, said: str) -> None:
    """Each would take a parser more memory, or time, than a crawl has; none of it passes for a list that became empty."""
    monkeypatch.setattr("crawler.sources.sitemap.MAX_BYTES", 100)
    monkeypatch.setattr("crawler.sources.sitemap.MAX_TAGS", 40)
    monkeypatch.setattr("crawler.sources.mending.LONGEST_TAG", 100_000)

    with pytest.raises(SourceError, match=said):
        read(f"<urlset>{piece}</urlset>")


@pytest.mark.parametrize(
    ("bound", "said"), [("MAX_PLACES", "more than 40 addresses"), ("MAX_CHARACTERS", "more than 40 char")]
)
def test_what_would_fill_the_memory_of_a_series_ends_a_sitemap(
    monkeypatch: pytest.MonkeyPatch, bound: str, said: str
) -> None:
    """Each address is kept from then on, and by all later runs."""
    monkeypatch.setattr(f"crawler.sources.sitemap_xml.{bound}", 40)

    assert read(f"<urlset>{urls('/1')}</urlset>") == ["http://e.example/1"]
    with pytest.raises(SourceError, match=said):
        read(f"<urlset>{urls(*(f'/{n}' for n in range(41)))}</urlset>")


def test_what_was_read_before_a_fault_is_kept_and_proves_no_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the file may hold what seems to be missing."""
    monkeypatch.setattr("crawler.sources.sitemap.MAX_BYTES", 100)
    monkeypatch.setattr("crawler.sources.mending.LONGEST_TAG", 100_000)
    text = f"<urlset>{' ' * 9_000}{urls('/1', '/2')}<!--{'x' * 150_000}-->{urls('/3')}</urlset>"
    listing = Sitemap(URL).read_list(URL, text.encode(), "")

    assert ([entry.url for entry in listing.entries], listing.window) == (
        ["http://e.example/1", "http://e.example/2"],
        True,
    )


@pytest.mark.soak
def test_fifty_thousand_addresses_are_read() -> None:
    """The most that the protocol allows in one file."""
    text = "<urlset>" + "".join(f"<url><loc>http://e.example/{n}.html</loc></url>" for n in range(50_000)) + "</urlset>"

    assert len(read(text, match=r"/4999\d\.html$")) == 10


@pytest.mark.parametrize(
    "text",
    [
        f"<urlset>{urls('')}{urls('mailto:x@e.example')}</urlset>",
        "<urlset>" + "<url>" * 100_000 + "</urlset>",
        "<urlset><!DOCTYPE [" + "<!ENTITY" * 20_000,
        "<urlset" + " a='" * 50_000,
    ],
)
def test_a_sitemap_of_which_nothing_can_be_read_is_told(text: str) -> None:
    """Deep, cut and malformed files are over in one pass, and none reads as a list that became empty."""
    with pytest.raises(
        SourceError, match=r"names a web address|expected a sitemap|no XML that can be read|attributes of one"
    ):
        read(text)
