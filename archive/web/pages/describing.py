"""What citation managers and crawlers read of an article: Highwire's meta tags and schema.org.

Takes   a document (views.document), its series. Gives: pairs for <meta>, a dict for JSON-LD. Writes nothing.

Source: Google Scholar's inclusion guidelines ("Indexing Guidelines", citation_*), which Zotero's translator "Embedded Metadata"
reads; schema.org/NewsArticle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...formats import to_schema_org
from ..room import day


def described(
    base: str, document: Mapping[str, Any], series: Mapping[str, Any], number: int, newest: int, told: str | None
) -> dict[str, Any]:
    """Describe one revision. base: scheme and host that were asked. told: when it was published, as the publisher dates it.

    Gives {"meta": [(name, content)], "ld": {…}}.
    """
    published = (told or "")[:10] or (day(document["published"]) if document["published"] else "")
    own = f"{base}/article/{quote(document['id'])}" + ("" if number == newest else f"?revision={number}")
    meta = [("citation_title", document["title"])]
    meta += [("citation_author", author["name"]) for author in document["authors"]]
    meta += [
        ("citation_publication_date", published.replace("-", "/")),
        ("citation_journal_title", document["source"] or series["publisher"]),
        ("citation_series_title", series["title"]),
        ("citation_language", series["language"] or "zh"),
        ("citation_fulltext_html_url", own),
        ("citation_public_url", document["url"]),
    ]
    linked = json.loads(to_schema_org(document))
    linked["isPartOf"] = {
        "@type": "CreativeWorkSeries",
        "identifier": series["id"],
        "name": series["title"],
        "url": f"{base}/series/{quote(series['id'])}",
    }
    linked["archivedAt"] = own
    linked["version"] = number
    return {"meta": [(name, content) for name, content in meta if content], "ld": linked}
