"""A Robust Link: an HTML link that names the original, the capture and its time, so that it outlives the original.

Takes a Citation. Gives: one <a> element. Writes nothing.

Source: https://robustlinks.mementoweb.org/spec/ (data-originalurl, data-versionurl, data-versiondate).
"""

from __future__ import annotations

from html import escape
from typing import Final

from .citation import Citation

# Where `replay` and `serve` listen without a word: the format wants an address, and nobody has told another.
_USUAL_ROOM: Final = "http://127.0.0.1:8080"


def to_robust_link(one: Citation) -> str:
    """Write the link. It leads to the original, or to the capture where the original is no address that may be a link."""
    version = one.version if one.room else _USUAL_ROOM + one.version
    told = {
        "href": one.url if one.url.startswith(("http://", "https://")) else version,
        "data-originalurl": one.url,
        "data-versionurl": version,
        "data-versiondate": f"{one.captured:%Y-%m-%dT%H:%M:%SZ}",
        "title": one.note,
    }
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in told.items())
    return f"<a{attributes}>{escape(one.title)}</a>\n"
