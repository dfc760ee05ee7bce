"""The cleaner: payload -> Reading. Pure; `reading.py` is its front door, re-exported here."""

from .reading import fields_changed, read_page, read_parts
from .rules import CLEANER, Refusal, Rules

__all__ = ["CLEANER", "Refusal", "Rules", "fields_changed", "read_page", "read_parts"]
