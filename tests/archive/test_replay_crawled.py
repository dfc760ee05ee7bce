"""From a site to a reader: a crawl, `lianzai replay` as a process, and what it answers; what lies in an object store."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from foreign_makers import SITE, answer, page, record
from replay_maker import MadeHome, client

from archive.home import Home
from archive.ledger.store import open_ledger
from archive.web.room import Room

REPOSITORY = Path(__file__).parents[2]
FILM = bytes(range(256)) * 900
PAGE = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>渠水</title>'
    '<link rel="stylesheet" href="/css/a.css"></head><body><h1>渠水流过十八城</h1><div class="body"><p>'
    + "渠边的人讲一讲自己的日常，一篇一篇都在这里。"
    * 12
    + '</p><img src="/img/图.png"><img srcset="/img/1.png 1x, /img/2.png 2x"><iframe src="/frame.html"></iframe>'
    '<video src="/film.mp4"></video></div></body></html>'
)
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "/news/1.html": (200, "text/html", PAGE.encode("gbk")),
    "/css/a.css": (200, "text/css", b'@import "b.css"; body { background: url("/img/1.png") }'),
    "/css/b.css": (200, "text/css", b"h1 { color: red }"),
    "/frame.html": (200, "text/html; charset=utf-8", '<base href="/deep/"><p>框<img src="../img/2.png">'.encode()),
    "/img/%E5%9B%BE.png": (200, "image/png", b"\x89PNG zero"),
    "/img/1.png": (200, "image/png", b"\x89PNG one"),
    "/img/2.png": (200, "image/png", b"\x89PNG two"),
    "/film.mp4": (200, "video/mp4", FILM),
    "/moved.html": (302, "/news/1.html", b""),
}


class _Paper(BaseHTTPRequestHandler):
    """A newspaper of a few pages."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, told, body = ANSWERS.get(self.path, (404, "text/html", b"<p>gone"))
        self.send_response(status)
        self.send_header("Location" if status == 302 else "Content-Type", told)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def environ(home: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(home.parent),
        "LIANZAI_HOME": str(home),
        **more,
    }


