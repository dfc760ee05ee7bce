"""Read and check a whole profile: one series as data.

Takes   TOML, the home's config.toml, the environment.
Gives   a Profile, or a ProfileError that names all faults in one line.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from archive.errors import ProfileError

from .cookies import cookie_values
from .document import Document, parse_document, read_document
from .faults import Fault, faults_of, said_line, show, unknown_key, value_at
from .fields import Context, Table
from .masking import holds_reference, public, resolve, secrets, tuples
from .model import Profile
from .source_tables import SOURCE_KINDS
from .tables import Article, Browser, Fetch, Notify, Recover, Scope, Series, Store, Warc, Watch

CONFIG_NAME = "config.toml"

# The tables but [source], whose keys depend on its kind.
MODELS: dict[str, type[Table]] = {
    "series": Series,
    "scope": Scope,
    "fetch": Fetch,
    "article": Article,
    "watch": Watch,
    "warc": Warc,
    "browser": Browser,
    "store": Store,
    "notify": Notify,
    "recover": Recover,
}
_OF_THE_PROFILE_ALONE = ("series", "source")
_TABLES = (*_OF_THE_PROFILE_ALONE, *list(MODELS)[1:])


def load_profile(path: Path, *, config: Path | None = None, environ: Mapping[str, str]) -> Profile:
    """Read a profile from a file.

    config: the home's config.toml; a file that is not there gives no defaults. environ: for env:NAME.
    Raises ProfileError with every fault of file, TOML, keys and values.
    """
    return _checked(read_document(path), _defaults(config), environ)


def parse_profile(text: str, *, name: str, config: str | None = None, environ: Mapping[str, str]) -> Profile:
    """Read a profile from a text.

    name: of the file, for errors. config: the text of config.toml. Relative paths start from the current folder.
    Raises ProfileError as load_profile does.
    """
    defaults = parse_document(config, CONFIG_NAME) if config is not None else None
    return _checked(parse_document(text, name), defaults, environ)


def from_public(data: Mapping[str, Any], name: str) -> Profile:
    """Read back what public() gave, as a WARC or a ledger keeps it.

    env:NAME stays unresolved and counts as valid; where only certain words are valid, the default stands for it. Files
    that it names need not exist. Raises ProfileError where the rest is no valid profile.
    """
    shown = public(dict(data))
    document = Document(name, "", shown)
    if faults := _table_faults(document):
        raise ProfileError(said_line(faults, document, None))
    tables = _stored_tables(shown, document)
    return Profile(name=name, text="", secrets=frozenset(), shown=shown, stored=tables, **tables)


def fault_of(text: str, name: str) -> str | None:
    """Say why no command could use a profile, whatever the environment holds; None where one could. name: of its file."""
    try:
        from_public(parse_document(text, name).tables, name)
    except ProfileError as error:
        return error.message
    return None


def _defaults(config: Path | None) -> Document | None:
    """Read config.toml; None where there is none. A link that leads nowhere is a fault, not an absence."""
    if config is None:
        return None
    try:
        config.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProfileError(f"{config}: cannot be read: {error.strerror}") from error
    return read_document(config)


def _checked(profile: Document, config: Document | None, environ: Mapping[str, str]) -> Profile:
    _refuse_top(profile, config)
    written = _merged(config.tables if config else {}, profile.tables)
    shown = public(written)
    resolved, unresolved = resolve(written, environ)
    faults = [Fault(path, f"{show(value_at(shown, path))}: {said}") for path, said in unresolved]
    folder = profile.folder if config is None or profile.has(("fetch", "cookies")) else config.folder
    tables, invalid = _tables(resolved, shown, Context(folder))
    known = {fault.path for fault in faults}
    faults += [fault for fault in invalid if fault.path not in known] + _more_than_taken(tables)
    if faults:
        raise ProfileError(said_line(faults, profile, config))
    return Profile(
        name=profile.name,
        text=profile.text,
        secrets=secrets(written, resolved) | _cookie_secrets(tables["fetch"]),
        shown=shown,
        stored=_stored_tables(shown, profile),
        **tables,
    )


def _more_than_taken(tables: Mapping[str, Any]) -> list[Fault]:
    """Say where a series expects more articles than it would take. One that a WARC or a ledger keeps is never refused for it."""
    series, fetch = tables.get("series"), tables.get("fetch")
    if series is None or fetch is None or (series.expected or 0) <= fetch.max_articles:
        return []
    return [
        Fault(("series", "expected"), f"{series.expected} is more than the {fetch.max_articles} of fetch.max_articles")
    ]


def _refuse_top(profile: Document, config: Document | None) -> None:
    """Raise ProfileError for faults of the top level: nothing below them can be checked."""
    said = [said_line(_table_faults(profile), profile, None)]
    if config is not None:
        said.append(said_line(_config_faults(config), config, None))
    if any(said):
        raise ProfileError("; ".join(part for part in said if part))


def _cookie_secrets(fetch: Fetch) -> frozenset[str]:
    if fetch.cookies is None:
        return frozenset()
    try:
        return cookie_values(fetch.cookies)
    except ValueError as error:
        raise ProfileError(f"fetch.cookies: changed while it was read: {error}") from error


def _table_faults(profile: Document) -> list[Fault]:
    """Look at the top level alone: the tables there are, and that they are tables."""
    faults = [
        Fault((name,), "missing; needed: a table") for name in _OF_THE_PROFILE_ALONE if name not in profile.tables
    ]
    return faults + [fault for name, table in profile.tables.items() for fault in _top_fault(name, table, _TABLES)]


def _config_faults(config: Document) -> list[Fault]:
    allowed = _TABLES[len(_OF_THE_PROFILE_ALONE) :]
    return [
        Fault((name,), "belongs into a profile, not here") if name in _OF_THE_PROFILE_ALONE else fault
        for name, table in config.tables.items()
        for fault in _top_fault(name, table, allowed)
    ]


def _top_fault(name: str, table: object, allowed: tuple[str, ...]) -> list[Fault]:
    if name not in allowed:
        return [unknown_key((name,), allowed)]
    return [] if isinstance(table, dict) else [Fault((name,), f"{show(table)} is not a table")]


def _merged(defaults: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a profile over the defaults, key by key; a list is one value."""
    merged = dict(defaults)
    for key, value in profile.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _merged_headers(below, value) if key == "headers" else _merged(below, value)
        else:
            merged[key] = value
    return merged


