"""Write a profile's tables as TOML, for a home that knows a profile from its WARCs alone.

Takes   tables as Profile.public() gives them. Gives: TOML that reads as the same tables.
Writes  nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Write tables of strings, numbers, booleans, lists and tables within.

    >>> print(to_toml({"series": {"id": "a", "tags": ["x"]}}), end="")
    [series]
    id = "a"
    tags = ["x"]
    """
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [assignment(key, value) for key, value in table.items()]
    return "\n".join(lines) + "\n"


def assignment(key: str, value: Any) -> str:
    """Write one key with its value, on one line.

    >>> assignment("title", "渠水"), assignment("expected", 18)
    ('title = "渠水"', 'expected = 18')
    """
    return f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _text(value: str) -> str:
    """Write a string as JSON does: its escapes are TOML's too, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
