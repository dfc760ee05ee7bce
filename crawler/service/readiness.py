"""Whether the service can do its work: what /readyz tells.

Takes   what the service knows, the home's disk.
Gives   {"ready", "reasons", …}: ready where there is no reason against it.
Writes  nothing.

A profile that is wrong, or a series that fails, is told there and is no reason: the others go on, and starting the service
anew would not help.
"""

from __future__ import annotations

import shutil
import tomllib
from typing import Any

from archive.home import Home
from archive.syntax import syntax_fault
from archive.terminal import size

from .state import State

MIN_FREE = 1_073_741_824  # bytes; fetch.min_free where config.toml gives none (CONTRACT, Profile)
TICK_LATE_S = 10.0  # a tick is due each second; the loop may be held up by a large ledger, but not so long


def readiness(home: Home, state: State, steady: float, refused: dict[str, str]) -> dict[str, Any]:
    """Tell whether the service is ready. steady: seconds of the steady clock. refused: series -> what is wrong."""
    free, least = disk(home)
    reasons = _config_faults(home)
    if state.trouble:
        reasons.append(f"ledger: {state.trouble}")
    if not state.planned:
        reasons.append("schedules: being read")
    if steady - state.ticked > TICK_LATE_S:
        reasons.append(f"schedules: not looked at for {steady - state.ticked:.0f} s")
    if free < least:
        reasons.append(f"disk: {size(free)} free, {size(least)} are to stay free")
    return {
        "ready": not reasons,
        "reasons": reasons,
        "disk_free": free,
        "disk_least": least,
        "refused": dict(sorted(refused.items())),
        "failing": {
            series: {"reason": one.reason, "detail": one.detail, "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}"}
            for series, one in sorted(state.standing.items())
        },
    }


def _config_faults(home: Home) -> list[str]:
    """Say where config.toml is no TOML: then every run fails."""
    try:
        text = home.config.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        return [f"config.toml: {error}"]
    try:
        tomllib.loads(text)
    except ValueError as error:
        return [f"config.toml:{syntax_fault(text, error)}"]
    return []


def disk(home: Home) -> tuple[int, int]:
    """Give the bytes that are free, and those that are to stay free by config.toml."""
    try:
        free = shutil.disk_usage(home.root).free
    except OSError:
        free = 0
    try:
        fetch = tomllib.loads(home.config.read_text(encoding="utf-8")).get("fetch", {})
        least = fetch.get("min_free", MIN_FREE)
    except (OSError, ValueError, AttributeError):
        least = MIN_FREE
    return free, least if isinstance(least, int) else MIN_FREE
