"""Whom a series tells, and by which profile.

Takes   a home, a series, the environment. Gives: Profile; addresses by their names.
Writes  nothing.

An address is named as the profile may be shown: `env:NAME`, or its scheme and `***`; where two look alike the later ones are
numbered. So the name holds no secret, and stays the same while the address behind a variable changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archive.errors import ProfileError
from archive.home import Home
from archive.ledger import queries
from archive.ledger.queries import Connection

if TYPE_CHECKING:
    from ..profile import Profile

# No series: the addresses of config.toml alone, for what concerns the home as a whole.
_HOME = '[series]\nid = "home"\ntitle = {title}\n[source]\nkind = "url-list"\nurls = ["http://home.invalid/"]\n'


def addresses(profile: Profile) -> dict[str, str]:
    """Give the addresses of a profile, resolved, by their names."""
    shown: list[str] = profile.shown.get("notify", {}).get("urls", [])
    named: dict[str, str] = {}
    for as_shown, url in zip(shown, profile.notify.urls, strict=True):
        alike = sum(1 for name in named if name == as_shown or name.startswith(f"{as_shown} "))
        named[f"{as_shown} {alike + 1}" if alike else as_shown] = url
    return named


def profile_of_series(connection: Connection, home: Home, series: str, environ: Mapping[str, str]) -> Profile:
    """Give the profile of a series: as kept, else as the home remembers it. Raises ProfileError."""
    from ..profile import load_profile, parse_profile

    if home.profile(series).is_file():
        return load_profile(home.profile(series), config=home.config, environ=environ)
    text = queries.profile_text(connection, series)
    if text is None:
        raise ProfileError(
            f"{series}: its profile holds secrets, so the home does not remember it",
            action="write env:NAME for the secret, and lianzai add FILE",
        )
    return parse_profile(text, name=f"{series}.toml", config=_config(home), environ=environ)


def profile_of_home(home: Home, environ: Mapping[str, str]) -> Profile:
    """Give what config.toml says, as the profile of no series. Raises ProfileError."""
    import json

    from ..profile import parse_profile

    text = _HOME.format(title=json.dumps(home.root.absolute().name or "lianzai", ensure_ascii=False))
    return parse_profile(text, name="config.toml", config=_config(home), environ=environ)


def tells(row: Mapping[str, Any], default: bool) -> bool:
    """Say whether a series tells anybody.

    row: of the ledger, with its profile as kept there. default: whether config.toml names an address.
    """
    notify: Mapping[str, Any] = row["profile"].get("notify") or {}
    return bool(notify["urls"]) if "urls" in notify else default


def default_urls(home: Home) -> list[str]:
    """Give what config.toml has in notify.urls, as written; [] where it cannot be read, which a crawl tells."""
    import tomllib

    try:
        table = tomllib.loads(home.config.read_text("utf-8")).get("notify")
    except (OSError, ValueError):
        return []
    urls = table.get("urls") if isinstance(table, dict) else None
    return urls if isinstance(urls, list) else []


def _config(home: Home) -> str | None:
    return home.config.read_text(encoding="utf-8") if home.config.is_file() else None
