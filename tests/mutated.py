"""Bytes that others might have sent: saved ones with parts cut, repeated, exchanged and put in from elsewhere.

Takes   seeds that a parser reads, and the pieces of its grammar.
Gives   a hypothesis strategy, and FEWER for slow properties. Any byte may come, but most of what comes gets past the first look.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st

CHARSETS = ("gb18030", "utf-16", "big5", "shift_jis", "iso2022_jp", "utf-8-sig", "utf-32", "koi8_r")
# For what takes hundredths of a second an example: a third of what the profile asks for.
FEWER = settings(max_examples=settings.default.max_examples // 3)
_MOST = 20_000  # bytes


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], pieces: Sequence[bytes], most: int = _MOST) -> bytes:
    """Draw a seed with one to six changes. pieces: tokens of the grammar, whole or broken. most: bytes."""
    octets = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 6))):
        octets = _changed(draw, octets, pieces)[:most]
    return octets


def _changed(draw: st.DrawFn, octets: bytes, pieces: Sequence[bytes]) -> bytes:
    at = draw(st.integers(0, len(octets)))
    end = at + draw(st.sampled_from((1, 4, 16, 100, 1000)))
    match draw(st.sampled_from(("in", "in", "instead", "out", "byte", "again", "many", "cut", "moved", "charset"))):
        case "in":
            return octets[:at] + draw(st.sampled_from(pieces)) + octets[at:]
        case "instead":
            return octets[:at] + draw(st.sampled_from(pieces)) + octets[end:]
        case "out":
            return octets[:at] + octets[end:]
        case "byte":
            return octets[:at] + bytes([draw(st.integers(0, 255))]) + octets[at + 1 :]
        case "again":
            return octets[:at] + octets[at:end] * draw(st.sampled_from((2, 40))) + octets[end:]
        case "many":
            return octets[:at] + draw(st.sampled_from(pieces)) * draw(st.sampled_from((3, 30, 300))) + octets[at:]
        case "cut":
            return octets[:at]
        case "moved":
            return octets[:at] + octets[end:] + octets[at:end]
        case _:
            return octets.decode("utf-8", "replace").encode(draw(st.sampled_from(CHARSETS)), "replace")
