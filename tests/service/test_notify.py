"""Notifications as they arrive: real crawls, a real receiver on loopback, addresses that are dead, slow or wrong."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, ended, profile_text
from receiver import Receiver, receiving

from archive.warc import series_files
from crawler.demo.server import Server

pytestmark = pytest.mark.soak  # real processes and servers: minutes, so by `make soak`

TITLE = "渠水流过十八城"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    with receiving() as one:
        yield one


ALL_BUT_OVERDUE = 'on = ["found", "revised", "withdrawn", "restored", "failed", "damaged", "complete"]'


def told(server: Server | str, *addresses: str, on: str = ALL_BUT_OVERDUE, **changes: Any) -> str:
    """Give a profile of the newspaper that tells these addresses. The instalments are of 2018, so it is always overdue."""
    return f"{profile_text(server, **changes)}\n[notify]\nurls = {json.dumps(addresses)}\n{on}\n"


def notices(home: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as base:
        return base.execute("SELECT address, kind, subject, told FROM notices ORDER BY 1, 2, 3").fetchall()


def log_of(stderr: str, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def test_a_run_is_one_message_that_tells_what_where_and_what_to_do(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """First seventeen are found; then one comes, one is edited, one is taken down; then nothing happens."""
    text = told(newspaper, receiver.address(), on=f'{ALL_BUT_OVERDUE}\nweb = "http://pages.example/"')
    first = desk.crawl(text)
    (found,) = receiver.taken()
    newspaper.newspaper.stage(2)
    second = desk.crawl(text, LIANZAI_LOG="info")
    (changed,) = receiver.taken()
    third = desk.crawl(text)

    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert first.stderr == third.stderr == ""
    assert (found["title"], found["type"]) == (f"{TITLE}：新增 17 篇", "info")
    assert "另有 12 项" in found["message"]
    assert changed["title"] == f"{TITLE}：新增 1 篇，修改 1 篇，撤下 1 篇，已收齐"
    assert changed["type"] == "warning"
    lines = changed["message"].splitlines()
    assert "· 第5篇 安阳：四百 → 三百四十（正文）" in lines
    (edited,) = (row["article"] for row in desk.ask("history", "qushui") if row["kind"] == "revised")
    assert f"  http://pages.example/article/{edited}/diff/1/2" in lines
    assert f"→ 比较：lianzai diff {edited}" in lines
    assert any(line.startswith(f"全部：lianzai --home {desk.home} history qushui --since ") for line in lines)
    assert lines[-1] == "网页：http://pages.example/series/qushui"
    (sent,) = log_of(second.stderr, "notice.sent")
    assert sent["kinds"] == ["complete", "found", "revised", "withdrawn"]
    assert receiver.taken() == []


def test_what_an_address_would_not_take_comes_with_the_next_run(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """Who took it hears nothing twice; the other gets both runs in one message. The crawl stays exit 0, with one line of log."""
    text = told(newspaper, receiver.address("/ok"), receiver.address("/broken"))
    first = desk.crawl(text, LIANZAI_LOG="warning")
    newspaper.newspaper.stage(2)
    receiver.mend()
    second = desk.crawl(text)
    came = receiver.taken()

    assert (first.code, second.code) == (0, 0)
    (line,) = first.stderr.splitlines()
    assert json.loads(line)["why"] == {"json://*** 2": "HTTP 500"}
    assert [one["title"] for one in came if one["path"] == "/ok"] == [
        f"{TITLE}：新增 17 篇", f"{TITLE}：新增 1 篇，修改 1 篇，撤下 1 篇，已收齐",
    ]  # fmt: skip
    assert [one["title"] for one in came if one["path"] == "/broken"] == [
        f"{TITLE}：新增 18 篇，修改 1 篇，撤下 1 篇，已收齐"
    ]


@pytest.mark.parametrize("path", ["/silent/geheim", "/slow/geheim?rto=300", "closed", "wrong"])
def test_a_dead_address_neither_stops_nor_fails_a_crawl_nor_shows_its_key(
    desk: Desk, newspaper: Server, receiver: Receiver, path: str
) -> None:
    """It costs one line of the log, whatever is wrong with it; also with --debug nothing of the address is shown."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = {
            "closed": f"json://127.0.0.1:{closed.getsockname()[1]}/geheim",
            "wrong": "nosuchservice://geheim",
        }.get(path) or receiver.address(path)
        done = desk.crawl(told(newspaper, "env:TELL"), "--debug", TELL=address)

    assert (done.code, done.counts["captured"]) == (0, 17)
    assert len(log_of(done.stderr, "notice.failed")) == 1
    assert "geheim" not in done.stderr
    assert "geheim" not in str(notices(desk.home))
    assert [(row[0], row[1], row[3]) for row in notices(desk.home)] == [("env:TELL", "run", None)]


