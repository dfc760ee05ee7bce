"""The cleaner: payload -> Reading. Pure; `archive.clean.reading` is its front door."""

from __future__ import annotations

from .reading import fields_changed, read_page, read_parts
from .rules import CLEANER, Refusal, Rules

__all__ = ["CLEANER", "Refusal", "Rules", "fields_changed", "read_page", "read_parts"]
