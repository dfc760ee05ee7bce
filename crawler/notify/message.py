"""What happened to a series, as one message.

Takes   matters, the series. Gives: Message: title, body, how grave it is.
Writes  nothing.

Plain text, made for mail, chats and webhooks alike. The narrowest known (WeCom) takes 2,048 bytes with the title: so each kind
names its first matters, as many as there is room for, and counts the rest.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..profile.tables import Notice
from .matters import KINDS, About, Change, Matter
from .words import Words, words_of

TITLE: Final = 80  # characters
BODY_BYTES: Final = 1_780  # with a title of 80 Chinese characters and two line ends below 2,048
NAMED: Final = 5  # matters of a kind that are named
_LINE = 160  # characters of an item
_SIDE = 24  # characters of what stood there before, and of what stands there now

Grade = Literal["info", "success", "warning", "failure"]
_GRAVE: tuple[tuple[frozenset[Notice], Grade], ...] = (
    (frozenset({"failed", "damaged"}), "failure"),
    (frozenset({"withdrawn", "overdue"}), "warning"),
    (frozenset({"complete"}), "success"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """title: one line of at most TITLE characters. body: lines, at most BODY_BYTES in UTF-8."""

    title: str
    body: str
    grade: Grade


def compose(about: About, matters: Sequence[Matter]) -> Message:
    """Make one message of all matters, of which there is at least one."""
    words = words_of(about.language)
    by_kind = {kind: [matter for matter in matters if matter.kind == kind] for kind in KINDS}
    present = {kind: some for kind, some in by_kind.items() if some}
    counts = words.comma.join(_count(words, kind, len(some)) for kind, some in present.items())
    return Message(_title(about, words, counts), _body(about, words, present), _grade(matters))


def compose_test(about: About) -> Message:
    """Make the message of `notify test`."""
    words = words_of(about.language)
    return Message(words.test_title, _fitted(words.test_body.format(series=_plain(about.title))), "info")


def _title(about: About, words: Words, counts: str) -> str:
    room = TITLE - len(counts) - len(words.colon)
    return _cut(_cut(_plain(about.title), max(room, 12)) + words.colon + counts, TITLE)


def _count(words: Words, kind: Notice, number: int) -> str:
    return words.counts[kind].format(n=number)


def _grade(matters: Sequence[Matter]) -> Grade:
    there = {matter.kind for matter in matters}
    return next((grade for kinds, grade in _GRAVE if kinds & there), "info")


# ---------------------------------------------------------------------------------------------------------------- body


def _body(about: About, words: Words, present: dict[Notice, list[Matter]]) -> str:
    end = _end(about, words, [one for some in present.values() for one in some])
    for named in range(NAMED, -1, -1):
        sections = [_section(about, words, kind, some, named) for kind, some in present.items()]
        body = "\n\n".join("\n".join(lines) for lines in [*sections, end])
        if len(body.encode()) <= BODY_BYTES:
            return body
    return _fitted(body)


def _section(about: About, words: Words, kind: Notice, matters: Sequence[Matter], named: int) -> list[str]:
    lines = [_count(words, kind, len(matters))]
    for matter in matters[:named]:
        lines += _item(about, words, matter)
    if 0 < named < len(matters):
        lines.append(f"· {words.more_items.format(n=len(matters) - named)}")
    return [*lines, f"→ {words.do[kind]}{'' if words.do[kind].endswith('：') else ' '}{_command(about, matters[0])}"]


def _item(about: About, words: Words, matter: Matter) -> list[str]:
    position = words.position.format(n=matter.position) if matter.position else ""
    said = _changed(words, matter.change) if matter.change else _plain(matter.detail)
    text = words.colon.join(part for part in (position + _plain(matter.name), said) if part.strip())
    lines = [f"· {_cut(text, _LINE)}"] if text else []
    if about.web and matter.article:
        edit = "/diff/{}/{}".format(*matter.revisions) if matter.kind == "revised" and matter.revisions else ""
        lines.append(f"  {about.web}/article/{matter.article}{edit}")
    return lines


def _changed(words: Words, change: Change) -> str:
    was, now = _cut(_plain(change.was), _SIDE), _cut(_plain(change.now), _SIDE)
    one_sided = words.removed.format(text=was) if was else words.added.format(text=now)
    said = f"{was} → {now}" if was and now else one_sided
    more = [words.more_changes.format(n=change.more)] if change.more else []
    field = words.fields.get(change.field, change.field.replace("_", " "))
    return said + words.bracket.format(text=words.comma.join([field, *more]))


def _command(about: About, matter: Matter) -> str:
    """Give the command that helps: with the first of the matters, as an example of all."""
    crawl = f"lianzai crawl {about.id}"
    commands: dict[Notice, str] = {
        "found": f"lianzai articles {about.id}",
        "revised": f"lianzai diff {shlex.quote(matter.article or about.id)}",
        "withdrawn": f"lianzai show {shlex.quote(matter.article or about.id)}",
        "restored": f"lianzai show {shlex.quote(matter.article or about.id)}",
        "overdue": f"lianzai profile check {shlex.quote(_printable(about.profile))} --live" if about.profile else crawl,
        "failed": crawl,
        "damaged": "lianzai verify --repair",
        "complete": f"lianzai export {about.id} --format wacz",
    }
    return commands[matter.kind]


def _end(about: About, words: Words, matters: Sequence[Matter]) -> list[str]:
    """Say where to look for all of it: a command that names the home, and the pages."""
    home = f"lianzai --home {shlex.quote(_printable(about.home))}"
    since = min((matter.at for matter in matters if matter.at), default=None)
    if not about.id:
        return [f"{words.all}{_gap(words)}{home} doctor"]
    asked = f"history {about.id} --since {since[:19]}Z" if since else f"status {about.id}"
    pages = [f"{words.pages}{_gap(words)}{about.web}/series/{about.id}"] if about.web else []
    return [f"{words.all}{_gap(words)}{home} {asked}", *pages]


def _gap(words: Words) -> str:
    return "" if words.all.endswith("：") else " "


# ---------------------------------------------------------------------------------------------------------------- text


def _plain(text: str) -> str:
    """Make one line of a text, without what steers a terminal or a reader's writing direction."""
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _fitted(body: str) -> str:
    """Cut a body at the end of a line, or where one alone is too long within it."""
    if len(body.encode()) <= BODY_BYTES:
        return body
    kept = body.encode()[: BODY_BYTES - len("…".encode()) - 1].decode("utf-8", "ignore")
    whole = kept.rpartition("\n")[0]
    return f"{whole or kept}\n…"
