"""Whether a page is itself an article, or a list of them.

Takes   a parsed page and the list that was found on it.
Gives   is_article.
Writes  nothing.

Nearly every article carries a list of others, and nearly every topic an introduction; what tells them apart is how much is said
in paragraphs and how much in headlines that lead elsewhere, and what the page says of itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archive.clean.blocks import Block, read_blocks
from archive.clean.page import Page as Head

from .addresses import article_likeness, kind_of
from .anchors import units_of

if TYPE_CHECKING:
    from .groups import Found

_PARAGRAPH = 60  # units of a block that is a paragraph rather than a label
_LINKED = 0.3  # share of a block's letters in links above which it is no prose
_LEAST = 240  # units of prose below which a page says nothing by itself
_HEADLINE = 60  # units of a headline that count at most
_ARTICLE_TYPES = (
    "NewsArticle",
    "Article",
    "ReportageNewsArticle",
    "BlogPosting",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
)
_LIST_TYPES = ("CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage")


def is_article(root: Any, url: str, found: Found | None) -> bool:
    """Tell whether a page is an article. found: the list on it, None for none."""
    prose = _prose(root, found)
    if prose < _LEAST:
        return False
    if found is None:
        return True
    headlines = sum(min(_HEADLINE, max(a.units for a in found.anchors if a.key == key)) for key in found.keys)
    ratio = prose / max(1, headlines)
    return ratio * _told(Head(root, url), url, found) > 1.0


def _told(head: Head, url: str, found: Found) -> float:
    """Weigh what the page says of itself: above 1 for an article, below for a list."""
    weight = 0.5
    kinds = {str(one.get("@type")) for one in head.linked_data}
    if head.meta.get("og:type", "").lower() == "article" or head.meta.get("article:published_time"):
        weight *= 3
    elif head.meta.get("og:type"):
        weight *= 0.7
    if kinds & set(_ARTICLE_TYPES):
        weight *= 2
    if kinds & set(_LIST_TYPES):
        weight *= 0.3
    weight *= (
        0.5 if kind_of(url, f"{url.split('/')[0]}//{url.split('/')[2]}/") == "index" else 0.7 + article_likeness(url)
    )
    return weight * (0.7 if found.core.dated > 0.8 and len(found.keys) > 5 else 1.2)


def _prose(root: Any, found: Found | None) -> int:
    """Count what is said in paragraphs outside of the list's rows, in units."""
    rows = set(found.core.rows) if found is not None else set()
    return sum(
        units for block in read_blocks(root).blocks if (units := _units(block)) and not _within(block.element, rows)
    )


def _units(block: Block) -> int:
    units = units_of(block.text)
    return units if units >= _PARAGRAPH and block.link_chars <= _LINKED * len(block.text) else 0


def _within(element: Any, rows: set[Any]) -> bool:
    return element in rows or any(one in rows for one in element.iterancestors())
