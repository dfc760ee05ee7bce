"""CSL-JSON: what citeproc, pandoc and Zotero take.

Takes a Citation. Gives: a JSON array of one item. Writes nothing.

Source: csl-data.json of the CSL schema 1.0.2 (types, variables, name and date objects).
"""

from __future__ import annotations

import json
from typing import Any

from .citation import Citation


def to_csl_json(one: Citation) -> str:
    """Write the item. Names are literal: a Chinese name has no part that may be cut off or turned round."""
    day = one.captured
    item: dict[str, Any] = {
        "id": one.id,
        "type": "article-newspaper",
        "title": one.title,
        "author": [{"literal": name} for name in one.authors],
        "editor": [{"literal": one.editor}] if one.editor else [],
        "container-title": one.newspaper,
        "collection-title": one.series,
        "collection-number": None if one.position is None else str(one.position),
        "issued": {"date-parts": [list(one.published)]} if one.published else None,
        "accessed": {"date-parts": [[day.year, day.month, day.day]]},
        "language": one.language,
        "URL": one.url,
        "archive": one.room,
        "archive_location": one.archived or one.record,
        "version": str(one.revision),
        "note": one.note,
    }
    known = {name: value for name, value in item.items() if value not in (None, "", [])}
    return json.dumps([known], ensure_ascii=False, indent=2) + "\n"
