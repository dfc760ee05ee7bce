"""An HTML tree to paragraphs and pictures, as a reader sees them.

Takes   an lxml element.
Gives   Block: one paragraph, heading, list item or table row, in the order of the page; pictures with captions.
Writes  nothing.

Block elements and line breaks part paragraphs; inline elements and their tails belong to the paragraph they stand in.
Ruby annotations, scripts, styles, templates and comments are no text. No recursion: a hostile page may be 2,000 deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
# Not text for a reader: code, annotations of ruby (HTML 4.5.11-4.5.12), controls, embedded things.
DROPPED_TAGS = frozenset({
    "script", "style", "noscript", "template", "rt", "rp", "rtc", "head", "iframe", "object", "embed", "svg",
    "math", "canvas", "select", "textarea", "button", "input", "audio", "video", "map", "datalist", "noframes",
})  # fmt: skip
CELL_CHARS = 200  # a table whose cells hold more is layout, and its cells are read one after another
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_EDGES = " \u3000\ufeff\u200b"
_UNTIDY = re.compile(r"[\x00-\x1f\x7f\xa0]|  ")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_WIDE = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
# A line feed between two wide characters is a wrapped source line, not a space (CSS Text 3, 4.1.2).
_WRAPPED = re.compile(rf"(?<=[{_WIDE}])[ \t]*\r?\n[ \t\r\n]*(?=[{_WIDE}])")


@dataclass(slots=True)
class Block:
    """One paragraph of the page. tag: of its innermost block element. link_chars: how much of the text is links."""

    text: str
    tag: str
    element: Any
    link_chars: int = 0


@dataclass(slots=True)
class Picture:
    """One img. position: number of blocks before it."""

    element: Any
    position: int


@dataclass(slots=True)
class Blocks:
    """What a tree holds, in reading order."""

    blocks: list[Block] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def tidy(text: str) -> str:
    """Bring the white space of one paragraph to what a reader sees: single spaces, no indent.

    >>> tidy("  \u3000\u3000渠水\\n 到了 \xa0 ")
    '渠水到了'
    """
    if _UNTIDY.search(text):
        text = _CONTROL.sub("", _SPACE.sub(" ", _WRAPPED.sub("", text)))
    return text.strip(_EDGES)


def read_blocks(root: Any, ignored: frozenset[Any] = frozenset()) -> Blocks:
    """Read a tree into paragraphs.

    root: an lxml element. ignored: elements that are left out, with all they hold.
    """
    reader = _Reader()
    for opens, element in _walk(root, ignored):
        if opens:
            reader.open(element)
        else:
            reader.close(element, element is root)
    reader.flush(root)
    return reader.found


def _walk(root: Any, ignored: frozenset[Any]) -> Iterator[tuple[bool, Any]]:
    """Yield (True, element) before and (False, element) after its content; a dropped element only closes."""
    element = root
    while True:
        tag = element.tag
        dropped = not isinstance(tag, str) or (tag in DROPPED_TAGS and element is not root) or element in ignored
        if not dropped:
            yield True, element
            if len(element):
                element = element[0]
                continue
        yield False, element
        while element is not root:
            following = element.getnext()
            if following is not None:
                element = following
                break
            element = element.getparent()
            yield False, element
        else:
            return


class _Reader:
    """Gathers text until a paragraph ends."""

    def __init__(self) -> None:
        self.found = Blocks()
        self.parts: list[str] = []
        self.link_chars = 0
        self.links = 0
        self.rows: dict[Any, list[str]] = {}
        self.verbatim = 0

    def open(self, element: Any) -> None:
        tag = element.tag
        if tag in BLOCK_TAGS:
            self.flush(element.getparent() if element.getparent() is not None else element)
            if tag == "tr" and _is_data_row(element):
                self.rows[element] = []
            self.verbatim += tag == "pre"
        elif tag == "img":
            self.flush_position(element)
        self.links += tag == "a"
        self.text(element.text, element)

    def close(self, element: Any, is_root: bool) -> None:
        tag = element.tag
        if isinstance(tag, str):
            if tag in BLOCK_TAGS:
                self.flush(element)
                self.verbatim -= tag == "pre" and self.verbatim > 0
                if tag == "tr":
                    self.end_row(element)
            self.links -= tag == "a" and self.links > 0
        if not is_root:
            self.text(element.tail, element.getparent())

    def text(self, text: str | None, element: Any) -> None:
        if not text or (not self.parts and text.isspace()):
            return
        lines = text.split("\n") if self.verbatim else [text]
        for number, line in enumerate(lines):
            if number:
                self.flush(element)
            self.parts.append(line)
            if self.links:
                self.link_chars += len(line.strip())

    def flush(self, element: Any) -> None:
        """End the paragraph; element: the block element that it stands in."""
        text = tidy("".join(self.parts)) if self.parts else ""
        link_chars, self.link_chars = self.link_chars, 0
        self.parts.clear()
        if not text:
            return
        row = self._row_of(element)
        if row is not None:
            self.rows[row].append(text)
        else:
            self.found.blocks.append(Block(text, str(element.tag), element, link_chars))

    def end_row(self, element: Any) -> None:
        cells = self.rows.pop(element, [])
        if cells:
            self.found.blocks.append(Block(" | ".join(cells), "tr", element))

    def flush_position(self, element: Any) -> None:
        """Note a picture; text of the paragraph so far stands before it."""
        pending = bool(tidy("".join(self.parts)))
        self.found.pictures.append(Picture(element, len(self.found.blocks) + pending))

    def _row_of(self, element: Any) -> Any:
        if not self.rows:
            return None
        while element is not None and element not in self.rows:
            element = element.getparent()
        return element


def _is_data_row(row: Any) -> bool:
    """Tell whether a row is data (its cells belong on one line) and not layout."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2:
        return False
    for cell in cells:
        if sum(len(piece) for piece in cell.itertext()) > CELL_CHARS:
            return False
        if sum(1 for inner in cell.iter() if inner.tag in BLOCK_TAGS) > 3:
            return False
    return True
