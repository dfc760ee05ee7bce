"""Notifications as they arrive: real crawls, a real receiver on loopback, addresses that are dead, slow or wrong.

Two crawls are made once, before and after the newspaper has changed; what is told of them is tried on copies of that home.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Crawled, Desk, ended, profile_text
from receiver import Receiver, receiving
from tiny import tiny_profile

from archive.errors import NotFoundError
from archive.home import Home
from archive.warc import series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.server import Server, serve
from crawler.keeping import keep, pause
from crawler.notify.telling import Found, Told, defer, tell, tell_damage, tell_standing
from crawler.profile import parse_profile
from scheduler import read_environment, run

TITLE = "渠水流过十八城"
SITE_DOWN = "json://127.0.0.1:9/geheim"  # the discard port: nobody listens there


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    with receiving() as one:
        yield one


ALL_BUT_OVERDUE = 'on = ["found", "revised", "withdrawn", "restored", "failed", "damaged", "complete"]'


def told(server: Server | str, *addresses: str, on: str = ALL_BUT_OVERDUE, **changes: Any) -> str:
    """Give a profile of the newspaper that tells these addresses. The instalments are of 2018, so it is always overdue."""
    text = profile_text(server, requisites="none", **changes)
    return f"{text}\n[notify]\nurls = {json.dumps(addresses)}\n{on}\n"


def notices(home: Path) -> list[tuple[Any, ...]]:
    """Give what the ledger remembers of who was told what."""
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as base:
        return base.execute("SELECT address, kind, subject, told FROM notices ORDER BY 1, 2, 3").fetchall()


def log_of(stderr: str, event: str) -> list[dict[str, Any]]:
    """Give the lines of an event."""
    lines = [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


# ------------------------------------------------------------------------------------------------ two crawls, by themselves


@dataclass
class Crawls:
    """Two crawls with what they told, and the home as it was behind each."""

    site: str
    runs: tuple[Crawled, Crawled, Crawled]
    messages: tuple[list[dict[str, Any]], ...]
    homes: tuple[Path, Path]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    """First seventeen are found; then one comes, one is edited, one is taken down; then nothing happens."""
    folder = tmp_path_factory.mktemp("crawls")
    desk = Desk(folder, folder / "home")
    with serve(Newspaper()) as site, receiving() as receiver:
        text = told(site, receiver.address(), on=f'{ALL_BUT_OVERDUE}\nweb = "http://pages.example/"')
        first = desk.crawl(text)
        one = receiver.taken()
        shutil.copytree(desk.home, folder / "one")
        site.newspaper.stage(2)
        second = desk.crawl(text, LIANZAI_LOG="info")
        two = receiver.taken()
        shutil.copytree(desk.home, folder / "two")
        third = desk.crawl(text)
        yield Crawls(site.url, (first, second, third), (one, two, receiver.taken()), (folder / "one", folder / "two"))
    desk.close()


@dataclass
class Telling:
    """A copy of the home of the two crawls in which nobody was told of anything yet."""

    crawls: Crawls
    home: Home
    receiver: Receiver

    def after(self, number: int) -> None:
        """Be as it was behind one of the crawls, from 0; what was told to whom stays."""
        kept = notices(self.home.root) if self.home.ledger.exists() else []
        shutil.rmtree(self.home.root, ignore_errors=True)
        shutil.copytree(self.crawls.homes[number], self.home.root)
        with closing(sqlite3.connect(self.home.ledger)) as base, base:
            base.execute("DELETE FROM notices")
            base.executemany(
                "INSERT INTO notices (series, address, kind, subject, told) VALUES ('qushui', ?, ?, ?, ?)", kept
            )

    def tell(self, run: int, *addresses: str, on: str = ALL_BUT_OVERDUE, **found: Any) -> Told:
        """Tell of a run as the crawl does where it ends."""
        document = self.crawls.runs[run].document
        assert document is not None
        profile = parse_profile(told(self.crawls.site, *addresses, on=on), name="qushui.toml", environ={})
        return tell(self.home, profile, Found(document["run"], crawled=True, **found), {})

    def keep(self, *addresses: str, on: str = ALL_BUT_OVERDUE) -> None:
        """Keep the profile, so that it is told without a crawl."""
        path = self.home.root.parent / "kept.toml"
        path.write_text(told(self.crawls.site, *addresses, on=on))
        keep(self.home, str(path), {})

    def titles(self, path: str = "/ok") -> list[str]:
        """Give the titles of what came at an address since the last call."""
        return [one["title"] for one in self.receiver.taken() if one["path"] == path]


@pytest.fixture
def telling(tmp_path: Path, crawls: Crawls, receiver: Receiver) -> Telling:
    """The home behind the first crawl."""
    made = Telling(crawls, Home(tmp_path / "home"), receiver)
    made.after(0)
    return made


def test_a_run_is_one_message_that_tells_what_where_and_what_to_do(crawls: Crawls) -> None:
    """In the language of the series, with the first difference and its page, and the command for all of it."""
    (found,), (changed,), nothing = crawls.messages
    home = crawls.homes[0].parent / "home"

    assert [one.code for one in crawls.runs] == [0, 0, 0]
    assert crawls.runs[0].stderr == crawls.runs[2].stderr == ""
    assert (found["title"], found["type"]) == (f"{TITLE}：新增 17 篇", "info")
    assert "另有 12 项" in found["message"]
    assert changed["title"] == f"{TITLE}：新增 1 篇，修改 1 篇，撤下 1 篇，已收齐"
    assert changed["type"] == "warning"
    lines = changed["message"].splitlines()
    assert "· 第5篇 安阳：四百 → 三百四十（正文）" in lines
    with closing(sqlite3.connect(crawls.homes[1] / "ledger.sqlite3")) as base:
        ((edited,),) = base.execute("SELECT article FROM events WHERE kind = 'revised'").fetchall()
    assert f"  http://pages.example/article/{edited}/diff/1/2" in lines
    assert f"→ 比较：lianzai diff {edited}" in lines
    assert any(line.startswith(f"全部：lianzai --home {home} history qushui --since ") for line in lines)
    assert lines[-1] == "网页：http://pages.example/series/qushui"
    (sent,) = log_of(crawls.runs[1].stderr, "notice.sent")
    assert sent["kinds"] == ["complete", "found", "revised", "withdrawn"]
    assert nothing == []


@pytest.mark.soak
def test_a_dead_address_neither_stops_nor_fails_a_crawl_nor_shows_its_key(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """Closed, silent, slow without end, wrong: one line of the log, also with --debug nothing of the addresses is shown."""
    dead = {
        "CLOSED": SITE_DOWN, "SILENT": receiver.address("/silent/geheim"), "SLOW": receiver.address("/slow/geheim?rto=300"),
        "WRONG": "nosuchservice://geheim",
    }  # fmt: skip
    urls = json.dumps([*(f"env:{name}" for name in dead), receiver.address()])
    text = tiny_profile(newspaper, "qushui", more=f"[notify]\nurls = {urls}\n{ALL_BUT_OVERDUE}\n")
    done = desk.crawl(text, "--debug", **dead)
    remembered = notices(desk.home)

    assert (done.code, done.counts["captured"]) == (0, 2)
    (failed,) = log_of(done.stderr, "notice.failed")
    assert set(failed["why"]) == {f"env:{name}" for name in dead}
    assert "geheim" not in done.stderr + str(remembered)
    assert {row[0] for row in remembered if row[1] == "run" and row[3] is None} == set(failed["why"])
    assert [one["title"] for one in receiver.taken()] == ["连载 qushui：新增 2 篇，已收齐"]


def test_without_an_address_apprise_is_not_even_imported(desk: Desk, newspaper: Server) -> None:
    """Its import takes longer than the whole of many a command."""
    done = desk.crawl(tiny_profile(newspaper, "qushui", pages=1), PYTHONPROFILEIMPORTTIME="1")

    assert done.code == 0
    assert " apprise" not in done.stderr
    assert "scrapy" in done.stderr
    assert notices(desk.home) == []


@pytest.mark.soak
def test_a_crawl_that_is_told_to_end_leaves_the_telling_to_the_next_one(
    desk: Desk, newspaper: Server, receiver: Receiver
) -> None:
    """It has 10 s to end; what it had found is in the next message."""
    more = f'[notify]\nurls = ["{receiver.address()}"]\n{ALL_BUT_OVERDUE}\n'
    process = desk.start(
        "crawl", desk.profile(tiny_profile(newspaper, "qushui", 4, more=more, delay=0.5)), LIANZAI_LOG="info"
    )
    assert process.stderr is not None
    for line in process.stderr:
        if '"article.captured"' in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate()
    at_the_end = receiver.taken()
    desk.crawl(tiny_profile(newspaper, "qushui", 4, more=more))

    assert (process.returncode, at_the_end) == (143, [])
    assert [one["title"] for one in receiver.taken()] == ["连载 qushui：新增 4 篇，已收齐"]


# ------------------------------------------------------------------------------------------------------- who is told what


def test_what_an_address_would_not_take_comes_with_the_next_run(telling: Telling) -> None:
    """Who took it hears nothing twice; the other gets both runs in one message."""
    addresses = telling.receiver.address("/ok"), telling.receiver.address("/broken")
    first = telling.tell(0, *addresses)
    before = telling.titles()
    telling.after(1)
    telling.receiver.mend()
    telling.tell(1, *addresses)
    came = telling.receiver.taken()

    assert first.failed == {"json://*** 2": "HTTP 500"}
    assert before == [f"{TITLE}：新增 17 篇"]
    assert [one["title"] for one in came if one["path"] == "/ok"] == [
        f"{TITLE}：新增 1 篇，修改 1 篇，撤下 1 篇，已收齐"
    ]
    assert [one["title"] for one in came if one["path"] == "/broken"] == [
        f"{TITLE}：新增 18 篇，修改 1 篇，撤下 1 篇，已收齐"
    ]


def test_a_run_that_could_not_be_told_is_told_by_the_clock(telling: Telling) -> None:
    """Another process was telling of the series, or a signal came: what waits is told within the hour, once."""
    telling.keep(telling.receiver.address())
    profile = parse_profile(told(telling.crawls.site, telling.receiver.address()), name="qushui.toml", environ={})
    defer(telling.home, profile, telling.crawls.runs[0].document["run"])  # type: ignore[index]
    tell_standing(telling.home, {})
    tell_standing(telling.home, {})

    assert telling.titles() == [f"{TITLE}：新增 17 篇"]


def test_a_failure_that_stands_is_told_once_a_day(telling: Telling) -> None:
    """Three runs of a site that is down are one message; a day later it is told again."""
    failed = [{"url": "http://paper.example/a", "reason": "timeout", "detail": "no answer"}]
    for _ in range(3):
        telling.tell(0, telling.receiver.address(), on='on = ["failed"]', failed=failed)
    (message,) = telling.receiver.taken()
    with closing(sqlite3.connect(telling.home.ledger)) as base, base:
        base.execute("UPDATE notices SET told = '2026-01-01T00:00:00.000Z' WHERE kind = 'failed'")
    telling.tell(0, telling.receiver.address(), on='on = ["failed"]', failed=failed)

    assert (message["title"], message["type"]) == (f"{TITLE}：失败 1 项", "failure")
    assert "· http://paper.example/a：timeout, no answer" in message["message"].splitlines()
    assert "→ 再试：lianzai crawl qushui" in message["message"].splitlines()
    assert telling.titles() == [message["title"]]


def test_a_site_that_is_down_is_one_line_and_the_exit_code_is_the_crawls_own(desk: Desk, receiver: Receiver) -> None:
    """Each address has failed, and one line suffices."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        done = desk.crawl(told(f"http://127.0.0.1:{closed.getsockname()[1]}", receiver.address(), retries=0))
    (message,) = receiver.taken()

    assert done.code == 5
    assert message["title"] == f"{TITLE}：失败 1 项"
    assert "· 本次抓取：qushui: the site cannot be reached" in message["message"]


