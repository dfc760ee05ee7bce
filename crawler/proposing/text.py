"""A proposal as a profile: TOML with a word on where each value comes from.

Takes   a Proposal, the id of the series.
Gives   the text of a profile that reads as it is proposed; proposed_from, the address that such a text came from.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..profile.writing import assignment
from .answer import Proposal, Told

_FIRST = "# Proposed by lianzai for <"
_ORDER = ("title", "expected", "subjects", "timezone", "cadence", "publisher", "language")
_WHY_CHARS = 160
_VALUE_CHARS = 4096  # of one value of a profile
_FROM = re.compile(rf"^{re.escape(_FIRST)}(?P<url>[^<>\s]+)>", re.MULTILINE)


def to_profile(proposal: Proposal, series: str) -> str:
    """Write a proposal as TOML. series: the id."""
    count = len(proposal.entries)
    lines = [
        f"{_FIRST}{proposal.asked}>, looked at on {proposal.fetched:%Y-%m-%d}.",
        f"# Its list named {count} article{'' if count == 1 else 's'} then. Mend what is wrong here;",
        "# `lianzai profile check FILE --live` tells what it reads.",
        *(f"# Note: {_comment(warning)}" for warning in proposal.warnings),
        "",
        "[series]",
        assignment("id", series) + "  # names files and addresses; made from the title",
        *_lines({key: proposal.series[key] for key in _ORDER if key in proposal.series}),
        '# schedule = "*/30 7-23 * * *"  # when `lianzai serve` looks for new instalments, once it is added (cron)',
        "",
        "[source]",
        *_lines(proposal.source),
    ]
    if proposal.scope:
        lines += ["", "[scope]", *_lines(proposal.scope)]
    if proposal.is_private:
        lines += [
            "",
            "[fetch]",
            "allow_private = true  # the address is of a private network; only its host and port are asked",
        ]
    if proposal.note or proposal.article:
        lines += ["", "[article]"]
        lines += [f"# {_comment(proposal.note)}"] if proposal.note else []
        lines += _lines(proposal.article)
    return "\n".join(lines) + "\n"


def proposed_from(text: str) -> str | None:
    """Give the address for which a profile was proposed, None for any other."""
    match = _FROM.match(text)
    return match["url"] if match else None


def _lines(table: Mapping[str, Told]) -> list[str]:
    lines = []
    for key, told in table.items():
        line = assignment(key, _harmless(told.value)) + (f"  # {_comment(told.why)}" if told.why else "")
        lines.append(line if told.sure else f"# {line}")
    return lines


def _harmless(value: Any) -> Any:
    """Bring what a site says of itself onto one line, and keep it from naming a variable of the environment (`env:NAME`)."""
    if isinstance(value, list):
        return [_harmless(one) for one in value]
    if not isinstance(value, str):
        return value
    plain = _one_line(value)[:_VALUE_CHARS]
    return f" {plain}" if plain.startswith("env:") else plain


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _comment(text: str) -> str:
    """Bring what a site says onto one line of a comment; TOML takes no control characters there."""
    plain = _one_line(text)
    return plain if len(plain) <= _WHY_CHARS * 2 else plain[: _WHY_CHARS * 2] + "…"
