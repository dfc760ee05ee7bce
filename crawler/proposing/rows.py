"""The list of articles in a JSON value, and JMESPath for what each item tells.

Takes   a JSON value, the address that relative addresses are joined to.
Gives   Rows: the way to the list, the paths of an item's fields, the items; around, the objects that the list stands in.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from archive.clean.dates import read_moment

from ..scope import wire_url
from ..sources.json_answer import rows_of, text_of
from .anchors import units_of

_DEPTH = 8
_VALUES = 20_000  # JSON values that are looked at
_LEAST_END = 4  # letters of a known name that a longer one may end in
_FLAT_DEPTH = 3  # objects within each other in which an item tells of itself
_OF_ITSELF = frozenset({"self", "relationships"})  # where the API has an item, and what that is tied to
_SAMPLE = 30  # items by which a field is judged
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"https?://\S+|//[\w.-]+/\S+|\.{0,2}/[^\s<>]+|[\w/-]+\.s?html?(?:\?\S*)?")
_SLUG = re.compile(r"[\w%~-]*[^\W\d_]{2}[\w%~.-]*")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34])(?:\?|$)", re.I)

# The way to a value within JSON: names of objects, places of lists; None for all that a list holds.
Keys = tuple[str | int | None, ...]

# The names that APIs give to what a list tells, the likeliest first; without their blanks, hyphens and low lines.
_NAMES = {
    field: tuple(names.split())
    for field, names in {
        "url": "url link href permalink weburl linkurl pageurl shareurl articleurl htmlurl docurl path uri canonical "
        "canonicalurl detailurl sourceurl src",
        "title": "title headline name subject doctitle newstitle articletitle listtitle shorttitle topic caption text t",
        "id": "id docid articleid contentid newsid guid uuid nid aid",
        "published": "published publishedat publishtime pubtime pubdate date datepublished publisheddate publishdate "
        "firstpublished showtime publishon sorttime docpubtime created createdat createtime ctime inputtime time datetime "
        "displaydate firstpublicationdate",
        "slug": "slug urlslug alias urlkey permaname",
        "updated": "updated updatedat modified modifiedgmt datemodified lastmodified updatetime mtime lastpublishedat",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of articles. keys: the way to it. fields: JMESPath of what each tells; "url" is there. count: of the items.

    slugged: no item has an address: there is a "slug" instead, and addresses holds the slugs. titles: of the items, by addresses.
    falling: the dates of the items, that of each not after the one before it, and of the last before the first.
    """

    keys: Keys
    fields: dict[str, str]
    count: int
    score: float
    addresses: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    slugged: bool = False
    falling: bool = False

    @property
    def items(self) -> str:
        """JMESPath of the list."""
        return path_of(self.keys) or "@"


def find_rows(value: Any, base: str, *, slugged: bool = False, depth: int = _DEPTH) -> Rows | None:
    """Find the list of articles in an answer; None where no list of objects has addresses and headlines.

    slugged: take, where there is no such list, one whose objects have a headline and the last part of an address. depth: of
    the values within each other that are looked at.
    """
    found = [rows for keys, items in _lists(value, depth) if (rows := _rows(keys, items, base)) is not None]
    best = max((rows for rows in found if not rows.slugged), key=lambda rows: rows.score, default=None)
    return best or (max(found, key=lambda rows: rows.score, default=None) if slugged else None)


def path_of(keys: Keys) -> str:
    """Write the way to a value as JMESPath; "" for the value itself.

    >>> path_of(("data", 0, "a-list"))
    'data[0]."a-list"'
    >>> path_of(("sections", None, "articles", None))
    'sections[].articles[]'
    """
    path = ""
    for key in keys:
        path += (
            f"[{'' if key is None else key}]" if not isinstance(key, str) else f".{_key(key)}" if path else _key(key)
        )
    return path


def around(value: Any, keys: Keys, *, deep: bool = False) -> Iterator[tuple[Keys, Mapping[str, Any]]]:
    """Give the objects in which a list stands, the outermost first.

    Behind each are those in it that are not on the way there; deep: and those in these (meta.pagination).
    """
    for depth in range(keys.index(None) if None in keys else len(keys)):
        if isinstance(value, Mapping):
            yield keys[:depth], value
            for key, inner in value.items():
                if isinstance(inner, Mapping) and keys[depth : depth + 1] != (key,):
                    yield (*keys[:depth], key), inner
                    yield from (
                        ((*keys[:depth], key, name), one)
                        for name, one in inner.items()
                        if deep and isinstance(one, Mapping)
                    )
        value = value[keys[depth]]


