"""CSS selectors of a profile, asked of a page.

Takes   a selector, the root of a page.
Gives   the elements that match, in document order.
Writes  nothing.

cssselect makes XPath of them. What that costs is bounded: libxml2 goes through all later siblings of each element for `a + b` and
`a ~ b` (8,000 of them: 4 s and 22 s), and counts all earlier ones for :nth-child() and its like (8,000: 0.2 s, their square).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cssselect import HTMLTranslator, SelectorError
from cssselect.xpath import XPathExpr
from lxml import etree

from .swelling import SwollenError

MAX_FOLLOWING = 2_000  # elements side by side of which a selector asks what stands behind another
MAX_COUNTED = 20_000  # of which it asks the place
_NEXT = "/following-sibling::*[1]/self::"


class _Translator(HTMLTranslator):
    """Asks of the one sibling that follows, where cssselect asks all of them for the first."""

    def xpath_direct_adjacent_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        return left.join(_NEXT, right)


class Selector:
    """A selector as XPath, and how many elements may stand side by side where it is asked."""

    def __init__(self, css: str) -> None:
        """Raises SelectorError, etree.XPathError where it is none, or none for a page."""
        # Not lxml's own CSSSelector: its :contains() calls a function whose name it reads from the page that was asked first, and
        # that is freed (lxml 6.1.3: "function not found", or bytes of another page, at the fourth page asked).
        path = _Translator().css_to_xpath(css)
        self.find: Any = etree.XPath(path)
        follows = "/following-sibling::" in path.replace(_NEXT, "")
        counts = "-sibling::" in path.replace(_NEXT, "")
        self.most = MAX_FOLLOWING if follows else MAX_COUNTED if counts else None


@lru_cache(maxsize=512)
def selector(css: str) -> Any:
    """Compile a CSS selector. One that lxml cannot express matches nothing: profiles are checked when they are read."""
    try:
        return Selector(css)
    except (SelectorError, etree.XPathError):
        return None


def select(root: Any, css: str | None) -> list[Any]:
    """Give the elements that match; [] for no selector or no page. Raises SwollenError where it would take minutes."""
    chosen = selector(css) if css and root is not None else None
    if chosen is None:
        return []
    if chosen.most is not None and max(map(len, root.iter()), default=0) > chosen.most:
        raise SwollenError(f"more than {chosen.most} elements side by side, too many for the selector {css}")
    return list(chosen.find(root))
