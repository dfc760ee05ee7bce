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
from .tracking import is_tracking

_HOST = re.compile(r"^(?:(?:www\d*|m|wap|3g|4g|5g|h5|i|mobile|mobi|mip|amp|touch)\.)+(?=[^.]+\.)")
_FOLDER = re.compile(r"^/(?:amp|mip|m|wap|h5|mobile)/")
_END = re.compile(r"[./_-](?:amp|mip|wap|mobile)(\.s?html?)?/?$|(?<=/)amp/?$")
_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_DRESS = re.compile(r"(?:amp|mobile|outputtype|m)=?(?:1|true|amp|mobile|yes)?", re.IGNORECASE)

# What canonicalise leaves as it is but for its scheme and what only tracks, as nearly every address of a newspaper is: the keys
# of 20,000 articles take 0.2 s so, and 1.2 s by canonicalise.
_USUAL = re.compile(
    r"https?://((?:[a-z0-9-]+\.)+[a-z]{2,20})((?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)(?:\?([A-Za-z0-9._~=&-]*))?"
)


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
    if (usual := _USUAL.fullmatch(url)) is not None:
        host, path, query = usual.groups(default="")
        asked = [pair for pair in query.split("&") if pair and not is_tracking(*pair.partition("=")[::2])]
    else:
        parts = urlsplit(canonicalise(url))
        if parts.scheme not in DEFAULT_PORTS:
            return url, ()
        host, path, asked = parts.netloc, _spelled(parts.path), [pair for pair in parts.query.split("&") if pair]
    page = _INDEX.sub("", _END.sub(r"\1", _FOLDER.sub("/", path)))
    return f"{_HOST.sub('', host)}{page.rstrip('/')}", tuple(
        _spelled(pair) for pair in asked if not _DRESS.fullmatch(pair)
    )


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
