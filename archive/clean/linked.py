"""JSON-LD as sites write it: what a page says of itself for machines (schema.org).

Takes   the text of a script element.
Gives   its objects, also where the JSON is broken in one of the ways that templates break it; which of them is the article.
Writes  nothing.

Broken ways, each seen on live pages: wrapped in a comment or CDATA, a comma before a bracket, line ends or quotation marks
within a string, escapes that JSON has not, entities for quotation marks, a second document behind the first.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

OBJECTS = 2_000  # objects looked at on one page
CHARS = 1_000_000
SALVAGED_CHARS = 300  # longest value that is read from a document that nothing mends

_WRAPPING = re.compile(
    r"^\s*+(?:/[/*]\s*+)?(?:<!\[CDATA\[|<!--)(?:\s*+\*/)?|(?:/[/*]\s*+)?(?:\]\]>|-->)(?:\s*+\*/)?\s*+(?:;\s*+)?$"
)
# A string without an end goes on to the end of the text: looked at from each of its marks it would cost the square of that.
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\Z))|,(?=\s{0,200}[}\]])', re.S)
_ESCAPE = re.compile(r"(?<!\\)\\(?:(')|(?![\"\\/bfnrt]|u[0-9a-fA-F]{4}))")
_SALVAGED = re.compile(
    rf'"(headline|datePublished|dateModified)"\s{{0,20}}:\s{{0,20}}"((?:[^"\\\r\n]|\\.){{1,{SALVAGED_CHARS}}})"'
)
_ARTICLE = re.compile(r"Article|Posting|Report(?!er)|ClaimReview", re.I)
_PAGE = re.compile(r"WebPage|ItemPage|CollectionPage", re.I)
# Below these keys stand the page's own objects; a list or a part is of other articles.
_OWN_KEYS = ("@graph", "mainEntity", "mainEntityOfPage")
_LIST_KEYS = ("itemListElement", "item")


def read_linked(text: str) -> list[tuple[dict[str, Any], bool]]:
    """Read the objects of one script, in its order; the second of each: whether it stands in a list of others.

    text: as it stands in the page; a longer one than CHARS gives nothing. Never raises.

    >>> [one["headline"] for one, _ in read_linked('<!-- {"@type": "Article", "headline": "Water",} -->')]
    ['Water']
    """
    if not text or len(text) > CHARS or text.isspace():
        return []
    waiting = deque((document, False) for document in _documents(text))
    found: list[tuple[dict[str, Any], bool]] = []
    for _ in range(OBJECTS):
        if not waiting:
            break
        value, listed = waiting.popleft()
        if isinstance(value, list):
            waiting.extendleft((one, listed) for one in reversed(value))
        elif isinstance(value, dict):
            found.append((value, listed))
            waiting.extend((inner, listed) for key in _OWN_KEYS if (inner := value.get(key)))
            waiting.extend((inner, True) for key in _LIST_KEYS if (inner := value.get(key)))
    return found


def is_article(one: dict[str, Any]) -> bool:
    """Tell whether an object is an article, by its type or one of its types."""
    return bool(_ARTICLE.search(str(one.get("@type", ""))))


def own_objects(
    objects: Sequence[tuple[dict[str, Any], bool]], addresses: Sequence[str], title: str
) -> list[dict[str, Any]]:
    """Choose the objects that speak of the page's own article: articles first, then the page.

    addresses: what the page is called by. title: its <title>. Where several articles stand there, the one with its
    address or its headline is meant; where none has, the first.
    """
    articles = [one for one, listed in objects if is_article(one) and not listed]
    pages = [one for one, listed in objects if _PAGE.search(str(one.get("@type", ""))) and not listed]
    if len(articles) > 1:
        known = {_bare(address) for address in addresses if address}
        meant = [one for one in articles if known & {_bare(address) for address in _addresses(one)}]
        head = "".join(title.split()).casefold()
        named = [
            one
            for one in articles
            if (name := "".join(str(one.get("headline") or "").split()).casefold()) and name in head
        ]
        articles = sorted(articles, key=lambda one: (one not in meant, one not in named))
    return [*articles, *pages]


def _documents(text: str) -> list[Any]:
    """Give the JSON documents of a text, mended as far as need be."""
    text = whole = _WRAPPING.sub("", text).strip().removesuffix(";")
    for mend in _MENDS:
        text = mend(text)
        try:
            return [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            several = _in_sequence(text)
            if several:
                return several
    salvaged = dict(reversed(_SALVAGED.findall(whole)))  # the first of a key counts
    return [{"@type": "Article", **salvaged}] if salvaged else []


def _in_sequence(text: str) -> list[Any]:
    """Give the documents that stand one behind the other; [] where what stands between them is none."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    at = 0
    while at < len(text) and len(found) < OBJECTS:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        found.append(value)
        while at < len(text) and text[at] in " \t\r\n;,":
            at += 1
    return found


def _as_is(text: str) -> str:
    return text


def _without_commas(text: str) -> str:
    """Take out commas before a closing bracket, and double the backslash of an escape that JSON has not."""
    return _COMMA.sub(lambda match: match[1] or "", _ESCAPE.sub(lambda match: match[1] or r"\\", text))


def _with_quotes_escaped(text: str) -> str:
    """Escape quotation marks within strings: one that no bracket, comma or colon follows does not end its string."""
    if "&quot;" in text and text.count('"') < 4:
        text = html.unescape(text)
    pieces = text.split('"')
    out = [pieces[0]]
    inside = False
    for number, piece in enumerate(pieces[1:], 1):
        before = pieces[number - 1]
        if before.endswith("\\") and inside:
            out.append('"' + piece)
            continue
        following = piece.lstrip()[:1]
        if not inside:
            inside = True
            out.append('"' + piece)
        elif following in {"", ":", "}", "]"} or (
            following == "," and _goes_on(piece, pieces[number + 1 : number + 2])
        ):
            inside = False
            out.append('"' + piece)
        else:
            out.append('\\"' + piece)
    return "".join(out)


def _goes_on(piece: str, following: Sequence[str]) -> bool:
    """Tell whether the comma that piece begins with parts two members: a value or the next key follows it, not text."""
    rest = piece.lstrip()[1:].strip()
    return (not rest and bool(following)) or bool(re.match(r"[\[{]|-?\d|true\b|false\b|null\b", rest))


_MENDS: tuple[Callable[[str], str], ...] = (_as_is, _without_commas, _with_quotes_escaped)


def _addresses(one: dict[str, Any]) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = one.get(key)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str) and value:
            yield value


def _bare(address: str) -> str:
    """Give an address without its scheme, its fragment and its last slash."""
    return address.partition("#")[0].partition("?")[0].rstrip("/").partition("://")[2].removeprefix("www.")