def test_only_what_is_wanted_is_told(telling: Telling) -> None:
    """`on` chooses."""
    telling.tell(0, telling.receiver.address(), on='on = ["withdrawn"]')
    telling.after(1)
    telling.tell(1, telling.receiver.address(), on='on = ["withdrawn"]')

    assert telling.titles() == [f"{TITLE}：撤下 1 篇"]


def test_verify_tells_what_is_damaged_once_a_day(desk: Desk, telling: Telling) -> None:
    """Its exit code is 4 with and without anybody to tell; what the service's hashing told is not told again."""
    telling.keep(telling.receiver.address(), on='on = ["damaged"]')
    (path,) = series_files(telling.home.warc("qushui"), "qushui")
    path.write_bytes(path.read_bytes()[:-1])
    desk.home = telling.home.root
    code = ended(desk.start("verify", "--json")).code
    (message,) = telling.receiver.taken()
    tell_damage(telling.home, {}, [f"warc/qushui/{path.name}"], is_ledger_whole=True)
    tell_standing(telling.home, {})

    assert code == 4
    assert f"· warc/qushui/{path.name}" in message["message"].splitlines()
    assert "→ 用另一份修复：lianzai verify --repair" in message["message"].splitlines()
    assert telling.titles() == []


def test_a_ledger_that_is_lost_is_told_to_the_addresses_of_the_home(telling: Telling) -> None:
    """The profiles may be in it; config.toml is not."""
    telling.home.config.write_text(f'[notify]\nurls = ["{telling.receiver.address()}"]\n')
    telling.home.ledger.write_bytes(b"no ledger" * 1000)
    tell_damage(telling.home, {}, ["ledger.sqlite3"], is_ledger_whole=False)
    (message,) = telling.receiver.taken()

    assert message["title"] == "home: 1 damaged or missing"
    assert "· ledger.sqlite3" in message["message"].splitlines()


