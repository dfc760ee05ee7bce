"""One answer of the demonstration newspaper, and the faults that a test can put in its place.

Takes   what the site would have said.
Gives   an `Answer`; a fault is a function from answer to answer.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over the wire.

    etag: an opaque tag without quotes, None where the answer has no validators. modified: unix seconds. chunked: how the
    body is framed. trouble: "cut" closes the connection in the middle of the body, "reset" before any answer, "stall" never
    answers.
    """

    status: int
    body: bytes
    mime: str
    etag: str | None = None
    modified: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False
    trouble: Literal["cut", "reset", "stall"] | None = None


Fault = Callable[[Answer], Answer]

_HTML = "text/html; charset=utf-8"


def status(code: int, *headers: tuple[str, str]) -> Fault:
    """Answer with that status code, a short page and no validators."""
    page = f"<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>".encode()
    return lambda _: Answer(code, page, _HTML, headers=headers)


def too_many(retry_after: str = "1") -> Fault:
    """Answer 429. retry_after: seconds or an HTTP date, as the field wants it (RFC 9110, 10.2.3)."""
    return status(429, ("Retry-After", retry_after))


def html_page(answer: Answer) -> Answer:
    """Answer 200 with an HTML page where JSON was asked for."""
    page = "<!DOCTYPE html><html><head><title>系统维护</title></head><body><p>系统维护中，请稍后再试</p></body></html>"
    return replace(answer, status=200, body=page.encode(), mime=_HTML, etag=None, modified=None)


def empty_info(answer: Answer) -> Answer:
    """Answer with the envelope of success and nothing in it."""
    return replace(answer, status=200, body=b'{"Status":1,"Info":[]}', mime="application/json; charset=utf-8")


def cut_body(answer: Answer) -> Answer:
    """Close the connection in the middle of the body."""
    return replace(answer, trouble="cut")


def reset(answer: Answer) -> Answer:
    """Reset the connection before any byte of an answer."""
    return replace(answer, trouble="reset")


def stall(answer: Answer) -> Answer:
    """Keep the connection open and say nothing until the server is closed."""
    return replace(answer, trouble="stall")
