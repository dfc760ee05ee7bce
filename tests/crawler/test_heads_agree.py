"""Two readers of a response's head: the one on the wire, which frames the body, and the one of what was kept."""

from __future__ import annotations

import re
from types import SimpleNamespace

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport

from archive.http import parse_head
from crawler.parser import Parser

TOKEN = re.compile(r"[!#-'*+.0-9A-Z^_`a-z|~-]+")
PIECES = st.sampled_from(
    ["X-A", "Content-Type", "bad", ":", ": ", " ", "\t", "1", "2", "text/html", "é", "\r\n", "\r\n ", "\n"]
)


def on_the_wire(raw: bytes) -> list[tuple[str, str]]:
    """Read a head as a connection does: names in lower case, values with single blanks, sorted by name."""
    parser = Parser(SimpleNamespace(method=b"GET", absoluteURI=None), lambda _: None)
    parser.makeConnection(StringTransport())
    parser.dataReceived(raw)
    # Twisted keeps apart what frames the connection.
    headers = [*parser.response.headers.getAllRawHeaders(), *parser.connHeaders.getAllRawHeaders()]
    return sorted(
        (name.decode("latin-1").lower(), plain(value.decode("latin-1"))) for name, of in headers for value in of
    )


def plain(value: str) -> str:
    """Write runs of blanks as one."""
    return re.sub(r"[ \t]+", " ", value).strip()


@given(st.lists(PIECES, max_size=14).map("".join))
@example("X-A: 1\r\nbad\r\n cont\r\nX-B:\r\n 2")
@example("bad\r\n\t: 1")
def test_what_was_kept_is_read_as_it_was_on_the_wire(lines: str) -> None:
    """A header that only one of them sees could change a charset, a redirect or a length after the fact."""
    blank = re.search(r"\n\r?\n", f"\n{lines}")
    head = f"HTTP/1.1 200 OK\r\n{lines[: blank.start()] if blank else lines}\r\n\r\n".encode("latin-1")
    kept = [(name.lower(), plain(value)) for name, value in parse_head(head).headers if TOKEN.fullmatch(name)]

    assert on_the_wire(head) == sorted(kept)
