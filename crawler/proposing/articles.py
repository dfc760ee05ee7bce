"""What a look at the first article says: whether the cleaner reads it by itself, and which CSS would help it.

Takes   the article's answer, and what the list says of it.
Gives   Told for the keys of [article]; warnings.
Writes  nothing.

A selector is proposed only where the cleaner misses what the list knows: another headline, or no date though the list has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from archive import clean
from archive.clean.blocks import tidy
from archive.clean.dates import read_moment
from archive.clean.evidence import letters_of
from archive.clean.selecting import select
from archive.model import Entry, Reading

from .answer import Answer, Told
from .names import stable_classes, stable_id

_LABEL_CHARS = 60  # of an element that says no more than a date


@dataclass(slots=True)
class Article:
    """What was seen of one article. rules: for [article]. note: what the cleaner made of it, for a comment."""

    rules: dict[str, Told] = field(default_factory=dict)
    note: str = ""
    warnings: list[str] = field(default_factory=list)
    reading: Reading | None = None


def look_at(answer: Answer, entry: Entry, language: str | None, zone: str | None) -> Article:
    """Read an article as a crawl would, and propose CSS for what the list knows and the cleaner misses."""
    seen = Article()
    rules = clean.Rules(language=language, timezone=zone)
    opened = clean.open_page(answer.body, answer.content_type, answer.url)
    read = clean.read_page(answer.body, url=answer.url, content_type=answer.content_type, rules=rules, opened=opened)
    if isinstance(read, clean.Refusal):
        seen.warnings.append(f"the first article, {entry.url}, cannot be read: {read.detail}; [article] body may help")
        return seen
    seen.reading = read
    told = f"{read.title or 'no title'}, {read.published or 'no date'}, {len(read.text)} characters"
    seen.note = f"The cleaner reads the first article by itself: {told}."
    if opened.root is None:
        return seen
    if entry.title and _differs(entry.title, read.title):
        css = _naming(opened.root, lambda text: letters_of(text) == letters_of(entry.title or ""))
        if css:
            seen.rules["title"] = Told(
                css, f"the cleaner reads {read.title or 'nothing'!r}; the list says {entry.title!r}"
            )
    if entry.published and read.published is None:
        day = entry.published[:10]
        css = _naming(opened.root, lambda text: len(text) <= _LABEL_CHARS and _is_day(text, day))
        if css:
            seen.rules["published"] = Told(css, "the cleaner finds no date; the list has one")
    return seen


def _differs(listed: str, read: str | None) -> bool:
    """Tell whether two headlines are not the same; one may be cut or carry a kicker."""
    one, other = letters_of(listed), letters_of(read or "")
    return not other or not (one[:8] in other or other[:8] in one or other in one)


def _is_day(text: str, day: str) -> bool:
    moment = read_moment(text)
    return moment is not None and moment.day.isoformat() == day


def _naming(root: Any, says: Any) -> str | None:
    """Give CSS of the only element that says something, by a class or id of it or of what is around it."""
    for element in root.iter(
        "h1", "h2", "h3", "div", "span", "p", "time", "td", "font", "em", "i", "small", "strong", "b"
    ):
        if len(element) > 3 or not says(tidy("".join(element.itertext()))):
            continue
        for css in _ways(element):
            if select(root, css) == [element]:
                return css
    return None


def _ways(element: Any) -> list[str]:
    own = [*stable_classes((element.get("class") or "").split()), *filter(None, [stable_id(element.get("id"))])]
    ways = [f"{element.tag}{part}" for part in own]
    above = element.getparent()
    if above is not None:
        around = [*stable_classes((above.get("class") or "").split()), *filter(None, [stable_id(above.get("id"))])]
        ways += [f"{part} {element.tag}" for part in around]
    return [way for way in ways if not re.search(r"\d{3}", way)]
