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
_SAMPLE = 200  # characters of headlines below which the rest of the page is looked at as well
_TEMPLATES = "en"  # what templates are left at, and so no witness
_KNOWN_BY_SCRIPT = frozenset({"zh", "ja", "ko"})
_LABEL = re.compile(r"^(?:专题|专栏|連載|连载|Serie|Series|Dossier|Thema|Topic)\s*[:：]\s*", re.I)
_LIST_WORD = re.compile(r"(?:の?記事)?一覧$|(?:文章)?列表$|^(?:Archiv|Archive|Category|Kategorie)\s*[:：]\s*", re.I)
_QUOTED = re.compile(r"[「『《“](?P<name>[^」』》”]{2,40})[」』》”]")


def title_of(head: Head, titles: Sequence[str]) -> Told | None:
    """Find the title of a series on its list page. titles: headlines of its entries, which are not it."""
    entries = {letters_of(title) for title in titles}
    element = next(head.root.iter("title"), None)
    whole = tidy("".join(element.itertext())) if element is not None else ""
    letters = letters_of(whole).casefold()
    for tag in ("h1", "h2"):
        headings = [tidy("".join(one.itertext())) for one in head.root.iter(tag)]
        fitting = [
            one
            for one in headings
            if 2 <= len(letters_of(one)) <= 40
            and letters_of(one).casefold() in letters
            and letters_of(one) not in entries
        ]
        if fitting and letters_of(fitting[0]) not in {letters_of(name) for name in head.site_names}:
            return Told(_bare(fitting[0]), f"the page's <{tag}>")
    named = _first_part(whole, head) or _first_part(head.meta.get("og:title", ""), head)
    return Told(_bare(named), "the page's <title>") if named else None


def _first_part(title: str, head: Head) -> str | None:
    """Give the first part of a <title> that is not the site's name; of a channel that is the channel's (要闻-临溪日报)."""
    sites = {letters_of(name) for name in head.site_names}
    parts = [part for part in _PARTED.split(tidy(title)) if part.strip()]
    return next(
        (part for part in parts if letters_of(part) and letters_of(part) not in sites), parts[0] if parts else None
    )


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
    element = next(head.root.iter("title"), None)
    parts = [part for part in _PARTED.split(tidy("".join(element.itertext()))) if part] if element is not None else []
    return Told(parts[-1], "the end of the page's <title>") if len(parts) > 1 and len(parts[-1]) <= 30 else None


def language_of(root: Any, told: str | None, titles: Sequence[str]) -> Told | None:
    """Find the language: what the headlines are in. told: of the html element."""
    text = "\n".join(titles)
    if root is not None and len(text) < _SAMPLE:
        text += "\n" + "\n".join(block.text for block in read_blocks(root).blocks)
    found = detect_language(text, told)
    if told and told != _TEMPLATES and not {found, told} & _KNOWN_BY_SCRIPT:
        return Told(told, "what the page says")  # headlines are short: kin languages are told apart by guess
    return Told(found, "what the headlines are in") if found else None


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
