"""Twisted's parser of responses, as lenient as browsers are and as archive.http is, which reads what was kept.

Takes   the bytes of a response as they come.
Gives   Parser, which frames them; whether its response has a length, and whether its connection stays open.
Writes  nothing.
"""

from __future__ import annotations

import re
from typing import Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTPClientParser
from twisted.web._newclient import HEADER, STATUS
from twisted.web.http import _ChunkedTransferDecoder, maxChunkSizeLineLength

MAX_LINE_BYTES = 1 << 18  # of one header line; Twisted stops at 16 KiB, browsers at 256 KiB
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


class _Chunks(_ChunkedTransferDecoder):
    """Takes chunks as browsers and archive.http do: blanks round a size, with which old servers pad it, any extension, and lines
    that end in LF alone."""

    def _dataReceived_CHUNK_LENGTH(self) -> bool:  # noqa: N802 - Twisted's name
        end = self._buffer.find(b"\n")
        if 0 <= end < maxChunkSizeLineLength:
            self._buffer[: end + 1] = self._buffer[:end].partition(b";")[0].strip(b" \t\r") + b"\r\n"
            self._start = 0
        return super()._dataReceived_CHUNK_LENGTH()

    def _dataReceived_CRLF(self) -> bool:  # noqa: N802 - Twisted's name
        if self._buffer.startswith(b"\n"):
            self._buffer[:1] = b"\r\n"
        return super()._dataReceived_CRLF()

    def _dataReceived_TRAILER(self) -> bool:  # noqa: N802 - Twisted's name
        end = self._buffer.find(b"\n")
        if end >= 0 and self._buffer[end - 1 : end] != b"\r":
            self._buffer[end : end + 1] = b"\r\n"
        return super()._dataReceived_TRAILER()


class Parser(_LenientHTTPClientParser):
    """Scrapy's lenient parser, with longer lines (Twisted: 16 KiB) and a failure in place of a silent hang-up.

    A header line that is none is passed over, as browsers do: without a colon (Scrapy's part), with a name that is no
    token once the blanks round it are cut, or one that continues a line that is not there; so are blank lines before the
    status line, an empty Content-Length, the coding `identity`, and codings below chunks, which archive.http undoes. The kept
    bytes have them all.
    """

    MAX_LENGTH = MAX_LINE_BYTES
    _transferDecoders = {b"chunked": _Chunks}  # noqa: N815, RUF012 - Twisted's name

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        if self.state == HEADER and self._partialHeader is None and line[:1] in (b" ", b"\t"):
            return
        if self.state == STATUS and not line.strip():
            return
        super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 - Twisted's name
        name = name.strip()
        if _TOKEN.fullmatch(name):
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        told = b",".join(self.connHeaders.getRawHeaders(b"Transfer-Encoding", ())).lower().split(b",")
        codings = [coding for one in told if (coding := one.strip()) not in (b"", b"identity")]
        self.connHeaders.setRawHeaders(b"Transfer-Encoding", codings[-1:])
        if not b"".join(self.connHeaders.getRawHeaders(b"Content-Length", ())).strip():
            self.connHeaders.removeHeader(b"Content-Length")
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802, ARG002 - Twisted's name
        self.request.cut("header line")


def has_length(parser: Any) -> bool:
    """Tell whether Content-Length says where a body ends; the length is no number where it does not, and 0 where none can be."""
    length = parser.response.length
    return isinstance(length, int) and length > 0


def stays_open(parser: Any) -> bool:
    """Tell whether the server keeps the connection: Twisted asks only for a lower-case `close`, and never for the version."""
    if parser.response.version[1:] < (1, 1):
        return False
    tokens = b",".join(parser.connHeaders.getRawHeaders(b"Connection", ())).lower()
    return b"close" not in {token.strip() for token in tokens.split(b",")}
