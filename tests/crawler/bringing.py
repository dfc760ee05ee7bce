"""Imports without a process of their own, so that a test can look at, and kill, what goes on within."""

from __future__ import annotations

from pathlib import Path

from archive.home import Home
from archive.model import Capture
from archive.warc import Record
from crawler.profile import Profile
from crawler.run import SeriesRun
from crawler.taking import Brought, Import


class Silent:
    """Shows nothing."""

    def copied(self, size: int, what: str) -> None:
        """Say nothing."""

    def read(self, capture: Capture | Record) -> None:
        """Say nothing."""


def bring(home: Home, profile: Profile, *files: Path) -> list[Brought]:
    """Import files as the command does."""
    run = SeriesRun(home, profile)
    try:
        importing = Import(run, Silent())
        brought = [importing.take(path) for path in files]
        return [*brought, *importing.finish(anew=any(one.restored for one in brought))]
    finally:
        run.close()
