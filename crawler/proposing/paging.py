"""The link to the next page of a list.

Takes   a parsed page, its address, and the keys of the articles on it.
Gives   Turn: CSS candidates for the link with the address each leads to, the surest first.
Writes  nothing.

rel=next is a promise; then a class that says so; then the words of the link, as `a:contains('下一页')`; then the number behind
the current one. A selector counts only where the first link that it matches leads to that page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from archive.clean.selecting import select

from ..scope import canonicalise
from ..sources.links import shown_in
from ..sources.list_page import reference_of
from .addresses import kind_of
from .names import stable_classes, stable_id

if TYPE_CHECKING:
    from ..sources.links import Page

_NEXT_WORDS = (
    "下一页", "下页", "下一頁", "后一页", "后页", "次のページ", "次へ", "다음", "Older posts", "Older entries", "Older",
    "Next page", "Next", "Ältere Einträge", "Ältere Beiträge", "Ältere Artikel", "Nächste Seite", "Nächste", "Weiter",
    "Page suivante", "Suivant", "Suite", "La suite",
    "Siguiente", "Próxima", "Seguinte", "Successivo", "Successiva", "Avanti", "Volgende",
    "Вперёд", "Вперед", "Далее", "Дальше", "Следующая", "التالي", "الصفحة التالية", "بعدی", "הבא", "Sonraki", "Następna",
    "Další", "Następne", "Trang sau", "Tiếp", "ถัดไป", "अगला", "Berikutnya", "Selanjutnya", "Επόμενη", "Nästa", "Næste", "Neste",
    "Seuraava", "Következő", "Următoarea",
)  # fmt: skip
_MORE_WORDS = (
    "加载更多", "查看更多", "点击加载更多", "浏览更多", "Load more", "Show more", "More stories", "Mehr laden", "Mehr anzeigen",
    "Weitere Artikel", "もっと見る", "さらに表示", "Voir plus", "Charger plus", "Ver más",
)  # fmt: skip
_ARROWS = ("»", "›", "→", ">>", ">", "&gt;")
_AROUND = " \t\u3000\xa0[]【】()（）«»‹›<>→←…."
_NEXT_NAME = re.compile(r"(?:^|[-_])next(?:$|[-_])|nextpage|pagenext|^next", re.I)
_PREVIOUS = re.compile(r"上一?[页頁]|前の|prev|newer|zurück|précéd|anterior|首页|末页|尾页|last|letzte", re.I)
_CURRENT = ("span", "strong", "b", "em", "i", "a", "li", "font")
_PAGER = re.compile(r"pag|nav-links|older|blaettern|seiten", re.I)
_PAGE_KEYS = frozenset({"page", "p", "pageno", "pagenum", "pn", "paged", "seite", "pg"})
_CLIMB = 3  # elements from a link up to its pager
_MONTH = re.compile(r"(?<=[/=_-])(?P<year>(?:19|20)\d\d)[/_-]?(?P<month>0[1-9]|1[0-2]|[1-9])(?=/?$|[./&?])")
_MONTH_BEFORE = "leads to the month before"
BY_SCRIPT = "what a script fetches next"
_OF_SCRIPTS = ("data-next-url", "data-next")  # of those that a list's reader follows
_NUMBER = re.compile(r"\[?(\d{1,4})\]?")


@dataclass(frozen=True, slots=True)
class Turn:
    """A link to the next page. css: of it; url: where it leads; how: what it was known by, for a comment."""

    css: str
    url: str
    how: str


def turns(page: Page, url: str, articles: frozenset[str]) -> list[Turn]:
    """Give the ways to the next page, each other address once. articles: keys of the list's entries, which are no pages of it."""
    if page.root is None:
        return []
    own = canonicalise(url)
    found: dict[str, Turn] = {}
    for css, target, how in _ways(page, url):
        key = canonicalise(target)
        if key == own or key in articles or kind_of(target, url) == "off-site" or not _like(url, target):
            continue
        if _months_between(url, target) > 0:  # newer than this page's, and so behind the reader
            continue
        if _first(page, css, own) == key:
            found.setdefault(css, Turn(css, target, how))
    return list(found.values())


