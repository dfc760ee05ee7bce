"""The pictures of an article, with their captions.

Takes   the img elements found among the blocks, and the base address.
Gives   Images with absolute addresses, in reading order, each address once, and which of the blocks are their captions.
Writes  nothing.

A caption is the figcaption, or the paragraph right after the picture where it repeats the picture's alt, is named or set as
a caption, or begins as captions do (图为…, ▲). A paragraph of the article that merely follows a picture is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from ..model import Image
from .blocks import Block, Blocks, Picture
from .evidence import letters_of
from .page import join, text_of

CAPTION_CHARS = 120
FIGURE_BLOCKS = 4  # how far from the picture the blocks of its figcaption are looked for
TINY_PX = 40  # an image declared smaller is an icon or a counter

# Where pages that load pictures late keep the true address; src then holds a placeholder.
_LATE = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-url", "data-echo", "_src")
_PIXELS = re.compile(r"\s*(\d{1,5})(?:px)?\s*$")
_PLACEHOLDER = re.compile(
    r"^data:|(?:^|/)(?:blank|loading|spacer|placeholder|pixel|grey|transparent|lazy)[\w-]*\.(?:gif|png|svg|jpe?g)", re.I
)
_CAPTION = re.compile(
    r"^\s*(?:[▲△▼▽↑↓←→⬆⬇]|[（(【\[]?(?:图|圖)(?:[为爲為][：:\s]?|[片]?\s?[：:/／|丨】\]]"
    r"|\s?[一二三四五六七八九十\d]{1,2}\s?[：:．.、\s])"
    r"|[（(【\[]?(?:资料图|資料圖|题图|題圖|图说|图注|图解|图片说明)(?:片)?\s?(?:[：:/／|丨】\]）)]|来源|$)|[（(](?:图|圖))"
    r"|(?<![所拍])(?:摄|攝|供图|供圖|制图)\s*(?:[)）】]\s*[。.]?)?$"
)
# What templates call the line under a picture, in English, German and pinyin.
_CAPTION_CLASS = re.compile(
    r"(?:^|[\s_-])(?:(?:img|image|pic|picture|photo|figure|wp|media|tu|bild)?[\s_-]?(?:caption|legend|bildunterschrift"
    r"|tuzhu|tushuo|tupianshuoming)(?:[\s_-]?(?:text|txt|p))?"
    r"|(?:img|image|pic|picture|photo|figure|tu)[\s_-]?(?:desc|description|txt|text|info|title|note|alt|tips?|name|zhu"
    r"|shuo|explain|memo))(?:$|[\s_-])",
    re.I,
)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
_SMALL_FONT = re.compile(
    r"font-size\s*:\s*(?:(?:[1-9]|1[0-4])(?:\.\d+)?px|(?:[1-9]|10)(?:\.\d+)?pt|0?\.\d+r?em|[1-8]\d%|(?:x+-)?small)",
    re.I,
)
_INLINE = frozenset({"span", "em", "i", "small", "font", "label", "cite"})
# What stands beside a text: codes to be scanned, advertisements; by what templates call them or the elements around them.
_CODE = re.compile(r"(?:^|[/_.\s-])(?:qr|qr[_-]?code|erweima|ewm)(?:$|[_.\s\d-])|二维码", re.I)
_ADVERT = re.compile(r"(?:^|[\s_-])(?:ads?|advert\w*|adsense|ad-?slot\w*|guanggao|sponsor\w*|dfp)(?:$|[\s_-])", re.I)
_ADVERT_PATH = re.compile(
    r"(?:^|/)(?:ads?|adv|advert\w*|adimg|adpic|guanggao|sponsors?|banners?)/|(?:^|[/_-])(?:banner|guanggao"
    r"|advert)\d*(?:[_-]\w*)?\.\w{3,4}$",
    re.I,
)
_AROUND = 4  # elements around a picture that are looked at
_FILE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)$|^(?:image|img|图片|photo|pic)?[\d_-]*$", re.I)


def read_pictures(found: Blocks, base: str) -> tuple[tuple[Image, ...], frozenset[int]]:
    """Read the pictures among the blocks of an article, and the numbers of the blocks that are captions.

    base: absolute address.
    """
    images: dict[str, Image] = {}
    captions: set[int] = set()
    for position, group in groupby(found.pictures, key=lambda picture: picture.position):
        pictures = [one for one in group if not _is_tiny(one.element) and not _is_beside(one.element, base)]
        addresses = [_address(one.element) for one in pictures]
        pictures = [one for one, address in zip(pictures, addresses, strict=True) if address]
        captioned = _captions(pictures, position, found.blocks)
        for picture, address, numbers in zip(pictures, filter(None, addresses), captioned, strict=True):
            captions.update(numbers)
            url = join(base, address)
            text = " ".join(found.blocks[number].text for number in numbers) or _alt(picture.element)
            images.setdefault(url, Image(url, text))
    return tuple(images.values()), frozenset(captions)


def with_captions(found: Blocks, start: int, end: int) -> tuple[int, int]:
    """Give the range of the blocks of a text, widened by the captions right above and right below it.

    Captions are no text to the chooser, so the picture that opens an article stands above its first paragraph.
    """
    blocks, above = found.blocks, defaultdict(list)
    for picture in found.pictures:
        above[picture.position].append(picture)
    while start > 0 and (_is_by_markup(blocks[start - 1]) or _is_captioned(blocks[start - 1], above[start - 1])):
        start -= 1
    while end < len(blocks) and (_is_by_markup(blocks[end]) or _is_captioned(blocks[end], above[end])):
        end += 1
    return start, end


def _is_captioned(block: Block, pictures: Sequence[Picture]) -> bool:
    return any(_is_caption(block, one) and not _is_tiny(one.element) for one in pictures)


def _is_by_markup(block: Block) -> bool:
    return block.tag == "figcaption" or bool(_CAPTION_CLASS.search(block.element.get("class") or ""))


def _captions(pictures: Sequence[Picture], position: int, blocks: Sequence[Block]) -> list[list[int]]:
    """Give for each picture of a group the numbers of its captions: in its figure, else among the blocks that follow.

    One caption under several pictures is that of them all; as many captions as pictures are one each.
    """
    figures = [_figure(picture.element) for picture in pictures]
    if any(figure is not None for figure in figures):
        own = [_in_figure(figure, position, blocks) for figure in figures]
        if any(own):
            return own
    end = position
    while end < min(len(blocks), position + len(pictures)) and any(_is_caption(blocks[end], one) for one in pictures):
        end += 1
    following = list(range(position, end))
    if len(following) == len(pictures):
        return [[number] for number in following]
    return [following[-1:] for _ in pictures]


def _in_figure(figure: Any, position: int, blocks: Sequence[Block]) -> list[int]:
    """Give the blocks of a figure's figcaption, which may stand above or below the picture."""
    caption = next(figure.iter("figcaption"), None) if figure is not None else None
    if caption is None:
        return []
    near = range(max(0, position - FIGURE_BLOCKS), min(len(blocks), position + FIGURE_BLOCKS))
    return [number for number in near if _is_within(blocks[number].element, caption)]


