"""An article's answer of any API to a reading, by the JMESPath of a profile's `detail_fields`.

Takes   the answer as JSON values.
Gives   Reading; its body, HTML or plain text, is read by the cleaner.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from archive.model import Image, Reading

from ..scope import wire_url
from .json_answer import Answer, clean_text, rows_of, text_of
from .json_items import Items, plain
from .json_refusal import refusal_in, says_end
from .people import authors_of
from .protocol import Refused, SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

# What an answer says of an article that is not there; any other refusal is of the asking or the server.
_GONE = (
    "不存在",
    "已删除",
    "已下线",
    "已下架",
    "撤稿",
    "找不到",
    "未找到",
    "deleted",
    "removed",
    "gone",
    "does not exist",
    "404",
    "410",
)


def read_detail(answer: Answer, url: str, fields: Mapping[str, str], rules: Rules) -> Reading:
    """Read an article. url: where it was got.

    Raises Refused where the answer says that there is no such article, SourceError where it tells neither title nor text.
    """
    from dataclasses import replace

    from archive.clean import read_parts  # the cleaner is slow to import, and lists do not need it

    items, value = Items(fields), answer.value
    title, body = plain(items.get("title", value)), items.get("body", value)
    html = _as_html(body)
    if title is None and not html.strip():
        refusal = refusal_in(value)
        if refusal is not None and (says_end(refusal) or any(word in refusal.lower() for word in _GONE)):
            raise Refused("source", f"the API says: {refusal}")
        raise SourceError("source", f"article expected, {refusal or 'found neither title nor body in the answer'}")
    reading = read_parts(
        title=title,
        html=html,
        published=text_of(items.get("published", value)),
        source=text_of(items.get("source", value)),
        editor=text_of(items.get("editor", value)),
        authors=authors_of(items.get("authors", value)),
        images=tuple(_images(items.get("images", value), url)),
        url=url,
        rules=rules,
    )
    return replace(reading, undecoded=reading.undecoded + answer.undecoded)


def _as_html(body: Any) -> str:
    """Give a body as HTML: as it is, a list of paragraphs joined, plain text with its lines as paragraphs."""
    if isinstance(body, list):
        return "".join(_as_html(part) for part in body)
    if not isinstance(body, str):
        return ""
    text = clean_text(body)
    if "<" in text and ">" in text:
        return text
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def _images(value: Any, url: str) -> Iterator[Image]:
    for one in rows_of(value) or ([value] if value else []):
        written = text_of(one.get("url") or one.get("src")) if isinstance(one, Mapping) else text_of(one)
        address = wire_url(written, url) if written else None
        if address:
            yield Image(address, text_of(one.get("caption")) if isinstance(one, Mapping) else None)
