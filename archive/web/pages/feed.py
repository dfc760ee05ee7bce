"""`/feed.atom` and `/series/<id>/feed.atom`: an entry an event, the newest first, by pages.

Takes   the id of a series or none, `page` of the address. Gives: Atom. Writes nothing.

An entry's id is made of what the event is (series, article, kind, time, evidence), so that it is the same after `rebuild`.
Source: RFC 4287 (Atom), RFC 5005, 3 (paged feeds), RFC 4122, 4.3 (names turned into UUIDs).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response

from ... import views
from ...errors import NotFoundError
from ...ledger import queries, shelf
from ..language import Language, chosen
from ..replay.address import base_of
from ..room import Room, local, utc
from .answering import tagged, unknown, whole
from .naming import near_series
from .wording import address, sentence

Row = Mapping[str, Any]

_A_PAGE: Final = 50
_ATOM: Final = "http://www.w3.org/2005/Atom"
_EVENT: Final = uuid.UUID("9d5f4a53-6c1e-5b0b-8f0e-2f3a1f1c7c11")  # the namespace of the names of events
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def feed(room: Room, request: Request) -> Response:
    """Answer `/feed.atom` and `/series/<id>/feed.atom`."""
    series = request.path_params.get("id")
    number = whole(request.query_params.get("page"), 1, 10**6) or 1
    lang = chosen(request)
    with room.ledger.read() as connection:
        if series is not None and not queries.series(connection, series):
            error: NotFoundError = views.unknown_series(connection, series)
            return unknown(room, request, error, near_series(connection, series))
        events = shelf.events(connection, series, _A_PAGE + 1, (number - 1) * _A_PAGE)
        about = shelf.about(connection, sorted({one["series"] for one in events} | ({series} if series else set())))
        ids = sorted({one["article"] for one in events if one["article"]})
        articles = queries.articles_by_id(connection, ids)
    more = len(events) > _A_PAGE
    body = _document(base_of(request), series, events[:_A_PAGE], about, articles, lang, number, more)
    response = Response(body, media_type="application/atom+xml")
    response.headers.add_vary_header("Accept-Language")
    response.headers.add_vary_header("Cookie")
    return tagged(request, response)


def event_id(event: Row) -> str:
    """Name an event by what it is.

    >>> event_id({"series": "qushui", "article": None, "kind": "blocked", "at": "2018-09-01T05:00:00.120Z", "fields": [],
    ...           "start": None, "end": None, "evidence": []})
    'urn:uuid:057d35ff-5069-5e58-94e3-71889392a4c0'
    """
    parts = [event[name] for name in ("series", "article", "kind", "at", "fields", "start", "end", "evidence")]
    return uuid.uuid5(_EVENT, json.dumps(parts, ensure_ascii=True, separators=(",", ":"))).urn


def _document(
    base: str, series: str | None, events: Sequence[Row], about: Mapping[str, Row], articles: Mapping[str, Row],
    lang: Language, number: int, more: bool,
) -> bytes:  # fmt: skip
    own = f"{base}/series/{series}/feed.atom" if series else f"{base}/feed.atom"
    of = 0 if lang == "zh" else 1
    tag = "zh-Hans" if lang == "zh" else "en"
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": tag})
    everything = ("连载：全部变动", "Lianzai: all changes")[of]
    title = about[series]["title"] + ("：变动", ": changes")[of] if series else everything
    _text(root, "title", title)
    _text(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, own).urn)
    # A feed without entries has to have a time too: that of no event is the epoch, the same each time it is asked.
    _text(root, "updated", utc(max((one["at"] for one in events), default="1970-01-01T00:00:00.000Z")))
    SubElement(
        root,
        "link",
        {"rel": "alternate", "type": "text/html", "href": f"{base}/series/{series}" if series else f"{base}/"},
    )
    pages = {"self": number, "first": 1, "previous": number - 1, "next": number + 1 if more else 0}
    for relation, page in pages.items():
        if page > 0:
            href = own if page == 1 else f"{own}?page={page}"
            SubElement(root, "link", {"rel": relation, "type": "application/atom+xml", "href": href})
    _text(SubElement(root, "author"), "name", (about[series]["publisher"] if series else "") or "lianzai")
    _text(root, "generator", "lianzai")
    known: set[str] = set()
    for event in events:
        name = event_id(event)
        if name not in known:  # one event told twice is one
            known.add(name)
            _entry(root, base, name, event, about[event["series"]], articles.get(event["article"] or ""), of)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode("utf-8") + b"\n"


def _entry(root: Element, base: str, name: str, event: Row, series: Row, article: Row | None, of: int) -> None:
    entry = SubElement(root, "entry")
    words = sentence(event)[of]
    called = _called(article)
    _text(entry, "title", "".join((called, ("：", ": ")[of] if called else "", words)))
    _text(entry, "id", name)
    _text(entry, "updated", utc(event["at"]))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": base + address(event)})
    if article is not None and article["url"].startswith(("http://", "https://")):
        SubElement(entry, "link", {"rel": "via", "href": _iri(article["url"])})
    SubElement(entry, "category", {"term": event["kind"]})
    _text(entry, "summary", _summary(event, series, article, words, of))
    for author in article["authors"] if article is not None else ():
        if author["name"]:
            _text(SubElement(entry, "author"), "name", author["name"])


def _called(article: Row | None) -> str:
    if article is None:
        return ""
    name = article["title"] or article["subject"] or article["url"]
    return f"{article['subject']} · {name}" if article["subject"] and article["title"] else str(name)


def _summary(event: Row, series: Row, article: Row | None, words: str, of: int) -> str:
    lines = [f"{series['title']}{('：', ': ')[of]}{words}", f"{local(event['at'])} (UTC+8)"]
    if article is not None and article["position"] is not None:
        lines.append((f"第 {article['position']} 篇", f"instalment {article['position']}")[of])
    lines += [("证据：", "evidence: ")[of] + one for one in event["evidence"]]
    return "\n".join(lines)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("�", text)


def _iri(url: str) -> str:
    """Spell an address such that it is one: what no IRI has is escaped. Source: RFC 3987, 2.2."""
    return re.sub(r'[\x00-\x20<>"\\^`{|}\x7f\ud800-\udfff]', lambda found: f"%{ord(found[0]) & 0xFF:02X}", url)