def test_a_failure_that_stands_is_told_once_and_a_site_that_is_down_in_one_line(desk: Desk, receiver: Receiver) -> None:
    """Three crawls of a dead site within a day are one message; the exit code is the crawl's own."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        text = told(f"http://127.0.0.1:{closed.getsockname()[1]}", receiver.address(), retries=0)
        codes = [desk.crawl(text).code for _ in range(3)]
    (message,) = receiver.taken()

    assert codes == [5, 5, 5]
    assert (message["title"], message["type"]) == (f"{TITLE}：失败 1 项", "failure")
    assert "· 本次抓取：qushui: the site cannot be reached" in message["message"]
    assert "→ 再试：lianzai crawl qushui" in message["message"].splitlines()


def test_only_what_is_wanted_is_told(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """`on` chooses."""
    text = told(newspaper, receiver.address(), on='on = ["withdrawn"]')
    desk.crawl(text)
    newspaper.newspaper.stage(2)
    desk.crawl(text)

    assert [one["title"] for one in receiver.taken()] == [f"{TITLE}：撤下 1 篇"]


def test_without_an_address_apprise_is_not_even_imported(desk: Desk, newspaper: Server) -> None:
    """Its import takes longer than the whole of many a command."""
    done = desk.crawl(profile_text(newspaper), PYTHONPROFILEIMPORTTIME="1")

    assert done.code == 0
    assert " apprise" not in done.stderr
    assert "scrapy" in done.stderr
    assert notices(desk.home) == []


def test_a_crawl_that_is_told_to_end_leaves_the_telling_to_the_next_one(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """It has 10 s to end; what it had found is in the next message."""
    text = told(newspaper, receiver.address(), delay=0.2)
    process = desk.start("crawl", desk.profile(text), LIANZAI_LOG="info")
    assert process.stderr is not None
    for line in process.stderr:
        if '"article.captured"' in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate()
    at_the_end = receiver.taken()
    desk.crawl(told(newspaper, receiver.address()))

    assert (process.returncode, at_the_end) == (143, [])
    assert [one["title"] for one in receiver.taken()] == [f"{TITLE}：新增 17 篇"]


def test_verify_tells_what_is_damaged_once_a_day(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """Its exit code is 4 with and without anybody to tell; the memory of it survives a rebuild."""
    path = desk.profile(told(newspaper, receiver.address(), on='on = ["damaged"]'))
    ended(desk.start("add", path, "--json"))
    ended(desk.start("crawl", "qushui", "--json"))
    (path,) = series_files(desk.home / "warc" / "qushui", "qushui")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    codes = [ended(desk.start("verify", "--json")).code for _ in range(2)]
    (message,) = receiver.taken()
    path.write_bytes(whole)
    rebuilt = ended(desk.start("rebuild", "--json")).code
    path.write_bytes(whole[:-1])
    codes.append(ended(desk.start("verify", "--json")).code)

    assert (codes, rebuilt) == ([4, 4, 4], 0)
    assert f"· warc/qushui/{path.name}" in message["message"].splitlines()
    assert "→ 用另一份修复：lianzai verify --repair" in message["message"].splitlines()
    assert receiver.taken() == []


def test_a_ledger_that_is_lost_is_told_to_the_addresses_of_the_home(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """The profiles may be in it; config.toml is not."""
    desk.crawl(profile_text(newspaper))
    (desk.home / "config.toml").write_text(f'[notify]\nurls = ["{receiver.address()}"]\n')
    (desk.home / "ledger.sqlite3").write_bytes(b"no ledger" * 1000)
    done = ended(desk.start("verify", "--json"))
    (message,) = receiver.taken()

    assert done.code == 4
    assert message["title"] == "home: 1 damaged or missing"
    assert "· ledger.sqlite3" in message["message"].splitlines()


def test_what_is_overdue_is_told_without_a_crawl_once_a_day(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """The demonstration's instalments are of 2018 and its cadence is a week. A paused series is not expected to publish."""
    path = desk.profile(told(newspaper, receiver.address(), on='on = ["overdue"]'))
    added = ended(desk.start("add", path, "--json")).code
    crawled = ended(desk.start("crawl", path, "--json")).code
    (message,) = receiver.taken()
    again = desk.ask("notify", "due")
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base, base:
        base.execute("UPDATE notices SET told = '2026-01-01T00:00:00.000Z' WHERE kind = 'overdue'")
    ended(desk.start("pause", "qushui", "--json"))
    paused = desk.ask("notify", "due")
    ended(desk.start("resume", "qushui", "--json"))
    due = desk.ask("notify", "due")

    assert (added, crawled) == (0, 0)
    assert message["title"] == f"{TITLE}：逾期未更新"
    assert f"lianzai profile check {desk.home}/profiles/qushui.toml --live" in message["message"]
    assert (again["sent"], paused["sent"], due["sent"]) == ([], [], ["qushui: json://***"])
    assert [one["title"] for one in receiver.taken()] == [message["title"]]


