"""An address for what was asked with POST, or otherwise than by GET: the same URL gives another answer for another body.

Takes   a request as bytes, or what is to be sent.
Gives   asked: the address that names an exchange in a series; Posted and Sent, their addresses and back again; plain_url.
Writes  nothing.

The address is the URL with media type and body as its fragment. No address that a page or a list names has one, for fragments are
never asked for. It names the answer in ledger and fold, and can be turned back into the request; a record in a WARC has the
URL alone, and the request beside it. Of what others sent with another method, or with a body that is long, the address has what
the key of an index has of it (index/post.py), and cannot be turned back.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from .http import header, parse_request

_MARK = "#post="
_SENT_MARK = "#sent="
_SENT = re.compile(r"#sent=([^&#]*)&query=([^&#]*)$")
_FRAGMENT = re.compile(r"#post=([^&#]*)&body=([A-Za-z0-9_=-]*)$")


@dataclass(frozen=True, slots=True)
class Posted:
    """One POST request. url: absolute. content_type: as sent. body: as sent."""

    url: str
    content_type: str
    body: bytes

    @property
    def address(self) -> str:
        """Give the address that stands for the request.

        >>> Posted("http://e.org/q?a=1", "application/json", b"{}").address
        'http://e.org/q?a=1#post=application%2Fjson&body=e30='
        """
        body = base64.urlsafe_b64encode(self.body).decode("ascii")
        return f"{self.url}{_MARK}{quote(self.content_type, safe='')}&body={body}"

    def at(self, url: str) -> Posted:
        """Give the same request to another address."""
        return replace(self, url=url)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a request that is not kept whole. query: its body as the key of an index has it."""

    url: str
    method: str
    query: str

    @property
    def address(self) -> str:
        """Give the address that stands for the request.

        >>> Sent("http://e.org/a", "PUT", "b=水").address
        'http://e.org/a#sent=PUT&query=b%3D%E6%B0%B4'
        """
        return f"{self.url}{_SENT_MARK}{quote(self.method, safe='')}&query={quote(self.query, safe='')}"


def sent(address: str) -> Sent | None:
    """Give what an address of Sent says; None for any other."""
    found = _SENT.search(address) if _SENT_MARK in address else None
    return None if found is None else Sent(address[: found.start()], unquote(found[1]), unquote(found[2]))


def posted(address: str) -> Posted | None:
    """Give the request that an address stands for; None where it is a plain URL."""
    found = _FRAGMENT.search(address) if _MARK in address else None
    if found is None:
        return None
    try:
        body = base64.urlsafe_b64decode(found[2])
    except binascii.Error:
        return None
    return Posted(address[: found.start()], unquote(found[1]), body)


def plain_url(address: str) -> str:
    """Give the URL that an address asks for, as its record has it."""
    request = posted(address) or sent(address)
    return request.url if request else address


def asked(url: str, request: bytes | memoryview) -> str:
    """Give the address that names an exchange: its URL, or that of the POST request.

    request: as kept, head and body.
    """
    if request[:5] != b"POST ":
        return url
    parsed = parse_request(bytes(request))
    return Posted(url, header(parsed, "Content-Type") or "", bytes(parsed.body)).address
