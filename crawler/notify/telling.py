"""Tell people: after a crawl, after a verification, and by the clock.

Takes   a home, a profile, what was found. Gives: Told: who was told, and who could not be.
Writes  rows of `notices` in the ledger; locks/<series>.notice, held meanwhile; one line of the log.

Nothing in here ends a crawl or changes its exit code: whatever goes wrong is that one line, and what was to be told comes with
the next message. It takes as long as sending.WITHIN_S at most, and no time where nobody is to be told.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive import views
from archive.errors import LianzaiError
from archive.events import emit
from archive.home import Home
from archive.ledger import fixity, notices, queries
from archive.ledger.rows import time_of, time_text
from archive.ledger.store import Ledger, open_ledger
from archive.logs import Masking, keep_secret

from . import gathering
from .addresses import addresses, default_urls, profile_of_home, profile_of_series, tells
from .choosing import mark_after, runs_to_tell, to_forget, untold
from .matters import HAPPENINGS, Matter
from .message import Message, compose
from .sending import send
from .words import Words, words_of

if TYPE_CHECKING:
    from ..profile import Profile

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Told:
    """What came of it. sent: names of addresses. failed: {name: why}."""

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a crawl or a verification found, beside what the ledger knows.

    run: the id of the run that has ended, None where there was none. failed, error: of its report. damaged: paths in the home.
    crawled: the series was crawled just now. broken: how its last run broke off (words.py, `broken`); None where it ended, or
    nobody knows.
    """

    run: str | None = None
    failed: Sequence[Mapping[str, str]] = ()
    error: BaseException | None = None
    damaged: Collection[str] = ()
    crawled: bool = False
    broken: str | None = None


def tell(
    home: Home, profile: Profile, found: Found, environ: Mapping[str, str], *, now: datetime | None = None
) -> Told:
    """Tell of a series what its addresses were not told yet. Raises nothing that is an Exception."""
    if not profile.notify.urls:
        return Told()
    try:
        keep_secret(profile.secrets)
        with _alone(home, profile.series.id) as is_alone:
            if is_alone:
                told = _tell(home, profile, found, environ, now or datetime.now(UTC))
            else:
                told = Told()
                defer(home, profile, found.run)
    except Exception as error:  # noqa: BLE001 - a crawl that is done stays done, whatever is wrong with telling of it
        told = Told(failed={"": error.message if isinstance(error, LianzaiError) else type(error).__name__})
    if told.failed:
        emit(log, logging.WARNING, "notice.failed", series=profile.series.id, why=told.failed.get("") or told.failed)
    return told


def defer(home: Home, profile: Profile, run: str | None) -> None:
    """Put down that a run is still to be told of: the process was told to end, or another one tells of the series now.

    Raises nothing that is an Exception.
    """
    if run is None:
        return
    try:
        ledger = open_ledger(home, create=True)
        try:
            with ledger.write() as connection:
                for name in addresses(profile):
                    notices.remember(connection, profile.series.id, name, [(notices.RUN, run)], None)
        finally:
            ledger.close()
    except Exception as error:  # noqa: BLE001 - as in tell
        emit(log, logging.WARNING, "notice.failed", series=profile.series.id, why=type(error).__name__)


