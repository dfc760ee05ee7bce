"""Write WARC 1.1 files, so that an exchange is kept whole or not at all.

Takes   exchanges, resources and metadata of one run.
Gives   a Capture for each; on closing, what files were made.
Writes  <series>-<YYYYMMDDhhmmss>-<serial>.warc.gz.open, without the `.open` once closed.

Request and response of an exchange are one unit; a write that fails in it is taken back to the last whole one. A response that
is not held in memory is packed and written as it is read.
Nothing is durable before `sync` has returned.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import DiskError, HomeError
from ..fixity import file_digest, label, payload_digest
from ..home import sync_names
from ..model import Capture, Exchange, RecordType
from . import encode
from .record import Original, http_capture, place, record_uri, warc_date

OPEN = ".open"


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A WARC with its final name. sha256: "sha256:<hex>" of the file."""

    path: Path
    bytes: int
    sha256: str
    records: int


@dataclass(slots=True)
class _Open:
    """The file being written. size: end of the last whole unit. synced: how much of it is known to be on disk."""

    path: Path
    final: Path
    descriptor: int
    info_id: str
    size: int = 0
    synced: int = 0
    synced_records: int = 0
    records: int = 0
    exchanges: int = 0
    torn: bool = False  # what lies behind `size` could not be cut off
    digest: Any = field(default_factory=hashlib.sha256)


