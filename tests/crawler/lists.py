"""The lists of tests/data/lists, and what a look at a site gives, without a site.

Takes   the folder. Gives: LISTS by name; look, which answers as the site would. Writes: nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.proposing.answer import Answer, Proposal
from crawler.proposing.propose import propose

FOLDER = Path(__file__).parents[1] / "data" / "lists"
LOOKED = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)
LISTS: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
HTML = "text/html; charset=utf-8"


@dataclass
class Looked:
    """What came of looks at a site. asked: the addresses, in their order; those that the site does not have give no answer."""

    proposal: Proposal
    asked: list[str] = field(default_factory=list)


def look(url: str, site: Mapping[str, tuple[bytes | str, str] | int], fetched: datetime = LOOKED) -> Looked:
    """Propose a profile for an address. site: body and Content-Type, or a status, by address."""
    answers: dict[str, Answer | None] = {}
    asked: list[str] = []
    wanted = url
    while True:
        asked.append(wanted)
        answers[wanted] = _answer(wanted, site.get(wanted), fetched)
        found = propose(url, answers)
        if isinstance(found, Proposal):
            return Looked(found, asked)
        assert found.url not in answers, "it asks for what it was answered"
        wanted = found.url


def _answer(url: str, said: tuple[bytes | str, str] | int | None, fetched: datetime) -> Answer | None:
    if said is None:
        return None
    if isinstance(said, int):
        return Answer(url, said, HTML, b"", fetched)
    body, content_type = said
    return Answer(url, 200, content_type, body.encode() if isinstance(body, str) else body, fetched)


def site_of(name: str) -> dict[str, tuple[bytes | str, str] | int]:
    """Give what the site of a saved list answers."""
    one = LISTS[name]
    answers = {one["url"]: (FOLDER / one["file"], one["content_type"])}
    answers |= {url: (FOLDER / more["file"], more["content_type"]) for url, more in one["further"].items()}
    return {url: (path.read_bytes(), content_type) for url, (path, content_type) in answers.items()}