def _merged_headers(defaults: Mapping[str, Any], profile: Mapping[str, Any]) -> dict[str, Any]:
    """Lay header fields over others; their names are the same in any case (RFC 9110, 5.1)."""
    own = {name.lower() for name in profile}
    return {**{name: value for name, value in defaults.items() if name.lower() not in own}, **profile}


def _tables(
    resolved: Mapping[str, Any], shown: Mapping[str, Any], context: Context
) -> tuple[dict[str, Any], list[Fault]]:
    """Check every table by its model. Returns the models by table, and the faults."""
    models = dict(MODELS)
    faults = []
    kind = resolved["source"].get("kind")
    if isinstance(kind, str) and kind in SOURCE_KINDS:
        models["source"] = SOURCE_KINDS[kind]
    else:
        faults.append(_kind_fault(kind, shown))
    tables: dict[str, Any] = {}
    for name, model in models.items():
        try:
            tables[name] = model.model_validate(resolved.get(name, {}), context=context)
        except ValidationError as error:
            faults += faults_of(error, name, model, shown)
    return tables, faults


def _kind_fault(kind: object, shown: Mapping[str, Any]) -> Fault:
    allowed = ", ".join(f'"{name}"' for name in SOURCE_KINDS)
    path = ("source", "kind")
    if kind is None:
        return Fault(path, f"missing; needed: one of {allowed}")
    return Fault(path, f"{show(value_at(shown, path))} is none of {allowed}")


def _stored_tables(shown: dict[str, Any], document: Document) -> dict[str, Any]:
    """Check public tables. Where a reference to the environment cannot stand for a value, the default does."""
    tables: dict[str, Any] = tuples(shown)
    context = Context(stored=True)
    while True:
        models, faults = _tables(tables, shown, context)
        if not faults:
            return models
        doubtful = {fault.path[:2] for fault in faults if _is_reference(shown, fault.path)}
        droppable = [path for path in doubtful if len(path) == 2 and path[1] in tables.get(str(path[0]), {})]
        if not droppable:
            raise ProfileError(said_line(faults, document, None))
        for table, key in droppable:
            tables[str(table)] = {name: value for name, value in tables[str(table)].items() if name != key}


def _is_reference(shown: Mapping[str, Any], path: tuple[str | int, ...]) -> bool:
    return holds_reference(value_at(shown, path[:2]))
