"""Full text over all revisions: any substring is found, one character suffices, both scripts find each other.

Takes   what the ledger has read of the captures; what a person types.
Gives   hits, their snippets, and what they have in common (series, year).
Writes  search.sqlite3 in the home, which can be made again from the ledger at any time.
"""

from .answer import answer, ask
from .file import bring_up, make, stamp_of
from .grammar import Query, parse
from .seek import Hit, Hits, Search
from .snippet import Snippet, cut

__all__ = ["Hit", "Hits", "Query", "Search", "Snippet", "answer", "ask", "bring_up", "cut", "make", "parse", "stamp_of"]
