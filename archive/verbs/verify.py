"""`lianzai verify`: everything that is kept, against its digest.

Takes   the home. Gives: {checked, damaged, missing, repaired} (CONTRACT, JSON) or a line a file; exit 4 while something is
damaged or missing. Writes: events of the history; with --repair the files that can be mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .. import terminal
from ..config import Config
from ..errors import IntegrityError
from ..home import Home
from . import found_or_made

if TYPE_CHECKING:
    from ..verify import Damage, Report

_SHOWN_RECORDS = 3


@click.command("verify")
@click.option("--repair", is_flag=True, help="Mend WARCs from a WACZ of the home; derive text and index anew.")
@click.pass_obj
def command(config: Config, repair: bool) -> None:
    """Hash everything that is kept and compare it with its digest; name what is damaged, by file and record."""
    from ..verify import verify_home

    home = Home(config.home).make() if repair else found_or_made(config.home)
    with terminal.progress(config, "verifying") as bar:
        done = 0

        def told(path: str) -> None:
            nonlocal done
            bar.update(done, None, path)
            done += 1

        report = verify_home(home, repair=repair, told=told)
    if config.json:
        terminal.print_json(report.to_json())
    else:
        for line in _lines(report):
            terminal.print_line(config, line)
    if not report.whole:
        raise IntegrityError(_summary(report), action=_action(report, repair))
    if config.json and report.skipped:
        terminal.print_error(config, f"skipped: {_skipped(report)}; try: the same command later")


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


def _action(report: Report, repair: bool) -> str:
    """Say what helps: WARCs come first, as everything else is made of them."""
    ledger, wrong = "ledger.sqlite3", {*report.damaged, *report.missing}
    bundles = {path for path in wrong if path.startswith("wacz/")}
    if wrong == bundles:
        return "lianzai export SERIES --format wacz --force, which makes it again"
    if not repair and wrong - bundles - {ledger}:
        return "lianzai verify --repair"
    if any(path.startswith("warc/") for path in wrong):
        return "lianzai verify --repair, with a WACZ that holds these files in wacz/; without one these bytes are lost"
    if all(path.startswith("profiles/") for path in wrong - bundles):
        return "lianzai add FILE, with a profile that can be used"
    if (
        ledger in report.damaged
        and not report.damaged[ledger].records
        and "database" in report.damaged[ledger].expected
    ):
        return f"lianzai rebuild, with {ledger} moved away"
    return "lianzai rebuild"
