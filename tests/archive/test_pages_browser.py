"""The pages in a real browser: what axe-core says of them, what the keyboard alone can do, how wide they are, how they print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from types import SimpleNamespace
from typing import Any

import long_series
import pytest
from room_browser import CHROMIUM, LANGUAGES, SCHEMES, SIZES, chromium, served, window

from archive.home import Home
from archive.ledger.store import open_ledger

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
RICH = f"/article/{long_series.name_of(long_series.RICH)}"
# Every kind of page: of the home with all states (pages_maker.py), and of some instalments of the long series.
OF_STATES = {
    "index": "/",
    "index-none": "/?q=none-such",
    "series": "/series/cheng",
    "series-of-runs": "/series/cun",
    "article": "/article/cccccc-3",
    "article-withdrawn": "/article/dddddd-4",
    "article-absent": "/article/ffffff-6",
    "article-of-ill-will": "/article/999999-1",
    "diff-inline": "/article/cccccc-3/diff/1/2?view=inline",
    "search-empty": "/search",
    "search-none": "/search?q=龘",
    "search-fault": "/search?q=渠+OR",
    "captures-empty": "/web/*/",
    "unknown": "/article/cheng/洛阴",
    "error": "/web/20180830000000/http://paper.example/never-captured",
}
OF_LONG = {
    "rich": RICH,
    "rich-old": f"{RICH}?revision=1",
    "unbroken": f"/article/{long_series.name_of(long_series.UNBROKEN)}",
    "diff-side": f"{RICH}/diff/1/3",
    "long-series": f"/series/{long_series.SERIES}",
    "search": "/search?q=水+OR+渠&year=2017",
    "captures": f"/web/*/{long_series.SITE}/{long_series.RICH}.html",
    "replay": f"/web/2099/{long_series.SITE}/{long_series.RICH}.html",
}
SEEN_ALWAYS = (
    "index",
    "series",
    "rich",
    "diff-side",
    "search",
    "captures",
    "replay",
    "error",
)  # the rest by `make soak`
VARIANTS = list(product(SIZES, SCHEMES, LANGUAGES))


@pytest.fixture(scope="module")
def room(pages_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two reading rooms as servers, and a browser: `address(name)` of a page, `browser`."""
    from conftest import Filled

    home = Home(tmp_path_factory.mktemp("long") / "home")
    ledger = open_ledger(home.make(), create=True)
    long_series.fill(Filled(home, ledger), (30, 149, long_series.RICH, 151))
    ledger.close()
    with ExitStack() as stack:
        states, long = stack.enter_context(served(pages_home)), stack.enter_context(served(home))
        browser = stack.enter_context(chromium())
        yield SimpleNamespace(
            browser=browser,
            long=long,
            states=states,
            address=lambda name: states + OF_STATES[name] if name in OF_STATES else long + OF_LONG[name],
        )


