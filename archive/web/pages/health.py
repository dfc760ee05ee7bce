"""How a series stands, as a shape and words: whether it needs a person, has gaps, grows, is complete, or is paused.

Takes   the Room, what views.status tells of a series. Gives: that, and Health. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ... import views
from ...ledger.queries import Connection
from ..room import Room

Both = tuple[str, str]  # in Chinese, in English

# Kinds by gravity, each with the words by which it is chosen.
KINDS: Final[dict[str, Both]] = {
    "bad": ("要人处理", "needs a person"),
    "gap": ("有缺或撤下", "gaps or withdrawals"),
    "grow": ("在连载", "growing"),
    "idle": ("暂停或未开始", "paused or not begun"),
    "ok": ("完整", "complete"),
}
GRAVITY: Final = {kind: place for place, kind in enumerate(KINDS)}
_NAMED = 4  # missing subjects that are named


@dataclass(frozen=True, slots=True)
class Health:
    """kind: of KINDS, as style.css has it."""

    kind: str
    words: Both


def standing(room: Room, connection: Connection, now: datetime, wanted: str | None = None) -> list[dict[str, Any]]:
    """Give views.status of all series, or of one. Raises NotFoundError for an unknown one."""
    told = views.status(connection, room.home, now=now, next_fire=room.next_fire or _never, wanted=wanted)
    series: list[dict[str, Any]] = told["series"]
    return series


def _never(_schedule: str, _timezone: str | None, _now: datetime) -> datetime | None:
    return None


def health(told: Mapping[str, Any]) -> Health:
    """Judge one series. Never "complete" while something is missing, failed or withdrawn."""
    bad, gap = _faults(told), _gaps(told)
    if told["paused"]:
        return Health("idle", _joined([("暂停采集", "paused"), *bad, *gap]))
    if bad:
        return Health("bad", _joined([*bad, *gap]))
    if told["complete"] and not gap:
        return Health("ok", ("完整", "complete"))
    if not told["found"]:  # neither by a crawl nor by an import
        return Health("idle", _joined([("尚未采到一篇", "nothing seen yet"), *gap]))
    lacking = bool(told["missing"]) or told["complete"] is False
    if told["withdrawn"] or (lacking and told["overdue"] is not False):
        whole = [("全数存下", "all kept")] if told["complete"] else []
        return Health("gap", _joined([*whole, *gap] or [("不全", "not complete")]))
    known = ("在连载，按期", "growing, on time") if told["overdue"] is False else ("在连载", "growing")
    return Health("grow", _joined([known, *gap]))


def _faults(told: Mapping[str, Any]) -> list[Both]:
    """Name what does not mend itself."""
    found: list[Both] = []
    if told["trouble"]:
        done = told["trouble"]["reason"] == "partial"  # all else of that run was kept
        found.append(("上次采集有失败", "something failed last time") if done else ("采集不成", "cannot be crawled"))
    if told["blocked_until"]:
        found.append(("报社网站暂拒采集", "the site wants to be left alone"))
    if told["failed"]:
        found.append((f"{told['failed']} 篇失败", f"{told['failed']} failed"))
    if told["overdue"] and not told["paused"]:
        found.append(("逾期未刊", "overdue"))
    return found


def _gaps(told: Mapping[str, Any]) -> list[Both]:
    """Name what is not there."""
    found: list[Both] = []
    if told["missing"]:
        names, more = told["missing"][:_NAMED], len(told["missing"]) - _NAMED
        found.append(
            (
                "缺" + "、".join(names) + (f"等 {len(told['missing'])} 篇" if more > 0 else ""),
                "missing " + ", ".join(names) + (f" and {more} more" if more > 0 else ""),
            )
        )
    elif told["expected"] and told["found"] < told["expected"]:
        number = told["expected"] - told["found"]
        found.append((f"缺 {number} 篇", f"{number} missing"))
    waiting = told["found"] - told["captured"] - told["failed"]
    if waiting > 0:
        found.append((f"已见未存 {waiting} 篇", f"{waiting} seen, not captured"))
    if told["withdrawn"]:
        found.append((f"撤下 {told['withdrawn']} 篇，存本可读", f"{told['withdrawn']} withdrawn, kept here"))
    return found


def _joined(parts: list[Both]) -> Both:
    return "；".join(part[0] for part in parts), "; ".join(part[1] for part in parts)
