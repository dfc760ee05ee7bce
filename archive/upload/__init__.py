"""Send to the object stores what they lack, and read it back (`lianzai upload`).

Takes   a home whose series name a store ([store] url), the environment.
Gives   a Report: what was sent, what failed, which stores could not be reached.
Writes  objects; the ledger's rows of them, and the event `uploaded`, one a run and series.

Inside, in import order: places, plan, report, lock, send, crew, evidence, run.
"""

from __future__ import annotations

from .evidence import evidence_of
from .lock import upload_lock
from .places import Place, no_store, places
from .plan import Item
from .report import Report
from .run import Options, upload_home
from .send import send

__all__ = [
    "Item",
    "Options",
    "Place",
    "Report",
    "evidence_of",
    "no_store",
    "places",
    "send",
    "upload_home",
    "upload_lock",
]
