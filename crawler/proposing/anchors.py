"""The links of a page, with where each stands: what a list is found among.

Takes   a parsed page and its address.
Gives   Anchor: target, text, the chain of elements it stands in; on_page: all of them.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..scope import canonicalise
from ..sources.links import shown_in
from ..sources.list_page import reference_of
from .addresses import Kind, kind_of
from .names import CONTENT, FURNITURE, LIKELY_FURNITURE, sides, stable_classes, stable_id, words

if TYPE_CHECKING:
    from ..sources.links import Page

ANCHORS = 5_000  # links of a page that are looked at
_DEPTH = 60  # elements above a link that count
_WHOLE_PAGE = 0.6  # an element with more of the page's links than this share is no furniture, whatever its name
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_MORE = re.compile(
    r"[\s\[【(（«<]*(?:更多|查看(?:更多|全文|详情)|阅读(?:全文|更多)|全文|详细|详情|继续阅读|点击(?:查看|阅读)|"
    r"more|read (?:more|on|article)|continue reading|view|details?|mehr(?: lesen)?|weiter(?:lesen)?|zum artikel|artikel lesen|"
    r"lire(?: la suite| plus)?|leer más|続きを読む|もっと(?:見る|読む)|詳細)[\s\]】)）…>»→.]*",
    re.I,
)
_MORE_OF = re.compile(
    r"(?:阅读全文|查看全文|继续阅读|続きを読む|read (?:more|on|article)|continue reading|"
    r"mehr lesen|weiterlesen|lire la suite|leer más)\W*",
    re.I,
)
_TURNS = re.compile(
    r"[\s\[【(（]*(?:\d{1,4}|首页|末页|尾页|第一页|最后一页|上一?页|下一?页|前一页|后一页|上一頁|下一頁|次へ|前へ|次のページ|前のページ|"
    r"next(?: page)?|prev(?:ious)?(?: page)?|first|last|(?:older|newer)(?: posts| entries)?|weiter|zurück|suivante?|précédente?|"
    r"[«»‹›<>→←|]{1,3})[\s\]】)）»›>→]*",
    re.I,
)
_BAD_TAGS = {"nav": 0.9, "footer": 0.9, "aside": 0.8, "form": 0.5, "menu": 0.5}
_CLICKED = ("li", "div", "article", "section", "tr", "td", "dd", "dt", "p", "span", "h2", "h3", "h4")
_ENTRY_TAGS = frozenset({"article", "li", "section", "main", "td", "dd", "dt"})


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a chain, as a selector may name it. classes: parts such as ".list"; id: "#list" or None.

    shared: those of the classes by which it is like the elements beside it; all of them where it is like none.
    """

    tag: str
    classes: tuple[str, ...]
    id: str | None
    shared: tuple[str, ...]


@dataclass(slots=True)
class Anchor:
    """One link to a web page.

    place: its number on the page. key: its target, canonical. chain: from the link up to below body. units: length of the text,
    a Han character for two letters. furniture: 0 to 1, how much it stands in what surrounds every list of the site.
    """

    element: Any
    place: int
    url: str
    key: str
    text: str
    chain: tuple[Step, ...]
    kind: Kind
    furniture: float
    units: int
    in_heading: bool
    is_more: bool = False
    turns: bool = False
    signature: tuple[object, ...] = field(default=())


def units_of(text: str) -> int:
    """Count the length of a text in letters, a character of Chinese, Japanese or Korean as two.

    >>> units_of("第1期"), units_of("Part 1")
    (5, 5)
    """
    wide = len(_HAN.findall(text))
    return 2 * wide + sum(char.isalnum() for char in _HAN.sub("", text))


def on_page(page: Page, url: str, *, clicked: bool = False) -> list[Anchor]:
    """Give the links of a page that lead to other web pages, in its order.

    url: the page's own, absolute. clicked: instead of them what leads there by a script.
    """
    if page.root is None:
        return []
    own = canonicalise(url)
    elements = (_clicked(page.root) if clicked else _links(page.root))[:ANCHORS]
    held = _held(elements)
    steps: dict[Any, Step] = {}
    found = []
    for place, element in enumerate(elements):
        target = page.absolute(reference_of(element))
        if target is None or canonicalise(target) == own:
            continue
        found.append(_anchor(element, place, target, url, held, len(elements), steps))
    _mark_more(found)
    _forget_names(found)
    return found


def _links(root: Any) -> list[Any]:
    return [a for a in root.iter("a") if (a.get("href") or "").strip() and not a.get("href").lstrip().startswith("#")]


