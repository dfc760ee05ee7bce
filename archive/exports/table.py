"""CSV that Excel opens: a row an article, never a formula (RFC 4180).

Takes a Source. Gives: how many rows have a text, how many not. Writes: to the file: UTF-8 with a byte order mark, by which Excel
knows that it is UTF-8; lines end in CR LF.

A spreadsheet takes a cell for a formula that begins with = + - @ (full-width ones too, where it speaks Chinese), a tab or a
line end. Such a cell gets an apostrophe before it, and so does one that begins with an apostrophe: to have the text as it is,
take one leading apostrophe off each cell. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
from typing import Any, BinaryIO, Final

from ..formats import byline
from .series import Document
from .source import Source, Written

_ACTIVE: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'")
_PLAIN: Final = (
    "id", "series", "position", "subject", "title", "url", "published", "published_precision", "source", "editor", "state",
    "origin", "revisions", "captured", "language", "text_sha256",
)  # fmt: skip
_RECORD: Final = ("warc", "record_id", "target_uri", "fetched", "digest")
_LISTS: Final = ("editors_note", "highlights", "body", "variants")
COLUMNS: Final = (*_PLAIN, "authors", "images", *_LISTS, "text", *_RECORD)


def write(source: Source, file: BinaryIO) -> Written:
    """Write all articles in the series' order, those never captured too. Raises OSError."""
    captured = missing = 0
    file.write("﻿".encode())
    text = io.TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="", write_through=True)
    try:
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(COLUMNS)
        for shown in source.series.documents(uncaptured=True):
            captured, missing = captured + (shown["revisions"] > 0), missing + (shown["revisions"] == 0)
            rows.writerow([inert(cell) for cell in _cells(shown)])
    finally:
        text.detach()  # the file stays open for who lent it
    return Written(captured, missing)


def inert(cell: Any) -> Any:
    """Make a text what no spreadsheet computes; numbers stay.

    >>> inert("=1+1"), inert("济源"), inert(7)
    ("'=1+1", '济源', 7)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell


def _cells(shown: Document) -> list[Any]:
    """Give the cells of a row; what is several things has a line each."""
    lists = ["\n".join(shown[name]) for name in _LISTS]
    authors = "\n".join(byline(one) for one in shown["authors"])
    images = "\n".join(one["url"] for one in shown["images"])
    record = [shown["provenance"][name] for name in _RECORD]
    return [*(shown[name] for name in _PLAIN), authors, images, *lists, shown["text"], *record]
