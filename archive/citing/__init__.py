"""A citation of one revision of an article: BibTeX, RIS, CSL-JSON, Robust Link; it names original address, capture time, record.

Takes   a connection of the ledger, an article, a revision, where the reading room is.
Gives   text.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .bibtex import to_bibtex
from .citation import Citation, cited
from .csl import to_csl_json
from .ris import to_ris
from .robust import to_robust_link

FORMATS: Final[dict[str, Callable[[Citation], str]]] = {
    "bibtex": to_bibtex,
    "ris": to_ris,
    "csl-json": to_csl_json,
    "robust-link": to_robust_link,
}

__all__ = ["FORMATS", "Citation", "cited"]
