"""`lianzai doctor`: checks what lianzai stands on: home, disk, clock, locks, ledger, WARCs by name and size,
the search, object stores, versions.

Takes   the home. Gives: {checks: [{name, ok, detail, action}]} or a table; exit 3 where a check fails.
Writes  a probe file in the home, removed again; the home itself where it is missing.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import click

from .. import terminal
from ..config import Config
from ..errors import LianzaiError, PartialError
from ..home import Home
from . import reading

_MIN_FREE: Final = 1_073_741_824  # bytes; the default of [fetch] min_free (CONTRACT), below which a crawl stops
_FIRST_YEAR: Final = 2025  # lianzai is no older; an earlier clock would date captures before their pages
_STORE_TRIES: Final = 2  # of each request: a person waits
_MIN_SQLITE: Final = (3, 35, 0)  # RETURNING and upsert, which SQLAlchemy uses

Check = dict[str, Any]


@click.command("doctor")
@click.pass_context
def command(context: click.Context) -> None:
    """Check the environment: home, disk, clock, locks, ledger, WARCs, versions."""
    config: Config = context.obj
    checks = [_checked(name, check, config) for name, check in _CHECKS.items()]
    if config.json:
        terminal.print_json({"checks": checks})
    else:
        for line in terminal.table([_row(check) for check in checks]):
            terminal.print_line(config, line)
    if not all(check["ok"] for check in checks):
        context.exit(PartialError.exit_code)


def _row(check: Check) -> list[str]:
    sign = click.style("ok", fg="green") if check["ok"] else click.style("WRONG", fg="red")
    action = f"; try: {check['action']}" if check["action"] else ""
    return [sign, check["name"], terminal.plain(check["detail"]) + action]


def _checked(name: str, check: Callable[[Config], Check], config: Config) -> Check:
    """Make one check; an error that lianzai foresees is its finding."""
    try:
        found = check(config)
    except LianzaiError as error:
        found = _wrong(error.message, error.action)
    return {"name": name, **found}


def _right(detail: str) -> Check:
    return {"ok": True, "detail": detail, "action": None}


def _wrong(detail: str, action: str | None) -> Check:
    return {"ok": False, "detail": detail, "action": action}


def _home(config: Config) -> Check:
    home = Home.of(config).make()
    try:
        with tempfile.TemporaryFile(dir=home.root) as probe:
            probe.write(b"lianzai")
            probe.flush()
            os.fsync(probe.fileno())
            fcntl.flock(probe.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return _wrong(f"{home.root}: cannot write, fsync and lock a file: {error.strerror}", "a home on a local disk")
    return _right(f"{home.root.absolute()}: writes, fsyncs and locks")


def _disk(config: Config) -> Check:
    # The home may be missing and impossible to make: then the disk is that of the nearest folder above it.
    there = next(folder for folder in (config.home.absolute(), *config.home.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < _MIN_FREE:
        return _wrong(f"{terminal.size(free)} free, a crawl stops below {terminal.size(_MIN_FREE)}", "free some space")
    return _right(f"{terminal.size(free)} free")


def _clock(_config: Config) -> Check:
    now = datetime.now(UTC)
    if now.year < _FIRST_YEAR:
        return _wrong(f"{now:%Y-%m-%dT%H:%M:%SZ} is before lianzai was written", "set the clock of this machine (NTP)")
    return _right(f"{now:%Y-%m-%dT%H:%M:%SZ}")


def _ledger(config: Config) -> Check:
    from ..ledger import queries

    with reading(config) as (_, connection):
        version, faults, kind = queries.schema_version(connection), queries.faults(connection), queries.kind(connection)
        series = len(queries.series_ids(connection))
    if faults:
        return _wrong(f"damaged: {'; '.join(faults[:3])}", "lianzai rebuild")
    return _right(f"{kind}: whole; schema {version}, {series} series")


def _warcs(config: Config) -> Check:
    """Compare ledger and WARCs by names and sizes; nothing is hashed, that is what `verify` does."""
    from ..ledger import queries
    from ..verify import disagreements

    with reading(config) as (home, connection):
        found = disagreements(connection, home)
        files = sum(row["files"] for row in queries.held(connection).values())
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return _wrong(f"{'; '.join(found[:3])}{more}", "lianzai verify")
    return _right(f"{files} WARCs, names and sizes as in the ledger")


def _search(config: Config) -> Check:
    """Hold the index of the search against its digest: it is one file, and a damaged one finds too little in silence."""
    from ..verify.searched import check_search

    found = check_search(Home.of(config))
    if found.wrong:
        return _wrong(f"{found.path}: {'missing' if found.missing else 'damaged'}", "lianzai verify --repair")
    return _right(found.skipped or ("as written" if found.there else "none yet; a crawl makes it"))


def _stores(config: Config) -> Check:
    """Ask each object store whether it lets us in, and whether it holds checksums against what it receives."""
    from ..store import open_store
    from ..upload import places

    with reading(config) as (home, connection):
        found = places(connection, home, config.environ)
    said = []
    for place in found:
        with closing(open_store(place.url, config.environ, connections=1, tries=_STORE_TRIES)) as store:
            store.reach()
            sums = "refuses wrong checksums" if store.reckons() else "takes any checksum, so that all is read back"
            said.append(f"{place.name}: answers, {sums}")
    return _right("; ".join(said) or "none is set ([store] url)")


def _versions(_config: Config) -> Check:
    found = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if sys.version_info < (3, 11) or sqlite3.sqlite_version_info < _MIN_SQLITE:
        return _wrong(f"{found}; expected Python 3.11 and SQLite 3.35 or newer", "a newer Python")
    return _right(found)


def _packages(_config: Config) -> Check:
    """Compare the packages that are here with what lianzai wants of them."""
    from importlib.metadata import PackageNotFoundError, requires, version

    missing: list[str] = []
    wanted = [line for line in requires("lianzai") or [] if "extra ==" not in line]
    for line in wanted:
        name = "".join(char if char.isalnum() or char in "-_." else " " for char in line).split()[0]
        try:
            version(name)
        except PackageNotFoundError:
            # uvloop is for other systems than Windows; the marker is the only one that lianzai uses.
            if not (sys.platform == "win32" and "sys_platform" in line):
                missing.append(name)
    if missing:
        return _wrong(f"missing: {', '.join(missing)}", "make install")
    return _right(f"all {len(wanted)} are here")


_CHECKS: Final[dict[str, Callable[[Config], Check]]] = {
    "home": _home,
    "disk": _disk,
    "clock": _clock,
    "ledger": _ledger,
    "warcs": _warcs,
    "search": _search,
    "stores": _stores,
    "versions": _versions,
    "packages": _packages,
}
