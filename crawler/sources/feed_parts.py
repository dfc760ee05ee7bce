"""What a feed says, whatever it is written in.

Takes   nothing. Gives: Parts of a feed and its Items, as plain values.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Author


@dataclass(frozen=True, slots=True)
class Item:
    """One item. url: absolute, None where it links no web page. published: as in Reading. updated: compared as text.

    updated_at: the same as a time, None where it is none.
    """

    url: str | None
    title: str | None
    published: str | None
    updated: str | None
    updated_at: str | None
    authors: tuple[Author, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """One page of a feed.

    more: addresses of further pages. complete: it says that it holds everything (fh:complete). archived: it stands in a
    chain of archives, or begins one. paged: it is a page of a feed that may have changed between two pages.
    """

    title: str | None
    items: tuple[Item, ...]
    more: tuple[str, ...] = ()
    complete: bool = False
    archived: bool = False
    paged: bool = False
