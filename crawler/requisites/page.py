"""What a page or a style sheet needs to be shown: pictures, styles, scripts, fonts, media, frames.

Takes   the page as bytes or as an lxml tree, or the text of a style sheet, and its address.
Gives   absolute addresses, each once, in the order in which they stand.
Writes  nothing. Never raises, whatever the bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

from archive.markup.css import Kind, css_addresses
from archive.markup.srcset import srcset_addresses

from ..scope import wire_url
from ..sources.links import Page, base_of, read_page

Kinds = Literal["all", "images"]

# What a path ends in, where the place it was found in does not tell.
_SUFFIXES: dict[Kind, str] = {
    "image": "jpg jpeg jpe jfif png apng gif webp avif heic bmp ico svg svgz tif tiff",
    "font": "woff woff2 ttf otf eot",
    "style": "css",
    "script": "js mjs",
    "media": "mp4 m4v webm ogv mov flv m3u8 mp3 m4a ogg oga wav aac vtt swf",
}
_KIND_BY_SUFFIX: dict[str, Kind] = {suffix: kind for kind, names in _SUFFIXES.items() for suffix in names.split()}

# Attributes that hold one address. Which element has which: HTML, 4.2-4.12 and 16.2 (obsolete ones); SVG 2, 5.5 and 12.
_ATTRIBUTES: dict[str, tuple[tuple[str, Kind], ...]] = {
    "img": (("src", "image"), ("lowsrc", "image"), ("dynsrc", "image")),
    "image": (("href", "image"), ("xlink:href", "image"), ("src", "image")),
    "feimage": (("href", "image"), ("xlink:href", "image")),
    "use": (("href", "image"), ("xlink:href", "image")),
    "script": (("src", "script"), ("href", "script"), ("xlink:href", "script")),
    "video": (("poster", "image"), ("src", "media")),
    "audio": (("src", "media"),),
    "bgsound": (("src", "media"),),
    "track": (("src", "media"),),
    "iframe": (("src", "frame"),),
    "frame": (("src", "frame"),),
    "embed": (("src", "other"),),
    "object": (("data", "other"),),
    "input": (("src", "image"),),
}
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_LAZY_TAGS = frozenset({"img", "source", "iframe", "video", "audio", "script", "embed"})
_ICON_RELS = frozenset(
    {"icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image", "mask-icon"}
)
_PRELOADS: dict[str, Kind] = {"style": "style", "image": "image", "font": "font", "script": "script"}


def html_requisites(
    page: bytes | Any, url: str, *, content_type: str = "", encoding: str = "utf-8", kinds: Kinds = "all"
) -> tuple[str, ...]:
    """List what a page needs.

    page: the body with its content coding undone, or an lxml tree already made of it. url: absolute address of the page.
    content_type: of the answer, for bytes. encoding: of the page, for a tree. kinds: "images" leaves out all but pictures.
    Links that only lead on, data: and fragments are no requisites; the page itself is not either.
    """
    given = not isinstance(page, bytes)
    parsed = Page(page, base_of(page, url), encoding) if given else read_page(page, url, content_type)
    found: dict[str, Kind] = {}
    if parsed.root is not None:
        for written, kind in _page_addresses(parsed.root):
            found.setdefault(written.strip(), kind)
    return _absolute(found, parsed.base, url, parsed.encoding, kinds)


def css_requisites(text: str, url: str, *, kinds: Kinds = "all") -> tuple[str, ...]:
    """List what a style sheet needs: each url(), @import and image-set(). url: absolute address of the sheet."""
    found: dict[str, Kind] = {}
    for written, kind in css_addresses(text):
        found.setdefault(written, kind)
    return _absolute(found, url, url, "utf-8", kinds)


def kind_of(url: str, kind: Kind = "other") -> Kind:
    """Tell what an address holds: by the place it was found in, where that does not tell by its suffix.

    >>> kind_of("http://example.org/a/b.WOFF2?x"), kind_of("http://example.org/show?id=7", "image")
    ('font', 'image')
    """
    if kind not in ("other", "css"):
        return kind
    suffix = urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower()
    # url() in a declaration is a picture, nearly always.
    return _KIND_BY_SUFFIX.get(suffix, "image" if kind == "css" else "other")


def _absolute(found: dict[str, Kind], base: str, own: str, encoding: str, kinds: Kinds) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for written, kind in found.items():
        if not written or written.startswith("#") or written[:5].lower() == "data:":
            continue
        address = wire_url(written, base, encoding)
        if address is None or address == own:
            continue
        if kinds == "all" or kind_of(address, kind) == "image":
            kept[address] = None
    return tuple(kept)


def _page_addresses(root: Any) -> Iterator[tuple[str, Kind]]:
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):  # comments and processing instructions of a tree made elsewhere
            continue
        attributes = element.attrib
        if tag == "style" and element.text:
            yield from css_addresses(element.text)
        if attributes:
            yield from _element_addresses(tag.lower(), attributes, element)


def _element_addresses(tag: str, attributes: Any, element: Any) -> Iterator[tuple[str, Kind]]:
    if tag == "link":
        yield from _link(attributes)
    elif tag == "source":
        yield from _source(attributes, element)
    elif tag in _ATTRIBUTES and (tag != "input" or attributes.get("type", "").strip().lower() == "image"):
        for name, kind in _ATTRIBUTES[tag]:
            if name in attributes:
                yield attributes[name], kind
    if tag == "img":
        yield from _candidates(attributes)
    if tag in _LAZY_TAGS:
        kind = _ATTRIBUTES[tag][-1][1] if tag in _ATTRIBUTES else "other"
        for name in _LAZY:
            if name in attributes and _looks_like_address(attributes[name]):
                yield attributes[name], kind
    if "background" in attributes:
        yield attributes["background"], "image"
    if "style" in attributes:
        yield from css_addresses(attributes["style"])


def _link(attributes: Any) -> Iterator[tuple[str, Kind]]:
    rels = set(attributes.get("rel", "").lower().split())
    href = attributes.get("href", "")
    if "stylesheet" in rels:
        yield href, "style"
    elif rels & _ICON_RELS:
        yield href, "image"
    elif "modulepreload" in rels:
        yield href, "script"
    elif "preload" in rels:
        kind = _PRELOADS.get(attributes.get("as", "").strip().lower())
        if kind:
            yield href, kind
        if kind == "image":
            for candidate in srcset_addresses(attributes.get("imagesrcset", "")):
                yield candidate, "image"


def _source(attributes: Any, element: Any) -> Iterator[tuple[str, Kind]]:
    """Give what a <source> offers: pictures in a <picture>, else sound or film."""
    parent = element.getparent()
    in_media = parent is not None and parent.tag in ("video", "audio")
    if "src" in attributes:
        yield attributes["src"], "media" if in_media else "other"
    yield from _candidates(attributes)


def _candidates(attributes: Any) -> Iterator[tuple[str, Kind]]:
    for name in ("srcset", "data-srcset", "data-lazy-srcset"):
        if name in attributes:
            for candidate in srcset_addresses(attributes[name]):
                yield candidate, "image"


def _looks_like_address(text: str) -> bool:
    """Tell an address from the numbers and names that scripts keep in data- attributes too."""
    return "/" in text or "." in text
