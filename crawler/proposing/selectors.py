"""The shortest CSS that names the links of a list and no other link of the page.

Takes   the anchors of a page, and which of them are wanted.
Gives   Chosen: the selector, and which articles it takes beyond or misses; exact_ones: all selectors that do neither.
Writes  nothing.

A selector is made of what lasts: classes and ids before tags, no position. Whether it matches a link follows from the chain of
elements that the link stands in, so thousands of selectors are tried without asking the page.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from .anchors import Anchor, Step
from .names import is_utility

_NEAR = 7  # elements above a link that a selector may name
_MOST = 6_000  # selectors that are tried
_BARE = 4.0  # cost of "a", which takes whatever the page will link tomorrow
_WORDLESS = 3.0  # cost of links that say "read more", where others say the headline
_EXCLUDED = 4  # parts of addresses that are tried for what a selector leaves out
_TAG = re.compile(r"[a-z][a-z0-9-]*")  # broken markup gives others, br<p for one, that no selector can name
_PARTS_OF_PATH = re.compile(r"(?:(?<=/)|^)[A-Za-z]{3,20}(?=[/._?-]|$)")
_MATCHES = 1_500_000  # of a selector and a chain, at most: a hostile page has many chains
_CHAINS = 10  # of the wanted links, that selectors are made of
_PARTS = 3  # selectors joined by a comma at most

Chain = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One compound of a selector: text as written, and what it asks of an element."""

    text: str
    tag: str | None
    names: frozenset[str]
    cost: float

    def matches(self, step: Step) -> bool:
        """Tell whether an element is so."""
        return (self.tag is None or self.tag == step.tag) and all(
            name == step.id or name in step.classes for name in self.names
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selector for the wanted links. beyond: keys that it takes and are not wanted; missed: wanted and not taken."""

    css: str
    beyond: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Extra:
    """What a selector asks of the link's own attributes: that name holds value, or does not. name: None asks nothing."""

    text: str
    name: str | None
    value: str
    cost: float

    is_not: bool = False

    def holds(self, anchor: Anchor) -> bool:
        """Tell whether a link is so."""
        if self.name is None:
            return True
        found = anchor.element.get(self.name)
        return bool(found and self.value in found) != self.is_not


@dataclass(frozen=True, slots=True)
class _Tried:
    css: str
    cost: float
    keys: frozenset[str]


def choose(anchors: Sequence[Anchor], wanted: Sequence[Anchor]) -> Chosen:
    """Choose a selector. wanted: some of the anchors; that it matches further links to the same articles does no harm."""
    keys = frozenset(anchor.key for anchor in wanted)
    tried = _tried(anchors, wanted)
    exact = [one for one in tried if one.keys == keys]
    if exact:
        return Chosen(min(exact, key=lambda one: (one.cost, one.css)).css)
    joined = _joined([one for one in tried if one.keys < keys], keys)
    if joined is not None:
        return Chosen(joined)
    if not tried:
        return Chosen("a", frozenset(anchor.key for anchor in anchors) - keys)
    best = max(tried, key=lambda one: (_f1(one.keys, keys), -one.cost))
    return Chosen(best.css, best.keys - keys, keys - best.keys)


def exact_ones(anchors: Sequence[Anchor], wanted: Sequence[Anchor]) -> list[str]:
    """Give the selectors that take the wanted links and no other, the best first: on a piece of the page not all hold."""
    keys = frozenset(anchor.key for anchor in wanted)
    exact = (one for one in _tried(anchors, wanted) if one.keys == keys)
    return [one.css for one in sorted(exact, key=lambda one: (one.cost, one.css))]


def _f1(found: frozenset[str], wanted: frozenset[str]) -> float:
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def _joined(parts: Sequence[_Tried], wanted: frozenset[str]) -> str | None:
    """Join selectors that each take a part of the list and nothing else: the widest first."""
    left, chosen = set(wanted), list[_Tried]()
    while left and len(chosen) < _PARTS:
        best = max(parts, key=lambda one: (len(one.keys & left), -one.cost), default=None)
        if best is None or not best.keys & left:
            return None
        chosen.append(best)
        left -= best.keys
    return None if left else ", ".join(one.css for one in chosen)


def _tried(anchors: Sequence[Anchor], wanted: Sequence[Anchor]) -> list[_Tried]:
    """Make the selectors that match a wanted link, and say what each takes of the page."""
    by_chain: defaultdict[Chain, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        by_chain[anchor.chain].append(anchor)
    extras = (Extra("", None, "", 0.0), *_extras(wanted), *_exclusions(anchors, wanted))
    seen: dict[str, tuple[tuple[Part, ...], tuple[str, ...], Extra, float]] = {}
    most = min(_MOST, _MATCHES // len(by_chain))
    for chain, _ in Counter(anchor.chain for anchor in wanted).most_common(_CHAINS):
        for parts, joins in _candidates(chain):
            for extra in extras:
                css = _written(parts, joins) + extra.text
                bare = _BARE if css == "a" else 0.0
                if css not in seen and len(seen) < most:
                    seen[css] = (
                        parts,
                        joins,
                        extra,
                        bare + sum(part.cost for part in parts) + extra.cost + 0.4 * joins.count(" > "),
                    )
    headed = {anchor.key for anchor in wanted if not anchor.is_more}
    tried = []
    for css, (parts, joins, extra, cost) in seen.items():
        taken = [
            anchor
            for chain, members in by_chain.items()
            if _matches(chain, parts, joins)
            for anchor in members
            if extra.holds(anchor)
        ]
        keys = frozenset(anchor.key for anchor in taken)
        wordless = bool((headed & keys) - {anchor.key for anchor in taken if not anchor.is_more})
        tried.append(_Tried(css, cost + 0.02 * len(css) + _WORDLESS * wordless, keys))
    return tried


def _extras(wanted: Sequence[Anchor]) -> Iterator[Extra]:
    """Give what all wanted links have in an attribute: a folder of the address, rel, target, title."""
    elements = [anchor.element for anchor in wanted]
    if not all(element.get("href") for element in elements):  # a script leads from them
        yield from (
            Extra(f"[{name}]", name, "", 1.5)
            for name in ("data-link", "data-href", "data-url", "onclick")
            if all(element.get(name) for element in elements)
        )
        return
    folder = _common_folder([element.get("href").strip() for element in elements])
    scripts = {element.get("href").strip().partition("?")[0].rpartition("/")[2] for element in elements}
    if len(scripts) == 1 and re.fullmatch(r"[\w.-]+", script := scripts.pop()):
        yield Extra(f"[href*='{script}?']", "href", f"{script}?", 2.5)
    if folder:
        yield Extra(f"[href*='{folder}']", "href", folder, 3.0)
    if all("bookmark" in (element.get("rel") or "").split() for element in elements):
        yield Extra("[rel~='bookmark']", "rel", "bookmark", 1.5)
    for name, cost in (("title", 3.0), ("target", 3.5)):
        if all(element.get(name) for element in elements):
            yield Extra(f"[{name}]", name, "", cost)


def _exclusions(anchors: Sequence[Anchor], wanted: Sequence[Anchor]) -> Iterator[Extra]:
    """Give parts of addresses that other links have and no wanted one: index.htm, /tag/, /author/."""
    keys = {anchor.key for anchor in wanted}
    hrefs = [anchor.element.get("href") or "" for anchor in wanted]
    if not all(hrefs):
        return
    others = Counter(
        part
        for anchor in anchors
        if anchor.key not in keys and anchor.kind == "index"
        for part in {
            *_PARTS_OF_PATH.findall(anchor.element.get("href").partition("://")[2] or anchor.element.get("href"))
        }
    )
    for part, times in others.most_common(_EXCLUDED):
        if times > 1 and not any(part in href for href in hrefs):
            yield Extra(f":not([href*='{part}'])", "href", part, 3.5, is_not=True)


def _common_folder(hrefs: Sequence[str]) -> str:
    """Give the folders that all addresses begin with, up to the first with a number: "" where none tells them from others."""
    paths = [href.partition("://")[2].partition("/")[2] if "://" in href else href.lstrip("/") for href in hrefs]
    shared = []
    for parts in zip(*(path.split("?")[0].split("/")[:-1] for path in paths), strict=False):
        if len(set(parts)) > 1 or re.search(r"\d{2}", parts[0]) or not re.fullmatch(r"[\w.~%-]+", parts[0], re.ASCII):
            break
        shared.append(parts[0])
    return (
        f"/{'/'.join(shared)}/"
        if shared and ".." not in shared and all("/" + shared[0] in href for href in hrefs)
        else ""
    )


def _candidates(chain: Chain) -> Iterator[tuple[tuple[Part, ...], tuple[str, ...]]]:
    """Give selectors that match a chain: the link alone, then with one or two elements above it, by descent or parentage."""
    links = list(_parts(chain[0]))
    near = chain[1 : 1 + _NEAR]
    for link in links:
        yield (link,), ()
    for at, step in enumerate(near):
        for above in _parts(step):
            for link in links:
                yield (above, link), (" ",)
                if at == 0:
                    yield (above, link), (" > ",)
    for lower, upper in combinations(range(len(near)), 2):
        for above in _parts(near[lower]):
            for top in _parts(near[upper]):
                if top.names or above.names:
                    yield (top, above, links[0]), (" ", " ")
                    if lower == 0:
                        yield (top, above, links[0]), (" ", " > ")


def _parts(step: Step) -> Iterator[Part]:
    """Give the ways to name an element: its tag, a class of it, its id."""
    cost = {"a": 0.6, "div": 2.5, "span": 2.5}.get(step.tag, 2.0)
    is_name = _TAG.fullmatch(step.tag) is not None
    if is_name:
        yield Part(step.tag, step.tag, frozenset(), cost)
    for name in step.classes:
        dear = 2.5 if is_utility(name) else 0.3 if name.startswith("[") else 0.0
        if step.tag == "a":
            yield Part(f"a{name}", "a", frozenset({name}), 1.0 + dear)
        else:
            if not name.startswith("["):
                yield Part(name, None, frozenset({name}), 1.0 + dear)
            if is_name:
                yield Part(f"{step.tag}{name}", step.tag, frozenset({name}), 1.3 + dear)
    if step.id:
        yield Part(step.id, None, frozenset({step.id}), 1.2)


def _written(parts: Sequence[Part], joins: Sequence[str]) -> str:
    text = parts[0].text
    for join, part in zip(joins, parts[1:], strict=True):
        text += join + part.text
    return text


def _matches(chain: Chain, parts: Sequence[Part], joins: Sequence[str]) -> bool:
    """Tell whether the link of a chain is matched: the last part by itself, the others by what it stands in, inside out."""
    if not parts[-1].matches(chain[0]):
        return False
    return _above(chain, 1, parts, len(parts) - 2, joins)


def _above(chain: Chain, at: int, parts: Sequence[Part], number: int, joins: Sequence[str]) -> bool:
    if number < 0:
        return True
    reach: Iterable[int] = (at,) if joins[number] == " > " else range(at, len(chain))
    return any(
        place < len(chain)
        and parts[number].matches(chain[place])
        and _above(chain, place + 1, parts, number - 1, joins)
        for place in reach
    )
