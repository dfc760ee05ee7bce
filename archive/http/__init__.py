"""A raw HTTP message taken apart, its codings undone within bounds.

Takes   the bytes of a request or response as they went over the wire, however odd.
Gives   Response, Request; the payload (transfer coding removed) and the decoded body (content coding removed).
Writes  nothing. Never raises on what a server sent: what is wrong is told in `problem`.
"""

from __future__ import annotations

from .codings import MAX_DECODED, Decoded
from .message import (
    Body,
    Head,
    Request,
    Response,
    decode_payload,
    header,
    media_type,
    parse_head,
    parse_request,
    parse_response,
    payload_of,
)

__all__ = [
    "MAX_DECODED",
    "Body",
    "Decoded",
    "Head",
    "Request",
    "Response",
    "decode_payload",
    "header",
    "media_type",
    "parse_head",
    "parse_request",
    "parse_response",
    "payload_of",
]
