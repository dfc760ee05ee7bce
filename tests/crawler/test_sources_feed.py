"""Feeds: what they are, how their pages lead on, and what hostile ones cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.model import Listing
from crawler.sources import SourceError
from crawler.sources.feed import Feed, looks_like_feed
from crawler.sources.feed_xml import MAX_DEPTH, MAX_TAGS

URL = "http://e.example/rss.xml"
HISTORY = 'xmlns:fh="http://purl.org/syndication/history/1.0" xmlns:atom="http://www.w3.org/2005/Atom"'
ITEM = "<item><title>渠</title><link>/a/1.html</link></item>"


def read(channel: str, attributes: str = HISTORY, **settings: str) -> Listing:
    text = f'<rss version="2.0" {attributes}><channel>{channel}</channel></rss>'
    return Feed(URL, **settings).read_list(URL, text.encode(), "text/xml")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channel", "more", "window"),
    [
        (ITEM, (), True),
        (f"<fh:complete/>{ITEM}", (), False),
        (f'<atom:link rel="prev-archive" href="/old/2"/>{ITEM}', ("http://e.example/old/2",), False),
        (f'<fh:archive/><atom:link rel="prev-archive" href="1"/>{ITEM}', ("http://e.example/1",), False),
        (f"<fh:archive/>{ITEM}", (), False),
        (f'<atom:link rel="next" href="?paged=2"/>{ITEM}', ("http://e.example/rss.xml?paged=2",), True),
        (f'<atom:link rel="previous" href="?paged=1"/>{ITEM}', (), True),
        (f'<atom:link rel="next" href="rss.xml"/>{ITEM}', (), True),
        (f'<atom:link rel="next" href="javascript:x"/>{ITEM}', (), True),
        ("", (), True),
    ],
)
def test_a_feed_proves_an_absence_only_as_rfc_5005_has_it(channel: str, more: tuple[str, ...], window: bool) -> None:
    """Complete, or a chain of archives; pages may have changed while they were walked."""
    listing = read(channel)

    assert (listing.more, listing.window, listing.while_new) == (more, window, True)


def test_the_history_of_a_feed_is_known_by_its_namespace() -> None:
    """A prefix is a feed's own choice."""
    assert not read(f"<history:complete/>{ITEM}", 'xmlns:history="http://purl.org/syndication/history/1.0"').window
    assert read(f"<fh:complete/>{ITEM}", 'xmlns:fh="http://e.example/other"').window


CREATED = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("<dc:creator>陆闻樵、沈小满</dc:creator>", ["陆闻樵", "沈小满"]),
        ("<dc:creator>陆闻樵</dc:creator><dc:creator>本报记者 沈小满</dc:creator>", ["陆闻樵", "沈小满"]),
        ("<author>jane@paper.example (Jane Doe)</author>", ["Jane Doe"]),
        ("<author>By Jane Doe and John Roe</author>", ["Jane Doe", "John Roe"]),
        ("<author>webmaster@paper.example</author>", []),
        ("<dc:creator>admin</dc:creator>", []),
        ("", []),
    ],
)
def test_a_feed_names_the_authors_of_its_items(told: str, names: list[str]) -> None:
    """A page may name nobody; accounts and addresses of mail are no names, and the feed's own author is its editor."""
    item = ITEM.replace("</item>", f"{told}</item>")
    listing = read(f"<managingEditor>ed@paper.example (Chief)</managingEditor>{item}", CREATED)

    assert names == [one.name for one in listing.entries[0].authors]


@pytest.mark.parametrize("told", [{"authors": [{"name": "陆闻樵"}, {"name": "admin"}]}, {"author": {"name": "陆闻樵"}}])
def test_a_json_feed_names_the_authors_of_its_items(told: dict[str, object]) -> None:
    """As a list since 1.1, as one object before."""
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "url": "/a/1", **told}]}
    listing = Feed(URL).read_list(URL, json.dumps(feed).encode(), "application/feed+json")

    assert ["陆闻樵"] == [one.name for one in listing.entries[0].authors]


@pytest.mark.parametrize("version", ["0.90", "0.91", "0.92", "0.93", "0.94", "1.0", "2.0", "2.00", "9"])
def test_every_version_of_rss_is_read(version: str) -> None:
    """Newspapers keep a feed for twenty years."""
    body = f"<rss version='{version}'><channel>{ITEM}</channel></rss>".encode()

    assert looks_like_feed(body, "text/html")
    assert [entry.url for entry in Feed(URL).read_list(URL, body, "").entries] == ["http://e.example/a/1.html"]


