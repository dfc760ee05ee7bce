"""Check an Atom feed against what RFC 4287 demands, without the code that wrote it.

Takes   bytes of a feed. Gives: its faults in words, [] for a valid one. Writes nothing.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3339 as RFC 4287, 3.3 narrows it: upper-case T and Z.
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"\\^`{|}\x00-\x20]+")
_ONCE = {"feed": ("title", "id", "updated"), "entry": ("title", "id", "updated")}
_AT_MOST_ONCE = {
    "feed": ("generator", "icon", "logo", "rights", "subtitle"),
    "entry": ("content", "published", "rights", "summary", "source"),
}
_BOTH = {"author", "category", "contributor", "id", "link", "rights", "title", "updated"}
_KNOWN = {
    "feed": _BOTH | {"generator", "icon", "logo", "subtitle", "entry"},
    "entry": _BOTH | {"content", "published", "source", "summary"},
}


def faults(written: bytes) -> list[str]:
    """Name what is wrong with a feed."""
    root = etree.fromstring(written)
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}"]
    found = _element(root, "feed")
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        found += _element(entry, "entry")
    if root.find(f"{ATOM}author") is None and any(entry.find(f"{ATOM}author") is None for entry in entries):
        found.append("4.1.1: neither the feed nor each entry has an author")
    named = [(entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")) for entry in entries]
    if len(set(named)) != len(named):
        found.append("4.1.1: two entries have one id and one time")
    return found


def _element(element: etree._Element, kind: str) -> list[str]:
    names = [etree.QName(child).localname for child in element]
    found = [f"{kind}: {name} is unknown" for name in names if name not in _KNOWN[kind]]
    found += [f"{kind}: {names.count(name)} × {name}" for name in _ONCE[kind] if names.count(name) != 1]
    found += [f"{kind}: {names.count(name)} × {name}" for name in _AT_MOST_ONCE[kind] if names.count(name) > 1]
    iri, date = element.findtext(f"{ATOM}id") or "", element.findtext(f"{ATOM}updated") or ""
    if not _IRI.fullmatch(iri):
        found.append(f"4.2.6: {iri!r} is no IRI")
    if not _DATE.fullmatch(date):
        found.append(f"3.3: {date!r} is no date")
    for link in element.findall(f"{ATOM}link"):
        if not urlsplit(link.get("href", "")).scheme or not _IRI.fullmatch(link.get("href", "")):
            found.append(f"4.2.7: {link.get('href')!r} is no absolute IRI")
    ends = [(one.get("rel"), one.get("type"), one.get("hreflang")) for one in element.findall(f"{ATOM}link")]
    if any(ends.count(end) > 1 for end in ends if end[0] == "alternate"):
        found.append("4.1.1: two alternate links of one type and language")
    for author in element.findall(f"{ATOM}author"):
        if len(author.findall(f"{ATOM}name")) != 1 or not author.findtext(f"{ATOM}name"):
            found.append("3.2: an author without a name")
    for text in (*element.findall(f"{ATOM}title"), *element.findall(f"{ATOM}summary")):
        if text.get("type", "text") == "text" and len(text):
            found.append("3.1.1.1: a text has elements in it")
    return found