def test_a_run_that_was_killed_is_told_by_whoever_knows(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """It cannot tell of itself. What it had found is told by the next run, which ends."""
    path = desk.profile(told(newspaper, receiver.address(), delay=0.2))
    ended(desk.start("add", path, "--json"))
    process = desk.start("crawl", path, LIANZAI_LOG="info")
    assert process.stderr is not None
    for line in process.stderr:
        if '"article.captured"' in line:
            break
    process.kill()
    process.communicate()
    without_name = desk.ask("notify", "due")
    named = desk.ask("notify", "due", "qushui")
    again = desk.ask("notify", "due", "qushui")
    unknown = ended(desk.start("notify", "due", "qushu"))
    (message,) = receiver.taken()

    assert (without_name["sent"], named["sent"], again["sent"]) == ([], ["qushui: json://***"], [])
    assert "· 本次抓取：中途断了" in message["message"]
    assert (unknown.code, "nearest: qushui" in unknown.error) == (2, True)


# --------------------------------------------------------------------------------------------------------- notify test


def test_a_test_message_says_of_each_address_what_came_of_it(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """Exit 3 where one is dead; keys are not shown; people get a line each."""
    urls = json.dumps([receiver.address("/ok/geheim"), receiver.address("/broken/geheim"), "env:TELL"])
    desk.home.mkdir()
    (desk.home / "config.toml").write_text(f"[notify]\nurls = {urls}\n")
    done = ended(desk.start("notify", "test", "--json", TELL="nosuchservice://geheim"))
    people = desk.start("notify", "test", TELL="nosuchservice://geheim", LANG="zh_CN.UTF-8")
    lines = people.communicate()

    assert done.code == people.returncode == 3
    assert done.document == {
        "done": False,
        "failed": [
            {"what": "json://*** 2", "reason": "HTTP 500"},
            {"what": "env:TELL", "reason": "apprise knows no such address"},
        ],
        "paths": [],
        "sent": ["json://***"],
    }
    assert lines[0].splitlines() == [
        "json://***  sent", "json://*** 2  failed: HTTP 500", "env:TELL  failed: apprise knows no such address",
    ]  # fmt: skip
    assert (done.stderr, lines[1]) == ("", "")
    assert [one["title"] for one in receiver.taken()] == ["lianzai: a test message", "lianzai：测试消息"]


def test_a_test_message_goes_to_the_addresses_of_a_series(desk: Desk, newspaper: Server, receiver: Receiver) -> None:
    """Those of its profile win over config.toml's."""
    desk.home.mkdir()
    (desk.home / "config.toml").write_text('[notify]\nurls = ["json://127.0.0.1:9/"]\n')
    ended(desk.start("add", desk.profile(told(newspaper, receiver.address())), "--json"))
    answer = desk.ask("notify", "test", "qushui")
    (message,) = receiver.taken()

    assert answer == {"done": True, "failed": [], "paths": [], "sent": ["json://***"]}
    assert f"{TITLE} 的通知" in message["message"]


def test_where_no_address_is_named_it_says_how(desk: Desk, newspaper: Server) -> None:
    """Exit 2, in one line, for the home, a series and a series that is not there."""
    ended(desk.start("add", desk.profile(profile_text(newspaper)), "--json"))
    home, series, unknown = (ended(desk.start("notify", "test", *one)) for one in ([], ["qushui"], ["qushu"]))

    assert [one.code for one in (home, series, unknown)] == [2, 2, 2]
    assert "config.toml: notify.urls names no address; try: [notify] urls =" in home.error
    assert "the profile of qushui: notify.urls names no address" in series.error
    assert "nearest: qushui" in unknown.error
