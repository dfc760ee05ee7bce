"""The front door to the object stores: an address becomes a Store.

Takes   s3://bucket/prefix or file:///path, or env:NAME of an environment that has one.
Gives   a Store, whose name is the address as written: what the environment gave is never shown.
Writes  nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .errors import UsageError
from .home import Home
from .stores.patience import TRIES, Bandwidth, Clock, Patience, RealClock, Stopped
from .stores.protocol import Source, Stat, Store, checked, digest_of
from .stores.together import together

__all__ = [
    "Bandwidth", "Clock", "Patience", "RealClock", "Source", "Stat", "Stopped", "Store", "checked", "default_url", "digest_of",
    "open_store", "store_name", "together", "url_named", "url_of",
]  # fmt: skip

_ENV = "env:"


def open_store(
    url: str,
    environ: Mapping[str, str],
    *,
    bandwidth: Bandwidth | None = None,
    connections: int = 4,
    tries: int = TRIES,
) -> Store:
    """Open a store. Nothing is asked of it yet.

    url: as the profile writes it. environ: for env:NAME; credentials and endpoint are found by boto3 itself. bandwidth: what may
    go, and by which clock it waits. connections: threads that will use it. tries: of each request. Raises UsageError for what is
    no address.
    """
    address, name = _resolved(url, environ), store_name(url, environ)
    bandwidth = bandwidth or Bandwidth(RealClock())
    if address.startswith("file:///"):
        from .stores.files import FileStore

        return FileStore(name, address, bandwidth)
    if address.startswith("s3://"):
        from .stores.s3 import S3Store

        return S3Store(name, address, Patience(bandwidth.clock, tries=tries), bandwidth, connections=connections)
    raise UsageError(
        f"{name}: no object store's address", action='[store] url = "s3://bucket/prefix" or "file:///path"'
    )


def store_name(url: str, environ: Mapping[str, str]) -> str:
    """Name a store for ledger and messages: as written, without a slash at its end.

    What comes from the environment is named by its variable, and by a digest of the value: another value is another store. Where
    the variable is not set it is named by that alone; open_store() tells so.

    >>> store_name("s3://bucket/prefix/", {})
    's3://bucket/prefix'
    """
    if not url.startswith(_ENV):
        return url.rstrip("/")
    value = environ.get(url.removeprefix(_ENV), "").rstrip("/")
    return f"{url}#{hashlib.sha256(value.encode()).hexdigest()[:8]}" if value else url


def url_named(name: str, environ: Mapping[str, str]) -> str | None:
    """Give the address of a store by its name in the ledger; None where the environment does not give that one any more."""
    url = name.partition("#")[0] if name.startswith(_ENV) else name
    return url if store_name(url, environ) == name else None


def url_of(profile: Mapping[str, Any]) -> str | None:
    """Give the store's address in a profile as the ledger keeps it."""
    store: Mapping[str, Any] = profile.get("store") or {}
    return store.get("url") or None


def default_url(home: Home) -> str | None:
    """Give the address in config.toml, for series that were last crawled before it stood there."""
    if not home.config.is_file():
        return None
    import tomllib

    try:
        table = tomllib.loads(home.config.read_text("utf-8")).get("store")
    except (OSError, ValueError):
        return None  # a crawl or `add` tells what is wrong with it
    url = table.get("url") if isinstance(table, dict) else None
    return url if isinstance(url, str) and url else None


def _resolved(url: str, environ: Mapping[str, str]) -> str:
    if not url.startswith(_ENV):
        return url
    value = environ.get(url.removeprefix(_ENV))
    if not value:
        raise UsageError(
            f"store.url: {url}: the environment has no variable {url.removeprefix(_ENV)}",
            action="set it, then the same command",
        )
    return value