def _ways(page: Page, url: str) -> Iterator[tuple[str, str, str]]:
    anchors = [a for a in page.root.iter("a") if page.absolute(a.get("href"))]
    for css in ("a[rel~='next']", "link[rel~='next']"):
        for element in select(page.root, css):
            if target := page.absolute(element.get("href")):
                yield css, target, "rel=next"
    worded = [
        (a, word)
        for a in anchors
        if (word := _word_of(shown_in(a) or a.get("title") or a.get("aria-label") or "", _NEXT_WORDS))
    ]
    for anchor, _word in worded:
        yield from _by_class(page, anchor, "says next")
    for anchor, word in worded:
        yield from _by_words(page, anchor, word)
    for anchor in anchors:
        if _NEXT_NAME.search(f"{anchor.get('class') or ''} {anchor.get('id') or ''}") and not _PREVIOUS.search(
            shown_in(anchor)
        ):
            yield from _by_class(page, anchor, "is called next")
    yield from _by_number(page, anchors)
    yield from _by_attribute(page)
    for anchor in anchors:
        text = shown_in(anchor)
        if text.strip() in _ARROWS:
            yield from _by_class(page, anchor, f"an arrow {text}")
            yield from _by_words(page, anchor, text.strip())
    yield from _by_address(page, anchors, url)
    yield from _by_month(page, anchors, url)
    for anchor in anchors:
        word = _word_of(shown_in(anchor), _MORE_WORDS)
        if word and _has__page_number(page.absolute(anchor.get("href")) or "", url):
            yield from _by_class(page, anchor, "loads more")
            yield from _by_words(page, anchor, word)


def _by_attribute(page: Page) -> Iterator[tuple[str, str, str]]:
    """Name what holds the next page's address for a script that fetches it while one scrolls."""
    for name in _OF_SCRIPTS:
        for element in select(page.root, f"[{name}]"):
            if target := page.absolute(element.get(name)):
                yield f"[{name}]", target, BY_SCRIPT


def _by_address(page: Page, anchors: Sequence[Any], url: str) -> Iterator[tuple[str, str, str]]:
    """Name a link in a pager whose address asks for the page after this one, whatever it says."""
    own = _page_number(url) or 1
    for anchor in anchors:
        target = page.absolute(anchor.get("href")) or ""
        if _page_number(target) != own + 1:
            continue
        for box in list(anchor.iterancestors())[:_CLIMB]:
            for part in stable_classes((box.get("class") or "").split()):
                if _PAGER.search(part):
                    yield f"{part} a", target, "the pager's link to the page after this one"


def _by_month(page: Page, anchors: Sequence[Any], url: str) -> Iterator[tuple[str, str, str]]:
    """Name the link from the page of a month to that of the month before, or the nearest that there is."""
    targets = [(anchor, page.absolute(anchor.get("href")) or "") for anchor in anchors]
    nearest = max((apart for _, target in targets if (apart := _months_between(url, target)) < 0), default=None)
    for anchor, target in targets:
        if nearest is None or _months_between(url, target) != nearest:
            continue
        if "prev" in (anchor.get("rel") or "").lower().split():
            yield "a[rel~='prev']", target, _MONTH_BEFORE
        for element, form in ((anchor, "a{}"), *((above, "{} a") for above in islice(anchor.iterancestors(), _CLIMB))):
            parts = (
                *stable_classes((element.get("class") or "").split()),
                *filter(None, [stable_id(element.get("id"))]),
            )
            yield from ((form.format(part), target, _MONTH_BEFORE) for part in parts)


def _months_between(url: str, target: str) -> int:
    """Count the months from a page's to that of another; 0 where the addresses differ in more than a month, or in nothing."""
    here, there = _MONTH.search(url), _MONTH.search(target)
    if here is None or there is None or _MONTH.sub("#", target, count=1) != _MONTH.sub("#", url, count=1):
        return 0
    return 12 * (int(there["year"]) - int(here["year"])) + int(there["month"]) - int(here["month"])


def other_months(page: Page, url: str) -> str | None:
    """Give the nearest month before that of a page to which it leads; None for none."""
    anchors = page.root.iter("a") if page.root is not None else ()
    targets = [target for anchor in anchors if (target := page.absolute(anchor.get("href")))]
    before = [target for target in targets if _months_between(url, target) < 0]
    return max(before, key=lambda target: _months_between(url, target), default=None)


def _page_number(url: str) -> int | None:
    """Give the page that an address asks for: ?page=2, /page/2, list_2.html."""
    parts = urlsplit(url)
    asked = next(
        (value for key, value in parse_qsl(parts.query) if key.lower() in _PAGE_KEYS and value.isdigit()), None
    )
    match = re.search(r"/(?:page|seite|p|pagina|sida)[/-]?(\d{1,4})/?$|[_-](\d{1,4})\.[a-z]+$", parts.path)
    number = asked or next(filter(None, match.groups() if match else ()), None)
    return int(number) if number and len(number) < 5 else None


