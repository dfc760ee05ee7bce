"""A raw HTTP message taken apart, its codings undone within bounds.

Takes   the bytes of a request or response as they went over the wire, however odd.
Gives   Response, Request; the payload (transfer coding removed) and the decoded body (content coding removed); the wait
        that Retry-After asks for.
Writes  nothing. Never raises on what a server sent: what is wrong is told in `problem`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import names_of

if TYPE_CHECKING:
    from .codings import MAX_DECODED, Decoded
    from .message import (
        Body,
        Head,
        Request,
        Response,
        decode_payload,
        fault_of,
        header,
        media_type,
        parse_head,
        parse_request,
        parse_response,
        payload_of,
    )
    from .payload import PayloadDigest, name_payload, read_response
    from .retry import LONG_REST_S, REST_MOST_S, RETRY_AFTER_CAP_S, rest_asked, rest_stands, retry_after

__all__ = [
    "LONG_REST_S",
    "MAX_DECODED",
    "REST_MOST_S",
    "RETRY_AFTER_CAP_S",
    "Body",
    "Decoded",
    "Head",
    "PayloadDigest",
    "Request",
    "Response",
    "decode_payload",
    "fault_of",
    "header",
    "media_type",
    "name_payload",
    "parse_head",
    "parse_request",
    "parse_response",
    "payload_of",
    "read_response",
    "rest_asked",
    "rest_stands",
    "retry_after",
]

if not TYPE_CHECKING:
    # `status` asks how long a host is left alone, and reads no message.
    __getattr__ = names_of(
        __name__,
        {
            "codings": "MAX_DECODED Decoded",
            "message": "Body Head Request Response decode_payload fault_of header media_type"
            " parse_head parse_request parse_response payload_of",
            "payload": "PayloadDigest name_payload read_response",
            "retry": "LONG_REST_S REST_MOST_S RETRY_AFTER_CAP_S rest_asked rest_stands retry_after",
        },
    )
