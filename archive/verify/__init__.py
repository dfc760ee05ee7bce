"""Hold everything that is kept against its digest, and against what it refers to (`lianzai verify`).

Takes   a home.
Gives   a Report: what was checked, what is damaged, missing, repaired.
Writes  the events `verified`, `damaged` and `repaired`; with repair also the files that can be mended.
"""

from __future__ import annotations

from .check import verify_home
from .quick import disagreements
from .remote import verify_remote
from .report import Damage, Report

__all__ = ["Damage", "Report", "disagreements", "verify_home", "verify_remote"]
