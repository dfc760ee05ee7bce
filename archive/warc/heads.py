"""The head of a record made by others, read as leniently as it can be without guessing.

Takes   the bytes before a record's block: WARC/0.17 to 1.1, or the one line of ARC version 1 or 2.
Gives   ForeignHead: type, address, time, length and the named fields.
Writes  nothing.

Sources: WARC 1.1 (ISO 28500:2017), 4 and 5; WARC 0.17 and 0.18 (2008), the same grammar; "Arc File Format" (Internet
Archive, 1996), the URL-record line of versions 1 and 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# A record's first line. `begins` is asked at a place, `next` where to go on after damage: there the line behind it must
# look like a field (WARC) or the five parts must have their shapes (ARC), as these words also stand in texts.
WARC_BEGINS = re.compile(rb"WARC/\d{1,2}\.\d{1,3}[ \t]*\r?\n")
WARC_NEXT = re.compile(rb"WARC/\d{1,2}\.\d{1,3}[ \t]*\r?\n(?=[A-Za-z][A-Za-z0-9-]{0,40}[ \t]*:)")
# The end of the line is read in one go, so that one of blanks and digits is not read over and over.
_ARC = rb"[A-Za-z][A-Za-z0-9+.-]{0,20}:[^\r\n]{0,8192}? [0-9A-Fa-f.:]{1,45}+ \d{8,14}+ [^\r\n]{1,1042}+(?<=\d)\r?\n"
ARC_BEGINS = re.compile(_ARC)
ARC_NEXT = re.compile(rb"(?<=\n)" + _ARC)
_ARC_LINE = re.compile(rb"(.+?) ([0-9A-Fa-f.:]++) (\d{8,14}+)(?: (.*))?", re.DOTALL)  # but for the length at its end
_FIELD = re.compile(rb"\n([!-9;-~]+)[ \t]*:[ \t]*([^\r\n]*)")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?Z?")
_LOOSE = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?)?)?)?\s*Z?")
_FRACTION = re.compile(r":\d\d[.,](\d+)")
_DAYS = {"02": "29", **dict.fromkeys(("04", "06", "09", "11"), "30")}  # the others have 31
_MUST_ESCAPE = re.compile(
    rb"[\x00-\x20\x7f-\xff]"
)  # RFC 3986, 2: no URI has them; quotes and brackets stay as they are


class BadHead(Exception):  # noqa: N818  it is no error of ours: the reader catches each and goes on behind it
    """A head that tells too little to find the record's end or its capture. The message says what is wrong."""


class ForeignHead:
    """Type (lower case, as in WARC-Type), address in ASCII ("" for none), 14-digit UTC time, length of the block in bytes.

    Address, time and further fields are looked for when they are asked for: an index wants few of them, and of a request none;
    all of them took half of its time.
    """

    __slots__ = ("_fields", "_octets", "_timestamp", "_url", "block_bytes", "type")

    def __init__(self, octets: bytes, fields: dict[bytes, bytes] | None = None) -> None:
        """octets: of a WARC's head, not folded. fields: what an ARC has, by WARC's names in lower case."""
        self._octets, self._fields = octets, fields
        self._url: str | None = None
        self._timestamp: str | None = None
        self.type = ""
        self.block_bytes = 0

    @property
    def url(self) -> str:
        """Give the address; "" for none."""
        if self._url is None:
            self._url = address(self.field(b"WARC-Target-URI"))
        return self._url

    @property
    def timestamp(self) -> str:
        """Give the time; "" where there is none that can be read."""
        if self._timestamp is None:
            self._timestamp = stamp(self.field(b"WARC-Date").decode("latin-1"))
        return self._timestamp

    def field(self, name: bytes) -> bytes:
        """Give a field's value, b"" where there is none. name: as the standard spells it.

        Of several the first that is spelled so, else the first; the same whatever was asked for before.
        """
        start = self._octets.find(b"\n" + name + b": ")
        if start >= 0:
            end = self._octets.find(b"\n", start + 1)
            return self._octets[start + len(name) + 3 : end if end > 0 else None].partition(b"\r")[0].strip()
        if self._fields is None:
            self._fields = {key.lower(): value for key, value in reversed(_FIELD.findall(self._octets))}
        return self._fields.get(name.lower(), b"").strip()


