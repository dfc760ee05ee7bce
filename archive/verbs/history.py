"""`lianzai history`: what happened to a series, each event with its evidence.

Takes   the home's ledger. Gives: the contract's JSON, or a sentence an event. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from .. import terminal
from ..config import Config
from . import reading

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SENTENCES: Final = {
    "found": "named by the list for the first time",
    "captured": "captured for the first time",
    "gone": "seen gone; not yet called withdrawn",
    "withdrawn": "withdrawn: gone for longer than withdraw_after allows",
    "restored": "back after it was withdrawn",
    "failed": "could not be captured",
    "blocked": "the site refuses us",
    "listed": "in the list again",
    "unlisted": "no longer in the list",
    "recovered": "recovered from another archive",
    "uploaded": "sent to the object store",
    "verified": "verified: bytes as they were written",
    "damaged": "damaged: bytes are not as they were written",
    "repaired": "repaired from the other copy",
}


class Since(click.ParamType[datetime]):
    """A moment: RFC 3339, a day (its start, UTC), or an age such as 7d."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read what was typed; fail with what is allowed."""
        age = re.fullmatch(r"(\d{1,6})([mhdw])", str(value))
        try:
            if age:
                return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
            moment = datetime.fromisoformat(str(value))
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no time: expected 2026-11-25T05:00:00Z, 2026-11-25 or an age such as 7d", param, ctx
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("history")
@click.argument("series")
@click.option(
    "--since", type=Since(), metavar="TIME", help="From that time on: RFC 3339, a day (UTC), or an age: 7d, 12h."
)
@click.pass_obj
def command(config: Config, series: str, since: datetime | None) -> None:
    """The events of SERIES, oldest first, each with its evidence (WARC record ids)."""
    from .. import views

    with reading(config) as (_, connection):
        told = views.history(connection, series, since)
        names = {} if config.json else {row["id"]: row for row in views.articles(connection, series)}
    if config.json:
        terminal.print_json(told)
        return
    if not told:
        terminal.print_line(config, f"{series}: no events{' since then' if since else ''}")
    for line in terminal.table([_row(event, names) for event in told]):
        terminal.print_line(config, line)


def _row(event: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> list[str]:
    article = names.get(event["article"] or "", {})
    called = article.get("subject") or article.get("title") or event["article"] or "series"
    evidence = len(event["evidence"])
    return [
        terminal.local_time(event["at"]),
        terminal.paint(event["kind"], event["kind"]),
        terminal.clip(terminal.plain(called), 24),
        sentence(event),
        f"{evidence} record{'' if evidence == 1 else 's'}" if evidence else "",
    ]


def sentence(event: Mapping[str, Any]) -> str:
    """Say an event in plain words.

    >>> sentence({"kind": "moved", "from": 3, "to": 4, "fields": []})
    'moved from place 3 to 4'
    """
    if event["kind"] == "revised":
        what = ", ".join(event["fields"]) or "its content"
        numbers = f" (revision {event['from']} → {event['to']})" if event["to"] else ""
        return f"{what} changed{numbers}"
    if event["kind"] == "moved":
        return f"moved from place {event['from']} to {event['to']}"
    return _SENTENCES.get(str(event["kind"]), str(event["kind"]))
