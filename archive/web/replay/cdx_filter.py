"""Filters of /cdx: which lines of the index are wanted by their fields.

Takes   filter=[!][=|~]field:expression, as pywb has it: contains, = is, ~ matches as a whole (regex), ! not so.
Gives   Filter.passes(fields of a line).
Writes  nothing.

A regex comes from anybody, so it is one of RE2's, small enough that a line of kilobytes takes it some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...errors import IntegrityError, UsageError
from ...index.lookup import fields_told
from ...patterns import Pattern

_FILTER = re.compile(r"(!?)([=~]?)([A-Za-z]+):(.*)", re.DOTALL)
# Names of fields that wayback-cdx-server has for what CDXJ calls otherwise.
_NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename", "method")
_LONGEST = 200
_MEMORY = 1 << 16  # bytes


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. wanted: whether what `fits` is to pass, or all else."""

    field: str
    fits: Callable[[str], object]
    wanted: bool

    def passes(self, fields: Mapping[str, str]) -> bool:
        """Say whether a line is wanted; a field that it lacks is empty."""
        return bool(self.fits(fields.get(self.field, ""))) is self.wanted


def fields_of(line: bytes) -> dict[str, str]:
    """Take a line of an index apart, its key and time among the others. Raises IntegrityError where it is none."""
    try:
        key, time, rest = line.decode("ascii").split(" ", 2)
        if len(time) != 14 or not time.isdigit():
            raise ValueError("no time")
        return {"urlkey": key, "timestamp": time, **fields_told(rest.encode("ascii"))}
    except ValueError as error:
        raise IntegrityError(
            f"the index is damaged: {line[:60]!r} is no line of one", action="lianzai rebuild"
        ) from error


def read_filter(written: str) -> Filter:
    """Read one. Raises UsageError.

    >>> read_filter("!~status:[45]..").passes({"status": "404"}), read_filter("mimetype:html").passes({"mime": "text/html"})
    (False, True)
    """
    found = _FILTER.fullmatch(written)
    name = _NAMES.get(found[3], found[3]) if found else ""
    if found is None or name not in _FIELDS:
        raise UsageError(
            f"filter={written[:60]}: expected [!][=|~]field:expression, the field one of {', '.join(_FIELDS)}"
        )
    expression = found[4]
    fits: Callable[[str], object]
    match found[2]:
        case "=":
            fits = expression.__eq__
        case "~":
            fits = _regex(expression).fits
        case _:
            fits = _containing(expression)
    return Filter(name, fits, not found[1])


def _containing(expression: str) -> Callable[[str], object]:
    return lambda value: expression in value


def _regex(expression: str) -> Pattern:
    said = f"filter: {expression[:60]}: "
    if len(expression) > _LONGEST:
        raise UsageError(f"{said}expected a regex of at most {_LONGEST} characters")
    try:
        return Pattern(expression, _MEMORY)
    except ValueError as error:
        raise UsageError(f"{said}expected a regex of RE2: {error}") from error
