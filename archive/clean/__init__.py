"""The cleaner: what an article says, read from a page, a plain text or an API's answer.

Takes   a payload and the Rules of its series (`read_page`), or the pieces of an API's answer (`read_parts`).
Gives   a Reading, or a Refusal; `open_page` opens a payload that others read too; `fields_changed` names what a reader sees
        changed between two Readings.
Writes  nothing; no network, no clock, no state.

Import order in this room: rules, furniture, changes, charset, linked, blocks, page, evidence, notices, pictures, pointers,
sparse, names, signature, spaced, bylines, fields, months, dates, language, refusal, titles, unseen, when, who, structure, column,
ending, embedded, slots, extract, article, repair/, reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import names_of
from .rules import CLEANER, Refusal, Rules

if TYPE_CHECKING:
    from .changes import fields_changed
    from .page import Opened, open_page
    from .reading import read_page, read_parts

__all__ = ["CLEANER", "Opened", "Refusal", "Rules", "fields_changed", "open_page", "read_page", "read_parts"]

if not TYPE_CHECKING:
    # A crawl that finds nothing new reads no article.
    __getattr__ = names_of(
        __name__, {"changes": "fields_changed", "page": "Opened open_page", "reading": "read_page read_parts"}
    )
