"""The pages of the demonstration's home: every one is there, in a real browser too, and their ids outlive a rebuild."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from atom_checker import ATOM, faults
from lxml import etree
from pages_maker import asking, page, texts
from room_browser import served as serving

from archive import views
from archive.home import Home
from archive.ledger.store import open_to_read

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def ask(demonstration: tuple[Path, str]) -> Iterator[Any]:
    """A client of the demonstration's home."""
    with asking(demonstration[0]) as asked:
        yield asked


def articles(home: Path) -> list[str]:
    """Give the ids of the demonstration's articles."""
    ledger = open_to_read(Home(home))
    with ledger.read() as connection:
        found = [one["id"] for one in views.articles(connection, "qushui")]
    ledger.close()
    return found


def test_the_series_is_complete_and_says_what_happened(ask):
    """What `make demo` ends with."""
    shown = page(ask("/series/qushui"))

    assert 18 == len(shown.cssselect(".case li"))
    assert ["全数存下；撤下 1 篇，存本可读"] == texts(shown.cssselect(".health span"))
    assert any("安阳：修订：正文" in one for one in texts(shown.cssselect(".events li")))


def test_every_article_has_its_page_and_its_picture(ask, demonstration):
    """A picture comes from the archive, and is one."""
    for name in articles(demonstration[0]):
        shown = page(ask(f"/article/{name}"))
        pictures = [ask(one.get("src")) for one in shown.cssselect("figure img")]
        assert pictures
        assert {(200, "image/jpeg"), (200, "image/png")} >= {
            (one.status_code, one.headers["Content-Type"]) for one in pictures
        }
        for link in shown.xpath("//main//a[starts-with(@href, '/')]/@href"):
            assert ask(link).status_code in (200, 302, 307), link


def test_the_silent_edit_is_shown_by_character(ask):
    """Of a whole article two words."""
    shown = page(ask(ask("/article/qushui/安阳/diff").headers["Location"].partition("?")[0]))

    assert (["四百"], ["三百四十"]) == (texts(shown.cssselect(".sides del")), texts(shown.cssselect(".sides ins")))


def test_ids_of_events_are_the_same_after_a_rebuild(demonstration, lianzai, tmp_path):
    """A feed reader shows nothing twice because the ledger was made again."""
    home = tmp_path / "home"
    shutil.copytree(demonstration[0], home)

    def ids() -> list[str | None]:
        with asking(home) as asked:
            answer = asked("/series/qushui/feed.atom")
        assert faults(answer.content) == []
        return [one.findtext(f"{ATOM}id") for one in etree.fromstring(answer.content).findall(f"{ATOM}entry")]

    before = ids()
    assert lianzai("rebuild", home=home).returncode == 0

    assert before == ids()
    assert len(before) == len(set(before)) == 40


def test_the_demonstration_tells_where_its_pages_are(demonstration):
    """A newcomer's next step."""
    assert "/series/qushui while this runs:" in demonstration[1]
    assert demonstration[1].rstrip().endswith("replay")


# ------------------------------------------------------------------------------------------------------------ in a browser


@pytest.fixture(scope="module", params=["demonstration", "made"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[str]]]:
    """The reading room of a home as a real server, and the paths of its pages."""
    if request.param == "demonstration":
        home = request.getfixturevalue("demonstration")[0]
        edited = next(name for name in articles(home) if "38955" in name)
        paths = ["/", "/series/qushui", f"/article/{edited}", f"/article/{edited}/diff/1/2", "/none"]
    else:
        home = request.getfixturevalue("pages_home").root
        paths = [
            "/", "/?lang=en", "/series/cheng", "/series/cun?lang=en", "/series/xie", "/article/cccccc-3?lang=en",
            "/article/999999-1", "/article/ffffff-6", "/article/cccccc-3/diff/1/2?lang=zh",
            "/article/cccccc-3/diff/1/2?view=inline", "/search?q=反",
        ]  # fmt: skip
    with serving(home) as at:
        yield at, paths


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_pages_fit_a_small_phone_and_ask_nobody_else(served):
    """320 px wide: no sideways scrolling, no error in the console, no request elsewhere, every control has a name."""
    from playwright.sync_api import sync_playwright

    base, paths = served
    told: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 320, "height": 700})
        tab.on("console", lambda message: None if "404" in message.text else told.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: told.append(f"error: {error}"))
        tab.on("request", lambda asked: None if asked.url.startswith(base) else told.append(f"outside: {asked.url}"))
        tab.on("dialog", lambda dialog: (told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        for path in paths:
            tab.goto(base + path)
            told += [f"{path}: {one}" for one in tab.evaluate(LOOK)]
        browser.close()

    assert told == []


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("served", ["demonstration"], indirect=True)
def test_a_keyboard_alone_leads_from_search_to_the_replay(served):
    """Search, article, differences, replay, by Tab and Enter: what has the focus can be seen on the way."""
    from playwright.sync_api import sync_playwright

    base, _ = served
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.goto(f"{base}/search?q=三百四十")
        for way in ("/article/", "/diff/", "/web/2"):
            for _ in range(80):
                tab.keyboard.press("Tab")
                if way in tab.evaluate("document.activeElement.getAttribute('href') || ''"):
                    break
            assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            tab.keyboard.press("Enter")
            tab.wait_for_url(f"**{way}**")
        assert tab.locator(".banner time").count() == 1
        browser.close()


# Names what a reader of a small screen, of a screen reader or of a keyboard would stumble on.
LOOK = """() => {
  const told = [], all = chosen => [...document.querySelectorAll(chosen)];
  const named = e => (e.getAttribute('aria-label') || e.textContent || '').trim() || e.querySelector('img[alt]:not([alt=""])');
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) told.push('wider than the window: ' + wide);
  all('a[href]').filter(a => !named(a)).forEach(a => told.push('a link without a name: ' + a.outerHTML.slice(0, 90)));
  all('img:not([alt])').forEach(i => told.push('a picture without words: ' + i.src));
  all('input:not([type=hidden]), select').filter(f => !f.labels.length).forEach(f => told.push('without a label: ' + f.name));
  const ids = all('[id]').map(e => e.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => told.push('an id that is there twice: ' + id));
  const near = all('main a[href^="#"]').map(a => decodeURIComponent(a.hash.slice(1)));
  near.filter(id => !ids.includes(id)).forEach(id => told.push('a link to nowhere: ' + id));
  const levels = all('h1, h2, h3').map(h => +h.tagName[1]);
  if (levels.filter(l => l === 1).length !== 1) told.push('not one h1');
  levels.forEach((l, at) => { if (at && l > levels[at - 1] + 1) told.push('a heading too deep'); });
  if (!document.documentElement.lang) told.push('no language');
  return told;
}"""
