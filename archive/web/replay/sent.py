"""A form or a script's question that was sent with a body, answered by the capture of the same question.

Takes   a POST below /web/: its body is what is looked for, as the index has it of the request that was captured.
Gives   the answer that was given then; for OPTIONS what browsers ask before they send JSON from a page of another origin.
Writes  nothing: nothing that is sent is kept, or passed on.

Source: Fetch, 4.8 (CORS-preflight fetch); for the key index/post.py.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ...http import Request as Sent
from ...index.post import sent_with
from .answers import Replay
from .policy import RAW_POLICY

_MAX_BODY = 1 << 20  # bytes; of a body only the first 4,096 characters are in a key
_OPEN = {"Access-Control-Allow-Origin": "*", "Content-Security-Policy": RAW_POLICY, "Cache-Control": "no-store"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Content-Type, Range",
    "Access-Control-Max-Age": "86400",
}


async def sent(replay: Replay, request: Request) -> Response:
    """Answer a POST, or the question whether one may be sent. Raises what `Replay.web` does."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={**_OPEN, **_PREFLIGHT})
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY:
            return PlainTextResponse("What is sent is longer than 1 MiB.\n", 413, _OPEN)
    told = (("Content-Type", request.headers.get("content-type", "")),)
    question = sent_with(Sent("POST", "", "", told, 0, bytes(body)))
    return await run_in_threadpool(replay.web, request, question)
