"""Output: one JSON document for programs, or aligned text for people with the widths of Chinese right.

Takes   plain values and the Config. Gives: text. Writes: stdout (results), stderr (progress).
Colours only on a terminal and without NO_COLOR; progress only where stderr is a terminal.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import click

from .config import Config
from .steering import TURNING, steerless

# What each state and event looks like: alarm red, change yellow, gain green.
COLORS: Final = {
    "captured": "green", "found": "cyan", "failed": "red", "withdrawn": "red", "gone": "yellow", "revised": "yellow",
    "restored": "green", "blocked": "red", "damaged": "red", "unlisted": "yellow", "repaired": "green",
    "recovered": "green", "+": "green", "-": "red",
}  # fmt: skip
_CHARS: Final = 8192  # whose looks are remembered: the table of a large home has millions, and few different ones
_UNBOUNDED: Final = 10_000  # columns of what is no terminal: nothing is cut there
_USUAL: Final = 80  # a terminal that does not tell its columns
# What the bar, the counts and the times take; the address has the rest, and never cuts them.
_BAR_COLUMNS: Final = 62
_JOINER: Final = "\u200d"
# A word with the marks that close it and the space behind it, or one wide character with its closing marks.
_CLOSING: Final = "，。、；：！？）》〉」』】〕”’…—"
_PIECE: Final = re.compile(rf"(?:[!-\u024f]+|.)[{_CLOSING}]* *", re.DOTALL)


def print_json(document: Any) -> None:
    """Write one JSON document on stdout, in UTF-8 whatever the locale says."""
    text = steerless(json.dumps(document, ensure_ascii=False))
    sys.stdout.flush()
    # A lone surrogate (a file name that is no UTF-8) has no UTF-8; its escape is valid JSON.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def print_text(text: str) -> None:
    """Write a whole document on stdout in UTF-8: as it is to a file or pipe, harmless to a terminal."""
    shown = safe(plain(text), "utf-8") if sys.stdout.isatty() else text
    sys.stdout.flush()
    sys.stdout.buffer.write(shown.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def print_line(config: Config, text: str = "") -> None:
    """Write a line for people on stdout."""
    click.echo(safe(text, sys.stdout.encoding), color=colored(config))


def print_error(config: Config, text: str) -> None:
    """Write a line on stderr about one of several things, where the command goes on to the next."""
    click.echo(
        f"lianzai: {safe(' '.join(text.split()), sys.stderr.encoding)}", err=True, color=colored(config, sys.stderr)
    )


def safe(text: str, encoding: str | None) -> str:
    """Make a text fit for a terminal: control characters (a title may hold them) and what the encoding lacks as escapes."""
    seen = "".join(map(_shown, text))
    return seen.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


def plain(text: str | None) -> str:
    """Take the escape character out of a text of foreign origin, so that it cannot steer a terminal."""
    return (text or "").replace("\x1b", "\\x1b")


@lru_cache(_CHARS)
def _shown(char: str) -> str:
    return char if char in "\n\t\x1b" or char.isprintable() else _escaped(char)


def _escaped(char: str) -> str:
    # Ideographic and no-break spaces are not "printable" for Python, yet they are what Chinese paragraphs begin with.
    if unicodedata.category(char) in {"Zs", "Cf"} and not TURNING.match(char):
        return char
    return (
        char.encode("unicode_escape").decode("ascii") if char < "\ud800" or char > "\udfff" else f"\\u{ord(char):04x}"
    )


def colored(config: Config, stream: Any = None) -> bool:
    """Say whether colours go to a stream (stdout)."""
    return config.color and (stream or sys.stdout).isatty()


def paint(text: str, word: str) -> str:
    """Colour a text as the state, event or sign that word is; click strips it where colours are not wanted."""
    return click.style(text, fg=COLORS[word]) if word in COLORS else text


def width(text: str) -> int:
    """Count the columns that a text takes on a terminal.

    Source: Unicode Standard Annex 11: Wide and Fullwidth are two columns; combining marks and format characters none.

    >>> width("第1期")
    5
    """
    seen = click.unstyle(text)
    return len(seen) if seen.isascii() else sum(map(_columns, seen))


@lru_cache(_CHARS)
def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, columns: int) -> str:
    """Cut a text to that many columns, with "…" where something was cut.

    >>> clip("渠水流过十八城", 7)
    '渠水流…'
    """
    if width(text) <= columns:
        return text
    kept, used = [], 1
    for char in text:
        used += width(char)
        if used > columns:
            break
        kept.append(char)
    return "".join(kept).rstrip(_JOINER) + "…"


def wrap(text: str, columns: int, indent: str = "") -> list[str]:
    """Break a text into lines of at most that many columns; Chinese between characters, never before a closing mark.

    indent: what each line begins with, counted in.
    """
    room = columns - width(indent)
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and width(line) + width(piece.rstrip()) > room:
            lines.append(indent + line.rstrip(" "))
            line = piece.lstrip(" ")
        else:
            line += piece
    return [*lines, indent + line.rstrip(" ")]


def table(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Align rows into lines, two spaces between columns.

    right: columns that are aligned to the right (numbers). The last column is not filled up.
    """
    if not rows:
        return []
    widths = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]

    def cell(at: int, text: str) -> str:
        fill = " " * (widths[at] - width(text))
        return fill + text if at in right else text + fill

    return ["  ".join(cell(at, text) for at, text in enumerate(row)).rstrip() for row in rows]


