"""Read the text of a profile or of config.toml: its tables, and the line of each key.

Takes   a file, or a text.
Gives   a Document: the tables as written, with lines.
Writes  nothing. Fails with ProfileError: what is wrong with the file, or the place of the first error of its TOML.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import ProfileError
from archive.syntax import syntax_fault

from .lines import KeyPath, find_lines

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """One TOML file as read. name: of the file, for errors. lines: from 1. folder: what its relative paths start from."""

    name: str
    text: str
    tables: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    folder: Path | None = None

    def has(self, path: KeyPath) -> bool:
        """Tell whether the path, or the list it is an item of, was written here."""
        value: Any = self.tables
        for part in path:
            if isinstance(part, int) and isinstance(value, list):
                if part >= len(value):
                    return False
                value = value[part]
            elif isinstance(value, dict) and part in value:
                value = value[part]
            else:
                return False
        return True


def read_document(path: Path) -> Document:
    """Read a file. Raises ProfileError as read_text does, and where it is no TOML."""
    return parse_document(read_text(path), path.name, path.parent)


def read_text(path: Path) -> str:
    """Read the text of a file. What is no file is not opened: a pipe would be waited for without end.

    Raises ProfileError where it is missing, no file, unreadable, larger than 1 MiB or not UTF-8.
    """
    try:
        if not path.exists():
            raise ProfileError(f"{path}: no such file", action="ls, or write one (README.md, “A first profile”)")
        if not path.is_file():
            raise ProfileError(f"{path}: expected a file, found {'a folder' if path.is_dir() else 'a device'}")
        with open(path, "rb", opener=_without_waiting) as file:  # Path.open takes no opener
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ProfileError(f"{path.name}: expected at most {MAX_BYTES} bytes, found more")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path.name}: expected UTF-8, found another byte at offset {error.start}") from error


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that took its place meanwhile is opened and found empty."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse_document(text: str, name: str, folder: Path | None = None) -> Document:
    """Read a text.

    text: TOML; a byte order mark before it is passed over.
    Raises ProfileError with line and column where it is no TOML.
    """
    if len(text) > MAX_BYTES:
        raise ProfileError(f"{name}: expected at most {MAX_BYTES} bytes, found more")
    toml = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        lines = _lines(toml)
        tables = tomllib.loads(toml)
    except RecursionError:
        raise ProfileError(f"{name}: expected TOML, found tables or lists nested too deep") from None
    except ValueError as error:
        raise ProfileError(f"{name}:{syntax_fault(toml, error)}", action="mend that line") from None
    return Document(name, text, tables, lines, folder)


def _lines(toml: str) -> dict[KeyPath, int]:
    """Find the lines before tomllib reads the text, since tables nested without end are noticed here in good time."""
    try:
        return find_lines(toml)
    except ValueError:
        # No TOML: tomllib says so next, and says it better.
        return {}
