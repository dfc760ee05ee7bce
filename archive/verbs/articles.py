"""`lianzai articles`: the instalments of a series, in its order.

Takes   the home's ledger. Gives: [{id, position, ...}] (CONTRACT, JSON) or a table. Writes nothing.
"""

from __future__ import annotations

from typing import Any

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

    with reading(config) as (_, connection):
        told = views.articles(connection, series)
    if config.json:
        terminal.print_json(told)
        return
    if not told:
        terminal.print_line(config, f"{series} has no instalment yet; try: lianzai crawl {series}")
        return
    for line in _lines(told):
        terminal.print_line(config, line)


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    head = [click.style(text, bold=True) for text in ("", "subject", "published", "state", "id", "title")]
    before = [_before_title(row) for row in rows]
    taken = terminal.width(max(terminal.table([head, *([*one, ""] for one in before)]), key=terminal.width))
    room = max(terminal.columns() - taken - 2, 16)
    titles = [terminal.clip(terminal.plain(row["title"]) or row["url"], room) for row in rows]
    lines = [[*one, title] for one, title in zip(before, titles, strict=True)]
    return terminal.table([head, *lines], right=frozenset({0}))


def _before_title(row: dict[str, Any]) -> list[str]:
    state = row["state"] if row["revisions"] < 2 else f"{row['state']}, {row['revisions']} revisions"
    color = "revised" if row["state"] == "captured" and row["revisions"] > 1 else row["state"]
    return [
        "-" if row["position"] is None else str(row["position"]),
        terminal.plain(row["subject"]) or "-",
        (row["published"] or "-")[:10],
        terminal.paint(state, color),
        row["id"],
    ]
