"""Posts of social networks that an article shows among its paragraphs: whole, or not at all.

Takes   a page laid out, and the blocks taken so far.
Gives   the numbers of the blocks that belong to a post of which some were taken.
Writes  nothing.

Networks give sites a quote (blockquote) with a class of their own, which a script dresses up: the words, and below them by whom
and when. To the chooser that last line is a link with a date, so it left posts without their author. Whether a post is text the
sources of truth disagree: those read by people have it, those read by programs do not (decision 22).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .chooser import Sheet

_POST = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-post|bluesky-embed|mastodon-embed|reddit-(?:embed-bq|card)"
    r"|text-post-media|weibo-(?:card|post|embed))(?:$|\s)"
)


def posts(kept: Sequence[int], sheet: Sheet) -> set[int]:
    """Give the blocks of the posts of which some block is kept."""
    taken = frozenset(kept)
    within: dict[Any, list[int]] = defaultdict(list)
    known: dict[Any, Any] = {}
    for number, block in enumerate(sheet.blocks):
        post = _post_around(block.element, known)
        if post is not None:
            within[post].append(number)
    return {number for numbers in within.values() if not taken.isdisjoint(numbers) for number in numbers}


def _post_around(element: Any, known: dict[Any, Any]) -> Any:
    """Give the post that an element stands in, None for none. known: what was found, so that each is climbed once."""
    way, found = [], None
    while element is not None:
        if element in known:
            found = known[element]
            break
        way.append(element)
        if element.tag == "blockquote" and _POST.search(element.get("class") or ""):
            found = element
            break
        element = element.getparent()
    known.update(dict.fromkeys(way, found))
    return found
