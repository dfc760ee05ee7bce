"""What an answer of the replay may do in a browser, and which of the archived headers it has.

Takes   the Host that was asked; headers as archived.
Gives   a Content-Security-Policy; headers.
Writes  nothing.

A page of the archive is in a sandbox without an origin of its own: it has no cookies, storage, service workers, and to it our
pages are another site's. It may load from /web/ and nothing else; so what the rewriting misses stays blank and goes nowhere. That
its frame may not lead away either is said by the page around it (`frame-src`): no policy keeps a page from going elsewhere.
"""

from __future__ import annotations

import re

from ...http.message import Headers
from ...index.lookup import Indexed
from ..guard import sources
from .memento import escaped

_CONTROLS = re.compile(r"[^\x20-\x7e]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Archived headers that say what the bytes are, and nothing else.
_KEPT = frozenset({"content-type", "content-language", "content-disposition"})
_OURS = "x-archive-orig-"
SHIM = "/static/replay.js"


def page_policy(host: str, *, scripted: bool) -> str:
    """Give the policy of an archived page, or of anything else that is archived."""
    web = sources(host, "/web/")
    allowed = "allow-scripts allow-forms" if scripted else (
        "allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    )  # fmt: skip
    scripts = (
        f"script-src {web} {sources(host, SHIM)} 'unsafe-inline' 'unsafe-eval' blob: data:; "
        f"connect-src {web} blob: data:; worker-src blob:"
        if scripted
        else "script-src 'none'; connect-src 'none'; worker-src 'none'"
    )
    return (
        f"sandbox {allowed}; default-src 'none'; style-src {web} 'unsafe-inline' data:; img-src {web} data: blob:; "
        f"font-src {web} data:; media-src {web} data: blob:; frame-src {web} data: blob:; object-src {web}; "
        f"form-action {web}; base-uri {web}; {scripts}"
    )


RAW_POLICY = "sandbox; default-src 'none'"


def frame_policy(host: str) -> str:
    """Give the policy of our page around an archived one: its frame stays in the archive."""
    static = sources(host, "/static/")
    return (
        f"default-src 'none'; style-src {static}; script-src {static}; img-src {static}; "
        f"frame-src {sources(host, '/web/')}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def kept(headers: Headers) -> dict[str, str]:
    """Choose the archived headers that reach the browser under their own name: of each the first, and only what can be read."""
    chosen: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in _KEPT:
            chosen.setdefault(name.lower(), _CONTROLS.sub("", value).strip()[:1024])
    return {name: value for name, value in chosen.items() if value}


def apart(headers: Headers) -> list[tuple[str, str]]:
    """Give all archived headers under names that do nothing."""
    return [
        (_OURS + name.lower(), _CONTROLS.sub(lambda found: f"%{ord(found[0]):02X}", value)[:8192])
        for name, value in headers
        if _TOKEN.fullmatch(name)
    ]


def open_headers(host: str, *, scripted: bool) -> dict[str, str]:
    """Give what stands in every answer with archived bytes.

    They may be read by pages of any site, as a WACZ may: an archived page has no origin, and could not have its fonts, its
    modules and what its scripts ask for otherwise.
    """
    return {
        "Content-Security-Policy": page_policy(host, scripted=scripted),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "*",
        "Referrer-Policy": "no-referrer",
        "X-DNS-Prefetch-Control": "off",
    }


def shim(capture: Indexed, *, sent: bool) -> str:
    """Give the tag that loads our script before all others of a page: it leads into the archive what scripts ask for.

    sent: the page is the answer to a form with a body, so the banner cannot follow it.
    """
    told = f'data-time="{capture.time}" data-page="{escaped(capture.url).replace("&", "&amp;")}"{" data-sent" if sent else ""}'
    return f'<script src="{SHIM}" {told}></script>'