def test_what_is_overdue_is_told_without_a_crawl_once_a_day(telling: Telling) -> None:
    """The demonstration's instalments are of 2018 and its cadence is a week. A paused series is not expected to publish."""
    telling.keep(telling.receiver.address(), on='on = ["overdue"]')
    now = datetime.now(UTC)
    first, again = (tell_standing(telling.home, {}, now=now + timedelta(hours=n)) for n in (0, 23))
    (message,) = telling.receiver.taken()
    pause(telling.home, "qushui", paused=True)
    paused = tell_standing(telling.home, {}, now=now + timedelta(hours=25))
    pause(telling.home, "qushui", paused=False)
    due = tell_standing(telling.home, {}, now=now + timedelta(hours=25))

    assert message["title"] == f"{TITLE}：逾期未更新"
    assert f"lianzai profile check {telling.home.root}/profiles/qushui.toml --live" in message["message"]
    assert [first["qushui"].sent, again["qushui"].sent, due["qushui"].sent] == [["json://***"], [], ["json://***"]]
    assert paused == {}
    assert telling.titles() == [message["title"]]


@pytest.mark.parametrize(
    ("how", "words"), [("killed", "被杀"), ("crashed", "崩溃"), ("hung", "卡死"), ("not-started", "无法启动进程")]
)
def test_a_run_that_broke_off_is_told_by_whoever_saw_it(telling: Telling, how: str, words: str) -> None:
    """It cannot tell of itself; once a day, as any failure."""
    telling.keep(telling.receiver.address())
    first, again = (tell_standing(telling.home, {}, ["qushui"], broken=how) for _ in range(2))
    (message,) = telling.receiver.taken()

    assert (first["qushui"].sent, again["qushui"].sent) == (["json://***"], [])
    assert f"· 本次抓取：{words}" in message["message"]


