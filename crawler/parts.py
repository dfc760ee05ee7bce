"""The next page of an article that stands on several, or the one page that shows all of it.

Takes   a page, its address, which page of the article it is, and the profile's CSS for the link where it has one.
Gives   the address of the next page, or None.
Writes  nothing; pure.

Without CSS a link counts only where its words say so (下一页, 第2页, 2, rel=next; not 下一篇, the next article) and its address
is the same article's: with the number of the next page behind the name, in the path or in the query. Sites link their next
post by rel=next too, and number what is no page; so the number must be that of the page that is looked for, and words that
speak of another article (下一篇, next chapter) are believed before anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.clean.selecting import select

from .sources.links import Page
from .twins import twin_key

_NEXT_PAGE = re.compile(
    r"\W*(?:下一页|下页|后一页|下一頁|下頁|後一頁|次のページ|次ページ|다음 ?페이지|next ?page|nächste seite|page suivante|"
    r"página siguiente|следующая страница|trang sau)\W*",
    re.IGNORECASE,
)
# The next of whatever the reader was at: a page, or an article.
_NEXT = re.compile(
    r"\W*(?:次へ|다음|next|continue(?: reading)?|weiter|suivante?|siguiente|следующая)\W*", re.IGNORECASE
)
_ANOTHER = re.compile(
    r"[下后後前上][一]?[篇章则則条條期集]|[上前]一?[页頁]|"
    r"\b(?:next|prev|previous|older|newer) (?:post|article|story|chapter|entry|issue|episode)|\bprev(?:ious)?\b|"
    r"nächster (?:artikel|beitrag)|article suivant|artículo siguiente|следующая (?:статья|новость)|次の記事|前のページ|다음 ?글",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"\W*(?:在本页阅读全文|阅读全文|查看全文|全文阅读|显示全文|全文|单页阅读|单页显示|单页|在單頁閱讀|閱讀全文|全文閱讀|"
    r"全ページを表示|view (?:all|as (?:one|a single) page|full article)|(?:read )?(?:on )?(?:a |one )?single page|show all|"
    r"all pages|auf einer seite(?: lesen)?|"
    r"article complet)\W*",
    re.IGNORECASE,
)
_WHOLE_NAME = re.compile(r"(?P<name>.*?)[._-](?:all|full|single|whole|onepage|0)(?P<end>\.\w+)?", re.IGNORECASE)
_WHOLE_PAIRS = re.compile(
    r"(?:page|p|pn|pageno|view|show|singlepage|single|full|all|pagewanted)=(?:all|full|single|whole|true|1|0|yes)?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?P<name>.+?)[._-](?P<number>\d{1,3})(?P<end>\.\w+)?")
_FOLDER = re.compile(r"(?P<base>/.*?)(?:/page)?/(?P<number>\d{1,3})/?")
_PAGE_KEYS = frozenset(
    {"page", "p", "pg", "cp", "pageno", "pagenum", "pageindex", "pagenumber", "currentpage", "curpage", "pn", "paged"}
)
_ORDINAL = re.compile(r"\W*(?:第\s*)?(\d{1,3})\s*(?:页|頁|ページ)?\W*")


def next_part(page: Page, url: str, css: str | None, part: int = 1) -> str | None:
    """Find the next page of an article; where it has none, on the first page the link to all of it on one.

    css: article.next of the profile; it names the link itself, unless its words speak of another article or of the page before.
    part: which page this one is, from 1.
    """
    if page.root is None:
        return None
    if css:
        links = (a for a in select(page.root, css) if a.get("href") and not _ANOTHER.search(_words(a)))
        return next((page.absolute(link.get("href")) for link in links), None)
    whole: str | None = None
    for link in page.root.iter("a", "link"):
        target = page.absolute(link.get("href"))
        if target is None:
            continue
        words = _words(link)
        if _ANOTHER.search(words) or (link.tag == "link" and link.get("title")):  # the title of the next post
            continue
        says_page = bool(_NEXT_PAGE.fullmatch(words))
        says_next = says_page or bool(_NEXT.fullmatch(words))
        ordinal = _ORDINAL.fullmatch(words)
        says_number = ordinal is not None and int(ordinal[1]) == part + 1
        if (says_next or says_number or _is_rel_next(link)) and continues(
            url, target, part, from_zero=says_next, by_name=says_page or says_number
        ):
            return target
        if whole is None and part == 1 and link.tag == "a" and _WHOLE.fullmatch(words) and _shows_all(url, target):
            whole = target
    return whole


def continues(url: str, target: str, part: int = 1, *, from_zero: bool = False, by_name: bool = True) -> bool:
    """Tell whether an address is the next page of the article at another.

    part: which page that is, from 1. from_zero: the second page may be number 1, as with index.html, index_1.html. by_name: the
    first page's own number may be that of a page; else it is one of a series' articles, which have numbers, too.

    >>> continues("http://paper.example/a/88.html", "http://paper.example/a/88_2.html")
    True
    >>> continues("http://paper.example/a/88.html", "http://paper.example/a/89.html")
    False
    """
    numbers = _numbered(url) if by_name or part > 1 else ()
    here = {twin_key(url): part, **{base: number for base, number in numbers if number in (part, part - 1)}}
    wanted = {part + 1, part} if from_zero else {part + 1}
    return any(
        base in here and number in wanted and (number == here[base] + 1 or (base == twin_key(url) and number in wanted))
        for base, number in _numbered(target)
    )


def _words(link: Any) -> str:
    """Give what a link says to its reader; one of the head says nothing."""
    return ("".join(link.itertext()) if len(link) else link.text or "") if link.tag == "a" else ""


def _is_rel_next(link: Any) -> bool:
    return "next" in (link.get("rel") or "").lower().split()


def _numbered(url: str) -> Iterator[tuple[str, int]]:
    """Give what an address may be: the key of an article, and the number of its page behind the name, in path or query."""
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    numbers = [value for key, value in pairs if key.lower() in _PAGE_KEYS and value.isdecimal() and len(value) <= 3]
    if numbers:
        rest = urlencode([pair for pair in pairs if pair[0].lower() not in _PAGE_KEYS])
        yield twin_key(f"{site}{parts.path}{'?' + rest if rest else ''}"), int(numbers[0])
    query = f"?{parts.query}" if parts.query else ""
    folder, _, name = parts.path.rpartition("/")
    match = _NUMBERED.fullmatch(name)
    if match:
        yield twin_key(f"{site}{folder}/{match['name']}{match['end'] or ''}{query}"), int(match["number"])
    match = _FOLDER.fullmatch(parts.path)
    if match:
        yield twin_key(f"{site}{match['base']}{query}"), int(match["number"])


def _shows_all(url: str, target: str) -> bool:
    """Tell whether an address is of all pages of the article at another."""
    here, there = urlsplit(url), urlsplit(target)
    if here.netloc != there.netloc or twin_key(url) == twin_key(target):
        return False
    rest = "&".join(pair for pair in there.query.split("&") if not _WHOLE_PAIRS.fullmatch(pair))
    match = _WHOLE_NAME.fullmatch(there.path)
    path = f"{match['name']}{match['end'] or ''}" if match else there.path
    plain = twin_key(f"{there.scheme}://{there.netloc}{path}{'?' + rest if rest else ''}")
    return plain in {twin_key(url), *(base for base, _ in _numbered(url))}
