"""`lianzai verify`: everything that is kept, against its digest.

Takes   the home; with --remote its object stores. Gives: {checked, damaged, missing, repaired} (CONTRACT, JSON) or a line a file;
exit 4 while something is damaged or missing, 5 where a store cannot be asked. Writes: events of the history; with --repair the
files, or the objects, that can be mended.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .. import terminal
from ..config import Config
from ..errors import IntegrityError, StoreError
from ..home import Home
from . import found_or_made

if TYPE_CHECKING:
    from ..verify import Damage, Report

_SHOWN_RECORDS = 3


@click.command("verify")
@click.option("--remote", is_flag=True, help="Check what the object stores keep, in place of what is kept here.")
@click.option(
    "--repair",
    is_flag=True,
    help="Mend WARCs from a WACZ of the home or from its object store; derive text and index anew. With --remote: send again.",
)
@click.option(
    "--processes", type=click.IntRange(min=1), metavar="N", help="Read at most so many WARCs at once. [the cores]"
)
@click.pass_obj
def command(config: Config, remote: bool, repair: bool, processes: int | None) -> None:
    """Hash everything that is kept and compare it with its digest; name what is damaged, by file and record."""
    from ..verify import verify_home, verify_remote

    gc.freeze()  # what is imported stays: looking through it again and again took 8 % of the time
    home = Home.of(config).make() if repair else found_or_made(config)
    if remote:
        with terminal.progress(config, "verifying the store") as bar:
            report = verify_remote(home, config.environ, repair=repair, told=bar.update)
        _tell_remote(config, report, repair=repair)
        return
    with terminal.progress(config, "verifying") as bar:
        done = 0

        def told(path: str) -> None:
            nonlocal done
            bar.update(done, None, path)
            done += 1

        report = verify_home(
            home,
            repair=repair,
            told=told,
            environ=config.environ,
            processes=processes,
            profile_fault=config.profile_fault,
        )
    _print(config, report)
    if not report.whole:
        config.tell_damage(home.root, sorted([*report.damaged, *report.missing]), not _is_ledger_lost(report, home))
        raise IntegrityError(_summary(report), action=_action(report, home, repair))
    if config.json and report.skipped:
        terminal.print_error(config, f"skipped: {_skipped(report)}; try: the same command later")


def _print(config: Config, report: Report) -> None:
    if config.json:
        terminal.print_json(report.to_json())
        return
    for line in _lines(report):
        terminal.print_line(config, line)


def _tell_remote(config: Config, report: Report, *, repair: bool) -> None:
    """Tell what the stores keep. Raises IntegrityError for damage, StoreError where a store could not be asked."""
    if report.checked or not report.unreached:
        _print(config, report)
    if not (report.checked or report.unreached or config.json):
        terminal.print_line(
            config, "the ledger knows of nothing there; lianzai upload sends, or reads what is there, and notes it"
        )
    if not report.whole:
        action = "lianzai verify --remote --repair, which sends again what is whole here"
        if repair:
            action = (
                "lianzai upload, which sends what has changed here since; what is whole neither here nor there is lost"
            )
        raise IntegrityError(f"in the store: {_summary(report)}", action=action)
    if report.unreached:
        told = "; ".join(why if what in why else f"{what}: {why}" for what, why in sorted(report.unreached.items()))
        raise StoreError(told, action="docs/store.md, then the same command")


def _lines(report: Report) -> Iterator[str]:
    for path in sorted(report.repaired):
        yield f"{terminal.paint('repaired', 'repaired')}  {terminal.plain(path)}"
    for path in sorted(report.missing):
        yield f"{terminal.paint('missing', 'failed')}   {terminal.plain(path)}"
    for _, damage in sorted(report.damaged.items()):
        yield from _damage_lines(damage)
    for path, why in sorted(report.skipped.items()):
        yield f"skipped   {terminal.plain(path)}: {why}"
    wrong = len(report.damaged) + len(report.missing)
    yield f"{report.checked} files checked: {f'{wrong} damaged or missing' if wrong else 'all whole'}"


def _damage_lines(damage: Damage) -> Iterator[str]:
    yield f"{terminal.paint('damaged', 'damaged')}   {terminal.plain(damage.path)}"
    yield f"          expected {terminal.plain(damage.expected)}"
    yield f"          found    {terminal.plain(damage.found)}"
    for why in damage.why[:_SHOWN_RECORDS]:
        yield f"          {terminal.plain(why)}"
    named = [f"{name or 'a record'} at {offset}" for offset, name in damage.records]
    if named:
        more = f" and {len(named) - _SHOWN_RECORDS} more" if len(named) > _SHOWN_RECORDS else ""
        yield f"          records  {terminal.plain(', '.join(named[:_SHOWN_RECORDS]))}{more}"


def _summary(report: Report) -> str:
    wrong = sorted([*report.damaged, *report.missing])
    records = sum(len(one.records) for one in report.damaged.values())
    counted = f"{len(report.damaged)} damaged, {len(report.missing)} missing, {records} records named"
    skipped = f"; skipped: {_skipped(report)}" if report.skipped else ""
    return f"{', '.join(wrong[:3])}{' …' if len(wrong) > 3 else ''}: {counted}{skipped}"


def _skipped(report: Report) -> str:
    return ", ".join(f"{path} ({why})" for path, why in sorted(report.skipped.items()))


def _is_ledger_lost(report: Report, home: Home) -> bool:
    """Say whether the ledger is no whole database, or is missing; rows of it that tell otherwise than the WARCs are less."""
    ledger = home.ledger_name
    damage = report.damaged.get(ledger)
    return ledger in report.missing or (damage is not None and not damage.records and "database" in damage.expected)


def _action(report: Report, home: Home, repair: bool) -> str:
    """Say what helps: WARCs come first, as everything else is made of them."""
    ledger, wrong = home.ledger_name, {*report.damaged, *report.missing}
    bundles = {path for path in wrong if path.startswith("wacz/")}
    if repair and all(path in report.damaged and report.damaged[path].expected == "nothing" for path in wrong):
        return "move these files out of the home; lianzai import takes WARCs and WACZs made by others"
    theirs = {path for path in bundles if "/imported/" in path}
    if theirs and wrong == theirs:
        again = "lianzai import the file that it was made of again, then lianzai verify --repair"
        return again if repair else f"lianzai verify --repair, which takes it from the object store; else {again}"
    if wrong == bundles:
        return "lianzai export SERIES --format wacz --force, which makes it again"
    if not repair and wrong - bundles - {ledger}:
        return "lianzai verify --repair"
    if any(path.startswith("warc/") for path in wrong):
        if report.unreached:
            return "lianzai verify --repair, when the object store can be reached"
        return (
            "lianzai verify --repair, with a WACZ that holds these files in wacz/; without one these bytes are lost, for neither"
            " the home nor an object store of it has them"
        )
    if all(path.startswith("profiles/") for path in wrong - bundles):
        return "lianzai add FILE, with a profile that can be used"
    if ledger in report.damaged and _is_ledger_lost(report, home):
        return f"lianzai rebuild, with {ledger} moved away"
    return "lianzai rebuild"