def _word_of(text: str, words: Sequence[str]) -> str | None:
    """Give the word as the page writes it; None where the text says something else or more."""
    bare = text.strip(_AROUND)
    return bare if any(bare.lower() == word.lower() for word in words) else None


def says_more(text: str) -> bool:
    """Tell whether the words are those of a button that loads more of a list."""
    return _word_of(text, _MORE_WORDS) is not None


def _by_class(page: Page, anchor: Any, how: str) -> Iterator[tuple[str, str, str]]:
    """Name a link by what its class or id, or that of the element around it, says of the next page."""
    target = page.absolute(anchor.get("href"))
    if target is None:
        return
    for element, form in ((anchor, "{tag}{part}"), (anchor.getparent(), "{tag}{part} a")):
        if element is None:
            continue
        parts = [*stable_classes((element.get("class") or "").split()), *filter(None, [stable_id(element.get("id"))])]
        for part in parts:
            if _NEXT_NAME.search(part.lstrip(".#")) or re.search(r"older|previous|more|down", part, re.I):
                yield form.format(tag=element.tag if element is anchor else "", part=part), target, how


def _by_words(page: Page, anchor: Any, word: str) -> Iterator[tuple[str, str, str]]:
    target = page.absolute(anchor.get("href"))
    if target is None or set(word) & set("'\"\\\n"):
        return
    for name in ("title", "aria-label"):
        if anchor.get(name) == word and not shown_in(anchor):
            yield f"a[{name}='{word}']", target, f"says {word}"
    if shown_in(anchor):
        yield f"a:contains('{word}')", target, f"says {word}"


def _by_number(page: Page, anchors: Sequence[Any]) -> Iterator[tuple[str, str, str]]:
    """Name the link to the page after the current one, where that is marked: `.current + a`, `li.active + li a`."""
    for anchor in anchors:
        number = _NUMBER.fullmatch(shown_in(anchor))
        if not number or int(number[1]) < 2:
            continue
        target = page.absolute(anchor.get("href")) or ""
        before, follows = anchor.getprevious(), "a"
        if before is None and anchor.getparent() is not None and anchor.getparent().tag == "li":
            before, follows = anchor.getparent().getprevious(), "li a"
        if before is None or before.tag not in _CURRENT:
            continue
        text = _NUMBER.fullmatch(shown_in(before))
        if not text or int(text[1]) + 1 != int(number[1]):
            continue
        for name in (before.get("class") or "").split():
            if re.fullmatch(r"-?[A-Za-z_][\w-]*", name) and re.search(
                r"cur|active|act|on|now|selected|this|here|current", name, re.I
            ):
                yield f"{before.tag}.{name} + {follows}", target, "the number behind the current one"
        if before.tag not in ("a", "li"):
            box = before.getparent()
            for part in (*stable_classes((box.get("class") or "").split()), *filter(None, [stable_id(box.get("id"))])):
                yield f"{part} {before.tag} + {follows}", target, "the number behind the current one"
            yield f"{box.tag} > {before.tag} + {follows}", target, "the number behind the current one"


def _first(page: Page, css: str, own: str) -> str | None:
    """Give where a list's reader goes by a selector: the first match that leads away from the page."""
    for element in select(page.root, css):
        link = element if reference_of(element) else next((a for a in element.iter("a") if a.get("href")), None)
        target = page.absolute(reference_of(link)) if link is not None else None
        if target and canonicalise(target) != own:
            return canonicalise(target)
    return None


def _like(url: str, target: str) -> bool:
    """Tell whether an address may be a page of the same list: of the same folder, or the same path asked otherwise."""
    here, there = urlsplit(url), urlsplit(target)
    if here.path == there.path:
        return True
    folder, other = here.path.rpartition("/")[0] + "/", there.path.rpartition("/")[0] + "/"
    stem = here.path.rstrip("/")
    return (
        other.startswith(folder)
        or there.path.startswith(stem)
        or folder.startswith(other)
        or _has__page_number(target, url)
    )


def _has__page_number(target: str, url: str) -> bool:
    """Tell whether an address differs from the list's in a number."""
    there, here = urlsplit(target), urlsplit(url)
    pairs = set(parse_qsl(there.query)) - set(parse_qsl(here.query))
    return any(value.isdigit() for _, value in pairs) or bool(
        re.search(r"(?:page|p|_|-|/)\d{1,4}(?:\.[a-z]+|/)?$", there.path)
    )