def violations(page: Any) -> list[str]:
    """Give what axe-core finds: rule, and the first element."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize(("name", "variant"), list(zip(SEEN_ALWAYS, VARIANTS, strict=True)))
def test_axe_finds_nothing(room, name, variant):
    """Each page in one of the variants, all of which come about; `make soak` sees each page in all."""
    with window(room.browser, *variant) as page:
        page.goto(room.address(name))

        assert [] == violations(page)


@pytest.mark.soak
@pytest.mark.parametrize("variant", VARIANTS, ids="-".join)
def test_axe_finds_nothing_in_any_variant(room, variant):
    """Desktop and phone, light and dark, Chinese and English."""
    found = {}
    with window(room.browser, *variant) as page:
        for name in [*OF_STATES, *OF_LONG]:
            page.goto(room.address(name))
            found[name] = violations(page)

    assert {} == {name: told for name, told in found.items() if told}


def test_axe_would_find_something(room):
    """A checker that finds nothing anywhere proves nothing."""
    with window(room.browser) as page:
        page.goto(room.address("index"))
        page.evaluate("document.querySelector('main').innerHTML = '<img src=x><p id=pale>a pale line</p>'")
        page.evaluate("document.getElementById('pale').style.color = '#ccc'")

        assert {"image-alt", "color-contrast"} <= {one.partition(":")[0] for one in violations(page)}


@pytest.mark.parametrize(
    "names", [SEEN_ALWAYS, pytest.param([*OF_STATES, *OF_LONG], marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_no_page_is_wider_than_a_small_phone(room, names):
    """What must be scrolled sideways, as a whole, is not read. 320 px: WCAG 2.1, 1.4.10 (reflow)."""
    wide = {}
    with window(room.browser, "phone", "light", "en") as page:
        page.set_viewport_size({"width": 320, "height": 640})
        for name in names:
            page.goto(room.address(name))
            wide[name] = page.evaluate("document.documentElement.scrollWidth")

    assert {} == {name: width for name, width in wide.items() if width > 320}


def walk_to(page: Any, wanted: str) -> str:
    """Press Tab until an element that fits the selector has the focus; each on the way has to show that it has it."""
    for _ in range(150):
        page.keyboard.press("Tab")
        fits, seen = page.evaluate(
            """wanted => {
                const one = document.activeElement, style = getComputedStyle(one);
                const hit = one.querySelector && one.querySelector('.hit');
                const shows = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                return [one.matches(wanted), shows || one === document.body || one.tagName === 'IFRAME'
                    || (hit && parseFloat(getComputedStyle(hit).strokeWidth) >= 2)];
            }""",
            wanted,
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if fits:
            return str(page.evaluate("document.activeElement.href || ''"))
    raise AssertionError(f"the keyboard does not reach {wanted} at {page.url}")


def test_the_keyboard_leads_from_search_to_article_to_differences_to_replay(room):
    """With Tab and Enter alone, and the focus is seen at every step."""
    with window(room.browser) as page:
        page.goto(f"{room.long}/")
        walk_to(page, "nav a[href='/search']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search")
        walk_to(page, "#q")
        page.keyboard.type("毫米")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=*")
        walk_to(page, f".hits a[href='{RICH}']")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{RICH}")
        walk_to(page, f"a[href='{RICH}/diff/2/3']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/diff/2/3")
        walk_to(page, ".tabs a[href='?view=inline']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/diff/2/3?view=inline")
        replay = walk_to(page, ".records a[href^='/web/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/web/**")
        page.wait_for_load_state("load")

        assert replay == page.url
        assert "清晨六点" in page.frames[1].inner_text("h1")


def test_the_first_stop_of_the_keyboard_leads_past_the_masthead(room):
    """A reader of a hundred pages does not want to hear its links a hundred times."""
    with window(room.browser) as page:
        page.goto(room.address("rich"))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        assert page.url.endswith("#main")
        walk_to(page, "main a")


def test_print_has_the_text_and_not_the_furniture(room):
    """Black on white, whatever the screen was; facts behind the text."""
    with window(room.browser, "desktop", "dark", "zh") as page:
        page.goto(room.address("rich"))
        page.emulate_media(media="print")
        told = page.evaluate(
            """() => {
                const of = one => document.querySelector(one), body = getComputedStyle(of('body'));
                const furniture = ['.mast nav', '.mast form', '.turn', '.skip'];
                return {
                    paper: body.backgroundColor,
                    ink: body.color,
                    hidden: furniture.filter(one => getComputedStyle(of(one)).display !== 'none'),
                    below: of('.margin').getBoundingClientRect().top >= of('#p4').getBoundingClientRect().bottom,
                };
            }"""
        )

        assert {"paper": "rgb(255, 255, 255)", "ink": "rgb(0, 0, 0)", "hidden": [], "below": True} == told
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_pictures_stand_where_they_stood_and_come_from_the_archive(room):
    """The one that has a caption in the text; the one that was lost says so in its place; the last one's place is not known."""
    with window(room.browser) as page:
        page.goto(room.address("rich"))
        order = page.eval_on_selector_all(
            ".text .para, .text figure",
            "all => all.map(one => one.id || (one.querySelector('img') ? 'picture' : 'lost'))",
        )
        width = page.eval_on_selector("figure img", "image => image.decode().then(() => image.naturalWidth)")

        assert ["p1", "picture", "p2", "lost", "p3", "p4", "picture"] == order
        assert 80 == width
