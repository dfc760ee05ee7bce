"""A digest of a row within the row: what no second place tells, and no page of the ledger's file has a checksum of.

Takes   a row as it is written; the name of a column of it that holds a JSON object.
Gives   the row with its seal in that object; of a row that was read, whether its seal is broken.
Writes  nothing.

Rows of older versions have none, and are sealed when they are written next: by a capture that changes them, or by `rebuild`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ..fixity import label

SEAL: Final = "sealed"


def sealed(row: Mapping[str, Any], within: str) -> dict[str, Any]:
    """Seal a row. within: the column that takes the seal."""
    return {**row, within: {**row[within], SEAL: _digest(row, within)}}


def is_broken(row: Mapping[str, Any], within: str) -> bool:
    """Say whether a row is other than it was sealed."""
    told = row[within].get(SEAL)
    if told is None:  # never sealed, or it is the seal's own name that is another: no other value is a digest
        return any(isinstance(value, str) and value.startswith("sha256:") for value in row[within].values())
    return bool(told != _digest(row, within))


def _digest(row: Mapping[str, Any], within: str) -> str:
    """Digest all values but the seal, and but nulls: a column that a later version adds breaks no seal.

    ASCII, so that a lone surrogate in a text needs no spelling of its own.
    """
    held = {name: value for name, value in row.items() if value is not None and name != within}
    held[within] = {name: value for name, value in row[within].items() if name != SEAL}
    return label(sha256(json.dumps(held, sort_keys=True).encode()).hexdigest())
