"""The links that make up a list, told from all other links of a page.

Takes   the anchors of a page.
Gives   Found: the anchors of the list's articles, and how sure that is.
Writes  nothing.

Links that stand in the page alike are one group. Each link is worth what speaks for an article's headline (its length, an
address with a day or a number, a date beside it, a heading), less what speaks for the site's furniture (nav, sidebar, 热门). The
group that is worth most is the core of the list; groups that are like it (further sections, a lead item in another dress) join.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.clean.dates import read_moment

from ..sources.links import shown_in
from .addresses import article_likeness, shape_of
from .anchors import Anchor
from .names import CONTENT, words

_NUMBERED = re.compile(r"N[^/]*$|\?\w*id$")
_ROW_CLIMB = 6  # elements from a link up to its row at most
_ROW_CHARS = 600  # a "row" with more text is a page
_LEAST_SPARSE = -0.5  # the same on a page that holds nothing else
_SOME_FURNITURE = 0.3
_LEAST_RANKED = 3  # rows with numbers that are a ranking
_LEAST_WORTH = 0.3  # mean worth of a link below which a group is no list
_DAY_OR_CLOCK = re.compile(
    r"(?<![\d.])(?:1[0-2]|0?[1-9])[-/.月](?:3[01]|[12]\d|0?[1-9])日?(?![\d.])|(?<!\d)\d{1,2}:\d\d(?!\d)|"
    r"\d+\s*(?:分钟|小时|天|分鐘|小時|時間|分|日)前|昨天|前天|\d+\s*(?:minutes?|hours?|days?) ago|"
    r"vor \d+ (?:Minuten|Stunden|Tagen)",
    re.I,
)
_OTHER_HEADING = re.compile(
    r"热门|热点|热榜|熱門|排行|点击榜|点击量|推荐|推薦|相关|相關|友情链接|精彩图|图片新闻|大家都在看|栏目导航|"
    r"最新(?:新闻|资讯|文章|动态|消息)|ランキング|人気|関連|おすすめ|新着|アクセス|많이 본|인기|관련|추천|"
    r"(?:others|readers) (?:are reading|also)|people are reading|"
    r"most[ -](?:read|popular|viewed|shared)|\brelated\b|\bpopular\b|recommended|trending|you (?:may|might)|"
    r"more (?:news|from|stories)|latest (?:news|posts)|recent (?:posts|comments)|categories|\btags\b|\barchives\b|"
    r"meist ?(?:gelesen|geklickt)|das lesen|lesen (?:gerade|andere)|andere lesen|"
    r"beliebt|ähnliche|auch interessant|weitere (?:themen|nachrichten|artikel)|neueste|"
    r"plus lus|à lire aussi|lo más|te puede interesar|популярн|читайте также|più letti|meest gelezen",
    re.I,
)


@dataclass(slots=True)
class Group:
    """Links that stand in the page alike and lead to the same kind of place. rows: the element of each that is its line."""

    anchors: list[Anchor]
    rows: list[Any] = field(default_factory=list)
    worth: float = 0.0  # mean of a link
    dated: float = 0.0  # share of the rows with a date
    shapes: frozenset[str] = frozenset()
    ranked: bool = False  # its rows bear the numbers 1, 2, 3, beside their links and no dates: what is read most

    @property
    def keys(self) -> frozenset[str]:
        """The distinct targets."""
        return frozenset(anchor.key for anchor in self.anchors)

    @property
    def score(self) -> float:
        """What the group as a whole is worth; twice the links are not twice the list."""
        return self.worth * math.log2(1 + len(self.keys))


@dataclass(slots=True)
class Found:
    """The list of a page. anchors: in the page's order; a target may have several. core: the group it was known by."""

    anchors: list[Anchor]
    core: Group
    sections: int = 1

    @property
    def keys(self) -> frozenset[str]:
        """The distinct articles."""
        return frozenset(anchor.key for anchor in self.anchors)


def find_list(anchors: Sequence[Anchor]) -> Found | None:
    """Find the list among the links of a page; None where no group looks like one."""
    groups = _grouped(anchors)
    likely = [group for group in groups if group.worth >= _LEAST_WORTH and len(group.keys) >= 2]
    if not likely:
        return _sparse(groups)
    core = max(likely, key=lambda group: group.score)
    joined = [group for group in groups if group is not core and _belongs(group, core)]
    wanted = {id(anchor) for group in (core, *joined) for anchor in group.anchors}
    wanted |= {id(anchor) for anchor in _in_rows_of_their_own(anchors, (core, *joined))}
    return Found([anchor for anchor in anchors if id(anchor) in wanted], core, 1 + len(joined))


