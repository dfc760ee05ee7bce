"""Which address is fetched, how it is written in a request, and how it is compared.

Takes   addresses as pages write them, the scope of a profile as plain values.
Gives   wire_url: the address to ask. canonicalise: its key in the ledger. Scope: fetch it, or the reason why not.
Writes  nothing.

A key is never asked for: sorting or decoding serves comparison, and a query is a string (RFC 3986, 3.4 and 6.2.2.2).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from archive.patterns import patterns_of

from .tracking import is_tracking, without_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.model import Reason

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_CHARACTERS = 8192  # browsers and servers stop between 2,083 and 65,536; longer ones are traps or data

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|[\[\]|^`{}\\]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENDS_IN_A_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HIDDEN = re.compile(r"[\t\n\r]")
_C0_AND_SPACE = "".join(map(chr, range(33)))
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
# What stays as it is written (WHATWG URL: path and special-query percent-encode sets); an escape stays an escape.
_PATH_AS_WRITTEN = "".join(sorted(set(_VISIBLE) - set('"#<>?^`{}')))
_QUERY_AS_WRITTEN = "".join(sorted(set(_VISIBLE) - set("\"#<>'")))


def wire_url(url: str, base: str | None, encoding: str = "utf-8") -> str | None:
    """Return the address to ask for, as a browser would ask it; None where it is none of http or https.

    url: as the page writes it, entities undone. base: absolute address of the page (or of its <base>). encoding: of the page;
    the query of a link is in it, path and host are not (WHATWG URL, query state). A character that the encoding lacks
    becomes a numeric reference, as browsers send it. Order and escapes of the query stay as they are; fragment, user and
    password are left out.

    >>> wire_url("q.asp?kw=石桥#top", "http://example.org/a/", "gbk")
    'http://example.org/a/q.asp?kw=%CA%AF%C7%C5'
    """
    text = _HIDDEN.sub("", url.strip(_C0_AND_SPACE))
    if len(text) > MAX_URL_CHARACTERS:
        return None
    try:
        joined = urljoin(base, _slashes(text)) if base else _slashes(text)
        return _as_asked(joined.partition("#")[0], encoding)
    except (ValueError, UnicodeError, LookupError):  # a port or host that is none, a lone surrogate
        return None


def location_url(value: str, base: str) -> str | None:
    """Return the address that a Location names, as wire_url() does. value: as archive.http gives it, a character a byte.

    Bytes beyond ASCII are asked for as they stand, as browsers do: a site that redirects in GBK knows no other address.

    >>> location_url("/a/\xba\xd3.html", "http://example.org/")
    'http://example.org/a/%BA%D3.html'
    """
    return wire_url("".join(char if char.isascii() else f"%{ord(char):02X}" for char in value), base)


def _slashes(text: str) -> str:
    """Turn the backslashes before the query into slashes, as browsers do for http."""
    head, mark, query = text.partition("?")
    if _SCHEME.match(head) and not head.lower().startswith(("http:", "https:")):
        return text
    return head.replace("\\", "/") + mark + query


def _as_asked(url: str, encoding: str) -> str | None:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    host = _ascii_host(parts.hostname)
    if host is None:
        return None
    port = "" if parts.port in (None, DEFAULT_PORTS[scheme]) else f":{parts.port}"
    query = _encodable(parts.query, encoding)
    mark = "?" if query else ""
    path = _without_dots(parts.path) or "/"
    # Byte by byte: where the second byte of a character is one of ASCII, browsers send it so ("俒" in GBK: %82[).
    asked_path = quote(path.encode(), safe=_PATH_AS_WRITTEN)
    return f"{scheme}://{host}{port}{asked_path}{mark}{quote(query.encode(encoding), safe=_QUERY_AS_WRITTEN)}"


def _encodable(query: str, encoding: str) -> str:
    """Write characters that the encoding lacks as %26%23N%3B, the escaped form of &#N; (WHATWG Encoding, "html" error mode)."""
    escaped = query.encode(encoding, "xmlcharrefreplace").decode(encoding)
    if escaped == query:
        return query
    pieces = []
    for character in query:
        try:
            character.encode(encoding)
        except UnicodeEncodeError:
            pieces.append(f"%26%23{ord(character)}%3B")
        else:
            pieces.append(character)
    return "".join(pieces)


