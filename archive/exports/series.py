"""A series as all formats see it: its description, its instalments in order, those that are missing in their place.

Takes   a connection of the ledger, the id of a series.
Gives   Instalments one after another, few in memory at once.
Writes  nothing.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any, Final

from ..ledger import exported, queries
from ..ledger.queries import Connection
from ..ledger.rows import time_of
from ..views import document, unknown_series

Document = dict[str, Any]
# When an article was last looked at says nothing of its text, and would make another file at every crawl.
_LEFT_OUT: Final = "last_checked"
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
_EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)  # of a series without a capture; the first moment that a zip can tell


@dataclass(frozen=True, slots=True)
class Instalment:
    """One place of the series. document: what `show` gives, `language`, `published_local`; None where it was never captured.

    title, url: of one that was found only; both None where no list ever named it.
    """

    position: int | None
    subject: str | None
    title: str | None
    url: str | None
    document: Document | None

    def name(self, lang: str) -> str:
        """Say what it is called: its title, else its subject, else its place."""
        told = (self.document or {}).get("title") or self.title or self.subject
        if told:
            return str(told)
        if self.position is None:
            return self.url or "?"
        return f"第 {self.position} 篇" if lang == "zh" else f"No. {self.position}"


class Series:
    """One series. Raises NotFoundError for an unknown one."""

    def __init__(self, connection: Connection, wanted: str) -> None:
        row = exported.described(connection, wanted)
        if row is None:
            raise unknown_series(connection, wanted)
        self._connection, self._row = connection, row
        self.id: str = row["id"]
        self.title: str = row["title"] or row["id"]

    @property
    def publisher(self) -> str | None:
        """Its publisher, by the profile."""
        return self._text("publisher")

    @property
    def description(self) -> str | None:
        """What it is about, by the profile."""
        return self._text("description")

    @property
    def rights(self) -> str | None:
        """Who may do what with it, by the profile."""
        return self._text("rights")

    @property
    def tags(self) -> list[str]:
        """Its keywords, by the profile."""
        return [str(tag) for tag in self._row["tags"] or []]

    @property
    def language(self) -> str:
        """Its language as a BCP 47 tag; Chinese where the profile does not say."""
        return language_tag(self._text("language"), "zh")

    @property
    def lang(self) -> str:
        """The language in which we speak of it: "zh" or "en"."""
        return "zh" if self.language.lower().startswith("zh") else "en"

    @cached_property
    def newest(self) -> datetime:
        """The time of its newest capture: the only time of making that an export bears."""
        told = exported.newest_capture(self._connection, self.id)
        return _EPOCH if told is None else time_of(told).replace(microsecond=0)

    def documents(self, *, uncaptured: bool = False) -> Iterator[Document]:
        """Walk its articles in order, each as `show` gives it, with language and local date. uncaptured: those too."""
        without = self._uncaptured() if uncaptured else iter(())
        for _, shown in heapq.merge(self._captured(), without, key=lambda pair: pair[0]):
            yield shown

    def instalments(self) -> Iterator[Instalment]:
        """Walk its places in order, the missing ones too; those without a position come last."""
        captured = (
            (key, Instalment(shown["position"], shown["subject"], shown["title"], shown["url"], shown))
            for key, shown in self._captured()
        )
        absent = sorted(self._absent(), key=lambda pair: pair[0])
        for _, one in heapq.merge(captured, absent, key=lambda pair: pair[0]):
            yield one

    def _text(self, name: str) -> str | None:
        value = self._row[name]
        return value if isinstance(value, str) and value else None

    def _captured(self) -> Iterator[tuple[tuple[bool, int, str], Document]]:
        for row, revision in queries.shown_revisions(self._connection, self.id):
            shown = document(row, revision)
            del shown[_LEFT_OUT]
            shown["language"] = language_tag(revision["reading"].get("language"), self.language)
            shown["published_local"] = revision["reading"].get("published_local")
            yield _key(shown["position"], shown["id"]), shown

    def _uncaptured(self) -> Iterator[tuple[tuple[bool, int, str], Document]]:
        for name in sorted(self._found_only(), key=lambda row: _key(row["position"], row["id"])):
            row = queries.article(self._connection, name["id"])
            if row is not None:
                shown = document(row, None) | {"language": None, "published_local": None}
                del shown[_LEFT_OUT]
                yield _key(row["position"], row["id"]), shown

    def _found_only(self) -> list[dict[str, Any]]:
        return exported.uncaptured(self._connection, self.id)

    def _absent(self) -> Iterator[tuple[tuple[bool, int, str], Instalment]]:
        """Give what has no text: articles never captured, subjects without an article, places up to `expected`."""
        for row in self._found_only():
            one = Instalment(row["position"], row["subject"], row["title"], row["url"], None)
            yield _key(row["position"], row["id"]), one
        for position, subject in self._gaps():
            yield _key(position, ""), Instalment(position, subject, None, None, None)

    def _gaps(self) -> Iterator[tuple[int | None, str | None]]:
        subjects: list[str] = self._row["subjects"]
        if subjects:
            have = exported.subjects_of(self._connection, self.id)
            order = {subject: place for place, subject in enumerate(subjects, 1)}
            yield from ((order.get(one), one) for one in self._row["missing"] if one not in have)
            return
        expected = self._row["expected"] or 0
        known = queries.counts(self._connection, self.id).get(self.id, {}).get("found", 0)
        taken = exported.places_of(self._connection, self.id)
        free = (place for place in range(1, expected + known + 1) if place not in taken)
        yield from ((place, None) for place in islice(free, max(expected - known, 0)))


def language_tag(told: str | None, otherwise: str) -> str:
    """Give a language as an attribute may have it.

    >>> language_tag("zh-CN", "en"), language_tag("Chinese (PRC)", "zh"), language_tag(None, "en")
    ('zh-CN', 'zh', 'en')
    """
    return told if told and _LANGUAGE.fullmatch(told) else otherwise


def _key(position: int | None, name: str) -> tuple[bool, int, str]:
    return position is None, position or 0, name
