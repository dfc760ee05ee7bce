"""`/series/<id>/export.<format>`: a series as one file, made when it is asked for.

Takes   the id of a series, a format of one file (archive/exports). Gives: the file. Writes nothing in the home: what does not fit
        into memory goes to a file without a name in the system's temporary folder.

Formats that are a folder (html, bagit) are for the command, and so is what would be larger than MOST_BYTES. Two are made at
once; who asks for a third is told to come again.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from importlib.util import find_spec
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import Any, Final, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ... import views
from ...errors import IntegrityError, NotFoundError
from ...exports import FORMATS, write_into
from ...ledger import queries
from ..room import Room
from .answering import unknown
from .naming import near_series

MOST_BYTES: Final = 256 << 20
_IN_MEMORY: Final = 8 << 20
_PIECE: Final = 256 << 10
_AGAIN_S: Final = 10
_KINDS: Final[dict[str, str]] = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8; header=present",
    "epub": "application/epub+zip",
    "parquet": "application/vnd.apache.parquet",
}


class _TooLargeError(Exception):
    """More than is made for a page."""


class _Spool(SpooledTemporaryFile[bytes]):
    """A temporary file that takes no more than MOST_BYTES."""

    def write(self, content: Any) -> int:
        """Write. Raises _TooLargeError."""
        if self.tell() + memoryview(content).nbytes > MOST_BYTES:
            raise _TooLargeError
        return super().write(content)


def offered() -> list[str]:
    """Name the formats that can be had here."""
    return [form for form in _KINDS if form != "parquet" or find_spec("pyarrow") is not None]


class Exporter:
    """Answers `/series/<id>/export.<format>`."""

    def __init__(self, room: Room, at_once: int = 2) -> None:
        self._room = room
        self._free = BoundedSemaphore(at_once)

    def answer(self, request: Request) -> Response:
        """Make the file and send it.

        Raises NotFoundError, HTTPException (503, 507), IntegrityError where it would lack pictures that were kept.
        """
        wanted, form = request.path_params["id"], request.path_params["form"]
        with self._room.ledger.read() as connection:
            if not queries.series(connection, wanted):
                return unknown(
                    self._room, request, views.unknown_series(connection, wanted), near_series(connection, wanted)
                )
        if form not in offered():
            kept = f"lianzai export {wanted} --format {form}" if form in FORMATS else ", ".join(offered())
            raise NotFoundError(f"export.{form}: not made here; there is {kept}")
        if not self._free.acquire(blocking=False):
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE, "others are being exported now", {"Retry-After": str(_AGAIN_S)}
            )
        try:
            file = self._made(wanted, form)
        finally:
            self._free.release()
        size = file.tell()
        file.seek(0)
        headers = {
            "Content-Disposition": f'attachment; filename="{wanted}{FORMATS[form].ending}"',
            "Content-Length": str(size),
            "Content-Type": _KINDS[form],
            "Cache-Control": "no-cache",
        }
        return StreamingResponse(_pieces(file), headers=headers)

    def _made(self, wanted: str, form: str) -> _Spool:
        file = _Spool(max_size=_IN_MEMORY)
        try:
            with self._room.ledger.read() as connection:
                lacking = write_into(cast(Any, file), connection, self._room.home, self._room.records, wanted, form)
            if lacking:  # of a book, whose reader would not see that they are gone
                raise IntegrityError(
                    f"{len(lacking)} pictures cannot be read, the first {lacking[0].url}: {lacking[0].why}",
                    action=f"lianzai export {wanted} --format epub, which leaves them out",
                )
        except _TooLargeError:
            file.close()
            raise HTTPException(
                HTTPStatus.INSUFFICIENT_STORAGE,
                f"more than {MOST_BYTES >> 20} MiB; on this machine: lianzai export {wanted} --format {form}",
            ) from None
        except BaseException:
            file.close()
            raise
        return file


def _pieces(file: _Spool) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
