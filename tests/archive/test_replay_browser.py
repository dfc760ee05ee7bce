"""The replay in a real browser: pages show as they were, nothing leaves the archive, nothing archived reaches our own pages."""

from __future__ import annotations

import shutil
import socketserver
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from replay_leaks import asking_page, leaking_pages
from replay_maker import MadeHome
from replay_site import OUTSIDE, SITE, TIME, hard_pages

from archive.web.application import application
from archive.web.room import Room
from archive.web.server import configured, listen

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# It asks the outside by itself without the first of these; a sandboxed frame is painted reliably with the last.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-features=IsolateSandboxedIframes",
    "--host-resolver-rules=MAP archive.lan 127.0.0.1",
]  # fmt: skip
HOSTS = ["127.0.0.1", "archive.lan"]  # the second is no "trustworthy" origin: plain http in a house

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


class _Logging(socketserver.StreamRequestHandler):
    """A proxy that lets nothing through and notes what was asked of it."""

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode("latin-1").strip())  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture(scope="module")
def outside() -> Iterator[list[str]]:
    """What was asked of the live web, and where its proxy listens (`server`)."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Logging) as proxy:
        proxy.daemon_threads, proxy.asked = True, []  # type: ignore[attr-defined]
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield SimpleNamespace(asked=proxy.asked, server=f"http://127.0.0.1:{proxy.server_address[1]}")  # type: ignore[attr-defined,misc]
        proxy.shutdown()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The reading room of a home with hard pages, as a real server."""
    maker = MadeHome(tmp_path_factory.mktemp("browser") / "home")
    hard_pages(maker)
    leaking_pages(maker)
    with Room(maker.indexed(), {}) as room, listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(configured(application(room, ["archive.lan"])))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium(outside: Any) -> Iterator[Any]:
    """A browser whose every request but those to the archive goes to the proxy."""
    from playwright.sync_api import sync_playwright

    proxy = {"server": outside.server, "bypass": "127.0.0.1,archive.lan"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS, proxy=proxy)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, outside: Any) -> Iterator[Any]:
    """A window of a new reader; at its end nothing was asked of the newspaper or anyone else named in its pages."""
    outside.asked.clear()
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()

    assert [] == [line for line in outside.asked if "example" in line]


def shown(page: Any, mark: str) -> Any:
    """Give the frame that has something, once it is there."""
    page.wait_for_load_state("load")
    for frame in page.frames[1:]:
        if frame.query_selector(mark):
            return frame
    raise AssertionError(f"{mark} is in none of {[frame.url for frame in page.frames]}")


@pytest.mark.parametrize("host", HOSTS)
def test_a_page_shows_as_it_was(window, port, host):
    """GBK, imported style, srcset, picture, lazy pictures, frames, base: all from the archive, and no script runs."""
    window.goto(f"http://{host}:{port}/web/{TIME}/{SITE}/")
    page, inner = shown(window, "#head"), shown(window, "#framed")
    widths = {
        name: page.eval_on_selector(f"#{name}", "i => i.naturalWidth")
        for name in ("plain", "set", "picture", "lazy", "native", "away")
    }

    assert "渠水流过十八城" == page.inner_text("#head")
    assert "rgb(1, 2, 3)" == page.eval_on_selector("#head", "e => getComputedStyle(e).color")
    assert {"plain": 8, "set": 16, "picture": 16, "lazy": 8, "native": 8, "away": 0} == widths
    assert "框" == inner.inner_text("#framed")
    assert 8 == inner.eval_on_selector("img", "i => i.naturalWidth")
    assert "无脚本" == page.inner_text("#noscript")
    assert "渠水日报" == page.title()
    assert "渠水日报" in window.title()
    assert "2018-08-30 10:05:00" in window.inner_text(".banner")


@pytest.mark.parametrize("host", HOSTS)
def test_links_lead_on_with_the_banner(window, port, host):
    """The whole window goes to the next page of the archive, at its time."""
    window.goto(f"http://{host}:{port}/web/{TIME}/{SITE}/")
    shown(window, "#next").click("#next")
    window.wait_for_url("**/2.html")

    assert f"http://{host}:{port}/web/{TIME}/{SITE}/2.html" == window.url
    assert "二版" == shown(window, "#second").inner_text("#second")
    window.go_back()
    shown(window, "#out").click("#out")
    window.wait_for_url(f"**{OUTSIDE}/")
    assert "没有" in window.inner_text("main") or "Not" in window.inner_text("main")


def test_a_link_in_a_frame_stays_in_the_frame(window, port):
    """As on the day."""
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}/{SITE}/frameset.html")
    shown(window, "#stay").click("#stay")
    window.wait_for_function("frames[0].frames.length === 2")
    window.frames[2].wait_for_selector("#second")

    assert window.url.endswith("/frameset.html")


@pytest.mark.parametrize("host", HOSTS)
def test_with_scripts_on_their_text_comes_from_the_archive(window, port, host):
    """fetch, XHR, a worker, pictures that a script makes; a WebSocket and a service worker fail as if the network did."""
    window.goto(f"http://{host}:{port}/web/{TIME}sc_/{SITE}/script.html")
    page = shown(window, "#text")
    page.wait_for_function(
        "document.getElementById('worker').textContent !== '空' && /fetch-404/.test(document.body.innerText)"
    )
    page.wait_for_function(
        "document.getElementById('deep').naturalWidth === 8 && document.getElementById('made').naturalWidth === 16"
    )

    assert ["脚本取来的文字", "又一段", "又一段"] == [page.inner_text(name) for name in ("#text", "#xhr", "#worker")]
    assert {"a=1v", "ws-closed", "sw-refused", "fetch-404"} == set(page.inner_text("#log").split())


