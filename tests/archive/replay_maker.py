"""A home with captures of chosen times, and a client that asks its reading room.

Takes   a folder; addresses, times, answers.
Gives   WARCs written by our own writer and their index, as a crawl leaves them; no ledger rows, as a replay seldom wants them.
Writes  below the folder.
"""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from pathlib import Path

from archive.home import Home
from archive.index import cdxj_line, write_index
from archive.model import Capture, Exchange
from archive.warc import Original, WarcWriter, original_of, read_at
from archive.web.application import application
from archive.web.room import Room

with warnings.catch_warnings():  # it would rather have a successor of httpx
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

SERIES = "paper"


def moment(time: str) -> datetime:
    """Read 14 digits."""
    return datetime.strptime(time, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


class MadeHome:
    """A home that is filled capture by capture; `indexed` when that is done."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root).make()
        self.captures: dict[str, list[Capture]] = {}
        self._known: dict[str, Original] = {}

    def file(self, serial: int = 1, series: str = SERIES) -> WarcWriter:
        """Begin a WARC. A payload that stands in an earlier one becomes a revisit."""
        return WarcWriter(
            self.home.warc(series),
            series,
            serial=serial,
            opened=datetime(2018, 1, 1, tzinfo=UTC),
            max_size=1 << 40,
            info={},
            known=self._known.get,
        )

    def put(
        self,
        writer: WarcWriter,
        url: str,
        time: str,
        body: bytes = b"",
        *,
        status: int = 200,
        mime: str = "text/html; charset=utf-8",
        head: str = "",
        series: str = SERIES,
        not_modified: Original | None = None,
        request: bytes = b"GET / HTTP/1.1\r\nHost: paper.example\r\n\r\n",
    ) -> Capture:
        """Keep one answer. mime: "" for none. head: further header lines, each with its line end. request: as sent."""
        lines = (f"Content-Type: {mime}\r\n" if mime else "") + head
        if "transfer-encoding" not in head.lower():
            lines += f"Content-Length: {len(body)}\r\n"
        response = f"HTTP/1.1 {status} As It Was\r\n{lines}\r\n".encode("latin-1") + body
        capture = writer.write_exchange(Exchange(url, request, response, moment(time)), not_modified=not_modified)
        self.captures.setdefault(series, []).append(capture)
        if capture.type == "response":
            original = original_of(read_at(writer.path, capture.offset))
            if original is not None:
                self._known[capture.payload_digest] = original
        return capture

    def original(self, capture: Capture) -> Original:
        """Give what a 304 refers to."""
        return self._known[capture.payload_digest]

    def indexed(self) -> Home:
        """Write the indexes."""
        for series, captures in self.captures.items():
            write_index(self.home.index(series), map(cdxj_line, captures))
        return self.home


def client(room: Room) -> TestClient:
    """Ask a room without a server between; redirects are not followed."""
    return TestClient(application(room), base_url="http://127.0.0.1:8080", follow_redirects=False)
