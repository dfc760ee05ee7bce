"""Evidence for and against each block of a page: is it part of the article?

Takes   the blocks of a page and the texts that several extractors chose from it.
Gives   one row of numbers a block (FEATURES names them), each about 0 to 1, for archive.clean.chooser to weigh.
Writes  nothing.

No extractor is right everywhere, but they fail apart: one loses the lower half of a page, another keeps the related
links. So each votes on each block, and blocks that look alike (same tags and classes) lend each other their votes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .blocks import Block

FEATURES = (
    "is-long", "vote-full", "vote-precise", "vote-readability", "vote-all", "alike-voted", "alike-share", "in-main",
    "link-density", "boilerplate-words", "boilerplate-class", "h1", "caption", "dated-short", "before-first", "is-title",
)  # fmt: skip

LONG_CHARS = 40  # a block of so many letters is a paragraph rather than a label
VOTED = 0.6  # share of a block's shingles that an extractor's text must hold to count as its vote
SHINGLE = 8  # letters
MAX_SHINGLES = 40  # of one block
SHORT_CHARS = 16  # shorter blocks match anywhere by chance: they must follow the block matched before
SHORT_GAP = 40  # letters between it and a short one
FURNITURE_CHARS = 200  # a longer block is text, whatever words it begins with
CLIMB_GAIN = 0.05  # share of voted text that a wider container must add to be the main one
CLIMB_PURITY = 0.55  # share of what it adds that is voted

_NOT_LETTERS = re.compile(r"[\W_]+")
_BAD_CLASS = re.compile(
    r"(?:^|[\s_-])(?:relat\w*|recommend\w*|share|sharing|social|comments?|newsletter|promo\w*|advert\w*|ads?|sponsor\w*"
    r"|footer|copyright|bio|tags?|breadcrumbs?|caption|outbrain|taboola|nav|menu|sidebar|aside|subscri\w*|signup|teaser"
    r"|disclaimer|hot|rank|more|editor|toolbar|paywall|byline|meta|info|cookie|login|popup|widget)(?:$|[\s_-])",
    re.I,
)
_BAD_TAGS = frozenset({"aside", "footer", "nav", "figcaption", "form", "header"})
_BOILERPLATE = re.compile(
    r"^[（(【\[*※]*\s*(?:责任编辑|責任編輯|责编|编辑[：:]|編輯[：:]|原标题|原標題|声明[：:]|聲明|免责声明|版权声明|特别声明"
    r"|Notice: |Copyright|©|来源[：:]|文章来源|更多精彩|点击|相关阅读|相關|延伸|Read more|Also on|Related|Sign up"
    r"|Subscribe|Follow |Advertisement|Lesen Sie|Mehr zum|Lire aussi|Voir aussi|Photo|Image|Getty|分享|打印|举报|推荐阅读"
    r"|扫一扫|下载|关注)|未经.{0,8}(?:授权|許可|许可)|版权所有|All rights reserved|newsletter",
    re.I,
)
_DATE = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}:\d\d")
_CONTAINERS = frozenset({"div", "td", "body", "article", "section", "main", "center"})


@dataclass(slots=True)
class _Page:
    """The blocks with what is counted once: letters, lengths, votes."""

    blocks: Sequence[Block]
    letters: list[str]
    votes: list[list[float]]  # votes[extractor][block]

    def count(self, number: int) -> int:
        return sum(row[number] >= VOTED for row in self.votes)

    def plain(self, number: int) -> int:
        """Letters of a block that is not mostly links, else 0."""
        block = self.blocks[number]
        return len(self.letters[number]) if block.link_chars < 0.5 * len(block.text) else 0


def letters_of(text: str) -> str:
    """Keep letters and digits only, so that spacing and marks do not hinder a comparison."""
    return _NOT_LETTERS.sub("", text)


def weigh(blocks: Sequence[Block], chosen: Sequence[str], titles: Sequence[str]) -> tuple[list[list[float]], Any]:
    """Give the evidence of each block, and the element that holds most of what was voted for (None where nothing was).

    chosen: the text of each of the three extractors, in the order of FEATURES. titles: what the page may call itself.
    """
    letters = [letters_of(block.text) for block in blocks]
    page = _Page(blocks, letters, [_membership(letters, letters_of(text)) for text in chosen])
    counts = [page.count(number) for number in range(len(blocks))]
    main = _main_container(page, counts)
    inside = _descendants(main, blocks)
    alike = _alike(page, counts)
    strong = [n for n, count in enumerate(counts) if count >= 2 and page.plain(n) >= LONG_CHARS]
    first = strong[0] if strong else 0
    title_letters = {letters_of(title) for title in titles if title}
    rows = []
    for n, block in enumerate(blocks):
        length = len(letters[n])
        rows.append([
            float(length >= LONG_CHARS), *(row[n] for row in page.votes), float(counts[n] == len(chosen)), *alike[n],
            float(inside[n]), min(1.0, block.link_chars / max(1, len(block.text))),
            float(length < FURNITURE_CHARS and bool(_BOILERPLATE.search(block.text))), float(_bad_class(block, main)),
            float(block.tag == "h1"), float(block.tag in ("figcaption", "caption")),
            float(length < LONG_CHARS and bool(_DATE.search(block.text))), float(n < first),
            float(letters[n] in title_letters),
        ])  # fmt: skip
    return rows, main


def _membership(letters: Sequence[str], chosen: str) -> list[float]:
    """Tell for each block how much of it an extractor kept, walking down both texts together."""
    position = 0
    shares = []
    for block in letters:
        found = chosen.find(block, position) if block else -1
        if found >= 0 and (len(block) >= SHORT_CHARS or found - position <= SHORT_GAP):
            position = found + len(block)
            shares.append(1.0)
        elif len(block) < SHORT_CHARS:
            shares.append(0.0)
        elif block in chosen:
            shares.append(1.0)
        else:
            step = max(SHINGLE // 2, len(block) // MAX_SHINGLES)  # bounded: each one is sought in the whole text
            pieces = [block[start : start + SHINGLE] for start in range(0, len(block) - SHINGLE + 1, step)]
            shares.append(sum(piece in chosen for piece in pieces) / len(pieces))
    return shares


def _main_container(page: _Page, counts: Sequence[int]) -> Any:
    """Find the element that holds the article: the heaviest direct container, widened while that adds voted text."""
    voted: dict[Any, int] = defaultdict(int)
    total: dict[Any, int] = defaultdict(int)
    direct: dict[Any, int] = defaultdict(int)
    homes = [home_of(block) for block in page.blocks]
    for n, home in enumerate(homes):
        plain = page.plain(n)
        gain = plain if counts[n] >= 2 else 0
        direct[home] += gain
        element = home
        while element is not None and plain:
            voted[element] += gain
            total[element] += plain
            element = element.getparent()
    if not any(direct.values()):
        return None
    main = max(direct, key=lambda element: direct[element])
    element = main.getparent()
    while element is not None and element.tag != "html":
        gain, added = voted[element] - voted[main], total[element] - total[main]
        if gain >= CLIMB_GAIN * voted[main] and gain >= CLIMB_PURITY * added:
            main = element
        elif added > 3 * voted[main]:
            break
        element = element.getparent()
    return main


def home_of(block: Block) -> Any:
    """Give the element that holds a block's paragraph and its neighbours."""
    parent = block.element.getparent()
    return block.element if block.tag in _CONTAINERS or parent is None else parent


