"""The addresses of the replay: what is asked for, and how a link to it is written.

Takes   the raw path and query of a request below /web/ and its like.
Gives   Asked: time, mode, original address; links. ASCII, with nothing in them that could end a header or an attribute.
Writes  nothing.

    /web/20180830020500/http://…     the page: to a browser within the banner, to all others the memento itself
    /web/20180830020500mp_/http://…  the memento alone, as it stands within the banner (the names of these two are pywb's)
    /web/20180830020500id_/http://…  its bytes as captured
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

from starlette.requests import Request

from ...errors import UsageError

Mode = Literal["", "mp_", "fr_", "cs_", "da_", "sc_", "ms_", "id_"]
PAGE: Final = ""  # the page, within the banner where a browser opens it
MAIN: Final = "mp_"  # what the banner's frame holds
FRAME: Final = "fr_"  # what a frame of an archived page holds: its links stay in the frame
STYLE: Final = "cs_"  # a style sheet
DATA: Final = "da_"  # pictures, scripts, films, answers to scripts: content coding undone, nothing rewritten
SCRIPTED: Final = "sc_"  # as PAGE, with scripts on
SCRIPTED_MAIN: Final = "ms_"  # as MAIN and FRAME, with scripts on
RAW: Final = "id_"  # bytes as captured, content coding kept

_WEB = "/web/"
# Modes of the Wayback Machine and pywb, which stand in links of others, and what they are here.
_ALIASES: Final[dict[str, Mode]] = {"if_": MAIN, "fw_": FRAME, "im_": DATA, "js_": DATA, "oe_": DATA, "bn_": MAIN}
_TIMED = re.compile(rf"(\d{{1,14}})(mp_|fr_|cs_|da_|sc_|ms_|id_|{'|'.join(_ALIASES)})?/(.*)", re.DOTALL)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(/*)")
_ESCAPED_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*%3a(?:/|%2f)", re.IGNORECASE)
_UNFIT = re.compile(
    r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e]"
)  # blanks, controls, " < > \ ^ ` { } and non-ASCII
_MAX_ADDRESS = 16 << 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for. time: up to 14 digits, "" where it names none. url: the original address, in ASCII."""

    time: str
    mode: Mode
    url: str


def asked(request: Request) -> Asked:
    """Read an address below /web/. Raises UsageError where no original address is in it."""
    rest = below(request, _WEB)
    timed = _TIMED.fullmatch(rest)
    if timed is None:
        return Asked("", PAGE, original(rest))
    mode: Mode = _ALIASES.get(timed[2]) or timed[2] or PAGE  # type: ignore[assignment]  # as the expression has them
    return Asked(timed[1], mode, original(timed[3]))


def below(request: Request, folder: str) -> str:
    """Give what stands behind a folder in an address, escapes and query as they came."""
    path = request.scope["raw_path"].partition(b"?")[0].decode("ascii", "surrogateescape")
    query = request.scope["query_string"].decode("ascii", "surrogateescape")
    return _UNFIT.sub(_escaped, path.removeprefix(folder) + (f"?{query}" if query else ""))


def original(written: str) -> str:
    """Spell an address as records have it: with a scheme (http where none is told), without fragment, in ASCII.

    An address may come escaped as a whole, or with one slash behind its scheme, as proxies make it.
    Raises UsageError for one that is empty or too long.

    >>> original("http:/example.org/a b"), original("example.org"), original("https%3A%2F%2Fe.org%2F")
    ('http://example.org/a%20b', 'http://example.org', 'https://e.org/')
    """
    if _ESCAPED_SCHEME.match(written):
        written = unquote(written, errors="surrogateescape")
    written = written.strip().partition("#")[0]
    if not written or len(written) > _MAX_ADDRESS:
        raise UsageError(
            "expected the address of a page, found " + ("none" if not written else "one of more than 16 KiB")
        )
    scheme = _SCHEME.match(written)
    if scheme is None or "." in scheme[1] or (not scheme[2] and written[scheme.end() : scheme.end() + 1].isdigit()):
        written = f"http://{written.lstrip('/')}"
    elif scheme[1].lower() in ("http", "https", "ftp"):
        written = f"{scheme[1].lower()}://{written[scheme.end() :]}"
    return _UNFIT.sub(_escaped, written)


def link(time: str, mode: str, url: str) -> str:
    """Write a link to a capture. time: 14 digits. url: in ASCII, or escaped here."""
    return f"{_WEB}{time}{mode}/{_UNFIT.sub(_escaped, url)}"


def timegate(url: str) -> str:
    """Write the address of the TimeGate of an original."""
    return f"{_WEB}{_UNFIT.sub(_escaped, url)}"


def calendar(url: str, year: int | None = None) -> str:
    """Write the address of the calendar of an original, of one year or the last."""
    return f"{_WEB}{year or ''}*/{_UNFIT.sub(_escaped, url)}"


def timemap(form: str, url: str) -> str:
    """Write the address of a TimeMap. form: "link" or "json"."""
    return f"/timemap/{form}/{_UNFIT.sub(_escaped, url)}"


def base_of(request: Request) -> str:
    """Give scheme and host that were asked, for links that must be absolute. The guard has seen the host."""
    return f"{request.url.scheme}://{request.headers['host']}"


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogateescape"))
