"""An article of a few words, where a page says more about its publisher than in its text.

Takes   the blocks and pictures of a page, and the number of its headline.
Gives   the numbers of the blocks between the headline and the furniture below it; the pictures among them.
Writes  nothing.

A poem, a caption, a table of three rows are outweighed by any line of copyright. So where nothing but furniture was chosen, what
stands right below the headline is the article.
"""

from __future__ import annotations

from collections.abc import Sequence

from .blocks import Block, Blocks, Picture
from .notices import is_furniture

LINKED = 0.3  # share of links from which on a block leads elsewhere
_HEADS = frozenset({"h1", "h2", "h3", "h4", "title"})


def is_only_furniture(blocks: Sequence[Block], kept: Sequence[int]) -> bool:
    """Tell whether nothing was chosen as the article but what stands at the foot of every page."""
    return all(blocks[number].tag == "footer" or is_furniture(blocks[number].text) for number in kept)


def below_headline(found: Blocks, headline: int | None) -> tuple[tuple[int, ...], list[Picture]]:
    """Give what stands between a headline and the next heading, link or line of furniture; nothing where there is no headline."""
    if headline is None:
        return (), []
    kept: list[int] = []
    for number, block in enumerate(found.blocks[headline + 1 :], headline + 1):
        if block.tag in _HEADS or is_furniture(block.text) or block.link_chars >= LINKED * len(block.text):
            break
        kept.append(number)
    end = kept[-1] if kept else headline
    return tuple(kept), [one for one in found.pictures if headline < one.position <= end + 1]