def _sparse(groups: Sequence[Group]) -> Found | None:
    """Find the list of a page that holds next to nothing else, be its headlines ever so short: a series that has just begun."""
    left = [
        group for group in groups if group.anchors[0].kind == "page" and group.anchors[0].furniture < _SOME_FURNITURE
    ]
    if len(left) != 1 or left[0].worth < _LEAST_SPARSE:
        return None
    named = " ".join(name for step in left[0].anchors[0].chain for name in (*step.classes, step.id or ""))
    if left[0].dated < 1.0 and not words(named) & CONTENT:
        return None
    return Found(left[0].anchors, left[0])


# -------------------------------------------------------------------------------------------------------------- groups


def _grouped(anchors: Sequence[Anchor]) -> list[Group]:
    parted: defaultdict[tuple[object, ...], list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        if not anchor.turns and anchor.kind != "file":
            parted[(anchor.signature, anchor.kind, anchor.is_more)].append(anchor)
    groups = [Group(members) for members in parted.values()]
    for group in groups:
        _weigh(group)
    return groups


def _weigh(group: Group) -> None:
    group.rows = _rows(group.anchors)
    dates = [has_date(row) for row in group.rows]
    group.dated = sum(dates) / len(dates)
    shapes = Counter(shape_of(anchor.url) for anchor in group.anchors)
    group.shapes = frozenset(shape for shape, times in shapes.items() if times * 5 >= len(group.anchors))
    group.ranked = not group.dated and _is_ranked(group)
    headed = group.ranked or _under_other_heading(group)
    worth: dict[str, float] = {}
    for anchor, dated in zip(group.anchors, dates, strict=True):
        value = _worth(anchor, dated, headed)
        worth[anchor.key] = max(value, worth.get(anchor.key, value))
    group.worth = sum(worth.values()) / len(worth)
    if len(worth) >= 3 and len(shapes) == 1 and _NUMBERED.search(next(iter(shapes))):
        group.worth += 0.2  # one place of numbered pages, whatever their headlines


def _is_ranked(group: Group) -> bool:
    """Tell whether each row begins with its place: 1, 2, 3, outside of the link."""
    if len(group.keys) < _LEAST_RANKED:
        return False
    places = dict(zip((row_text(row) for row in group.rows), group.anchors, strict=True))
    return all(
        re.match(rf"(?:No\.? ?|第)?0?{number}(?!\d)", text) and not re.match(r"\D{0,3}\d", anchor.text)
        for number, (text, anchor) in enumerate(places.items(), 1)
    )


def _worth(anchor: Anchor, dated: bool, headed: bool) -> float:
    units = anchor.units
    text = 1.0 if units >= 20 else 0.8 if units >= 14 else 0.35 if units >= 9 else 0.0 if units >= 5 else -0.3
    if anchor.is_more:
        text = -0.2
    value = text + 0.9 * (article_likeness(anchor.url) - 0.3)
    value += 0.4 if dated else 0.0
    value += 0.2 if anchor.in_heading else 0.0
    value -= 0.9 if anchor.kind == "index" else 0.5 if anchor.kind == "off-site" else 0.0
    return value - 1.2 * anchor.furniture - (0.7 if headed else 0.0)


def _rows(anchors: Sequence[Anchor]) -> list[Any]:
    """Give the line of each link: the largest element around it that holds no link of the group to another article."""
    inside: defaultdict[Any, set[str]] = defaultdict(set)
    climbs = []
    for anchor in anchors:
        climb = [anchor.element, *(one for one in anchor.element.iterancestors() if one.tag not in ("body", "html"))][
            :_ROW_CLIMB
        ]
        climbs.append(climb)
        for element in climb:
            inside[element].add(anchor.key)
    rows = []
    for climb in climbs:
        row = climb[0]
        for element in climb[1:]:
            if len(inside[element]) > 1:
                break
            row = element
        rows.append(row)
    return rows


def row_text(row: Any) -> str:
    """Give the text of a line; of a cell or dt, that of what follows it up to the next as well."""
    text = _text(row)
    following = row.getnext()
    if row.tag in ("dt", "td") and following is not None and following.tag in ("dd", "td"):
        text += f" {_text(following)}"
    return text


def _text(element: Any) -> str:
    """Give the text of an element, of a long one as much as tells that it is long."""
    pieces, length = list[str](), 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > _ROW_CHARS:
            break
    return " ".join(" ".join(pieces).split())


def has_date(row: Any) -> bool:
    """Tell whether a line has a date or a clock in it."""
    text = row_text(row)
    if len(text) > _ROW_CHARS:
        return False
    if next(row.iter("time"), None) is not None:
        return True
    return read_moment(text) is not None or bool(_DAY_OR_CLOCK.search(text))


def _under_other_heading(group: Group) -> bool:
    """Tell whether the group stands under words such as 热门 or "Related"."""
    block = common_ancestor([anchor.element for anchor in group.anchors])
    for _ in range(3):
        if block is None or block.tag in ("body", "html", "main"):
            return False
        for text in _headings_of(block, group.anchors[0].element):
            if _OTHER_HEADING.search(text):
                return True
        block = block.getparent()
    return False


def _headings_of(block: Any, first: Any) -> Iterable[str]:
    """Give short texts that may be the heading of a block: what stands right before it, and what it begins with."""
    before = block.getprevious()
    if before is not None and isinstance(before.tag, str):
        text = shown_in(before)
        if len(text) <= 30:
            yield text
    for element in block.iter("h1", "h2", "h3", "h4", "h5", "strong", "b", "span", "div", "p", "dt", "legend"):
        if element is first or first in element.iterdescendants():
            if element is first:
                return
            continue
        text = shown_in(element)
        yield text if len(text) <= 30 else ""
        return


def common_ancestor(elements: Sequence[Any]) -> Any:
    """Give the innermost element that holds all of the elements; None for none."""
    if not elements:
        return None
    shared = [elements[0], *elements[0].iterancestors()]
    for element in elements[1:]:
        above = {element, *element.iterancestors()}
        shared = [one for one in shared if one in above]
    return shared[0] if shared else None


# --------------------------------------------------------------------------------------------------------------- likes


def _belongs(group: Group, core: Group) -> bool:
    """Tell whether a group is a further part of the core's list."""
    fresh = group.keys - core.keys
    if not fresh or len(fresh) < len(group.keys) / 2 or group.worth < max(_LEAST_WORTH, 0.45 * core.worth):
        return False
    if group.anchors[0].kind != core.anchors[0].kind or group.anchors[0].furniture > core.anchors[0].furniture + 0.3:
        return False
    if (
        _overlaps(group, core)
        or group.ranked != core.ranked
        or abs(group.dated - core.dated) > 0.5
        or not group.shapes & core.shapes
    ):
        return False
    return _tags(group) == _tags(core) or _leads(group, core)


def _leads(group: Group, core: Group) -> bool:
    """Tell whether a group is what a topic opens with: one or two large headlines above the list, of the same kind of page."""
    if len(group.keys) > 2 or not all(anchor.in_heading and not anchor.furniture for anchor in group.anchors):
        return False
    return group.shapes <= core.shapes and group.anchors[-1].place < core.anchors[0].place


def _overlaps(group: Group, core: Group) -> bool:
    """Tell whether a group repeats articles of the core, as a list of the most read does."""
    return bool(group.keys & core.keys) and len(group.keys & core.keys) < len(group.keys)


def _tags(group: Group) -> tuple[str, ...]:
    return tuple(step.tag for step in group.anchors[0].chain)


def _in_rows_of_their_own(anchors: Sequence[Anchor], groups: Sequence[Group]) -> list[Anchor]:
    """Give links that stand in the list as rows of their own, though in another dress: a lead item, a headline set in bold.

    A container is what the rows of the list are children of; where each row names one article, a row without any is looked at.
    """
    wanted = {anchor.key for group in groups for anchor in group.anchors}
    rows = [row for group in groups for row in group.rows]
    containers = Counter(
        parent for row in rows if (parent := row.getparent()) is not None and parent.tag not in ("body", "html")
    )
    if not containers:
        return []
    least = max(_LEAST_WORTH, 0.4 * groups[0].worth)
    taken = set(rows)
    hold_rows = {above for row in rows for above in row.iterancestors()}
    shapes = frozenset(shape for group in groups for shape in group.shapes)
    best: dict[Any, tuple[float, Anchor]] = {}
    for anchor in anchors:
        if anchor.key in wanted or anchor.turns or anchor.is_more or anchor.kind != groups[0].anchors[0].kind:
            continue
        row = next((one for one in _self_and_above(anchor.element) if one.getparent() in containers), None)
        if row is None or row in taken or row in hold_rows or containers[row.getparent()] < 2:
            continue
        value = _worth(anchor, has_date(row), headed=False)
        if value >= least and shape_of(anchor.url) in shapes and value > best.get(row, (0.0, anchor))[0]:
            best[row] = (value, anchor)
    return [anchor for _, anchor in best.values()]


def _self_and_above(element: Any) -> Iterable[Any]:
    yield element
    yield from element.iterancestors()
