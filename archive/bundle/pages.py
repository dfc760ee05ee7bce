"""The pages of a WACZ: where a reader begins, and what full-text search finds.

Takes   the articles of a series in its order, each with the capture at which it is opened.
Gives   the first page, and how many there are.
Writes  pages.jsonl, a line at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from ..ledger.holdings import Opening
from ..ledger.rows import json_time, time_text

Page = dict[str, Any]
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def write_pages(openings: Iterable[Opening], title: str, file: BinaryIO) -> tuple[Page | None, int]:
    """Write the pages; give the first of them, None where there is none, and their number. Raises OSError.

    Source: WACZ 1.1.1, "pages.jsonl"; `hasText` as ReplayWeb.page reads it.
    """
    _write(file, {"format": "json-pages-1.0", "id": "pages", "title": title, "hasText": True})
    first: Page | None = None
    written = 0
    for opening in openings:
        page = _page(opening)
        _write(file, page)
        first, written = first or page, written + 1
    return first, written


def _page(opening: Opening) -> Page:
    """Give one page. Its time has whole seconds, as the index has, so that a replay finds that capture and no other."""
    return {
        # Of record and article: one record may speak for two articles, and ids must differ.
        "id": str(uuid5(NAMESPACE_URL, f"{opening.record_id} {opening.article}")),
        "url": opening.url,
        "ts": json_time(time_text(opening.captured)),
        "title": opening.title or opening.url,
        "text": opening.text,
    }


def _write(file: BinaryIO, line: Page) -> None:
    # A lone surrogate has no UTF-8; its escape is what JSON writes for it.
    file.write(_ENCODE(line).encode("utf-8", "backslashreplace") + b"\n")
