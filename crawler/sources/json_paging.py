"""The addresses of an API's pages: a template with {offset}, {page} or {cursor}, filled and read back.

Takes   the template of an address, and of a body where the API wants a POST.
Gives   Template: the address of a page; the numbers of the page that an address asks for.
Writes  nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, urlsplit

from archive.posted import Posted, posted
from archive.warc import record_uri

from ..scope import wire_url

PLACEHOLDERS = ("offset", "page", "cursor")
# What stands in a template while it is brought to the spelling of requests: of characters that no spelling changes.
_SIGNS = {"offset": "7041776001", "page": "7041776002", "cursor": "7041776003"}
_VALUES = {"offset": r"-?\d+", "page": r"-?\d+", "cursor": r"[^&]*?"}


@dataclass(frozen=True)
class Asking:
    """What is asked for one page. A number that the template does not hold is None."""

    offset: int | None = None
    page: int | None = None
    cursor: str | None = None


@dataclass(frozen=True)
class Template:
    """How the pages of a list are asked for. body: None for GET. content_type: of the body."""

    url: str
    body: str | None = None
    content_type: str = ""
    held: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        both = self.url + (self.body or "")
        object.__setattr__(self, "held", frozenset(name for name in PLACEHOLDERS if f"{{{name}}}" in both))

    def address(self, asking: Asking) -> str | None:
        """Give the address that asks for a page, of a POST with what it sends in it; None where it is no web address."""
        values = {name: str(value) for name in self.held if (value := getattr(asking, name)) is not None}
        return self.sent_to(
            wire_url(_filled(self.url, {n: quote(v, safe="") for n, v in values.items()}), None), values
        )

    def sent_to(self, url: str | None, values: dict[str, str]) -> str | None:
        """Give the address of a request of this kind to another URL."""
        if url is None or self.body is None:
            return url
        return Posted(url, self.content_type, _filled(self.body, self._spelled(values)).encode()).address

    def asked_by(self, address: str) -> Asking | None:
        """Give what an address asks for; None where it is none that the template makes."""
        request = posted(address)
        if (request is None) != (self.body is None):
            return None
        found = self._of_url.fullmatch(_place(request.url if request else address))
        sent = self._of_body.fullmatch(request.body.decode("utf-8", "replace")) if request else None
        if found is None or (request and sent is None):
            return None
        told = {**found.groupdict(), **(sent.groupdict() if sent else {})}
        offset, page = (int(told[name]) if told.get(name) else None for name in ("offset", "page"))
        return Asking(offset, page, told.get("cursor"))

    def _spelled(self, values: dict[str, str]) -> dict[str, str]:
        """Spell values for the body, which is JSON or a form."""
        if self.content_type.startswith("application/x-www-form-urlencoded"):
            return {name: quote(value, safe="") for name, value in values.items()}
        return {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}

    @cached_property
    def _of_url(self) -> re.Pattern[str]:
        return _pattern(_place(_filled(self.url, _SIGNS)))

    @cached_property
    def _of_body(self) -> re.Pattern[str]:
        return _pattern(_filled(self.body or "", _SIGNS))


def _filled(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _place(url: str) -> str:
    """Give path and query as a record has them; scheme and host are left out, for a redirect may have changed them."""
    parts = urlsplit(record_uri(wire_url(url, None) or url))
    return f"{parts.path}?{parts.query}"


def _pattern(filled: str) -> re.Pattern[str]:
    """Make a pattern of a template with signs in it; where a placeholder comes twice, the first counts."""
    pattern = re.escape(filled)
    for name, sign in _SIGNS.items():
        pattern = pattern.replace(sign, f"(?P<{name}>{_VALUES[name]})", 1).replace(sign, _VALUES[name])
    return re.compile(pattern, re.DOTALL)
