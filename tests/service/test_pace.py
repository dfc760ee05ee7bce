"""One host, many crawls: what it sees is the pace of one, whoever asks, and whoever is killed meanwhile."""

from __future__ import annotations

import re
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from desk import PROCESS_S, Desk, ended
from raw_site import RawSite, site
from serving import Served, keep

TEXT = "".join(f"<p>渠水在第{n}个村子分成两支，一支往东，一支往南，入夏以后才又合到一处。</p>" for n in range(20))


class Crowded:
    """A newspaper that counts how many ask it at once. holding: it answers when one more came, or had its chance to."""

    def __init__(self, pages: int) -> None:
        self._pages, self._under_way, self.most = pages, 0, 0
        self._changed = threading.Condition()
        self.site: RawSite
        self.holding = 0

    def answer(self, connection: Any, target: str) -> None:
        """Answer a list, one of its articles, or robots.txt."""
        with self._changed:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            self._changed.notify_all()
            if self.holding:
                self._changed.wait_for(lambda: self._under_way > self.holding, timeout=0.1)
            self._under_way -= 1
        name, _, number = target.strip("/").partition("/")
        links = "".join(f'<li><a href="/{name}/{n}">第{n}篇</a></li>' for n in range(1, self._pages + 1))
        page = (
            f"<title>第{number}篇</title><h1>第{number}篇</h1>{TEXT}"
            if number
            else f"<title>渠</title><ul>{links}</ul>"
        )
        body = b"User-agent: *\nAllow: /" if name == "robots.txt" else page.encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.send(head + body)

    def asked(self) -> list[tuple[str, float]]:
        """Give what was asked so far, and when its first byte came, in seconds since 1970."""
        return sorted(((target, at) for target, _, at in self.site.log), key=lambda one: one[1])

    def wait(self, prefix: str) -> None:
        """Wait until something was asked for that begins so."""
        with self._changed:
            came = lambda: any(target.startswith(prefix) for target, _, _ in self.site.log)  # noqa: E731
            assert self._changed.wait_for(came, timeout=PROCESS_S)

    def agents(self) -> set[bytes]:
        """Give the names that those who asked gave themselves."""
        return {line for _, request, _ in self.site.log for line in re.findall(rb"(?mi)^user-agent: (.*)\r$", request)}


@pytest.fixture
def crowded() -> Iterator[Crowded]:
    """A newspaper of four articles a series."""
    paper = Crowded(4)
    with site(paper.answer) as paper.site:
        yield paper


def profile(paper: Crowded, series: str, host: str = "127.0.0.1", **fetch: float) -> str:
    """Write a profile of one series of the newspaper."""
    keys = "\n".join(f"{key} = {value}" for key, value in fetch.items())
    url = paper.site.url.replace("127.0.0.1", host)
    return (
        f'[series]\nid = "{series}"\ntitle = "渠 {series}"\nschedule = "0 0 1 1 *"\n'
        f'[source]\nkind = "list-page"\nurl = "{url}/{series}"\nitem = "li a"\n[fetch]\nallow_private = true\n{keys}\n'
    )


def sent(desk: Desk) -> list[float]:
    """Give when each request went out whose answer was kept."""
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        rows = base.execute("SELECT fetched FROM captures WHERE status IS NOT NULL").fetchall()
    return sorted(datetime.fromisoformat(at).timestamp() for (at,) in rows)


def least(times: list[float]) -> float:
    """Give the smallest distance of two times."""
    return min(later - earlier for earlier, later in pairwise(times))


def test_two_crawls_are_one_to_their_host_also_where_one_is_killed(desk: Desk, crowded: Crowded) -> None:
    """By two names of one address; the killed one is begun again while the other goes on. robots.txt is asked for once a name."""
    delay_s = 0.15
    texts = {
        "east": profile(crowded, "east", delay=delay_s),
        "west": profile(crowded, "west", "localhost", delay=delay_s),
    }
    paths = {name: desk.profile(text, f"{name}.toml") for name, text in texts.items()}
    running = {name: desk.start("crawl", path, "--json") for name, path in paths.items()}
    crowded.wait("/west/")
    running["west"].send_signal(signal.SIGKILL)
    running["west"].communicate()
    running["west"] = desk.start("crawl", paths["west"], "--json")
    done = {name: ended(process) for name, process in running.items()}
    targets = [target for target, _ in crowded.asked()]

    assert {name: one.code for name, one in done.items()} == {"east": 0, "west": 0}, {
        name: one.report for name, one in done.items()
    }
    assert {target for target in targets if target.count("/") > 1} == {
        f"/{name}/{n}" for name in texts for n in range(1, 5)
    }
    assert targets.count("/robots.txt") == 2
    assert least(sent(desk)) >= delay_s - 0.001
    assert least([at for _, at in crowded.asked()]) >= 0.9 * delay_s  # the system of the server may be late
    assert len(crowded.agents()) == 1


