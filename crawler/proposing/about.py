"""What a page says of the series as a whole: title, publisher, language, zone.

Takes   a parsed page, its address, the headlines on it.
Gives   Told for each that is known.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from archive.clean.blocks import read_blocks, tidy
from archive.clean.dates import LANGUAGE_ZONES
from archive.clean.evidence import letters_of
from archive.clean.language import detect_language
from archive.clean.page import Page as Head

from ..scope import wire_url
from .answer import Told

# Countries with one clock, by the end of their names; what spans zones is left to a person.
_ZONES = {
    "cn": "Asia/Shanghai", "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "jp": "Asia/Tokyo", "kr": "Asia/Seoul",
    "mo": "Asia/Macau", "sg": "Asia/Singapore", "my": "Asia/Kuala_Lumpur", "vn": "Asia/Ho_Chi_Minh", "th": "Asia/Bangkok",
    "in": "Asia/Kolkata", "de": "Europe/Berlin", "at": "Europe/Vienna", "ch": "Europe/Zurich", "fr": "Europe/Paris",
    "it": "Europe/Rome", "nl": "Europe/Amsterdam", "be": "Europe/Brussels", "uk": "Europe/London", "ie": "Europe/Dublin",
    "pl": "Europe/Warsaw", "cz": "Europe/Prague", "se": "Europe/Stockholm", "no": "Europe/Oslo", "dk": "Europe/Copenhagen",
    "fi": "Europe/Helsinki", "gr": "Europe/Athens", "hu": "Europe/Budapest", "ro": "Europe/Bucharest",
    "il": "Asia/Jerusalem", "tr": "Europe/Istanbul",
}  # fmt: skip
_PARTED = re.compile(
    r"\s+[-–—|·»:：_]+\s+|\s*[_|丨｜»]\s*|(?<=[\u3000-\u9fff”！？）])\s*[-–—]+\s*|\s+[-–—]\s*|\s*[-–—]\s+|--+"
)
_PUBLISHER_CHARS = 30
_SAMPLE = 200  # characters of headlines below which the rest of the page is looked at as well
_TEMPLATES = "en"  # what templates are left at, and so no witness
_KNOWN_BY_SCRIPT = frozenset({"zh", "ja", "ko"})
_LABEL = re.compile(r"^(?:专题|专栏|連載|连载|Serie|Series|Dossier|Thema|Topic)\s*[:：]\s*", re.I)
_LIST_WORD = re.compile(r"(?:の?記事)?一覧$|(?:文章)?列表$|^(?:Archiv|Archive|Category|Kategorie)\s*[:：]\s*", re.I)
_RIGHTS = re.compile(r"©|copyright|版权所有|版權所有|all rights|alle rechte|tous droits|無断|무단", re.I)
_PAPER = re.compile(
    r"(?:网|数字报|电子报|日报|晚报|早报|晨报|都市报|时报|商报|周刊|新闻|电视台|在线|新聞|新報|日報|일보|신문|Times|Post|Gazette|Herald|News|Courier|Tribune|"
    r"Zeitung|Tagblatt|Tageblatt|Anzeiger|Kurier|Nachrichten)$",
    re.I,
)
_ANY_LIST = re.compile(
    r"(?:the )?(?:archives?|archiv|all posts|posts|blog|home|index|latest|(?:all )?articles|alle (?:artikel|beiträge))|"
    r"文章列表|列表|目录|首页|一覧",
    re.I,
)
_QUOTED = re.compile(r"[「『《“](?P<name>[^」』》”]{2,40})[」』》”]")


def title_of(head: Head, titles: Sequence[str]) -> Told | None:
    """Find the title of a series on its list page. titles: headlines of its entries, which are not it."""
    entries = {letters_of(title) for title in titles}
    sites = _sites(head)
    whole = _head_title(head)
    letters = letters_of(whole).casefold()
    for tag in ("h1", "h2"):
        headings = [
            text for one in head.root.iter(tag) if letters_of(text := tidy("".join(one.itertext()))) not in sites
        ]
        fitting = [
            one
            for one in headings
            if 2 <= len(letters_of(one)) <= 40
            and letters_of(one).casefold() in letters
            and letters_of(one) not in entries
        ]
        if fitting:
            return Told(_bare(fitting[0]), f"the page's <{tag}>")
    named = _first_part(_parts_of(head), sites) or _first_part(_parts(head.meta.get("og:title", "")), sites)
    return Told(_bare(named), "the page's <title>") if named else None


def _head_title(head: Head) -> str:
    element = next(head.root.iter("title"), None)
    return tidy("".join(element.itertext())) if element is not None else ""


def _parts_of(head: Head) -> list[str]:
    """Give the parts of <title>, of which the name of the site may be one; of "Site: series", too, where a link says so."""
    parts = _parts(_head_title(head))
    if len(parts) != 1:
        return parts
    named = (tidy("".join(a.itertext())) for a in head.root.iter("a") if _is_front(head, a.get("href")))
    for name in named:
        if not letters_of(name):
            continue
        if (rest := parts[0].removeprefix(name)) != parts[0] and re.match(r"\s*[:：]\s*\w", rest):
            return [name, rest.lstrip(" :：")]
        if (rest := parts[0].removesuffix(name)) != parts[0] and re.search(r"\w\s*[:：]\s*$", rest):
            return [rest.rstrip(" :："), name]
    return parts


def _first_part(parts: Sequence[str], sites: frozenset[str]) -> str | None:
    """Give the first part of a <title> that is not the site's name; of a channel that is the channel's (要闻-临溪日报).

    A word for any list ("Archive") names no series: the site's name does.
    """
    own = [part for part in parts if letters_of(part) not in sites]
    telling = (part for part in (*own, *parts) if not _ANY_LIST.fullmatch(part))
    return next(iter((*telling, *own, *parts)), None)


def _parts(title: str) -> list[str]:
    return [part for part in _PARTED.split(tidy(title)) if letters_of(part)]


def _sites(head: Head) -> frozenset[str]:
    """Give the letters of what the site is called: by its head, else which part of <title> its links to the front page say, its
    copyright line, or a word such as 日报."""
    names = {letters_of(name) for name in head.site_names}
    parts = {letters_of(part): part for part in _parts_of(head)}
    if len(parts) < 2 or names & set(parts):
        return frozenset(names)
    fronts = {letters_of(tidy("".join(a.itertext()))) for a in head.root.iter("a") if _is_front(head, a.get("href"))}
    lines = [
        letters_of(one.text)
        for one in read_blocks(head.root).blocks
        if len(one.text) < 200 and _RIGHTS.search(one.text)
    ]
    for told in (
        set(parts) & fronts,
        {letters for letters in parts if any(letters in line for line in lines)},
        {letters for letters, part in parts.items() if _PAPER.search(part)},
    ):
        if told and told != set(parts):
            return frozenset(names | told)
    return frozenset(names)


def _is_front(head: Head, href: str | None) -> bool:
    target = wire_url(href, head.base) if href else None
    parts = urlsplit(target) if target else None
    return parts is not None and parts.path in ("", "/") and parts.netloc == urlsplit(head.url).netloc


def _bare(title: str) -> str:
    """Take off what a title says of being a list.

    >>> _bare("連載「水辺の記憶」一覧"), _bare("Serie: Leben am Kanal")
    ('水辺の記憶', 'Leben am Kanal')
    """
    bare = _LIST_WORD.sub("", _LABEL.sub("", title)).strip()
    quoted = _QUOTED.search(bare)
    if quoted and len(quoted["name"]) * 2 >= len(bare):
        bare = quoted["name"]
    return bare or title


def publisher_of(head: Head) -> Told | None:
    """Find who publishes: what the head names the site, else what <title> ends with."""
    name = head.meta.get("og:site_name") or next(iter(sorted(head.site_names, key=len)), "")
    if name and not name.startswith("@"):
        return Told(tidy(name), "what the page's head calls the site")
    parts, sites = _parts_of(head), _sites(head)
    if len(parts) < 2:
        return None
    named = next((part for part in parts if letters_of(part) in sites), parts[-1])
    where = "the end of the page's <title>" if named == parts[-1] else "a part of the page's <title>"
    return Told(named, where) if len(named) <= _PUBLISHER_CHARS else None


def language_of(root: Any, told: str | None, titles: Sequence[str]) -> Told | None:
    """Find the language: what the headlines are in. told: of the html element."""
    text = "\n".join(titles)
    if root is not None and len(text) < _SAMPLE:
        text += "\n" + "\n".join(block.text for block in read_blocks(root).blocks)
    found = detect_language(text, told)
    if told and told != _TEMPLATES and not {found, told} & _KNOWN_BY_SCRIPT:
        return Told(told, "what the page says")  # headlines are short: kin languages are told apart by guess
    return Told(found, "what the headlines are in") if found else None


def language_of_article(text: str, listed: str | None) -> Told | None:
    """Find the language of an article where it tells more than its list did; None where that stands.

    listed: what the headlines seem to be in, which are short: kin languages are told apart by guess.
    """
    if listed in _KNOWN_BY_SCRIPT:
        return None
    found = detect_language(text, listed)
    return Told(found, "what the first article is in") if found and found != listed else None


def zone_of(url: str, language: str | None) -> Told | None:
    """Find the zone of the publisher's clock: by the country that the host ends with, else by the language."""
    end = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if end in _ZONES:
        return Told(_ZONES[end], f"the host ends in .{end}")
    zone = LANGUAGE_ZONES.get(language or "")
    return Told(zone, "the zone of the language; where the publisher sits decides") if zone else None


def words_around(root: Any, rows: Sequence[Any]) -> str:
    """Give the text of a page but for the rows of its list."""
    apart = frozenset(rows)
    return "\n".join(block.text for block in read_blocks(root, apart).blocks)