@contextmanager
def replaying(home: Path) -> Iterator[Any]:
    """Run `lianzai replay`; gives how to ask it, and its process."""
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "--json", "replay", "--port", "0"]
    with subprocess.Popen(command, env=environ(home), stdout=subprocess.PIPE) as process:
        try:
            address = json.loads(process.stdout.readline())["url"]  # type: ignore[union-attr]

            def ask(path: str, **headers: str) -> Any:
                connection = http.client.HTTPConnection(address.removeprefix("http://"))
                connection.request(
                    "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
                )
                answer = connection.getresponse()
                body = answer.read()
                connection.close()
                return SimpleNamespace(status=answer.status, headers=answer.headers, body=body)

            yield SimpleNamespace(ask=ask, process=process)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A home that a crawl made, and its replay."""
    folder = tmp_path_factory.mktemp("crawled")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Paper) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_port}"
        urls = [url + path for path in ("/news/1.html", "/moved.html", "/none.html")]
        (folder / "paper.toml").write_text(
            f'[series]\nid = "paper"\ntitle = "渠水"\n[source]\nkind = "url-list"\nurls = {json.dumps(urls)}\n'
            "[fetch]\ndelay = 0\nallow_private = true\nretries = 0\n",
            encoding="utf-8",
        )
        command = [sys.executable, str(REPOSITORY / "scheduler.py"), "crawl", str(folder / "paper.toml")]
        subprocess.run(command, env=environ(folder / "home"), check=False, capture_output=True)
        site.shutdown()
    with replaying(folder / "home") as replay:
        yield SimpleNamespace(ask=replay.ask, url=url, home=folder / "home")


def test_what_was_crawled_is_replayed(crawled):
    """GBK to the byte, and each thing that the page loads is there."""
    page = crawled.ask(f"/web/2026/{crawled.url}/news/1.html")
    answer = crawled.ask(page.headers["Location"])
    text = answer.body.decode("gbk")
    loaded = [quote(link, safe="/:") for link in re.findall(r"/web/\d{14}(?:cs|da|fr)_/[^\" ]+", text)]
    sheet = crawled.ask(loaded[0]).body.decode()
    links = re.findall(r"/web/\d{14}(?:cs|da)_/([^\"]+)", sheet)

    assert (302, 200) == (page.status, answer.status)
    assert "gb2312" in answer.headers["Content-Type"]
    assert "渠水流过十八城" in text
    assert ["a.css", "%E5%9B%BE.png", "1.png", "2.png", "frame.html", "film.mp4"] == [
        link.rpartition("/")[2] for link in loaded
    ]
    assert [200] * 6 == [crawled.ask(link).status for link in loaded]
    assert [f"{crawled.url}/css/b.css", f"{crawled.url}/img/1.png"] == links
    assert [200, 200] == [crawled.ask(f"/web/2026da_/{link}").status for link in links]


def test_a_film_a_redirect_and_an_error_of_the_site(crawled):
    """As the crawl kept them."""
    film = crawled.ask(f"/web/2026da_/{crawled.url}/film.mp4", Range="bytes=1000-1009")
    gate = crawled.ask(f"/web/{crawled.url}/moved.html").headers["Location"]
    moved = crawled.ask(gate[gate.index("/web/") :])
    gone = crawled.ask(f"/web/2026da_/{crawled.url}/none.html")

    assert (206, FILM[1000:1010]) == (film.status, film.body)
    assert 302 == moved.status
    assert moved.headers["Location"].endswith(f"/{crawled.url}/news/1.html")
    assert (404, b"<p>gone") == (gone.status, gone.body)


def test_a_signal_ends_it(tmp_path):
    """With the exit code that the contract has."""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        with replaying(tmp_path / "home") as replay:
            assert 404 == replay.ask("/web/http://a.example/").status
            replay.process.send_signal(number)
            assert code == replay.process.wait()


def test_what_lies_in_the_store_is_replayed(tmp_path):
    """A home whose disk is small keeps its WARCs elsewhere."""
    from replay_maker import client

    from archive.web.room import Room

    maker = MadeHome(tmp_path / "home")
    writer = maker.file()
    maker.put(writer, "http://paper.example/", "20180830020500", b"<p>far")
    (closed,) = writer.close()
    home = maker.indexed()
    store = tmp_path / "store" / "warc" / "paper"
    store.mkdir(parents=True)
    shutil.move(closed.path, store / closed.path.name)
    (home.root / "config.toml").write_text(f'[store]\nurl = "file://{tmp_path}/store"\n', encoding="utf-8")
    open_ledger(home, create=True).close()
    with Room(home, {}) as room, client(room) as asked:
        answer = asked.get("/web/20180830020500/http://paper.example/")

    assert (200, "<p>far") == (answer.status_code, answer.text)


def test_files_by_others_are_replayed(tmp_path):
    """Not packed, one member for all records, a revisit that tells a SHA-1 and where it was first: each by its own way."""
    told = {"WARC_Payload_Digest": "sha1:2VIRFTQTM2PKTVSPKKZTV3UNPMGXXXXX"}
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    identical = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
    names = {"WARC_Record_ID": "<urn:uuid:9>", "WARC_Profile": identical}
    revisit = record("revisit", f"{SITE}/copy.html".encode(), head, **names, **told)
    first = record("response", f"{SITE}/1.html".encode(), answer(1), **told)
    (tmp_path / "plain.warc").write_bytes(first + revisit)
    (tmp_path / "one.warc.gz").write_bytes(gzip.compress(page(2) + page(3)))
    files = [str(tmp_path / "plain.warc"), str(tmp_path / "one.warc.gz")]
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "import", *files]
    done = subprocess.run(command, env=environ(tmp_path / "home"), check=False, capture_output=True, text=True)

    assert 0 == done.returncode, done.stderr
    with Room(Home(tmp_path / "home"), {}) as room, client(room) as asked:
        texts = [asked.get(f"/web/20260105080000/{SITE}/{name}.html").text for name in (1, 2, 3, "copy")]

    assert [True] * 4 == [f"第{number}站" in text for number, text in zip((1, 2, 3, 1), texts, strict=True)]


def test_the_service_serves_the_pages_too(tmp_path):
    """Beside its health, which answers to any name."""
    command = [sys.executable, str(REPOSITORY / "scheduler.py"), "serve", "--port", "0"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environ(tmp_path / "home"), **pipes) as process:
        try:
            log = map(json.loads, process.stderr)  # type: ignore[arg-type]
            told = next(line for line in log if line.get("event") == "service.started")
            answers = []
            asked = [
                ("/web/http://a.example/", None),
                ("/web/*/", None),
                ("/web/*/", "evil.example"),
                ("/healthz", "evil.example"),
            ]
            for path, host in asked:
                connection = http.client.HTTPConnection(told["url"].removeprefix("http://"))
                connection.request("GET", path, headers={"Host": host} if host else {})
                answers.append(connection.getresponse().status)
                connection.close()
        finally:
            process.terminate()

    assert [404, 200, 400, 200] == answers