def test_a_run_that_was_killed_without_a_witness_is_told_when_it_is_asked_for(telling: Telling) -> None:
    """The ledger shows it: it has no end. The rounds do not tell it, as it may go on in another process."""
    telling.keep(telling.receiver.address())
    with closing(sqlite3.connect(telling.home.ledger)) as base, base:
        base.execute("UPDATE runs SET finished = NULL, outcome = NULL")
    without_name, named = tell_standing(telling.home, {}), tell_standing(telling.home, {}, ["qushui"])
    (message,) = telling.receiver.taken()

    assert [one.sent for one in without_name.values()] in ([], [[]])  # it is overdue, which nobody wants to hear
    assert named["qushui"].sent == ["json://***"]
    assert "· 本次抓取：中途断了" in message["message"]
    with pytest.raises(NotFoundError, match="nearest: qushui"):
        tell_standing(telling.home, {}, ["qushu"])


# --------------------------------------------------------------------------------------------------------- notify test


def test_a_test_message_says_of_each_address_what_came_of_it(desk: Desk, receiver: Receiver) -> None:
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


@pytest.fixture
def asked(telling: Telling, capsys: pytest.CaptureFixture[str]) -> Any:
    """Ask `notify` in this process; give exit code, stdout and stderr."""

    def ask(*arguments: str) -> tuple[int, str, str]:
        code = run(["--home", str(telling.home.root), "notify", *arguments], read_environment({"LANG": "C.UTF-8"}))
        written = capsys.readouterr()
        return code, written.out, written.err

    return ask


def test_a_test_message_goes_to_the_addresses_of_a_series(telling: Telling, asked: Any) -> None:
    """Those of its profile win over config.toml's."""
    telling.home.config.write_text('[notify]\nurls = ["json://127.0.0.1:9/"]\n')
    telling.keep(telling.receiver.address())
    code, answer, _ = asked("test", "qushui", "--json")
    (message,) = telling.receiver.taken()

    assert (code, json.loads(answer)) == (0, {"done": True, "failed": [], "paths": [], "sent": ["json://***"]})
    assert f"{TITLE} 的通知" in message["message"]


def test_where_no_address_is_named_it_says_how(telling: Telling, asked: Any) -> None:
    """Exit 2, for the home, a series, a series that is not there, and a break without a series."""
    telling.keep()
    home, series, unknown, broken = (
        asked(*one) for one in (["test"], ["test", "qushui"], ["test", "qushu"], ["due", "--broken", "hung"])
    )

    assert [one[0] for one in (home, series, unknown, broken)] == [2, 2, 2, 2]
    assert "config.toml: notify.urls names no address" in home[2]
    assert "the profile of qushui: notify.urls names no address" in series[2]
    assert "nearest: qushui" in unknown[2]
    assert "--broken goes with SERIES" in broken[2]
