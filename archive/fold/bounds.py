"""How much is kept of what answers name in any number: what grows with that, and not with what was asked for, ends here.

Takes   names, addresses and titles as lists and pages give them.
Gives   what they weigh, and as much of them as is kept.
Writes  nothing.
"""

from __future__ import annotations

# What a run names one by one of that which lists and pages name in any number; of the rest it tells how many there are.
NAMED = 1000
# Lists whose records prove what a walk says: each of its events names them all.
EVIDENCE = 100
# Times that the lists of a walk may name each article; from then on one stands only where it was named first.
REPEATS = 4
# Addresses that a page may give as its own: canonical, og:url, a mobile and a printed form are four.
CLAIMS = 20
_TOLD_CHARS = 1000  # of a title, a version or a fault: what is longer is none, and would be kept for each article
_ARTICLE_CHARS = 2048  # of names and addresses, each of which an article holds several times
_REQUISITE_CHARS = 512


def beginning(text: str | None) -> str | None:
    """Give as much of a line as is kept for each article."""
    return text if text is None else text[:_TOLD_CHARS]


def article_weight(*names: str) -> int:
    """Say as how many articles one counts. names: its key and its addresses; 10,000 of a list may share a base of 8 kB."""
    return 1 + sum(map(len, names)) // _ARTICLE_CHARS


def requisite_weight(url: str) -> int:
    """Say as how many requisites one counts."""
    return 1 + len(url) // _REQUISITE_CHARS
