"""The run that is going on, as the ledger keeps it: a run that was killed is folded on from where the ledger stands.

Takes   a RunState, a Block. Gives: plain values, and what was made of them.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..fold import RunState, SeriesState
from ..fold.state import Block, Changed, Failure, Walk
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
            "window": walk.window,
            "counted": list(walk.counted),
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
            window=walk.get("window", False),
            counted=dict.fromkeys(walk.get("counted", ())),
        ),
        found=dict.fromkeys(values["found"]),
        outcomes=values["outcomes"],
        failures={key: Failure(**failure) for key, failure in values["failures"].items()},
        refused={key: Failure(**failure) for key, failure in values["refused"].items()},
    )


def changed_to_json(changed: Changed | None) -> dict[str, Any]:
    """Give what stands to be compared of an article on several pages as plain values, by the name of its field."""
    if changed is None:
        return {}
    return {"changed": {"record_id": changed.record_id, "at": time_text(changed.at), "since": time_text(changed.since)}}


def changed_of(values: Mapping[str, Any] | None) -> Changed | None:
    """Make of it what changed_to_json gave."""
    return Changed(values["record_id"], time_of(values["at"]), time_of(values["since"])) if values else None


_BLOCK_TIMES = ("row_at", "until", "since", "asked_at")


def block_to_json(block: Block) -> dict[str, Any]:
    """Give how the site stands to us as plain values."""
    values = asdict(block)
    return values | {name: time_text(values[name]) for name in _BLOCK_TIMES if values[name] is not None}


def block_of(values: Mapping[str, Any] | None) -> Block:
    """Make of it what block_to_json gave; rows of older versions have none."""
    if values is None:
        return Block()
    return Block(**{**values, **{name: time_of(values[name]) for name in _BLOCK_TIMES if values.get(name) is not None}})


def lists_heard(kept: Mapping[str, Any], state: SeriesState) -> datetime | None:
    """Give when a list answered last; rows of older versions tell it by the addresses alone."""
    if "lists_heard" in kept:
        return time_of(kept["lists_heard"]) if kept["lists_heard"] is not None else None
    return max((a.fetched for a in state.addresses.values() if a.role == "list" and a.fetched), default=None)
