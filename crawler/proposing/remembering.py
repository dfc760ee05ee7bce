"""Profiles that were proposed, and the series of the home that they became.

Takes   a home, an address or a proposal.
Gives   series_at, the series that reads an address; place, the id and text of a proposal.
Writes  a profile's file where none is: never over another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import DiskError, UsageError
from archive.home import Home, part_of, sync_names

from ..profile import CONFIG_NAME, parse_profile, same_source
from ..profile.source_tables import ListPage, identity
from ..scope import canonicalise
from .naming import series_id
from .text import proposed_from, to_profile

if TYPE_CHECKING:
    from archive.ledger.queries import Connection

    from .answer import Proposal


def series_at(home: Home, url: str) -> str | None:
    """Name the series of the home that was proposed for an address, or whose list it is; None where there is none."""
    wanted, spelled = canonicalise(url), _spelled(url)
    found = None
    for series, source, text in _known(home):
        asked = proposed_from(text) if text else None
        if asked is not None and canonicalise(asked) == wanted:
            return series
        if found is None and spelled in source.split(" ")[1:]:
            found = series
    return found


def _spelled(url: str) -> str:
    """Spell an address as the identity of a source does."""
    return identity(ListPage(kind="list-page", url=url, item="a")).partition(" ")[2]


def name(home: Home, proposal: Proposal) -> tuple[str, bool]:
    """Name a proposal: the id of the series of the home that has the same source, else one that is free. The second value tells
    whether it is such a series."""
    title, language = proposal.series["title"], proposal.series.get("language")
    source = parse_profile(to_profile(proposal, "x"), name=CONFIG_NAME, environ={}).source_identity()
    known = list(_known(home))
    same = next((series for series, other, _ in known if other and same_source(other, source)), None)
    if same is not None:
        return same, True
    taken = {series for series, _, _ in known}
    return series_id(str(title.value), language.value if language else None, proposal.asked, taken.__contains__), False


def _known(home: Home) -> Iterator[tuple[str, str, str | None]]:
    """Give the series of a home: id, identity of the source, text of the profile; of a profile's file alone "" for the source."""
    rows: list[tuple[str, str, str | None]] = []
    if home.ledger.is_file() or home.database is not None:
        from archive.ledger import queries
        from archive.ledger.store import open_to_read

        ledger = open_to_read(home)
        try:
            with ledger.read() as connection:
                rows = [_row(connection, row) for row in queries.series(connection)]
        finally:
            ledger.close()
    files = {series: _text(home.profile(series)) for series in sorted(home.kept_profiles())}
    for series, source, text in rows:
        yield series, source, files.pop(series, None) or text
    for series, text in files.items():
        yield series, _source_of(text, series), text


def _row(connection: Connection, row: dict[str, object]) -> tuple[str, str, str | None]:
    from archive.ledger import queries

    series = str(row["id"])
    return series, str(row["source"]), queries.profile_text(connection, series)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _source_of(text: str | None, series: str) -> str:
    """Give the source that a profile's file names; "" where it cannot be used."""
    from archive.errors import ProfileError

    from ..profile import from_public
    from ..profile.document import parse_document

    try:
        return from_public(parse_document(text or "", series).tables, series).source_identity()
    except ProfileError:
        return ""


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all. Raises UsageError where it is, DiskError where it cannot be."""
    part = part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # unlike a rename it never takes the place of another file
        finally:
            part.unlink(missing_ok=True)
        sync_names(path.parent)
    except FileExistsError as error:
        raise UsageError(
            f"{path}: is there already, and is not written over", action="another path with --output"
        ) from error
    except OSError as error:
        raise DiskError(f"{path}: cannot be written: {error.strerror}", action="another path with --output") from error
