"""An API's answer to Python values, whatever it is wrapped in.

Takes   a body with its content coding undone, and its Content-Type.
Gives   Answer: the value, and how many bytes did not decode; text_of and rows_of read values that vary in type.
Writes  nothing.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from archive.clean.charset import decode

from .protocol import SourceError

MAX_VALUES = 1_000_000  # a value takes up to 100 bytes and more, however few it has in the text
# name({…}); as JSONP has it, or ({…}) where nobody named the function; some frameworks put /**/ or a typeof test before the name
# (CVE-2014-4671 and its cure).
_JSONP = re.compile(
    r"\s*+(?:try\s*+\{\s*+)?(?:/\*\*/\s*+)?(?:typeof [\w$.]+ ?===? ?['\"]function['\"] ?&& ?)?"
    r"(?:[A-Za-z_$][\w$.\[\]]*+\s*+)?\((.*)\)\s*+;?\s*+(?:\}\s*+catch\s*+\(\w++\)\s*+\{\s*+\}\s*+;?\s*+)?",
    re.S,
)
# var list = {…}; a script that a page loads for its list. What is assigned must be JSON.
_ASSIGNED = re.compile(r"(?:(?:var|let|const)\s++)?[A-Za-z_$][\w$.]*+\s*+=\s*+(?=[\[{])")
# What some put before their JSON so that no other site can run it as a script.
_GUARD = re.compile(r"(?:\)\]\}'?+,?+|(?:for ?\(;;\)|while ?\(1\)) ?;|\{\} ?&&)\s*+")
_TITLE = re.compile(r"<title[^>]*+>([^<]{1,200})", re.I)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API said. undecoded: bytes that did not decode, each U+FFFD in the strings."""

    value: Any
    undecoded: int


def read_json(body: bytes, content_type: str) -> Answer:
    """Read a body of JSON or JSONP, or a script that assigns JSON to a name.

    Raises SourceError("source") where it is none of these, saying what it is instead. Of a key that comes twice the last counts
    (RFC 8259, 4, leaves it open); NaN and Infinity, which are no JSON, read as null.
    """
    decoded = decode(body, content_type)
    text = decoded.text.strip("\ufeff \t\r\n\0")
    if not text:
        raise SourceError("source", "empty body where JSON was expected")
    if text.startswith("<"):
        title = _TITLE.search(text)
        raise SourceError("source", f"HTML where JSON was expected: {title[1].strip() if title else text[:80]}")
    if guard := _GUARD.match(text):
        text = text[guard.end() :]
    assigned = _ASSIGNED.match(text)
    if assigned:
        return Answer(parse_json(text[assigned.end() :].rstrip("; \t\r\n")), decoded.undecoded)
    wrapped = _JSONP.fullmatch(text)
    return Answer(parse_json(wrapped[1] if wrapped else text), decoded.undecoded)


def parse_json(text: str) -> Any:
    """Parse JSON as read_json does. Raises SourceError where it is broken, cut, nested too deeply, or swells."""
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise SourceError("source", f"JSON of more than {MAX_VALUES} values")
    try:
        return json.loads(text, parse_constant=lambda _: None, strict=False)
    except RecursionError:
        raise SourceError("source", "JSON nested too deeply to be an answer") from None
    except json.JSONDecodeError as error:
        raise SourceError("source", f"JSON broken or cut: {error}") from error
    except ValueError:  # Python's bound, which keeps the square of the digits away
        raise SourceError("source", f"JSON with a number of more than {sys.get_int_max_str_digits()} digits") from None


def text_of(value: Any) -> str | None:
    """Give a string or a number as text on one line, without blanks around it; None for anything else and for blanks.

    >>> text_of(" 兰考\\r"), text_of(1489710015), text_of("1489710015.0"), text_of(True), text_of(" ")
    ('兰考', '1489710015', '1489710015.0', None, None)
    """
    if isinstance(value, str):
        return " ".join(clean_text(value).split()) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**18:
        return str(int(value))
    return None


def clean_text(text: str) -> str:
    """Take out what JSON can escape but no text holds: lone surrogates (each U+FFFD) and control characters."""
    return _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))


def rows_of(value: Any) -> list[Any] | None:
    """Give the rows of a list; None where it is none.

    A list whose numbering has a gap leaves PHP as an object, {"1": …, "3": …} (json_encode): that is a list too.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return list(value.values())
    return None
