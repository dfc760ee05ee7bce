"""`/series/<id>`: one series: the case, the timeline, its instalments with the missing ones in their place, what happened, facts.

Takes   the id, `page` of its events. Gives: a page. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from ...errors import NotFoundError
from ...ledger import queries, shelf
from ..replay import address
from ..room import Room
from .answering import page, unknown, whole
from .export import offered
from .health import health, standing
from .index import counts
from .naming import near_series
from .slots import Slot, cells, slots
from .timeline import KINDS, LANES, WIDTH, plot
from .wording import ORIGINS, language_tag, mark, published, sentence
from .wording import address as event_address

Row = dict[str, Any]

_EVENTS: Final = 12  # on a page
_CASE: Final = 72  # above that the case would be longer than the list


def series(room: Room, request: Request) -> Response:
    """Answer `/series/<id>`."""
    wanted = request.path_params["id"]
    number = whole(request.query_params.get("page"), 1, 10**6) or 1
    now = datetime.now(UTC)
    with room.ledger.read() as connection:
        try:
            [told] = standing(room, connection, now, wanted)
        except NotFoundError as error:
            return unknown(room, request, error, near_series(connection, wanted))
        about = shelf.about(connection, [wanted])[wanted]
        row = queries.series(connection, wanted)[0]
        articles = shelf.instalments(connection, [wanted])[wanted]
        shown = slots(wanted, row, articles)
        events = shelf.events(connection, wanted, _EVENTS, (number - 1) * _EVENTS)
        many = shelf.count_events(connection, wanted)
        marks = shelf.marks(connection, wanted, KINDS)
    cadence = None if row["cadence_s"] is None else timedelta(seconds=row["cadence_s"])
    names = {slot.row["id"]: slot.name for slot in shown if slot.row}
    values = {
        "tab": "series",
        "id": wanted,
        "about": about,
        "told": told,
        "lang_of_text": language_tag(about["language"]),
        "health": health(told),
        "sum": _sum(shown),
        "counts": counts(told, shown),
        "slots": shown,
        "with_case": len(shown) <= _CASE,
        "cells": cells(wanted, shown) if len(shown) > _CASE else [],
        "lines": [_line(wanted, slot) for slot in shown],
        "plot": plot(wanted, shown, marks, told, cadence, now),
        "lanes": LANES,
        "width": WIDTH,
        "events": [_event(one, names) for one in events],
        "many_events": many,
        "earlier": f"/series/{wanted}?page={number - 1}#h-ev" if number > 1 else None,
        "later": f"/series/{wanted}?page={number + 1}#h-ev" if number * _EVENTS < many else None,
        "facts": _facts(row),
        "exports": offered() if any(slot.row and slot.row["revisions"] for slot in shown) else [],
        "package": _package(room.home.root / "wacz" / f"{wanted}.wacz"),
        "kept_until": events[0]["at"] if events and number == 1 else None,
    }
    return page(room, request, "series.html", values)


def _sum(shown: Sequence[Slot]) -> dict[str, int]:
    """Count the cells: expected = kept + failed + found + missing; revised, withdrawn and second-hand are among the kept."""
    kept = [slot for slot in shown if slot.row and slot.row["revisions"]]
    rest = [slot for slot in shown if not (slot.row and slot.row["revisions"])]

    def number(row: Sequence[Slot], name: str) -> int:
        return sum(1 for slot in row if any(one.name == name for one in slot.states))

    return {
        "expected": len(shown),
        "kept": len(kept),
        **{name: number(kept, name) for name in ("revised", "withdrawn", "second")},
        **{name: number(rest, name) for name in ("failed", "found", "missing")},
    }


def _line(series: str, slot: Slot) -> Row:
    """Give what a line of the list says beside the slot."""
    row = slot.row
    if row is None:
        return {"slot": slot, "date": None, "origin": None, "notes": [], "try": f"lianzai crawl {series}"}
    notes: list[tuple[str, str]] = []
    if row["revisions"] > 1:
        notes.append((f"共 {row['revisions']} 版", f"{row['revisions']} revisions"))
    if row["state"] == "withdrawn":
        notes.append(("存本可读", "kept here"))
    elif row["gone_since"]:
        notes.append(("不在原址，尚待再查", "not at its address, to be looked at again"))
    if row["failing"]:
        notes.append((f"未成：{row['failing']}", f"failed: {row['failing']}"))
    never = not row["revisions"]
    return {
        "slot": slot,
        "date": published(row["published"], "day") if row["published"] else None,
        "origin": None if never else ORIGINS.get(row["origin"], (row["origin"], row["origin"])),
        "notes": notes,
        "try": f"lianzai crawl {series} --article {row['id']}" if never else None,
    }


def _event(event: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> Row:
    return {
        "id": event["id"],
        "at": event["at"],
        "mark": mark(event["kind"]),
        "words": sentence(event),
        "name": names.get(event["article"] or ""),
        "address": event_address(event),
        "evidence": event["evidence"],
    }


def _facts(row: Row) -> Row:
    """Give what the profile says, and where the lists lie in the replay."""
    profile = row["profile"]
    source = profile.get("source", {})
    watch = profile.get("watch", {}).get("withdraw_after") or {}
    described = profile.get("series", {})
    url = source.get("url") or source.get("base_url")
    return {
        "kind": source.get("kind"),
        "list": url if isinstance(url, str) and "{" not in url else None,
        "calendar": address.calendar(url) if isinstance(url, str) and "{" not in url and "://" in url else None,
        "source": row["source"],
        "schedule": row["schedule"],
        "timezone": row["timezone"],
        "cadence_days": None if row["cadence_s"] is None else round(row["cadence_s"] / 86400, 1),
        "withdraw": (watch.get("checks"), watch.get("hours")) if watch else None,
        "description": described.get("description") or "",
        "rights": described.get("rights") or "",
        "tags": described.get("tags") or [],
    }


def _package(path: Path) -> int | None:
    """Give the size of the series' WACZ, None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None
