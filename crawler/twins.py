"""Addresses that may be one page's: keys by which two articles come to be compared. Two of one key may yet be two articles.

Takes   an address. Gives: twin_key, the page in whatever dress; kin_of, the page but for its query.
Writes  nothing.

Whoever asks compares the texts (archive/fold/twins.py). So a key here may be generous, where that of a ledger (canonicalise)
leaves out only what never chooses what is shown.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote_to_bytes, urlsplit

from .scope import DEFAULT_PORTS, canonicalise

_HOST = re.compile(r"^(?:(?:www\d*|m|wap|3g|4g|5g|h5|i|mobile|mobi|mip|amp|touch)\.)+(?=[^.]+\.)")
_FOLDER = re.compile(r"^/(?:amp|mip|m|wap|h5|mobile)/")
_END = re.compile(r"[./_-](?:amp|mip|wap|mobile)(\.s?html?)?/?$|(?<=/)amp/?$")
_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_DRESS = re.compile(r"(?:amp|mobile|outputtype|m)=?(?:1|true|amp|mobile|yes)?", re.IGNORECASE)


def twin_key(url: str) -> str:
    """Return one key for a page's addresses: its mobile and AMP forms, a folder and its index, one word in two encodings.

    >>> twin_key("https://m.example.org/a/1.html") == twin_key("http://www.example.org/a/1.html?amp=1") == twin_key("http://example.org/amp/a/1.html")
    True
    >>> twin_key("http://example.org/q?kw=%CA%AF%C7%C5") == twin_key("http://example.org/q?kw=%E7%9F%B3%E6%A1%A5")
    True
    """
    page, pairs = kin_of(url)
    return f"{page}?{'&'.join(pairs)}" if pairs else page


def kin_of(url: str) -> tuple[str, tuple[str, ...]]:
    """Return what an address names but for its query, as a key; and the query's pairs, by which an article may be named.

    >>> kin_of("http://m.example.org/a.php?id=5&mobile=1")
    ('example.org/a.php', ('id=5',))
    """
    parts = urlsplit(canonicalise(url))
    if parts.scheme not in DEFAULT_PORTS:
        return url, ()
    path = _INDEX.sub("", _END.sub(r"\1", _FOLDER.sub("/", _spelled(parts.path))))
    pairs = (pair for pair in parts.query.split("&") if pair and not _DRESS.fullmatch(pair))
    return f"{_HOST.sub('', parts.netloc)}{path.rstrip('/')}", tuple(map(_spelled, pairs))


def _spelled(escaped: str) -> str:
    """Undo escapes by the encoding that they are of: UTF-8, or GBK, in which old sites write queries.

    Some pairs of bytes are of both (%CA%AF: ʯ or 石); then the one counts that has Chinese characters.
    """
    if "%" not in escaped:
        return escaped
    octets = unquote_to_bytes(escaped)
    read = [text for encoding in ("utf-8", "gb18030") if (text := _decoded(octets, encoding)) is not None]
    return unicodedata.normalize("NFC", max(read, key=_chinese)) if read else escaped


def _decoded(octets: bytes, encoding: str) -> str | None:
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        return None


def _chinese(text: str) -> float:
    """Give the share of Chinese characters among those beyond ASCII."""
    beyond = [char for char in text if not char.isascii()]
    return sum("一" <= char <= "\u9fff" for char in beyond) / len(beyond) if beyond else 0.0
