"""One reading out of the readings of an article's channels: API detail, web page, further pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..model import Reading

_ENOUGH = 0.5  # a detail with less than half of the page's text is a teaser, not the article


def merge(readings: Mapping[str, Reading]) -> tuple[str, Reading]:
    """Give the name of the channel that speaks for the article, and its reading completed from the others.

    readings: by channel, "detail", "page", "page:2", …; at least one. The detail speaks where it has a text that is not a mere
    teaser of the page's; note, highlights and body always come together from one channel.
    """
    pages = [readings[name] for name in sorted(readings, key=_part) if name.startswith("page")]
    page = _joined(pages) if pages else None
    detail = readings.get("detail")
    if detail is None:
        if page is None:
            raise ValueError("no reading to merge")
        return "page", page
    if page is None or (detail.text and len(detail.text) >= _ENOUGH * len(page.text)):
        return "detail", _completed(detail, page)
    return "page", _completed(page, detail)


def _part(channel: str) -> int:
    return int(channel.partition(":")[2] or 1)


def _joined(pages: list[Reading]) -> Reading:
    """Join the pages of one article."""
    first = pages[0]
    if len(pages) == 1:
        return first
    return replace(
        first,
        body=tuple(p for page in pages for p in page.body),
        text="\n".join(page.text for page in pages if page.text),
        images=tuple(i for page in pages for i in page.images),
        repairs=tuple(r for page in pages for r in page.repairs),
        undecoded=sum(page.undecoded for page in pages),
    )


def _completed(main: Reading, other: Reading | None) -> Reading:
    if other is None:
        return main
    finer = main.published is None or (
        main.published_precision == "day" and other.published_precision in ("minute", "second")
    )
    date = other if finer and other.published else main
    return replace(
        main,
        title=main.title or other.title,
        authors=main.authors or other.authors,
        published=date.published,
        published_precision=date.published_precision,
        published_local=date.published_local,
        source=main.source or other.source,
        editor=main.editor or other.editor,
        images=main.images or other.images,
        language=main.language or other.language,
    )
