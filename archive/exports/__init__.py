"""A series as a reader or an analyst wants it, one module a format: txt, md, jsonl, csv, parquet, epub, html, bagit.

Takes   the ledger and the WARCs of a home, the series, where to.
Gives   an Exported: what was written, and which pictures could not be read.
Writes  one file or one folder, whole or not at all; the same archive gives the same bytes.
"""

from __future__ import annotations

from .write import FORMATS, Exported, export, write_into

__all__ = ["FORMATS", "Exported", "export", "write_into"]
