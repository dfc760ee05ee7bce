"""The pictures of an article, with their captions.

Takes   the img elements found among the blocks, and the base address.
Gives   Images with absolute addresses, in reading order, each address once.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..model import Image
from .blocks import Block, Picture, read_blocks
from .page import join

CAPTION_CHARS = 120
TINY_PX = 40  # an image declared smaller is an icon or a counter

# Where pages that load pictures late keep the true address; src then holds a placeholder.
_LATE = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-url", "data-echo", "_src")
_PLACEHOLDER = re.compile(
    r"^data:|(?:^|/)(?:blank|loading|spacer|placeholder|pixel|grey|transparent|lazy)[\w-]*\.(?:gif|png|svg|jpe?g)", re.I
)
_CAPTION = re.compile(
    r"^\s*(?:[▲△▼↑↓←→]|图[为片：:一二三四五六\d]|资料图|題圖|题图|图说|[（(]?(?:图|資料圖|圖))|(?:摄|攝|供图|供圖|制图)\s*[)）]?\s*[。.]?$"
)
_FILE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)$|^(?:image|img|图片|photo|pic)?[\d_-]*$", re.I)


def read_images(pictures: Sequence[Picture], blocks: Sequence[Block], base: str) -> tuple[Image, ...]:
    """Read the pictures among the blocks of an article.

    blocks: those that the pictures' positions count. base: absolute address.
    """
    found: dict[str, Image] = {}
    for picture in pictures:
        address = _address(picture.element)
        if address and not _is_tiny(picture.element):
            url = join(base, address)
            found.setdefault(url, Image(url, _caption(picture, blocks)))
    return tuple(found.values())


def captions_of(pictures: Sequence[Picture]) -> frozenset[Any]:
    """Give the figcaption elements that belong to pictures, so that they are not also read as paragraphs."""
    figures = [_figure(picture.element) for picture in pictures]
    return frozenset(caption for figure in figures if figure is not None for caption in figure.iter("figcaption"))


def _address(element: Any) -> str:
    src = (element.get("src") or "").strip()
    late = next((value.strip() for name in _LATE if (value := element.get(name))), "")
    # A srcset's address ends at white space; commas inside it are its own (HTML, 4.8.4.2.1 Parsing a srcset).
    from_set = next(iter((element.get("srcset") or element.get("data-srcset") or "").split()), "").rstrip(",")
    for candidate in (late, src, from_set):
        if candidate and not _PLACEHOLDER.search(candidate):
            return candidate
    return ""


def _is_tiny(element: Any) -> bool:
    for name in ("width", "height"):
        match = re.match(r"\s*(\d{1,5})(?:px)?\s*$", element.get(name) or "")
        if match and int(match.group(1)) < TINY_PX:
            return True
    return False


def _caption(picture: Picture, blocks: Sequence[Block]) -> str | None:
    figure = _figure(picture.element)
    if figure is not None:
        caption = next(figure.iter("figcaption"), None)
        text = " ".join(block.text for block in read_blocks(caption).blocks) if caption is not None else ""
        if text:
            return text
    following = blocks[picture.position].text if picture.position < len(blocks) else ""
    if 2 < len(following) <= CAPTION_CHARS and _CAPTION.search(following):
        return following
    alt = (picture.element.get("alt") or "").strip()
    return alt if len(alt) > 1 and not _FILE_NAME.search(alt) else None


def _figure(element: Any) -> Any:
    for _ in range(6):
        if element is None or element.tag == "figure":
            return element
        element = element.getparent()
    return None
