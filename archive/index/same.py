"""Say whether two addresses are the same, for a look-up that has found them under one key.

Takes   addresses as asked for, as in a record or in an index.
Gives   True or False.
Writes  nothing.

A SURT is made for sorting and brings together what is not the same: it undoes all escapes, so that `/a%2Fb` and `/a/b` share a
key. Here addresses are compared by the rules that change no meaning.
"""

from __future__ import annotations

import re

from ..surt import surt

_AUTHORITY = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://[^/?#]*")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})|([^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e])")
_UNRESERVED = re.compile(rb"[A-Za-z0-9._~!'()*-]")
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the others stand for a byte each
_PATH_SESSION = re.compile(rb";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
_ASP_SESSION = re.compile(rb"/\((?:[0-9a-z]{24}|(?:[a-z]\([0-9a-z]{24}\))+)\)(?=/[^?]+\.aspx)", re.IGNORECASE)
_QUERY_SESSION = re.compile(
    rb"(?:jsessionid=.*|phpsessid=.*|sid=[0-9a-z]{32}|aspsessionid[a-z]{8}=.*|cfid=.*|cftoken=.*)",
    re.IGNORECASE | re.DOTALL,
)


def same_address(one: str, other: str) -> bool:
    """Say whether two addresses name the same thing.

    The same are: http and https, hosts with and without `www`, in any case and in IDNA or not, default ports, fragments (all
    as in a SURT); escapes in either case, of characters that need none, or not made where they must be; `.` and `..`; session
    ids.
    Not the same are: a delimiter and its escape (`/` and `%2F`, `&` and `%26`), paths that differ in case or in a last slash, the
    same arguments in another order.
    Sources: RFC 3986, 6.2.2 and 6.2.3, and 2.2 for delimiters; RFC 2396, 2.3, for the marks ! ' ( ) * as unreserved.

    >>> same_address("http://e.org/a%2fb;jsessionid=1F", "https://www.e.org:443/a%2Fb#top"), same_address("http://e.org/a%2Fb", "http://e.org/a/b")
    (True, False)
    """
    return one == other or _normal(one) == _normal(other)


def without_session(url: str) -> str:
    """Take session ids out of path and query, all else unchanged; what is no UTF-8 comes as lone surrogates and stays so.

    >>> without_session("http://e.org/a;jsessionid=1F?b=1&PHPSESSID=2")
    'http://e.org/a?b=1'
    """
    octets = url.encode("utf-8", "surrogatepass")
    start, rest = _parted(octets)
    path, mark, query = rest.partition(b"?")
    kept = [argument for argument in query.split(b"&") if not _QUERY_SESSION.fullmatch(argument)]
    path = _ASP_SESSION.sub(b"", _PATH_SESSION.sub(b"", path))
    return (start + path + (mark if kept or not query else b"") + b"&".join(kept)).decode("utf-8", "surrogatepass")


def _parted(octets: bytes) -> tuple[bytes, bytes]:
    """Part scheme and authority from the rest; an address without them is all rest."""
    match = _AUTHORITY.match(octets)
    return (octets[: match.end()], octets[match.end() :]) if match else (b"", octets)


def _normal(url: str) -> tuple[str, bytes, bytes]:
    """Give what two addresses must have in common: host and port as in a key, path, query."""
    known = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", without_session(url))
    octets = known.encode("utf-8", "surrogateescape").strip().translate(None, b"\t\r\n")
    start, rest = _parted(octets)
    path, _, query = rest.partition(b"#")[0].partition(b"?")
    host = surt(start.decode("utf-8", "surrogateescape") + "/").partition(")")[0] if start else ""
    scheme = b"" if start[:4].lower() == b"http" else start.partition(b":")[0].lower()
    normal = _without_dots(_escapes(path)) if start else _escapes(path)
    return scheme.decode("ascii") + host, normal, _escapes(query)


def _escapes(octets: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: _escaped(match[1], match[2]), octets)


def _escaped(digits: bytes | None, raw: bytes | None) -> bytes:
    """Spell one escape, or one octet that no URI may have."""
    octet = bytes.fromhex(digits.decode("ascii")) if digits else raw or b""
    return octet if digits and _UNRESERVED.fullmatch(octet) else b"%%%02X" % octet[0]


def _without_dots(path: bytes) -> bytes:
    """Remove dot segments. Source: RFC 3986, 5.2.4."""
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments and segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept)
