"""`lianzai demo`: archive a demonstration newspaper that runs on this machine, tell what changed, and show its pages.

Takes   a home. Gives: a story for people, or with --json {done, failed, paths, url} and the two reports; with --serve the pages.
Writes  a series in the home: two crawls, with a publication, a silent edit and a withdrawal between them.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from archive import terminal
from archive.config import Config
from archive.errors import LianzaiError, UsageError
from archive.home import Home

_HOST, _PORT = "127.0.0.1", 8080  # as `lianzai replay` has them


@click.command("demo")
@click.option("--serve", "serving", is_flag=True, help="Then serve its pages until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the pages; without it 8080, or else any free one.")
@click.pass_obj
def command(config: Config, serving: bool, port: int | None) -> None:
    """Archive a demonstration newspaper on this machine: two crawls, with changes between them."""
    from ..demo.newspaper import Newspaper
    from ..demo.profiles import demo_profile
    from ..demo.server import serve

    home = Home.of(config).make()
    newspaper = Newspaper()
    with serve(newspaper) as server, tempfile.TemporaryDirectory() as folder:
        series = _free_id(home)
        profile = Path(folder) / f"{series}.toml"
        profile.write_text(demo_profile(server.url, series=series), encoding="utf-8")
        _say(config, f"A newspaper runs at {server.url} and has published 17 of its 18 instalments. First crawl:")
        first = _crawl(config, profile)
        _tell_first(config, first)
        newspaper.stage(2)
        _say(config, "")
        _say(
            config,
            "The newspaper goes on: one instalment appears, one is edited without a word, one is taken down. Again:",
        )
        since = datetime.now(UTC)
        second = _crawl(config, profile)
        _tell_second(config, home, series, second, since)
    if config.json:
        paths = [str(home.root / path) for path in (*first["warcs"], *second["warcs"])]
        told = {"done": True, "failed": [], "paths": paths, "series": series, "crawls": [first, second]}
    else:
        told = {}
        _tell_where(config, home, series)
    if serving:
        _serve(config, home, series, port, told)
    elif config.json:
        terminal.print_json(told | {"url": None})
    else:
        _say(config, f"Read it in a browser, at http://{_HOST}:{port or _PORT}/series/{series} while this runs:")
        _say(config, f"  {_called(home)}replay{f' --port {port}' if port else ''}")


def _serve(config: Config, home: Home, series: str, port: int | None, told: dict[str, Any]) -> None:
    """Serve the pages until a signal comes. told: what --json prints, without the address."""
    from archive.web.application import application
    from archive.web.room import Room
    from archive.web.server import address, serve

    with Room(home, config.environ, config.next_fire) as room, _listener(port) as listener:
        url = f"{address(listener)}/series/{series}"
        if config.json:
            terminal.print_json(told | {"url": url})
        _say(config, "Read it in a browser; Ctrl-C ends this:")
        _say(config, f"  {url}")
        serve(application(room), listener)


def _listener(port: int | None) -> socket.socket:
    """Take the port that was asked for; where none was, the usual one, or else any."""
    from archive.web.server import listen

    if port is not None:
        return listen(_HOST, port)
    try:
        return listen(_HOST, _PORT)
    except UsageError:
        return listen(_HOST, 0)


def _free_id(home: Home) -> str:
    """Give an id that the home does not have yet: each demonstration runs on another port, so is another source."""
    from ..demo.profiles import SERIES_ID

    number = 1
    while home.warc(_numbered(SERIES_ID, number)).exists():
        number += 1
    return _numbered(SERIES_ID, number)


def _numbered(series: str, number: int) -> str:
    return series if number == 1 else f"{series}-{number}"


def _crawl(config: Config, profile: Path) -> dict[str, Any]:
    """Crawl in a process of its own, as a reactor starts once a process; its progress goes to our stderr."""
    command = [sys.executable, "-m", "scheduler", "--home", str(config.home), "crawl", str(profile), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, env=dict(config.environ))  # noqa: S603 - our own command
    if done.returncode != 0:
        raise LianzaiError(
            f"the crawl of the demonstration ended with exit code {done.returncode}", action="lianzai doctor"
        )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _say(config: Config, text: str) -> None:
    if not config.json:
        terminal.print_line(config, text)


def _tell_first(config: Config, crawl: dict[str, Any]) -> None:
    report = crawl["series"][0]
    missing = "、".join(report["missing"])
    _say(config, f"  {report['captured']} of {report['expected']}; {missing} is missing.")
    size, name = terminal.size(crawl["bytes"]), Path(crawl["warcs"][0]).name
    _say(config, f"  {crawl['responses']} exchanges, {size}, kept byte for byte in {name}")


def _tell_second(config: Config, home: Home, series: str, crawl: dict[str, Any], since: datetime) -> None:
    if config.json:
        return
    from archive import views
    from archive.ledger.store import open_ledger

    report = crawl["series"][0]
    ledger = open_ledger(home, create=False)
    try:
        with ledger.read() as connection:
            articles = {a["id"]: a for a in views.articles(connection, series)}
            for event in views.history(connection, series, since):
                if event["kind"] in ("captured", "revised", "withdrawn"):
                    _say(config, f"  {_sentence(event, articles[event['article']], connection)}")
    finally:
        ledger.close()
    state = "complete" if report["complete"] else f"missing {'、'.join(report['missing'])}"
    kept = sum(1 for a in articles.values() if a["revisions"])
    _say(config, f"  {report['unchanged']} unchanged; now {kept} of {report['expected']} are kept: {state}.")


def _sentence(event: dict[str, Any], article: dict[str, Any], connection: Any) -> str:
    """Say one event in plain words."""
    from archive import views
    from archive.diff import without_repetition

    name = f"instalment {article['position']} ({article['subject']})"
    match event["kind"]:
        case "captured":
            return f"{name} has appeared: {article['title']}"
        case "withdrawn":
            return f"{name} was withdrawn from the site; the archive still has it."
        case _:
            changes = []
            for field in without_repetition(views.diff(connection, article["id"])["fields"]):
                was = "".join(text for op, text in field["ops"] if op == "-")
                now = "".join(text for op, text in field["ops"] if op == "+")
                changes.append(f"{field['field']}: “{was}” became “{now}”")
            return f"{name} was edited silently: {'; '.join(changes)}"


def _tell_where(config: Config, home: Home, series: str) -> None:
    root, called = home.root, _called(home)
    for line in (
        "",
        "The files:",
        f"  {root}/warc/{series}/   the bytes, as they went over the wire (WARC 1.1)",
        f"  {root}/text/{series}/   the cleaned text of each instalment",
        f"  {root}/index/{series}.cdxj   the index, for replay tools",
        "See them:",
        f"  {called}status",
        f"  {called}articles {series}",
        f"  {called}show {series}/三门峡",
        f"  {called}history {series}",
    ):
        _say(config, line)


def _called(home: Home) -> str:
    """Give how this command is called for this home, up to its verb."""
    option = "" if str(home.root) == "lianzai-data" else f"--home {home.root} "
    called = sys.argv[0] if sys.argv[0].endswith("/lianzai") else "lianzai"  # by `make demo` it is not on the PATH
    return f"{called} {option}"
