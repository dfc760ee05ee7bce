"""Parquet: a row an article, every field of `show` with its type, for pandas, DuckDB, Polars and their like.

Takes a Source. Gives: how many rows have a text, how many not. Writes: to the file, in groups of rows, so that memory stays flat.

pyarrow is no part of a plain installation: it is as large as all the rest together.
"""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO, Final

from ..errors import UsageError
from .series import Document
from .source import Source, Written

_ROWS: Final = 500  # of a group
_TIMES: Final = ("captured", "fetched")  # RFC 3339 in UTC, whole seconds


def write(source: Source, file: BinaryIO) -> Written:
    """Write all articles in the series' order, those never captured too. Raises UsageError without pyarrow, OSError."""
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    schema = _schema(arrow)
    captured = missing = 0
    shown = source.series.documents(uncaptured=True)
    with parquet.ParquetWriter(file, schema, compression="zstd", version="2.6") as writer:
        while rows := [_row(one) for one in islice(shown, _ROWS)]:
            writer.write_table(arrow.Table.from_pylist(rows, schema))
            there = sum(row["revisions"] > 0 for row in rows)
            captured, missing = captured + there, missing + len(rows) - there
    return Written(captured, missing)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"--format parquet needs pyarrow, which is not installed ({error})", action="pip install lianzai[parquet]"
        ) from error


def _schema(arrow: Any) -> Any:
    """Give the columns. published: as `show` has it; published_date: the day by the newspaper; published_at: the moment."""
    text, moment, paragraphs = arrow.string(), arrow.timestamp("s", tz="UTC"), arrow.list_(arrow.string())

    def several(**fields: Any) -> Any:
        return arrow.list_(arrow.struct(list(fields.items())))

    record = {
        "warc": text, "record_id": text, "offset": arrow.int64(), "length": arrow.int64(), "target_uri": text,
        "fetched": moment, "digest": text, "cleaner": text,
    }  # fmt: skip
    return arrow.schema({
        "id": text, "series": text, "position": arrow.int32(), "subject": text, "title": text, "url": text,
        "published": text, "published_precision": text, "published_date": arrow.date32(), "published_at": moment,
        "authors": several(name=text, role=text), "source": text, "editor": text, "state": text, "origin": text,
        "revisions": arrow.int32(), "captured": moment, "language": text, "variants": paragraphs, "editors_note": paragraphs,
        "highlights": paragraphs, "body": paragraphs, "text": text, "text_sha256": text,
        "images": several(url=text, caption=text), "repairs": several(was=text, now=text, why=text),
        "provenance": arrow.struct(list(record.items())),
        "witnesses": several(origin=text, uri=text, captured=moment, digest=text),
    })  # fmt: skip


def _row(shown: Document) -> dict[str, Any]:
    row = {name: _typed(name, value) for name, value in shown.items()}
    published, local = shown["published"], shown["published_local"] or shown["published"]
    row["published_date"] = date.fromisoformat(local[:10]) if local else None
    row["published_at"] = (
        datetime.fromisoformat(published) if published and len(published) > len("2018-08-30") else None
    )
    return row


def _typed(name: str, value: Any) -> Any:
    """Give a value as its column has it; a lone surrogate, which has no UTF-8, as its escape."""
    if isinstance(value, str):
        return datetime.fromisoformat(value) if name in _TIMES else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_typed("", one) for one in value]
    if isinstance(value, dict):
        return {key: _typed(key, one) for key, one in value.items()}
    return value
