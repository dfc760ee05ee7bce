"""`lianzai show`: one article, every field, its text, where each came from.

Takes   the home's ledger, a name of the article. Gives: the contract's JSON, or the article typeset, as Markdown, Dublin
Core or schema.org. Writes nothing.
"""

from __future__ import annotations

from typing import Any, Final

import click

from .. import terminal
from ..config import Config
from . import reading

_FORMATS: Final = ("text", "md", "dc", "schema.org")
_MEASURE: Final = 78  # columns of a line of text: 39 Chinese characters, as a book has them


@click.command("show")
@click.argument("article")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="As of that revision (the last).")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", help="How it is written (text).")
@click.pass_obj
def command(config: Config, article: str, revision: int | None, format_: str) -> None:
    """One article: every field, its text, where each came from.

    ARTICLE is an id or its unique beginning, a URL, SERIES/SUBJECT or SERIES/POSITION.
    """
    from .. import formats, views
    from ..ledger import queries

    with reading(config) as (_, connection):
        told = views.show(connection, article, revision)
        row = queries.articles_by_id(connection, [told["id"]])[told["id"]]
        kept = queries.revision(connection, told["id"], revision or row["shown"])
        dated = kept["reading"].get("published_local") if kept else None
    if config.json:
        terminal.print_json(told)
        return
    written = {"md": formats.to_markdown, "dc": formats.to_dublin_core, "schema.org": formats.to_schema_org}
    if format_ in written:
        terminal.print_text(written[format_](told))
        return
    for line in _typeset(told, dated):
        terminal.print_line(config, line)


def _typeset(told: dict[str, Any], dated: str | None) -> list[str]:
    measure = min(_MEASURE, terminal.columns())
    lines = [click.style(line, bold=True) for line in terminal.wrap(terminal.plain(told["title"]) or "-", measure)]
    lines += [*terminal.wrap(_under_title(told, dated), measure), ""]
    for name, color in (("editors_note", "cyan"), ("highlights", "yellow")):
        for paragraph in told[name]:
            lines += [click.style(line, fg=color) for line in terminal.wrap(terminal.plain(paragraph), measure, "    ")]
        lines += [""] if told[name] else []
    for paragraph in told["body"] or filter(None, [told["text"]]):
        # Two ideographic spaces before a paragraph, as Chinese is set.
        lines += [*terminal.wrap("　　" + terminal.plain(paragraph).strip("　 "), measure), ""]
    return lines + ["  " + line for line in terminal.table(_facts(told))]


def _under_title(told: dict[str, Any], dated: str | None) -> str:
    authors = "、".join(f"{one['name']}（{one['role']}）" if one["role"] else one["name"] for one in told["authors"])
    published = terminal.zoned_time(told["published"]) if told["published"] else None
    published = terminal.zoned_time(dated, as_told=True) if dated else published
    return terminal.plain("  ".join(part for part in (authors, published, told["source"]) if part))


def _facts(told: dict[str, Any]) -> list[list[str]]:
    provenance = told["provenance"]
    revisions = f", {told['revisions']} revisions" if told["revisions"] > 1 else ""
    facts = [
        ["id", told["id"]],
        ["series", f"{told['series']}, instalment {told['position'] or '-'} {told['subject'] or ''}"],
        ["state", terminal.paint(told["state"], told["state"]) + revisions],
        ["address", told["url"]],
        *(["also at", url] for url in told["variants"] if url != told["url"]),
        [
            "captured",
            f"{terminal.local_time(told['captured'])}, last checked {terminal.local_time(told['last_checked'])}",
        ],
    ]
    if told["editor"]:
        facts.append(["editor", told["editor"]])
    if provenance["record_id"]:
        facts.append(["read from", f"{provenance['warc']} at {provenance['offset']}, {provenance['record_id']}"])
    facts += [["image", " ".join(filter(None, [one["url"], one["caption"]]))] for one in told["images"]]
    facts += [["repaired", f"{one['was']} → {one['now']} ({one['why']})"] for one in told["repairs"]]
    facts += [["witness", f"{one['origin']} {one['uri']}"] for one in told["witnesses"]]
    return [
        [name, terminal.plain(fact).replace("\n", " ")] if name != "state" else [name, fact] for name, fact in facts
    ]
