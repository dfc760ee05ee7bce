"""What an upload did, as values and as the contract's JSON.

Takes   results as they come.
Gives   {done, failed: [{what, reason}], paths} and counts; the one error that the command ends with, or None.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import IntegrityError, LianzaiError, PartialError, StoreError, UsageError


@dataclass(slots=True)
class Report:
    """One upload. paths: in the home, of what was sent or found to be there. bytes: sent. failed: (path or store, why)."""

    paths: list[str] = field(default_factory=list)
    sent: int = 0
    bytes: int = 0
    seconds: float = 0.0
    stores: list[str] = field(default_factory=list)
    failed: list[tuple[str, LianzaiError]] = field(default_factory=list)
    reached: bool = False  # any store answered

    def to_json(self) -> dict[str, Any]:
        """Give the document."""
        return {
            "done": not self.failed,
            "failed": [{"what": what, "reason": str(error)} for what, error in self.failed],
            "paths": sorted(self.paths),
            "stores": self.stores,
            "sent": self.sent,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
        }

    def error(self) -> LianzaiError | None:
        """Make one error of what failed: damage outweighs a store that cannot be used, and that what failed alone.

        Where nothing but the addresses of the stores is wrong, and all of them are, it is the UsageError of the first.
        """
        if not self.failed:
            return None
        if not self.reached and all(isinstance(error, UsageError) for _, error in self.failed):
            return self.failed[0][1]
        for kind in (IntegrityError, StoreError, LianzaiError):
            some = [(w, e) for w, e in self.failed if isinstance(e, kind) and (kind is not StoreError or _whole(e))]
            if some:
                break
        what, first = some[0]
        more = f" (and {len(self.failed) - 1} more)" if len(self.failed) > 1 else ""
        place = first.message if what in first.message else f"{what}: {first.message}"
        if isinstance(first, IntegrityError):
            return IntegrityError(place + more, action=first.action)
        if _whole(first):
            return StoreError(place + more, action=first.action, whole=True)
        return PartialError(place + more, action=first.action or "lianzai upload, which sends the rest")


def _whole(error: LianzaiError) -> bool:
    return isinstance(error, StoreError) and error.whole
