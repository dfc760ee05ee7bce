"""What a person means by PROFILE or URL: a file, a series of the home, an address.

Takes   a word of the command line, the home. Gives: the profile; of an address that no series of the home reads, the address.
Writes  nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from archive.config import Config
from archive.errors import ProfileError
from archive.home import Home

if TYPE_CHECKING:
    from archive.ledger.queries import Connection

    from ..profile import Profile


def wanted_of(home: Home, named: str, config: Config) -> Profile | str:
    """Give the profile that a person means; of an address that no series of the home reads, the address."""
    if "://" not in named:
        return profile_of(home, named, config)
    from ..proposing.looking import asked
    from ..proposing.remembering import series_at

    url = asked(named)
    known = series_at(home, url)
    return url if known is None else profile_of(home, known, config)


def profile_of(home: Home, named: str, config: Config) -> Profile:
    """Find and read the profile that a person names. Raises ProfileError, NotFoundError."""
    from ..keeping import COLLECTION, collection
    from ..profile import load_profile, parse_profile

    path = Path(named)
    if not path.is_file() and home.profile(named).is_file():
        path = home.profile(named)
    if path.is_file() or _is_path(named):
        return load_profile(path, config=home.config, environ=config.environ)
    text = _remembered(home, named)
    if named == COLLECTION and _has_no_source(home):
        return collection(home)
    defaults = home.config.read_text(encoding="utf-8") if home.config.is_file() else None
    return parse_profile(text, name=f"{named}.toml", config=defaults, environ=config.environ)


def _is_path(named: str) -> bool:
    return os.sep in named or named.endswith(".toml")


def _remembered(home: Home, series: str) -> str:
    """Give the text of the profile that the home remembers of a series."""
    from archive.ledger import queries
    from archive.views import unknown_series

    def ask(connection: Connection) -> str:
        if not queries.series(connection, series):
            raise unknown_series(connection, series)
        text = queries.profile_text(connection, series)
        if text is None:
            raise ProfileError(
                f"{series}: its profile holds secrets, so the home does not remember it",
                action="name the file, or write env:NAME for the secret and `lianzai add` it",
            )
        return text

    return ask_ledger(home, ask)


def _has_no_source(home: Home) -> bool:
    """Tell whether the series of imports is what its name says, and no series of a person's own."""
    from archive.ledger import queries

    from ..keeping import COLLECTION, collection
    from ..profile import same_source

    known = ask_ledger(home, lambda connection: str(queries.series(connection, COLLECTION)[0]["source"]))
    return same_source(known, collection(home).source_identity())


def ask_ledger(home: Home, question: Callable[[Connection], str]) -> str:
    """Ask the ledger of a home, which is made where it is missing."""
    from archive.ledger.store import open_ledger

    ledger = open_ledger(home, create=True)
    try:
        with ledger.read() as connection:
            return question(connection)
    finally:
        ledger.close()
