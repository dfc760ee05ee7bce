"""`profile new URL` and `crawl URL`, as a person calls them, against a site on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

TEXT = "<p>清晨六点，渠边已经有人走动，水声从闸口传来，听得出远近，也听得出闸开了几道。</p>" * 8
ARTICLE = """<html lang="zh"><head><meta charset="utf-8"><title>{title}-临溪日报</title></head><body><h1>{title}</h1>
<div class="info">2018-09-0{n} 08:12</div><div class="content">{text}</div></body></html>"""
LIST = """<html lang="zh"><head><meta charset="utf-8"><title>渠水纪事-临溪日报</title></head><body>
<div class="nav"><a href="/">首页</a></div><h1>渠水纪事</h1><p>共5篇</p><ul class="news-list">{lines}</ul>{more}</body></html>"""
TITLES = ("渠首的第一道闸", "石桥村里听水声", "老闸工的三本账", "夜巡渠边三十里", "麦田边上的泵站")


class Site:
    """A newspaper whose pages are files. asked: the targets, in their order."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def write(self, path: str, text: str) -> None:
        """Put a page."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A series of five on two pages, and a folder that robots.txt forbids."""
    made = Site(tmp_path / "site")
    for n, title in enumerate(TITLES, 1):
        made.write(f"a/{n}.html", ARTICLE.format(title=title, n=n, text=TEXT))
    lines = [
        f'<li><a href="/a/{n}.html">{title}</a><span>2018-09-0{n}</span></li>' for n, title in enumerate(TITLES, 1)
    ]
    made.write(
        "list/index.html",
        LIST.format(lines="".join(lines[:3]), more='<a class="next" href="/list/index_2.html">下一页</a>'),
    )
    made.write("list/index_2.html", LIST.format(lines="".join(lines[3:]), more=""))
    made.write("secret/index.html", "x")
    made.write("robots.txt", "User-agent: *\nDisallow: /secret/\n")
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that asks without a pause."""
    made = tmp_path / "home"
    made.mkdir()
    (made / "config.toml").write_text('[fetch]\ndelay = 0\nrequisites = "none"\nretries = 0\n', encoding="utf-8")
    return made


def test_what_is_proposed_is_accepted_and_reads_what_was_shown(
    lianzai: Any, site: Site, home: Path, tmp_path: Path
) -> None:
    """stdout is the profile alone, so that `> file` makes one; a file that is there is never written over."""
    url = f"{site.url}/list/index.html"
    new = lianzai("profile", "new", url, home=home)
    asked = list(site.asked)
    (tmp_path / "p.toml").write_text(new.stdout, encoding="utf-8")
    check = lianzai("profile", "check", "p.toml", "--live", "--json", home=home)
    over = lianzai("profile", "new", url, "--output", "p.toml", home=home)

    assert (new.returncode, check.returncode, over.returncode) == (0, 0, 2)
    assert asked == ["/robots.txt", "/list/index.html", "/list/index_2.html", "/a/1.html"]
    assert 'item = ".news-list a"' in new.stdout
    assert "expected = 5" in new.stdout
    assert "allow_private = true" in new.stdout
    assert new.stderr.splitlines()[0] == "list-page: names 3 articles of 渠水纪事"
    assert new.stderr.splitlines()[1] == f"  2018-09-01  渠首的第一道闸  {site.url}/a/1.html"
    assert f"further pages: by next, says next: {site.url}/list/index_2.html" in new.stderr.splitlines()
    assert json.loads(check.stdout)["live"]["listed"] == 3
    assert (tmp_path / "p.toml").read_text(encoding="utf-8") == new.stdout
    assert over.stderr.startswith("lianzai: p.toml: is there already")
    assert not (home / "ledger.sqlite3").exists()


def test_an_address_is_a_series_from_its_first_crawl_on(lianzai: Any, site: Site, home: Path) -> None:
    """The second crawl takes the profile that the first one kept, as a person has mended it, and makes no second series."""
    url = f"{site.url}/list/index.html"
    first = lianzai("crawl", url, "--json", home=home)
    kept = home / "profiles" / "qushui-jishi.toml"
    kept.write_text(kept.read_text(encoding="utf-8").replace('title = "渠水纪事"', 'title = "渠水"'), encoding="utf-8")
    site.asked.clear()
    again = lianzai("crawl", url, "--json", home=home)
    series = json.loads(lianzai("status", "--json", home=home).stdout)["series"]

    assert (first.returncode, again.returncode) == (0, 0)
    assert json.loads(first.stdout)["series"][0] | {"skipped": []} == {
        "id": "qushui-jishi", "found": 5, "captured": 5, "unchanged": 0, "revised": 0, "withdrawn": 0, "restored": 0,
        "failed": [], "skipped": [], "expected": 5, "missing": [], "complete": True,
    }  # fmt: skip
    assert str(kept) in first.stderr
    assert again.stderr == ""
    assert site.asked[:1] == ["/list/index.html"]  # robots.txt is known from the first
    assert [(one["id"], one["title"], one["next_run"]) for one in series] == [("qushui-jishi", "渠水", None)]


def test_each_address_of_a_call_has_its_own_end(
    lianzai: Any, site: Site, home: Path, tmp_path: Path, only_line: Any
) -> None:
    """What robots.txt forbids, what is not there and what does not answer keep nothing of the rest from being crawled."""
    source = f'[source]\nkind = "url-list"\nurls = ["{site.url}/a/5.html"]\n[fetch]\nallow_private = true\n'
    (tmp_path / "one.toml").write_text(f'[series]\nid = "one"\ntitle = "一"\n{source}', encoding="utf-8")
    wrong = [f"{site.url}/secret/index.html", f"{site.url}/nothing.html", "http://127.0.0.1:9/list"]
    done = lianzai("crawl", "one.toml", *wrong, f"{site.url}/list/index.html", "--json", home=home)
    line = only_line(done.stderr)

    assert done.returncode == 2
    assert [(one["id"], one["captured"]) for one in json.loads(done.stdout)["series"]] == [
        ("one", 1),
        ("qushui-jishi", 5),
    ]
    assert "robots.txt forbids it" in line
    assert "HTTP 404: there is no such page" in line
    assert "the site cannot be reached: connect" in line
    assert [path for path in site.asked if "secret" in path] == []


def test_a_list_that_is_not_known_has_no_plan(lianzai: Any, home: Path, only_line: Any) -> None:
    """--dry-run fetches nothing, so it cannot find a profile; it says what does."""
    planned = lianzai("crawl", "http://127.0.0.1:9/list", "--dry-run", home=home)

    assert planned.returncode == 2
    assert "lianzai profile new http://127.0.0.1:9/list" in only_line(planned.stderr)
