"""One instalment as markup that is well-formed XML and good HTML at once: EPUB and the static site are made of it.

Takes   an instalment, where its pictures are.
Gives   the markup within <body>, everything escaped, no script and no style in it.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from .series import Document, Instalment
from .wording import authors_of, day_of, word

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a reader may follow: an archived `javascript:` address is shown, and is no link.
_LINK: Final = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.ASCII)


def clean(text: str) -> str:
    """Escape a text for XML and HTML; what no XML can hold is U+FFFD.

    >>> clean("<渠 & '水'>\\x00")
    '&lt;渠 &amp; &#x27;水&#x27;&gt;\ufffd'
    """
    return escape(_NOT_XML.sub("\ufffd", text))


def element(name: str, text: str | None, **attributes: str) -> str:
    """Write an element with a text, "" where there is none. `class_` and `xml_lang` are spelled class and xml:lang."""
    if not text:
        return ""
    told = "".join(f' {key.rstrip("_").replace("xml_", "xml:")}="{clean(value)}"' for key, value in attributes.items())
    return f"<{name}{told}>{clean(text)}</{name}>\n"


def address(url: str) -> str:
    """Write an address: as a link where it leads to the web, else as text."""
    if _LINK.fullmatch(url):
        return f'<a href="{clean(url)}" rel="noreferrer">{clean(url)}</a>'
    return clean(url)


def chapter(one: Instalment, lang: str, pictures: Mapping[str, str]) -> str:
    """Write an instalment. lang: "zh" or "en". pictures: address of an image -> its file, relative to the page."""
    if one.document is None:
        link = f"<p>{address(one.url)}</p>\n" if one.url else ""
        return element("h1", one.name(lang)) + element("p", word("missing", lang), class_="missing") + link
    shown, body = one.document, one.document["body"] or (one.document["text"] or "").split("\n")
    under = [authors_of(shown), day_of(shown), shown["source"] or ""]
    parts = [
        element("h1", one.name(lang)),
        element("p", " · ".join(filter(None, under)), class_="byline"),
        element("p", word("withdrawn", lang), class_="withdrawn") if shown["state"] == "withdrawn" else "",
        _note(shown),
        *(element("p", text, class_="highlight") for text in shown["highlights"]),
        *(element("p", text.strip("\u3000 \n")) for text in body),
        *(_figure(one["url"], one["caption"], pictures.get(one["url"]), lang) for one in shown["images"]),
        _facts(shown, lang),
    ]
    return "".join(parts)


def _note(shown: Document) -> str:
    paragraphs = "".join(element("p", text) for text in shown["editors_note"])
    return f'<blockquote class="note">\n{paragraphs}</blockquote>\n' if paragraphs else ""


def _figure(url: str, caption: str | None, file: str | None, lang: str) -> str:
    told = element("figcaption", caption)
    if file is None:
        there = f'<p class="lost">{clean(word("picture", lang))}: {address(url)}</p>\n'
    else:
        there = f'<img src="{clean(file)}" alt="{clean(caption or "")}" />\n'
    return f"<figure>\n{there}{told}</figure>\n"


def _facts(shown: Document, lang: str) -> str:
    """Say where the text comes from, so that what is passed on can be proved."""
    record = shown["provenance"]
    facts = [
        ("original", address(shown["url"])),
        ("captured", clean((record["fetched"] or "").replace("T", " ").replace("Z", " UTC"))),
        ("record", clean(record["record_id"] or "")),
        ("digest", clean(record["digest"] or "")),
        ("editor", clean(shown["editor"] or "")),
    ]
    rows = "".join(f"<dt>{clean(word(name, lang))}</dt><dd>{told}</dd>\n" for name, told in facts if told)
    return f'<dl class="facts">\n{rows}</dl>\n'
