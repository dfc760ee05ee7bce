"""One series, open for work: locked, recovered, folded up to its last record.

Takes   a profile, a home.
Gives   OpenSeries: its rows, its source, its intake. No Scrapy is needed for that.
Writes  what a killed run left open, closed; the ledger's rows of it; text files and CDXJ where derive() is asked.

    lock -> recover what a killed run left open -> fold what is not folded yet
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import ProfileError
from archive.events import emit
from archive.home import Home, clear_away
from archive.ledger.series import SeriesLedger
from archive.ledger.store import Ledger, open_ledger
from archive.model import Capture
from archive.warc import Record, recover, remove_unfinished

from .intake import Intake, rules_name
from .keeping import columns
from .lock import series_lock
from .profile import same_source
from .refold import Refold
from .sources import Source, source_for

if TYPE_CHECKING:
    from .profile import Profile

log = logging.getLogger(__name__)


class OpenSeries:
    """One series while it is open: nobody else works at it."""

    def __init__(
        self,
        home: Home,
        profile: Profile,
        told: Callable[[Record | Capture], None] | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """told: called with each record that is read again, for progress. anew: fold the whole series again.

        Raises BusyError, ProfileError (the id is another source's), HomeError, DiskError, WarcError.
        """
        self.home, self.profile = home.make(), profile
        self.series = profile.series.id
        self.folder = home.warc(self.series)
        self.damaged: list[str] = []  # imported files that are not as they were, found when the series was folded anew
        self.source: Source = source_for(profile.source, profile.series.timezone)
        self._stack = ExitStack()
        try:
            self._stack.enter_context(series_lock(home, self.series))
            self._ledger: Ledger = open_ledger(home, create=True)
            self._stack.callback(self._ledger.close)
            self.rows = SeriesLedger(self._ledger, self.series)
            self._introduce(anew)
            self._recover()
            self.intake = self._caught_up(told, anew)
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Let the series go."""
        self._stack.close()

    def _introduce(self, anew: bool) -> None:
        row, profile = self.rows.row(), self.profile
        trusted = not anew or self.rows.is_whole()  # a damaged row is made again by the WARCs' profile
        if row is not None and trusted and not same_source(row["source"], profile.source_identity()):
            raise ProfileError(
                f"{profile.name}: series.id: {self.series!r} is already another source in this home ({row['source']})",
                action="another id, or another home with --home DIR",
            )
        values = {name: value for name, value in columns(profile).items() if name != "id"}
        if not profile.text and row is not None:  # as recorded in a WARC: what the home remembers of the file stays
            values |= {name: row[name] for name in ("profile_text", "profile_crc") if row[name] is not None}
        self.rows.put(**values)

    def _recover(self) -> None:
        clear_away(self.home, self.series)
        remove_unfinished(self.home.packages(self.series))
        if self.folder.is_dir():
            row = self.rows.row()
            folded = {row["folded_file"]: row["folded_offset"]} if row is not None and row["folded_file"] else {}
            for path in recover(self.folder, self.series, synced=folded):
                emit(log, logging.WARNING, "run.recovered", series=self.series, file=path.name)

    def _caught_up(self, told: Callable[[Record | Capture], None] | None, anew: bool) -> Intake:
        """Fold what is not folded; the whole series anew where the rules are others than the ledger was folded under."""
        row = self.rows.row()
        changed = row is not None and row["rules"] not in (None, rules_name(self.profile))
        if changed:
            emit(log, logging.INFO, "run.refolded", series=self.series)
        if changed or anew:
            self.rows.clear()
            row = self.rows.row()
        intake = Intake(self.profile, self.source, self.rows)
        if self.folder.is_dir() and row is not None:
            refold = Refold(self.folder, self.series, self.rows, intake)
            refold.run(row["folded_file"], row["folded_offset"], told)
            self._note_damage(refold)
        return intake

    def _note_damage(self, refold: Refold) -> None:
        self.damaged = refold.damaged
        for fault in self.damaged:
            emit(log, logging.ERROR, "import.damaged", series=self.series, fault=fault)

    def refold(self, told: Callable[[Record | Capture], None] | None = None) -> int:
        """Fold the whole series anew; returns the number of records."""
        self.rows.clear()
        self.intake = Intake(self.profile, self.source, self.rows)
        if not self.folder.is_dir():
            return 0
        refold = Refold(self.folder, self.series, self.rows, self.intake)
        records = refold.run(None, 0, told)
        self._note_damage(refold)
        return records

    def derive(self) -> list[Path]:
        """Bring text files and CDXJ up to the ledger; gives the paths that changed."""
        from archive.derive import write_derived  # wanted at a run's end: no request waits for their import
        from archive.search import bring_up

        with self._ledger.read() as connection:
            changed = write_derived(connection, self.home, self.series)
            bring_up(connection, self.home, self.series)
        return changed
