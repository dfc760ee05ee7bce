"""Say what is wrong with a text that is no TOML, where, and what is allowed there.

Takes   the text, the exception of tomllib.
Gives   line, column and words. Of the text only the name of a key is shown: what stands behind it may be a secret.
Writes  nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]{1,60})\s*=")
_WORD = re.compile(r"[^\s,\]}#]*")
_TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
_CURLY = "“”‘’„‟«»「」『』＂＇"
_VALUES = 'allowed: "text" in straight quotes, a number, true, false, a date, [a list], {a table}'
_STATEMENTS = "allowed: key = value, [table], # comment, one a line"

# How tomllib begins what it says -> what is wrong, and what is allowed. Words that are not here are shown as they are.
_SAID = (
    ("Unterminated string", "a quote is opened and not closed", 'allowed: "text" on one line, """text""" over several'),
    ("Illegal character", "a text goes on behind the end of its line, or holds a control character",
     'allowed: "text" on one line, """text""" over several'),
    ("Found invalid character", "a text goes on behind the end of its line, or holds a control character",
     "allowed: 'text' on one line, '''text''' over several"),
    ("Unescaped '\\'", "a lone backslash", "allowed: two of them (\\\\) in \"text\", or one in 'text', which is taken as it is"),
    ("Expected newline or end of document", "more on the line than one value",
     "allowed: one value, with quotes around all of a text, [ ] around a list, no zeros before a number"),
    ("Expected '=' after a key", "no = behind the key",
     'allowed: key = value; a key is of A-Z a-z 0-9 _ -, or stands in "quotes"'),
    ("Expected '=' after a key part", "no = behind the key",
     'allowed: key = value; a key is of A-Z a-z 0-9 _ -, or stands in "quotes"'),
    ("Cannot overwrite a value", "the key stands there a second time", "allowed: each key once in its table"),
    ("Duplicate inline table key", "the key stands there a second time", "allowed: each key once in its table"),
    ("Unclosed array", "a list without its end, or without a comma between two values", 'allowed: ["one", "two"]'),
    ("Unclosed inline table", "a table without its end, or without a comma between two keys", "allowed: {a = 1, b = 2}"),
    ("Expected ']' at the end", "a table's name without its ]", "allowed: [table]"),
    ("Expected ']]' at the end", "a table's name without its ]]", "allowed: [[table]]"),
    ("Invalid initial character for a key part", "no key where one is to stand",
     'allowed: a key of A-Z a-z 0-9 _ -, or in "quotes"; no comma before }'),
    ("Invalid statement", "this begins neither a key nor a table", _STATEMENTS),
    ("Invalid date or datetime", "no day or time of any calendar", "allowed: 2018-08-30, 2018-08-30T12:00:00Z"),
)  # fmt: skip
_TWICE = re.compile(r"Cannot (?:declare|mutate)[^(]*(?:\((.*)\))?")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong. line, column: from 1."""

    line: int
    column: int
    said: str

    def __str__(self) -> str:
        return f"{self.line}: column {self.column}: {self.said}"


def syntax_fault(text: str, error: ValueError) -> SyntaxFault:
    """Explain why tomllib refuses a text. text: as tomllib read it.

    >>> text = "[store]\\nurl = s3://bucket"
    >>> import tomllib
    >>> try:
    ...     tomllib.loads(text)
    ... except ValueError as error:
    ...     print(str(syntax_fault(text, error))[:47])
    2: column 7: url: the text is not in quotes; al
    """
    match = _PLACE.fullmatch(str(error))
    said, line, column = str(error), 0, 0
    lines = text.split("\n")
    if match:
        said = match[1]
        line, column = (int(match[2]), int(match[3])) if match[2] else _end(lines)
    else:
        line, column = _end(lines)
    there = lines[line - 1] if line <= len(lines) else ""
    named = _KEY.match(there)
    key = f"{named[1]}: " if named else ""
    return SyntaxFault(line, column, f"{key}{_explained(said, there[column - 1 :])}")


def _end(lines: list[str]) -> tuple[int, int]:
    """Give the place behind the last character that is more than white space."""
    last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
    return last, len(lines[last - 1].rstrip()) + 1


def _explained(said: str, rest: str) -> str:
    """said: by tomllib. rest: of the line, from the place of the fault."""
    if said.startswith("Invalid value"):
        return f"{_no_value(rest)}; {_VALUES}"
    for begin, what, allowed in _SAID:
        if said.startswith(begin):
            return f"{what}; {allowed}"
    if twice := _TWICE.match(said):
        name = ".".join(re.findall(r"'([A-Za-z0-9_.-]{1,60})'", twice[1] or ""))
        return f"the table {f'[{name}] ' if name else ''}stands there a second time; allowed: once, with all of its keys below"
    return f"{_one_line(said)}; {_STATEMENTS}"


def _no_value(rest: str) -> str:
    word = _WORD.match(rest.strip())
    token = word[0] if word else ""
    if not token:
        return "a value is missing"
    if token[0] in _CURLY:
        return "the quotes are not straight ones"
    if token.lower() in _TRUTHS:
        return "true and false are written so, in small letters"
    return "the text is not in quotes"


def _one_line(said: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in said[:300])
