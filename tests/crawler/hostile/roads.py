"""Redirects: where one leads is looked at as closely as where a link leads.

Takes   nothing. Gives: endpoints that redirect; LATER, where some of them lead. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .broken import GONE
from .endpoint import SAY, Endpoint, bad, good, html, says
from .pages import answer, notice


def to(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {location}", status=status)


def redirects() -> Iterator[Endpoint]:
    """Where a redirect leads is looked at as closely as where a link leads."""
    yield good("moved", to("/later/moved.html", "301 Moved Permanently"))
    yield good("moved-relative", to("../later/moved-relative.html"))
    yield good("moved-blank", to(" /later/moved-blank.html "))
    yield bad("to-front", GONE, to("/"))
    yield bad("to-itself", "not-an-article", to("/a/to-itself.html"))
    yield Endpoint("circle", "not-an-article", says(to("/later/circle-1")), told_at="/later/circle-2")
    yield Endpoint("endless-hops", "not-an-article", _hop, told_at="/a/endless-hops.html?hop=10")
    yield bad(
        "to-far", "source|not-an-article|http-4xx|soft-404", to("/later/" + "x" * 200_000), "a Location of 200 kB"
    )
    yield bad("to-too-far", "too-long|source", to("/later/" + "x" * 900_000), "a Location of 900 kB")
    yield bad("to-nowhere", "source|not-an-article", to("http://"))
    yield bad("to-nothing", "source|not-an-article", answer(b"", status="302 Found"))
    yield Endpoint("to-wall", "blocked", says(to("/later/wall.html")), told_at="/later/wall.html")
    for where in _NO_WEB:
        yield bad(f"to-{where.partition(':')[0]}", "source|not-an-article|skipped:scope", to(where))
    for name, host in _INSIDE:
        yield Endpoint(f"to-{name}", "skipped:private|source", _inside(f"{host}{name}.html"))
    yield Endpoint("cookie-wall", "captured", _cookie_wall, "sets a cookie and sends the reader back, once")


def _hop(_newspaper: Any, connection: Any, number: int, _target: str) -> None:
    connection.send(to(f"/a/endless-hops.html?hop={number}"))


_NO_WEB = (
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "data:text/html,x",
    "javascript:alert(1)",
    "gopher://127.0.0.1:70/x",
    "ws://127.0.0.1:9/",
)
_INSIDE = (
    ("other-port", "http://127.0.0.1:{port}/"), ("localhost", "http://localhost:{port}/"), ("decimal", "http://2130706433:{port}/"),
    ("hexadecimal", "http://0x7f000001:{port}/"), ("octal", "http://0177.0.0.1:{port}/"), ("short", "http://127.1:{port}/"),
    ("mapped", "http://[::ffff:127.0.0.1]:{port}/"), ("loopback-6", "http://[::1]:{port}/"), ("any", "http://0.0.0.0:{port}/"),
    ("metadata", "http://169.254.169.254/latest/meta-data/"), ("ten", "http://10.0.0.1/"), ("carrier", "http://100.64.0.1/"),
    ("multicast", "http://224.0.0.1/"), ("user-part", "http://qushui.example@127.0.0.1:{port}/"),
    ("full-width", "http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1:{port}/"),
)  # fmt: skip


def _inside(address: str) -> SAY:
    def say(newspaper: Any, connection: Any, _number: int, _target: str) -> None:
        connection.send(to(address.format(port=newspaper.canary.rpartition(":")[2])))

    return say


def _cookie_wall(_newspaper: Any, connection: Any, number: int, _target: str) -> None:
    if number == 1:
        connection.send(answer(b"", "Set-Cookie: seen=1; Path=/", "Location: /a/cookie-wall.html", status="302 Found"))
    else:
        connection.send(answer(html("cookie-wall")))


LATER = {
    "/later/moved.html": answer(html("moved")),
    "/later/moved-relative.html": answer(html("moved-relative")),
    "/later/moved-blank.html": answer(html("moved-blank")),
    "/later/circle-1": to("/later/circle-2"),
    "/later/circle-2": to("/later/circle-1"),
    "/later/wall.html": answer(notice("请登录后继续阅读", "用户登录")),
}
