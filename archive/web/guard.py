"""What stands before every page: the Host that was asked, and the headers that no answer goes without.

Takes   an ASGI application.
Gives   the same, guarded.
Writes  nothing.

A page of another site can make its own name point to 127.0.0.1 and so read what is served there (DNS rebinding); it cannot make
the browser send another name than its own. So a name must be known here; an address in digits needs no name server, nor does
localhost.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKED_WITH_A_BODY = "/web/"  # below it an archived form is answered as it was then; that too changes nothing


class Guard:
    """Refuses hosts that are not ours and methods that would change something; adds headers."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        """names: further names by which this server is reached, in lower case."""
        self._app = app
        self._names = frozenset({"localhost", socket.gethostname().lower(), *(name.lower() for name in names)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self.knows(hosts[0]):
            await PlainTextResponse("This server has another name; see: lianzai replay --help\n", 400)(
                scope, receive, send
            )
            return
        is_question = scope["method"] == "POST" and scope["path"].startswith(_ASKED_WITH_A_BODY)
        if scope["method"] not in _METHODS and not is_question:
            allowed = {"Allow": ", ".join(sorted(_METHODS))}
            await PlainTextResponse("This is read-only.\n", 405, allowed)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, hosts[0])
            await send(message)

        await self._app(scope, receive, guarded)

    def knows(self, host: str) -> bool:
        """Say whether a Host header names this server."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].lower().rstrip(".")
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return name in self._names or name.endswith(".localhost")
        return True


def sources(host: str, *folders: str) -> str:
    """Spell folders of this server as sources of a Content-Security-Policy. host: a Host header that the guard let pass.

    CSP has no form for an IPv6 address: there the whole server must do.
    """
    return "'self'" if host.startswith("[") else " ".join(f"{host}{folder}" for folder in folders)


def _own_policy(host: str) -> str:
    """Give the policy of our own pages: nothing but style and scripts of ours, and pictures of the archive."""
    static, web = sources(host, "/static/"), sources(host, "/web/")
    return (
        f"default-src 'none'; style-src {static}; script-src {static}; img-src {static} {web} data:; "
        f"frame-src {web}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _add_headers(message: MutableMapping[str, Any], host: str) -> None:
    """Add what holds for our own pages; an answer that has a policy of its own (the replay's) has all that it wants."""
    headers = message.setdefault("headers", [])
    if any(name.lower() == b"content-security-policy" for name, _ in headers):
        return
    headers += [
        (b"content-security-policy", _own_policy(host).encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"x-dns-prefetch-control", b"off"),
    ]
