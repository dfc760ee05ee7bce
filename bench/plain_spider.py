"""The peer of the benchmark: plain Scrapy, which follows the links that lianzai follows and keeps nothing.

Takes   the address of a site of bench/site.py.
Gives   {"responses": N} on stdout.
Writes  nothing.

Every setting is Scrapy's default but two, both in its favour or without effect on it: DOWNLOAD_DELAY is 0 (as it is by default,
said so that a later default changes nothing), and LOG_LEVEL is WARNING, since a line of log a response would be charged to it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncIterator, Iterator

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Response


class PlainSpider(Spider):
    """Lists, their next pages, articles, and what an article's page needs."""

    name = "plain"

    def __init__(self, url: str, told: dict[str, int]) -> None:
        super().__init__()
        self._url, self._told = url, told

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the first list."""
        yield Request(f"{self._url}/list/index.html")

    def parse(self, response: Response) -> Iterator[Request]:
        """Read a list."""
        assert isinstance(response, HtmlResponse)
        self._told["responses"] += 1
        yield from response.follow_all(css=".news-list li.news-item a", callback=self.parse_article)
        yield from response.follow_all(css="a.next")

    def parse_article(self, response: Response) -> Iterator[Request]:
        """Read an article."""
        assert isinstance(response, HtmlResponse)
        self._told["responses"] += 1
        links = response.css("link[rel=stylesheet]::attr(href), img::attr(src)").getall()
        yield from response.follow_all(links, callback=self.parse_requisite)

    def parse_requisite(self, _response: Response) -> None:
        """Look at an image or a style sheet, and let it go."""
        self._told["responses"] += 1


def main() -> None:
    """Crawl once."""
    parser = argparse.ArgumentParser(description="Crawl a site of bench/site.py with plain Scrapy.")
    parser.add_argument("url")
    told = {"responses": 0}
    process = CrawlerProcess({"DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING"})
    process.crawl(PlainSpider, url=parser.parse_args().url, told=told)
    process.start()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
