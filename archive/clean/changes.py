"""What a reader sees changed between two readings.

Takes   two Readings.
Gives   the names of the fields that differ.
Writes  nothing.

A module of its own, as the fold wants it where nothing is read: the rest of the cleaner is a tenth of a crawl's start-up.
"""

from __future__ import annotations

import re

from ..model import Reading

_SEEN = ("title", "authors", "published", "editors_note", "highlights", "body", "images")
_SPACE = re.compile(r"\s+")


def fields_changed(a: Reading, b: Reading) -> tuple[str, ...]:
    """Name the fields that a reader sees changed between two readings; white space is no change, order is.

    Compared are title, authors, published, editors_note, highlights, body, images.
    """
    return tuple(name for name in _SEEN if _seen(a, name) != _seen(b, name))


def _seen(reading: Reading, name: str) -> object:
    value = getattr(reading, name)
    if name == "authors":
        return [(_bare(author.name), _bare(author.role)) for author in reading.authors]
    if name == "images":
        return [(image.url, _bare(image.caption)) for image in reading.images]
    return [_bare(paragraph) for paragraph in value] if isinstance(value, tuple) else _bare(value)


def _bare(text: str | None) -> str:
    return _SPACE.sub("", text or "")
