"""The headline of a page.

Takes   a Page and its blocks.
Gives   the title as a reader sees it, the site's name cut off.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .blocks import Block, read_blocks, tidy
from .evidence import letters_of
from .page import Page

TITLE_CHARS = 200
NAMED_LETTERS = 6  # what is shorter names a section rather than an article
# What parts a headline from the site's name in <title>: a hyphen between Han characters counts, one inside a word does not.
_GAP = re.compile(
    r"\s+[-–—|·»:：_]+\s+|\s*[_|丨｜»]\s*|(?<=[\u3000-\u9fff”！？）])\s*[-–—]+\s*|\s+[-–—]\s*|\s*[-–—]\s+|--+"
)


def find_title(page: Page, blocks: Sequence[Block]) -> tuple[str | None, int | None]:
    """Find the headline, and the number of the block that shows it (None where none does).

    The visible one is preferred: a heading that <title>, og:title or the JSON-LD repeat; then any heading of the first
    rank; then the longest block that <title> begins with; then what the head of the page says. Where the only heading is
    repeated nowhere, the JSON-LD's headline or og:title counts before it.
    """
    told = told_titles(page)
    whole = [letters_of(title) for title in told]
    sites = {letters_of(name) for name in page.site_names}
    first = [n for n, block in enumerate(blocks) if block.tag == "h1" and letters_of(block.text) not in sites]
    first = [n for n in first if 2 <= len(blocks[n].text) <= TITLE_CHARS]
    shown = _shown(blocks, whole, told[-1:], sites)
    for n in first:
        letters = letters_of(blocks[n].text)
        inside = [title for title in whole if letters in title]
        # At the end of <title> stands the site's name; a longer heading that begins it is the article's.
        is_site = shown is not None and all(title.endswith(letters) and title != letters for title in inside)
        if inside and not (is_site and shown is not None and len(letters_of(blocks[shown].text)) > len(letters)):
            return _with_kicker(blocks[n].text, told), n
    if shown is not None:
        return blocks[shown].text, shown
    if first and (len(first) == 1 or not told):
        # A heading that nothing in the head repeats may be the site's, the section's or a ticker's newest line.
        return _named(page, sites) or blocks[first[0]].text, first[0]
    parts = headline_of(told[-1], page.site_names) if told else ""
    return (tidy(told[0]) if len(told) > 1 else parts) or None, None


def _named(page: Page, sites: set[str]) -> str | None:
    """Give what the publisher names the article for machines that print it: the JSON-LD's headline, else og:title."""
    told = tidy(page.linked("headline")) or headline_of(page.meta.get("og:title", ""), page.site_names)
    return told if len(letters_of(told)) >= NAMED_LETTERS and letters_of(told) not in sites else None


def told_titles(page: Page) -> list[str]:
    """List what the head of the page says: og:title, JSON-LD headline, and <title> last."""
    told = [page.meta.get("og:title", ""), page.linked("headline"), page.meta.get("twitter:title", "")]
    element = next(page.root.iter("title"), None)
    if element is not None:
        told.append(" ".join(block.text for block in read_blocks(element).blocks))
    return [title for title in told if title.strip()]


def headline_of(title: str, site_names: Iterable[str]) -> str:
    """Cut the site's name off a <title>: 渠水通了-临溪网, 渠水通了_连载_临溪网, Water | The Linxi Post.

    >>> headline_of("渠水通了_连载_临溪网", ())
    '渠水通了'
    """
    parts = [part for part in _GAP.split(tidy(title)) if part]
    names = {letters_of(name) for name in site_names}
    parts = [part for part in parts if letters_of(part) not in names] or parts
    if not parts:
        return ""
    # The headline comes first on most sites; where a short site name comes first, it is the longer part that follows.
    longest = max(parts, key=len)
    return longest if len(parts[0]) <= 6 and len(longest) >= 3 * len(parts[0]) else parts[0]


def _with_kicker(heading: str, told: Sequence[str]) -> str:
    """Put the kicker (Ostsee: …) before a heading that is set apart from it, where the head of the page has both twice over.

    >>> _with_kicker("Das Wasser steigt", ["Linxi: Das Wasser steigt", "Linxi: Das Wasser steigt", "Das Wasser steigt"])
    'Linxi: Das Wasser steigt'
    """
    letters = letters_of(heading)
    for title in told[:-1]:
        if ": " in title and ": " not in heading and letters_of(title).endswith(letters) and told[:-1].count(title) > 1:
            return tidy(title)
    return heading


def _shown(blocks: Sequence[Block], titles: Sequence[str], last: Sequence[str], sites: set[str]) -> int | None:
    """Find the longest block in plain text or a heading that a title begins with, or that is a part of <title>.

    titles: in letters. last: <title> as it stands, whose parts are the site's, the section's and the article's names.
    """
    parts = {letters_of(part) for title in last for part in _GAP.split(tidy(title)) if part}
    best, best_length = None, 5
    for n, block in enumerate(blocks):
        if len(block.text) > TITLE_CHARS or block.tag == "title" or block.link_chars > 0.5 * len(block.text):
            continue
        letters = letters_of(block.text)
        if len(letters) <= best_length or letters in sites:
            continue
        if letters in parts or any(title.startswith(letters) for title in titles):
            best, best_length = n, len(letters)
    return best
