"""Regular expressions that no text can make slow: of a profile, held against addresses that strangers wrote; of a question.

Takes   a pattern of Python's re, without look-around and back-references: what RE2 has as well.
Gives   a Pattern, which takes a time that grows with the text and not with its square.
Writes  nothing.
Source: R. Cox, "Regular Expression Matching Can Be Simple And Fast" (2007); decision 27.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

_BEYOND = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "(?(")


class Pattern:
    """One pattern. memory: bytes that its automaton may take, which bounds the time of each letter too; None for RE2's 8 MiB."""

    def __init__(self, pattern: str, memory: int | None = None) -> None:
        """Raises ValueError with what is wrong, where it is no pattern or one that RE2 cannot bound."""
        options = re2.Options()
        options.log_errors = False
        if memory is not None:
            options.max_mem = memory
        try:
            self._compiled: Any = re2.compile(pattern, options)
        except re2.error as error:
            raise ValueError(_told(pattern, error)) from error

    def search(self, address: str) -> Any:
        """Give the first place in an address where it fits, as re.Match does; None where there is none."""
        return self._compiled.search(_spelled(address))

    def fits(self, text: str) -> bool:
        """Tell whether it fits a text as a whole."""
        return self._compiled.fullmatch(_spelled(text)) is not None


@lru_cache(maxsize=1024)
def pattern_of(pattern: str) -> Pattern:
    """Compile a pattern once. Raises ValueError."""
    return Pattern(pattern)


def patterns_of(patterns: Iterable[str]) -> list[Pattern]:
    """Compile the patterns of a key. Raises ValueError."""
    return [pattern_of(pattern) for pattern in patterns]


def _spelled(text: str) -> str:
    """Give a text as RE2 can read it: without lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def _told(pattern: str, error: Exception) -> str:
    """Say what RE2 says; of what only a search without a bound can do, what to write in its place."""
    said = error.args[0] if error.args else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if any(mark in pattern for mark in _BEYOND):
        return f"{text}: look-around has no bound in time; name what is wanted in include, and the rest in exclude"
    return text
