"""Profiles: kept, removed, paused, checked."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile
from crawler.demo.server import serve

PROFILE = """\
[series]
id = "jiuqu"
title = "旧渠"
schedule = "0 7 * * *"
timezone = "Asia/Shanghai"
[source]
kind = "url-list"
urls = ["http://127.0.0.1:9/a.html"]
[fetch]
auth = "env:JIUQU_AUTH"
"""


def test_a_kept_profile_is_copied_and_scheduled(lianzai: Any, tmp_path: Path) -> None:
    """`add` is what `serve` runs by; the secret stays in the environment."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home, secret = tmp_path / "home", "name:correct-horse"

    added = lianzai("add", "p.toml", "--json", home=home, JIUQU_AUTH=secret)
    row = json.loads(lianzai("status", "jiuqu", "--json", home=home).stdout)["series"][0]

    assert json.loads(added.stdout) == {"done": True, "failed": [], "paths": [str(home / "profiles/jiuqu.toml")]}
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE
    assert (row["title"], row["next_run"][10:]) == ("旧渠", "T23:00:00Z")
    assert not [path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_removed_profile_can_be_added_again_by_its_id(lianzai: Any, tmp_path: Path) -> None:
    """Nothing is lost by `remove`: the home remembers the profile."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")

    removed = lianzai("remove", "jiuqu", "--json", home=home)
    between = json.loads(lianzai("status", "--json", home=home).stdout)["series"][0]
    again = lianzai("add", "jiuqu", home=home, JIUQU_AUTH="a:bcdef")

    assert removed.returncode == 0
    assert between["next_run"] is None
    assert again.returncode == 0
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE


def test_paused_means_no_next_run(lianzai: Any, tmp_path: Path) -> None:
    """Until it is resumed."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")
    seen = []
    for verb in ("pause", "resume"):
        lianzai(verb, "jiuqu", home=home)
        row = json.loads(lianzai("status", "--json", home=home).stdout)["series"][0]
        seen.append((row["paused"], row["next_run"] is None))

    assert seen == [(True, True), (False, False)]


def test_an_id_of_another_source_is_refused(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """Two newspapers under one id would be folded into one series."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "q.toml").write_text(PROFILE.replace("a.html", "b.html"), encoding="utf-8")
    home = tmp_path / "home"
    lianzai("add", "p.toml", home=home, JIUQU_AUTH="a:bcdef")
    refused = lianzai("add", "q.toml", home=home, JIUQU_AUTH="a:bcdef")

    assert refused.returncode == 2
    assert "already another source" in only_line(refused.stderr)
    assert (home / "profiles/jiuqu.toml").read_text(encoding="utf-8") == PROFILE


def test_profile_check_names_keys_that_do_nothing_yet(lianzai: Any, tmp_path: Path) -> None:
    """Who sets one learns that nothing comes of it yet."""
    (tmp_path / "p.toml").write_text(f"{PROFILE}\n[browser]\nwait = 1.0\n", encoding="utf-8")
    told = json.loads(lianzai("profile", "check", "p.toml", "--json", JIUQU_AUTH="a:bcdef").stdout)

    assert told["inert"] == ["browser.wait"]
    assert (told["done"], told["failed"]) == (True, [])


def test_profile_check_refuses_all_faults_on_one_line(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """Several faults, one round of mending."""
    (tmp_path / "p.toml").write_text(
        PROFILE.replace("0 7 * * *", "0 25 * * *").replace("auth", "oath"), encoding="utf-8"
    )
    refused = lianzai("profile", "check", "p.toml", "--json")

    assert (refused.returncode, refused.stdout) == (2, "")
    line = only_line(refused.stderr)
    assert "schedule" in line
    assert "oath" in line


def test_profile_check_live_asks_the_site_and_keeps_nothing(lianzai: Any, tmp_path: Path) -> None:
    """Before a series is kept a person sees what would be read of it."""
    home = tmp_path / "home"
    with serve(Newspaper()) as server:
        (tmp_path / "p.toml").write_text(demo_profile(server.url, series="qushui"), encoding="utf-8")
        result = lianzai("profile", "check", "p.toml", "--live", "--json", home=home)
    told = json.loads(result.stdout)

    assert (result.returncode, told["failed"], result.stderr) == (0, [], "")
    assert told["live"]["listed"] > 0
    assert told["live"]["entries"][0]["title"]
    assert told["live"]["article"]["text"]
    assert not list(home.rglob("*.warc.gz*"))


def test_profile_check_live_of_a_dead_site_is_exit_5(lianzai: Any, tmp_path: Path, only_line: Any) -> None:
    """A site that refuses every connection is named on one line; the home knows no such series that could be crawled later."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused, and nobody else gets the port
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        (tmp_path / "p.toml").write_text(demo_profile(url, series="qushui"), encoding="utf-8")
        result = lianzai("profile", "check", "p.toml", "--live", "--json")

    assert (result.returncode, result.stdout) == (5, "")
    assert url in only_line(result.stderr)
    assert result.stderr.rstrip().endswith("try: lianzai profile check p.toml --live, later")
