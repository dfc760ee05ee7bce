"""Characters that nobody sees: soft hyphens, zero widths, marks of direction, controls.

Takes   the paragraphs of an article for the verdict, then a paragraph. Gives edits. Writes nothing.

They part words for search and comparison, so those that carry nothing leave the text. Whether that mends damage or only
tidies, as with white space, is another question, and the article as a whole answers it:

- Typography leaves in silence. A soft hyphen in a word of letters is a hint where to part it; a zero-width space, joiner or mark
  beside a blank, a sign or a paragraph's edge is a place to break a line, or what an editor left where an element began.
  Of 264 healthy pages 13 have such, up to 102 a page, and none has a zero width inside a word.
- Damage is told: a zero width inside a word, as systems scatter them to mark copies; a soft hyphen in a script that parts
  no words, or hints that cut off pieces without a vowel. Where there is some, all of its kind in the article is of one
  origin, wherever it stands.
- What a script needs stays: joiners in Persian, Arabic and Indic words and in emoji, marks of direction beside them, the
  zero-width spaces between words of Thai, Khmer and Burmese, the tags of a flag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .spans import SILENT, Edit

WHY = "invisible characters"
MIN_HINTS = 3  # soft hyphens in words of letters, from which on their places can prove anything
MAX_ODD = 0.2  # share of them that may cut off a piece without a vowel: borrowed words, abbreviations

_SOFT = "\u00ad"
_SPACE = "\u200b"
_TAGS = "\U000e0001\U000e0020-\U000e007f"
_HIDDEN = rf"{_SOFT}{_SPACE}\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\u180e\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_TAGS}"
_JOINERS = r"\u200c\u200d"
_DIRECTION = r"\u200e\u200f\u202a-\u202e\u2066-\u2069"
CHARS = _HIDDEN + _JOINERS + _DIRECTION

_RUN = re.compile(f"[{CHARS}]+")
_CARRYING_NOTHING = re.compile(f"[{_HIDDEN}]")
# Scripts of Europe and East Asia, which need neither joiners nor marks of direction; emoji and Arabic do.
_PLAIN = re.compile(r"[\s\x21-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u3000-\ua4cf\uac00-\ud7ff\uff00-\uffef]?")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_UNSPACED = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf]")
_MONGOLIAN = re.compile(r"[\u1800-\u18af]")
_FLAG = "\U0001f3f4"  # tags behind it spell the flag of a region
# German parts a ligature at the seam of a compound with a non-joiner: Auf|lage.
_LIGATURE = re.compile("f[bfhijklt]")
_NO_HYPHENATION = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc]")
_HYPHENATED = re.compile(rf"[^\W\d_]+(?:{_SOFT}[^\W\d_]+)+")
_VOWELS = frozenset("aeiouyæøœıаеёиоуыэюяіїєўαεηιουω")
_LETTERS_KNOWN = re.compile("[a-zа-џα-ω]")  # of scripts whose vowels are known here


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether invisible characters of an article are damage. hyphens: its soft hyphens; others: all others."""

    hyphens: bool = False
    others: bool = False


def judge(texts: Iterable[str]) -> Verdict:
    """Weigh the invisible characters of all paragraphs of an article together."""
    hints = odd = 0
    hyphens = others = False
    for text in texts:
        right_to_left = bool(_RIGHT_TO_LEFT.search(text))
        for match in _RUN.finditer(text):
            before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
            gone = _leaving(match[0], before, after, right_to_left=right_to_left)
            hyphens = hyphens or (
                _SOFT in gone and bool(_NO_HYPHENATION.match(before) and _NO_HYPHENATION.match(after))
            )
            others = others or (bool(gone.strip(_SOFT)) and _is_in_word(gone.strip(_SOFT), before, after))
        for word in _HYPHENATED.findall(text) if _SOFT in text else ():
            pieces = word.split(_SOFT)
            hints += len(pieces) - 1
            odd += sum(not _has_vowel(piece) for piece in pieces)
    return Verdict(hyphens or (hints >= MIN_HINTS and odd > MAX_ODD * hints), others)


def hidden(text: str, verdict: Verdict) -> Iterator[Edit]:
    """Find the invisible characters that carry nothing here. verdict: on their article."""
    right_to_left = bool(_RIGHT_TO_LEFT.search(text))
    for match in _RUN.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        gone = frozenset(_leaving(match[0], before, after, right_to_left=right_to_left))
        for place, char in enumerate(match[0], match.start()):
            if char in gone:
                told = verdict.hyphens if char == _SOFT else verdict.others
                yield Edit(place, place + 1, "", WHY if told else SILENT)


def _leaving(run: str, before: str, after: str, *, right_to_left: bool) -> str:
    """Give those characters of a run that carry nothing between two neighbours ("" at a paragraph's edge)."""
    if not right_to_left and _PLAIN.fullmatch(before) and _PLAIN.fullmatch(after):
        return run
    gone = "".join(_CARRYING_NOTHING.findall(run))
    if before == _FLAG:
        gone = re.sub(f"[{_TAGS}]", "", gone)
    if _UNSPACED.match(before) and _UNSPACED.match(after):
        gone = gone.replace(_SPACE, "")
    if _MONGOLIAN.match(before):
        gone = gone.replace("\u180e", "")
    return gone


def _is_in_word(gone: str, before: str, after: str) -> bool:
    """Whether characters stand between two letters or two digits of one script, where no line may break."""
    if not (before.isalnum() and after.isalnum()) or (gone == "\u200c" and _LIGATURE.match(before + after)):
        return False
    return (
        bool(_NO_HYPHENATION.match(before)) == bool(_NO_HYPHENATION.match(after))
        and before.isdigit() == after.isdigit()
    )


def _has_vowel(piece: str) -> bool:
    plain = unicodedata.normalize("NFD", piece.lower())
    return not _VOWELS.isdisjoint(plain) or not _LETTERS_KNOWN.search(plain)
