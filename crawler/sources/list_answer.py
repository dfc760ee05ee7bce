"""What a list's address answers to a page of links: a web page, a piece of one, or JSON with HTML in it.

Takes   a body with its content coding undone, and its Content-Type.
Gives   Page: the tree, and what its links are relative to.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .json_answer import read_json
from .links import Page, parse_html, read_page
from .protocol import SourceError

_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_MAX_DEPTH = 20  # of JSON values within each other that are looked into


def read_list_page(body: bytes, url: str, content_type: str) -> Page:
    """Give the links of an answer. url: absolute, where it was got. Raises SourceError where it is JSON without HTML in it.

    The query of a link is in UTF-8 where it comes in JSON.
    """
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        page = read_page(body, url, content_type)
        _open_islands(page.root)
        return page
    try:
        answer = read_json(body, content_type).value
    except SourceError:
        return read_page(body, url, content_type)  # text that begins with a bracket
    pieces = list(_pieces(answer, 0))
    return Page(parse_html("\n".join(pieces)) if pieces else None, url, "utf-8")


def _open_islands(root: Any) -> None:
    """Put in place of a script of type XML the HTML that its records hold: a script of the page makes the list of them.

    So publish the portals of many a city: <script type="text/xml"><recordset><record><![CDATA[<li>…</li>]]></record>….
    """
    for script in list(root.iter("script")) if root is not None else ():
        kind = (script.get("type") or "").partition(";")[0].strip().lower()
        if kind not in ("text/xml", "application/xml") or script.getparent() is None or "<a" not in (script.text or ""):
            continue
        island = parse_html(f"<div>{_CDATA.sub('', script.text)}</div>")
        found = island.find(".//div") if island is not None else None
        if found is not None:
            found.tail = script.tail
            script.getparent().replace(script, found)


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """Give the strings of an answer that are HTML, in its order."""
    if isinstance(value, str):
        if "<" in value and ">" in value:
            yield value
    elif depth < _MAX_DEPTH and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _pieces(inner, depth + 1)
