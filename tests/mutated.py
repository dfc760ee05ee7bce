"""Bytes that others might have sent: saved ones with parts cut, repeated, exchanged and put in from elsewhere.

Takes   seeds that a parser reads, and the pieces of its grammar.
Gives   a hypothesis strategy, of any bytes, most of which get past the first look; FEWER and FEWEST for slow properties.
Writes  nothing.

`make fuzz` asks for a hundred thousand examples: there one number is drawn for each, and the changes are made of it, which
takes a quarter of the time but cannot be made smaller step by step. An example that takes more than EXAMPLE_CPU_S of CPU time
is broken off there, by a signal that regular expressions obey as well.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from random import Random
from types import FrameType
from typing import Protocol, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

T = TypeVar("T")
FUZZING = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
CHARSETS = ("gb18030", "utf-16", "big5", "shift_jis", "iso2022_jp", "utf-8-sig", "utf-32", "koi8_r")
# For what takes hundredths of a second an example: a third of what the profile asks for.
FEWER = settings(max_examples=settings.default.max_examples // (1 if FUZZING else 3))
# For what does a whole command.
FEWEST = settings(max_examples=settings.default.max_examples // (1 if FUZZING else 10))
EXAMPLE_CPU_S = 20.0
_MOST = 20_000  # bytes


class _Choice(Protocol):
    """Where the changes of an example come from: hypothesis, or one number."""

    def choice(self, of: Sequence[T], /) -> T:
        """Give one of them."""

    def randint(self, first: int, last: int, /) -> int:
        """Give a number between two, both included."""


class _Drawn:
    """The choices of hypothesis, which makes an example that fails as small as it can."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def choice(self, of: Sequence[T], /) -> T:
        return self._draw(st.sampled_from(of))

    def randint(self, first: int, last: int, /) -> int:
        return self._draw(st.integers(first, last))


class HangsError(Exception):
    """An example took EXAMPLE_CPU_S."""


def mutated(seeds: Sequence[bytes], pieces: Sequence[bytes], most: int = _MOST) -> st.SearchStrategy[bytes]:
    """Draw a seed with one to six changes. pieces: tokens of the grammar, whole or broken. most: bytes."""
    if not FUZZING:
        return _drawn(seeds, pieces, most)

    def made(number: int) -> bytes:
        _watch()
        return _mutated(Random(number), seeds, pieces, most)

    return st.integers(0, (1 << 63) - 1).map(made)


@st.composite
def _drawn(draw: st.DrawFn, seeds: Sequence[bytes], pieces: Sequence[bytes], most: int) -> bytes:
    return _mutated(_Drawn(draw), seeds, pieces, most)


def _mutated(choices: _Choice, seeds: Sequence[bytes], pieces: Sequence[bytes], most: int) -> bytes:
    octets = choices.choice(seeds)
    for _ in range(choices.randint(1, 6)):
        octets = _changed(choices, octets, pieces)[:most]
    return octets


def _changed(choices: _Choice, octets: bytes, pieces: Sequence[bytes]) -> bytes:
    at = choices.randint(0, len(octets))
    end = at + choices.choice((1, 4, 16, 100, 1000))
    match choices.choice(("in", "in", "instead", "out", "byte", "again", "many", "cut", "moved", "charset")):
        case "in":
            return octets[:at] + choices.choice(pieces) + octets[at:]
        case "instead":
            return octets[:at] + choices.choice(pieces) + octets[end:]
        case "out":
            return octets[:at] + octets[end:]
        case "byte":
            return octets[:at] + bytes([choices.randint(0, 255)]) + octets[at + 1 :]
        case "again":
            return octets[:at] + octets[at:end] * choices.choice((2, 40)) + octets[end:]
        case "many":
            return octets[:at] + choices.choice(pieces) * choices.choice((3, 30, 300)) + octets[at:]
        case "cut":
            return octets[:at]
        case "moved":
            return octets[:at] + octets[end:] + octets[at:end]
        case _:
            return octets.decode("utf-8", "replace").encode(choices.choice(CHARSETS), "replace")


def _watch() -> None:
    """Begin to count the CPU time of an example."""
    signal.signal(signal.SIGVTALRM, _hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, EXAMPLE_CPU_S)


def stop_watching() -> None:
    """Count no more: the property is done."""
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _hangs(_number: int, _frame: FrameType | None) -> None:
    raise HangsError(f"one example took {EXAMPLE_CPU_S} s of CPU time")
