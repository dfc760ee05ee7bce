"""What each block of a page looks like, in numbers.

Takes   a Sheet.
Gives   one row of numbers a block (NAMES names them), for the first forest; and those that its answer adds (CONTEXT).
Writes  nothing.

Numbers are counts and shares as they are: a tree asks only which of two is larger, so scaling would change nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from .sheet import STRUCTURES, Place, Sheet
from .words import KINDS, SAYINGS, kinds_of, sayings_of

UNKNOWN = -1.0
FAR = 40  # blocks to the next paragraph where there is none; no distance is over FAR - 10
PARAGRAPH_LETTERS = 80
POINT_LETTERS = 20  # shorter blocks say nothing of where the article is
SURE = 0.5  # chance from which a block of LONG_LETTERS is a paragraph of the article
LIKELY = 0.3
LONG_LETTERS = 40
AGAIN_LETTERS = 30  # a shorter line may stand twice in an article

_END = re.compile(r"[。！？!?…．]|[.](?=\s|$|[\"”’»)])")
_COMMA = re.compile(r"[,，、;；:：]")
_LAST = tuple('.。！？!?…”"»」』’)）')
_DATE = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}:\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d"
    r"|\d{1,2}\.? \w{3,9}\.? (?:19|20)\d\d|\w{3,9}\.? \d{1,2}, (?:19|20)\d\d"
)
_DIGIT = re.compile(r"\d")
_QUOTE = re.compile('["“”«»„「」『』]')
_BULLET = re.compile(r"^\s*(?:[-–—•·●■◆▲►▶>»*#|©【\[（(]|\d{1,2}[.、)])")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TAG_ORDER = (
    "p", "div", "li", "tr", "td", "h1", "h2", "h3", "h4", "h5", "h6", "title", "figcaption", "blockquote", "section",
    "article", "span", "dd", "dt", "body", "header", "footer", "aside", "nav", "form", "center", "pre", "br", "figure",
    "address",
)  # fmt: skip
_TAGS = {tag: float(number) for number, tag in enumerate(_TAG_ORDER)}
_OTHER_TAG = 30.0
_INLINE = {"strong": 1, "b": 1, "em": 2, "i": 2, "cite": 2, "small": 3, "font": 4, "span": 5, "a": 6, "time": 7}
_HEADINGS = frozenset({"h1", "h2", "h3"})
_NEIGHBOURS = (-2, -1, 1, 2)
_LEVELS = ("up1", "up2", "up3")  # the element that holds the block and its neighbours, and two above

NAMES = (
    "letters", "linked", "ends", "end-density", "comma-density", "last", "ellipsis", "date", "digits", "upper", "capitals",
    "words", "word-length", "quote", "bullet", "bar", "colon", "address", "lower", "tag", "inline", "children", "depth",
    *(f"named-{kind}" for kind in KINDS), *(f"in-{one}" for one in STRUCTURES), *(f"says-{one}" for one in SAYINGS),
    "place", "place-letters", "number", "number-left", "paragraph-before", "paragraph-after", "after-title", "after-h1",
    *(f"{name}-{level}" for level in _LEVELS for name in ("share", "linked", "blocks", "mean")),
    "up", "up-main", "look-count", "look-share", "look-mean", "look-linked", "twice", "is-title", "in-title", "described",
    "told", "picture-before", "picture-after", "title-words", "description-words", "heading-title", "after-heading",
    "h1-title", "again",
    *(f"{name}-{level}" for level in _LEVELS for name in ("title", "description")),
    *(f"{name}{at:+d}" for at in _NEIGHBOURS for name in ("letters", "linked", "ends", "last", "home", "look")),
    "plain-4", "plain+4", "plain-12", "plain+12", "page-blocks", "page-plain", "page-linked", "page-wide", "page-main",
)  # fmt: skip
CONTEXT = (
    "chance", *(f"chance{at:+d}" for at in (-3, -2, -1, 1, 2, 3)), "chance-4", "chance+4", "chance-12", "chance+12",
    "done", "done-with", "sure-before", "sure-after", "up-sure", "up-main-sure", "chance-total", "chance-most",
    "chance-share", *(f"{name}-{level}" for level in _LEVELS for name in ("chance-density", "chance-held")),
    "look-chance", "look-held",
)  # fmt: skip


def first_rows(sheet: Sheet) -> list[list[float] | None]:
    """Give the row of each block, None for one that is a link and nothing else."""
    return _Rows(sheet).all()


class _Rows:
    """The rows of one sheet being made."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        blocks, count = sheet.blocks, len(sheet.blocks)
        self.count = count
        self.ends = [len(_END.findall(block.text)) for block in blocks]
        self.basics = [
            (float(length), part, float(ends), float(block.text.endswith(_LAST)))
            for length, part, ends, block in zip(sheet.lengths, sheet.linked, self.ends, blocks, strict=True)
        ]
        titles = set(sheet.title_letters)
        self.is_title = [one in titles for one in sheet.letters]
        points = [
            plain * (1.0 if ends else 0.3) if plain >= POINT_LETTERS and block.tag not in ("title", "h1") else 0.0
            for plain, ends, block in zip(sheet.plain, self.ends, blocks, strict=True)
        ]
        self.main = sheet.main(points)
        self.copies = Counter(sheet.letters)
        self.looks: dict[tuple[object, ...], list[float]] = {}
        for look, length, part in zip(sheet.looks, sheet.lengths, sheet.linked, strict=True):
            sums = self.looks.setdefault(look, [0.0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += length
            sums[2] += length * part
        is_paragraph = [plain >= PARAGRAPH_LETTERS for plain in sheet.plain]
        self.before, self.after = distances(is_paragraph)
        self.sums = list(accumulate(sheet.plain, initial=0))
        linked = sum(length * part for length, part in zip(sheet.lengths, sheet.linked, strict=True))
        wide = sum(1 for block in blocks if _WIDE.search(block.text))
        self.page = [
            float(count), float(sheet.all_plain), linked / sheet.total, wide / max(1, count),
            self.main.place.plain / sheet.all_plain if self.main else 0.0,
        ]  # fmt: skip
        self.title_part = _parts(sheet.title_bits, len(sheet.title_words))
        self.description_part = _parts(sheet.description_bits, len(sheet.description_words))

    def all(self) -> list[list[float] | None]:
        rows: list[list[float] | None] = []
        title = h1 = heading = -1  # numbers of the blocks last seen
        heading_title = h1_title = UNKNOWN
        seen: set[str] = set()
        for number, block in enumerate(self.sheet.blocks):
            letters, is_title = self.sheet.letters[number], self.is_title[number] and block.tag != "title"
            part = 1.0 if is_title else self.title_part[number]
            title = number if is_title else title
            h1 = number if block.tag == "h1" else h1
            if is_title or block.tag in _HEADINGS:
                heading, heading_title = number, part
            if is_title or block.tag == "h1":
                h1_title = part
            if self.sheet.idle[number]:
                rows.append(None)
            else:
                again = len(letters) >= AGAIN_LETTERS and letters in seen
                row = self.text(number)
                row += self.names(number)
                row += [*self.position(number), _since(number, title), _since(number, h1), *self.parents(number)]
                row += self.likeness(number)
                row += [
                    self.title_part[number], self.description_part[number], heading_title, _since(number, heading), h1_title,
                    float(again),
                ]  # fmt: skip
                row += self.shared_words(number)
                row += self.neighbours(number)
                rows.append(row)
            if len(letters) >= AGAIN_LETTERS:
                seen.add(letters)
        return rows

    def text(self, number: int) -> list[float]:
        text, length = self.sheet.blocks[number].text, len(self.sheet.letters[number])
        words, ends = text.split(), self.ends[number]
        upper = sum(map(str.isupper, text)) if not text.islower() else 0
        capitals = sum(1 for word in words if word[0].isupper()) / len(words) if words else 0.0
        return [
            float(self.sheet.lengths[number]), self.sheet.linked[number], float(min(20, ends)), ends * 40 / (length + 20),
            len(_COMMA.findall(text)) * 40 / (length + 20), self.basics[number][3], float(text.endswith(("...", "…"))),
            float(_DATE.search(text) is not None), len(_DIGIT.findall(text)) / (length + 1), upper / (length + 1), capitals,
            float(len(words)), length / len(words) if words else 0.0, float(_QUOTE.search(text) is not None),
            float(_BULLET.match(text) is not None), float("|" in text or "›" in text or "»" in text),
            float(text.endswith((":", "："))), float("http" in text or "@" in text or "www." in text),
            float(text[0].islower()),
        ]  # fmt: skip

    def names(self, number: int) -> list[float]:
        """Give the tag, and for each kind how near it is named: 3 here, 2 up to two levels above, 1 further above, 0 nowhere."""
        block, at = self.sheet.blocks[number], self.sheet.at[number]
        inline, near = _first_inline(block.element)
        near |= at.kinds
        above = at.parent
        wider = above.kinds if above is not None else 0
        above = above.parent if above is not None else None
        wider |= above.kinds if above is not None else 0
        above = above.parent if above is not None else None
        far = above.above if above is not None else 0
        named = [
            3.0 if near >> bit & 1 else 2.0 if wider >> bit & 1 else 1.0 if far >> bit & 1 else 0.0
            for bit in range(len(KINDS))
        ]
        marks = at.structures
        return [
            _TAGS.get(block.tag, _OTHER_TAG), float(inline), float(len(block.element)), float(at.depth), *named,
            *(float(marks >> bit & 1) for bit in range(len(STRUCTURES))), *sayings_of(block.text),
        ]  # fmt: skip

    def position(self, number: int) -> tuple[float, ...]:
        return (
            number / self.count, self.sums[number] / self.sheet.all_plain, float(number), float(self.count - number),
            self.before[number], self.after[number],
        )  # fmt: skip

    def parents(self, number: int) -> list[float]:
        found: list[float] = []
        place: Place | None = self.sheet.homes[number]
        for _ in _LEVELS:
            if place is None:
                found += (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
            else:
                found += (
                    place.plain / self.sheet.all_plain, place.linked / max(1, place.letters), float(place.blocks),
                    place.letters / max(1, place.blocks),
                )  # fmt: skip
                place = place.parent
        home = self.sheet.homes[number].number
        return [*found, *((float(self.main.own[home]), float(self.main.main[home])) if self.main else (9.0, 9.0))]

    def likeness(self, number: int) -> list[float]:
        """Give how many blocks look like this one, and what it has in common with what the page says of itself."""
        sheet, letters = self.sheet, self.sheet.letters[number]
        count, length, linked = self.looks[sheet.looks[number]]
        in_title = len(letters) >= 4 and any(letters in one or one in letters for one in sheet.title_letters)
        described = (
            sheet.described
            and len(letters) >= 10
            and (letters[:60] in sheet.described or sheet.described[:60] in letters)
        )
        told = (letters if len(letters) < 60 else letters[10:40]) in sheet.body if sheet.body else UNKNOWN
        return [
            count, length / sheet.total, length / count, linked / max(1.0, length), float(min(5, self.copies[letters])),
            float(self.is_title[number]), float(in_title), float(bool(described)), float(told),
            float(sheet.pictures[number] > 0), float(sheet.pictures[number + 1] > 0),
        ]  # fmt: skip

    def shared_words(self, number: int) -> list[float]:
        found: list[float] = []
        titles, descriptions = max(1, len(self.sheet.title_words)), max(1, len(self.sheet.description_words))
        place: Place | None = self.sheet.homes[number]
        for _ in _LEVELS:
            if place is None:
                found += (UNKNOWN, UNKNOWN)
            else:
                found += (place.title.bit_count() / titles, place.description.bit_count() / descriptions)
                place = place.parent
        return found

    def neighbours(self, number: int) -> list[float]:
        found: list[float] = []
        home, look = self.sheet.homes[number], self.sheet.looks[number]
        for step in _NEIGHBOURS:
            other = number + step
            if 0 <= other < self.count:
                alike = float(self.sheet.looks[other] == look)
                found += (*self.basics[other], float(self.sheet.homes[other] is home), alike)
            else:
                found += (UNKNOWN,) * 6
        sums, last = self.sums, self.count
        after = number + 1
        found += (
            sums[number] - sums[max(0, number - 4)], sums[min(last, after + 4)] - sums[after],
            sums[number] - sums[max(0, number - 12)], sums[min(last, after + 12)] - sums[after],
        )  # fmt: skip
        return found + self.page


def context_rows(sheet: Sheet, chances: Sequence[float], wanted: Sequence[int]) -> list[list[float]]:
    """Give for each wanted block what the chances of all blocks, by the first forest, say of it (CONTEXT)."""
    count = len(chances)
    weights = [chance * length for chance, length in zip(chances, sheet.lengths, strict=True)]
    sums, lengths = list(accumulate(weights, initial=0.0)), list(accumulate(sheet.lengths, initial=0))
    total = sums[-1] or 1e-9
    main = sheet.main([weight if chance > LIKELY else 0.0 for weight, chance in zip(weights, chances, strict=True)])
    held = sheet.shares(weights)
    looks: dict[tuple[object, ...], list[float]] = {}
    for look, weight, length in zip(sheet.looks, weights, sheet.lengths, strict=True):
        both = looks.setdefault(look, [0.0, 0.0])
        both[0] += weight
        both[1] += length
    is_sure = [chance > SURE and length >= LONG_LETTERS for chance, length in zip(chances, sheet.lengths, strict=True)]
    before, after = distances(is_sure)
    most = max(chances, default=0.0)

    def mean(start: int, end: int) -> float:
        start, end = max(0, start), min(count, end)
        return (sums[end] - sums[start]) / (lengths[end] - lengths[start] + 1) if end > start else UNKNOWN

    rows = []
    for number in wanted:
        row = [chances[number]]
        row += [chances[other] if 0 <= (other := number + step) < count else UNKNOWN for step in (-3, -2, -1, 1, 2, 3)]
        row += (
            mean(number - 4, number),
            mean(number + 1, number + 5),
            mean(number - 12, number),
            mean(number + 1, number + 13),
        )
        home: Place | None = sheet.homes[number]
        ups = (float(main.own[home.number]), float(main.main[home.number])) if main and home else (9.0, 9.0)
        row += (
            sums[number] / total,
            sums[number + 1] / total,
            before[number],
            after[number],
            *ups,
            total,
            most,
            total / sheet.total,
        )
        for _ in _LEVELS:
            if home is None:
                row += (UNKNOWN, UNKNOWN)
            else:
                row += (held[home.number] / (home.letters + 1), held[home.number] / total)
                home = home.parent
        likely, letters = looks[sheet.looks[number]]
        row += (likely / (letters + 1), likely / total)
        rows.append(row)
    return rows


def distances(marks: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Give for each block how many blocks ago the last marked one stood, and how many on the next one stands."""
    before, after = [], []
    last = -1
    for number, mark in enumerate(marks):
        before.append(float(min(FAR - 10, number - last) if last >= 0 else FAR))
        last = number if mark else last
    last = -1
    for number in range(len(marks) - 1, -1, -1):
        after.append(float(min(FAR - 10, last - number) if last >= 0 else FAR))
        last = number if marks[number] else last
    return before, after[::-1]


def _first_inline(element: object) -> tuple[int, int]:
    """Give the kind of the inline element that a block begins with (10 more where text follows it), and what it is named."""
    if not len(element) or (element.text and not element.text.isspace()):  # type: ignore[arg-type, attr-defined]
        return 0, 0
    first = element[0]  # type: ignore[index]
    if not isinstance(first.tag, str):
        return 0, 0
    name = first.get("class")
    goes_on = first.tail and not first.tail.isspace()
    return _INLINE.get(first.tag, 0) + (10 if goes_on else 0), kinds_of(name) if name else 0


def _parts(bits: Sequence[int], count: int) -> list[float]:
    return [one.bit_count() / max(1, count) for one in bits]


def _since(number: int, last: int) -> float:
    return float(number - last) if last >= 0 else UNKNOWN
