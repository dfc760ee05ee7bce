"""The index asked over HTTP, in the manner of a CDX server.

Takes   /cdx?url=…&matchType=exact|prefix|host|domain&from=&to=&filter=&sort=&closest=&limit=&output=cdxj|json.
Gives   lines as they stand in the index; of one address oldest first, else in the order of keys.
Writes  nothing. Memory: that of some lines, but for a sort, which is of one address, and a negative limit, which holds as many.

Source: pywb's and wayback-cdx-server's parameters of these names. What they have besides is refused: an answer that passed over a
question would be taken for the answer to it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from ...errors import UsageError
from ...index.lookup import Index, time_of
from ...surt import surt
from . import address
from .cdx_filter import Filter, fields_of, read_filter
from .choice import datetime_of

_MATCHES = ("exact", "prefix", "host", "domain")
_SORTS = ("default", "reverse", "closest")
_OUTPUTS = ("cdxj", "json")
_KNOWN = frozenset({"url", "matchType", "from", "to", "filter", "sort", "closest", "limit", "output", "lang"})
_BATCH = 500  # lines in one piece of the answer
_MOST_LAST = 100_000  # lines that a negative limit may hold


def cdx(index: Index, request: Request) -> Response:
    """Answer a question to the index; 400 with what was expected and found, as text, where it cannot be understood."""
    try:
        lines, output = _answer(index, request.url.query)
    except UsageError as error:
        told = f"{error.message}\n".encode("utf-8", "replace")  # a question may hold lone surrogates
        return PlainTextResponse(told, 400, {"Cache-Control": "no-store"})
    media_type = "application/x-ndjson" if output == "json" else "text/x-cdxj"
    pieces = _batched(lines)
    first = next(pieces, b"")  # damage is told by the status, where it is not behind what was sent
    return StreamingResponse(chain((first,), pieces), media_type=media_type, headers={"Cache-Control": "no-cache"})


def _answer(index: Index, query: str) -> tuple[Iterator[bytes], str]:
    """Give the lines that are asked for, and how they are spelled. Raises UsageError."""
    asked = parse_qs(query, keep_blank_values=True, errors="surrogateescape")
    for name in asked:
        if name not in _KNOWN:
            raise UsageError(f"{name[:40]}: not known here; known are {', '.join(sorted(_KNOWN))}")
    told = {name: values[0] for name, values in asked.items()}
    output = _one_of(told, "output", _OUTPUTS)
    match, beginnings = _beginnings(told.get("url", ""), _one_of(told, "matchType", _MATCHES))
    filters = [read_filter(one) for one in asked.get("filter", ())]
    limit = _number(told.get("limit", ""))
    first, last = _time(told, "from", "0"), _time(told, "to", "9")
    found = (line for line, _ in index.between(beginnings) if first <= time_of(line) <= last)
    chosen: Iterable[bytes] = filter(partial(_passes, filters), found) if filters else found
    chosen = _sorted(chosen, told, match)
    if limit is not None:
        chosen = islice(chosen, limit) if limit >= 0 else deque(chosen, maxlen=-limit)
    return iter(map(_as_json, chosen) if output == "json" else chosen), output


def _beginnings(written: str, match: str) -> tuple[str, list[bytes]]:
    """Give how the keys begin that are asked for. `*` at either end of an address is short for a match type."""
    if written.startswith("*."):
        written, match = written[2:], "domain"
    elif written.endswith("*"):
        written, match = written[:-1], "prefix"
    if not written:
        raise UsageError("url: expected an address, found none; as in /cdx?url=example.org/a&matchType=prefix")
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
    return match, [one.encode("ascii") for one in keys]


def _passes(filters: list[Filter], line: bytes) -> bool:
    fields = fields_of(line)
    return all(one.passes(fields) for one in filters)


def _sorted(lines: Iterable[bytes], told: dict[str, str], match: str) -> Iterable[bytes]:
    """Put them in another order, where one is asked for. Raises UsageError."""
    order = _one_of(told, "sort", _SORTS)
    if "closest" in told and order != "closest":
        order = "closest" if "sort" not in told else order
    if order == "default":
        return lines
    if match != "exact":
        raise UsageError(
            f"sort={order}: expected matchType=exact, found {match}; only captures of one address are sorted"
        )
    if order == "reverse":
        return reversed(list(lines))
    if not told.get("closest"):
        raise UsageError("sort=closest: expected a time as well, closest=YYYYMMDDhhmmss")
    moment = datetime_of(_time(told, "closest", "0").decode("ascii"))
    return sorted(lines, key=lambda line: abs(datetime_of(fields_of(line)["timestamp"]) - moment))


def _one_of(told: dict[str, str], name: str, known: tuple[str, ...]) -> str:
    """Read a word; the first of those known where there is none."""
    value = told.get(name, known[0])
    if value not in known:
        raise UsageError(f"{name}={value[:40]}: expected one of {', '.join(known)}")
    return value


def _number(told: str) -> int | None:
    """Read a limit: so many from the front, or from the end where it is negative."""
    if not told:
        return None
    digits = told.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise UsageError(f"limit={told[:40]}: expected a number of lines, negative for the last ones")
    if told != digits and int(digits) > _MOST_LAST:
        raise UsageError(f"limit={told}: expected at most the last {_MOST_LAST} lines; or ask with from=")
    return int(told)


def _time(told: dict[str, str], name: str, filled: str) -> bytes:
    """Read a bound: up to 14 digits, those that lack are as low or as high as can be."""
    text = told.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 14):
        raise UsageError(f"{name}={text[:40]}: expected up to 14 digits, YYYYMMDDhhmmss")
    return text.ljust(14, filled).encode("ascii")


def _as_json(line: bytes) -> bytes:
    """Spell a line as one object, its key and time among the others."""
    return json.dumps(fields_of(line)).encode("ascii") + b"\n"


def _batched(lines: Iterator[bytes]) -> Iterator[bytes]:
    while piece := b"".join(islice(lines, _BATCH)):
        yield piece
