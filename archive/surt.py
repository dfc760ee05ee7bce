"""The sort key of an address (SURT), by the published rules of the Internet Archive's canonicalisation.

Takes   any address as a record has it, bytes that are no UTF-8 as lone surrogates.
Gives   "com,example)/path?query": equal for addresses that a replay should take for one.
Writes  nothing.

Own code after the public description of the rules (SURT, "Sort-friendly URI Reordering Transform"; Google Safe
Browsing's canonicalisation, which it builds on); compared as a black box with the results of `surt` 0.3.1 (AGPL, so never
imported): 1. blanks around, tabs and line ends out; scheme, user, default port, fragment out; 2. host in lower case, IDNA,
without `www`, `www2` …, reversed; 3. escapes undone until none is left, then blanks, controls, non-ASCII, # and % escaped;
4. `//`, `.`, `..` and the last slash out of the path, session ids out of path and query; 5. lower case; arguments sorted.
An address without a host keeps its scheme, and of 4. only the last slash and the session ids go.

Otherwise than there: `http://@/a` and `http://:80/a` keep their path, which it takes for a host; behind more than two slashes too
the default port and `www` go; a scheme is in lower case also where no host follows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

_DEFAULT_PORTS: Final = {b"http": b"80", b"https": b"443"}
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
# Most addresses: no port, no escape, no segment that is empty or begins with a dot, nothing that could be a session id.
_USUAL = re.compile(
    r"https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)((?:/[A-Za-z0-9_~+,-][A-Za-z0-9_~+,.-]*)*)/?(?:\?([A-Za-z0-9_~+,.&=-]*))?"
)
_WWW = re.compile(rb"www\d*\.")
_NUMBERS = re.compile(rb"\d+(?:\.\d+){0,3}")
_ESCAPED = re.compile(rb"%[0-9A-Fa-f]{2}")
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the others stand for a byte each
_MUST_ESCAPE = re.compile(rb"[\x00-\x20\x7f-\xff#%]")
_NO_KEY = re.compile(rb"[\x00-\x20\x7f-\xff]")  # with one of these a line of an index could not be parted
_NAMES_HOST = re.compile(rb"/*[^/?]")
_PATH_SESSIONS = (
    re.compile(rb"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.IGNORECASE | re.DOTALL),
    re.compile(rb"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$", re.IGNORECASE | re.DOTALL),
)
_MAY_BE_SESSION = re.compile("sid=|sessionid|cftoken=", re.IGNORECASE)
_QUERY_SESSIONS = tuple(
    re.compile(rb"^(.*)(?:" + argument + rb")(?:&(.*))?$", re.IGNORECASE | re.DOTALL)
    for argument in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(url: str) -> str:
    """Give the sort key of an address.

    An address of no host (urn:, dns:, data:, file:///) keeps its order; "" gives "-", as CDX has it.

    >>> surt("https://www2.Example.com:443/A/../Story//7/?b=2&a=1#top"), surt("urn:view:https://e.org/A/?b=2&a=1#top")
    ('com,example)/story/7?a=1&b=2', 'urn:view:https://e.org/a?a=1&b=2')
    """
    usual = _USUAL.fullmatch(url)
    if usual is not None:
        return _usual(*usual.groups(""))
    known = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", url)
    octets = known.encode("utf-8", "surrogateescape").strip().translate(None, b"\t\r\n")
    if not octets:
        return "-"
    if octets.startswith(b"filedesc:"):  # the name of an ARC, in its first record: no address at all
        return _NO_KEY.sub(_escaped, octets).decode("ascii")
    scheme, authority, rest = _parted(octets.partition(b"#")[0])
    path, mark, query = rest.partition(b"?")
    host, port = _split_port(authority.rpartition(b"@")[2])
    arguments = _query(query) if mark else b""
    if not host:
        return (scheme + b":" + _hostless(path, arguments) + arguments).decode("ascii")
    port = b"" if port == _DEFAULT_PORTS.get(scheme) else port
    return (_host(host) + (b":" + port if port else b"") + b")" + _path(path) + arguments).decode("ascii")


def _usual(host: str, path: str, query: str) -> str:
    """Give the key of an address in which only case and the arguments' order can differ: 10 us against 45."""
    if _MAY_BE_SESSION.search(query):
        arguments = _query(query.encode()).decode("ascii")
    else:
        parts = sorted(argument.partition("=") for argument in query.lower().split("&"))
        arguments = "&".join(["".join(part) for part in parts])
        arguments = "?" + arguments if arguments else ""
    return f"{_named_host(host)}){path.lower() or '/'}{arguments}"


@lru_cache(maxsize=4096)
def _named_host(host: str) -> str:
    return _host(host.encode()).decode("ascii")


def _parted(octets: bytes) -> tuple[bytes, bytes, bytes]:
    """Part scheme, authority, and what follows that; the authority is empty where there is none."""
    match = _SCHEME.fullmatch(octets)
    if match is None or b"." in match[1] or match[1].lower() == b"localhost":
        scheme, rest = b"http", octets.lstrip(b"/")
    else:
        scheme, rest = match[1].lower(), match[2]
        if scheme in _DEFAULT_PORTS:
            rest = rest.lstrip(b"/") if _NAMES_HOST.match(rest) else rest.removeprefix(b"//")
        elif rest.startswith(b"//"):
            rest = rest[2:]
        else:
            return scheme, b"", rest
    end = next((at for at, octet in enumerate(rest) if octet in b"/?"), len(rest))
    return scheme, rest[:end], rest[end:]


def _split_port(authority: bytes) -> tuple[bytes, bytes]:
    """Part host and port; what is no number is no port."""
    host, colon, port = authority.rpartition(b":")
    if not colon or (authority.endswith(b"]")):
        return authority, b""
    if port and not port.isdigit():
        return authority, b""
    return host, port.lstrip(b"0")


def _host(host: bytes) -> bytes:
    """Reverse a host: labels in lower case and IDNA, without `www`; an IPv4 address like a name, IPv6 as it is."""
    host = _unescape(host).lower()
    if host.startswith(b"["):
        return _escape(host.strip(b"[]"))
    host = b".".join(label for label in host.split(b".") if label)
    host = _ascii(_dotted_quad(host) or host)
    host = _WWW.sub(b"", host, count=1) if _WWW.match(host) else host
    return b",".join(reversed(host.split(b".")))


def _ascii(host: bytes) -> bytes:
    """Give a host in ASCII: IDNA where it is a name, else escaped."""
    if host.isascii():
        return _escape(host)
    try:
        return _escape(host.decode("utf-8").encode("idna")).lower()
    except UnicodeError:
        return _escape(host).lower()


def _dotted_quad(host: bytes) -> bytes | None:
    """Spell an IPv4 address given as one to four numbers (a leading 0 makes them octal) in the usual way."""
    if not _NUMBERS.fullmatch(host) or len(host) > 64:
        return None
    try:
        *first, last = (int(part, 8 if part.startswith(b"0") else 10) for part in host.split(b"."))
        tail = last.to_bytes(4 - len(first), "big")
    except (ValueError, OverflowError):
        return None
    return b".".join(b"%d" % number for number in (*first, *tail)) if all(n < 256 for n in first) else None


def _path(path: bytes) -> bytes:
    """Normalise a path and drop its last slash and session ids."""
    kept: list[bytes] = []
    for segment in _unescape(path).split(b"/")[1:]:
        if segment == b".." and kept:
            kept.pop()  # also an empty segment: "/a//.." is "/a"; and a ".." that leads out: of two both go, of one it stays
        elif segment != b".":
            kept.append(segment)
    return _without_sessions(_escape(b"/" + b"/".join(segment for segment in kept if segment)))


def _hostless(path: bytes, arguments: bytes) -> bytes:
    """Normalise what stands in place of host and path: nothing in it is a folder but the last slash."""
    clean = _without_sessions(_escape(_unescape(path)))
    clean = clean[:-1] if len(clean) > 1 and clean.endswith(b"/") else clean
    return clean or (b"/" if arguments else b"")


def _without_sessions(path: bytes) -> bytes:
    """Drop session ids of ASP.NET from an escaped path, in lower case then."""
    for pattern in _PATH_SESSIONS:
        path = pattern.sub(rb"\1\2", path)
    return path.lower()


def _query(query: bytes) -> bytes:
    """Sort the arguments and drop session ids; an empty query goes with its mark."""
    clean = _escape(_unescape(query))
    for pattern in _QUERY_SESSIONS:
        clean = pattern.sub(rb"\1\2", clean)
    arguments = sorted(argument.partition(b"=") for argument in clean.lower().split(b"&"))
    clean = b"&".join(b"".join(argument) for argument in arguments)
    return b"?" + clean if clean else b""


def _unescape(octets: bytes) -> bytes:
    """Undo percent escapes until none is left; each round is shorter, so this ends."""
    while b"%" in octets and _ESCAPED.search(octets):
        octets = unquote_to_bytes(octets)
    return octets


def _escape(octets: bytes) -> bytes:
    """Escape what may not stand in a key: blanks, controls, non-ASCII, # and %."""
    return _MUST_ESCAPE.sub(_escaped, octets)


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
