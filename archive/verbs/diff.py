"""`lianzai diff`: what changed between two revisions of an article.

Takes   the home's ledger, a name of the article, two revision numbers. Gives: the contract's JSON, or the changes in their
surroundings. Writes nothing.
"""

from __future__ import annotations

from typing import Any

import click

from .. import terminal
from ..config import Config
from ..errors import UsageError
from . import reading

_WORDS = 24  # characters of a moved paragraph that are shown
_MARKS = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}


@click.command("diff")
@click.argument("article")
@click.argument("a", type=click.IntRange(min=1), required=False)
@click.argument("b", type=click.IntRange(min=1), required=False)
@click.pass_obj
def command(config: Config, article: str, a: int | None, b: int | None) -> None:
    """What changed in ARTICLE between revisions A and B (the last two), field by field, character by character.

    For people: [-gone-] {+new+}, coloured on a terminal.
    """
    from .. import views

    if a is not None and b is None:
        raise UsageError(
            "diff: one revision number given, expected two or none", action=f"lianzai diff {article} {a} B"
        )
    with reading(config) as (_, connection):
        told = views.diff(connection, article, a, b)
    if config.json:
        terminal.print_json(told)
        return
    for line in _lines(told):
        terminal.print_line(config, line)


def _lines(told: dict[str, Any]) -> list[str]:
    from ..diff import without_repetition

    lines = [f"{told['article']}: revision {told['a']} → {told['b']}"]
    fields = without_repetition(told["fields"])
    for field in fields:
        lines += ["", click.style(field["field"], bold=True), "  " + _inline(field["ops"]).replace("\n", "\n  ")]
        lines += [_moved(field["now"][new - 1], old, new) for old, new in field["moved"]]
    return lines if fields else [*lines, "no difference"]


def _moved(paragraph: str, old: int, new: int) -> str:
    words = paragraph if len(paragraph) <= _WORDS else paragraph[:_WORDS] + "…"
    return f"  moved: paragraph {old} → {new}: {terminal.plain(words)}"


def _inline(ops: list[list[str]]) -> str:
    from ..diff import around

    def marked(sign: str, text: str) -> str:
        before, after = _MARKS[sign]
        return terminal.paint(f"{before}{terminal.plain(text)}{after}", sign)

    return "".join(marked(sign, text) for sign, text in around(ops))
