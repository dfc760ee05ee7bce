"""Whether what a command stumbled over is a ledger that decayed, and no bug.

Takes   a home.
Gives   an IntegrityError that names the first thing that is wrong, or None.
Writes  nothing.

Asked only where a command is about to say that it met a bug: whoever reads a row takes it as it was written, and so stumbles
somewhere over one that was not. Its seal tells (seal.py), whatever it is that decayed.
"""

from __future__ import annotations

from contextlib import closing

from ..errors import IntegrityError, LianzaiError
from ..home import Home
from .fixity import page_faults
from .seal import broken_rows
from .store import open_to_read


def damage_of(home: Home) -> LianzaiError | None:
    """Look through the whole ledger for what is other than it was written. None where it is whole, or cannot be read now."""
    try:
        why = _first_fault(home)
    except LianzaiError as error:
        return error
    except Exception:  # noqa: BLE001  whoever asks has a fault to tell already, and tells that one
        return None
    if why is None:
        return None
    return IntegrityError(f"{home.root / home.ledger_name}: damaged: {why}", action="lianzai verify --repair")


def _first_fault(home: Home) -> str | None:
    if home.database is None:
        if not home.ledger.is_file():
            return None
        if faults := page_faults(home.ledger):
            return faults[0]
    with closing(open_to_read(home)) as ledger, ledger.read() as connection:
        return next((row.why for row in broken_rows(connection)), None)
