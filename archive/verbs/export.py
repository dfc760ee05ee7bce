"""`lianzai export`: a series as one file that other programs open.

Takes   the home's ledger and WARCs. Gives: {done, failed, paths, …} (CONTRACT, JSON) or a line.
Writes  wacz/<series>.wacz in the home, or the file named by --output.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .. import terminal
from ..config import Config
from ..errors import PartialError
from . import reading

if TYPE_CHECKING:
    from ..bundle import Bundle

_FORMATS: Final = ("wacz",)
_MEGABYTE: Final = 1_000_000


@click.command("export")
@click.argument("series")
@click.option("--format", "format_", type=click.Choice(_FORMATS), required=True, help="What is written.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file to write (wacz: else wacz/SERIES.wacz in the home).",
)
@click.option("--force", is_flag=True, help="Replace another file that is there.")
@click.pass_obj
def command(config: Config, series: str, format_: str, output: Path | None, force: bool) -> None:  # noqa: ARG001
    """SERIES as one file: `wacz`, a web archive that ReplayWeb.page, pywb and other replays open."""
    from ..bundle import write_wacz

    with reading(config) as (home, connection), terminal.progress(config, "copying, MB") as bar:

        def told(done: int, total: int, what: str) -> None:
            bar.update(done // _MEGABYTE, total // _MEGABYTE, what)

        bundle = write_wacz(connection, home, series, output, force=force, told=told)
    _report(config, bundle)
    if bundle.refused:
        raise PartialError(
            "; ".join(f"{one.path}: {one.why}" for one in bundle.refused),
            action=f"these files as they are, in {bundle.refused[0].path.parent}",
        )


def _report(config: Config, bundle: Bundle) -> None:
    if bundle.path.suffix != ".wacz":
        terminal.print_error(config, f"{bundle.path}: replays know a WACZ by a name that ends in .wacz")
    for name in bundle.left_out:
        terminal.print_error(config, f"{name}: left out, it is not finished; try: lianzai export again after the crawl")
    if config.json:
        terminal.print_json(_document(bundle))
        return
    size, same = terminal.size(bundle.bytes), "" if bundle.written else ", the same as before"
    held = f"{bundle.pages} pages, {bundle.captures} captures, {bundle.warcs} WARCs"
    terminal.print_line(config, terminal.plain(f"{bundle.path}  {size}  {held}{same}"))


def _document(bundle: Bundle) -> dict[str, Any]:
    return {
        "done": not bundle.refused,
        "failed": [{"what": str(one.path), "reason": one.why} for one in bundle.refused],
        "paths": [str(bundle.path)],
        "bytes": bundle.bytes,
        "warcs": bundle.warcs,
        "captures": bundle.captures,
        "pages": bundle.pages,
        "left_out": list(bundle.left_out),
    }
