"""An answer that went astray: another article's page, a page that has nothing of the article, half of its text.

Takes   an article, what is known of it and of the others, and what its address says now.
Gives   Trouble in place of what is said, or that unchanged. No words are known here: a wall in any language, a cache that mixes
        up two addresses and a server that stops midway are told by what the series knows already.
Writes  nothing.

What the address says is compared with what it said last, and with what the lists call the article. An edit keeps the title or
some of the text; a page that keeps neither is another one. It may be that an address is used anew: a whole article that is still
there when it is looked for again is taken for that, as long as no other address of the series tells it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..model import Capture, Reading, Said, Trouble
from .damaged import as_known, damage
from .revise import Reviser, text_digest
from .state import ArticleState, Channel, SeriesState

PIECE, STEP = 12, 6  # letters of the pieces that two texts are compared by, and from one to the next
SHARED = 0.02  # of the pieces of two texts of one article at least; of two that share a form of address only, less
SAME = 0.5  # of the pieces of a text that another one has as well, for an edit of it
ALIKE = 0.3  # of two titles of one article, by their pairs of letters
CUT = 0.9  # of the text that was known, for one that ends midway, and may be an edit all the same where it has more
TEASER = 0.5  # of the text that was known, for its beginning above a label (展开全文)
LABEL_LETTERS = 12
LEFT = 0.5  # of the letters that were known, for a text that has none of them
KNOWN_LETTERS = 60  # of a text that another one is held against: a caption may be replaced by any other
SHORT_LETTERS = 400  # a page that is no article may explain itself so long
TITLE_LETTERS = 4  # a shorter title says nothing of which article it is
_NO_LETTER = re.compile(r"[\W_]+")
_SENTENCE_ENDS = frozenset("。！？!?….\n")
_DOTS = ("…", "...", "。。。")
_WHOLE = tuple("。！？!?.…”\"’'』」）)】》;；—")


class Astray:
    """Tells the answers of one series that are not of the article whose address was asked."""

    def __init__(self, state: SeriesState, reviser: Reviser) -> None:
        self._state = state
        self._reviser = reviser
        self._listed: dict[str, list[str]] = {}
        self._listed_count = -1

    def judged(self, article: ArticleState, channel: Channel, capture: Capture, said: Said) -> Said | Trouble:
        """Give what is said, or why it is not of this article."""
        if channel.digest == capture.payload_digest:  # it was taken for the article's already
            return said
        prior = self._reviser.last(article, channel)
        reading = as_known(said.reading, prior) if prior is not None else said.reading
        said = replace(said, reading=reading)
        detail = self._of_another(article, reading) if said.part == 1 else None
        if detail is None and said.part == 1 and not article.revisions:
            detail = self._of_none(article, reading)
        if detail is None and prior is not None:
            detail = damage(reading, prior) or self._unlike(article, said, prior)
        return said if detail is None else Trouble("not-an-article", detail)

    def _of_another(self, article: ArticleState, reading: Reading) -> str | None:
        """Tell whether the title is, to the letter, what the lists call one other article, and not what they call this one.

        Lists err too, and exchange two titles. So it counts while the other article tells this text as well, or nothing yet; but
        where it told nothing in the run before either, there is nothing that was mixed up.
        """
        title, own = _letters(reading.title), _letters(article.list_title)
        if not own or len(title) < TITLE_LETTERS or own in title or title in own:
            return None
        named = self._named(title)
        if len(named) != 1 or named[0] == article.id:
            return None
        other = self._state.articles[named[0]]
        detail = f"the page of another article, {other.url}"
        if not other.revisions:
            return None if (article.failing, article.failing_detail) == ("not-an-article", detail) else detail
        told = [self._reviser.last(other, channel) for channel in other.channels.values()]
        same = any(_share(_letters(one.text), _letters(reading.text)) >= SAME for one in told if one is not None)
        return detail if same else None

    def _of_none(self, article: ArticleState, reading: Reading) -> str | None:
        """Tell whether a short page that nobody signs has not two letters in common with what the lists call the article."""
        title = _letters(article.list_title)
        if len(title) < TITLE_LETTERS or len(self._named(title)) != 1:
            return None
        if reading.published or reading.authors or reading.images or len(_letters(reading.text)) >= SHORT_LETTERS:
            return None
        if _pairs(title) & _pairs(_letters(reading.title) + " " + _letters(reading.text)):
            return None
        return f"nothing of {article.list_title!r}, as the list calls it"

    def _unlike(self, article: ArticleState, said: Said, prior: Reading) -> str | None:
        """Tell whether a page has the text no more that it had, or only the beginning of it."""
        reading = said.reading
        now, was = _letters(reading.text), _letters(prior.text)
        if len(was) < KNOWN_LETTERS or now == was:
            return None
        if said.next_part is None and _is_cut(reading, prior, breaks_off=said.breaks_off):
            return "only the beginning of the text that was known"
        if _share(now, was) >= SHARED:
            return None
        if len(now) < min(SHORT_LETTERS, LEFT * len(was)) and not (reading.images and reading.images == prior.images):
            return f"nothing of the text that was known: {reading.text[:60]}"
        elsewhere = self._telling(article, reading)
        if elsewhere is not None:
            return f"the page of another article, {elsewhere.url}"
        if any(title and _agree(title, reading.title) for title in (prior.title or reading.title, article.list_title)):
            return None
        detail = f"another page: {(reading.title or reading.text)[:60]}"
        again = article.failing == "not-an-article" and article.failing_detail == detail
        return None if again and len(now) >= SHORT_LETTERS else detail

    def _telling(self, article: ArticleState, reading: Reading) -> ArticleState | None:
        """Give another article that shows this very text."""
        digest = text_digest(reading)
        return next((a for a in self._state.articles.values() if a.text_sha256 == digest and a is not article), None)

    def _named(self, title: str) -> Sequence[str]:
        """Give the articles that the lists call so. title: its letters."""
        if self._listed_count != len(self._state.articles):
            self._listed = {}
            for one in self._state.articles.values():
                if one.list_title:
                    self._listed.setdefault(_letters(one.list_title), []).append(one.id)
            self._listed_count = len(self._state.articles)
        return self._listed.get(title, ())


def _is_cut(reading: Reading, prior: Reading, *, breaks_off: bool) -> bool:
    """Tell whether a text is how another one begins, and stops where no editor ends one.

    That is within its sentence, in markup that breaks off, or at a short line that is no sentence and that the other one has not:
    a label that asks for a click, the message of a program that died.
    """
    lines = reading.text.rstrip().split("\n")
    last = lines[-1].rstrip()
    is_whole = last.endswith(_WHOLE)
    now, was = _letters(reading.text), _letters(prior.text)
    if not reading.body or not now:
        return False
    if breaks_off and all(_letters(line) in was for line in lines):  # nothing is new in it
        return not now.endswith(_letters(prior.text.rstrip().rpartition("\n")[2]))
    if was.startswith(now):
        is_torn = len(now) < len(was) and _is_within_sentence(prior.text, len(now))
        if len(now) >= CUT * len(was):
            return is_torn and not is_whole
        return not is_whole or (is_torn and last.endswith(_DOTS))
    above, label = _letters("\n".join(lines[:-1])), _letters(last)
    if is_whole or not above or label in was or not was.startswith(above):
        return False
    return breaks_off or (len(label) <= LABEL_LETTERS and len(above) < TEASER * len(was))


def _is_within_sentence(text: str, count: int) -> bool:
    """Tell whether a sentence goes on behind the first letters of a text, in a paragraph that ends as sentences do."""
    at = 0
    while count > 0:
        count -= len(_letters(text[at]))
        at += 1
    gap = _NO_LETTER.match(text, at)
    ends = _SENTENCE_ENDS.intersection(gap[0]) if gap else frozenset()
    return not ends and text[at:].split("\n", 1)[0].rstrip().endswith(_WHOLE)


def _share(one: str, other: str) -> float:
    """Give the share of the pieces of a text that stand in another."""
    if not one:
        return 0.0
    there = {other[at : at + PIECE] for at in range(max(1, len(other) - PIECE + 1))}
    pieces = [one[at : at + PIECE] for at in range(0, max(1, len(one) - PIECE + 1), STEP)]
    return sum(piece in there for piece in pieces) / len(pieces)


def _agree(one: str | None, other: str | None) -> bool:
    """Tell whether two titles may be of one article; where one is not known they may."""
    first, second = _letters(one), _letters(other)
    if not first or not second or first in second or second in first:
        return True
    a, b = _pairs(first), _pairs(second)
    return 2 * len(a & b) >= ALIKE * (len(a) + len(b))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(max(1, len(text) - 1))}


def _letters(text: str | None) -> str:
    return _NO_LETTER.sub("", text or "").lower()