@pytest.mark.soak
def test_four_crawls_and_a_service_are_one_to_their_host(desk: Desk, crowded: Crowded) -> None:
    """Seven series, three of them by the service's schedule, two killed and begun again."""
    delay_s, names = 0.2, [f"s{n}" for n in range(7)]
    texts = {
        name: profile(crowded, name, ("127.0.0.1", "localhost")[n % 2], delay=delay_s) for n, name in enumerate(names)
    }
    for name in names[4:]:
        keep(desk, texts[name], name)
    service = Served(desk)
    paths = {name: desk.profile(texts[name], f"{name}.toml") for name in names[:4]}
    running = {name: desk.start("crawl", path, "--json") for name, path in paths.items()}
    for name in names[:2]:
        crowded.wait(f"/{name}/")
        running[name].send_signal(signal.SIGKILL)
        running[name].communicate()
        running[name] = desk.start("crawl", paths[name], "--json")
    codes = [ended(process).code for process in running.values()]
    for name in names[4:]:
        service.wait("run.ended", series=name)
    service.signal(signal.SIGTERM)
    targets = [target for target, _ in crowded.asked()]

    assert codes == [0] * 4
    assert {target for target in targets if target.count("/") > 1} == {
        f"/{name}/{n}" for name in names for n in range(1, 5)
    }
    assert least(sent(desk)) >= delay_s - 0.001
    assert least([at for _, at in crowded.asked()]) >= 0.9 * delay_s
    assert crowded.most <= 2


@pytest.mark.soak
def test_four_crawls_are_never_more_at_once_than_one_may_be(desk: Desk, crowded: Crowded) -> None:
    """Each may have two under way, and so all of them together may."""
    crowded.holding = 2
    texts = [profile(crowded, f"s{n}", ("127.0.0.1", "localhost")[n % 2], delay=0, concurrency=2) for n in range(4)]
    running = [desk.start("crawl", desk.profile(text, f"{n}.toml"), "--json") for n, text in enumerate(texts)]

    assert [ended(process).code for process in running] == [0] * 4
    assert crowded.most == 2


def test_a_robots_txt_that_moved_rules_both_hosts(desk: Desk) -> None:
    """As with http and https of one paper: what waits for either goes on, what the one file forbids is asked of neither."""

    def answer(connection: Any, target: str) -> None:
        is_old = b"\r\nHost: localhost" in connection.asked
        links = "".join(
            f'<li><a href="{url}/{name}">{name}</a></li>' for url in (old, server.url) for name in ("a", "no/b")
        )
        pages = {"/robots.txt": "User-agent: *\nDisallow: /no", "/list": f"<ul>{links}</ul>"}
        if is_old and target == "/robots.txt":
            connection.send(
                b"HTTP/1.1 301 Moved\r\nLocation: %s/robots.txt\r\n" % server.url.encode(), b"Content-Length: 0\r\n\r\n"
            )
            return
        body = pages.get(target, f"<title>{target}{is_old}</title><h1>{target}{is_old}</h1>{TEXT}{is_old}").encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.send(head + body)

    with site(answer) as server:
        old = server.url.replace("127.0.0.1", "localhost")
        text = (
            f'[series]\nid = "s"\ntitle = "s"\n[source]\nkind = "list-page"\nurl = "{old}/list"\nitem = "li a"\n'
            f'[scope]\ninclude = ["^{old}/", "^{server.url}/"]\n[fetch]\ndelay = 0\nallow_private = true\n'
        )
        done = desk.crawl(text)
        asked = [target for target, _, _ in server.log]

    assert sorted(asked) == ["/a", "/a", "/list", "/robots.txt", "/robots.txt"]
    assert sorted((one["url"], one["reason"]) for one in done.report["skipped"]) == sorted(
        (f"{url}/no/b", "robots") for url in (old, server.url)
    )


def test_what_cannot_pass_is_asked_once_and_what_may_as_often_as_allowed(desk: Desk) -> None:
    """By address: retries further times where it may pass, and never for what is gone, refused, or no name at all."""

    def answer(connection: Any, target: str) -> None:
        status = b"404 Not Found" if target == "/robots.txt" else target[1:].encode() + b" X"
        connection.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    # Of refusals there are never so many in a row that the host is let be.
    often, once = (408, 500, 502, 504), (404, 400, 403, 410, 401, 451, 501, 505)
    with site(answer) as server:
        urls = [
            *(f"{server.url}/{status}" for status in (*once, *often)),
            "http://nowhere.invalid/a",
            "https://a..example/",
        ]
        text = (
            f'[series]\nid = "s"\ntitle = "s"\n[source]\nkind = "url-list"\nurls = {urls}\n'
            '[fetch]\ndelay = 0\nretries = 1\nallow_private = true\npace = "host"\n'
        )
        done = desk.crawl(text.replace("'", '"'))
        asked = [target for target, _, _ in server.log]

    wanted = dict.fromkeys(once, 1) | dict.fromkeys(often, 2)
    assert {status: asked.count(f"/{status}") for status in wanted} == wanted
    assert done.document is not None
    assert done.document["requests"] == len(asked) + 2  # robots.txt of either name: once
    assert sorted(done.failed)[:2] == ["dns", "dns"]
