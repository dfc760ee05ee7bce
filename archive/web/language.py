"""Chinese or English: which of the two a reader wants.

Takes   a request.
Gives   "zh" or "en"; the address of the same page in the other.
Writes  nothing.

Below /web/ the query belongs to the archived address, so there a page of its own (`/lang`) notes the choice and leads back.
"""

from __future__ import annotations

import re
from typing import Literal, cast
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from ..errors import UsageError

Language = Literal["zh", "en"]
_KNOWN = ("zh", "en")
_OURS = re.compile(r"/web/[\x21-\x7e]{0,20000}")


def chosen(request: Request) -> Language:
    """Choose: what the address says (`?lang=`), else what it said before (a cookie), else Accept-Language, else Chinese."""
    for wish in (None if _is_archived(request) else request.query_params.get("lang"), request.cookies.get("lang")):
        if wish in _KNOWN:
            return cast(Language, wish)
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> Language:
    """Read Accept-Language. Source: RFC 9110, 12.5.4; of equal weights the first counts.

    >>> accepted("fr, en;q=0.8, zh-CN;q=0.9"), accepted("en-GB,zh;q=0.5"), accepted("fr"), accepted("en;q=0")
    ('zh', 'en', 'zh', 'zh')
    """
    best: tuple[float, Language] = (0.0, "zh")
    for part in header.split(",")[:32]:
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in _KNOWN and (found := _weight(weight)) > best[0]:
            best = (found, cast(Language, name))
    return best[1]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0


def other_address(request: Request, lang: Language) -> str:
    """Give the address of the same page in the other language: path and query alone."""
    if _is_archived(request):
        path, query = request.scope["raw_path"].decode("latin-1").partition("?")[0], request.url.query
        return (
            f"/lang?{urlencode({'lang': 'en' if lang == 'zh' else 'zh', 'to': path + (f'?{query}' if query else '')})}"
        )
    kept = [(name, value) for name, value in parse_qsl(request.url.query, keep_blank_values=True) if name != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', 'en' if lang == 'zh' else 'zh')])}"


def choose(request: Request) -> Response:
    """Note which language is wanted, and lead back to a page of ours. Raises UsageError for any other place."""
    lang, to = request.query_params.get("lang"), request.query_params.get("to", "/")
    if lang not in _KNOWN or not _OURS.fullmatch(to):
        raise UsageError("expected lang=zh or lang=en, and to=/web/…")
    response = Response(status_code=303, headers={"Location": to, "Cache-Control": "no-store"})
    remember(response, cast(Language, lang))
    return response


def remember(response: Response, lang: Language) -> None:
    """Let a choice hold for the pages that follow."""
    response.set_cookie("lang", lang, max_age=365 * 86400, httponly=True, samesite="lax")


def said_here(request: Request, lang: Language) -> bool:
    """Say whether the address of a page itself asks for its language."""
    return not _is_archived(request) and request.query_params.get("lang") == lang


def _is_archived(request: Request) -> bool:
    return request.url.path.startswith(("/web/", "/timemap/"))
