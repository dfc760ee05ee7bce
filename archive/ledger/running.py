"""The run that is going on, as the ledger keeps it: a run that was killed is folded on from where the ledger stands.

Takes   a RunState, a Block. Gives: plain values, and what was made of them.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..fold import RunState
from ..fold.state import Block, Failure, Walk
from .rows import time_of, time_text


def run_to_json(run: RunState) -> dict[str, Any]:
    """Give a run as plain values."""
    walk = run.walk
    return {
        "id": run.id,
        "started": time_text(run.started),
        "origin": run.origin,
        "walk": {
            "order": {url: list(path) for url, path in walk.order.items()},
            "entries": walk.entries,
            "evidence": walk.evidence,
            "whole": walk.whole,
        },
        "found": list(run.found),
        "outcomes": run.outcomes,
        "failures": {key: asdict(failure) for key, failure in run.failures.items()},
        "refused": {key: asdict(failure) for key, failure in run.refused.items()},
    }


def run_of(values: Mapping[str, Any]) -> RunState:
    """Make a run of what run_to_json gave."""
    walk = values["walk"]
    return RunState(
        id=values["id"],
        started=time_of(values["started"]),
        origin=values.get("origin", "live"),  # rows of older versions have none
        walk=Walk(
            order={url: tuple(path) for url, path in walk["order"].items()},
            entries=walk["entries"],
            evidence=walk["evidence"],
            whole=walk["whole"],
        ),
        found=dict.fromkeys(values["found"]),
        outcomes=values["outcomes"],
        failures={key: Failure(**failure) for key, failure in values["failures"].items()},
        refused={key: Failure(**failure) for key, failure in values["refused"].items()},
    )


_BLOCK_TIMES = ("row_at", "until", "since")


def block_to_json(block: Block) -> dict[str, Any]:
    """Give how the site stands to us as plain values."""
    values = asdict(block)
    return values | {name: time_text(values[name]) for name in _BLOCK_TIMES if values[name] is not None}


def block_of(values: Mapping[str, Any] | None) -> Block:
    """Make of it what block_to_json gave; rows of older versions have none."""
    if values is None:
        return Block()
    return Block(**{**values, **{name: time_of(values[name]) for name in _BLOCK_TIMES if values[name] is not None}})
