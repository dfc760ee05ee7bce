"""`/article/<id>`: the reading view of one revision, with the facts beside it; an article never captured has a page too.

Takes   any name of an article; `revision` of the address. Gives: a page, or the way to it. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from ... import views
from ...errors import NotFoundError
from ...ledger import queries, shelf
from ...ledger.queries import Connection
from ..replay import address
from ..room import Room
from .answering import moved_to, page, unknown, whole
from .describing import described
from .figures import places
from .naming import near_articles, wanted_of
from .paragraphs import mends, paragraphs
from .slots import Slot, slots
from .wording import ORIGINS, language_tag, mark, published, sentence

Row = dict[str, Any]


def article(room: Room, request: Request) -> Response:
    """Answer `/article/<id>`; other names of an article lead there."""
    wanted = wanted_of(request, request.path_params["wanted"])
    with room.ledger.read() as connection:
        try:
            found = views.resolve(connection, wanted)
            if found != request.path_params["wanted"]:
                return moved_to(request, f"/article/{found}")
            row = queries.article(connection, found)
            assert row is not None  # noqa: S101 - it was just found, in the same state of the ledger
            asked = request.query_params.get("revision")
            number = row["shown"] if asked is None else whole(asked, 1, 10**9)
            kept = queries.revision(connection, found, number) if number else None
            if asked is not None and kept is None:
                raise NotFoundError(f"{found}: no revision {asked}")
        except NotFoundError as error:
            return unknown(room, request, error, near_articles(connection, wanted))
        common = _common(connection, row)
        if kept is None:
            return page(room, request, "article_absent.html", common | _absent(connection, row))
        values = common | _read(connection, request, row, kept, common)
    return page(room, request, "article.html", values)


def _common(connection: Connection, row: Row) -> Row:
    """Give what holds for every revision: the series, the place in it, the neighbours."""
    series = row["series"]
    about = shelf.about(connection, [series])[series]
    wanted = shelf.subjects(connection, [series])[series]
    shown = slots(series, wanted, shelf.instalments(connection, [series])[series])
    place = next(at for at, slot in enumerate(shown) if slot.row and slot.row["id"] == row["id"])
    known = [slot for slot in shown if slot.row]
    own = known.index(shown[place])
    return {
        "tab": "series",
        "row": row,
        "slot": shown[place],
        "series": about | {"id": series},
        "of": len(shown),
        "earlier": known[own - 1] if own else None,
        "later": known[own + 1] if own + 1 < len(known) else None,
        "between": _between(shown, place),
    }


def _between(shown: Sequence[Slot], place: int) -> tuple[list[Slot], list[Slot]]:
    """Give the missing ones that stand right before an instalment and right behind it."""
    before, behind = place, place + 1
    while before and shown[before - 1].row is None:
        before -= 1
    while behind < len(shown) and shown[behind].row is None:
        behind += 1
    return list(shown[before:place]), list(shown[place + 1 : behind])


def _absent(connection: Connection, row: Row) -> Row:
    """Give what is known of an article that was never captured."""
    urls = list(dict.fromkeys([row["url"], *row["variants"]]))
    events = [one for one in shelf.marks(connection, row["series"], _OF_ABSENT) if one["article"] == row["id"]]
    return {
        "lang_of_text": language_tag(None),
        "published": published(row["published"], row["published_precision"]),
        "places": [(url, address.calendar(url)) for url in urls],
        "events": [
            {"at": one["at"], "mark": mark(one["kind"]), "words": sentence(one), "evidence": one["evidence"]}
            for one in reversed(events[-20:])
        ],
    }


_OF_ABSENT = ("found", "failed", "blocked", "listed", "unlisted", "gone", "moved")


def _read(connection: Connection, request: Request, row: Row, kept: Row, common: Row) -> Row:
    """Give what the reading view shows of one revision."""
    document = views.document(row, kept)
    revisions = _revisions(shelf.revisions(connection, row["id"]), row)
    own = next(one for one in revisions if one["number"] == kept["number"])
    body = document["body"] or (document["text"] or "").split("\n")
    drawn, homeless = paragraphs(body, mends(document["repairs"]))
    moment = _digits(kept["capture_fetched"] or own["fetched"])
    pages = [row["url"], *row["variants"], kept["capture_url"] or ""]
    images = [one["url"] for one in document["images"]]
    there = shelf.captures_at(connection, [*pages, *images])
    seen = next((url for url in pages if there.get(url)), kept["capture_url"] or row["url"])
    return {
        "document": document,
        "number": kept["number"],
        "own": own,
        "revisions": revisions,
        "paragraphs": drawn,
        "mends": mends(document["repairs"]),
        "homeless": homeless,
        "lang_of_text": language_tag(kept["reading"].get("language") or common["series"]["language"]),
        "published": published(document["published"], document["published_precision"]),
        "figures_at": _figures(document, body, moment, there),
        "replay": address.link(moment, address.PAGE, seen) if there.get(seen) else None,
        "bytes": address.link(moment, address.RAW, kept["capture_url"]) if kept["capture_url"] else None,
        "calendar": address.calendar(seen),
        "captures": there.get(seen, 0),
        "live": row["url"] if row["url"].startswith(("http://", "https://")) else None,
        "described": described(
            address.base_of(request),
            document,
            common["series"],
            kept["number"],
            row["shown"],
            kept["reading"].get("published_local"),
        ),
        "canonical": f"{address.base_of(request)}/article/{quote(row['id'])}"
        + ("" if kept["number"] == row["shown"] else f"?revision={kept['number']}"),
    }


def _figures(document: Row, body: Sequence[str], moment: str, there: Mapping[str, int]) -> dict[int | None, list[Row]]:
    """Give the pictures by the number of paragraphs that stand before them; under None those whose place is not known."""
    images = document["images"]
    found: dict[int | None, list[Row]] = {}
    for one, place in zip(
        images, places(document["text"] or "", body, [one["caption"] for one in images]), strict=True
    ):
        figure = {
            "address": address.link(moment, address.DATA, one["url"]) if there.get(one["url"]) else None,
            "calendar": address.calendar(one["url"]),
            "url": one["url"],
            "caption": one["caption"],
        }
        found.setdefault(place, []).append(figure)
    return found


def _revisions(rows: Sequence[Mapping[str, Any]], row: Row) -> list[Row]:
    """Give the revisions, the newest by time of capture first, each with the one before it and where it came from."""
    ordered = sorted(rows, key=lambda one: (one["fetched"], one["number"]), reverse=True)
    before = [one["number"] for one in ordered[1:]] + [None]
    return [
        {
            "number": one["number"],
            "fetched": one["capture_fetched"] or one["fetched"],
            "before": earlier,
            "origin": (origin := (one["witnesses"][0]["origin"] if one["witnesses"] else row["origin"])),
            "origin_words": ORIGINS.get(origin, (origin, origin)),
            "captured": one["witnesses"][0]["captured"] if one["witnesses"] else one["fetched"],
            "uri": one["witnesses"][0]["uri"] if one["witnesses"] else None,
            "record": one,
        }
        for one, earlier in zip(ordered, before, strict=True)
    ]


def _digits(moment: str) -> str:
    return re.sub(r"\D", "", moment[:19])
