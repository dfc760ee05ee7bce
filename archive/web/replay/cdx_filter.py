"""Filters of /cdx: which lines of the index are wanted by their fields.

Takes   filter=[!][=|~]field:expression, as pywb has it: contains, = is, ~ matches as a whole (regex), ! not so.
Gives   Filter.passes(fields of a line).
Writes  nothing.

A regex comes from anybody. Python's would run for hours on some, so what can make it do so is refused: what repeats a group, what
looks around or back, more than three repetitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...errors import IntegrityError, UsageError
from ...index.lookup import fields_told

_FILTER = re.compile(r"(!?)([=~]?)([A-Za-z]+):(.*)", re.DOTALL)
# Names of fields that wayback-cdx-server has for what CDXJ calls otherwise.
_NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename", "method")
_LONGEST = 200
_REPEATED_GROUP = re.compile(r"(?<!\\)(?:\\\\)*\)[*+?{]")
_NOT_HERE = re.compile(r"\(\?(?!:)|\\[1-9AbBZ]")
_REPETITION = re.compile(r"(?<!\()[*+?]|\{\d*,\d*\}")
_MOST_REPETITIONS = 3


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
            fits = _regex(expression).fullmatch
        case _:
            fits = _containing(expression)
    return Filter(name, fits, not found[1])


def _containing(expression: str) -> Callable[[str], object]:
    return lambda value: expression in value


def _regex(expression: str) -> re.Pattern[str]:
    said = f"filter: {expression[:60]}: "
    if len(expression) > _LONGEST:
        raise UsageError(f"{said}expected a regex of at most {_LONGEST} characters")
    if _REPEATED_GROUP.search(expression) or _NOT_HERE.search(expression):
        raise UsageError(f"{said}expected a regex without repeated groups, flags, references and what looks around")
    if len(_REPETITION.findall(expression)) > _MOST_REPETITIONS:
        raise UsageError(f"{said}expected a regex with at most {_MOST_REPETITIONS} of * + ? and {{}}")
    try:
        return re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{said}no regex: {error}") from error
