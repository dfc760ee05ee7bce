"""The index asked over HTTP, in the manner of a CDX server.

Takes   /cdx?url=…&matchType=exact|prefix|host|domain&from=&to=&limit=&output=cdxj|json.
Gives   lines as they stand in the index; of one address oldest first, else in the order of keys.
Writes  nothing.

Source: pywb's and wayback-cdx-server's parameters of these names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...errors import UsageError
from ...index.lookup import Index
from ...surt import surt
from . import address

_MATCHES = ("exact", "prefix", "host", "domain")
_BATCH = 500  # lines in one piece of the answer


def cdx(index: Index, request: Request) -> Response:
    """Answer a question to the index. Raises UsageError for parameters that cannot be used."""
    told = {
        name: values[0]
        for name, values in parse_qs(request.url.query, keep_blank_values=True, errors="surrogateescape").items()
    }
    output = told.get("output", "cdxj")
    if output not in ("cdxj", "json"):
        raise UsageError(f"output={output[:40]}: expected cdxj or json")
    beginnings = _beginnings(told.get("url", ""), told.get("matchType", "exact"))
    limit = _number(told.get("limit", ""))
    first, last = _time(told, "from", "0"), _time(told, "to", "9")
    lines = (line for line, _ in index.between(beginnings) if first <= line.split(b" ", 2)[1] <= last)
    chosen = islice(lines, limit)
    spelled = map(_as_json, chosen) if output == "json" else chosen
    media_type = "application/x-ndjson" if output == "json" else "text/x-cdxj"
    return StreamingResponse(_batched(spelled), media_type=media_type, headers={"Cache-Control": "no-cache"})


def _beginnings(written: str, match: str) -> list[bytes]:
    """Give how the keys begin that are asked for. `*` at either end of an address is short for a match type."""
    if match not in _MATCHES:
        raise UsageError(f"matchType={match[:40]}: expected one of {', '.join(_MATCHES)}")
    if written.startswith("*."):
        written, match = written[2:], "domain"
    elif written.endswith("*"):
        written, match = written[:-1], "prefix"
    key = surt(address.original(written))
    host, bracket, _ = key.partition(")")
    match match:
        case "prefix":
            # The key has lost the slash that the address ends in: /a/ is not the beginning of /ab.
            is_folder = written.endswith("/") and not key.endswith("/")
            keys = [key + "/"] if is_folder else [key]
        case "host" if bracket:
            keys = [host + ")"]
        case "domain" if bracket:
            keys = [host + one for one in "),:"]
        case _:
            keys = [key + " "]
    return [one.encode("ascii") for one in keys]


def _number(told: str) -> int | None:
    if not told:
        return None
    if not told.isascii() or not told.isdigit() or len(told) > 12:
        raise UsageError(f"limit={told[:40]}: expected a number of lines")
    return int(told)


def _time(told: dict[str, str], name: str, filled: str) -> bytes:
    """Read a bound: up to 14 digits, those that lack are as low or as high as can be."""
    text = told.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 14):
        raise UsageError(f"{name}={text[:40]}: expected up to 14 digits, YYYYMMDDhhmmss")
    return text.ljust(14, filled).encode("ascii")


def _as_json(line: bytes) -> bytes:
    """Spell a line as one object, its key and time among the others."""
    key, time, rest = line.decode("ascii").split(" ", 2)
    return json.dumps({"urlkey": key, "timestamp": time, **json.loads(rest)}).encode("ascii") + b"\n"


def _batched(lines: Iterator[bytes]) -> Iterator[bytes]:
    while piece := b"".join(islice(lines, _BATCH)):
        yield piece
