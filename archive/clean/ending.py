"""Whether the markup of a page breaks off: what a server sent before its script died, or its connection did.

Takes   the text of a page.
Gives   whether it has no end tag of the page, and elements that are open still.
Writes  nothing; pure, and linear in the length of the page.

HTML lets the end tags of html and body be left out (13.1.2.4), and a site may do so on every page. It never lets that of a div.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"<(?:(/?)(?:div|section|article|main|table|ul|ol)\b|(!--|script\b|style\b))")
_ENDS = {"!--": "-->", "script": "</script", "style": "</style"}


def breaks_off(markup: str) -> bool:
    """Tell whether a page ends before its markup does.

    >>> breaks_off("<body><div><p>one"), breaks_off("<div><p>one</div>"), breaks_off("<div><p>one</body>"), breaks_off("one")
    (True, False, False, False)
    """
    text = markup.lower()
    if "</body" in text or "</html" in text:
        return False
    opened = at = 0
    while found := _MARK.search(text, at):
        at = found.end()
        if found[2]:
            at = text.find(_ENDS[found[2]], at)
            if at < 0:
                return True
        else:
            opened += -1 if found[1] else 1
    return opened > 0
