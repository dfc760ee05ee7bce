"""The list of articles in a JSON value, and JMESPath for what each item tells.

Takes   a JSON value, the address that relative addresses are joined to.
Gives   Rows: the path of the list, the paths of an item's fields, the items.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.clean.dates import read_moment

from ..scope import wire_url
from ..sources.json_answer import text_of
from .anchors import units_of

_DEPTH = 8
_VALUES = 20_000  # JSON values that are looked at
_SAMPLE = 30  # items by which a field is judged
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"https?://\S+|//[\w.-]+/\S+|\.{0,2}/[^\s<>]+|[\w/-]+\.s?html?(?:\?\S*)?")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34])(?:\?|$)", re.I)

# The names that APIs give to what a list tells, the likeliest first; without their blanks, hyphens and low lines.
_NAMES = {
    field: tuple(names.split())
    for field, names in {
        "url": "url link href permalink weburl linkurl pageurl shareurl articleurl htmlurl docurl path uri canonical "
        "canonicalurl detailurl sourceurl src",
        "title": "title headline name subject doctitle newstitle articletitle listtitle shorttitle topic caption text t",
        "id": "id docid articleid contentid newsid guid uuid nid aid",
        "published": "published publishedat publishtime pubtime pubdate date datepublished publisheddate publishdate "
        "firstpublished showtime docpubtime created createdat createtime ctime inputtime time datetime displaydate "
        "firstpublicationdate",
        "updated": "updated updatedat modified modifiedgmt datemodified lastmodified updatetime mtime lastpublishedat",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of articles. items: JMESPath of it. fields: JMESPath of what each tells; "url" is there. count: of the items."""

    items: str
    fields: dict[str, str]
    count: int
    score: float
    addresses: tuple[str, ...] = ()


def find_rows(value: Any, base: str) -> Rows | None:
    """Find the list of articles in an answer; None where no list of objects has addresses and headlines."""
    found = [rows for path, items in _lists(value) if (rows := _rows(path, items, base)) is not None]
    return max(found, key=lambda rows: rows.score, default=None)


def _lists(value: Any) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Give each list of objects within a value, by its path."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    for _ in range(_VALUES):
        if not waiting:
            return
        path, one, depth = waiting.pop(0)
        if isinstance(one, list):
            items = [item for item in one if isinstance(item, Mapping)]
            if len(items) >= 2 and len(items) * 2 >= len(one):
                yield path or "@", items
            if depth < _DEPTH:
                waiting += [(f"{path}[{number}]", item, depth + 1) for number, item in enumerate(one[:5])]
        elif isinstance(one, Mapping) and depth < _DEPTH:
            waiting += [(f"{path}.{_key(key)}" if path else _key(key), inner, depth + 1) for key, inner in one.items()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rows(path: str, items: Sequence[Mapping[str, Any]], base: str) -> Rows | None:
    sample = [dict(_flat(item)) for item in items[:_SAMPLE]]
    paths = list(dict.fromkeys(path for item in sample for path in item))
    columns = {path: [item.get(path) for item in sample] for path in paths}
    fields: dict[str, str] = {}
    for field, good in (
        ("url", _is_address),
        ("title", _is_title),
        ("published", _is_date),
        ("updated", _is_date),
        ("id", _is_id),
    ):
        best = _best(field, columns, good, len(sample), set(fields.values()))
        if best:
            fields[field] = best
    if "url" not in fields or "title" not in fields:
        return None
    addresses = tuple(
        url
        for item in items
        if (text := text_of(dict(_flat(item)).get(fields["url"]))) and (url := wire_url(text, base))
    )
    distinct = len(set(addresses))
    if distinct < 2:
        return None
    longest = sum(min(40, units_of(text_of(one) or "")) for one in columns[fields["title"]]) / len(sample)
    return Rows(
        path,
        fields,
        len(items),
        distinct**0.5 * (1 + longest / 20) * (1.5 if "published" in fields else 1.0),
        addresses,
    )


def _flat(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the values of an item and of the objects in it (title.rendered), by path."""
    for key, value in item.items():
        if isinstance(value, Mapping):
            yield from (
                (f"{_key(key)}.{_key(inner)}", one)
                for inner, one in value.items()
                if not isinstance(one, list | Mapping)
            )
        elif not isinstance(value, list):
            yield _key(key), value


def _best(field: str, columns: Mapping[str, Sequence[Any]], good: Any, count: int, taken: set[str]) -> str | None:
    """Choose the path whose values are of a field's kind in most items, by its name first."""
    names = _NAMES[field]
    rated = []
    for path, values in columns.items():
        share = sum(1 for value in values if good(text_of(value))) / count
        words = [re.sub(r"[^a-z]", "", part.lower()) for part in path.split(".")]
        rank = min((names.index(word) for word in words if word in names), default=None)
        if field != "url" and rank is None:
            continue
        if share < 0.7 or path in taken or (field == "url" and rank is None and share < 0.9):
            continue
        if field in ("title", "id") and len({text_of(value) for value in values}) * 2 <= count:
            continue
        rated.append((0 if rank is not None else 1, rank if rank is not None else 99, len(path), path))
    return min(rated)[-1] if rated else None


def _is_address(text: str | None) -> bool:
    return bool(text and _ADDRESS.fullmatch(text) and not _PICTURE.search(text))


def _is_title(text: str | None) -> bool:
    return bool(text and units_of(text) >= 4 and not _ADDRESS.fullmatch(text) and not text.isdigit())


def _is_date(text: str | None) -> bool:
    return bool(text and len(text) <= 40 and read_moment(text, compact=True) is not None)


def _is_id(text: str | None) -> bool:
    return bool(text and len(text) <= 80 and " " not in text)
