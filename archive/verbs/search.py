"""`lianzai search`: full text of all revisions.

Takes   the home's ledger and its index. Gives: the contract's JSON, or two lines a hit.
Writes  the index, where there is none yet.
"""

from __future__ import annotations

from typing import Any

import click

from .. import terminal
from ..config import Config
from . import reading


# What is unknown as an option is a word to exclude: -闸.
@click.command("search", context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, required=True)
@click.option("--series", metavar="SERIES", help="Only in one series.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Hits at most.")
@click.pass_obj
def command(config: Config, query: tuple[str, ...], series: str | None, limit: int) -> None:
    """Seek QUERY in title, byline and text of all revisions.

    "a phrase" or one character; -word excludes; a OR b; title:渠 author:沈渡 date:2018-08..2018-10. Traditional and simplified
    find each other.
    """
    from .. import views
    from ..ledger import queries
    from ..search import answer

    with reading(config) as (home, connection):
        if series is not None and not queries.series(connection, series):
            raise views.unknown_series(connection, series)
        told = answer(connection, home, " ".join(query), series=series, limit=limit)
    if config.json:
        terminal.print_json(told)
        return
    count, shown = told["total"], len(told["hits"])
    more = f", the first {shown} of them" if shown < count else ""
    terminal.print_line(config, f"{count} article{'' if count == 1 else 's'}{more}" if count else "nothing found")
    for hit in told["hits"]:
        _print(config, hit)


def _print(config: Config, hit: dict[str, Any]) -> None:
    place = hit["series"] if hit["position"] is None else f"{hit['series']}/{hit['position']}"
    state = "" if hit["state"] == "captured" else f"  {terminal.paint(hit['state'], hit['state'])}"
    head = f"{click.style(terminal.plain(hit['title']), bold=True)}  {place}  {hit['article']}  revision {hit['revision']}{state}"
    terminal.print_line(config, head)
    terminal.print_line(config, f"  {_marked(hit['snippet'], hit['marks'])}")


def _marked(snippet: str, marks: list[list[int]]) -> str:
    pieces, at = [], 0
    for begin, end in marks:
        pieces += [
            terminal.plain(snippet[at:begin]),
            click.style(terminal.plain(snippet[begin:end]), bold=True, fg="yellow"),
        ]
        at = end
    return "".join([*pieces, terminal.plain(snippet[at:])])