def _clicked(root: Any) -> list[Any]:
    """Give the elements that lead to another page by a script, when they are clicked: data-link, onclick."""
    return [
        element
        for element in root.iter(*_CLICKED)
        if reference_of(element) and not any(map(reference_of, element.iterancestors()))
    ]


def _mark_more(anchors: list[Anchor]) -> None:
    """Mark links that say "continue reading" and then the headline that another link to the same article says."""
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        texts[anchor.key].add(anchor.text)
    for anchor in anchors:
        begun = _MORE_OF.match(anchor.text)
        anchor.is_more = anchor.is_more or bool(
            begun and any(anchor.text.endswith(one) for one in texts[anchor.key] - {anchor.text})
        )


def _forget_names(anchors: list[Anchor]) -> None:
    """Leave out of each link's place the names that stand over links to one article alone: they tell it from its brothers."""
    over: defaultdict[str, set[str]] = defaultdict(set)
    for anchor in anchors:
        for name in {name for step in anchor.chain for name in step.shared}:
            over[name].add(anchor.key)
    for anchor in anchors:
        anchor.signature = tuple(
            (step.tag, tuple(name for name in step.shared if len(over[name]) > 1)) for step in anchor.chain
        )


def _held(elements: list[Any]) -> Counter[Any]:
    """Count the links in each element."""
    counts: Counter[Any] = Counter()
    for element in elements:
        counts.update(element.iterancestors())
    return counts


def _anchor(
    element: Any, place: int, target: str, own: str, held: Counter[Any], total: int, steps: dict[Any, Step]
) -> Anchor:
    above = [one for one in element.iterancestors() if one.tag not in ("html", "body")][:_DEPTH]
    chain = tuple(_step(one, steps) for one in (element, *above))
    text = shown_in(element)
    words_of = text or next(filter(None, ((image.get("alt") or "").strip() for image in element.iter("img"))), "")
    return Anchor(
        element=element,
        place=place,
        url=target,
        key=canonicalise(target),
        text=words_of,
        chain=chain,
        kind=kind_of(target, own),
        furniture=_furniture(above, held, total),
        units=units_of(words_of),
        in_heading=_in_heading(element, above),
        is_more=bool(_MORE.fullmatch(words_of)),
        turns=bool(_TURNS.fullmatch(words_of)) or "next" in (element.get("rel") or "").lower().split(),
    )


def _step(element: Any, known: dict[Any, Step]) -> Step:
    if element not in known:
        parent = element.getparent()
        beside = [element] if parent is None else [one for one in parent if one.tag == element.tag]
        named = {
            one: tuple(sorted({*stable_classes((one.get("class") or "").split()), *_width(one)})) for one in beside
        }
        times = Counter(name for names in named.values() for name in names)
        for one, names in named.items():
            shared = tuple(name for name in names if times[name] > 1)
            classes = (*names, *sides((one.get("class") or "").split()))
            known[one] = Step(str(one.tag), classes, stable_id(one.get("id")), shared or names)
    return known[element]


def _width(element: Any) -> list[str]:
    """Name a cell of an old layout table by its width, which is all that tells its columns apart."""
    width = element.get("width") or ""
    return [f"[width='{width}']"] if element.tag in ("td", "table") and re.fullmatch(r"\d{2,4}%?", width) else []


def _in_heading(element: Any, above: list[Any]) -> bool:
    headings = ("h1", "h2", "h3", "h4", "h5", "h6")
    return any(one.tag in headings for one in above[:3]) or any(one.tag in headings for one in element.iter())


def _furniture(above: list[Any], held: Counter[Any], total: int) -> float:
    """Say how much of what surrounds a link says that it is the site's furniture."""
    worst = 0.0
    within_entry = False
    for element in above:
        if held[element] > _WHOLE_PAGE * total and held[element] > 10:
            break
        if element.tag == "header" and not within_entry and not _inside_entry(element):
            worst = max(worst, 0.7)
        worst = max(worst, _BAD_TAGS.get(element.tag, 0.0))
        named = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}"
        said = words(named)
        if said & FURNITURE:
            worst = max(worst, 0.5 if said & CONTENT else 0.8)
        elif said & LIKELY_FURNITURE and not said & CONTENT:
            worst = max(worst, 0.4)
        within_entry = within_entry or element.tag in _ENTRY_TAGS
    return worst


def _inside_entry(element: Any) -> bool:
    return any(one.tag in _ENTRY_TAGS for one in element.iterancestors())
