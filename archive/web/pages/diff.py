"""`/article/<id>/diff/<a>/<b>`: two revisions beside each other or in one, by character; moved paragraphs as moved.

Takes   any name of an article, two numbers, `view` of the address. Gives: a page, or the way to it. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from ... import views
from ...aligning import Kind, align
from ...aligning import Row as Line
from ...diff import compare, textual
from ...errors import NotFoundError
from ...ledger import queries, shelf
from ...ledger.queries import Connection
from ..replay import address
from ..room import Room
from .answering import moved_to, page, unknown
from .naming import near_articles, wanted_of
from .wording import ORIGINS, field, language_tag

Row = dict[str, Any]

_SCALARS: Final = ("title", "authors", "published", "source", "editor")
_LISTS: Final = ("editors_note", "highlights", "body", "images")
_FOLDED: Final = 3  # so many unchanged paragraphs in a row are shown; of more the first and the last
_OTHERS: Final = 8  # further pairs that are offered


def last_two(room: Room, request: Request) -> Response:
    """Answer `/article/<id>/diff`: lead to the differences between the last two revisions in time."""
    wanted = wanted_of(request, request.path_params["wanted"])
    with room.ledger.read() as connection:
        try:
            row = queries.article(connection, views.resolve(connection, wanted))
            assert row is not None  # noqa: S101 - it was just found, in the same state of the ledger
        except NotFoundError as error:
            return unknown(room, request, error, near_articles(connection, wanted))
        before = queries.before_shown(connection, row)
    if before is None:
        alone = NotFoundError(f"{row['id']} has {'one revision only' if row['revisions'] else 'no revision'}")
        return unknown(room, request, alone, [(f"/article/{row['id']}", row["title"] or row["id"])])
    return moved_to(request, f"/article/{row['id']}/diff/{before}/{row['shown']}")


def diff(room: Room, request: Request) -> Response:
    """Answer `/article/<id>/diff/<a>/<b>`."""
    wanted = wanted_of(request, request.path_params["wanted"])
    numbers = request.path_params["a"], request.path_params["b"]
    with room.ledger.read() as connection:
        try:
            found = views.resolve(connection, wanted)
            if found != request.path_params["wanted"]:
                return moved_to(request, f"/article/{found}/diff/{numbers[0]}/{numbers[1]}")
            values = _compared(connection, found, numbers)
        except NotFoundError as error:
            return unknown(room, request, error, near_articles(connection, wanted))
    values["view"] = "inline" if request.query_params.get("view") == "inline" else "side"
    return page(room, request, "diff.html", values)


def _compared(connection: Connection, article: str, numbers: tuple[int, int]) -> Row:
    row = queries.article(connection, article)
    assert row is not None  # noqa: S101 - it was just found, in the same state of the ledger
    kept = [_revision(connection, row, number) for number in numbers]
    was, now = (views.document(row, one) for one in kept)
    about = shelf.about(connection, [row["series"]])[row["series"]]
    fields = _fields(was, now)
    revisions = shelf.revisions(connection, article)
    return {
        "tab": "series",
        "row": row,
        "series": about | {"id": row["series"]},
        "title": now["title"] or row["title"] or row["url"],
        "numbers": numbers,
        "records": [_record(row, one, document) for one, document in zip(kept, (was, now), strict=True)],
        "fields": fields,
        "told": _told(fields),
        "others": _others(revisions, numbers),
        "lang_of_text": language_tag(kept[1]["reading"].get("language") or about["language"]),
    }


def _revision(connection: Connection, row: Row, number: int) -> Row:
    kept = queries.revision(connection, row["id"], number) if 0 < number < 2**31 else None
    if kept is None:
        raise NotFoundError(f"{row['id']}: no revision {number}; it has {row['revisions']}")
    return kept


def _record(row: Row, kept: Row, document: Row) -> Row:
    """Name the record that a revision was read from in full."""
    moment = re.sub(r"\D", "", (kept["capture_fetched"] or "")[:19])
    url = kept["capture_url"]
    origin = kept["witnesses"][0]["origin"] if kept["witnesses"] else row["origin"]
    return {
        "number": kept["number"],
        "record": document["provenance"],
        "fetched": kept["capture_fetched"],
        "origin": origin,
        "origin_words": ORIGINS.get(origin, (origin, origin)),
        "replay": address.link(moment, address.PAGE, url) if moment and url else None,
        "bytes": address.link(moment, address.RAW, url) if moment and url else None,
        "address": f"/article/{row['id']}" + ("" if kept["number"] == row["shown"] else f"?revision={kept['number']}"),
    }


def _others(revisions: Sequence[Row], numbers: tuple[int, int]) -> list[tuple[int, int]]:
    """Offer neighbours in time, and the first against the last."""
    ordered = [one["number"] for one in sorted(revisions, key=lambda one: (one["fetched"], one["number"]))]
    pairs = list(pairwise(ordered))[-_OTHERS:]
    if len(ordered) > 2:
        pairs.append((ordered[0], ordered[-1]))
    return [pair for pair in pairs if pair != numbers]


def _fields(was: Row, now: Row) -> list[Row]:
    """Compare field by field. Fields that are empty on both sides are left out; others are there even if they are the same."""
    found: list[Row] = []
    for name in _SCALARS:
        old, new = textual(was[name]), textual(now[name])
        if old != new or (name == "title" and old):
            kind: Kind = "same" if old == new else "changed"
            found.append(
                {"name": name, "words": field(name), "lines": [Line(kind, 1, 1, compare(old, new))], "list": False}
            )
    for name in _LISTS:
        old_texts, new_texts = _texts(was, name), _texts(now, name)
        if old_texts != new_texts or (name == "body" and old_texts):
            lines = align(old_texts, new_texts)
            found.append({"name": name, "words": field(name), "lines": lines, "runs": _runs(lines), "list": True})
    return found


def _texts(document: Row, name: str) -> list[str]:
    """Give the paragraphs of a field; of a text that was not taken apart its lines."""
    if name == "body" and not document["body"]:
        return [line for line in (document["text"] or "").split("\n") if line]
    return [textual([one]) for one in document[name]]


def _runs(lines: Sequence[Line]) -> list[tuple[bool, list[Line]]]:
    """Group lines: (folded, lines); the inner ones of many unchanged in a row are folded."""
    found: list[tuple[bool, list[Line]]] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].kind == "same":
            end += 1
        if end - at > _FOLDED:
            found += [(False, [lines[at]]), (True, list(lines[at + 1 : end - 1])), (False, [lines[end - 1]])]
        else:
            found += [(False, [line]) for line in lines[at:end]]
        if end < len(lines):
            found.append((False, [lines[end]]))
            end += 1
        at = end
    return found


def _told(fields: Sequence[Row]) -> tuple[str, str]:
    """Say all differences in a sentence."""
    chinese, english = [], []
    for one in fields:
        for line in one["lines"]:
            told = _line_told(one, line)
            if told:
                chinese.append(told[0])
                english.append(told[1])
    if not chinese:
        return "两版文字全同。", "The two read the same."
    more = len(chinese) - 12
    tail = (f"；另有 {more} 处", f"; and {more} more") if more > 0 else ("", "")
    return (
        f"{len(chinese)} 处有别：{'；'.join(chinese[:12])}{tail[0]}。",
        f"{len(chinese)} {'difference' if len(chinese) == 1 else 'differences'}: {'; '.join(english[:12])}{tail[1]}.",
    )


def _line_told(one: Row, line: Line) -> tuple[str, str] | None:
    out, put = line.size
    if line.kind in ("same", "moved-from"):
        return None
    where = _where(one, line.was if line.now is None else line.now)
    changed = (
        "、".join(part for part in (f"删 {out} 字" if out else "", f"添 {put} 字" if put else "") if part),
        " and ".join(part for part in (f"{out} out" if out else "", f"{put} in" if put else "") if part),
    )
    if line.kind == "gone":
        return f"原{where[0]}整段删去，{out} 字", f"{where[1]} of the older one taken out, {out} characters"
    if line.kind == "new":
        return f"{where[0]}新添，{put} 字", f"{where[1]} is new, {put} characters"
    if line.kind == "moved-to":
        tail = (f"，{changed[0]}", f", {changed[1]}") if out or put else ("", "")
        return f"原第 {line.was} 段移为第 {line.now} 段{tail[0]}", f"paragraph {line.was} moved to {line.now}{tail[1]}"
    return f"{where[0]}{changed[0]}", f"{where[1]}: {changed[1]}"


def _where(one: Row, place: int | None) -> tuple[str, str]:
    """Name a place in a field."""
    if one["name"] == "body":
        return f"第 {place} 段", f"paragraph {place}"
    words: tuple[str, str] = one["words"]
    return (f"{words[0]}第 {place} 条", f"{words[1]} {place}") if one["list"] else words