@pytest.mark.parametrize(
    "text",
    [
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>渠</title><link href="/a/1.html"/></entry></feed>',
        '<channel xmlns="http://my.netscape.com/rdf/simple/0.9/"></channel><item><title>渠</title><link>/a/1.html</link></item>',
        "<?xml version='1.1'?>\n\n<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://e.example/rss.dtd'>"  # noqa: ISC004
        "<RSS version='0.91'><channel><item><title>渠</title><LINK>http://e.example/a/1.html</LINK></item></channel></RSS>",
    ],
)
def test_old_and_odd_forms_are_read(text: str) -> None:
    """As feedparser takes them."""
    listing = Feed(URL).read_list(URL, text.encode(), "")

    assert [(entry.url, entry.title) for entry in listing.entries] == [("http://e.example/a/1.html", "渠")]


def test_what_is_dated_before_since_or_does_not_match_is_left_out() -> None:
    """A feed of the whole newspaper holds one series; what has no date may be new."""
    rows = (("/qu/1", "2021-05-03"), ("/qu/2", "2021-05-02"), ("/qu/3", None), ("/other/4", "2021-05-04"))
    channel = "".join(
        f"<item><link>{url}</link>{f'<pubDate>{day}</pubDate>' if day else ''}</item>" for url, day in rows
    )
    listing = read(channel + "<item><title>ohne Adresse</title></item>", match="/qu/", since="2021-05-03")

    assert [entry.url for entry in listing.entries] == ["http://e.example/qu/1", "http://e.example/qu/3"]


def test_an_update_changes_what_the_list_says_of_an_article() -> None:
    """This is what leads to a second look at it; a publication date alone serves where there is no other."""
    first = read(f"<item><link>/1</link><pubDate>Sat, 01 May 2021 08:00:00 +0800</pubDate></item>{ITEM}").entries
    again = read("<item><link>/1</link><pubDate>Sat, 01 May 2021 08:30:00 +0800</pubDate></item>").entries

    assert [entry.updated for entry in (*first, *again)] == ["2021-05-01T00:00:00Z", None, "2021-05-01T00:30:00Z"]


def test_a_feed_asks_nobody_and_opens_nothing(tmp_path: Path) -> None:
    """A feed's text is no address and no file's name, and no entity of it is looked up."""
    secret = tmp_path / "secret"
    secret.write_text("<rss version='2.0'><channel><item><link>http://e.example/secret</link></item></channel></rss>")
    entities = f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>'
    body = f"{entities}<rss version='2.0'><channel><item><title>&s;</title><link>http://e.example/1</link></item></channel></rss>"
    listing = Feed(URL).read_list(URL, body.encode(), "")

    assert [(entry.url, entry.title) for entry in listing.entries] == [("http://e.example/1", "&s;")]
    with pytest.raises(SourceError, match="is plain text"):
        Feed(URL).read_list(URL, str(secret).encode(), "")


def test_entities_within_entities_do_not_swell() -> None:
    """A billion laughs are ten characters each."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    items = "<channel><item><title>&e11;</title><link>/1</link></item></channel>"
    listing = Feed(URL).read_list(URL, f"<!DOCTYPE rss [{bomb}]><rss version='2.0'>{items}</rss>".encode(), "")

    assert [entry.title for entry in listing.entries] == ["&e11;"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<rss version='2.0'><channel>" + "<a>" * (MAX_DEPTH + 1), "elements within each other"),
        ("<rss version='2.0'><channel>" + "<a/>" * (MAX_TAGS + 1), "tags; at most"),
        ("<rss version='2.0'><channel><title>渠", "breaks before its first item"),
    ],
)
def test_what_would_take_too_long_or_is_no_whole_feed_is_refused(body: str, said: str) -> None:
    """A hostile feed costs a second, not a night."""
    with pytest.raises(SourceError, match=said):
        Feed(URL).read_list(URL, body.encode(), "")


@pytest.mark.parametrize("piece", ['<a b="', "<![CDATA[", "<!--", "<?x", "<!", "</item>", "&", "<", "<!DOCTYPE x ["])
def test_a_feed_of_broken_markup_is_read_in_one_pass(piece: str) -> None:
    """Each of these made some reader of broken XML go back to the start for every piece."""
    listing = Feed(URL).read_list(URL, f"<rss version='2.0'><channel>{ITEM}{piece * 8_000}".encode(), "")

    assert [entry.url for entry in listing.entries][:1] == ["http://e.example/a/1.html"]


@pytest.mark.parametrize(
    "changes",
    [{"items": None}, {"items": "x"}, {"version": "https://jsonfeed.org/version/1", "items": 3}],
)
def test_a_json_feed_without_items_is_a_fault(changes: dict[str, object]) -> None:
    """An answer that is no list must not read as one that became empty."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "x", **changes}

    with pytest.raises(SourceError, match="JSON Feed without items"):
        Feed(URL).read_list(URL, json.dumps(feed).encode(), "application/json")
