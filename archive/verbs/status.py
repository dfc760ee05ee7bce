"""`lianzai status`: completeness and health of each series.

Takes   the home's ledger. Gives: {series: [...]} (CONTRACT, JSON) or a table. Writes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from .. import terminal
from ..config import Config
from ..lazy import importing
from . import reading


@click.command("status")
@click.argument("series", required=False)
@click.pass_obj
def command(config: Config, series: str | None) -> None:
    """Completeness and health of each series, or of SERIES alone."""
    with importing():
        from .. import views

    with reading(config) as (home, connection):
        told = views.status(connection, home, now=datetime.now(UTC), next_fire=config.next_fire, wanted=series)
    if config.json:
        terminal.print_json(told)
    elif not told["series"] and not told["refused"]:
        terminal.print_line(
            config, f"no series in {config.home} yet; begin with: lianzai crawl PROFILE, or: lianzai demo"
        )
    elif series is None:
        _print_table(config, told["series"])
    else:
        _print_one(config, told["series"][0])
    if not config.json:
        _print_refused(config, told["refused"])


def _print_refused(config: Config, refused: dict[str, str]) -> None:
    """Name the profiles that the service refuses, also those of no series yet."""
    for name, error in sorted(refused.items()):
        head = click.style(f"profile refused: {terminal.plain(name)}", fg="red")
        terminal.print_line(config, f"{head}  {terminal.plain(error)}")


def _print_table(config: Config, rows: list[dict[str, Any]]) -> None:
    head = [click.style(text, bold=True) for text in ("series", "title", "kept", "size", "last run", "health")]
    room = max(terminal.columns() // 4, 12)
    lines = [
        [
            row["id"],
            terminal.clip(terminal.plain(row["title"]), room),
            _kept(row),
            terminal.size(row["bytes"]),
            terminal.local_time(row["last_run"]),
            ", ".join(_health(row)),
        ]
        for row in rows
    ]
    for line in terminal.table([head, *lines], right=frozenset({3})):
        terminal.print_line(config, line)


def _kept(row: dict[str, Any]) -> str:
    return (
        f"{row['captured']} of {row['expected']}" if row["expected"] else f"{row['captured']} of {row['found']} found"
    )


def _health(row: dict[str, Any]) -> list[str]:
    """Say in a few words what a person should know of a series, the worst first."""
    said = (
        [click.style(f"blocked until {terminal.local_time(row['blocked_until'])}", fg="red")]
        if row["blocked_until"]
        else []
    )
    if row["trouble"]:
        said.append(click.style(_trouble(row["trouble"]), fg="red"))
    if row["missing"]:
        said.append(click.style(f"missing {'、'.join(row['missing'])}", fg="yellow"))
    elif row["complete"]:
        said.append(click.style("complete", fg="green"))
    elif row["complete"] is False and row["last_run"]:
        said.append(click.style("growing", fg="yellow"))
    elif (
        row["captured"]
        and row["last_run"] == row["last_ok"]
        and not (row["failed"] or row["overdue"] or row["trouble"])
    ):
        said.append(click.style("well", fg="green"))
    said += [
        click.style(f"{row[name]} {name}", fg=color)
        for name, color in (("failed", "red"), ("withdrawn", "red"), ("revised", "yellow"))
        if row[name]
    ]
    if row["last_run"] is None and not row["running"] and not row["trouble"]:
        said.append("not crawled yet")
    elif row["last_run"] != row["last_ok"] and not row["running"] and not row["trouble"] and not row["failed"]:
        said.append(click.style("last run not good", fg="red"))
    said += [click.style("overdue", fg="yellow")] if row["overdue"] and not row["paused"] else []
    said += ["paused"] if row["paused"] else []
    said += [click.style("profile file gone", fg="yellow")] if row["profile_gone"] else []
    said += [click.style(_running(row), fg="cyan")] if row["running"] else []
    if row["waiting"] and not row["blocked_until"]:
        said.append("waiting for its turn")
    elif row["next_run"] and not row["running"] and row["next_run"] != row["blocked_until"]:
        said.append(f"next run {terminal.local_time(row['next_run'])}")
    return said


def _trouble(trouble: dict[str, Any]) -> str:
    """Say why a series fails, and since when; of a run that was done but for something, what that was."""
    since = f" since {terminal.local_time(trouble['since'])}" if trouble["since"] else ""
    if trouble["reason"] == "partial":
        reason = terminal.plain(trouble["detail"]).partition(":")[0]
        return f"last run not good{since}" + (f": {reason}" if reason else "")
    return f"failing: {trouble['reason']}{since}"


def _running(row: dict[str, Any]) -> str:
    """Say how far a crawl is, and when it would be ended."""
    progress = row["progress"] or {}
    done, waiting = progress.get("done"), progress.get("waiting")
    far = f" {done} of {done + waiting} addresses" if done is not None and waiting is not None else ""
    until = f", until {terminal.local_time(progress['until'])} at the latest" if progress.get("until") else ""
    return f"running{far}{_waits(progress.get('waits'))}{until}"


def _waits(told: dict[str, Any] | None) -> str:
    """Say for which host a crawl waits, and until when."""
    if told is None:
        return ""
    until = f" until {terminal.local_time(told['until'])}" if told["until"] else ", which others ask now"
    return f", waits for {terminal.plain(told['host'])}{until}"


def _print_one(config: Config, row: dict[str, Any]) -> None:
    terminal.print_line(config, f"{click.style(terminal.plain(row['title']), bold=True)}  ({row['id']})")
    facts = [
        ("kept", f"{_kept(row)}, {terminal.size(row['bytes'])} in closed WARCs"),
        ("health", ", ".join(_health(row)) or "-"),
        ("last run", terminal.local_time(row["last_run"])),
        ("last good run", terminal.local_time(row["last_ok"])),
        ("next run", terminal.local_time(row["next_run"])),
    ]
    if row["trouble"]:
        facts.append(("trouble", terminal.plain(f"{row['trouble']['reason']}: {row['trouble']['detail']}")))
    if row["profile_gone"]:
        facts.append(
            ("profile", f"profiles/{row['id']}.toml is gone; what is remembered of it is used (lianzai remove)")
        )
    if row["pending_uploads"] is not None:
        facts.append(("to be uploaded", f"{row['pending_uploads']} files"))
    for line in terminal.table(facts):
        terminal.print_line(config, "  " + line)