class WarcWriter:
    """Writes the WARCs of one run, one file after the other.

    serial: of the first file; opened: for its name. max_size: bytes, after which a whole exchange ends the file. info:
    further fields of warcinfo (robots, operator, description, …). known: gives the record that holds a payload of an
    earlier run, by its digest. on_rotate: called when a further file has begun, to repeat what each file shall say.

    Raises HomeError where a file of that name is there already or may not be made, DiskError where the disk refuses.
    """

    def __init__(
        self,
        folder: Path,
        series: str,
        *,
        serial: int,
        opened: datetime,
        max_size: int,
        info: Mapping[str, str],
        known: Callable[[str], Original | None],
        on_rotate: Callable[[WarcWriter], None] | None = None,
    ) -> None:
        self._folder, self._series, self._serial = folder, series, serial
        self._max_size, self._info, self._known, self._on_rotate = max_size, dict(info), known, on_rotate
        self._originals: dict[str, Original] = {}
        self._closed: list[ClosedFile] = []
        self._file: _Open | None = None
        self._refusal: DiskError | HomeError | None = None  # once set, nothing more is taken
        self._begin(opened)

    @property
    def path(self) -> Path:
        """The file that is being written, with its `.open`."""
        return self._open_file().path

    @property
    def file_name(self) -> str:
        """The final name of the file that is being written, as captures have it."""
        return self._open_file().final.name

    @property
    def pending_bytes(self) -> int:
        """Bytes written and not yet known to be on disk."""
        return 0 if self._file is None else self._file.size - self._file.synced

    def write_exchange(self, exchange: Exchange, *, not_modified: Original | None = None) -> Capture:
        """Write request and response; a payload that is kept already becomes a revisit.

        exchange: request and response are not empty (what got no answer is metadata), else ValueError. not_modified:
        what the request's condition was made of; with a 304 the record becomes a revisit of it.
        Returns the capture of the response or revisit. Raises DiskError; then nothing of the exchange is in the file.
        """
        if not exchange.request or not exchange.response:
            raise ValueError(f"{exchange.url}: an exchange has bytes both ways; what got no answer is metadata")
        file = self._room(exchange.fetched)
        try:
            answer = encode.Answer.of(exchange)
        except OSError as error:
            raise self._refused(file, error, file.size) from error
        name, date, url = encode.record_id(), warc_date(exchange.fetched), record_uri(exchange.url)
        original = self._original(answer, not_modified)
        common = [f"WARC-Target-URI: {url}", f"WARC-Warcinfo-ID: {file.info_id}", *encode.ip_field(exchange.ip)]
        request = encode.request_member(exchange, date, common, response_id=name)
        kind, response = encode.answer_member(exchange, answer, original, name, date, common)
        offset, length = self._append(request, response, records=2, exchanges=1)
        if answer.keeps and original is None:
            self._originals[answer.digest] = Original(name, url, date, answer.digest)
        capture = place(
            kind,
            name,
            url,
            date,
            (file.final.name, offset + len(request), length - len(request)),
            original.digest if original else answer.digest,
            payload_bytes=0 if original else answer.payload_bytes,
            refers_to=original.record_id if original else None,
        )
        return http_capture(capture, answer.head, None if original else answer.truncated)

    def write_resource(self, url: str, mime: str, block: bytes, date: datetime) -> Capture:
        """Write bytes that are no HTTP response, as the profile of a run. url: any URI (urn:…, metadata:…)."""
        fields = [f"WARC-Target-URI: {record_uri(url)}", f"WARC-Payload-Digest: {payload_digest(block)}"]
        return self._single("resource", record_uri(url), mime, block, date, fields)

    def write_metadata(
        self, payload: Mapping[str, Any], date: datetime, url: str | None = None, refers_to: str | None = None
    ) -> Capture:
        """Write what a run knows beside its exchanges, as compact JSON in UTF-8. refers_to: id of a record."""
        target = record_uri(url) if url else ""
        fields = [f"WARC-Target-URI: {target}"] if target else []
        fields += [f"WARC-Refers-To: {refers_to}"] if refers_to else []
        return self._single("metadata", target, "application/json", encode.json_block(payload), date, fields)

    def _single(
        self, kind: RecordType, url: str, mime: str, block: bytes, date: datetime, fields: list[str]
    ) -> Capture:
        """Write a record that is a unit of its own."""
        file, name, moment = self._open_file(), encode.record_id(), warc_date(date)
        fields = [*fields, f"WARC-Warcinfo-ID: {file.info_id}"]
        member = encode.member(kind, name, moment, fields, mime, block)
        where = file.final.name, *self._append(member, records=1)
        return place(kind, name, url, moment, where, payload_digest(block), payload_bytes=len(block), mime=mime)

    def sync(self) -> None:
        """Make all that was written durable.

        Raises DiskError. What was written since the last sync is then cut off: after a failed fsync the system may
        have thrown those pages away and say nothing the next time, so they count as never written.
        """
        file = self._open_file()
        if file.synced == file.size:
            return
        try:
            os.fsync(file.descriptor)
        except OSError as error:
            self._refusal = self._refused(file, error, file.synced)
            file.size, file.digest, file.records = file.synced, None, file.synced_records
            raise self._refusal from error
        file.synced, file.synced_records = file.size, file.records

    def close(self) -> list[ClosedFile]:
        """Give the file its final name and return all files that this writer made. May be called again."""
        if self._file is not None:
            self._end()
        return list(self._closed)

    # ------------------------------------------------------------------------------------------------------- one file

    def _begin(self, opened: datetime) -> None:
        """Open the file of the current serial and say in it how it is made."""
        stamp = opened.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        final = self._folder / f"{self._series}-{stamp}-{self._serial:05d}.warc.gz"
        path = final.with_name(final.name + OPEN)
        name = encode.record_id()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(final):
                raise FileExistsError(f"{final.name} exists")
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o666)
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise HomeError(f"{final}: cannot be begun: {error.strerror or error}; nothing was overwritten") from error
        except OSError as error:
            raise DiskError(f"{final}: cannot be begun: {error.strerror or error}") from error
        self._file = _Open(path, final, descriptor, name)
        fields, block = [f"WARC-Filename: {final.name}"], encode.info_block(self._info)
        first = encode.member("warcinfo", name, warc_date(opened), fields, "application/warc-fields", block)
        try:
            self._append(first, records=1)
            sync_folder(self._folder)
        except BaseException:
            self._file = None
            os.close(descriptor)
            with contextlib.suppress(OSError):  # an empty file: the next run removes it
                path.unlink()
            raise

    def _room(self, now: datetime) -> _Open:
        """Give the file to write the next exchange to: a new one where the last has reached its size."""
        file = self._open_file()
        if file.size < self._max_size or not file.exchanges:
            return file
        try:
            self._end()
            self._serial += 1
            self._begin(now)
        except (DiskError, HomeError) as error:
            self._refusal = error
            raise
        if self._on_rotate is not None:
            self._on_rotate(self)
        return self._open_file()

    def _open_file(self) -> _Open:
        if self._file is None:
            raise self._refusal or ValueError(f"{self._series}: this writer is closed")
        return self._file

    def _append(self, first: bytes, more: Iterable[bytes] = (), *, records: int, exchanges: int = 0) -> tuple[int, int]:
        """Write one whole unit and return its offset and length; whatever stops it, no part of it stays.

        first, more: its bytes; where `more` holds them already, all go out in one write.
        """
        file, length = self._open_file(), 0
        if self._refusal is not None:
            raise self._refusal
        digest = file.digest.copy()
        try:
            for piece in (first + b"".join(more),) if isinstance(more, tuple) else chain((first,), more):
                _write(file.descriptor, piece)
                digest.update(piece)
                length += len(piece)
        except OSError as error:
            raise self._refused(file, error, file.size) from error
        except BaseException as error:  # a signal's exception between two writes
            self._cut(file, file.size, DiskError(f"{file.path}: {type(error).__name__} in the middle of a write"))
            raise
        offset = file.size
        file.size += length
        file.records += records
        file.exchanges += exchanges
        file.digest = digest
        return offset, length

    def _refused(self, file: _Open, error: OSError, keep: int) -> DiskError:
        """Take a file back to `keep` bytes and say why it did not grow; where it cannot be, nothing may come behind its end."""
        refused = DiskError(
            f"{file.path}: not written: {error.strerror or error}; everything before it is kept",
            action="lianzai doctor",
        )
        self._cut(file, keep, refused)
        return refused

    def _cut(self, file: _Open, keep: int, refusal: DiskError) -> None:
        try:
            os.ftruncate(file.descriptor, keep)
        except OSError:
            file.torn, self._refusal = True, refusal

    def _end(self) -> None:
        """Make the file durable, name it for good, and note what it is."""
        file = self._open_file()
        if file.torn and self._refusal is not None:
            raise self._refusal  # it stays open: the next run cuts it
        self.sync()
        try:
            if self._refusal is not None:
                os.fsync(file.descriptor)  # what was cut off must not come back behind the final name
            if os.path.lexists(file.final):
                raise FileExistsError(f"{file.final.name} exists")
            os.close(file.descriptor)
            file.path.rename(file.final)
        except OSError as error:
            raise DiskError(f"{file.path}: cannot get its final name: {error.strerror or error}") from error
        finally:
            self._file = None
        sync_folder(self._folder)
        digest = file_digest(file.final) if file.digest is None else label(file.digest.hexdigest())
        self._closed.append(ClosedFile(file.final, file.size, digest, file.records))

    # ------------------------------------------------------------------------------------------------------- revisits

    def _original(self, answer: encode.Answer, not_modified: Original | None) -> Original | None:
        """Find the record that holds the payload already, or None."""
        if answer.head.status == 304:
            return not_modified
        if not answer.keeps:
            return None
        return self._originals.get(answer.digest) or self._known(answer.digest)


def _write(descriptor: int, octets: bytes) -> None:
    done = 0
    while done < len(octets):
        done += os.write(descriptor, memoryview(octets)[done:])


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises DiskError."""
    try:
        sync_names(folder)
    except OSError as error:
        raise DiskError(f"{folder}: cannot be made durable: {error.strerror or error}") from error
