"""What a verification found, as values and as the contract's JSON.

Takes   findings as they come.
Gives   {checked, damaged: [{path, expected, found, records: [{offset, record_id}]}], missing, repaired}, one entry a file.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Damage:
    """One file that is not as it was written.

    expected, found: digests ("sha256:<hex>"), or in words where a digest would not tell. records: (offset, record id), the
    id None where it could not be read. why: for people, one sentence a fault, few of them.
    """

    path: str
    expected: str
    found: str
    records: list[tuple[int, str | None]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    @property
    def evidence(self) -> list[str]:
        """Give the ids of the records that are damaged."""
        return [name for _, name in self.records if name]


@dataclass(slots=True)
class Report:
    """All that a verification found. Paths are relative to the home; skipped: path -> why it was not looked at.

    unreached: object store, or object -> why it could not be asked.
    """

    checked: int = 0
    damaged: dict[str, Damage] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    unreached: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Say that nothing is damaged or missing (any more)."""
        return not self.damaged and not self.missing

    def mended(self, path: str) -> None:
        """Take a file from what is wrong to what was repaired."""
        self.damaged.pop(path, None)
        self.missing = [one for one in self.missing if one != path]
        self.repaired.append(path)

    def to_json(self) -> dict[str, Any]:
        """Give the document of the contract."""
        return {
            "checked": self.checked,
            "damaged": [
                {
                    "path": one.path,
                    "expected": one.expected,
                    "found": one.found,
                    "records": [{"offset": offset, "record_id": name} for offset, name in one.records],
                }
                for _, one in sorted(self.damaged.items())
            ],
            "missing": sorted(self.missing),
            "repaired": sorted(self.repaired),
        }
