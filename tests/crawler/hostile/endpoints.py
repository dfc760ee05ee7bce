"""All that the hostile newspaper answers, endpoint by endpoint.

Takes   nothing. Gives: ENDPOINTS. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .bounds import bounded
from .broken import cut, no_article, statuses, walls
from .endpoint import Endpoint
from .roads import redirects
from .whole import weapons, whole


def _mixed(endpoints: Iterable[Endpoint]) -> Iterator[Endpoint]:
    """Put good answers between the bad ones: a site that refuses five times in a row is left alone."""
    found = list(endpoints)
    good = [one for one in found if one.outcome == "captured"]
    bad = [one for one in found if one.outcome != "captured"]
    places = [((place + 1) / len(some), one.name, one) for some in (good, bad) for place, one in enumerate(some)]
    return (one for _, _, one in sorted(places, key=lambda three: three[:2]))


ENDPOINTS: tuple[Endpoint, ...] = tuple(
    _mixed((*whole(), *cut(), *no_article(), *walls(), *statuses(), *redirects(), *bounded(), *weapons()))
)
