"""Compare ledger and WARCs by names and sizes, and the ledger's tables with each other: what `doctor` can look at in a moment.

Takes   a connection of the ledger and a home.
Gives   a sentence for each file or row that is otherwise than another says.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..home import Home
from ..ledger.agreement import disagreements_of
from ..ledger.fixity import captured_files, kept_files, unfinished
from ..ledger.queries import Connection, series_ids
from ..ledger.seal import broken_rows
from ..warc import series_files
from .warcs import OPEN


def disagreements(connection: Connection, home: Home) -> list[str]:
    """Name rows without files, files without rows, files of another size than their row says, and rows that disagree.

    Of the seals of rows all are looked at but those of captures, revisions and readings.

    A series that is being crawled, or whose crawl was killed, may have files that the ledger does not know yet.
    """
    series = series_ids(connection)
    folder = home.root / "warc"
    unknown = {path.name for path in folder.iterdir() if path.is_dir()} - set(series) if folder.is_dir() else set()
    found = [f"warc/{name}: the ledger does not know this series" for name in sorted(unknown)]
    found += (one.why for one in broken_rows(connection, texts=False))
    for name in series:
        found += _of_series(connection, home, name)
    return found


def _of_series(connection: Connection, home: Home, series: str) -> Iterator[str]:
    kept, folder = kept_files(connection, series), home.warc(series)
    behind = home.running(series) or unfinished(connection, series)
    for name in sorted(set(kept) | captured_files(connection, series)):
        path = folder / name
        if not path.is_file():
            if name in kept or not path.with_name(path.name + OPEN).exists():
                yield f"warc/{series}/{name}: in the ledger, but not there"
        elif name in kept and path.stat().st_size != kept[name].bytes:
            yield f"warc/{series}/{name}: {path.stat().st_size} bytes, the ledger has {kept[name].bytes}"
        elif name not in kept and not behind:
            yield f"warc/{series}/{name}: its records are in the ledger, the file is not"
    known = set(kept) | captured_files(connection, series)
    for path in series_files(folder, series):
        if path.name not in known and not behind:
            yield f"warc/{series}/{path.name}: there, but not in the ledger"
    if not behind:
        yield from disagreements_of(connection, series, texts=False)
