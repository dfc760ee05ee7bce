"""A zip whose members are stored as they are, and the list of them that a data package wants.

Takes   names and streams; one moment, which all members bear.
Gives   a Resource for each: its digest and size.
Writes  the zip to an open file that can be sought; bytes are copied in pieces, so memory stays flat at any size.

Nothing of the machine, the user or the time of writing stands in it: the same members give the same bytes.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO, Final, Self

from ..errors import IntegrityError
from ..fixity import CHUNK_BYTES, label

_UNIX: Final = 3  # system of the attributes. Source: APPNOTE.TXT 6.3.10, 4.4.2.2
_MODE: Final = (stat.S_IFREG | 0o644) << 16
# What an MS-DOS date can say. Source: APPNOTE.TXT 6.3.10, 4.4.6.
_FIRST: Final = datetime(1980, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resource:
    """One member. path: in the zip. digest: "sha256:<hex>"."""

    path: str
    bytes: int
    digest: str


class Container:
    """Writes one zip; a context, at whose end the zip's directory is written, unless it ends by an error.

    file: open for writing, empty, and such that it can be sought.
    """

    def __init__(self, file: BinaryIO, moment: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._time = min(max(moment.astimezone(UTC), _FIRST), _LAST).timetuple()[:6]
        self.resources: list[Resource] = []

    def add(self, path: str, source: BinaryIO, size: int, told: Callable[[int], None] | None = None) -> Resource:
        """Copy a stream to its end.

        size: of the stream in bytes, by which zip64 is chosen (from 2 GiB on). told: called with the bytes of each piece.
        Raises OSError where it cannot be written, IntegrityError where the stream cannot be read or is not of that size.
        """
        info = zipfile.ZipInfo(path, self._time)
        info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, size
        digest, copied = hashlib.sha256(), 0
        with self._zip.open(info, "w") as member:
            while piece := _read(source, min(CHUNK_BYTES, size - copied + 1), path):
                copied += len(piece)
                if copied > size:
                    break
                digest.update(piece)
                member.write(piece)
                if told:
                    told(len(piece))
        if copied != size:
            found = "more" if copied > size else copied
            raise IntegrityError(f"{path}: expected {size} bytes, found {found}", action="lianzai verify")
        self.resources.append(Resource(path, size, label(digest.hexdigest())))
        return self.resources[-1]

    def add_bytes(self, path: str, content: bytes) -> Resource:
        """Write one member that is small. Raises OSError."""
        return self.add(path, BytesIO(content), len(content))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: object) -> None:
        if kind is None:
            self._zip.close()
        # A ZipFile that was not closed would be when it is collected, and complain on stderr that its file is.
        self._zip.fp = None


def _read(source: BinaryIO, size: int, path: str) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise IntegrityError(f"{path}: cannot be read: {error.strerror or error}", action="lianzai verify") from error
