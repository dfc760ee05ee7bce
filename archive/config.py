"""What the environment and the common options say, read once by the front door and handed down as a value.

Takes   nothing: scheduler.py fills it. Gives: Config, which every verb has as `ctx.obj`. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

# (cron line, zone or None for UTC, moment) -> the first moment after it, or None where there is none.
NextFire = Callable[[str, str | None, datetime], datetime | None]

# (home, paths in it that are damaged or missing, whether the ledger is whole): people are told of it.
TellDamage = Callable[[Path, Sequence[str], bool], object]

# (text of a profile, name of its file) -> why no command could use it, whatever the environment holds; None where one could.
ProfileFault = Callable[[str, str], str | None]


def _never(_schedule: str, _timezone: str | None, _after: datetime) -> datetime | None:
    return None


def _nobody(_home: Path, _paths: Sequence[str], _is_ledger_whole: bool) -> None:
    return None


def no_fault(_text: str, _name: str) -> None:
    """Take any profile for one that can be used."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one call of lianzai.

    home: folder of the home, as given. database: address of the database that holds its ledger, with the password, so never
    printed; None: the ledger lies in the home. json: one JSON document on stdout in place of text for people. debug: tracebacks
    and all log lines. color: False where NO_COLOR is set, else colours go to terminals only. log_level: a name of the
    logging module, or None for no log. environ: where `env:NAME` of profiles is looked up; never printed. next_fire: when
    a schedule is next due, tell_damage: how people are told of damage, profile_fault: what is wrong with a profile, all given
    by the front door, since schedules, notifications and profiles are the crawler's.
    """

    home: Path = Path("lianzai-data")
    database: str | None = field(default=None, repr=False)
    json: bool = False
    debug: bool = False
    color: bool = True
    log_level: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    next_fire: NextFire = _never
    tell_damage: TellDamage = _nobody
    profile_fault: ProfileFault = no_fault
