"""An HTML tree to paragraphs and pictures, as a reader sees them.

Takes   an lxml element.
Gives   Block: one paragraph, heading, list item or table row, in the order of the page; pictures with captions.
Writes  nothing.

Block elements and line breaks part paragraphs; inline elements and their tails belong to the paragraph they stand in.
Ruby annotations, scripts, styles, templates and comments are no text. No recursion: a hostile page may be 2,000 deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
CELL_BLOCKS = 3  # the cell itself among them
CELL_CHARS = 200  # a table whose cells hold more is layout, and its cells are read one after another
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_EDGES = " \u3000\ufeff\u200b"
_AROUND = _EDGES + " \t\r\n\f\v\xa0"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# U+00A0 that is no blank but the byte A0 of UTF-8 that was read as Latin-1 or code page 1252: Ã\xa0 was à.
_MORE = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_BYTE_A0 = re.compile(f"[\xc2-\xdf]\xa0|[\xe0-\xef](?:\xa0{_MORE}|{_MORE}\xa0)|[\xf0-\xf4](?=.{{0,2}}\xa0){_MORE}{{3}}")
_HELD = "\ufdd0"  # a noncharacter (Unicode 16.0, 23.7), which stands for such a byte while blanks are told
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
    """What a tree holds, in reading order. garbled: texts of blocks as they were where a blank in them may be the byte A0 of
    another character."""

    blocks: list[Block] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    garbled: dict[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """Bring the white space of one paragraph to what a reader sees: single spaces, no indent.

    >>> tidy("  \u3000\u3000渠水\\n 到了 \xa0 ")
    '渠水到了'
    """
    text = text.strip(_AROUND)
    if "  " in text or not text.isprintable():  # not printable: control characters, and blanks but the plain one
        text = _CONTROL.sub("", _SPACE.sub(" ", _WRAPPED.sub("", text)))
    return text.strip(_EDGES)


def tidy_garbled(text: str) -> str | None:
    """Tidy a paragraph, but leave each U+00A0 that may be the byte A0 of another character; None where there is none.

    >>> tidy_garbled(" mercredi Ã\xa0\xa0la "), tidy_garbled("Page\xa04")
    ('mercredi Ã\xa0 la', None)
    """
    if "\xa0" not in text or not _BYTE_A0.search(text):
        return None
    return tidy(_BYTE_A0.sub(lambda found: found[0].replace("\xa0", _HELD), text)).replace(_HELD, "\xa0")


def garbled_lines(lines: Iterable[str]) -> dict[str, str]:
    """Give the lines in which a blank may be a byte of another character: as tidy() leaves them, and as they were."""
    return {tidy(line): garbled for line in lines if (garbled := tidy_garbled(line))}


def read_blocks(root: Any, ignored: frozenset[Any] = frozenset()) -> Blocks:
    """Read a tree into paragraphs.

    root: an lxml element. ignored: elements that are left out, with all they hold.
    """
    reader = _Reader()
    for opens, element, tag in _walk(root, ignored):
        if opens:
            reader.open(element, tag)
        else:
            reader.close(element, tag, element is root)
    reader.flush(root)
    return reader.found


def _walk(root: Any, ignored: frozenset[Any]) -> Iterator[tuple[bool, Any, Any]]:
    """Yield (True, element, tag) before and (False, element, tag) after its content; a dropped element only closes."""
    element, tag = root, root.tag
    open_tags: list[Any] = []  # of the elements that element stands in: asking lxml again costs more
    while True:
        dropped = not isinstance(tag, str) or (tag in DROPPED_TAGS and element is not root)
        if not dropped and not (ignored and element in ignored):
            yield True, element, tag
            if len(element):
                open_tags.append(tag)
                element = element[0]
                tag = element.tag
                continue
        yield False, element, tag
        while element is not root:
            following = element.getnext()
            if following is not None:
                element, tag = following, following.tag
                break
            element, tag = element.getparent(), open_tags.pop()
            yield False, element, tag
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
        self.broken: Any = None  # the element that holds the br before this paragraph
        self.inner: Any = None  # the same, where it has ended and all of this paragraph with it

    def open(self, element: Any, tag: str) -> None:
        if tag in BLOCK_TAGS:
            if self.parts:
                parent = element.getparent()
                self.flush(element if parent is None else parent)
            if tag == "tr" and _is_data_row(element):
                self.rows[element] = []
            self.verbatim += tag == "pre"
        elif tag == "img":
            self.flush_position(element)
        elif tag == "a":
            self.links += 1
        text = element.text
        if text:
            self.text(text, element)

    def close(self, element: Any, tag: Any, is_root: bool) -> None:
        if tag in BLOCK_TAGS:
            if self.parts:
                self.flush(element)
            self.verbatim -= tag == "pre" and self.verbatim > 0
            if tag == "tr":
                self.end_row(element)
            elif tag == "br":
                self.broken = element.getparent()
        else:
            if tag == "a":
                self.links -= self.links > 0
            if element is self.broken and self.parts:
                self.inner = element
        tail = None if is_root else element.tail
        if tail:
            self.text(tail, element, is_tail=True)

    def text(self, text: str, element: Any, *, is_tail: bool = False) -> None:
        """Take text that stands in an element, or after it."""
        if not self.parts and text.isspace():
            return
        if self.verbatim:
            lines = text.split("\n")
            for line in lines[:-1]:
                self._add(line)
                self.flush(element.getparent() if is_tail else element)
            text = lines[-1]
        self._add(text)

    def _add(self, text: str) -> None:
        self.parts.append(text)
        if self.inner is not None and not text.isspace():
            self.inner = None
        if self.links:
            self.link_chars += len(text.strip())

    def flush(self, element: Any) -> None:
        """End the paragraph; element: the one that it stands in, as a rule a block.

        A line behind a br is of the element that the br stands in, as the lines above it are: the last line of a font too.
        """
        element = element if self.inner is None else self.inner
        self.broken = self.inner = None
        joined = "".join(self.parts)
        text = tidy(joined)
        garbled = tidy_garbled(joined) if text else None
        if garbled:
            self.found.garbled[text] = garbled
        link_chars, self.link_chars = self.link_chars, 0
        self.parts.clear()
        if not text:
            return
        row = self._row_of(element) if self.rows else None
        if row is not None:
            self.rows[row].append(text)
        else:
            self.found.blocks.append(Block(text, str(element.tag), element, link_chars))

    def end_row(self, element: Any) -> None:
        cells = self.rows.pop(element, [])
        if cells:
            text = " | ".join(cells)
            if not self.found.garbled.keys().isdisjoint(cells):
                self.found.garbled[text] = " | ".join(self.found.garbled.get(cell, cell) for cell in cells)
            self.found.blocks.append(Block(text, "tr", element))

    def flush_position(self, element: Any) -> None:
        """Note a picture; text of the paragraph so far stands before it."""
        pending = bool(tidy("".join(self.parts)))
        self.found.pictures.append(Picture(element, len(self.found.blocks) + pending))

    def _row_of(self, element: Any) -> Any:
        while element is not None and element not in self.rows:
            element = element.getparent()
        return element


def _is_data_row(row: Any) -> bool:
    """Tell whether a row is data (its cells belong on one line) and not layout."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    return len(cells) >= 2 and all(map(_is_data, cells))


def _is_data(cell: Any) -> bool:
    """Tell whether a cell holds little. It is read no further than that takes: tables may stand in each other 600 deep."""
    blocks = chars = 0
    for inner in cell.iter():
        blocks += inner.tag in BLOCK_TAGS
        if blocks > CELL_BLOCKS:
            return False
    for piece in cell.itertext():
        chars += len(piece)
        if chars > CELL_CHARS:
            return False
    return True
