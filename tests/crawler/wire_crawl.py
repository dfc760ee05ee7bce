"""Crawl a list of requests with the real handler and print what came of each (run by raw_site as a process of its own).

A reactor starts once in a process, so a crawl of the tests is a child as a crawl of the product is.
Reads a JSON object from stdin: settings (of crawl_settings), allowed (addresses), requests, by_address, names (what a name server
would say of each, look-up by look-up); prints a JSON line an outcome.
"""

from __future__ import annotations

import base64
import json
import socket
import sys
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

from crawler.capture import FetchFailed, abandon_fetches
from crawler.settings import crawl_settings

JOB = json.load(sys.stdin)


_system = socket.getaddrinfo


def _told(host: str, port: int, *rest: Any) -> list[Any]:
    """Ask the name server of this job, which may change its mind; what it does not know is the system's."""
    answers = JOB.get("names", {}).get(host)
    if answers is None:
        return _system(host, port, *rest)
    now = answers.pop(0) if len(answers) > 1 else answers[0]
    return [entry for ip in now for entry in _system(ip, port, *rest)]


socket.getaddrinfo = _told  # type: ignore[assignment]


def _bytes(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _exchange(exchange: Any) -> dict[str, Any] | None:
    if exchange is None:
        return None
    return {
        "url": exchange.url,
        "request": _bytes(exchange.request),
        "response": _bytes(exchange.response[:]),
        "fetched": exchange.fetched.isoformat(),
        "ip": exchange.ip,
        "truncated": exchange.truncated,
    }


class OneByOne(scrapy.Spider):
    name = "one-by-one"
    spool = Path(JOB["spool"]) if "spool" in JOB else None
    hosts = None
    by_address = JOB.get("by_address", False)

    def allows_address(self, ip: str, host: str, port: int) -> bool:  # noqa: ARG002 - the handler asks so
        return ip in JOB["allowed"]

    async def start(self) -> Any:
        for index, entry in enumerate(JOB["requests"]):
            meta = {**entry.get("meta", {}), "index": index}
            if "headers" in entry:
                meta["wire_headers"] = [(name.encode(), value.encode()) for name, value in entry["headers"]]
            if "secrets" in entry:
                meta["wire_secrets"] = frozenset(name.encode() for name in entry["secrets"])
            yield scrapy.Request(
                entry["url"],
                method=entry.get("method", "GET"),
                body=entry.get("body", "").encode(),
                meta=meta,
                callback=self.came,
                errback=self.failed,
            )

    def came(self, response: Any) -> None:
        headers = {n.decode(): [v.decode("latin-1") for v in response.headers.getlist(n)] for n in response.headers}
        self.tell(
            response.meta["index"], status=response.status, headers=headers, exchange=_exchange(response.exchange)
        )

    def failed(self, failure: Any) -> None:
        error = failure.value
        if not isinstance(error, FetchFailed):
            self.tell(failure.request.meta["index"], bug=repr(error))
            return
        index = failure.request.meta["index"]
        self.tell(
            index, reason=error.reason, detail=error.detail, lasting=error.lasting, exchange=_exchange(error.exchange)
        )

    def tell(self, index: int, **outcome: Any) -> None:
        print(json.dumps({"index": index, **outcome}), flush=True)
        if JOB.get("stop_after_first"):
            abandon_fetches(self.crawler)


process = CrawlerProcess(crawl_settings(**JOB["settings"]))
process.crawl(OneByOne)
process.start()
