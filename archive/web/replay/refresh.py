"""Where a page sends on by itself: Refresh, as a header or a <meta>.

Takes   the content of one; a page. Gives: the same, led into the archive. Writes nothing.

Source: HTML, 4.2.5.3 (shared declarative refresh steps).
"""

from __future__ import annotations

import re

from .links import Links
from .tags import WS, in_url, read_attributes, unescaped

_REFRESH = re.compile(rf"([{WS}]*[0-9.]*[{WS};,]*)(?:(url[{WS}]*=[{WS}]*))?(['\"]?)(.*)", re.IGNORECASE | re.DOTALL)
# What is looked into, and what ends that of which nothing is markup: a comment, a script.
_BEGIN = re.compile(r"(<!--)|(<script)(?=[\s/>])|<meta(?=[\s/])", re.IGNORECASE)
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)


def refreshed(content: str, links: Links, *, in_frame: bool = False) -> str:
    """Lead a Refresh (a header, or the content of a meta) into the archive."""
    found = _REFRESH.fullmatch(content)
    if found is None or not found[4]:
        return content
    wait, _, quote, written = found.groups()
    written = written.partition(quote)[0] if quote else written
    link = links.page(written, in_frame=in_frame)
    return content if link is None else f"{wait.strip(WS + ';,') or '0'}; url={link}"


def refresh_of(text: str) -> str:
    """Give where a page sends on by itself, as its first <meta http-equiv=refresh> says it; "" where none does.

    Linear in the length of the page: what does not end hides all that follows, as in browsers.
    """
    at = 0
    while begin := _BEGIN.search(text, at):
        if begin[1] or begin[2]:
            end = (_COMMENT_END if begin[1] else _SCRIPT_END).search(text, begin.end())
            if end is None:
                return ""
            at = end.end()
            continue
        attributes, at = read_attributes(text, begin.end())
        values = {one.name: one.value for one in reversed(attributes)}
        if values.get("http-equiv", "").strip(WS).lower() == "refresh":
            return unescaped(values.get("content", ""), in_url)
    return ""
