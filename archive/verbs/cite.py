"""`lianzai cite`: a citation of an article that names original address, capture time and record.

Takes   the home's ledger, a name of the article. Gives: the citation on stdout, or JSON that holds it. Writes nothing.
"""

from __future__ import annotations

from typing import Final

import click

from .. import terminal
from ..config import Config
from . import reading

_FORMATS: Final = ("bibtex", "ris", "csl-json", "robust-link")


@click.command("cite")
@click.argument("article")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="That revision (the one shown).")
@click.option("--format", "format_", type=click.Choice(_FORMATS), required=True, help="How it is written.")
@click.option("--room", metavar="URL", help="Where the reading room is; its address of the capture is then named too.")
@click.pass_obj
def command(config: Config, article: str, revision: int | None, format_: str, room: str | None) -> None:
    """A citation of ARTICLE that names its original address, when it was captured, and the record.

    ARTICLE is an id or its unique beginning, a URL, SERIES/SUBJECT or SERIES/POSITION.
    """
    from ..citing import FORMATS, cited

    with reading(config) as (_, connection):
        one = cited(connection, article, revision, room)
    text = FORMATS[format_](one)
    if config.json:
        told = {"article": one.id, "revision": one.revision, "format": format_, "citation": text}
        terminal.print_json({"done": True, "failed": [], "paths": [], **told})
        return
    terminal.print_text(text)
