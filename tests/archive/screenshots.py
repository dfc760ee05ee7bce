"""Draw every page of the reading room, in every variant: `make screenshots`.

Takes   a folder; with --docs, the folder of README's pictures too; with --long, the series of 200 (long_series.py) instead of the
        demonstration.
Gives   the names of what was written on stdout, a line each.
Writes  <folder>/<page>.<desktop|phone>.<light|dark>.<zh|en>.png; with --docs series.png, article.png, diff.png, as small as the
        browser makes them.

The newspaper that is shown is the demonstration's, whose texts and pictures are ours.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conftest import Filled
from long_series import GALLERY, LONG, MISSING, RICH, SERIES, SITE, fill, name_of
from room_browser import CHROMIUM, LANGUAGES, SCHEMES, SIZES, chromium, served, window

from archive import views
from archive.home import Home
from archive.ledger.store import open_ledger, open_to_read

REPOSITORY = Path(__file__).parents[2]
_TALLEST = 16000  # pixels of a picture; Chromium draws no taller ones


def demonstration(folder: Path) -> tuple[Home, dict[str, str]]:
    """Make the demonstration's home; give it and its pages: {name: address}."""
    home = folder / "home"
    command = [sys.executable, "-m", "scheduler", "--home", str(home), "--json", "demo"]
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(command, check=True, cwd=REPOSITORY, env=environ, capture_output=True)
    ledger = open_to_read(Home(home))
    with ledger.read() as connection:
        of = {one["subject"]: one for one in views.articles(connection, "qushui")}
    ledger.close()
    revised, gone, plain = of["安阳"], of["信阳"], of["三门峡"]
    address = quote(revised["url"], safe=":/?&=")
    return (
        Home(home),
        {
            "index": "/",
            "series": "/series/qushui",
            "article": f"/article/{plain['id']}",
            "article-revised": f"/article/{revised['id']}",
            "article-withdrawn": f"/article/{gone['id']}",
            "diff-side": f"/article/{revised['id']}/diff/1/2",
            "diff-inline": f"/article/{revised['id']}/diff/1/2?view=inline",
            "search": "/search?q=" + quote("水尺 OR 桥"),
            "search-none": "/search?q=" + quote("龘"),
            "search-empty": "/search",
            "captures": f"/web/*/{address}",
            "replay": f"/web/2099/{address}",
            "error": "/article/qushui/" + quote("三门侠"),
        },
    )


def long_series(folder: Path) -> tuple[Home, dict[str, str]]:
    """Make the home of the series of 200; give it and its pages: {name: address}."""
    home = Home(folder / "home")
    ledger = open_ledger(home.make(), create=True)
    fill(Filled(home, ledger))
    ledger.close()
    return (
        home,
        {
            "index": "/",
            "series": f"/series/{SERIES}",
            "series-second-page": f"/series/{SERIES}?page=2",
            "article-rich": f"/article/{name_of(RICH)}",
            "article-gallery": f"/article/{name_of(GALLERY)}",
            "article-long": f"/article/{name_of(LONG)}",
            "article-unbroken": f"/article/{name_of(LONG - 1)}",
            "article-beside-a-gap": f"/article/{name_of(min(MISSING) - 1)}",
            "article-withdrawn": f"/article/{name_of(17)}",
            "article-second-hand": f"/article/{name_of(66)}",
            "article-failed": f"/article/{name_of(105)}",
            "article-found": f"/article/{name_of(200)}",
            "article-english": f"/article/{name_of(44)}",
            "diff-side": f"/article/{name_of(RICH)}/diff/1/3",
            "diff-inline": f"/article/{name_of(RICH)}/diff/2/3?view=inline",
            "search": "/search?q=" + quote("水"),
            "search-faceted": "/search?q=" + quote("水 OR 渠") + "&year=2016",
            "search-fault": "/search?q=" + quote('"水'),
            "captures": f"/web/*/{SITE}/{RICH}.html",
        },
    )


def drawn(browser: Any, base: str, pages: dict[str, str], folder: Path) -> Iterator[Path]:
    """Draw all pages in all variants."""
    for size, scheme, lang in product(SIZES, SCHEMES, LANGUAGES):
        with window(browser, size, scheme, lang) as page:
            for name, path in pages.items():
                page.goto(base + path)
                file = folder / f"{name}.{size}.{scheme}.{lang}.png"
                whole = page.evaluate("document.documentElement.scrollHeight") <= _TALLEST
                page.screenshot(path=file, full_page=whole, animations="disabled")
                yield file


def for_the_readme(browser: Any, base: str, pages: dict[str, str], folder: Path) -> Iterator[Path]:
    """Draw what README shows: the upper part of three pages."""
    for name, path, lang, scheme in (
        ("series", pages["series"], "en", "light"),
        ("article", pages["article-revised"], "zh", "light"),
        ("diff", pages["diff-side"], "en", "dark"),
    ):
        with window(browser, "desktop", scheme, lang) as page:
            page.goto(base + path)
            page.screenshot(path=folder / f"{name}.png", animations="disabled")
            yield folder / f"{name}.png"


def main() -> int:
    """Draw, and say what was drawn."""
    parser = argparse.ArgumentParser(description="Draw every page of the reading room.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", type=Path, help="also draw README's pictures, into this folder")
    parser.add_argument("--long", action="store_true", help="draw a series of 200 instead of the demonstration")
    parser.add_argument("--only", default="", help="only pages whose name begins so")
    chosen = parser.parse_args()
    if CHROMIUM is None:
        print("there is no Chromium on this machine; Debian's package is called chromium", file=sys.stderr)
        return 2
    chosen.folder.mkdir(parents=True, exist_ok=True)
    make = long_series if chosen.long else demonstration
    with ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="lianzai-"))
        home, pages = make(Path(place))
        base, browser = stack.enter_context(served(home)), stack.enter_context(chromium())
        shown = {name: path for name, path in pages.items() if name.startswith(chosen.only)}
        for file in drawn(browser, base, shown, chosen.folder):
            print(file)
        if chosen.docs is not None and not chosen.long:
            chosen.docs.mkdir(parents=True, exist_ok=True)
            for file in for_the_readme(browser, base, pages, chosen.docs):
                print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