def columns() -> int:
    """Give the columns of the terminal; where stdout is none, so many that nothing is cut."""
    if not sys.stdout.isatty():
        return _UNBOUNDED
    return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL


def local_time(moment: str | None) -> str:
    """Write a time of the JSON as a person reads it: in the zone of this machine, to the minute.

    moment: RFC 3339, or a day, which is left as it is.
    """
    if moment is None:
        return "-"
    return moment if len(moment) == 10 else datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def zoned_time(moment: str, *, as_told: bool = False) -> str:
    """Write a time with its offset, for who reads it as a date of the publisher.

    moment: RFC 3339, or a day, which is left as it is. as_told: in its own zone, else in that of this machine.

    >>> zoned_time("2018-09-11T07:40:00+08:00", as_told=True), zoned_time("2018-09-11")
    ('2018-09-11 07:40 +08:00', '2018-09-11')
    """
    if len(moment) == len("2018-09-11"):
        return moment
    at = datetime.fromisoformat(moment)
    at = at if as_told else at.astimezone()
    return f"{at:%Y-%m-%d %H:%M} {at.isoformat()[-6:]}"


def size(bytes_: int) -> str:
    """Write a size for people.

    >>> size(2_160_000)
    '2.2 MB'
    """
    amount = float(bytes_)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 99.5 else f"{amount:.1f} {unit}"


class Progress:
    """A bar on stderr, or nothing where stderr is no terminal."""

    def __init__(self, bars: Any = None, task: Any = None) -> None:
        self._bars = bars
        self._task = task

    def update(self, done: int, total: int | None, what: str = "") -> None:
        """Show how many of how many are done, and what is being done now."""
        if self._bars is not None:
            room = max(self._bars.console.width - _BAR_COLUMNS, 12)
            self._bars.update(self._task, completed=done, total=total, what=clip(plain(what), room))


@contextmanager
def progress(config: Config, label: str) -> Iterator[Progress]:
    """Show progress of a long piece of work while it lasts, with the time it will still take."""
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, no_color=not config.color)
    parts = ("{task.description}", "{task.fields[what]}")
    bars = Bars(
        TextColumn(parts[0], markup=False), BarColumn(bar_width=16), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(), TextColumn(parts[1], markup=False), console=console, transient=True,
    )  # fmt: skip
    with bars:
        yield Progress(bars, bars.add_task(label, total=None, what=""))
