"""Keep the secrets of a profile apart from what may be shown of it.

Takes   the tables of a profile as written (nested dicts, lists and values of TOML) and an environment.
Gives   the same tables with env:NAME resolved; the same tables fit to be shown; the set of secrets.
Writes  nothing.

Two things are secret: what the environment gave for an env:NAME, wherever it stands, and what is written out where passwords
belong: fetch.auth, fetch.headers such as Authorization and Cookie, the user part of addresses, and apprise addresses, whose
paths are keys.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from typing import Any

from .fields import ENV_PREFIX
from .lines import KeyPath

MASK = "***"

_ENV = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_SECRET_HEADER = re.compile(r"auth|cookie|token|secret|key|session|password|credential|signature", re.IGNORECASE)
# The authority of an address ends at / ? or #; the user part of it at the last @ (RFC 3986, 3.2).
_USER_PART = re.compile(r"(^|://)([^/?#\s]*)@")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ADDRESSES: frozenset[tuple[str, ...]] = frozenset(
    {
        ("source", "url"), ("source", "urls"), ("source", "base_url"),
        ("fetch", "proxy"), ("store", "url"), ("recover", "sources"), ("notify", "web"),
    }
)  # fmt: skip

# They name files and choose what a profile is: neither can be kept out of ledger and logs.
NEVER_FROM_ENVIRONMENT: frozenset[KeyPath] = frozenset({("series", "id"), ("source", "kind")})


def strings(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Walk nested tables and yield every string with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))


def env_name(text: str) -> str | None:
    """Name the variable that a string refers to; None for a string that stands for itself.

    Raises ValueError for a string that begins with env: and names no variable.
    """
    if not text.startswith(ENV_PREFIX):
        return None
    match = _ENV.fullmatch(text)
    if match is None:
        raise ValueError("env: must be followed by the name of a variable, of letters, digits and _")
    return match[1]


def holds_reference(value: Any) -> bool:
    """Tell whether any string in a value is to come from the environment."""
    return any(text.startswith(ENV_PREFIX) for _, text in strings(value))


def resolve(tables: dict[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[KeyPath, str]]]:
    """Put the environment's values in place of env:NAME.

    Returns the tables, lists turned into tuples, and the faults as (path, reason); where there is a fault the
    reference stays in place.
    """
    faults: list[tuple[KeyPath, str]] = []

    def one(path: KeyPath, text: str) -> str:
        try:
            name = env_name(text)
        except ValueError as error:
            faults.append((path, str(error)))
            return text
        if name is None:
            return text
        if path in NEVER_FROM_ENVIRONMENT:
            faults.append((path, "is shown everywhere, so it cannot come from the environment"))
        elif name not in environ:
            faults.append((path, f"the environment has no variable {name}"))
        else:
            return environ[name]
        return text

    return _mapped(tables, one), faults


def public(tables: dict[str, Any]) -> dict[str, Any]:
    """Show a profile as written, env:NAME left in place, without the secrets written out in it.

    The result can be written as JSON and be checked again: what stands for a secret has a secret's form.
    """
    shown: dict[str, Any] = _jsonable(_mapped(tables, _masked))
    return shown


def tuples(tables: dict[str, Any]) -> dict[str, Any]:
    """Copy tables with their lists turned into tuples, as the models want them."""
    copied: dict[str, Any] = _mapped(tables, lambda _, text: text)
    return copied


def for_fault(path: KeyPath, shown: str) -> str:
    """Hide what may be a password in an address that is no valid one, where nothing tells its parts."""
    if _table_key(path) not in _ADDRESSES or "@" not in shown:
        return shown
    match = _SCHEME.match(shown)
    return f"{match.group() if match else ''}{MASK}@{shown.rpartition('@')[2]}"


def secrets(written: dict[str, Any], resolved: dict[str, Any]) -> frozenset[str]:
    """Gather what must never be shown: the environment's values, and each secret written out, whole and in its parts."""
    now = dict(strings(resolved))
    found: set[str] = set()
    for path, text in strings(written):
        value = now.get(path, text)
        if text.startswith(ENV_PREFIX) and value != text:
            found |= {value}
        if _masked(path, value) != value:
            found |= _parts(path, value)
    return frozenset(found - {"", MASK, f"{MASK}:{MASK}"})


def _parts(path: KeyPath, value: str) -> set[str]:
    if path == ("fetch", "auth"):
        # The form in which it goes over the wire, and so into the log of a careless library (RFC 7617).
        basic = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")
        return {value, value.partition(":")[2], basic}
    match = _USER_PART.search(value)
    if _table_key(path) in _ADDRESSES and match:
        return {match[2], match[2].partition(":")[2]}
    return {value}


def _table_key(path: KeyPath) -> tuple[str, ...]:
    return tuple(str(part) for part in path[:2])


def _masked(path: KeyPath, text: str) -> str:
    if not text or text.startswith(ENV_PREFIX):
        return text
    key = _table_key(path)
    if key == ("fetch", "auth"):
        return f"{MASK}:{MASK}"
    if key == ("fetch", "headers") and _SECRET_HEADER.search(str(path[-1])):
        return MASK
    if key == ("notify", "urls"):
        match = _SCHEME.match(text)
        return f"{match.group() if match else ''}{MASK}"
    if key in _ADDRESSES:
        return _USER_PART.sub(rf"\g<1>{MASK}@", text)
    return text


def _mapped(value: Any, change: Callable[[KeyPath, str], str], path: KeyPath = ()) -> Any:
    """Copy nested tables with every string changed, lists turned into tuples."""
    if isinstance(value, str):
        return change(path, value)
    if isinstance(value, Mapping):
        return {key: _mapped(item, change, (*path, key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_mapped(item, change, (*path, index)) for index, item in enumerate(value))
    return value


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value
