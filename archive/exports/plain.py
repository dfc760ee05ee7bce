"""Plain text: the series as one file to be read, UTF-8 with line feeds.

Takes a Source. Gives: how many instalments there are. Writes: to the file, one instalment after another.

Chinese paragraphs begin with two ideographic spaces, as they are set. A missing instalment is named in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from .encoding import utf8
from .series import Document, Instalment, Series
from .source import Source, Written
from .wording import authors_of, counted, day_of, word

_RULE: Final = "－" * 20


def write(source: Source, file: BinaryIO) -> Written:
    """Write the series. Raises OSError."""
    series = source.series
    captured = missing = 0
    _put(file, [series.title, *filter(None, [series.publisher, series.description, series.rights]), ""])
    for one in series.instalments():
        captured, missing = captured + (one.document is not None), missing + (one.document is None)
        _put(file, _lines(one, series))
    _put(file, [_RULE, counted(captured, missing, series.lang)])
    return Written(captured, missing)


def _put(file: BinaryIO, lines: list[str]) -> None:
    file.write(utf8("".join(f"{line}\n" for line in lines)))


def _lines(one: Instalment, series: Series) -> list[str]:
    place = "" if one.position is None else f"{one.position}. "
    head = [_RULE, "", f"{place}{one.name(series.lang)}"]
    if one.document is None:
        return [*head, f"[{word('missing', series.lang)}]", *filter(None, [one.url]), ""]
    return [*head, *_under(one.document, series.lang), "", *_paragraphs(one.document), ""]


def _under(document: Document, lang: str) -> list[str]:
    told = [authors_of(document), day_of(document), document["source"]]
    lines = ["  ".join(filter(None, told))] if any(told) else []
    lines.append(document["url"])
    return [*lines, f"[{word('withdrawn', lang)}]"] if document["state"] == "withdrawn" else lines


def _paragraphs(document: Document) -> Iterator[str]:
    indent = "　　" if document["language"].lower().startswith(("zh", "ja")) else ""
    parts = [*document["editors_note"], *document["highlights"]]
    parts += document["body"] or (document["text"] or "").split("\n")
    for part in parts:
        yield from (indent + line.strip() for line in part.splitlines() if line.strip())
        yield ""
    yield from (f"[{one['caption']}]" for one in document["images"] if one["caption"])
