"""Crawls of the demonstration newspaper by other people's tools: wget, warcio's capture_http and warcio's writer.

Takes   the newspaper, as a server or as a model; what to ask it for.
Gives   the path of the WARC that the tool wrote.
Writes  that file.
"""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import walk
from warcio.capture_http import capture_http
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from crawler.demo.server import Server, conditioned, wire
from crawler.demo.site import Site

_LINK = re.compile(r"""(?:href|src)=["']([^"'#]+)""")


def by_wget(newspaper: Server, folder: Path, name: str = "paper") -> Path:
    """Let wget mirror the newspaper from its first list on, with what its pages need."""
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not on this machine")
    command = [wget, "-q", "-r", "-l", "9", "-p", "--warc-file", str(folder / name), "-P", str(folder / "mirror")]
    subprocess.run([*command, f"{newspaper.url}/list/index.html"], check=True, timeout=60)
    shutil.rmtree(folder / "mirror")
    return folder / f"{name}.warc.gz"


def by_capture_http(addresses: Iterable[str], path: Path) -> Path:
    """Ask for addresses with http.client while warcio listens."""
    with capture_http(str(path)):
        for url in addresses:
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc)
            connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
            connection.getresponse().read()
            connection.close()
    return path


def by_writer(site: Site, paths: Mapping[str, datetime] | Iterable[tuple[str, datetime]], path: Path) -> Path:
    """Write what the newspaper answers as warcio's writer does. paths: of addresses below walk.BASE, each with its time."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for target, at in paths.items() if isinstance(paths, Mapping) else paths:
            head, body = wire(conditioned(site.answer(target, walk.BASE), {}), keep=True)
            block = BytesIO(head + body)
            headers = StatusAndHeadersParser(["HTTP/1.1"]).parse(block)
            date = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            record = writer.create_warc_record(
                walk.BASE + target,
                "response",
                payload=block,
                http_headers=headers,
                warc_headers_dict={"WARC-Date": date},
            )
            writer.write_record(record)
    return path


def linked(site: Site, start: str = "/list/index.html") -> list[str]:
    """Give the paths of everything that hangs together with a page of the newspaper, that page first."""
    found, waiting = [start], [start]
    while waiting:
        path = waiting.pop(0)
        answer = site.answer(path, walk.BASE)
        if "html" not in answer.mime:
            continue
        for link in _LINK.findall(answer.body.decode("utf-8", "replace")):
            parts = urlsplit(urljoin(walk.BASE + path, link))
            if f"{parts.scheme}://{parts.netloc}" == walk.BASE and parts.path not in found:
                found.append(parts.path)
                waiting.append(parts.path)
    return found