def read_warc_head(octets: bytes) -> ForeignHead:
    """Read version line and named fields, without the blank line. Raises BadHead."""
    if octets.find(b"WARC/", 5) > 0 and WARC_NEXT.search(octets, 5):
        raise BadHead("the head is cut, another record begins in it")
    if b"\n " in octets or b"\n\t" in octets:  # WARC 1.0, 4: a value may be folded
        octets = _FOLD.sub(b" ", octets)
    head = ForeignHead(octets)
    length = head.field(b"Content-Length")
    if not length.isdigit() or len(length) > 18:
        raise BadHead(f"Content-Length {_shown(length)}" if length else "Content-Length is missing")
    head.block_bytes = int(length)
    head.type = head.field(b"WARC-Type").decode("latin-1").lower()
    if not head.type:
        raise BadHead("WARC-Type is missing")
    return head


def read_arc_line(line: bytes) -> ForeignHead:
    """Read the line before an ARC's block; blanks in the address are part of it. Raises BadHead.

    The first record of a file describes it ("filedesc:") and is of type "warcinfo"; all others are responses.
    """
    told, _, length = line.rstrip(b" \t\r\n").rpartition(b" ")
    match = _ARC_LINE.fullmatch(told.rstrip(b" "))
    if match is None or not length.isdigit() or len(length) > 18:
        raise BadHead(f"expected an ARC record, found {_shown(line)}")
    url, _, date, mime = match.groups(default=b"")
    fields = {b"content-type": mime.partition(b" ")[0], b"warc-target-uri": url, b"warc-date": date}
    head = ForeignHead(b"", fields)
    head.type = "warcinfo" if url.startswith(b"filedesc:") else "response"
    head.block_bytes = int(length)
    return head


def address(octets: bytes) -> str:
    """Spell an address in ASCII: brackets around it off, then blanks, controls and bytes above 7F percent-encoded as bytes.

    Brackets: the grammar of WARC 1.0 has them around every URI, wget writes them (iipc/warc-specifications#23). Bytes: the
    field tells no charset (webrecorder/warcio#80), and so they stay what they were.

    >>> address(b"<http://example.org/\\xca\\xaf a>")
    'http://example.org/%CA%AF%20a'
    """
    octets = octets.strip()
    if octets[:1] == b"<" and octets[-1:] == b">":
        octets = octets[1:-1].strip()
    if _MUST_ESCAPE.search(octets):
        octets = _MUST_ESCAPE.sub(lambda match: b"%%%02X" % match[0][0], octets)
    return octets.decode("ascii")


@lru_cache(maxsize=1024)  # the records of one exchange have one time, and many share a second
def stamp(date: str) -> str:
    """Spell a time as 14 digits, UTC; what is not told is the first of its kind. "" where it is no time.

    date: RFC 3339, its prefixes (WARC 1.1, 5.4: "2016", "2016-01"), or the 8 to 14 digits of ARC.

    >>> stamp("2016-01"), stamp("2016-01-11T23:24:25.412030+08:00")
    ('20160101000000', '20160111152425')
    """
    match = _ISO.fullmatch(date) or _LOOSE.fullmatch(date)
    if match is None:
        return _zoned(date)
    year, month, day, hour, minute, second = match.groups("") if match.re is _ISO else _filled(match.groups(""))
    right = "01" <= month <= "12" and "01" <= day <= _DAYS.get(month, "31")
    right = right and hour < "24" and minute < "60" and second <= "60"
    return year + month + day + hour + minute + second if right else ""


def moment(date: str) -> datetime | None:
    """Read a time as exactly as it is told, to the millisecond, which is as exact as our own WARCs are; None where it is none.

    date: as in `stamp`. A leap second is the second before it.

    >>> str(moment("2016-01-11T23:24:25.4129+08:00")), moment("2023-02-29")
    ('2016-01-11 15:24:25.412000+00:00', None)
    """
    from datetime import UTC, datetime, timedelta  # an index wants none of them

    digits = stamp(date)
    if not digits:
        return None
    year, month, day, hour, minute, second = (int(digits[a:b]) for a, b in pairwise((0, 4, 6, 8, 10, 12, 14)))
    try:
        whole = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    fraction = _FRACTION.search(date)
    return whole + timedelta(milliseconds=int(fraction[1][:3].ljust(3, "0")) if fraction else 0)


def _filled(parts: Sequence[str]) -> tuple[str, ...]:
    """Put the first month, day and so on where none is told."""
    return tuple(part or least for part, least in zip(parts, ("", "01", "01", "00", "00", "00"), strict=True))


def _zoned(date: str) -> str:
    """Read a time with an offset from UTC."""
    from datetime import UTC, datetime

    try:
        return datetime.fromisoformat(date).astimezone(UTC).strftime("%Y%m%d%H%M%S").rjust(14, "0")
    except (ValueError, OverflowError):
        return ""


def _shown(octets: bytes) -> str:
    return repr(octets[:40])[1:]
