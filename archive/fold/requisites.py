"""What pages and style sheets need to be shown: known as soon as they are named, as many as the series takes.

Takes   addresses that a capture names. Gives nothing.
Changes the addresses of the state, and what of the run was left.
"""

from __future__ import annotations

from collections.abc import Iterable

from .state import Address, FoldRules, SeriesState

_EACH = 5  # for each article that it takes: pictures of its own, for the rest of a page is the same on all


def need(rules: FoldRules, state: SeriesState, urls: Iterable[str], by: str) -> None:
    """Know the addresses of requisites. by: the address that names them; it is noted where not all were taken."""
    for url in urls:
        if state.address(url) is not None:
            continue
        if state.requisites >= _EACH * rules.max_articles:
            if state.run:
                state.run.left[by] = None
            return
        state.put(Address(url, "requisite"))