@contextmanager
def _alone(home: Home, series: str) -> Iterator[bool]:
    """Say whether no other process tells of the series now; one that does tells of this as well, or the next one will."""
    home.locks.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home.locks / f"{series}.notice", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        yield _locked(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tell(home: Home, profile: Profile, found: Found, environ: Mapping[str, str], now: datetime) -> Told:
    ledger = open_ledger(home, create=True)
    try:
        letters = _letters(ledger, home, profile, found, environ, now)
        return _deliver(ledger, profile.series.id, found.run, letters, now)
    finally:
        ledger.close()


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one address is told. memory: what it was told before; forgotten: what of that it can be told anew from now on."""

    url: str
    memory: Mapping[notices.Key, str | None]
    matters: list[Matter]
    message: Message | None
    forgotten: list[notices.Key]


def _letters(
    ledger: Ledger, home: Home, profile: Profile, found: Found, environ: Mapping[str, str], now: datetime
) -> dict[str, _Letter]:
    """Write what each address is to be told."""
    about, kinds = gathering.about(home, profile, environ), profile.notify.on
    letters = {}
    with ledger.read() as connection:
        standing = gathering.standing(connection, profile, now, crawled=found.crawled)
        standing += _failures(profile, found, words_of(about.language))
        known = {(one.kind, one.subject) for one in standing}
        standing += [
            one for path in found.damaged if (one := gathering.damage(path)) and ("damaged", path) not in known
        ]
        for name, url in addresses(profile).items():
            memory = notices.remembered(connection, about.id, name)
            times = {key: time_of(told) for key, told in memory.items() if told is not None}
            matters = gathering.happened(connection, about.id, runs_to_tell(memory, found.run), kinds)
            matters += untold([one for one in standing if one.kind in kinds], times, now)
            message = compose(about, matters) if matters else None
            letters[name] = _Letter(url, memory, matters, message, to_forget(standing, times, now))
    return letters


def _failures(profile: Profile, found: Found, words: Words) -> list[Matter]:
    """Give what failed, without the secrets that an address or a reason may hold: it goes to others, and into the ledger."""
    masking = Masking()
    masking.learn(profile.secrets)
    return [
        replace(one, subject=masking.mask(one.subject), name=masking.mask(one.name), detail=masking.mask(one.detail))
        for one in gathering.failures(found.failed, found.error, words.whole_run)
    ] + ([Matter("failed", "", words.whole_run, words.broken[found.broken])] if found.broken else [])


def _deliver(ledger: Ledger, series: str, run: str | None, letters: Mapping[str, _Letter], now: datetime) -> Told:
    """Send the letters and put down what was told."""
    messages = {name: (one.url, one.message) for name, one in letters.items() if one.message is not None}
    reasons = send(messages) if messages else {}
    told = Told([name for name, why in reasons.items() if why is None], {n: why for n, why in reasons.items() if why})
    with ledger.write() as connection:
        for name, letter in letters.items():
            if name in told.failed:
                if run is not None:
                    notices.remember(connection, series, name, [(notices.RUN, run)], None)
                continue
            notices.forget(connection, series, name, letter.forgotten)
            keys = [(one.kind, one.subject) for one in letter.matters if one.kind not in HAPPENINGS]
            notices.remember(connection, series, name, keys, time_text(now))
            notices.forget(connection, series, name, [key for key in letter.memory if key[0] == notices.RUN])
            mark = mark_after(letter.memory, run)
            if mark is not None:
                notices.remember(connection, series, name, [(notices.RUN, mark)], time_text(now))
    if told.sent:
        kinds = sorted({one.kind for name in told.sent for one in letters[name].matters})
        emit(log, logging.INFO, "notice.sent", series=series, addresses=told.sent, kinds=kinds)
    return told


# ------------------------------------------------------------------------------------------------- of the whole home


def tell_standing(
    home: Home,
    environ: Mapping[str, str],
    named: Collection[str] = (),
    *,
    broken: str | None = None,
    now: datetime | None = None,
) -> dict[str, Told]:
    """Tell what stands without a crawl: overdue, damaged, and what could not be told before; {series: what came of it}.

    named: look at these alone, and whether their last run was cut short. broken: how that broke off, where somebody knows.
    Raises NotFoundError for one that is not there, HomeError, DiskError where the ledger cannot be read.
    """
    moment = now or datetime.now(UTC)
    ledger = open_ledger(home, create=True)
    try:
        with ledger.read() as connection:
            default = bool(default_urls(home))
            known = {row["id"]: row for row in queries.series(connection)}
            for series in named:
                if series not in known:
                    raise views.unknown_series(connection, series)
            rows = [row for row in known.values() if tells(row, default)]
            due = set(named) or _due(connection, rows, moment)
            found = {
                row["id"]: (
                    _profile_or_none(connection, home, row["id"], environ),
                    broken or ("cut-short" if _cut_short(connection, home, row["id"], named) else None),
                )
                for row in rows
                if row["id"] in due
            }
    finally:
        ledger.close()
    return {
        series: tell(home, profile, Found(broken=how), environ, now=moment)
        for series, (profile, how) in found.items()
        if profile is not None
    }


def _due(connection: queries.Connection, rows: Sequence[queries.Row], now: datetime) -> set[str]:
    """Name the series that there may be something to tell of; each question is asked once for all."""
    if not rows:
        return set()
    published = queries.publications(connection)
    late = {
        row["id"]
        for row in rows
        if row["kept"]
        and not row["paused"]
        and views.overdue(row["complete"], published.get(row["id"], []), row["cadence_s"], now)
    }
    return late | {*notices.damaged(connection), *notices.waiting(connection)}


def _cut_short(connection: queries.Connection, home: Home, series: str, named: Collection[str]) -> bool:
    return series in named and fixity.unfinished(connection, series) and not home.running(series)


def tell_damage(
    home: Home,
    environ: Mapping[str, str],
    paths: Collection[str],
    *,
    is_ledger_whole: bool,
    now: datetime | None = None,
) -> dict[str, Told]:
    """Tell what `verify` found damaged or missing: each series of its files. Raises nothing that is an Exception.

    Where the ledger itself is damaged, which knows the series and what was told, the addresses of config.toml are told of all.
    """
    try:
        if not is_ledger_whole:
            return {"": _tell_home(home, environ, paths)}
        return {
            series: tell(home, profile, Found(damaged=of_series), environ, now=now)
            for series, (profile, of_series) in _damage_by_series(home, environ, paths).items()
        }
    except Exception as error:  # noqa: BLE001 - as in tell
        why = error.message if isinstance(error, LianzaiError) else type(error).__name__
        emit(log, logging.WARNING, "notice.failed", series=None, why=why)
        return {}


def _damage_by_series(
    home: Home, environ: Mapping[str, str], paths: Collection[str]
) -> dict[str, tuple[Profile, list[str]]]:
    ledger = open_ledger(home, create=True)
    try:
        with ledger.read() as connection:
            default = bool(default_urls(home))
            known = [row["id"] for row in queries.series(connection) if tells(row, default)]
            found = {series: [path for path in paths if series_of(path) == series] for series in known}
            damaged = notices.damaged(connection)
            wanted = [series for series in known if found[series] or series in damaged]
            profiles = {series: _profile_or_none(connection, home, series, environ) for series in wanted}
    finally:
        ledger.close()
    return {series: (profile, found[series]) for series, profile in profiles.items() if profile is not None}


def series_of(path: str) -> str | None:
    """Name the series that a file of the home belongs to; None where it is the whole home's.

    >>> series_of("warc/qushui/imported/a.warc"), series_of("index/qushui.cdxj"), series_of("ledger.sqlite3")
    ('qushui', 'qushui', None)
    """
    parts = path.split("/")
    return parts[1].partition(".")[0] if len(parts) > 1 else None


def _tell_home(home: Home, environ: Mapping[str, str], paths: Collection[str]) -> Told:
    """Tell the addresses of config.toml. Nothing is remembered of it, as the ledger would have to."""
    profile = profile_of_home(home, environ)
    if not profile.notify.urls or "damaged" not in profile.notify.on:
        return Told()
    keep_secret(profile.secrets)
    about = replace(gathering.about(home, profile, environ), id="")
    message = compose(about, [gathering.damage(path) for path in sorted(paths)])
    reasons = send({name: (url, message) for name, url in addresses(profile).items()})
    told = Told([name for name, why in reasons.items() if why is None], {n: why for n, why in reasons.items() if why})
    if told.failed:
        emit(log, logging.WARNING, "notice.failed", series=None, why=told.failed)
    return told


def _profile_or_none(
    connection: queries.Connection, home: Home, series: str, environ: Mapping[str, str]
) -> Profile | None:
    """Give the profile of a series; None where it cannot be used, which is told as a fault of the profile elsewhere."""
    try:
        return profile_of_series(connection, home, series, environ)
    except LianzaiError as error:
        emit(log, logging.WARNING, "notice.failed", series=series, why=error.message)
        return None