def _descendants(main: Any, blocks: Sequence[Block]) -> list[bool]:
    known: dict[Any, bool] = {main: main is not None}
    inside = []
    for block in blocks:
        path = []
        element = block.element
        while element is not None and element not in known:
            path.append(element)
            element = element.getparent()
        answer = known[element] if element is not None else False
        known.update((one, answer) for one in path)
        inside.append(answer)
    return inside


def _alike(page: _Page, counts: Sequence[int]) -> list[tuple[float, float]]:
    """Give for each block, of the blocks with its tags and classes, the share voted for, and their share of all voted."""
    voted: dict[tuple[str, ...], int] = defaultdict(int)
    total: dict[tuple[str, ...], int] = defaultdict(int)
    looks = [_look(block) for block in page.blocks]
    for n, look in enumerate(looks):
        length = len(page.letters[n])
        total[look] += length
        voted[look] += length * min(2, counts[n]) // 2
    whole = sum(voted.values())
    return [(voted[look] / max(1, total[look]), voted[look] / max(1, whole)) for look in looks]


def _look(block: Block) -> tuple[str, ...]:
    look = [block.tag]
    element = block.element.getparent()
    for _ in range(2):
        if element is None:
            break
        look += [str(element.tag), element.get("class") or ""]
        element = element.getparent()
    return tuple(look)


def _bad_class(block: Block, main: Any) -> bool:
    """Tell whether a block stands in something named as page furniture, looking no further up than the main container."""
    element = block.element
    while element is not None and element is not main:
        if element.tag in _BAD_TAGS or _BAD_CLASS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            return True
        element = element.getparent()
    return False
