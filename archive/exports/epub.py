"""EPUB 3.3: the series as a book, a chapter an instalment, with the pictures of the archive.

Takes a Source. Gives: how many chapters and pictures there are. Writes: to the file, members as they are made; the package last.

The times in it are those of the newest capture, and members are stored as they are, so the same archive gives the same bytes.
Source: https://www.w3.org/TR/epub-33/ (package document 5, navigation document 7, OCF 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO, Final
from uuid import NAMESPACE_URL, uuid5

from ..bundle.container import Container
from ..ledger.rows import json_time, time_of, time_text
from .chapter import chapter, clean, element
from .cover import HEIGHT, WIDTH, cover
from .series import Instalment, Series
from .source import Source, Written
from .wording import counted, word

_CONTAINER: Final = b"""<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE: Final = """@charset "UTF-8";
body { margin: 5%; line-height: 1.8; font-family: "Songti SC", "Noto Serif CJK SC", SimSun, serif; }
h1 { font-size: 1.5em; line-height: 1.4; }
p { margin: 0; text-indent: 2em; }
:lang(en) p { text-indent: 0; margin-bottom: 0.8em; }
.byline, .withdrawn, .missing, .lost, figcaption, .facts { font-size: 0.85em; text-indent: 0; }
.byline { margin-bottom: 1.5em; }
.note { margin: 0 0 1.5em; font-family: "Kaiti SC", KaiTi, serif; }
.highlight { font-weight: bold; }
figure { margin: 1.5em 0; text-align: center; }
img { max-width: 100%; }
.facts { margin-top: 3em; border-top: 1px solid #888; overflow-wrap: anywhere; }
.cover { margin: 0; text-align: center; }
.cover img { max-height: 100%; }
"""


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the manifest. text: of the contents, where it is in the reading order."""

    id: str
    path: str
    mime: str
    properties: str = ""
    text: str | None = None
    lost: bool = False


@dataclass(slots=True)
class _Book:
    items: list[_Item] = field(default_factory=list)
    places: list[bool] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)  # file -> id


def write(source: Source, file: BinaryIO) -> Written:
    """Write the book. Raises OSError."""
    series, book = source.series, _Book()
    with Container(file, series.newest) as container:
        container.add_bytes("mimetype", b"application/epub+zip")  # first and stored: a reader knows the file by it
        container.add_bytes("META-INF/container.xml", _CONTAINER)
        container.add_bytes("EPUB/style.css", _STYLE.encode())
        for number, one in enumerate(series.instalments(), 1):
            _add_chapter(container, source, book, number, one)
            source.told(number, 0, one.name(series.lang))
        captured = sum(book.places)
        below = counted(captured, len(book.places) - captured, series.lang)
        drawn = cover(series.id, series.title, series.publisher, below, book.places)
        container.add_bytes("EPUB/cover.svg", drawn)
        container.add_bytes("EPUB/cover.xhtml", _page(series.title, series.language, _cover_body(series)))
        container.add_bytes("EPUB/nav.xhtml", _navigation(series, book))
        container.add_bytes("EPUB/package.opf", _package(series, book))
    return Written(captured, len(book.places) - captured, len(book.pictures))


def _add_chapter(container: Container, source: Source, book: _Book, number: int, one: Instalment) -> None:
    series, shown = source.series, one.document
    files: dict[str, str] = {}
    if shown is not None:
        fetched = shown["provenance"]["fetched"]
        for image in shown["images"]:
            picture = source.pictures.picture(image["url"], time_of(fetched) if fetched else None)
            if picture is None:
                continue
            path = f"images/{picture.name}"
            files[image["url"]] = path
            if path not in book.pictures:
                book.pictures[path] = f"i{len(book.pictures) + 1}"
                container.add_bytes(f"EPUB/{path}", picture.content)
                book.items.append(_Item(book.pictures[path], path, picture.mime))
    title, language = one.name(series.lang), series.language if shown is None else shown["language"]
    path = f"c{number:05d}.xhtml"
    container.add_bytes(f"EPUB/{path}", _page(title, language, chapter(one, series.lang, files)))
    book.items.append(_Item(f"c{number}", path, "application/xhtml+xml", text=title, lost=shown is None))
    book.places.append(shown is not None)


def _page(title: str, language: str, body: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}"'
        f' xml:lang="{language}">\n<head>\n{element("title", title)}'
        f'<link rel="stylesheet" type="text/css" href="style.css" />\n</head>\n<body{more}>\n{body}</body>\n</html>\n'
    ).encode()


def _cover_body(series: Series) -> str:
    image = f'<img src="cover.svg" width="{WIDTH}" height="{HEIGHT}" alt="{clean(series.title)}" />'
    return f'<section epub:type="cover" class="cover">\n{image}\n</section>\n'


def _navigation(series: Series, book: _Book) -> bytes:
    contents = word("contents", series.lang)
    lines = [f'<li><a href="cover.xhtml">{clean(word("cover", series.lang))}</a></li>\n']
    for one in book.items:
        if one.text is not None:
            lost = f"（{word('missing.short', series.lang)}）" if one.lost else ""
            lines.append(f'<li><a href="{one.path}">{clean(one.text)}{lost}</a></li>\n')
    nav = f'<nav epub:type="toc" id="toc">\n{element("h1", contents)}<ol>\n{"".join(lines)}</ol>\n</nav>\n'
    return _page(contents, series.language, nav)


def _package(series: Series, book: _Book) -> bytes:
    modified = json_time(time_text(series.newest))
    name = uuid5(NAMESPACE_URL, f"lianzai:{series.id}")
    items = [
        _Item("nav", "nav.xhtml", "application/xhtml+xml", "nav"),
        _Item("cover", "cover.xhtml", "application/xhtml+xml"),
        _Item("cover-image", "cover.svg", "image/svg+xml", "cover-image"),
        _Item("style", "style.css", "text/css"),
        *book.items,
    ]
    manifest = "".join(
        f'<item id="{one.id}" href="{one.path}" media-type="{one.mime}"'
        + (f' properties="{one.properties}"' if one.properties else "")
        + "/>\n"
        for one in items
    )
    spine = "".join(f'<itemref idref="{one.id}"/>\n' for one in book.items if one.text is not None)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0"'
        f' unique-identifier="id" xml:lang="{series.language}">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">urn:uuid:{name}</dc:identifier>\n'
        + element("dc:title", series.title)
        + element("dc:language", series.language)
        + element("dc:creator", series.publisher)
        + element("dc:publisher", series.publisher)
        + element("dc:description", series.description)
        + element("dc:rights", series.rights)
        + "".join(element("dc:subject", tag) for tag in series.tags)
        + f'<dc:date>{modified}</dc:date>\n<meta property="dcterms:modified">{modified}</meta>\n'
        + f"</metadata>\n<manifest>\n{manifest}</manifest>\n"
        f'<spine>\n<itemref idref="cover"/>\n<itemref idref="nav"/>\n{spine}</spine>\n</package>\n'
    ).encode()
