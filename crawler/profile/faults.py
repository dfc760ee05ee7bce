"""Say what is wrong with a profile: file, line, key, what was found, what is allowed.

Takes   what pydantic found, the documents it was written in, the tables fit to be shown.
Gives   one line, faults parted by "; ". No secret is in it: values are shown as the public tables have them, and a reason
        that pydantic or a parser gives is left out where the value came from the environment.
Writes  nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from .document import Document
from .fields import Table
from .lines import KeyPath, line_of
from .masking import for_fault, holds_reference

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60
_ONE_OF = "one of "
# TOML 1.0.0, Integer: what every reader must take. Longer ones cannot always be written out.
_BITS = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. path: of the key, or of the key that is missing. said: follows the key in the line."""

    path: KeyPath
    said: str


def said_line(faults: Iterable[Fault], profile: Document, config: Document | None) -> str:
    """Write all faults of a profile as one line, in the order of the file."""
    placed = [(*_place(fault, profile, config), fault) for fault in faults]
    placed.sort(key=lambda entry: (entry[0] is not profile, entry[1] or 0))
    said = [
        f"{document.name}{f':{line}' if line else ''}: {dotted(fault.path)}: {fault.said}"
        for document, line, fault in placed
    ]
    return "; ".join(dict.fromkeys(said))


def _place(fault: Fault, profile: Document, config: Document | None) -> tuple[Document, int | None]:
    document = profile
    if config is not None and not profile.has(fault.path) and config.has(fault.path):
        document = config
    return document, line_of(document.lines, fault.path)


def dotted(path: KeyPath) -> str:
    """Write a path as TOML would: fetch.headers."X y", series.subjects[3]."""
    said = ""
    for part in path:
        if isinstance(part, int):
            said += f"[{part}]"
        else:
            key = part if _BARE.fullmatch(part) else _printable(json.dumps(_cut(part), ensure_ascii=False))
            said += f".{key}" if said else key
    return said


def unknown_key(path: KeyPath, allowed: Iterable[str]) -> Fault:
    """Refuse a key, and offer the nearest one."""
    names = list(allowed)
    near = get_close_matches(str(path[-1]), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(names)}"
    return Fault(path, f"unknown key; {hint}")


def faults_of(error: ValidationError, table: str, model: type[Table], shown: Mapping[str, Any]) -> list[Fault]:
    """Word what pydantic found in one table. shown: the public tables of the whole profile."""
    return [_fault(detail, (table, *detail["loc"]), model, shown) for detail in error.errors(include_url=False)]


def _fault(detail: Any, path: KeyPath, model: type[Table], shown: Mapping[str, Any]) -> Fault:
    if detail["type"] == "extra_forbidden":
        return unknown_key(path, _fields_around(model, path))
    if detail["type"] == "cross":
        key = detail["ctx"].get("key")
        return Fault((*path, key) if key else path, detail["ctx"]["said"])
    description = _description(model, path)
    if detail["type"] == "missing":
        return Fault(path, f"missing; needed: {description}")
    if path[-1] == "[key]":
        return Fault(path[:-1], f"is not the name of {description}{_reason(detail, None)}")
    value = value_at(shown, path)
    if detail["type"] == "tuple_type":
        return Fault(path, f"{_shown_at(path, value)} is not a list, each item {description}")
    if isinstance(value, (list, dict)) and detail["type"] == "value_error":
        return Fault(path, f"names something twice{_reason(detail, value)}")
    if isinstance(value, list) and detail["type"] == "too_short":
        return Fault(path, f"is empty; needed: {description}")
    return Fault(path, f"{_shown_at(path, value)} {_is_not(description)}{_reason(detail, value)}")


def _shown_at(path: KeyPath, value: Any) -> str:
    return show(for_fault(path, value) if isinstance(value, str) else value)


def _is_not(description: str) -> str:
    return (
        f"is none of {description.removeprefix(_ONE_OF)}"
        if description.startswith(_ONE_OF)
        else f"is not {description}"
    )


def _reason(detail: Any, value: Any) -> str:
    if detail["type"] != "value_error" or holds_reference(value):
        return ""
    said = _printable(_cut(str(detail["ctx"]["error"]), 160))
    return f" ({said})" if said else ""


def _fields_around(model: type[BaseModel], path: KeyPath) -> list[str]:
    return list(_model_at(model, path[1:-1]).model_fields)


def _model_at(model: type[BaseModel], inner: KeyPath) -> type[BaseModel]:
    for part in inner:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    return model


def _description(model: type[BaseModel], path: KeyPath) -> str:
    """Find what the innermost key of the path that is a field may hold."""
    description = ""
    for part in path[1:]:
        field = model.model_fields.get(str(part))
        if field is None:
            break
        description = field.description or ""
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            model = field.annotation
        else:
            extra = field.json_schema_extra
            if isinstance(extra, dict) and len(path) > path.index(part) + 1:
                description = str(extra.get("item", description))
            break
    return description or "allowed"


def value_at(tables: Mapping[str, Any], path: KeyPath) -> Any:
    """Fetch the value at a path; None where the path leads nowhere."""
    value: Any = tables
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def show(value: Any) -> str:
    """Write a value as TOML would, cut to a length that a line of errors can bear; tables and lists by their kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _printable(json.dumps(_cut(value), ensure_ascii=False))
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"a number of more than {_BITS} bits"
    return _printable(_cut(str(value)))


def _cut(text: str, length: int = _LONGEST_SHOWN) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
