"""Markdown: the series as one document, with a heading an instalment (CommonMark 0.31.2).

Takes a Source. Gives: how many instalments there are. Writes: to the file, UTF-8 with line feeds.

One file an instalment, with all of its fields as front matter, stands in text/<series>/ of the home already.
"""

from __future__ import annotations

from typing import BinaryIO

from ..formats import blocks, markdown
from .encoding import utf8
from .series import Instalment, Series
from .source import Source, Written
from .wording import day_of, word


def write(source: Source, file: BinaryIO) -> Written:
    """Write the series. Raises OSError."""
    series = source.series
    captured = missing = 0
    about = [
        f"# {markdown(series.title)}",
        *map(markdown, filter(None, [series.publisher, series.description, series.rights])),
    ]
    _put(file, about)
    for one in series.instalments():
        captured, missing = captured + (one.document is not None), missing + (one.document is None)
        file.write(b"\n")
        _put(file, _blocks(one, series))
    return Written(captured, missing)


def _put(file: BinaryIO, parts: list[str]) -> None:
    file.write(utf8("\n\n".join(parts) + "\n"))


def _blocks(one: Instalment, series: Series) -> list[str]:
    if one.document is None:
        address = [f"<{one.url}>"] if _is_link(one.url) else []
        return [f"## {markdown(one.name(series.lang))}", f"*{word('missing', series.lang)}*", *address]
    head, *rest = blocks(one.document, "##")
    facts = [day_of(one.document), markdown(one.document["source"] or "")]
    facts += [f"<{one.document['url']}>" if _is_link(one.document["url"]) else markdown(one.document["url"])]
    facts += [word("withdrawn", series.lang)] if one.document["state"] == "withdrawn" else []
    return [head, " · ".join(filter(None, facts)), *rest]


def _is_link(url: str | None) -> bool:
    """Say whether an address may stand between < and >. Source: CommonMark 0.31.2, 6.5."""
    return url is not None and url.startswith(("http://", "https://")) and not set(url) & set(" <>\n\r\t")
