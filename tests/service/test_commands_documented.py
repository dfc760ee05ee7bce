"""What is promised stands in the docs, and what stands in the docs is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from archive.errors import LianzaiError
from archive.events import EVENTS
from archive.model import EventKind, Reason
from scheduler import CLI, VERBS

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")


def verbs() -> list[tuple[str, click.Command]]:
    """Give every verb, those of groups too, by the name it is called with."""
    context = click.Context(CLI)
    found: list[tuple[str, click.Command]] = []
    for name in VERBS:
        verb = CLI.get_command(context, name)
        assert verb is not None
        below = getattr(verb, "commands", {})
        found += [(f"{name} {one}", command) for one, command in below.items()] if below else [(name, verb)]
    return found


def exit_codes(error: type[LianzaiError]) -> set[int]:
    """Give the exit codes of an error and all below it."""
    return {error.exit_code}.union(*(exit_codes(one) for one in error.__subclasses__()))


def test_each_command_and_option_is_documented() -> None:
    """A newcomer finds in the docs whatever --help knows."""
    missing = []
    for name, verb in verbs():
        if not re.search(rf"`{name}[ `]", COMMANDS):
            missing.append(name)
        options = [text for one in verb.params if isinstance(one, click.Option) for text in one.opts]
        missing += [f"{name} {text}" for text in options if f"`{text}" not in COMMANDS and f"[{text}" not in COMMANDS]

    assert missing == []


def test_each_documented_command_exists() -> None:
    """A command that is described and not there costs a reader's trust."""
    headings = re.findall(r"^### `([a-z]+)", COMMANDS, re.MULTILINE)
    rows = re.findall(r"^\| `([a-z]+)(?: [a-z]+)? (?:PROFILE|SERIES)", COMMANDS, re.MULTILINE)

    assert sorted(headings + rows) == sorted(VERBS)


def test_each_exit_code_reason_and_kind_is_documented() -> None:
    """Scripts rely on them."""
    codes = {int(code) for row in re.findall(r"^\| ([0-9, ]+) \|", COMMANDS, re.MULTILINE) for code in row.split(",")}

    assert codes == exit_codes(LianzaiError) | {0, 130, 143}
    assert [one for one in (*get_args(Reason), *get_args(EventKind)) if f"`{one}`" not in COMMANDS] == []


def test_the_events_of_the_log_are_documented_as_they_are() -> None:
    """The list is closed: nothing more, nothing less, in the same words."""
    rows = re.findall(r"^\| `([a-z.]+)` \| ([^|]*) \|", (DOCS / "events.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert [name for name, _ in rows] == list(EVENTS)
    assert [name for name, means in rows if not EVENTS[name].startswith(means.strip())] == []


@pytest.mark.parametrize("name", VERBS)
def test_the_line_in_help_is_a_sentence_that_fits(name: str) -> None:
    """One line a verb, so that all of them are seen at once."""
    line = VERBS[name][1]

    assert len(line) <= 64  # of 80 columns, less those of the names
    assert line.endswith(".")
