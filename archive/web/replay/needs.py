"""What a page shows and the archive lacks: pictures, style sheets, films, frames that were never captured, or only as errors.

Takes   a page as the rewriting has it, the indexes. Gives: addresses. Writes nothing.

It is found by the rewriting itself, so that what is counted is what a reader's browser would ask for. Scripts and icons are not
counted, nor the candidates of a srcset and the faces of a font, of which a browser takes one.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

from ...index.lookup import Index, Indexed
from . import address
from .html import rewrite_html
from .links import Links
from .similar import similar

_LOOKED_UP = 400  # addresses of one page: each costs some 30 us
_LONGEST = 4 << 20  # characters of a page that is looked through: a second's work
_NOT_MODIFIED = 304
_ASCII = "".join(map(chr, range(33, 127)))


class _Noting(Links):
    """Links that note what a page shows."""

    def __init__(self, url: str, time: str, charset: str) -> None:
        self._charset, self.noted = charset, dict[str, None]()
        super().__init__(url, time, charset=charset)

    def rebase(self, written: str) -> None:
        self.noted.clear()  # the page was read for its <base> first, and is now read again
        super().rebase(written)

    def data(self, written: str) -> str | None:
        return self._note(super().data(written))

    def style(self, written: str) -> str | None:
        return self._note(super().style(written))

    def frame(self, written: str) -> str | None:
        return self._note(super().frame(written))

    def in_css(self, written: str, kind: str) -> str | None:
        link = super().in_css(written, kind)
        return link if kind == "font" else self._note(link)

    def aside(self, written: str) -> str | None:
        return super().data(written)

    def _note(self, link: str | None) -> str | None:
        if link is not None:
            self.noted[link] = None
        return link

    def addresses(self) -> list[str]:
        """Give them as a browser would ask for them: a path in UTF-8, a query in the page's own charset."""
        return list(dict.fromkeys(self._asked(link.split("/", 3)[3]) for link in self.noted))

    def _asked(self, written: str) -> str:
        path, mark, query = written.encode("latin-1", "replace").partition(b"?")
        with suppress(UnicodeError, LookupError):  # broken characters are asked for as they are
            path = path.decode(self._charset).encode("utf-8")
        return address.original(quote(path + mark + query, safe=_ASCII))


def missing(index: Index, capture: Indexed, text: str, charset: str) -> list[str]:
    """Give what a page shows and no index has, in its order; nothing of a very long one. text: in Latin-1. charset: its label."""
    if len(text) > _LONGEST:
        return []
    links = _Noting(capture.url, capture.time, charset)
    rewrite_html(text, links)
    return [url for url in links.addresses()[:_LOOKED_UP] if not _is_there(index, capture.series, url)]


def _is_there(index: Index, series: str, url: str) -> bool:
    """Look it up as it will be asked for, first in the index of the page's own series: nearly all is there."""
    captures = (one for within in (series, None) for one in index.captures(url, within))
    return any(one.status != _NOT_MODIFIED and (one.status or 200) < 400 for one in captures) or bool(
        similar(index, url)
    )
