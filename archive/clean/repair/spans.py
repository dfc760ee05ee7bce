"""Keep what was beside what is now, so that each mend of a paragraph can be shown in place.

Takes   a paragraph as spans, and the edits of one step, whose positions count in the text as it is now.
Gives   the spans after that step; at the end the paragraph and its repairs.

A span without a reason is untouched (was == now) and may be cut anywhere, or left in silence (now is empty): what was stays
known, and no row tells it. A mended one stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...model import Repair

ROW_LENGTH = 60  # characters of the damaged text after which a row ends with its clause; a sentence ends it anyway
SILENT = ""  # the reason of an edit that takes out what was no damage
GAP = 20  # untouched characters over which two mends of one kind are still told as one

_SENTENCE = re.compile(r"[。！？!?；;\n]")
_CLAUSE = re.compile(r"[，,、：:“”‘’《》（）()\s]")


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a paragraph: as it was, as it is now, and why it was mended (empty: untouched)."""

    was: str
    now: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. start, end: positions in the text as it is now, before the change.

    why: SILENT where it mends nothing but only takes out, so now is "".
    """

    start: int
    end: int
    now: str
    why: str


def text_of(spans: Iterable[Span]) -> str:
    """Join what the spans say now."""
    return "".join(span.now for span in spans)


def amend(spans: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
    """Carry out the edits, which are in order and do not overlap, and keep what was.

    An edit that touches a part of a mended span takes in all of it. Linear in text and edits.
    """
    out: list[Span] = []
    waiting = list(reversed(edits))
    start = 0
    for span in spans:
        end = start + len(span.now)
        if span.why:
            _amend_mended(out, span, start, waiting)
        elif not span.now:
            out.append(span)
        else:
            _amend_untouched(out, span.now, start, waiting)
        start = end
    return out


def _amend_untouched(out: list[Span], text: str, start: int, waiting: list[Edit]) -> None:
    """Cut an untouched span at the edits inside it; an edit that reaches beyond is handed on, shortened."""
    end, position = start + len(text), start
    while waiting and waiting[-1].start < end:
        edit = waiting.pop()
        _untouched(out, text[position - start : edit.start - start])
        position = min(edit.end, end)
        out.append(Span(text[edit.start - start : position - start], edit.now, (edit.why,) if edit.why else ()))
        if edit.end > end:
            waiting.append(Edit(end, edit.end, "", edit.why))
    _untouched(out, text[position - start :])


def _amend_mended(out: list[Span], span: Span, start: int, waiting: list[Edit]) -> None:
    """Write the edits into a span mended before, which stays whole."""
    end, position = start + len(span.now), start
    now, why = "", span.why
    while waiting and waiting[-1].start < end:
        edit = waiting.pop()
        now += span.now[position - start : edit.start - start] + edit.now
        position = min(edit.end, end)
        why = (*why, edit.why) if edit.why and edit.why not in why else why
        if edit.end > end:
            waiting.append(Edit(end, edit.end, "", edit.why))
    out.append(Span(span.was, now + span.now[position - start :], why))


def _untouched(out: list[Span], text: str) -> None:
    if text:
        out.append(Span(text, text))


def repairs_of(spans: Sequence[Span]) -> Iterator[Repair]:
    """Tell the mends of one paragraph, a row a sentence or a part of one.

    Each row's was and now are passages of the paragraph before and after; a passage that would be empty now, such as an
    invisible character taken out, is shown with its neighbours.
    """
    spans = _settled(spans)
    first: int | None = None
    last = length = 0
    for place, span in enumerate(spans):
        if first is not None and (_parts(spans[last], span, length) or (_alone(span) and place > last + 1)):
            yield _row(spans, first, last)
            first = None
        if span.why:
            first, last, length = (place, place, 0) if first is None else (first, place, length)
            length += len(span.was)
    if first is not None:
        yield _row(spans, first, last)


def _settled(spans: Sequence[Span]) -> list[Span]:
    """Join untouched neighbours; a mend that came to nothing is untouched too."""
    out: list[Span] = []
    for mended, group in groupby(spans, lambda span: bool(span.why) and span.was != span.now):
        members = list(group)
        out += members if mended else [Span("".join(span.was for span in members), text_of(members))]
    return out


def _parts(mended: Span, after: Span, length: int) -> bool:
    """Whether the span after a row, whose last one and length in damaged characters are given, ends it."""
    if after.why:
        return _alone(mended) != _alone(after)
    if length > 2 * ROW_LENGTH or len(after.now) > GAP or _alone(mended):
        return True
    return bool(_SENTENCE.search(after.now) or (length > ROW_LENGTH and _CLAUSE.search(after.now)))


def _alone(span: Span) -> bool:
    """A cut pair, a completed or an unknown character is told in a row of its own."""
    return any(word in why for why in span.why for word in ("cut", "completed", "unknown"))


def _row(spans: Sequence[Span], first: int, last: int) -> Repair:
    """Make the row of spans first to last, with a neighbour on each side where nothing visible would be left."""
    row = spans[first : last + 1]
    was, now = "".join(span.was for span in row), text_of(row)
    if not now.strip():
        before = spans[first - 1].now[-1:] if first and not spans[first - 1].why else ""
        after = spans[last + 1].now[:1] if last + 1 < len(spans) and not spans[last + 1].why else ""
        was, now = before + was + after, before + now + after
    return Repair(was, now, ", ".join(dict.fromkeys(why for span in row for why in span.why)))
