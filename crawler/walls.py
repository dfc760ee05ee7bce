"""Whether an answer is the wall of a service that stands before a site, by its head alone.

Takes   the head of a response.
Gives   whose wall it is, as one plain line, or None.
Writes  nothing; pure.

Such a wall comes with many a status (401, 403, 405, 429, 503, also 200 and 202), and its page is a script that has no words. The
services say by a header that it is theirs: Cloudflare, Vercel and AWS document one that is only on such pages; DataDome, Imperva
and Akamai have theirs on every page that they pass on, so that it counts only beside a status that refuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.http import header

if TYPE_CHECKING:
    from archive.http import Head

# By header: the values in lower case, and whose they are.
_WALLS = {
    "cf-mitigated": (frozenset({"challenge"}), "Cloudflare"),
    "x-vercel-mitigated": (frozenset({"challenge", "deny"}), "Vercel"),
    "x-amzn-waf-action": (frozenset({"captcha", "challenge"}), "AWS WAF"),
}
_REFUSING = {
    "x-datadome": (frozenset({401, 403, 405, 429}), "DataDome"),
    "x-dd-b": (frozenset({401, 403, 405, 429}), "DataDome"),
    "x-iinfo": (frozenset({403}), "Imperva"),
}
_EDGES = {
    "akamaighost": (frozenset({403}), "Akamai")
}  # by Server: what its own edge answers, and not the site behind it


def wall_of(head: Head) -> str | None:
    """Say whose wall an answer is; None where no header tells of one.

    >>> from archive.http import parse_head
    >>> wall_of(parse_head(b"HTTP/1.1 403 Forbidden\\r\\ncf-mitigated: challenge\\r\\n\\r\\n"))
    'HTTP 403, a wall of Cloudflare'
    """
    for name, (values, whose) in _WALLS.items():
        if (header(head, name) or "").strip().lower() in values:
            return _told(head, whose)
    for name, (statuses, whose) in _REFUSING.items():
        if head.status in statuses and header(head, name) is not None:
            return _told(head, whose)
    statuses, whose = _EDGES.get((header(head, "server") or "").strip().lower(), (frozenset(), ""))
    return _told(head, whose) if head.status in statuses else None


def _told(head: Head, whose: str) -> str:
    return f"HTTP {head.status}, a wall of {whose}"
