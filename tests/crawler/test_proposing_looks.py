"""Which addresses a look may ask, and how what was proposed is kept and found again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from lists import LISTS, look, site_of

from archive.errors import UsageError
from archive.home import Home
from crawler.proposing.anchors import on_page
from crawler.proposing.answer import Wanted
from crawler.proposing.groups import find_list
from crawler.proposing.looking import Looking
from crawler.proposing.prose import is_article
from crawler.proposing.remembering import name, series_at, write_new
from crawler.proposing.text import to_profile
from crawler.robots import parse_robots
from crawler.sources.links import read_page

PAGES = Path(__file__).parents[3] / "shared" / "extraction"
NAMED = "japanese-news"


@pytest.mark.parametrize(
    ("asked", "further", "allowed"),
    [
        ("https://linxi-ribao.org/list", "https://www.linxi-ribao.org/feed", True),
        ("https://paper.example/list", "https://elsewhere.example/feed", False),
        ("https://paper.example/list", "http://127.0.0.1/feed", False),
        ("https://paper.example/list", "http://169.254.169.254/latest/meta-data", False),
        ("http://127.0.0.1:8080/list", "http://127.0.0.1:8080/feed", True),
        ("http://127.0.0.1:8080/list", "http://127.0.0.1:9090/feed", False),
        ("http://127.0.0.1:8080/list", "http://10.0.0.5/feed", False),
        ("http://localhost:8080/list", "http://localhost:8080/a", True),
    ],
)
def test_a_page_cannot_send_the_look_elsewhere(tmp_path: Path, asked: str, further: str, allowed: bool) -> None:
    """A page that names an address of our own network as its feed would have us read it."""
    looking = Looking(asked, Home(tmp_path), {})

    assert looking._may_ask(Wanted(further, "a feed")) == allowed


def test_what_robots_txt_forbids_is_not_asked_by_a_later_look(tmp_path: Path) -> None:
    """It is asked for once a site, and holds for all that follows."""
    looking = Looking("https://paper.example/list", Home(tmp_path), {})
    looking._policies["https://paper.example/robots.txt"] = parse_robots(200, b"User-agent: *\nDisallow: /feed\n")

    assert not looking._may_ask(Wanted("https://paper.example/feed", "a feed"))
    assert looking._may_ask(Wanted("https://paper.example/a/1.html", "an article"))


def test_redirects_that_lead_nowhere_are_no_outage(tmp_path: Path) -> None:
    """The site answers: to try later would not help."""
    url = "https://paper.example/list"
    failed = {"url": url, "reason": "not-an-article", "detail": f"redirects in a circle, to {url}"}

    error = Looking(url, Home(tmp_path), {})._failure(url, url, {"skipped": [], "failed": [failed]})

    assert isinstance(error, UsageError)
    assert "in a circle" in str(error)


@pytest.mark.parametrize("wrong", ["paper.example/list", "ftp://paper.example/", "https://", "file:///etc/passwd"])
def test_only_web_addresses_are_looked_at(tmp_path: Path, wrong: str) -> None:
    """What is none gets told what one looks like."""
    with pytest.raises(UsageError, match="expected an http or https address"):
        Looking(wrong, Home(tmp_path), {})


def test_a_proposal_is_found_again_by_its_address(tmp_path: Path) -> None:
    """By the address that was asked, however it is spelled, and by that of the list itself where the first line was taken out."""
    home = Home(tmp_path)
    proposal = look(LISTS[NAMED]["url"], site_of(NAMED)).proposal
    series, known = name(home, proposal)
    write_new(home.profile(series), to_profile(proposal, series))
    text = home.profile(series).read_text(encoding="utf-8")

    assert (series, known) == ("mizube-shimbun-mizube", False)
    assert series_at(home, LISTS[NAMED]["url"].replace("https", "http") + "?utm_source=x") == series
    assert series_at(home, "https://www.mizube-shimbun.example/rensai/") is None
    assert name(home, proposal) == (series, True)

    home.profile(series).write_text(text.partition("\n")[2], encoding="utf-8")

    assert series_at(home, LISTS[NAMED]["url"]) == series


def test_another_series_of_the_same_title_gets_another_id(tmp_path: Path) -> None:
    """Two newspapers run a series of one name; the second must not be refused."""
    home = Home(tmp_path)
    one, other = (look(LISTS[each]["url"], site_of(each)).proposal for each in ("table-of-fonts", "portal-of-county"))
    first, _ = name(home, one)
    write_new(home.profile(first), to_profile(one, first))

    assert (first, name(home, other)) == ("qushui-jishi", ("qushui-jishi-2", False))


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    """It may be the profile that a person has mended."""
    path = tmp_path / "p.toml"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(UsageError, match="is there already"):
        write_new(path, "theirs")

    assert path.read_text(encoding="utf-8") == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["p.toml"]


@pytest.mark.soak
@pytest.mark.skipif(not PAGES.is_dir(), reason="the corpus of articles is not here")
def test_articles_are_told_from_lists() -> None:
    """Nearly every article carries a list of others; taken for one, the address would archive its neighbours, not itself."""
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in (PAGES / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    wrong = []
    for row in rows:
        url = row.get("url") or "http://paper.example/2020/0101/1.html"
        body = gzip.decompress(next((PAGES / "pages").glob(f"{row['id']}.*")).read_bytes())
        page = read_page(body, url, "text/html")
        if not is_article(page.root, url, find_list(on_page(page, url))):
            wrong.append(row["id"])

    assert len(wrong) <= 0.02 * len(rows), wrong
