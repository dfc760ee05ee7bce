"""Find the line on which each key of a TOML text stands.

tomllib reads the text and forgets where things were (it tells a line for syntax errors only), so the lines are found here.

Takes   a text that tomllib accepts, line ends as "\n".
Gives   {key path: line}, lines from 1; a path is a tuple of key names and, for items of arrays, indexes from 0.
Writes  nothing.
Source: TOML 1.0.0, sections Keys, String, Array, Table, Inline Table, Array of Tables.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

# No key of a profile lies deeper than four. tomllib takes a time that grows with the square of the depth of a dotted key.
MAX_DEPTH = 32

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A string of several lines may end in up to two quotes of its own before the closing three.
_STRING = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def find_lines(text: str) -> dict[KeyPath, int]:
    """Tell the line of every table, key and array item of a valid TOML text.

    text: valid TOML, line ends as "\\n" (tomllib itself reads "\\r\\n" as that).
    A table that is only implied (`a` in `[a.b]`) has the line where it is first implied.
    Raises ValueError where the text is no TOML, RecursionError where it nests deeper than MAX_DEPTH.

    >>> find_lines('[a]\\nb = [\\n 1,\\n 2]')
    {('a',): 1, ('a', 'b'): 2, ('a', 'b', 0): 3, ('a', 'b', 1): 4}
    """
    return _Scanner(text).scan()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Tell the line of a path, or of the nearest thing around it that has one; None where nothing has."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Scanner:
    """One pass over the text. pos: where the pass is; table: path of the table whose header was read last."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.table: KeyPath = ()
        self.lines: dict[KeyPath, int] = {}
        self.newlines = [at for at, char in enumerate(text) if char == "\n"]
        self.array_tables: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        """Read the whole text."""
        while self._skip(_BLANK) < len(self.text):
            if self.text.startswith("[", self.pos):
                self._header()
            else:
                self._pair(self.table)
        return self.lines

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.pos)
        if match:
            self.pos = match.end()
        return self.pos

    def _take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.pos):
            return False
        self.pos += len(mark)
        return True

    def _match(self, pattern: re.Pattern[str], what: str) -> str:
        match = pattern.match(self.text, self.pos)
        if match is None:
            raise ValueError(f"expected {what} at character {self.pos}")
        self.pos = match.end()
        return match.group()

    def _line(self, at: int) -> int:
        return bisect_right(self.newlines, at - 1) + 1

    def _note(self, path: KeyPath, at: int) -> None:
        if len(path) > MAX_DEPTH:
            raise RecursionError(f"more than {MAX_DEPTH} tables or lists within each other")
        line = self._line(at)
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def _key(self) -> list[str]:
        """Read a key, dotted or not, and give its parts as tomllib would."""
        parts = []
        while True:
            self._skip(_SPACE)
            if self.text[self.pos : self.pos + 1] in ('"', "'"):
                parts.append(_unquoted(self._match(_STRING, "a quoted key")))
            else:
                parts.append(self._match(_BARE_KEY, "a key"))
            self._skip(_SPACE)
            if not self._take("."):
                return parts

    def _header(self) -> None:
        """Read [table] or [[array of tables]]."""
        at = self.pos
        many = self._take("[[")
        if not many:
            self._take("[")
        parts = self._key()
        if not self._take("]]" if many else "]"):
            raise ValueError(f"expected the end of a table's name at character {self.pos}")
        path: KeyPath = (*self._inside_arrays(parts[:-1]), parts[-1])
        if many:
            self.array_tables[path] = self.array_tables.get(path, -1) + 1
            path = (*path, self.array_tables[path])
        self.table = path
        self._note(path, at)
        # Its own header is a better place to point to than the line that first implied the table.
        self.lines[path] = self._line(at)

    def _inside_arrays(self, parts: list[str]) -> KeyPath:
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            if path in self.array_tables:
                path = (*path, self.array_tables[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        """Read key = value."""
        self._skip(_SPACE)
        at = self.pos
        path = (*table, *self._key())
        if not self._take("="):
            raise ValueError(f"expected = at character {self.pos}")
        self._note(path, at)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        first = self.text[self.pos : self.pos + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif first in ('"', "'"):
            self._match(_STRING, "a string")
        else:
            self._match(_SCALAR, "a value")

    def _array(self, path: KeyPath) -> None:
        self._take("[")
        index = 0
        while True:
            self._skip(_BLANK)
            if self._take("]"):
                return
            self._note((*path, index), self.pos)
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if not self._take(",") and not self.text.startswith("]", self.pos):
                raise ValueError(f"expected , or ] at character {self.pos}")

    def _inline_table(self, path: KeyPath) -> None:
        self._take("{")
        while True:
            self._skip(_BLANK)
            if self._take("}"):
                return
            self._pair(path)
            self._skip(_BLANK)
            if not self._take(",") and not self.text.startswith("}", self.pos):
                raise ValueError(f"expected , or }} at character {self.pos}")


def _unquoted(raw: str) -> str:
    """Undo the quotes and escapes of a key; tomllib knows them all."""
    value = tomllib.loads(f"k = {raw}")["k"]
    if not isinstance(value, str):
        raise ValueError("a quoted key is no string")
    return value
