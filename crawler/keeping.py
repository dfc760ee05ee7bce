"""Keep a profile in the home, or keep it no longer; pause and resume its scheduled runs.

Takes   a home and a profile's file, or the id of a series of the home. Gives: the paths that changed.
Writes  profiles/<series>.toml and the series' row in the ledger; nothing archived is ever touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DiskError, ProfileError
from archive.fixity import checksum16
from archive.home import Home, write_atomically
from archive.ledger import queries
from archive.ledger.store import Ledger, open_ledger
from archive.logs import keep_secret
from archive.views import unknown_series

if TYPE_CHECKING:
    from .profile import Profile, Series


COLLECTION = "imported"  # the series of what is imported into none


@contextmanager
def opened(home: Home) -> Iterator[Ledger]:
    """Make the home where it is missing and lend its ledger. Raises HomeError."""
    ledger = open_ledger(home.make(), create=True)
    try:
        yield ledger
    finally:
        ledger.close()


def find_profile(home: Home, ledger: Ledger, named: str) -> Path:
    """Find the profile that a person names: a file, or the id of a series in the home, by its kept or remembered profile.

    Returns where it lies; a remembered one is first written to its place in the home. Raises NotFoundError for an unknown
    series, ProfileError where there is no such file, or the series was never crawled from one.
    """
    path = Path(named)
    if path.is_file():
        return path
    with ledger.read() as connection:
        known = queries.series(connection, named)
        text = queries.profile_text(connection, named)
        if not known and path.exists():
            return path  # a folder or a device: reading it tells what is wrong
        if not known and ("/" in named or named.endswith(".toml")):
            raise ProfileError(f"{named}: no such file", action="another path")
        if not known:
            raise unknown_series(connection, named)
    path = home.profile(named)
    if not path.is_file():
        if not text:
            raise ProfileError(f"{named}: the home has no profile file of it", action="lianzai add FILE")
        write_atomically(path, text.encode())
    return path


def profile_for_import(home: Home, named: str | None, environ: Mapping[str, str]) -> Profile:
    """Give the profile of the series that an import goes into: as the home remembers it.

    named: its id; None for the series that holds what belongs to no other, made where it is missing. Raises NotFoundError
    for a series that the home does not know.
    """
    from .profile import from_public, load_profile

    if named is None:
        return collection(home)
    with opened(home) as ledger, ledger.read() as connection:
        rows = queries.series(connection, named)
        if rows:
            return from_public(rows[0]["profile"], f"{named} as remembered")
        if not home.profile(named).is_file():
            raise unknown_series(connection, named)
    return load_profile(home.profile(named), config=home.config, environ=environ)


def collection(home: Home) -> Profile:
    """Give the profile of the series that has no source: files made by others, and no articles."""
    from .profile import from_public
    from .profile.document import read_document

    defaults = read_document(home.config).tables if home.config.is_file() else {}
    series = {"id": COLLECTION, "title": COLLECTION}
    return from_public({**defaults, "series": series, "source": {"kind": "url-list", "urls": []}}, COLLECTION)


def keep(home: Home, named: str, environ: Mapping[str, str]) -> Path:
    """Keep a profile in the home, where it is run on its schedule; give its place there.

    Raises ProfileError for a wrong one, or one whose id is already that of another source in the home.
    """
    from .profile import load_profile

    with opened(home) as ledger:
        path = find_profile(home, ledger, named)
        profile = load_profile(path, config=home.config, environ=environ)
        keep_secret(profile.secrets)
        with ledger.write() as connection:
            _refuse_other_source(connection, profile, path)
            queries.keep_series(connection, columns(profile))
        kept = home.profile(profile.series.id)
        write_atomically(kept, profile.text.encode())
    return kept


def forget(home: Home, series: str) -> list[Path]:
    """Run a series on its schedule no longer and remove its kept profile; give the path that was removed.

    What was archived stays, and the profile is remembered in ledger and WARCs. Raises NotFoundError for an unknown one.
    """
    with opened(home) as ledger, ledger.write() as connection:
        if not queries.series(connection, series):
            raise unknown_series(connection, series)
        queries.mark(connection, series, kept=False)
    kept = home.profile(series)
    if not kept.exists():
        return []
    try:
        kept.unlink()
    except OSError as error:
        raise DiskError(f"{kept}: cannot be removed: {error.strerror}", action="lianzai doctor") from error
    return [kept]


def pause(home: Home, series: str, *, paused: bool) -> None:
    """Stop the scheduled runs of a series for now, or let them run again. Raises NotFoundError for an unknown one."""
    with opened(home) as ledger, ledger.write() as connection:
        if not queries.series(connection, series):
            raise unknown_series(connection, series)
        queries.mark(connection, series, paused=paused)


def _refuse_other_source(connection: queries.Connection, profile: Profile, path: Path) -> None:
    from .profile import same_source

    known = queries.series(connection, profile.series.id)
    if known and not same_source(known[0]["source"], profile.source_identity()):
        raise ProfileError(
            f"{path}: series.id: {profile.series.id!r} is already another source in this home ({known[0]['source']})",
            action="another id, or another home with --home DIR",
        )


def columns(profile: Profile) -> dict[str, Any]:
    """Give the columns of the ledger's series that the profile decides; values of the environment stay `env:NAME`."""
    series: Series = profile.stored["series"]
    text = profile.text_to_keep()
    return {
        "id": profile.series.id,
        "title": series.title,
        "source": profile.source_identity(),
        "profile": profile.public(),
        "profile_text": text,
        "profile_crc": checksum16(profile.text.encode()) if profile.text and text is None else None,
        "expected": series.expected,
        "subjects": list(series.subjects),
        "schedule": series.schedule,
        "timezone": series.timezone,
        "cadence_s": None if series.cadence_s is None else round(series.cadence_s),
    }
