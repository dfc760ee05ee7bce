"""The newspaper as a model: what stands where, and what its editors do between two visits.

Takes   the instalments of `text`; calls of a test or of the demonstration (publish, edit, withdraw …).
Gives   the state that `api` and `pages` show. Nothing here knows HTTP.
Writes  nothing.

The newspaper has its own clock, which goes on by an hour at each deed of its editors, so that every run tells the same times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .text import SHANGHAI, Instalment, instalments

TOPIC_ID = "special_901"
TOPIC_SLUG = "qushui"
OPENING = datetime(2018, 12, 3, 8, 0, tzinfo=SHANGHAI)  # a few days after the last instalment's own date
STEP = timedelta(hours=1)


@dataclass
class Standing:
    """How one instalment stands on the site.

    updated: what the list says of the last change. touched: when its content last changed, told or not. soft: once
    withdrawn its page answers 200 with a notice. listed: lists name it.
    """

    instalment: Instalment
    published: bool
    updated: datetime
    touched: datetime
    withdrawn: bool = False
    soft: bool = False
    listed: bool = True


@dataclass
class Newspaper:
    """The site's state. missing: subjects not published yet.

    newest_first: the order of the long section, as the client shows it. page_size: items of a section that the topic
    itself shows, the rest is paged.
    """

    missing: tuple[str, ...] = ("济源",)
    newest_first: bool = True
    page_size: int = 10
    stage_reached: int = 1
    answers: int = 0
    now: datetime = OPENING
    _standings: dict[str, Standing] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Set every instalment up, published but for the missing ones."""
        for one in instalments():
            published = one.subject not in self.missing
            self._standings[one.subject] = Standing(one, published, one.published, one.published, listed=published)

    # ------------------------------------------------------------------------------------------------ what is seen

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the editors out while one answer is put together."""
        with self._lock:
            yield

    def standing(self, subject: str) -> Standing:
        """Give the standing of a subject; raises KeyError for one that is none of the eighteen."""
        return self._standings[subject]

    def all(self) -> list[Standing]:
        """Give every instalment that is or was published, in the order of the series."""
        return [one for one in self._standings.values() if one.published]

    def listed(self) -> list[Standing]:
        """Give the instalments that lists name, in the order of the long section."""
        listed = [one for one in self._standings.values() if one.published and one.listed]
        return listed[::-1] if self.newest_first else listed

    def count(self) -> int:
        """Count an answer: the moving part of views, support and comment."""
        with self._lock:
            self.answers += 1
            return self.answers

    # -------------------------------------------------------------------------------------- what its editors do

    def publish(self, subject: str) -> None:
        """Publish a missing instalment."""
        with self._deed(subject) as one:
            one.published = one.listed = True
            one.updated = one.touched = self.now

    def edit(self, subject: str, was: str | None = None, now: str | None = None) -> tuple[str, str]:
        """Change a passage without a word to the reader; lists say a new `updated`.

        Without `was` the passage that the instalment's file names, and back again at the next call.
        Returns the passage before and after; raises ValueError where `was` does not stand in the body or highlights.
        """
        with self._deed(subject) as one:
            one.updated = one.touched = self.now
            return _replace(one, was, now)

    def edit_quietly(self, subject: str, was: str | None = None, now: str | None = None) -> tuple[str, str]:
        """Change a passage, and let lists say the old `updated`."""
        with self._deed(subject) as one:
            one.touched = self.now
            return _replace(one, was, now)

    def retitle(self, subject: str, title: str) -> None:
        """Give an instalment another title, in the editor's note too."""
        with self._deed(subject) as one:
            one.instalment = replace(one.instalment, title=title)
            one.updated = one.touched = self.now

    def withdraw(self, subject: str, *, soft: bool = False, listed: bool = False) -> None:
        """Take an instalment back. soft: its page answers 200 with a notice, not 404. listed: lists still name it."""
        with self._deed(subject) as one:
            one.withdrawn, one.soft, one.listed = True, soft, listed

    def restore(self, subject: str) -> None:
        """Put a withdrawn instalment back as it was."""
        with self._deed(subject) as one:
            one.withdrawn = one.soft = False
            one.listed = True

    def stage(self, number: int) -> None:
        """Go to that stage of the demonstration; 1: seventeen instalments; 2: 济源 comes, 安阳 is edited, 信阳 withdrawn.

        Raises ValueError for a stage that lies behind or that there is not.
        """
        if number not in (1, 2) or number < self.stage_reached:
            raise ValueError(f"stage {number}: reached {self.stage_reached}, there are 1 and 2")
        if self.stage_reached < number:
            self.publish("济源")
            self.edit("安阳")
            self.withdraw("信阳")
            self.stage_reached = number

    @contextmanager
    def _deed(self, subject: str) -> Iterator[Standing]:
        with self._lock:
            standing = self._standings[subject]
            self.now += STEP
            yield standing


def _replace(one: Standing, was: str | None, now: str | None) -> tuple[str, str]:
    text = one.instalment
    if was is None or now is None:
        was, now = text.edit if any(text.edit[0] in block for block in text.blocks) else text.edit[::-1]
    if not any(was in block for block in (*text.blocks, *text.highlights)):
        raise ValueError(f"{text.subject}: {was!r} is not in its text")
    one.instalment = replace(
        text,
        blocks=tuple(block.replace(was, now) for block in text.blocks),
        highlights=tuple(line.replace(was, now) for line in text.highlights),
    )
    return was, now
