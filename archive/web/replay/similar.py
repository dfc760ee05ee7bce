"""The address that a script meant: with scripts on, each asks with another number against caches.

Takes   an address that was never captured.
Gives   one that was, and differs only in arguments of that kind.
Writes  nothing.
"""

from __future__ import annotations

import re

from ...index.lookup import Index
from ...surt import surt

_LOOKED_AT = 2000  # captures of one path
_PASSING = re.compile(
    r"(?:_|t|ts|r|rnd|rand|random|time|timestamp|nocache|cachebuster|cb)=(?:\d{8,}|0?\.\d{4,})", re.IGNORECASE
)  # a time in seconds or more exact, a random fraction


def similar(index: Index, url: str) -> str | None:
    """Find it, the newest of several.

    >>> _lasting("e)/a.json?_=1540000000000&id=7"), _lasting("e)/a.json?id=1540000000000")
    ('e)/a.json?id=7', 'e)/a.json?id=1540000000000')
    """
    key = surt(url)
    wanted = _lasting(key)
    if wanted == key:
        return None
    path = key.partition("?")[0].encode("ascii")
    found = None
    for beginning in (path + b" ", path + b"?"):
        lines = index.under(beginning)
        if len(lines) > _LOOKED_AT:
            continue
        fits = [one for one in lines if one.status == 200 and _lasting(one.key) == wanted]
        found = max([*fits, *([found] if found else [])], key=lambda one: one.time, default=None)
    return None if found is None else found.url


def _lasting(key: str) -> str:
    """Give a key without the arguments that are new each time."""
    path, _, query = key.partition("?")
    kept = [argument for argument in query.split("&") if argument and not _PASSING.fullmatch(argument)]
    return path + ("?" + "&".join(kept) if kept else "")