def test_scripts_are_off_until_asked_for(window, port):
    """The switch in the banner turns them on, and off."""
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}/{SITE}/script.html")
    off = shown(window, "#text").inner_text("#text")
    window.click(".sw a")
    window.wait_for_url("**sc_/**")
    page = shown(window, "#text")
    page.wait_for_function("document.getElementById('text').textContent !== '空'")

    assert "空" == off
    window.click(".sw a")
    window.wait_for_url(f"**/web/{TIME}/**")


@pytest.mark.parametrize("host", HOSTS)
def test_a_hostile_page_reaches_nothing(window, port, host):
    """Cookies, storage, the page around it, pages of ours, the live web: tried in two frames, one of them without our script."""
    address = f"http://{host}:{port}"
    with (
        window.expect_console_message(lambda message: message.text.startswith("inner tried")) as inner,
        window.expect_console_message(lambda message: message.text.startswith("outer tried")) as outer,
    ):
        window.goto(f"{address}/lang?lang=zh&to=/web/{TIME}sc_/{SITE}/hostile.html")
    told = {"inner": inner.value.text, "outer": outer.value.text}

    assert "inner tried all and got []" == told["inner"]
    # What our script lets through is led to the newspaper's own addresses in the archive.
    assert all(
        word.startswith(("read", "send", "live", "database"))
        for word in told["outer"].partition("[")[2].rstrip("]").split(", ")
        if word
    )
    assert window.url == f"{address}/web/{TIME}sc_/{SITE}/hostile.html"
    assert [] == window.context.service_workers


def test_where_a_page_sends_on_the_banner_goes_with_it(window, port):
    """A meta refresh, which a sandbox without scripts does not follow; one that leads to the live web ends in the archive."""
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}/{SITE}/refresh.html")
    window.wait_for_url("**/2.html")
    assert window.url.startswith(f"http://127.0.0.1:{port}/web/")
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}/{SITE}/leave.html")
    window.wait_for_url(f"**{OUTSIDE}/meta")
    assert window.url.startswith(f"http://127.0.0.1:{port}/web/")
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}sc_/{SITE}/refresh.html")
    window.wait_for_url("**sc_/**/2.html")
    assert window.url.startswith(f"http://127.0.0.1:{port}/web/")


def test_the_page_asks_where_nothing_hinders_it(chromium, outside):
    """Else the two tests below would prove nothing: as a plain file it asks outside, by markup and by script."""
    outside.asked.clear()
    plain = (
        asking_page().replace("img-src 'none'", "").replace(".example", ".invalid")
    )  # what comes late counts for no other test
    with chromium.new_context() as context:
        page = context.new_page()
        page.route("http://plain.invalid/", lambda route: route.fulfill(body=plain, content_type="text/html"))
        with page.expect_console_message(lambda message: message.text.startswith("tried ")):
            page.goto("http://plain.invalid/")
        page.wait_for_load_state("networkidle")  # on a busy machine the last requests leave behind the message
    paths = {line.split(" ")[1] for line in outside.asked if "outside.invalid" in line}

    assert 25 < len([path for path in paths if "/s" not in path])
    assert 25 < len([path for path in paths if "/s" in path])


def test_nothing_of_a_page_asks_the_live_web(window, port):
    """Each element, attribute, rule and header that could, scripts off; the page shows, its links stay in the archive."""
    window.goto(f"http://127.0.0.1:{port}/web/{TIME}/{SITE}/leaks.html")
    page = shown(window, "#head")
    cookies = window.context.cookies()
    told = page.eval_on_selector("#head", "e => getComputedStyle(e).color")
    page.click("#pinged")
    window.wait_for_url("**/2.html")

    assert "rgb(9, 8, 7)" == told
    assert [] == [one for one in cookies if one["name"] == "archived"]
    window.go_back()
    shown(window, "#send").click("#send")
    window.wait_for_url("**/59?a=b")
    assert window.url.startswith(f"http://127.0.0.1:{port}/web/")


@pytest.mark.parametrize("host", HOSTS)
def test_no_script_asks_the_live_web(window, port, host):
    """Fifty ways that a script has, one after another."""
    with window.expect_console_message(lambda message: message.text.startswith("tried ")) as tried:
        window.goto(f"http://{host}:{port}/web/{TIME}sc_/{SITE}/leaks.html")

    done, all_ = tried.value.text.removeprefix("tried ").split(" of ")
    assert done == all_
    assert int(done) >= 50
    assert window.url.startswith(f"http://{host}:{port}/web/")
    assert [] == window.context.service_workers
    assert [window] == window.context.pages


@pytest.mark.parametrize("host", HOSTS)
def test_what_a_script_sent_gets_the_answer_that_it_got(window, port, host):
    """JSON, a form, a form in parts, JSON by a worker: each its own, and none for what was never asked."""
    window.goto(f"http://{host}:{port}/web/{TIME}sc_/{SITE}/posts.html")
    page = shown(window, "#never")
    page.wait_for_function("[...document.querySelectorAll('p')].every((p) => p.textContent !== '空')")

    assert ["一页", '<p id="answer">渠在此', "许多部分", "404", "二页"] == [
        page.inner_text(name) for name in ("#json", "#form", "#multi", "#never", "#worker")
    ]


@pytest.mark.parametrize("mode", ["", "sc_"])
def test_a_form_that_sends_a_body_is_answered_within_the_banner(window, port, mode):
    """Scripts off or on; the frame shows what the newspaper answered then, and the banner stays."""
    address = f"http://127.0.0.1:{port}/web/{TIME}{mode}/{SITE}/posts.html"
    window.goto(address)
    shown(window, "#send").click("#send")
    window.frames[1].wait_for_selector("#answer")

    assert "渠在此" == window.frames[1].inner_text("#answer")
    window.wait_for_load_state("networkidle")
    assert address == window.url
