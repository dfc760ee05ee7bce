"""The head of a record made by others, read as leniently as it can be without guessing.

Takes   the bytes before a record's block: WARC/0.17 to 1.1, or the one line of ARC version 1 or 2.
Gives   ForeignHead: type, address, time, length and the named fields.
Writes  nothing.

Sources: WARC 1.1 (ISO 28500:2017), 4 and 5; WARC 0.17 and 0.18 (2008), the same grammar; "Arc File Format" (Internet
Archive, 1996), the URL-record line of versions 1 and 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# A record's first line. `begins` is asked at a place, `next` where to go on after damage: there the line behind it must
# look like a field (WARC) or the five parts must have their shapes (ARC), as these words also stand in texts.
WARC_BEGINS = re.compile(rb"WARC/\d{1,2}\.\d{1,3}[ \t]*\r?\n")
WARC_NEXT = re.compile(rb"WARC/\d{1,2}\.\d{1,3}[ \t]*\r?\n(?=[A-Za-z][A-Za-z0-9-]{0,40}[ \t]*:)")
_ARC = rb"[A-Za-z][A-Za-z0-9+.-]{0,20}:[^\r\n]{0,8192}? [0-9A-Fa-f.:]{1,45} \d{8,14} [^\r\n]{0,1024}?\d{1,18}\r?\n"
ARC_BEGINS = re.compile(_ARC)
ARC_NEXT = re.compile(rb"(?<=\n)" + _ARC)
_ARC_LINE = re.compile(rb"(.+?) ([0-9A-Fa-f.:]+) (\d{8,14})(?: ([^\r\n]*?))?[ ]+(\d{1,18})[ \t]*\r?\n?", re.DOTALL)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?Z?")
_LOOSE = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?)?)?)?\s*Z?")
_OFFSET = re.compile(r"[T ].*[+-]\d\d:?\d\d$")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MUST_ESCAPE = re.compile(
    rb"[\x00-\x20\x7f-\xff]"
)  # RFC 3986, 2: what no URI has; quotes and brackets stay as they are
_ZONE = re.compile(r"(.*)([+-])(\d\d):?(\d\d)")


class BadHead(Exception):  # noqa: N818  it is no error of ours: the reader catches each and goes on behind it
    """A head that tells too little to find the record's end or its capture. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class ForeignHead:
    """Type (lower case, as in WARC-Type), address in ASCII ("" for none), 14-digit UTC time, length of the block in bytes.

    fields: names in lower case, values as bytes, the first of each name; of an ARC only "content-type".
    """

    type: str
    url: str
    timestamp: str
    block_bytes: int
    fields: dict[bytes, bytes] = field(default_factory=dict)


def read_warc_head(octets: bytes) -> ForeignHead:
    """Read version line and named fields, without the blank line. Raises BadHead."""
    fields: dict[bytes, bytes] = {}
    last = b""
    for line in octets.replace(b"\r\n", b"\n").split(b"\n")[1:]:
        if line[:1] in (b" ", b"\t") and last:  # WARC 1.0, 4: a value may be folded
            fields[last] = fields[last] + b" " + line.strip()
            continue
        name, colon, value = line.partition(b":")
        if colon and (last := name.strip().lower()) not in fields:
            fields[last] = value.strip()
    length = fields.get(b"content-length", b"")
    if not length.isdigit() or len(length) > 18:
        raise BadHead(f"Content-Length {_shown(length)}" if length else "Content-Length is missing")
    kind = fields.get(b"warc-type", b"").decode("latin-1").lower()
    if not kind:
        raise BadHead("WARC-Type is missing")
    date = fields.get(b"warc-date", b"").decode("latin-1")
    return ForeignHead(kind, address(fields.get(b"warc-target-uri", b"")), stamp(date), int(length), fields)


def read_arc_line(line: bytes) -> ForeignHead:
    """Read the line before an ARC's block; blanks in the address are part of it. Raises BadHead.

    The first record of a file describes it ("filedesc:") and is of type "warcinfo"; all others are responses.
    """
    match = _ARC_LINE.fullmatch(line)
    if match is None:
        raise BadHead(f"expected an ARC record, found {_shown(line)}")
    url, _, date, mime, length = match.groups(default=b"")
    kind = "warcinfo" if url.startswith(b"filedesc:") else "response"
    fields = {b"content-type": mime.partition(b" ")[0]}
    return ForeignHead(kind, address(url), stamp(date.decode()), int(length), fields)


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


def stamp(date: str) -> str:
    """Spell a time as 14 digits, UTC; what is not told is the first of its kind. "" where it is no time.

    date: RFC 3339, its prefixes (WARC 1.1, 5.4: "2016", "2016-01"), or the 8 to 14 digits of ARC.

    >>> stamp("2016-01"), stamp("2016-01-11T23:24:25.412030+08:00")
    ('20160101000000', '20160111152425')
    """
    match = _ISO.fullmatch(date) or _LOOSE.fullmatch(date)
    if match is None:
        return _zoned(date)
    year, *rest = match.groups()
    month, day, hour, minute, second = (
        part or least for part, least in zip(rest, ("01", "01", "00", "00", "00"), strict=True)
    )
    right = (
        "01" <= month <= "12"
        and 1 <= int(day) <= _DAYS[int(month) - 1]
        and hour < "24"
        and minute < "60"
        and second <= "60"
    )
    return year + month + day + hour + minute + second if right else ""


def _zoned(date: str) -> str:
    """Read a time with an offset from UTC."""
    from datetime import UTC, datetime

    try:
        return datetime.fromisoformat(date).astimezone(UTC).strftime("%Y%m%d%H%M%S").rjust(14, "0")
    except (ValueError, OverflowError):
        return ""


def _shown(octets: bytes) -> str:
    return repr(octets[:40])[1:]
