"""One endpoint, and short ways of making one.

Takes   bytes of an answer. Gives: Endpoint. Writes: nothing.

An outcome is "captured", or the reasons that `failed` may give, or "skipped:" and other outcomes. captured means the whole text,
last sentence included; anything else is never a whole article.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .pages import answer, page, text

SAY = Callable[[Any, Any, int, str], None]  # newspaper, connection, number of the request, target


@dataclass(frozen=True)
class Endpoint:
    """One address. outcome: see the module. because: what a reader of a failing test wants to know. convert: makes of a
    line of the text what is to be read of it. told_at: the path that the report names, where it is not this one."""

    name: str
    outcome: str
    say: SAY
    because: str = ""
    convert: Callable[[str], str] = str
    told_at: str = ""

    @property
    def lines(self) -> list[str]:
        """The paragraphs that a whole reading has."""
        return [self.convert(line) for line in text(self.name)]

    @property
    def path(self) -> str:
        """Its path."""
        return f"/a/{self.name}.html"


def says(response: bytes, *, close: bool = False) -> SAY:
    def say(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
        connection.send(response)
        if close:
            connection.close()

    return say


def good(name: str, response: bytes, because: str = "", *, close: bool = False) -> Endpoint:
    return Endpoint(name, "captured", says(response, close=close), because)


def bad(name: str, outcome: str, response: bytes, because: str = "", *, close: bool = False) -> Endpoint:
    return Endpoint(name, outcome, says(response, close=close), because)


def html(name: str, **more: str) -> bytes:
    return page(name, **more).encode()


def coded(name: str, coding: str, body: bytes, **more: Any) -> Endpoint:
    return good(name, answer(body, f"Content-Encoding: {coding}"), **more)
