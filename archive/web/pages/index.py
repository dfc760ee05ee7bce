"""`/`: all series of the home, how complete each is, what happened last, how it stands.

Takes   `q`, `health`, `sort`, `page` of the address. Gives: a page of series. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from ...ledger import shelf
from ..room import Room
from .answering import page, whole
from .health import GRAVITY, KINDS
from .overview import Line, Overview, Overviews
from .slots import ONE_EACH, Cell, Slot, cells, slots
from .wording import address as event_address
from .wording import language_tag, mark, sentence

_A_PAGE: Final = 50
_SORTS: Final[dict[str, tuple[str, str]]] = {
    "grave": ("要紧的在前", "what needs a person first"),
    "changed": ("最近变动", "last change"),
    "first": ("首篇日期", "first instalment"),
    "title": ("系列名", "title"),
}


def index(room: Room, overviews: Overviews, request: Request) -> Response:
    """Answer `/`."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("q", "health", "sort")}
    if asked["health"] not in KINDS:
        asked["health"] = ""
    if asked["sort"] not in _SORTS:
        asked["sort"] = "grave"
    number = whole(request.query_params.get("page"), 1, 10**6) or 1
    with room.ledger.read() as connection:
        overview = overviews.now(connection)
        lines = overview.lines
        chosen = _chosen(overview, connection, asked)
        shown = chosen[(number - 1) * _A_PAGE : number * _A_PAGE]
        ids = [line.id for line in shown]
        rows, wanted, about = (
            shelf.instalments(connection, ids),
            shelf.subjects(connection, ids),
            shelf.about(connection, ids),
        )
        events = shelf.events_by_id(connection, [line.last[0] for line in shown if line.last])
    shown = [line for line in shown if line.id in about]  # one that was taken away since the overview was made
    values = {
        "tab": "series",
        "asked": asked,
        "kinds": KINDS,
        "sorts": _SORTS,
        "sum": _sum(lines),
        "many": len(lines),
        "fitting": len(chosen),
        "shelf": [
            _drawn(
                line,
                about[line.id],
                slots(line.id, wanted[line.id], rows[line.id]),
                events.get(line.last[0]) if line.last else None,
            )
            for line in shown
        ],
        "earlier": _address(asked, number - 1) if number > 1 else None,
        "later": _address(asked, number + 1) if number * _A_PAGE < len(chosen) else None,
        "first": (number - 1) * _A_PAGE + 1,
        "kept_until": max((line.last[1] for line in lines if line.last), default=None),
    }
    return page(room, request, "index.html", values)


def _chosen(overview: Overview, connection: Any, asked: Mapping[str, str]) -> list[Line]:
    """Give the series that are asked for, in the order that is."""
    lines = [line for line in overview.lines if not asked["health"] or line.health.kind == asked["health"]]
    sought = asked["q"].casefold()
    if sought:
        about = overview.about(connection)
        lines = [
            line for line in lines if any(sought in text.casefold() for text in _texts(line, about.get(line.id, {})))
        ]
    if asked["sort"] == "first":
        spans = overview.spans(connection)
        return sorted(lines, key=lambda line: (line.id not in spans, spans.get(line.id, ("", "")), line.id))
    if asked["sort"] == "title":
        return sorted(lines, key=lambda line: (line.title, line.id))
    newest = sorted(lines, key=_changed, reverse=True)  # sorting is stable: within one time by id
    return newest if asked["sort"] == "changed" else sorted(newest, key=lambda line: GRAVITY[line.health.kind])


def _texts(line: Line, about: Mapping[str, Any]) -> list[str]:
    return [line.id, line.title, about.get("publisher", ""), *about.get("tags", ())]


def _changed(line: Line) -> str:
    return line.last[1] if line.last else ""


def _sum(lines: Sequence[Line]) -> dict[str, int]:
    """Add up. What a series should have is at least what was found of it."""
    total = {"expected": 0, "captured": 0, "failed": 0, "missing": 0}
    for line in lines:
        told = line.told
        lacking = max((told["expected"] or 0) - told["found"], len(told["missing"]), 0)
        total["expected"] += max(told["expected"] or 0, told["found"])
        total["captured"] += told["captured"]
        total["failed"] += told["failed"]
        total["missing"] += lacking
    return total


def _drawn(line: Line, about: Mapping[str, Any], row: list[Slot], last: Mapping[str, Any] | None) -> dict[str, Any]:
    picture: list[Cell] = cells(line.id, row)
    names = {slot.row["id"]: slot.name for slot in row if slot.row}
    return {
        "id": line.id,
        "title": about["title"],
        "publisher": about["publisher"],
        "lang": language_tag(about["language"]),
        "span": _span(row),
        "complete": line.told["complete"],
        "health": line.health,
        "cells": picture,
        "counts": counts(line.told, row),
        "in_runs": len(row) > ONE_EACH,
        "many": len(row),
        "last": None
        if last is None
        else {
            "at": last["at"],
            "letter": mark(last["kind"]),
            "name": names.get(last["article"], ("", "")),
            "words": sentence(last),
            "address": event_address(last),
        },
    }


def _span(row: list[Slot]) -> tuple[str, str] | None:
    """Give the first and the last publication."""
    known = [slot.row["published"] for slot in row if slot.row and slot.row["published"]]
    return (min(known), max(known)) if known else None


def counts(told: Mapping[str, Any], row: list[Slot]) -> tuple[str, str]:
    """Count the cells of a series in words; the parts add up to what it should have."""
    of: dict[str, int] = {}
    for slot in row:
        for one in slot.states:
            of[one.name] = of.get(one.name, 0) + 1
    kept = sum(1 for slot in row if slot.row and slot.row["revisions"])
    chinese, english = [f"应有 {len(row)}，已存 {kept}"], [f"{kept} of {len(row)} kept"]
    within = [name for name in ("revised", "withdrawn", "second") if of.get(name)]
    words = {"revised": ("修订", "revised"), "withdrawn": ("撤下", "withdrawn"), "second": ("转存", "second-hand")}
    if within:
        chinese.append("其中" + "、".join(f"{words[name][0]} {of[name]}" for name in within))
        english.append("of these " + ", ".join(f"{of[name]} {words[name][1]}" for name in within))
    rest = {"failed": ("失败", "failed"), "found": ("已见未存", "seen, not captured"), "missing": ("缺", "missing")}
    for name, (zh, en) in rest.items():
        number = sum(1 for slot in row if slot.state.name == name and not (slot.row and slot.row["revisions"]))
        if number:
            chinese.append(f"{zh} {number}")
            english.append(f"{number} {en}")
    if told["expected"] is None and not told["missing"]:
        chinese[0] = f"已见 {len(row)}，已存 {kept}"
        english[0] = f"{kept} of {len(row)} seen are kept"
    return "，".join(chinese), ", ".join(english)


def _address(asked: Mapping[str, str], number: int) -> str:
    kept = {name: value for name, value in asked.items() if value and (name, value) != ("sort", "grave")}
    return "/?" + urlencode({**kept, "page": number})
