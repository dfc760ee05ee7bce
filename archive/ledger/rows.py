"""Between the frozen values and what the ledger stores: times, readings, authors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..model import Author, Image, Reading, Repair


def time_text(moment: datetime) -> str:
    """Write a moment as the ledger and the WARCs do: UTC, milliseconds.

    >>> time_text(datetime(2026, 11, 25, 5, tzinfo=UTC))
    '2026-11-25T05:00:00.000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of(text: str) -> datetime:
    """Read a time of the ledger. Raises ValueError on anything else."""
    return datetime.fromisoformat(text)


def json_time(text: str | None) -> str | None:
    """Write a time of the ledger as the contract's JSON does: whole seconds.

    >>> json_time("2026-11-25T05:00:00.123Z")
    '2026-11-25T05:00:00Z'
    """
    return None if text is None else text[:19] + "Z"


def people_to_json(people: Iterable[Author]) -> list[dict[str, Any]]:
    """Give the names of a byline as plain values."""
    return [{"name": one.name, "role": one.role} for one in people]


def people_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Author, ...]:
    """Make a byline of what people_to_json gave."""
    return tuple(Author(**one) for one in rows)


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Give a reading as plain values."""
    return {
        "title": reading.title,
        "authors": people_to_json(reading.authors),
        "published": reading.published,
        "published_precision": reading.published_precision,
        "published_local": reading.published_local,
        "published_counted": reading.published_counted,
        "source": reading.source,
        "editor": reading.editor,
        "editors_note": list(reading.editors_note),
        "highlights": list(reading.highlights),
        "body": list(reading.body),
        "text": reading.text,
        "images": [{"url": i.url, "caption": i.caption} for i in reading.images],
        "repairs": [{"was": r.was, "now": r.now, "why": r.why} for r in reading.repairs],
        "language": reading.language,
        "undecoded": reading.undecoded,
        "cleaner": reading.cleaner,
        "modified": reading.modified,
    }


def reading_of(row: Mapping[str, Any]) -> Reading:
    """Make a reading of what reading_to_json gave."""
    return Reading(
        title=row["title"],
        authors=people_of(row["authors"]),
        published=row["published"],
        published_precision=row["published_precision"],
        published_local=row.get("published_local"),  # rows of older versions have none
        published_counted=row.get("published_counted", False),
        source=row["source"],
        editor=row["editor"],
        editors_note=tuple(row["editors_note"]),
        highlights=tuple(row["highlights"]),
        body=tuple(row["body"]),
        text=row["text"],
        images=tuple(Image(**i) for i in row["images"]),
        repairs=tuple(Repair(**r) for r in row["repairs"]),
        language=row["language"],
        undecoded=row["undecoded"],
        cleaner=row["cleaner"],
        modified=row.get("modified"),
    )
