"""`lianzai extract`: the cleaner alone, on saved pages.

Takes   files as a browser or a crawler saved them, packed with gzip or not; pipes too.
Gives   one JSON line a file, as they come (CONTRACT, JSON); of a file that cannot be read, what is known of it.
Writes  nothing; a file that cannot be read, or is no article, or costs too much to read is named on stderr and the exit
        code is 3.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .. import terminal
from ..config import Config
from ..errors import PartialError

if TYPE_CHECKING:
    from ..clean.bounded import BoundedCleaner
    from ..model import Reading


_MAX_BYTES: Final = 67_108_864  # as fetch.max_body by default (CONTRACT): what is longer is no page, or a gzip bomb
_GZIP: Final = b"\x1f\x8b"  # RFC 1952, 2.3.1
_HEAD_BYTES: Final = 32_768  # of a page that costs too much; its head is longer on few, and they take 0.1 s at most


@click.command("extract")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--url", metavar="U", help="The page's address: relative links and dates are read with it.")
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], url: str | None) -> None:
    """The cleaner alone, on saved pages: one JSON line a file, whether or not --json is given."""
    from ..clean.bounded import BoundedCleaner  # the cleaner's imports are most of the command's start

    config: Config = context.obj
    failed = 0
    with BoundedCleaner() as cleaner:
        for path in files:
            line, fault = _read(cleaner, path, url)
            terminal.print_json(line)
            if fault:
                failed += 1
                terminal.print_error(config, f"{path}: {fault}")
    if failed:
        context.exit(PartialError.exit_code)


def _read(cleaner: BoundedCleaner, path: Path, url: str | None) -> tuple[dict[str, Any], str | None]:
    """Clean one file: its line, and what is wrong with it."""
    from ..clean.bounded import BoundError
    from ..clean.rules import Refusal, Rules

    nothing = _line(path, url, None)
    try:
        payload = _payload(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return nothing, f"its gzip is damaged: {error}; try: gzip -t {path}"
    except OSError as error:
        return nothing, f"cannot be read: {error.strerror}; try: another path"
    if len(payload) > _MAX_BYTES:
        return nothing, f"longer than {terminal.size(_MAX_BYTES)}; try: a part of it"
    try:
        result = cleaner.read(payload, url=url or path.absolute().as_uri(), content_type="", rules=Rules())
    except BoundError as error:
        known = {**_line(path, url, _head(payload, url or path.absolute().as_uri())), "text": None}
        return known, f"{error}; try: a part of it, without what repeats"
    if isinstance(result, Refusal):
        known = {**_line(path, url, result.reading), "title": result.title}
        return {**known, "text": known["text"] or None}, f"{result.kind}: {result.detail}; try: a page of one article"
    return _line(path, url, result), None


def _head(payload: bytes, url: str) -> Reading | None:
    """Read the beginning of a page that costs too much as a whole: it tells title, date and authors, but no text to rely on."""
    from ..clean.bounded import BoundedCleaner, BoundError
    from ..clean.rules import Refusal, Rules

    try:
        with BoundedCleaner(cpu_s=0) as cleaner:  # the limit is in whole seconds: at most one
            read = cleaner.read(payload[:_HEAD_BYTES], url=url, content_type="", rules=Rules())
    except BoundError:
        return None
    return read.reading if isinstance(read, Refusal) else read


def _payload(path: Path) -> bytes:
    """Read a file, unpacked where it is packed with gzip; no more than one byte over the limit."""
    with path.open("rb") as file:
        # Peeked at, not sought in: the file may be a pipe, as `<(curl …)` is.
        if file.peek(2)[:2] == _GZIP:
            with gzip.open(file) as unpacked:
                return unpacked.read(_MAX_BYTES + 1)
        return file.read(_MAX_BYTES + 1)


def _line(path: Path, url: str | None, reading: Reading | None) -> dict[str, Any]:
    return {
        "id": path.name.partition(".")[0],
        "url": url,
        "title": reading.title if reading else None,
        "authors": [author.name for author in reading.authors] if reading else [],
        "published": _published(reading) if reading else None,
        "text": reading.text if reading else None,
        "language": reading.language if reading else None,
    }


def _published(reading: Reading) -> str | None:
    """Give the time in UTC, or, where its day is not the day that the publisher prints, that day alone."""
    moment, local = reading.published, reading.published_local
    return local[:10] if moment and local and moment[:10] != local[:10] else moment
