"""Names that a page gives its elements: which of them last, and what they say of a place.

Takes   classes and ids.
Gives   stable_classes, stable_id: fit for a selector; words: what a name says; FURNITURE: words of what stands around a list.
Writes  nothing.

A build tool's names (Card_title__3xYz9, css-1q2w3e) change with each release, a state's (active, odd, first) with each visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_NAME = re.compile(r"-?[A-Za-z_\u0080-\uffff][\w-]*")
_BUILT = re.compile(r"(?:css|sc|jsx|svelte|emotion|astro|chakra|data-v|tss|mui|jss)-?[\w-]*\d[\w-]*", re.I)
# Name__hash of CSS modules: two underscores, then five or more characters at the end.
_MODULE = re.compile(r"(?P<stable>[A-Za-z][\w-]*?_{1,3})(?P<hash>[A-Za-z0-9+-]{5,12})")
_STATE = re.compile(
    r"(?:active|current|cur|on|off|first|last|odd|even|selected|hover|open|closed|visible|hidden|clearfix|cf|fl|fr|left|right|"
    r"new|top|sticky|lazy(?:load(?:ed)?)?|js|no-js|is-.*|has-.*|row-?\d*|first-.*|last-.*|.*-(?:first|last|odd|even|active))",
    re.I,
)
# One record's own: post-1234, category-wasser, tag-kanal, item-3.
_OF_RECORD = re.compile(
    r"(?:post|item|entry|node|id|article|news|menu-item|page|term)[-_]?\d+|(?:category|cat|tag|author|status|format|type)-.+"
)
_SIDE = frozenset({"left", "right", "fl", "fr"})  # of a column, or of what floats
_UTILITY = re.compile(
    r"-?(?:[mp][trblxy]?|w|h|gap|text|font|bg|border|rounded|leading|tracking|items|justify|self|grid|col|flex|space|max|min|z|order|"
    r"opacity|shadow|line-clamp|inset|top|left|right|bottom|duration|transition)-[\w.-]+|flex|grid|block|inline|hidden|relative|"
    r"absolute|truncate|underline|uppercase|italic|container|wrapper|wrap|inner|clear|box",
    re.I,
)
_UNSPOKEN = re.compile(r"[A-Z]?[^aeiouyAEIOUY\W\d_]{2,}")
_MINIFIED = 3  # names of one or two letters on one element that no person gave
_SHORT_HASH = 7  # letters of the names that styled components make, at most
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[\u0080-\uffff]+")

# What stands around a list: of a whole site, or beside it.
FURNITURE = frozenset({
    "nav", "navbar", "navi", "navigation", "menu", "submenu", "sidebar", "aside", "footer", "foot", "breadcrumb",
    "breadcrumbs", "crumb", "crumbs", "ranking", "rank", "related", "relate", "recommend", "recommended", "recommendations",
    "popular", "mostread", "trending", "share", "sharing", "social", "tags", "tagcloud", "pager", "pagination", "paging",
    "pagenav", "pages", "login", "signin", "search", "friend", "friendlink", "friendlinks", "ads", "advert", "banner",
    "toolbar", "comments", "copyright", "partner", "partners", "subscribe", "newsletter", "cookie", "meistgelesen",
    "bookmarks", "sitemap", "dropdown", "offcanvas", "skip",
})  # fmt: skip
LIKELY_FURNITURE = frozenset({
    "side", "right", "header", "head", "top", "topbar", "hot", "widget", "widgets", "links", "promo", "extra", "secondary",
    "sub", "bottom",
})  # fmt: skip
CONTENT = frozenset({
    "main", "content", "list", "article", "articles", "news", "items", "posts", "entries", "stream", "feed", "special",
    "topic", "center", "primary",
})  # fmt: skip


@lru_cache(4096)
def words(name: str) -> frozenset[str]:
    """Part a class or id into its words, in lower case.

    >>> sorted(words("newsList-item_2"))
    ['2', 'item', 'list', 'news', 'newslist']
    """
    parts = [part for part in re.split(r"[^0-9A-Za-z\u0080-\uffff]+", name) if part]
    return frozenset(word.lower() for part in parts for word in (part, *_CAMEL.findall(part)))


def stable_classes(names: Iterable[str]) -> Iterator[str]:
    """Give those classes that are the same tomorrow and for the next article, as parts of a selector.

    >>> list(stable_classes(["news-list", "active", "css-1x9k2f", "Card_title__3xYz9", "post-412"]))
    ['.news-list', "[class*='Card_title__']"]
    >>> list(stable_classes(["ag", "ah", "ai"]))
    []
    """
    names = list(names)
    if len(names) >= _MINIFIED and all(
        len(name) <= 2 for name in names
    ):  # ag ah ai: numbered by a tool in the order of its files
        return
    for name in names:
        if not _NAME.fullmatch(name) or _STATE.fullmatch(name) or _OF_RECORD.fullmatch(name):
            continue
        module = _MODULE.fullmatch(name)
        if module and (module["stable"].endswith("__") or _is_random(module["hash"])):
            if len(module["stable"]) >= 6:
                stable = module["stable"]
                yield f"[class*='{stable}']"
        elif not _BUILT.fullmatch(name) and not _is_random(re.split(r"[-_]+", name)[-1]) and not _is_random(name):
            yield f".{name}"


def stable_id(name: str | None) -> str | None:
    """Give an id as a part of a selector, None where it is a record's own or made by a tool."""
    if not name or not _NAME.fullmatch(name) or re.search(r"\d{2}", name) or _OF_RECORD.fullmatch(name):
        return None
    return None if _BUILT.fullmatch(name) or _is_random(re.split(r"[-_]+", name)[-1]) else f"#{name}"


def sides(names: Iterable[str]) -> Iterator[str]:
    """Give those classes that say on which side an element stands: all that tells some columns apart."""
    return (f".{name}" for name in names if name.lower() in _SIDE)


def is_utility(part: str) -> bool:
    """Tell whether a class says how something looks rather than what it is: `.mt-4`, `.flex`, `.left`."""
    name = part.lstrip(".")
    return name.lower() in _SIDE or bool(_UTILITY.fullmatch(name))


def _is_random(text: str) -> bool:
    """Tell letters and digits thrown together from a word: 3xYz9, iKqHpl, dvcIpq, a8f3c2; not list01, newsList, h5."""
    if len(text) < 5 or not text.isascii():
        return False
    if re.search(r"\d[A-Za-z]+\d|^\d+[A-Za-z]{2}|[A-Za-z]\d[A-Za-z]", text):
        return True
    pieces = _CAMEL.findall(text)
    if len(pieces) == 2 and len(text) <= _SHORT_HASH and any(_UNSPOKEN.fullmatch(piece) for piece in pieces):
        return True
    return len(pieces) >= 3 and len(text) / len(pieces) < 3
