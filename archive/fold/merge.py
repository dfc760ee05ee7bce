"""One reading out of the readings of an article's channels: API detail, web page, further pages; what stands twice, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ..model import Reading

_ENOUGH = 0.5  # a detail with less than half of the page's text is a teaser, not the article

_TWICE_LINES, _TWICE_LETTERS = 2, 60  # of a text at least that stands twice on its page: a refrain is shorter
_BETWEEN_LINES, _BETWEEN_CHARS = 2, 80  # of what may stand between the two: a title, date and byline


def once(reading: Reading) -> Reading:
    """Give a reading whose text stands twice on its page, by a fault of the site, with the text once.

    It stands there twice as a whole, or each of its paragraphs does.

    >>> lines = ("清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺，" * 2, "水顺着渠道往下游走。")
    >>> once(Reading("渠", body=(*lines, *lines), text="\\n".join((*lines, *lines)))).body == lines
    True
    """
    copy = _copy_in(reading.body)
    if copy is None:
        return reading
    first, second = copy
    left, lines = Counter(second), []
    for line in reversed(reading.text.split("\n")):
        if left[line]:
            left[line] -= 1
        else:
            lines.append(line)
    return replace(reading, body=first, text="\n".join(reversed(lines)), images=tuple(dict.fromkeys(reading.images)))


def _copy_in(body: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Give a text, and what of the page is its second copy with what parts the two; None where it stands there once."""
    for between in range(_BETWEEN_LINES + 1):
        count, odd = divmod(len(body) - between, 2)
        first, gap = body[:count], body[count : count + between]
        if not odd and first == body[count + between :] and _is_text(first):
            return (first, body[count:]) if all(len(line) <= _BETWEEN_CHARS for line in gap) else None
    pairs = body[::2] == body[1::2] and _is_text(body[::2])
    return (body[::2], body[1::2]) if pairs else None


def _is_text(lines: tuple[str, ...]) -> bool:
    return len(lines) >= _TWICE_LINES and sum(map(len, lines)) >= _TWICE_LETTERS


def merge(readings: Mapping[str, Reading]) -> tuple[str, Reading]:
    """Give the name of the channel that speaks for the article, and its reading completed from the others.

    readings: by channel, "detail", "page", "page:2", …; at least one. The detail speaks where it has a text that is not a mere
    teaser of the page's; note, highlights and body always come together from one channel.
    """
    pages = [readings[name] for name in sorted(readings, key=part_of) if name.startswith("page")]
    page = _joined(pages) if pages else None
    detail = readings.get("detail")
    if detail is None:
        if page is None:
            raise ValueError("no reading to merge")
        return "page", page
    if page is None or (detail.text and len(detail.text) >= _ENOUGH * len(page.text)):
        return "detail", _completed(detail, page)
    return "page", _completed(page, detail)


def part_of(channel: str) -> int:
    """Give which page of its article a channel is, from 1: 3 for "page:3"."""
    return int(channel.partition(":")[2] or 1)


def repeats(page: Reading, earlier: Reading) -> bool:
    """Tell whether a page only shows again what an earlier one of the article has: a site may answer so for every number."""
    return page.body == earlier.body and page.images == earlier.images


def _joined(pages: list[Reading]) -> Reading:
    """Join the pages of one article. One that shows all of it stands for all; one that repeats another counts once."""
    first = pages[0]
    pages = [page for place, page in enumerate(pages) if not any(repeats(page, one) for one in pages[:place])]
    whole = next((page for page in pages[1:] if _has_all(page, first)), None)
    if whole is not None:
        return replace(
            first,
            body=whole.body,
            text=whole.text,
            images=whole.images,
            repairs=whole.repairs,
            undecoded=whole.undecoded,
        )
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


def _has_all(page: Reading, first: Reading) -> bool:
    """Tell whether a page begins as the first one of its article and goes on: the link was to all of it on one page."""
    count = len(first.body)
    return 0 < count < len(page.body) and page.body[:count] == first.body


def _completed(main: Reading, other: Reading | None) -> Reading:
    if other is None:
        return main
    finer = (
        main.published is None
        or main.published_counted
        or (main.published_precision == "day" and other.published_precision in ("minute", "second"))
    )
    date = other if finer and other.published else main
    return replace(
        main,
        title=main.title or other.title,
        authors=main.authors or other.authors,
        published=date.published,
        published_precision=date.published_precision,
        published_local=date.published_local,
        published_counted=date.published_counted,
        source=main.source or other.source,
        editor=main.editor or other.editor,
        images=main.images or other.images,
        language=main.language or other.language,
    )
