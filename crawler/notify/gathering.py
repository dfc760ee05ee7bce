"""What there is to tell of a series by its ledger.

Takes   a connection of the ledger, runs; what a crawl or a verification found. Gives: matters, and what they are about.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from archive import views
from archive.diff import without_repetition
from archive.errors import BusyError, LianzaiError, ServiceError
from archive.home import Home
from archive.ledger import fixity, notices, queries
from archive.ledger.queries import Connection

from .choosing import Runs
from .matters import HAPPENINGS, About, Change, Matter, first_change
from .message import NAMED
from .words import language_of

if TYPE_CHECKING:
    from ..profile import Profile
    from ..profile.tables import Notice

Row = dict[str, Any]


def about(home: Home, profile: Profile, environ: Mapping[str, str]) -> About:
    """Say what a message about a series is about."""
    series, kept = profile.series, home.profile(profile.series.id)
    return About(
        series.id,
        series.title,
        language_of(series.language, environ),
        str(home.root.absolute()),
        str(kept.absolute()) if kept.is_file() else "",
        profile.notify.web.rstrip("/") if profile.notify.web else None,
    )


def happened(connection: Connection, series: str, runs: Runs, kinds: Collection[Notice]) -> list[Matter]:
    """Give what happened in runs, once an article and kind: of several edits of one article the first and the last make one."""
    wanted = HAPPENINGS & set(kinds)
    if not wanted:
        return []
    rows = notices.happened(connection, series, wanted, runs=runs.ids, between=runs.between)
    merged: dict[tuple[str, str], Row] = {}
    for row in rows:
        before = merged.get((row["kind"], row["article"]))
        merged[(row["kind"], row["article"])] = (
            row if before is None else row | {name: before[name] for name in ("at", "start")}
        )
    in_order = sorted(merged.values(), key=_place)
    edits = [row for row in in_order if row["kind"] == "revised"]
    changes = {row["article"]: _change(connection, row) for row in edits[:NAMED]}
    return [_happening(row, changes) for row in in_order]


def _place(row: Row) -> tuple[bool, int]:
    """Sort by the order of the series, not by that in which its site answered; what has no place comes last."""
    return (row["position"] is None, row["position"] or 0)


def _happening(row: Row, changes: Mapping[str, Change | None]) -> Matter:
    is_edit = row["kind"] == "revised"
    name = row["subject"] or row["title"] if is_edit else row["title"] or row["subject"]
    return Matter(
        cast("Notice", row["kind"]),
        row["article"],
        name or row["url"] or row["article"],
        at=row["at"],
        article=row["article"],
        position=row["position"],
        revisions=(row["start"], row["end"]) if is_edit else None,
        change=changes.get(row["article"]) if is_edit else None,
    )


def _change(connection: Connection, row: Row) -> Change | None:
    """Say what an edit changed; None where that is in no field that is compared, or a revision is not there any more."""
    try:
        found = views.diff(connection, row["article"], row["start"], row["end"])
    except LianzaiError:
        return None
    return first_change([(field["field"], field["ops"]) for field in without_repetition(found["fields"])])


def standing(connection: Connection, profile: Profile, now: datetime, *, crawled: bool) -> list[Matter]:
    """Give what stands by the ledger: overdue, damaged, complete.

    crawled: it has just been crawled. Else only what is kept, and so is to be crawled, can be overdue.
    """
    series = profile.series.id
    rows = queries.series(connection, series)
    if not rows:
        return []
    row = rows[0]
    told = fixity.told_before(connection, series)
    matters = [damage(path) for path, (kind, _) in sorted(told.items()) if kind == "damaged"]
    published = notices.publications(connection, series)
    is_watched = crawled or (row["kept"] and not row["paused"])
    if is_watched and views.overdue(row["complete"], published, row["cadence_s"], now):
        matters.append(Matter("overdue", "", detail=published[-1]))
    if row["complete"]:
        held = queries.counts(connection).get(series, {}).get("captured", 0)
        matters.append(Matter("complete", "", detail=f"{held}/{row['expected'] or len(row['subjects'])}"))
    return matters


def damage(path: str) -> Matter:
    """Give the matter of a file that is damaged or missing. path: in the home."""
    return Matter("damaged", path, path)


def failures(failed: Iterable[Mapping[str, str]], error: BaseException | None, whole_run: str) -> list[Matter]:
    """Give what failed in a run.

    failed: as in the report of `crawl`. error: what ended it. whole_run: how people call it. Where the site could not be
    reached at all each address has failed, and one line suffices.
    """
    if isinstance(error, BusyError):
        return []
    ended = [] if error is None else [Matter("failed", "", whole_run, _said(error))]
    if isinstance(error, ServiceError):
        return ended
    return ended + [Matter("failed", one["url"], one["url"], f"{one['reason']}, {one['detail']}") for one in failed]


def _said(error: BaseException) -> str:
    return error.message if isinstance(error, LianzaiError) else f"a bug in lianzai: {type(error).__name__}"
