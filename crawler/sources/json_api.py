"""json-api: any API that lists articles as JSON or JSONP, page by page.

Takes   the answers; JMESPath of the items, of what leads to the next page, and of an item's fields.
Gives   one entry an item; the address of the next page; looks_like_json.
Writes  nothing.

The next page comes from `next` (an address, a cursor, a number or true), else from counting {offset} or {page} on. It is followed
while an answer names something new: many APIs give their last page again for every number after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archive.model import Entry, Listing, Reading
from archive.posted import posted

from ..scope import canonicalise, wire_url
from .json_answer import read_json, rows_of, text_of
from .json_items import Items, compiled
from .json_paging import Asking, Template
from .json_refusal import message_in, refusal_in, says_end
from .links import name_of
from .protocol import SourceError
from .times import Clock

if TYPE_CHECKING:
    from archive.clean.rules import Rules

MAX_ROWS = 200_000  # of one answer, as of a sitemap; each takes 0.1 ms
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def looks_like_json(body: bytes, content_type: str) -> bool:
    """Tell whether a body is JSON or JSONP that holds an object or a list."""
    try:
        return isinstance(read_json(body, content_type).value, dict | list)
    except SourceError:
        return False


@dataclass(frozen=True)
class JsonApi:
    """The source of a profile that reads an API.

    url, body: with {offset}, {page}, {cursor}; body: None for GET. items, next, total, good: JMESPath of the answer; fields: of
    an item. page_start: number of the first page. page_size: items a page, for {offset}; None: as many as an answer has.
    """

    url: str
    items: str
    fields: Mapping[str, str]
    next: str | None = None
    body: str | None = None
    content_type: str = ""
    page_start: int = 1
    page_size: int | None = None
    cursor_start: str = ""
    total: str | None = None
    good: str | None = None
    max_pages: int = 100
    zone: str | None = None
    detail_fields: Mapping[str, str] = field(default_factory=dict)

    def seeds(self) -> tuple[str, ...]:
        """Give the address of the first page."""
        first = self._template.address(Asking(0, self.page_start, self.cursor_start))
        return (first,) if first else ()

    def entries(self) -> tuple[Entry, ...]:
        """Give nothing: the API names the articles."""
        return ()

    def is_list(self, url: str) -> bool | None:
        """Tell that an address which the template makes is a list; of others the API alone tells."""
        return True if self._template.asked_by(url) is not None else None

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read one page. Raises SourceError where the answer is no such list, and where it says no."""
        answer = read_json(body, content_type).value
        request = posted(url)
        place = request.url if request else url
        asking = self._template.asked_by(url)
        rows = self._rows(answer, place, asking)
        entries = _distinct(list(Items(self.fields, Clock(self.zone)).read(rows, place)))
        following = self._following(answer, url, len(rows), asking) if rows else None
        more = (following,) if following and following != url else ()
        return Listing(entries, more, None, while_new=True, counted=self.next is None)

    # ------------------------------------------------------------------------------------------------------ rows

    def _rows(self, answer: Any, place: str, asking: Asking | None) -> list[Any]:
        if self.good is not None and not self._search(self.good, answer):
            said = message_in(answer) if isinstance(answer, dict) else _kind(answer)
            raise SourceError("source", f"the answer of {place} is not good by ok {self.good!r}: {said}")
        found = self._search(self.items, answer)
        rows = rows_of(found)
        if rows:
            if len(rows) > MAX_ROWS:
                raise SourceError("source", f"the answer of {place} has {len(rows)} rows; at most {MAX_ROWS} are read")
            return rows
        refusal = refusal_in(answer)
        further = asking is not None and self._is_further(asking)
        if refusal is not None and not (further and says_end(refusal)):
            raise SourceError("source", f"the API of {place} says no: {refusal}")
        if rows is None and found not in ({}, "", None, False):
            raise SourceError("source", f"items {self.items!r} of {place}: expected a list, found {_kind(found)}")
        if rows is None and not further and found in ("", None, False):
            raise SourceError(
                "source", f"items {self.items!r} finds nothing in the answer of {place}, which is {_kind(answer)}"
            )
        return []

    def _is_further(self, asking: Asking) -> bool:
        """Tell whether a page is one behind the first, where nothing means the end."""
        return (
            bool(asking.offset)
            or (asking.page is not None and asking.page > self.page_start)
            or (asking.cursor is not None and asking.cursor != self.cursor_start)
        )

    # ------------------------------------------------------------------------------------------------------ next

    def _following(self, answer: Any, url: str, rows: int, asking: Asking | None) -> str | None:
        if self.next is None:
            return self._counted(answer, rows, asking)
        value = self._search(self.next, answer)
        if isinstance(value, list):
            value = value[0] if value else None
        if value is True:
            return self._counted(answer, rows, asking)
        text = text_of(value)
        if text is None or text == "0" or text.lower() in ("null", "none", "false"):
            return None
        template = self._template
        if "cursor" in template.held:
            again = asking is not None and asking.cursor == text
            return None if again else template.address(Asking(*self._numbers(rows, asking), cursor=text))
        if text.isdecimal() and template.held:
            number = int(text)
            return template.address(Asking(offset=number, page=number))
        request = posted(url)
        return template.sent_to(wire_url(text, request.url if request else url), {})

    def _counted(self, answer: Any, rows: int, asking: Asking | None) -> str | None:
        """Count on to the next page; None at the number that `total` tells."""
        if asking is None or not {"offset", "page"} & self._template.held:
            return None
        offset, page = self._numbers(rows, asking)
        total = _whole(self._search(self.total, answer)) if self.total else None
        seen = offset if offset is not None else self._seen_by(page)
        if total is not None and seen is not None and seen >= total:
            return None
        return self._template.address(Asking(offset, page, asking.cursor))

    def _numbers(self, rows: int, asking: Asking | None) -> tuple[int | None, int | None]:
        if asking is None:
            return None, None
        offset = None if asking.offset is None else asking.offset + (self.page_size or rows)
        return offset, None if asking.page is None else asking.page + 1

    def _seen_by(self, page: int | None) -> int | None:
        """Give how many items stand before a page."""
        return None if page is None or self.page_size is None else (page - self.page_start) * self.page_size

    # ---------------------------------------------------------------------------------------------------- detail

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:
        """Read an article's answer by the profile's `detail`. Raises Refused where it says that there is no article."""
        if not self.detail_fields:
            raise SourceError("source", f"{url} is no article's answer: the profile has no source.detail")
        from .json_detail import read_detail

        return read_detail(read_json(body, content_type), url, self.detail_fields, rules)

    @cached_property
    def _template(self) -> Template:
        return Template(self.url, self.body, self.content_type)

    def _search(self, expression: str, answer: Any) -> Any:
        from jmespath.exceptions import JMESPathError

        try:
            return compiled(expression).search(answer)
        except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise SourceError(
                "source", f"{expression!r} cannot be asked of the answer, which is {_kind(answer)}: {error}"
            ) from error


def _distinct(entries: list[Entry]) -> tuple[Entry, ...]:
    """Give each article once; an id that stands for several addresses names none of them, so the address does."""
    addresses: dict[str, set[str]] = {}
    for entry in entries:
        addresses.setdefault(entry.key, set()).add(canonicalise(entry.url))
    found: dict[str, Entry] = {}
    for entry in entries:
        if len(addresses[entry.key]) > 1 and entry.url:
            key = canonicalise(entry.url)
            found.setdefault(key, replace(entry, key=key, name=name_of(entry.url)))
        else:
            found.setdefault(entry.key, entry)
    return tuple(found.values())


def _whole(value: Any) -> int | None:
    text = text_of(value)
    return int(text) if text is not None and text.isdecimal() else None


def _kind(value: Any) -> str:
    """Name a JSON value in a report."""
    if isinstance(value, dict):
        return f"an object with the keys {', '.join(map(str, list(value)[:8]))}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else f"{value!r:.80}"
