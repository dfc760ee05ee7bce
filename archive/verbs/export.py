"""`lianzai export`: a series as one file or folder that other programs open.

Takes   the home's ledger and WARCs. Gives: {done, failed, paths, …} (CONTRACT, JSON) or a line.
Writes  wacz/<series>.wacz in the home, or what --output names; without it the other formats go to the working folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .. import terminal
from ..config import Config
from ..errors import PartialError
from ..lazy import importing
from . import found_or_made, reading

if TYPE_CHECKING:
    from ..bundle import Bundle
    from ..exports import Exported

_FORMATS: Final = ("txt", "md", "jsonl", "csv", "epub", "parquet", "wacz", "html", "bagit")
_MEGABYTE: Final = 1_000_000


@click.command("export")
@click.argument("series")
@click.option("--format", "format_", type=click.Choice(_FORMATS), required=True, help="What is written.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The file, or for html and bagit the folder, to write (else SERIES.FORMAT here; wacz: wacz/SERIES.wacz in the home).",
)
@click.option("--force", is_flag=True, help="Replace another file, or an older export, that is there.")
@click.pass_obj
def command(config: Config, series: str, format_: str, output: Path | None, force: bool) -> None:
    """SERIES as readers, analysts and archives want it.

    txt, md, epub: to be read. html: a static site, a folder. jsonl, csv, parquet: to be analysed. wacz: a web archive that
    ReplayWeb.page, pywb and other replays open. bagit: all that is kept, with digests, a folder.
    """
    if format_ == "wacz":
        _write_wacz(config, series, output, force=force)
    else:
        _write_other(config, series, format_, output, force=force)


def _write_wacz(config: Config, series: str, output: Path | None, *, force: bool) -> None:
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


def _write_other(config: Config, series: str, format_: str, output: Path | None, *, force: bool) -> None:
    with importing():
        from ..exports import export
        from ..ledger.store import open_to_read
        from ..records import Records

    home = found_or_made(config)
    ledger = open_to_read(home)
    try:
        with (
            ledger.read() as connection,
            Records(home, ledger, config.environ) as records,
            terminal.progress(config, "writing") as bar,
        ):
            done = export(connection, home, records, series, format_, output, force=force, told=bar.update)
    finally:
        ledger.close()
    _tell(config, done)
    if done.failed:
        raise PartialError("; ".join(f"{one.url}: left out: {one.why}" for one in done.failed), action="lianzai verify")


def _tell(config: Config, done: Exported) -> None:
    for name in done.held.left_out:
        terminal.print_error(config, f"{name}: left out, it is not finished; try: lianzai export again after the crawl")
    if config.json:
        terminal.print_json(
            {
                "done": not done.failed,
                "failed": [{"what": one.url, "reason": one.why} for one in done.failed],
                "paths": [str(done.path)],
                "bytes": done.bytes,
                "files": done.files,
                "captured": done.held.captured,
                "missing": done.held.missing,
                "pictures": done.held.pictures,
                "left_out": list(done.held.left_out),
            }
        )
        return
    held = f"{done.held.captured} instalments" + (f", {done.held.missing} missing" if done.held.missing else "")
    same = "" if done.written else ", the same as before"
    terminal.print_line(config, terminal.plain(f"{done.path}  {terminal.size(done.bytes)}  {held}{same}"))


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
