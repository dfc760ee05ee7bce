"""The pictures of an article, as they were captured with it.

Takes   addresses and the time of a revision; the ledger, which tells where their records lie; the records.
Gives   a Picture: its bytes, held against their digest, and a file name by that.
Writes  nothing. One picture is in memory at a time.

Only such kinds are given as every browser and reading system shows, and which hold no script (EPUB 3.3, 3.2, core media types,
without SVG). What the bytes are is told by the bytes: servers tell it wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..errors import IntegrityError, LianzaiError
from ..fixity import payload_digest
from ..http import MAX_DECODED, Response, decode_payload
from ..ledger.exported import captures_of
from ..ledger.payloads import with_payload
from ..ledger.queries import Connection
from ..model import Capture
from ..records import Records
from ..warc.record import record_uri
from ..warc.streamed import stream_record

_LONGEST: Final = 64 << 20  # bytes; `fetch.max_body` without a word of the profile


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. name: of a file, by its content. mime: as its bytes tell."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that was captured and cannot be read now."""

    url: str
    why: str


class Pictures:
    """The pictures of one series."""

    def __init__(self, connection: Connection, records: Records, series: str) -> None:
        self._connection, self._records, self._series = connection, records, series
        self._failed: dict[str, Unread] = {}

    @property
    def failed(self) -> list[Unread]:
        """What could not be read, in the order in which it was met."""
        return list(self._failed.values())

    def picture(self, url: str, moment: datetime | None) -> Picture | None:
        """Give a picture as it was at a time, nearest; None where it was never captured, cannot be read, or is none to show.

        No other picture stands in for one that cannot be read.
        """
        for capture in self._near(url, moment):
            try:
                content = self._content(capture)
            except LianzaiError as error:
                self._failed.setdefault(url, Unread(url, error.message))
                return None
            kind = kind_of(content)
            if kind is not None:
                suffix, mime = kind
                return Picture(payload_digest(content).removeprefix("sha256:")[:32] + suffix, mime, content)
        return None

    def _near(self, url: str, moment: datetime | None) -> list[Capture]:
        """Give the records that may hold it, the nearest in time first, each payload once."""
        whole = url.partition("#")[0]
        found = captures_of(self._connection, self._series, {url, whole, record_uri(whole)})
        if moment is not None:
            found.sort(key=lambda one: (abs(one.fetched - moment), one.fetched, one.record_id))
        first: dict[str, Capture] = {}
        for one in found:
            first.setdefault(one.payload_digest, one)
        return list(first.values())

    def _content(self, capture: Capture) -> bytes:
        """Read a payload, its content coding undone. Raises what reading it raises, IntegrityError where it is another."""
        held: Capture | None = capture
        if capture.type == "revisit":
            held = with_payload(self._connection, self._series, capture.payload_digest)
        if held is None:
            raise IntegrityError(f"{capture.record_id}: no record here has its payload", action="lianzai verify")
        where = f"warc/{self._series}/{held.file}"
        if held.member is None:
            offset, length, skip = held.offset, held.length, 0
        else:  # of a gzip member that holds many records all before it must be unpacked
            offset, length, skip = held.member[0], None, held.member[1]
        with self._records.stretch(where, offset, length) as stream:
            record = stream_record(stream, f"{where}: offset {held.offset}", skip=skip)
            payload = b"".join(_bounded(record.payload(), where))
        found = payload_digest(payload)
        if found != held.payload_digest:
            raise IntegrityError(
                f"{where}: offset {held.offset}: expected {held.payload_digest[:15]}, found {found[:15]}",
                action="lianzai verify",
            )
        if record.http is None:
            return payload
        response = Response("", 200, "", record.http.headers, 0, payload)
        return decode_payload(response, limit=MAX_DECODED).body


def kind_of(content: bytes) -> tuple[str, str] | None:
    """Tell suffix and media type of a picture by its first bytes; None for what is none to show.

    Source: WHATWG MIME Sniffing, 6.1.

    >>> kind_of(b"GIF89a..."), kind_of(b"<svg/>")
    (('.gif', 'image/gif'), None)
    """
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg", "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png", "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return ".gif", "image/gif"
    if content[:4] == b"RIFF" and content[8:14] == b"WEBPVP":
        return ".webp", "image/webp"
    return None


def _bounded(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _LONGEST:
            raise IntegrityError(f"{where}: a picture of more than {_LONGEST} bytes", action="--format wacz")
        yield piece