def _ascii_host(host: str) -> str | None:
    """Return a host as it goes into a request: punycode, lower case, brackets around IPv6; None where it cannot be one."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host.partition('%')[0]).compressed}]"
    if host.isascii():
        name = host.lower()
    else:
        import idna

        name = idna.encode(host, uts46=True).decode("ascii")
    if _ENDS_IN_A_NUMBER.search(
        name
    ):  # then it is an IPv4 address, in whatever form, or nothing (WHATWG URL, host parser)
        address = literal_address(name)
        return None if address is None else str(address)
    return name if re.fullmatch(r"[a-z0-9._~!$&'()*+,;=-]+", name) else None


def _without_dots(path: str) -> str:
    """Resolve "." and ".." also where they stand escaped (WHATWG URL, path state)."""
    segments = path.split("/")
    kept: list[str] = []
    for index, segment in enumerate(segments):
        plain = segment.lower().replace("%2e", ".")
        last = index == len(segments) - 1
        if plain == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif plain == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def canonicalise(url: str) -> str:
    """Return the key of an address: two addresses of one key are one article. Applied twice it changes nothing.

    url: absolute, http or https; anything else comes back as it is. The scheme becomes http (a site that moved to https kept its
    articles), default port, fragment, user and tracking parameters go, escapes get one spelling (RFC 3986, 6.2.2).
    The query keeps its order: with some servers it matters (?b=2&a=1), and a merge of two articles would lose one.
    """
    try:
        plain = wire_url(url, None)
        if plain is None:
            return url
        parts = urlsplit(plain)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    netloc = f"[{host}]" if ":" in host else host.rstrip(".")
    netloc += f":{port}" if port not in (None, *DEFAULT_PORTS.values()) else ""
    path = _escapes(without_session(parts.path)) or "/"
    kept = [pair for pair in parts.query.split("&") if not _is_tracking(pair)]
    query = _escapes("&".join(kept))
    return f"http://{netloc}{_without_dots(path) or '/'}{'?' + query if query else ''}"


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return is_tracking(_escapes(name), value)


def _escapes(text: str) -> str:
    """Undo the escapes of unreserved characters and write the others in upper case (RFC 3986, 6.2.2.1 and 6.2.2.2).

    What no URI may have unescaped, and browsers yet ask for as written ([ ] | ^ ` { } \\), is escaped: one key for both.
    """

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return f"%{ord(match[0]):02X}"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(one, text)


@lru_cache(maxsize=1)
def _suffixes() -> Callable[[str], str]:
    from tldextract import TLDExtract  # 0.2 s to import, and only needed for hosts of other domains

    extract = TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list it was released with: never the network

    def domain(host: str) -> str:
        found = extract(host)
        if found.suffix:
            return found.top_domain_under_public_suffix
        return ".".join(host.split(".")[-2:])  # the rule of a suffix that the list lacks is "*": names of an intranet

    return domain


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """Return the domain that someone registered: henandaily.cn of app.henandaily.cn; the host itself for an IP or localhost."""
    host = host.lower().strip(".")
    if literal_address(host) is not None or "." not in host:
        return host
    return _suffixes()(host) or host


def literal_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host spells out, also as 2130706433, 0x7f.1 or 0177.0.0.1; None for a name."""
    bare = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    if not re.fullmatch(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)(?:\.(?:0[xX][0-9A-Fa-f]*|[0-9]+)){0,3}\.?", bare):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare.rstrip(".")))
    except OSError:
        return None


def is_public(ip: str) -> bool:
    """Tell whether an address lies in the public internet; addresses that carry an IPv4 one are judged by that too."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64 or int(address) >> 32 == 0:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(part is not None and not _global(part) for part in inner):
            return False
        if address.ipv4_mapped is not None or address in _NAT64:
            return True
    return _global(address)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Special to IANA and global to some releases of ipaddress: protocol assignments, the relays of 6to4, local NAT64, old site-local,
# documentation. 168.63.129.16 is routed nowhere but in the machines of Azure, where the platform answers.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "64:ff9b:1::/48", "fec0::/10", "3fff::/20"),
    )
)
# Where other services listen, whose protocol a request might speak well enough to do harm (WHATWG Fetch, port blocking).
_OTHER_SERVICES = frozenset(
    (
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
        111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
        548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
        6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    )
)  # fmt: skip


def _global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback)
        and not any(address in network for network in _NOT_PUBLIC)
    )


class Scope:
    """What a profile lets be fetched. Built from plain values; patterns are searched in the canonical address."""

    def __init__(
        self,
        source_urls: Iterable[str],
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        exclude_requisites: Iterable[str] = (),
        *,
        allow_private: bool = False,
    ) -> None:
        self._include = patterns_of(include)
        self._exclude = patterns_of(exclude)
        self._exclude_requisites = patterns_of(exclude_requisites)
        self._allow_private = allow_private
        self._domains: set[str] = set()
        self._exact: set[tuple[str, int]] = set()
        self._opened: set[tuple[str, int]] = set()
        for url in source_urls:
            self._add_source(url)

    def _add_source(self, url: str) -> None:
        host, port = _host_and_port(url)
        if host is None:
            return
        self._opened.add((host, port))
        if literal_address(host) is not None or "." not in host:
            self._exact.add((host, port))
        else:
            self._domains.add(registered_domain(host))

    def decide(self, url: str, *, requisite: bool, is_list: bool = False) -> Reason | None:
        """Return None where an address is fetched, else the reason why not ("scope" or "private").

        requisite: an image, style or script of a page, which may lie on any public host. is_list: a page of the list, which
        may lie on the hosts of [source], too, where include names articles alone: without it there were none.
        """
        host, port = _host_and_port(url)
        if host is None or (port in _OTHER_SERVICES and (host, port) not in self._opened):
            return "scope"
        if not self._host_allowed(url, host, port):
            return "private"
        return None if self._wanted(url, host, port, requisite=requisite, is_list=is_list) else "scope"

    def _wanted(self, url: str, host: str, port: int, *, requisite: bool, is_list: bool) -> bool:
        # Without a pattern nothing looks at the canonical form, which costs more than all the rest of a decision.
        patterned = self._exclude or self._include or (requisite and self._exclude_requisites)
        forms = (url, canonicalise(url)) if patterned else ()
        if any(pattern.search(form) for pattern in self._exclude for form in forms):
            return False
        if requisite:
            return not any(pattern.search(form) for pattern in self._exclude_requisites for form in forms)
        if any(pattern.search(form) for pattern in self._include for form in forms):
            return True
        if self._include and not is_list:
            return False
        return (host, port) in self._exact or registered_domain(host) in self._domains

    def _host_allowed(self, url: str, host: str, port: int) -> bool:
        if self._allow_private and self._included(canonicalise(url)):
            self._opened.add((host, port))
        address = literal_address(host)
        local = host == "localhost" or host.endswith(".localhost")
        if not local and (address is None or is_public(str(address))):
            return True
        return self._allow_private and (host, port) in self._opened

    def _included(self, url: str) -> bool:
        """Tell whether include names the host of a canonical address: a pattern that fits its path or query alone does not."""
        host_end = len("http://") + len(urlsplit(url).netloc)
        found = (pattern.search(url) for pattern in self._include)
        return any(match is not None and match.start() < host_end and match.end() > len("http://") for match in found)

    def allows_address(self, ip: str, host: str, port: int) -> bool:
        """Tell whether to connect to an address that a host has just resolved to.

        A private one only where allow_private is set and [source] names this host:port, or include matched an address there.
        """
        if is_public(ip):
            return True
        if not self._allow_private:
            return False
        host = host.lower().strip("[]")
        if (host, port) in self._opened:
            return True
        netloc = f"[{host}]" if ":" in host else host
        return self._included(canonicalise(f"http://{netloc}:{port}/"))


def _host_and_port(url: str) -> tuple[str | None, int]:
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        port = DEFAULT_PORTS.get(scheme, 0) if parts.port is None else parts.port
    except ValueError:
        return None, 0
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        return None, 0
    return parts.hostname.lower().rstrip("."), port
