"""One article as a document: Markdown, Dublin Core, schema.org.

Takes   what views.document gives. Gives: text, ending in a line feed. Writes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

Document = Mapping[str, Any]

_FRONT: Final = (
    "id", "series", "position", "subject", "title", "url", "published", "published_precision", "authors", "source",
    "editor", "state", "origin", "revisions", "captured", "variants", "text_sha256", "provenance", "repairs",
)  # fmt: skip
# YAML takes these raw in no scalar, or folds them as line ends; JSON leaves them as they are. Source: YAML 1.2.2, 5.1, 5.4.
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# Made once: json.dumps makes an encoder a call, half of what writing front matter costs.
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode
# What Markdown would take for markup. Source: CommonMark 0.31.2, 2.4 (backslash escapes), 4 and 5 (block starts).
_INLINE: Final = re.compile(r"([\\`*_\[\]<>]|&(?=#?\w+;))")
_BLOCK: Final = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|[=-]+\s*$|~{3,}|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_markdown(document: Document) -> str:
    """Write the article as Markdown with YAML front matter; the same document gives the same bytes."""
    front = "".join(f"{key}: {_yaml(document[key])}\n" for key in _FRONT)
    return f"---\n{front}---\n\n" + "\n\n".join(blocks(document)) + "\n"


def _yaml(value: object) -> str:
    """Write a value as YAML: JSON, of which YAML 1.2 is a superset, with what YAML calls unprintable escaped."""
    written = _ENCODE(value)
    return written if written.isprintable() else _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def blocks(document: Document, heading: str = "#") -> list[str]:
    """Write an article in blocks of Markdown: title, byline, note, highlights, paragraphs, images. heading: # of its level."""
    parts = [f"{heading} {markdown(document['title'] or document['id'])}"]
    if document["authors"]:
        parts.append("*" + "、".join(markdown(byline(author)) for author in document["authors"]) + "*")
    parts += ["> " + markdown(paragraph).replace("\n", "\n> ") for paragraph in document["editors_note"]]
    parts += ["**" + markdown(paragraph.strip()) + "**" for paragraph in document["highlights"]]
    parts += [markdown(paragraph) for paragraph in document["body"] or filter(None, [document["text"]])]
    parts += [f"![{markdown(one['caption'] or '')}](<{_target(one['url'])}>)" for one in document["images"]]
    return parts


def _target(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace("\n", "%0A").replace("\\", "%5C")


def byline(author: Mapping[str, str | None]) -> str:
    """Write one author as a newspaper prints it: the office or role, then the name."""
    return " ".join(part for part in (author["role"], author["name"]) if part)


def markdown(text: str) -> str:
    """Escape what Markdown would take for markup, so that a paragraph reads as it was printed.

    >>> markdown("2. 一*二*")
    '2\\\\. 一\\\\*二\\\\*'
    """
    escaped = _INLINE.sub(r"\\\1", text)
    return _BLOCK.sub(lambda m: f"{m[1]}{m[2]}\\" if m[2].isdigit() else f"{m[1]}\\{m[2]}", escaped)


def to_dublin_core(document: Document) -> str:
    """Write the article's description as simple Dublin Core in XML.

    Source: oai_dc of OAI-PMH 2.0 with the 15 elements of DCMES 1.1 (ISO 15836-1).
    """
    creators = [author["name"] for author in document["authors"]]
    elements = [
        ("title", document["title"]), *(("creator", name) for name in creators), ("subject", document["subject"]),
        ("publisher", document["source"]), ("contributor", document["editor"]), ("date", document["published"]),
        ("type", "Text"), ("format", "text/plain"), ("identifier", document["id"]), ("identifier", document["url"]),
        ("source", document["provenance"]["target_uri"]), ("language", document.get("language")),
        ("relation", document["series"]),
    ]  # fmt: skip
    lines = [
        f"  <dc:{name}>{escape(_NOT_XML.sub('�', text), quote=False)}</dc:{name}>\n" for name, text in elements if text
    ]
    head = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{"".join(lines)}</oai_dc:dc>\n'


def to_schema_org(document: Document) -> str:
    """Write the article as a NewsArticle in JSON-LD. Source: schema.org/NewsArticle; what is not known is left out."""
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": document["id"],
        "headline": document["title"],
        "url": document["url"],
        "datePublished": document["published"],
        "author": [_person(author) for author in document["authors"]],
        "editor": {"@type": "Person", "name": document["editor"]} if document["editor"] else None,
        "sourceOrganization": {"@type": "Organization", "name": document["source"]} if document["source"] else None,
        "isPartOf": {"@type": "CreativeWorkSeries", "identifier": document["series"]},
        "position": document["position"],
        "about": document["subject"],
        "abstract": "\n".join(document["highlights"]),
        "articleBody": "\n".join(document["body"]),
        "image": [
            {"@type": "ImageObject", "contentUrl": one["url"]} | ({"caption": one["caption"]} if one["caption"] else {})
            for one in document["images"]
        ],
    }
    known = {key: value for key, value in article.items() if value not in (None, "", [])}
    return json.dumps(known, ensure_ascii=False, indent=2) + "\n"


def _person(author: Mapping[str, str | None]) -> dict[str, str]:
    person = {"@type": "Person", "name": author["name"] or ""}
    return person | ({"jobTitle": author["role"]} if author["role"] else {})
