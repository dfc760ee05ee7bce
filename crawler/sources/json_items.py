"""An item of an API's list to an entry, by the JMESPath of a profile's `fields`.

Takes   one element of a list as JSON values.
Gives   Entry; an item that names no article is skipped with its reason.
Writes  nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from archive.model import Entry

from ..scope import canonicalise, wire_url
from .json_answer import text_of
from .links import name_of, parse_html
from .people import authors_of
from .times import Clock

NAME_CHARS = 60
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_TEMPLATE = re.compile(r"(?:https?:/)?/\S*\{[^{}]+\}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.I)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def is_template(written: str) -> bool:
    """Tell an address with placeholders from a JMESPath expression.

    >>> is_template("https://e.org/a/{id}.html"), is_template("/a/{id}"), is_template("links[0].href")
    (True, True, False)
    """
    return bool(_TEMPLATE.match(written))


def compiled(expression: str) -> Any:
    """Compile a JMESPath expression; it was checked with the profile."""
    import jmespath

    return jmespath.compile(expression)


@dataclass(frozen=True)
class Items:
    """Reads items. fields: name -> JMESPath, `url` and `detail` also as templates of an address. clock: for their times."""

    fields: Mapping[str, str]
    clock: Clock = field(default_factory=Clock)
    _asked: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def read(self, rows: list[Any], list_url: str) -> Iterator[Entry]:
        """Give an entry for each item, in their order or that of `position`. list_url: where the list was got."""
        for place, row in enumerate(self._in_order(rows), 1):
            yield self._entry(row, place, list_url)

    def _entry(self, row: Any, place: int, list_url: str) -> Entry:
        url = self._address("url", row, list_url)
        detail = self._address("detail", row, list_url)
        title = plain(self.get("title", row))
        if url is None and detail is None:
            said = f"item {place} of the list ({title or 'without a title'}) has no web address at fields.url"
            key = f"{canonicalise(list_url)}#{place}"
            return Entry(key, "", list_url, title=title, skip="source", skip_detail=said)
        named = text_of(self.get("id", row))
        published, changed = self.get("published", row), self.get("updated", row)
        return Entry(
            named or canonicalise(url or detail or ""),
            _UNSAFE.sub("_", named).strip("._-")[:NAME_CHARS] if named else name_of(url or detail or ""),
            url or "",
            detail=detail,
            title=title,
            published=self.clock.when(published) or self.clock.when(changed),
            updated=self.clock.told(changed),
            authors=authors_of(self.get("authors", row)),
        )

    def _in_order(self, rows: list[Any]) -> list[Any]:
        if "position" not in self.fields:
            return rows
        places = [_number(self.get("position", row)) for row in rows]
        if any(place is None for place in places):
            return rows
        return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0] or 0)]

    def get(self, name: str, row: Any) -> Any:
        """Give what a field says of an item; None where there is no such field."""
        expression = self.fields.get(name)
        return self._search(expression, row) if expression else None

    def _search(self, expression: str, row: Any) -> Any:
        from jmespath.exceptions import JMESPathError

        if expression not in self._asked:
            self._asked[expression] = compiled(expression)
        try:
            return self._asked[expression].search(row)
        except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
            return None  # a function that does not take what this item has there

    def _address(self, name: str, row: Any, base: str) -> str | None:
        written = self.fields.get(name)
        if written is None:
            return None
        if not is_template(written):
            value = self._search(written, row)
            text = text_of(value[0] if isinstance(value, list) and value else value)
            return wire_url(text, base) if text else None
        values: dict[str, str] = {}
        for inner in _PLACEHOLDER.findall(written):
            value = text_of(self._search(self.fields.get(inner, inner), row))
            if value is None:
                return None
            values[inner] = quote(value, safe="/:@!$'()*,;~")
        return wire_url(_PLACEHOLDER.sub(lambda one: values[one[1]], written), base)


def plain(value: Any) -> str | None:
    """Give a title without the marks that a search engine puts into it (<em>…</em>), and without HTML's way to write a sign.

    >>> plain("<em>Q</em>&amp;A"), plain("&#8220;Still&#8221; water"), plain("R&D")
    ('Q&A', '“Still” water', 'R&D')
    """
    if isinstance(value, str) and "<" in value:
        root = parse_html(f"<div>{value}</div>")
        value = "".join(root.itertext()) if root is not None else value
    elif isinstance(value, str):
        value = _ENTITY.sub(lambda one: html.unescape(one[0]), value)
    return text_of(value)


def _number(value: Any) -> float | None:
    try:
        return float(text_of(value) or "")
    except ValueError:
        return None
