"""The reading room as a real server, and Debian's Chromium to look at it.

Takes   a home. Gives: its address; a browser that asks nobody else. Writes nothing.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from archive.home import Home
from archive.web.application import application
from archive.web.room import Room
from archive.web.server import address, configured, listen

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# It asks the outside by itself without the third and its like; a sandboxed frame is painted reliably with the last.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-features=IsolateSandboxedIframes",
]  # fmt: skip
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SCHEMES = ("light", "dark")


@contextmanager
def served(home: Home | Path) -> Iterator[str]:
    """Serve the reading room of a home on a free port; lend its address."""
    with Room(home if isinstance(home, Home) else Home(home), {}) as room, listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(configured(application(room)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield address(listener)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def chromium() -> Iterator[Any]:
    """Lend a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Any, size: str = "desktop", scheme: str = "light", lang: str = "zh", **more: Any) -> Iterator[Any]:
    """Lend a window of a new reader. size, scheme, lang: of SIZES, SCHEMES, LANGUAGES."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=LANGUAGES[lang], reduced_motion="reduce", **more
    )  # fmt: skip
    try:
        yield context.new_page()
    finally:
        context.close()
