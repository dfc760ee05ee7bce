"""Readings and revisions of a fold under test, in dictionaries in place of the ledger."""

from __future__ import annotations

from archive.fold import Revision
from archive.model import Reading


class Memory:
    """What `archive.fold.Readings` asks for."""

    def __init__(self) -> None:
        self.readings: dict[tuple[str, str], Reading] = {}
        self.revisions: dict[tuple[str, int], Revision] = {}

    def reading(self, article: str, channel: str) -> Reading | None:
        """Give the last reading of a channel."""
        return self.readings.get((article, channel))

    def keep_reading(self, article: str, channel: str, reading: Reading) -> None:
        """Keep it."""
        self.readings[article, channel] = reading

    def forget_reading(self, article: str, channel: str) -> None:
        """Forget it."""
        self.readings.pop((article, channel), None)

    def revision(self, article: str, number: int) -> Revision | None:
        """Give one revision of an article."""
        return self.revisions.get((article, number))

    def keep_revision(self, article: str, revision: Revision) -> None:
        """Keep it."""
        self.revisions[article, revision.number] = revision
