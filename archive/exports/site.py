"""A static site: a page an instalment and an index, which opens from a disk without a server, a script or the network.

Takes a Source. Gives: how many instalments and pictures there are. Writes: into the folder: index.html, <position>-<id>.html,
style.css, images/, and manifest-sha256.txt, by which `sha256sum -c` tells whether all is as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ..ledger.rows import time_of
from .chapter import chapter, clean, element
from .folder import MANIFEST, files_in, write_manifest
from .series import Instalment, Series
from .source import Source, Written
from .wording import counted, day_of, word

# Nothing may be loaded or run but what lies beside the page.
_POLICY: Final = "default-src 'none'; img-src 'self' file: data:; style-src 'self' file:"
_STYLE: Final = """@charset "UTF-8";
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1a1c1e; --soft: #54585c; --rule: #d5d7d3; --accent: #1b4a80; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15171a; --ink: #e4e5e2; --soft: #a6abaf; --rule: #34393e; --accent: #93bdf0; }
}
html { background: var(--paper); color: var(--ink); }
body { max-width: 45rem; margin: 2rem auto; padding: 0 1rem;
  font: 1.125rem/1.95 "Songti SC", "Noto Serif CJK SC", SimSun, serif; }
:lang(en) { font-family: Georgia, "Songti SC", "Noto Serif CJK SC", SimSun, serif; }
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
h1 { font-size: 1.75rem; line-height: 1.4; }
.byline, .withdrawn, .missing, .lost, .about, figcaption, .facts, nav, ol.contents span {
  color: var(--soft); font: 0.9rem/1.7 "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif;
}
.note { margin: 0 0 1.5rem; font-family: "Kaiti SC", KaiTi, serif; }
.highlight { font-weight: bold; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; }
nav { display: flex; justify-content: space-between; gap: 1rem; }
.facts { margin-top: 3rem; border-top: 1px solid var(--rule); overflow-wrap: anywhere; }
.facts dd { margin: 0 0 0.5rem; color: var(--ink); }
ol.contents { list-style: none; padding: 0; }
ol.contents li { display: flex; gap: 1rem; border-bottom: 1px solid var(--rule); padding: 0.4rem 0; }
ol.contents .place { min-width: 2.5rem; }
ol.contents .day { margin-left: auto; white-space: nowrap; }
@media print { nav { display: none; } }
"""


def write(source: Source, folder: Path) -> Written:
    """Write the site. Raises OSError."""
    series, pictures = source.series, set[str]()
    (folder / "style.css").write_text(_STYLE, "utf-8")
    captured = missing = 0
    with (folder / "index.html").open("wb") as index:
        index.write(_head(series.title, series.language) + _about(series))
        for before, one, after in _with_neighbours(series.instalments()):
            captured, missing = captured + (one.document is not None), missing + (one.document is None)
            index.write(_line(one, series))
            if one.document is not None:
                _write_page(folder, source, one, pictures, before, after)
            source.told(captured, 0, one.name(series.lang))
        below = f"{counted(captured, missing, series.lang)} · {word('from', series.lang)} {series.newest:%Y-%m-%d %H:%M:%S} UTC"
        index.write(f"</ol>\n{element('p', below, class_='about')}</main>\n</body>\n</html>\n".encode())
    write_manifest(folder, MANIFEST, (name for name in files_in(folder) if name != MANIFEST))
    return Written(captured, missing, len(pictures))


def file_of(one: Instalment) -> str:
    """Name the page of an instalment, as its text file is named in the home."""
    shown = one.document or {}
    return f"{shown['position'] or 0}-{shown['id']}.html"


def _with_neighbours(
    instalments: Iterator[Instalment],
) -> Iterator[tuple[Instalment | None, Instalment, Instalment | None]]:
    """Give each with the captured ones before and after it; what is missing has no page to lead to."""
    before: Instalment | None = None
    waiting: list[Instalment] = []
    for one in instalments:
        if one.document is not None and waiting:
            yield from _row(before, waiting, one)
            before = waiting[0] if waiting[0].document is not None else before
            waiting = []
        waiting.append(one)
    yield from _row(before, waiting, None)


def _row(
    before: Instalment | None, waiting: list[Instalment], after: Instalment | None
) -> Iterator[tuple[Instalment | None, Instalment, Instalment | None]]:
    return ((before, one, after) for one in waiting)


def _write_page(
    folder: Path,
    source: Source,
    one: Instalment,
    pictures: set[str],
    before: Instalment | None,
    after: Instalment | None,
) -> None:
    series, shown = source.series, one.document or {}
    fetched = shown["provenance"]["fetched"]
    files: dict[str, str] = {}
    for image in shown["images"]:
        picture = source.pictures.picture(image["url"], time_of(fetched) if fetched else None)
        if picture is None:
            continue
        files[image["url"]] = f"images/{picture.name}"
        if picture.name not in pictures:
            pictures.add(picture.name)
            (folder / "images").mkdir(exist_ok=True)
            (folder / "images" / picture.name).write_bytes(picture.content)
    steps = _steps(series, before, after)
    body = (
        f'{steps}<main lang="{shown["language"]}">\n<article>\n{chapter(one, series.lang, files)}</article>\n</main>\n'
    )
    page = _head(f"{one.name(series.lang)} - {series.title}", series.language) + f"{body}</body>\n</html>\n".encode()
    (folder / file_of(one)).write_bytes(page)


def _steps(series: Series, before: Instalment | None, after: Instalment | None) -> str:
    links = [
        _link(before, "prev", word("previous", series.lang), series.lang),
        f'<a href="index.html">{clean(series.title)}</a>\n',
        _link(after, "next", word("next", series.lang), series.lang),
    ]
    return f'<nav aria-label="{clean(word("contents", series.lang))}">\n{"".join(links)}</nav>\n'


def _link(one: Instalment | None, rel: str, told: str, lang: str) -> str:
    if one is None:
        return "<span></span>\n"
    colon = "：" if lang == "zh" else ": "
    return f'<a rel="{rel}" href="{quote(file_of(one))}">{clean(told + colon + one.name(lang))}</a>\n'


def _head(title: str, language: str) -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8" />\n'
        '<meta name="viewport" content="width=device-width" />\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />\n<meta name="referrer" content="no-referrer" />\n'
        f'{element("title", title)}<link rel="stylesheet" href="style.css" />\n</head>\n<body>\n'
    ).encode()


def _about(series: Series) -> bytes:
    told = [series.publisher, series.description, series.rights]
    paragraphs = "".join(element("p", text, class_="about") for text in told)
    return f'<main>\n{element("h1", series.title)}{paragraphs}<ol class="contents">\n'.encode()


def _line(one: Instalment, series: Series) -> bytes:
    place = f'<span class="place">{"" if one.position is None else one.position}</span>'
    if one.document is None:
        name = f'{clean(one.name(series.lang))} <span class="missing">{clean(word("missing", series.lang))}</span>'
        return f"<li>{place}<span>{name}</span></li>\n".encode()
    day = day_of(one.document)[:10]
    link = f'<a href="{quote(file_of(one))}" lang="{one.document["language"]}">{clean(one.name(series.lang))}</a>'
    withdrawn = one.document["state"] == "withdrawn"
    mark = f' <span class="withdrawn">{clean(word("withdrawn", series.lang))}</span>' if withdrawn else ""
    return f'<li>{place}<span class="name">{link}{mark}</span><span class="day">{clean(day)}</span></li>\n'.encode()
