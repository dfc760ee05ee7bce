"""Authors as lists name them: of feeds and APIs.

Takes   a JSON value, or what a feed's author element holds.
Gives   authors_of: the names with their roles; accounts and addresses of mail are none.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archive.model import Author

from .json_answer import clean_text, rows_of, text_of

PEOPLE, NAME_CHARS = 30, 80  # what is longer names no authors
_MAIL = re.compile(r"<?[^\s<>()@]++@[^\s<>()@]++>?")


def authors_of(value: Any) -> tuple[Author, ...]:
    """Read the authors of an item: a text, an object with name and role, or a list of such.

    RSS has "jane@paper.example (Jane Doe)" for an author, and sites name an account where they name nobody.

    >>> [one.name for one in authors_of(["jane@paper.example (Jane Doe)", {"name": "陆闻樵"}, "admin"])]
    ['Jane Doe', '陆闻樵']
    """
    if not value:
        return ()
    # Slow to import, and many lists name nobody.
    from archive.clean.bylines import is_account, merge_authors, read_people

    found: list[tuple[Author, ...]] = []
    rows = rows_of(value)
    for one in rows[:PEOPLE] if rows is not None else [value]:
        if isinstance(one, Mapping):
            name = text_of(one.get("name"))
            role = text_of(one.get("role"))
            found.append((Author(name, role if role and len(role) <= NAME_CHARS else None),) if name else ())
        elif isinstance(one, str):
            found.append(read_people(_MAIL.sub(" ", clean_text(one))))
    named = (one for one in merge_authors(*found) if len(one.name) <= NAME_CHARS and not is_account(one.name))
    return tuple(named)[:PEOPLE]
