"""How likely a character is at a place, judged by the article itself and by how common it is at all.

Takes   the texts of one article, brackets taken out. Gives shares and choices. Writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from math import exp, inf, log, prod

from .hanzi import convert, is_convertible, is_traditional, share_alone, simplified

UNKNOWN = "□"  # U+25A1, the newspapers' own sign for a character that cannot be read
PRIOR = 1000  # words of other text that the general shares weigh as, beside the article's own
END = "\n"  # behind each paragraph, so that what ends one is counted
SURE = (
    0.75  # a choice less likely than this is not made; of 2,805 cuts in 125,373 characters 203 are then told, 12 wrong
)
# Factor by which the characters of a word from the dictionary are likelier together than each alone, by its length. Low for
# two: the dictionary is of words with a character of several readings (日场, not 日报).
LIFT = {2: 4.0, 3: 50.0, 4: 1000.0}
OTHER_SCRIPT = (
    4.0  # logarithm by which a form of the script that is not the article's falls behind, where it never has it
)
DOUBLED = 6.0  # logarithm by which a sign of punctuation falls behind after the same sign
CONTEXT = 3  # characters on each side by which a choice is weighed


@lru_cache(maxsize=1)
def _dictionary() -> frozenset[str]:
    """The words of two to four characters that pypinyin knows (46,000)."""
    from pypinyin.phrases_dict import phrases_dict

    return frozenset(phrase for phrase in phrases_dict if len(phrase) in LIFT)


def _words(line: str) -> Iterator[str]:
    """Cut a line into words, always the longest that the dictionary has."""
    known, position = _dictionary(), 0
    while position < len(line):
        length = next((n for n in (4, 3, 2) if line[position : position + n] in known), 1)
        yield line[position : position + length]
        position += length


class Model:
    """Counts of one article's words, in the simplified script. Made at the first question, as most articles ask none."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._originals = tuple(texts)
        self._logs: dict[str, float] = {}

    @cached_property
    def _seen(self) -> frozenset[str]:
        return frozenset(char for text in self._originals for char in text)

    @cached_property
    def _is_traditional(self) -> bool:
        """Whether the article has more forms that simplification leaves behind than it has of the others."""
        traditional = sum(map(is_traditional, self._seen))
        return 2 * traditional > sum(map(is_convertible, self._seen))

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(convert(text, "t2s") + END for text in self._originals)

    @cached_property
    def _counts(self) -> Counter[str]:
        """Words, and the pairs of characters that the article has at least twice: its names and terms."""
        counts = Counter(word for line in self._lines for word in _words(line))
        pairs = Counter(line[i : i + 2] for line in self._lines for i in range(len(line) - 1))
        counts.update({pair: count for pair, count in pairs.items() if count > 1 and pair not in counts})
        return counts

    @cached_property
    def _total(self) -> int:
        return self._counts.total()

    def share(self, word: str) -> float:
        """The share of a simplified word, or of a character that stands alone, in text like this; 0 where it is none."""
        general = share_alone(word) if len(word) == 1 else 0.0
        if word in _dictionary():
            general = LIFT[len(word)] * prod(map(share_alone, word))
        return (self._counts[word] + PRIOR * general) / (self._total + PRIOR)

    def _log_share(self, word: str) -> float:
        known = self._logs.get(word)
        if known is None:
            found = self.share(word)
            known = self._logs[word] = log(found) if found > 0 else -inf
        return known

    def weigh(self, before: str, char: str, after: str) -> float:
        """Logarithm of the likelihood of a character in either script between two passages, by its best cut into words."""
        line = "".join(map(simplified, before[-CONTEXT:] + char + after[:CONTEXT]))
        best = [0.0]
        for end in range(1, len(line) + 1):
            starts = range(max(0, end - 4), end)
            best.append(max(best[i] + self._log_share(line[i:end]) for i in starts))
        out_of_place = char not in self._seen and is_convertible(char) and is_traditional(char) != self._is_traditional
        doubled = before[-1:] == char and char in "，。、；：？！”"
        return best[-1] - (OTHER_SCRIPT if out_of_place else 0.0) - (DOUBLED if doubled else 0.0)

    def fluency(self, text: str) -> float:
        """Mean logarithm of the shares of a text's characters: about -5 for prose, below -10 for garble."""
        return sum(log(self.share(simplified(char))) for char in text) / max(1, len(text))

    def eaten(self, after: str) -> str:
        """The ASCII sign below @ that a cut pair swallowed before a character, where this article leaves no doubt."""
        if not "一" <= after <= "鿿":
            return UNKNOWN
        signs = Counter(line[i - 1] for line in self._lines for i in range(1, len(line)) if _is_eaten(line, i))
        best = max(signs, key=lambda char: (signs[char], char), default="")
        return best if best and signs[best] >= 0.9 * signs.total() >= 9 else UNKNOWN


def _is_eaten(line: str, place: int) -> bool:
    """Whether an ASCII sign below @ stands before the Chinese character at this place."""
    return line[place - 1] < "@" and "一" <= line[place] <= "鿿"


def choose(weights: Mapping[str, float]) -> str:
    """The candidate that is at least SURE, by the logarithms of their likelihoods; else UNKNOWN.

    >>> choose({"的": -3.0, "得": -9.0}), choose({"的": -3.0, "得": -3.1}), choose({})
    ('的', '□', '□')
    """
    if not weights:
        return UNKNOWN
    best = max(weights, key=lambda char: (weights[char], char))
    total = sum(exp(weight - weights[best]) for weight in weights.values())
    return best if 1 / total >= SURE else UNKNOWN
