"""`lianzai extract`: the cleaner alone, on saved pages.

Takes   files as a browser or a crawler saved them. Gives: one JSON line a file, as they come (CONTRACT, JSON). Writes
nothing; a file that cannot be read, or is no article, is named on stderr and the exit code is 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..config import Config
from ..errors import PartialError

if TYPE_CHECKING:
    from ..model import Reading


@click.command("extract")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--url", metavar="U", help="The page's address: relative links and dates are read with it.")
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], url: str | None) -> None:
    """The cleaner alone, on saved pages: one JSON line a file, whether or not --json is given."""
    config: Config = context.obj
    failed = 0
    for path in files:
        reading, fault = _read(path, url)
        terminal.print_json(_line(path, url, reading))
        if fault:
            failed += 1
            terminal.print_error(config, f"{path}: {fault}")
    if failed:
        context.exit(PartialError.exit_code)


def _read(path: Path, url: str | None) -> tuple[Reading | None, str | None]:
    """Clean one file: its reading, or what is wrong with it."""
    from ..clean import Refusal, Rules, read_page

    try:
        payload = path.read_bytes()
    except OSError as error:
        return None, f"cannot be read: {error.strerror}; try: another path"
    result = read_page(payload, url=url or path.absolute().as_uri(), content_type=None, rules=Rules())
    if isinstance(result, Refusal):
        return None, f"{result.kind}: {result.detail}; try: --url with the page's address"
    return result, None


def _line(path: Path, url: str | None, reading: Reading | None) -> dict[str, Any]:
    return {
        "id": path.name.partition(".")[0],
        "url": url,
        "title": reading.title if reading else None,
        "authors": [author.name for author in reading.authors] if reading else [],
        "published": reading.published if reading else None,
        "text": reading.text if reading else None,
        "language": reading.language if reading else None,
    }
