"""`lianzai articles`: the instalments of a series, in its order.

Takes   the home's ledger. Gives: [{id, position, ...}] (CONTRACT, JSON) or a table. Writes nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from .. import terminal
from ..config import Config
from . import reading


@click.command("articles")
@click.argument("series")
@click.pass_obj
def command(config: Config, series: str) -> None:
    """The instalments of SERIES, in the series' order."""
    from .. import views
    from ..ledger import queries

    with reading(config) as (_, connection):
        told = views.articles(connection, series)
        zone = queries.series(connection, series)[0]["timezone"]
    if config.json:
        terminal.print_json(told)
        return
    if not told:
        terminal.print_line(config, f"{series} has no instalment yet; try: lianzai crawl {series}")
        return
    for line in _lines(told, zone):
        terminal.print_line(config, line)


def _lines(rows: list[dict[str, Any]], zone: str | None) -> list[str]:
    head = [click.style(text, bold=True) for text in ("", "subject", "published", "state", "id", "title")]
    before = [_before_title(row, zone) for row in rows]
    taken = terminal.width(max(terminal.table([head, *([*one, ""] for one in before)]), key=terminal.width))
    room = max(terminal.columns() - taken - 2, 16)
    titles = [terminal.clip(terminal.plain(row["title"]) or row["url"], room) for row in rows]
    lines = [[*one, title] for one, title in zip(before, titles, strict=True)]
    return terminal.table([head, *lines], right=frozenset({0}))


def _day(published: str | None, zone: str | None) -> str:
    """Give the day of publication as the newspaper's readers know it.

    published: RFC 3339 in UTC, or a day. zone: IANA name of the series' zone; where there is none that is known, the day
    is that of UTC.

    >>> _day("2018-08-19T23:32:00Z", "Asia/Shanghai"), _day("2018-08-19T23:32:00Z", None), _day("2018-08-19", "Asia/Tokyo")
    ('2018-08-20', '2018-08-19', '2018-08-19')
    """
    if not published or len(published) == len("2018-08-20") or not zone:
        return (published or "-")[:10]
    try:
        return datetime.fromisoformat(published).astimezone(ZoneInfo(zone)).date().isoformat()
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a zone that this machine does not know
        return published[:10]


def _before_title(row: dict[str, Any], zone: str | None) -> list[str]:
    state = row["state"] if row["revisions"] < 2 else f"{row['state']}, {row['revisions']} revisions"
    color = "revised" if row["state"] == "captured" and row["revisions"] > 1 else row["state"]
    return [
        "-" if row["position"] is None else str(row["position"]),
        terminal.plain(row["subject"]) or "-",
        _day(row["published"], zone),
        terminal.paint(state, color),
        row["id"],
    ]
