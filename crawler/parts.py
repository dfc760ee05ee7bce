"""The next page of an article that stands on several.

Takes   a page, its address, and the profile's CSS for the link where it has one.
Gives   the address of the next page, or None.
Writes  nothing; pure.

Without CSS a link counts only where its words say "next page" (下一页, not 下一篇, the next article) and its address is the same
article's: the same path with a page number behind the name, or the same address with a page number in the query.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from .sources.links import Page

_NEXT = re.compile(
    r"\s*(?:下一页|下页|后一页|下一頁|次のページ|次へ|다음 ?페이지|next ?page|next)\s*[>»›→]*\s*", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?P<name>.*?)(?:[_-](?P<number>\d{1,3}))?(?P<end>\.[A-Za-z]+)?")
_PAGE_KEYS = frozenset({"page", "p", "pageno", "pagenum", "pn"})


def next_part(page: Page, url: str, css: str | None) -> str | None:
    """Find the next page of an article.

    css: article.next of the profile; it names the link itself, whatever its words.
    """
    if page.root is None:
        return None
    if css:
        return next((page.absolute(a.get("href")) for a in page.root.cssselect(css) if a.get("href")), None)
    for link in page.root.iter("a"):
        words = "".join(link.itertext()) if len(link) else link.text or ""
        if not _NEXT.fullmatch(words) and "next" not in (link.get("rel") or "").split():
            continue
        target = page.absolute(link.get("href"))
        if target is not None and continues(url, target):
            return target
    return None


def continues(url: str, target: str) -> bool:
    """Tell whether an address is the next page of the article at another.

    >>> continues("http://paper.example/a/88.html", "http://paper.example/a/88_2.html")
    True
    >>> continues("http://paper.example/a/88.html", "http://paper.example/a/89.html")
    False
    """
    here, there = urlsplit(url), urlsplit(target)
    if here.netloc != there.netloc:
        return False
    if here.path == there.path:
        return _query(here.query) == _query(there.query) and _page_of(there.query) == _page_of(here.query) + 1
    folder, _, name = here.path.rpartition("/")
    next_folder, _, next_name = there.path.rpartition("/")
    one, other = _NUMBERED.fullmatch(name), _NUMBERED.fullmatch(next_name)
    if folder != next_folder or not one or not other or here.query != there.query:
        return False
    same = (one["name"], one["end"]) == (other["name"], other["end"])
    return same and int(other["number"] or 1) == int(one["number"] or 1) + 1


def _query(query: str) -> list[tuple[str, str]]:
    return [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0].lower() not in _PAGE_KEYS]


def _page_of(query: str) -> int:
    numbers = [value for key, value in parse_qsl(query) if key.lower() in _PAGE_KEYS and value.isdigit()]
    return int(numbers[0]) if numbers else 1
