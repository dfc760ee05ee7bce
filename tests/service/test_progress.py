"""A crawl on a terminal shows how far it is; on a pipe it says nothing until it has ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from crawler.demo.profiles import url_list_profile
from crawler.demo.server import Server


def test_a_crawl_on_a_terminal_shows_counts_and_what_is_fetched(
    newspaper: Server, on_a_terminal: Callable[..., str], tmp_path: Path
) -> None:
    """A person waits better who sees what is done, and how much is left."""
    profile = tmp_path / "qushui.toml"
    profile.write_text(url_list_profile(newspaper.url), encoding="utf-8")
    shown = on_a_terminal("crawl", str(profile), home=tmp_path / "home", COLUMNS="100")

    assert re.search(r"crawling.* \d+/\d+ .*http://127", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown))
    assert "17 of 18" in shown
