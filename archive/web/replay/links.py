"""The addresses in an archived page, resolved as a browser would and led into the archive.

Takes   address and time of a memento; addresses as they are written in it, bytes beyond ASCII as Latin-1 characters.
Gives   links below /web/, of the same time; None for what is to stay as it is (data:, mailto:, fragments).
Writes  nothing.

Bytes beyond ASCII are left as they are: the browser encodes them by the page's own charset, as it would have done on the site. In
GBK, Big5 and Shift_JIS the second byte of a character may look like a backslash or a brace: there an address is read as text.
Source: WHATWG URL, 4.4, for what browsers make of blanks, backslashes, missing slashes and dots (also escaped ones).
"""

from __future__ import annotations

import re
from copy import copy
from typing import Final
from urllib.parse import quote

from ...clean.charset import codec_of
from .address import DATA, FRAME, MAIN, PAGE, SCRIPTED_MAIN, STYLE, Mode

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SPECIAL: Final = frozenset({"http", "https", "ftp", "ws", "wss"})
_ENDS = re.compile(r"[/\\?#]")
_TAIL = re.compile(r"[?#]")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_DOT = re.compile(r"(?:\.|%2e)", re.IGNORECASE)
_BLANKS = "".join(map(chr, range(33)))
_LINE_ENDS = re.compile(r"[\t\n\r]")
_UNFIT_TEXT = re.compile(r"[\x00-\x20\"'<>\\^`{|}\x7f]")
_TWO_BYTES = re.compile(r"gb|big5|shift|sjis|ms_kanji|x-sjis|windows-31j|chinese|csgb|cn-big5|x-x-big5", re.IGNORECASE)
_ASCII = "".join(map(chr, range(128)))
_UNFIT = re.compile(r"[\x00-\x20\"'<>\\^`{|}\x7f]|[^\x00-\xff]")


class Links:
    """The links of one memento."""

    def __init__(self, url: str, time: str, *, scripted: bool = False, charset: str = "") -> None:
        """url: of the memento, absolute; time: 14 digits. charset: label of the page's."""
        self._time, self.scripted = time, scripted
        self._codec = codec_of(charset) if _TWO_BYTES.match(charset) else None
        self._scheme = self._authority = self._path = self._folder = ""
        self._known: dict[tuple[str, Mode], str | None] = {}
        self.rebase(url)

    def rebase(self, written: str) -> None:
        """Resolve all that follows against another address: that of the page, or of its <base>."""
        absolute = self.resolve(written)
        if absolute is None:
            return
        self._known.clear()
        self._scheme, _, rest = absolute.partition("://")
        cut = _TAIL.search(rest)
        self._authority, slash, path = rest[: cut.start() if cut else None].partition("/")
        self._path = slash + path
        self._folder = self._path.rpartition("/")[0] + "/"

    def inner(self) -> Links:
        """Give the links of a page within the page: its own <base> counts there alone."""
        inner = copy(self)
        inner._known = {}
        return inner

    def page(self, written: str, *, in_frame: bool = False) -> str | None:
        """Lead to what opens in place of the whole page, or within a frame."""
        return self.to(written, SCRIPTED_MAIN if self.scripted else FRAME if in_frame else PAGE)

    def below(self, written: str) -> str | None:
        """Lead to what opens in place of the page and keeps the banner that is there."""
        return self.to(written, SCRIPTED_MAIN if self.scripted else MAIN)

    def frame(self, written: str) -> str | None:
        """Lead to what a frame holds."""
        return self.to(written, SCRIPTED_MAIN if self.scripted else FRAME)

    def data(self, written: str) -> str | None:
        """Lead to a picture, a script, a font, a film."""
        return self.to(written, DATA)

    def aside(self, written: str) -> str | None:
        """Lead to what stays unseen where it is missing, as scripts and icons, or has others in its place, as in a srcset."""
        return self.to(written, DATA)

    def style(self, written: str) -> str | None:
        """Lead to a style sheet."""
        return self.to(written, STYLE)

    def in_css(self, written: str, kind: str) -> str | None:
        """Lead to what a style sheet names."""
        return self.to(written, STYLE if kind == "style" else DATA)

    def base(self) -> str:
        """Give what relative addresses that were not rewritten are to be resolved against."""
        mode: Mode = SCRIPTED_MAIN if self.scripted else MAIN
        return self._link(f"{self._scheme}://{self._authority}{self._path}", mode)

    def to(self, written: str, mode: Mode) -> str | None:
        """Lead an address into the archive."""
        known = self._known.get((written, mode), "")
        if known != "":
            return known
        plain = self._codec is None or written.isascii()
        link = self._resolved(written, mode) if plain else self._by_charset(written, mode)
        self._known[written, mode] = link
        return link

    def _resolved(self, written: str, mode: Mode) -> str | None:
        absolute = self.resolve(written)
        return None if absolute is None else self._link(absolute, mode)

    def _by_charset(self, written: str, mode: Mode) -> str | None:
        """Lead an address into the archive that has characters of two bytes; broken ones are escaped."""
        octets, codec = written.encode("latin-1", "replace"), self._codec or "latin-1"
        try:
            absolute = self.resolve(octets.decode(codec))
        except UnicodeDecodeError:
            return self._resolved(quote(octets, safe=_ASCII), mode)
        if absolute is None:
            return None
        fit = _UNFIT_TEXT.sub(_escaped, absolute).encode(codec, "replace").decode("latin-1")
        return f"/web/{self._time}{mode}/{fit}"

    def resolve(self, written: str) -> str | None:
        """Make an address absolute; None where it leads to no server, or to a place in the same page."""
        text = _LINE_ENDS.sub("", written.strip(_BLANKS))
        scheme = _SCHEME.match(text)
        if scheme:
            name, rest = scheme[1].lower(), text[scheme.end() :]
            if name not in _SPECIAL:
                return None
            if name != self._scheme or rest[:2].replace("\\", "/") == "//":
                return _absolute(name, rest.lstrip("/\\"))
            text = rest
        if not text or text[0] == "#" or not self._scheme:
            return None
        cut = _TAIL.search(text)
        path, tail = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
        path = path.replace("\\", "/")
        if path.startswith("//"):
            return _absolute(self._scheme, path.lstrip("/") + tail)
        if not path.startswith("/"):
            path = self._folder + path if path else self._path
        return f"{self._scheme}://{self._authority}{_without_dots(path)}{tail}"

    def _link(self, absolute: str, mode: Mode) -> str:
        return f"/web/{self._time}{mode}/{_UNFIT.sub(_escaped, absolute)}"


def _absolute(scheme: str, rest: str) -> str | None:
    """Spell what follows "scheme://"; None where no host is named."""
    cut = _ENDS.search(rest)
    authority, rest = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
    if not authority:
        return None
    cut = _TAIL.search(rest)
    path, tail = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
    return f"{scheme}://{authority}{_without_dots(path.replace(chr(92), '/')) or '/'}{tail}"


def _without_dots(path: str) -> str:
    """Remove dot segments; none leads above the host."""
    if not _DOTS.search(path):
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for at, segment in enumerate(segments):
        plain = _DOT.sub(".", segment) if len(segment) <= 6 else segment
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(segment)
        if plain in (".", "..") and at == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _escaped(match: re.Match[str]) -> str:
    return quote(match[0].encode("utf-8", "surrogatepass"), safe="")