def _lists(value: Any, depth: int) -> Iterator[tuple[Keys, list[Mapping[str, Any]]]]:
    """Give each list of objects within a value, by the way to it; what names its objects by number alone is a list, too."""
    waiting: list[tuple[Keys, Any]] = [((), value)]
    for _ in range(_VALUES):
        if not waiting:
            return
        keys, one = waiting.pop(0)
        if isinstance(one, list):
            items = [item for item in one if isinstance(item, Mapping)]
            if len(items) >= 2 and len(items) * 2 >= len(one):
                yield keys, items
                yield from _in_sections(keys, items)
            if len(keys) < depth:
                waiting += [((*keys, number), item) for number, item in enumerate(one[:5])]
        elif isinstance(one, Mapping) and len(keys) < depth:
            if len(one) >= 2 and all(isinstance(item, Mapping) for item in rows_of(one) or [None]):
                yield keys, [item for item in one.values() if isinstance(item, Mapping)]
            waiting += [((*keys, key), inner) for key, inner in one.items()]


def _in_sections(keys: Keys, sections: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Keys, list[Mapping[str, Any]]]]:
    """Give the lists that each object of a list has under one name as one: a topic is often written in sections."""
    named = Counter(name for section in sections for name, inner in section.items() if isinstance(inner, list))
    for name, times in named.items():
        lists = [inner for section in sections if isinstance(inner := section.get(name), list)]
        items = [item for inner in lists for item in inner if isinstance(item, Mapping)]
        if times >= 2 and len(items) > times:
            yield (*keys, None, name, None), items


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rows(keys: Keys, items: Sequence[Mapping[str, Any]], base: str) -> Rows | None:
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
        ("slug", _is_slug),
    ):
        best = _best(field, columns, good, len(sample), set(fields.values()))
        if best:
            fields[field] = best
    slugged = "url" not in fields
    named = fields.get("slug" if slugged else "url")
    if not slugged:
        fields.pop("slug", None)
    if named is None or "title" not in fields:
        return None
    told = {
        address: text_of(flat.get(fields["title"])) or ""
        for flat in map(dict, map(_flat, items))
        if (text := text_of(flat.get(named))) and (address := text if slugged else wire_url(text, base))
    }
    distinct = len(told)
    if distinct < 2:
        return None
    longest = sum(min(40, units_of(text_of(one) or "")) for one in columns[fields["title"]]) / len(sample)
    return Rows(
        keys,
        fields,
        len(items),
        distinct**0.5 * (1 + longest / 20) * (1.5 if "published" in fields else 1.0),
        tuple(told),
        tuple(told.values()),
        slugged,
        _falls(columns.get(fields.get("published", ""), ())),
    )


def _falls(dates: Sequence[Any]) -> bool:
    """Tell whether dates fall; those that are none are passed over."""
    moments = [moment for one in dates if (moment := read_moment(text_of(one) or "", compact=True)) is not None]
    days = [(one.day, one.hour or 0, one.minute or 0) for one in moments]
    return len(days) > 1 and days[0] > days[-1] and all(one >= other for one, other in pairwise(days))


def _flat(item: Mapping[str, Any], depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Give the values of an item and of the objects in it (title.rendered, attributes.path.alias), by path."""
    for key, value in item.items():
        if isinstance(value, Mapping):
            if depth < _FLAT_DEPTH and key.lower() not in _OF_ITSELF:
                yield from ((f"{_key(key)}.{path}", one) for path, one in _flat(value, depth + 1))
        elif not isinstance(value, list):
            yield _key(key), value


def _best(field: str, columns: Mapping[str, Sequence[Any]], good: Any, count: int, taken: set[str]) -> str | None:
    """Choose the path whose values are of a field's kind in most items, by its name first."""
    names = _NAMES[field]
    rated = []
    for path, values in columns.items():
        share = sum(1 for value in values if good(text_of(value))) / count
        words = [re.sub(r"[^a-z]", "", part.lower()) for part in path.split(".")]
        rank = min((rank for word in words if (rank := _rank(word, names)) is not None), default=None)
        if field != "url" and rank is None:
            continue
        if share < 0.7 or path in taken or (field == "url" and rank is None and share < 0.9):
            continue
        if field in ("url", "title", "id", "slug") and len({text_of(value) for value in values}) * 2 <= count:
            continue
        rated.append((0 if rank is not None else 1, rank if rank is not None else 99, len(path), path))
    return min(rated)[-1] if rated else None


def _rank(word: str, names: Sequence[str]) -> int | None:
    """Give the place of a name among those that are known; behind them of one that ends in one of them (contentTitle)."""
    if word in names:
        return names.index(word)
    ends = (at for at, name in enumerate(names) if len(name) >= _LEAST_END and word.endswith(name))
    end = next(ends, None)
    return None if end is None else len(names) + end


def _is_address(text: str | None) -> bool:
    return bool(text and _ADDRESS.fullmatch(text) and not _PICTURE.search(text))


def _is_title(text: str | None) -> bool:
    return bool(text and units_of(text) >= 4 and not _ADDRESS.fullmatch(text) and not text.isdigit())


def _is_date(text: str | None) -> bool:
    return bool(text and len(text) <= 40 and read_moment(text, compact=True) is not None)


def _is_slug(text: str | None) -> bool:
    return bool(text and len(text) <= 200 and _SLUG.fullmatch(text))


def _is_id(text: str | None) -> bool:
    return bool(text and len(text) <= 80 and " " not in text)
