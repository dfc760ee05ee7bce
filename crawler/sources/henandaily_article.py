"""The client's article to a reading: its fields are taken as the API has them, its HTML is read by the cleaner.

Takes   `Info` of getnewsbyid as JSON values; any key can be missing.
Gives   Reading.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archive.model import Author, Image, Reading

from ..scope import wire_url
from .json_answer import clean_text, rows_of, text_of
from .protocol import SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

# A type_name that only says that an author is an author; the office, if the text prints one, tells more.
_NO_ROLE = frozenset({"作者", "author"})
REPORTER = "记者"  # what the key `reporters` says of the names in it


def read_article(info: Mapping[str, Any], api_url: str, rules: Rules, undecoded: int) -> Reading:
    """Read an article; raises SourceError where neither title, text, pictures nor video is there.

    api_url: where the answer was got. undecoded: bytes of the answer that did not decode. Counters (views, support, comment)
    and is_favor change at each visit and are left out. Where `author` is empty, the byline in the text names the main author.
    """
    from archive.clean import read_parts  # the cleaner is slow to import, and lists do not need it
    from archive.clean.bylines import merge_authors

    content = info.get("content")
    html = clean_text(content) if isinstance(content, str) else ""
    title = text_of(info.get("title"))
    page = _web(info.get("url"), api_url) or api_url
    images = tuple(_images(info, page))
    if title is None and not html.strip() and not images:
        raise SourceError("source", f"article expected, found only the keys {', '.join(map(str, list(info)[:8]))}")
    reading = read_parts(
        title=title,
        html=html,
        published=text_of(info.get("inputtime")),
        source=text_of(info.get("copyfrom")),
        editor=text_of(info.get("editor")),
        authors=_authors(info.get("author")),
        images=images,
        url=page,
        rules=rules,
    )
    authors = merge_authors(reading.authors, _reporters(info.get("reporters")))
    return replace(reading, authors=authors, undecoded=reading.undecoded + undecoded)


def _authors(value: Any) -> tuple[Author, ...]:
    """Read [{name, type_name}], or what stands in its place: one such object, or the names as text."""
    if isinstance(value, str):
        return _people(clean_text(value)) if value.strip() else ()
    rows = [value] if isinstance(value, Mapping) and "name" in value else rows_of(value) or []
    named = [row for row in rows if isinstance(row, Mapping)]
    return tuple(Author(name, _role(row)) for row in named if (name := text_of(row.get("name"))) is not None)


def _people(text: str) -> tuple[Author, ...]:
    from archive.clean.bylines import read_people

    return read_people(text)


def _role(row: Mapping[str, Any]) -> str | None:
    role = text_of(row.get("type_name"))
    return None if role is None or role.lower() in _NO_ROLE else role


def _reporters(value: Any) -> tuple[Author, ...]:
    """Read names parted by 、, commas or blanks; a name of two characters may be set with a blank in it (王 明)."""
    rows = rows_of(value)
    if rows is not None:
        names = [text_of(row.get("name")) if isinstance(row, Mapping) else text_of(row) for row in rows]
        value = "、".join(name for name in names if name)
    text = text_of(value)
    people = _people(text) if text else ()
    return tuple(person if person.role else Author(person.name, REPORTER) for person in people)


def _images(info: Mapping[str, Any], base: str) -> Iterator[Image]:
    """Give the pictures of the gallery in its order, then the video's still."""
    gallery = info.get("zutu")
    rows = [gallery] if isinstance(gallery, Mapping) and "img" in gallery else rows_of(gallery) or []
    seen: set[str] = set()
    for row in rows:
        url = _web(row.get("img"), base) if isinstance(row, Mapping) else None
        if url and url not in seen:
            seen.add(url)
            yield Image(url, text_of(row.get("brief")) or text_of(row.get("title")))
    video = info.get("myvideo")
    for row in [video] if isinstance(video, Mapping) and "filethumb" in video else rows_of(video) or []:
        url = _web(row.get("filethumb"), base) if isinstance(row, Mapping) else None
        if url and url not in seen:
            seen.add(url)
            yield Image(url, text_of(row.get("filename")))


def _web(value: Any, base: str) -> str | None:
    text = text_of(value)
    return wire_url(text, base) if text else None