def _is_caption(block: Block, picture: Picture) -> bool:
    """Tell whether a block right after a picture is its caption."""
    text = block.text
    if not 1 < len(text) <= CAPTION_CHARS or block.tag in ("h1", "h2", "tr"):
        return False
    if _CAPTION.search(text) or _is_marked(block.element, picture.element):
        return True
    letters = letters_of(text)
    return len(letters) > 1 and letters in {letters_of(picture.element.get(name) or "") for name in ("alt", "title")}


def _is_marked(element: Any, picture: Any) -> bool:
    """Tell whether a paragraph is named as a caption, or set as one: centred and in small type."""
    if element is picture.getparent():  # it holds the picture as well: its names are not those of the text alone
        return _is_framed(element, picture)
    inner = [one for one in element.iter() if isinstance(one.tag, str)][:4]
    parent = element.getparent()
    outer = [parent] if parent is not None and element.getnext() is None and element.getprevious() is None else []
    if any(_CAPTION_CLASS.search(one.get("class") or "") for one in (*inner, *outer)):
        return True
    centred = [*outer, *inner]
    return any(map(_is_centred, centred)) and any(map(_is_small, inner))


def _is_framed(frame: Any, picture: Any) -> bool:
    """Tell whether a box that is no paragraph holds a picture and, right behind it, one inline element with all its text."""
    line = picture.getnext()
    if frame.tag == "p" or line is None or line.getnext() is not None or line.tag not in _INLINE or len(line):
        return False
    return not any((piece or "").strip() for piece in (frame.text, picture.tail, line.tail))


def _is_centred(element: Any) -> bool:
    align = (element.get("align") or "").lower()
    return align == "center" or element.tag == "center" or bool(_CENTRED.search(element.get("style") or ""))


def _is_small(element: Any) -> bool:
    if element.tag == "small" or (
        element.tag == "font" and (element.get("size") or "").strip() in ("1", "2", "-1", "-2")
    ):
        return True
    return bool(_SMALL_FONT.search(element.get("style") or ""))


def _is_within(element: Any, outer: Any) -> bool:
    while element is not None and element is not outer:
        element = element.getparent()
    return element is not None


def _address(element: Any) -> str:
    told = dict(element.items())  # all at once: asking lxml for each costs more
    src = told.get("src", "").strip()
    late = next((value.strip() for name in _LATE if (value := told.get(name))), "")
    # A srcset's address ends at white space; commas inside it are its own (HTML, 4.8.4.2.1 Parsing a srcset).
    sources = told.get("srcset") or told.get("data-srcset") or ""
    from_set = next(iter(sources.split()), "").rstrip(",")
    for candidate in (late, src, from_set):
        if candidate and not _PLACEHOLDER.search(candidate):
            return candidate
    return ""


def _is_tiny(element: Any) -> bool:
    for name in ("width", "height"):
        match = _PIXELS.match(element.get(name) or "")
        if match and int(match.group(1)) < TINY_PX:
            return True
    return False


def _is_beside(element: Any, base: str) -> bool:
    """Tell whether a picture is a code to be scanned or an advertisement: it is called so, or it leads to the host that sent it,
    which is not the site's."""
    host, path = _host_and_path(join(base, _address(element)))
    if _CODE.search(path.rpartition("/")[2]) or _CODE.search(element.get("alt") or ""):
        return True
    if _ADVERT_PATH.search(path):
        return True
    around = [element]
    while len(around) <= _AROUND and around[-1].getparent() is not None:
        around.append(around[-1].getparent())
    if any(_ADVERT.search(f"{one.get('class') or ''} {one.get('id') or ''}") for one in around):
        return True
    link = next((one.get("href") for one in around if one.tag == "a" and one.get("href")), None)
    leads, page = _host_and_path(join(base, link)) if link else ("", "")
    return bool(leads) and host == leads != _host_and_path(base)[0] and not _FILE_NAME.search(page)


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.netloc.lower(), parts.path


def _alt(element: Any) -> str | None:
    alt = text_of(element.get("alt"))  # templates escape attributes once more than text, as they do JSON
    return alt if len(alt) > 1 and not _FILE_NAME.search(alt) else None


def _figure(element: Any) -> Any:
    for _ in range(6):
        if element is None or element.tag == "figure":
            return element
        element = element.getparent()
    return None
