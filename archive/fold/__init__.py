"""What a series is, as told by its captures: a state and a pure step from one statement to the next state and its events.

`crawl`, crash recovery and `rebuild` all go through Fold; none of them changes a series in another way.
"""

from .state import Address, ArticleState, Channel, FoldRules, Readings, Revision, RunState, SeriesState, Witness
from .step import Fold

__all__ = [
    "Address",
    "ArticleState",
    "Channel",
    "Fold",
    "FoldRules",
    "Readings",
    "Revision",
    "RunState",
    "SeriesState",
    "Witness",
]
