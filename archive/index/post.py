"""The part of an index key that tells what was sent with a request that is no GET.

Takes   an HTTP request: method, media type, body.
Gives   what is appended to the address before its SURT is taken, so that each form sent finds its own answer; the address by
        which a ledger names the answer to a request by others, and what such an address sent; one key for all addresses that ask
        the same.
Writes  nothing.

Source: "CDX for non-GET requests" (IIPC, WARC specifications, draft), which describes what pywb 2.6.7 does; where it is silent
the results of cdxj-indexer 1.5.0 `--post-append` are followed. Of AMF it says nothing yet: such a body is taken as binary.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, unquote_to_bytes, urlencode

from ..http import Request, header, parse_request
from ..posted import Posted, Sent, posted, sent
from ..warc import record_uri

MAX_QUERY = 4096  # characters of a body in the key, as pywb has it
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,32}")  # RFC 9110, 5.6.2
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
# As some tools write it into the address of a record itself, not of an index alone (early ArchiveWeb.page, wabac).
_APPENDED = re.compile(r"[?&]__wb_method=([A-Za-z]+)(?:&(?P<query>.*))?$", re.DOTALL)
_DATA = "__wb_post_data="
_PART_NAME = re.compile(rb'[ ;\t]name="([^"\r\n]*)"', re.IGNORECASE)


def sent_with(request: Request) -> tuple[str, str] | None:
    """Give method and body as a query; None for a GET, or what is no request.

    >>> from ..http import parse_request
    >>> sent_with(parse_request(b"POST / HTTP/1.1\\r\\nContent-Type: application/json\\r\\n\\r\\n" + b'{"a": [1, true]}'))
    ('POST', 'a=1&a.2_=True')
    """
    if request.method == "GET" or not _TOKEN.fullmatch(request.method):
        return None
    return request.method, query_of(header(request, "content-type") or "", request.body)


def address_of(url: str, request: bytes) -> str:
    """Name the answer to a request by others: by its URL where that was a GET or is not known (b"").

    A POST with a short body is named as one of ours, so that a list asked for so is the same list whoever asked.
    """
    parsed = parse_request(request) if request else None
    told = sent_with(parsed) if parsed else None
    if parsed is None or told is None:
        return url
    if told[0] == "POST" and len(parsed.body) <= MAX_QUERY:
        return Posted(url, header(parsed, "content-type") or "", bytes(parsed.body)).address
    return Sent(url, *told).address


def sent_to(address: str) -> Sent | None:
    """Give what was sent with a request, as the key has it, by the address that a ledger has of its answer; None for a GET."""
    if (request := posted(address)) is not None:
        return Sent(request.url, "POST", query_of(request.content_type, request.body))
    return sent(address)


def question_of(address: str) -> str:
    """Give one key for all addresses that ask the same: blanks and order of JSON, parameters of a media type count for nothing.

    address: as a list or a page names it, of Posted or Sent, or with what was sent appended to it. Of a GET it is the address as
    WARC-Target-URI has it.

    >>> question_of(Posted("http://e.org/q", "application/json", b'{"b": 1, "a": 2}').address)
    'http://e.org/q#post={"a":2,"b":1}'
    """
    request = posted(address)
    appended = _APPENDED.search(request.url if request else address) if "__wb_method=" in address else None
    if request is None and (appended is None or appended[1].upper() != "POST"):
        return record_uri(address)
    url = (request.url if request else address)[: appended.start() if appended else None]
    if request is not None:
        return f"{record_uri(url)}#post={_told(request.content_type, request.body)}"
    return f"{record_uri(url)}#post={_told_in_address(appended['query'] or '' if appended else '')}"


def _told(content_type: str, body: bytes) -> str:
    """Spell a body so that two which say the same are the same."""
    kind = content_type.lower()
    if not kind.startswith("multipart/"):
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict | list):
            return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    if kind.startswith("application/x-www-form-urlencoded"):
        return urlencode(
            parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"), encoding="latin-1"
        )
    return base64.urlsafe_b64encode(body).decode("ascii")


def _told_in_address(query: str) -> str:
    """Spell what was sent as _told does, from what a tool appended of it to the address: a form, or a body in Base64."""
    if not query.startswith(_DATA):
        return _told("application/x-www-form-urlencoded", query.encode("utf-8", "surrogateescape"))
    try:
        return _told("", base64.b64decode(unquote_to_bytes(query.removeprefix(_DATA))))
    except binascii.Error:
        return query


def query_of(content_type: str, body: bytes) -> str:
    """Give a body as a query, as long as a key may have it."""
    return _query(content_type, body)[:MAX_QUERY] if body else ""


def key_address(url: str, method: str, query: str) -> str:
    """Append method and body to an address.

    >>> key_address("http://e.org/?a=1", "POST", "b=2")
    'http://e.org/?a=1&__wb_method=POST&b=2'
    """
    url = _APPENDED.sub("", url)
    return f"{url}{'&' if '?' in url else '?'}__wb_method={method}{'&' if query else ''}{query}"


def _query(content_type: str, body: bytes) -> str:
    """Spell a body as a query, by its media type."""
    kind = content_type.lower()
    if kind.startswith("application/json"):
        return _json(body) or ""
    found: str | None = None
    if kind.startswith("application/x-www-form-urlencoded"):
        found = _form(body)
    elif kind.startswith("multipart/"):
        found = _multipart(content_type, body)
    elif kind.startswith("text/plain"):
        found = _json(body)
    return _binary(body) if found is None else found


def _binary(body: bytes) -> str:
    return "__wb_post_data=" + base64.b64encode(body[:MAX_QUERY]).decode("ascii")


def _form(body: bytes) -> str | None:
    try:
        return unquote_plus(body.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _json(body: bytes) -> str | None:
    """Flatten JSON, or lines of JSON; None where it is neither."""
    for texts in ([body], body.split(b"\n")):
        try:
            leaves = [leaf for text in texts for leaf in _leaves(json.loads(text), "")]
        except (ValueError, RecursionError):
            continue
        times: dict[str, int] = {}
        pairs = []
        for name, value in leaves:
            times[name] = times.get(name, 0) + 1
            pairs.append((name if times[name] == 1 else f"{name}.{times[name]}_", value))
        return urlencode(pairs)
    return None


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Give the values that hold no others, by the name nearest to them; what has no name is left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif name:
        # A lone surrogate ("\ud800") has no UTF-8, so none in a query.
        yield tuple(text.encode("utf-8", "replace").decode() for text in (name, str(value)))  # type: ignore[misc]


def _multipart(content_type: str, body: bytes) -> str | None:
    """Spell the fields of a form (RFC 7578) as a query; None where it is none."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return None
    fields = []
    for part in body.split(b"--" + boundary[1].encode("latin-1", "replace"))[1:]:
        head, blank, value = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if blank and name:
            fields.append((name[1], value.removesuffix(b"\r\n")))
    return urlencode(fields)
