"""The values Scrapy runs with, each with its unit and reason.

Takes   the fetch limits of a profile as plain values.
Gives   a dict for scrapy.crawler.CrawlerProcess.
Writes  nothing.

Scrapy is engine, queue and pace here, no more: redirects, retries, cookies, robots.txt, codings and the seen set are
ours (spider.py, politeness.py), since the archive must see each of them as an exchange of its own.
"""

from __future__ import annotations

import sys
from typing import Any

TOTAL_CONCURRENCY = 16  # requests under way on all hosts together
QUEUED_BYTES = 32 * 1024 * 1024  # responses waiting for the spider before the engine holds back


def crawl_settings(
    *,
    delay: float,
    concurrency: int,
    timeout: float,
    max_body: int,
    user_agent: str,
    verify_tls: bool = True,
    event_loop: str | None = None,
) -> dict[str, Any]:
    """Return Scrapy's settings for one crawl.

    delay: s between two sendings to a host. concurrency: requests at once to a host. timeout: s for one exchange, from
    looking up the name to the last byte. max_body: bytes. event_loop: import path of an asyncio loop; default uvloop
    where it exists.
    """
    return {
        **_pace(delay, concurrency, timeout, max_body),
        **_parts(),
        **_QUIET,
        "USER_AGENT": user_agent,
        "DOWNLOAD_VERIFY_CERTIFICATES": verify_tls,  # False by default in Scrapy; what is archived must be the site's own
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "ASYNCIO_EVENT_LOOP": event_loop or (None if sys.platform == "win32" else "uvloop.Loop"),
    }


def _pace(delay: float, concurrency: int, timeout: float, max_body: int) -> dict[str, Any]:
    return {
        "DOWNLOAD_DELAY": delay,  # s; the handler holds it on the wire too
        "DOWNLOAD_DELAY_JITTER": 0,  # Scrapy varies the delay by half: a promised least delay does not
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "CONCURRENT_REQUESTS": max(TOTAL_CONCURRENCY, 2 * concurrency),  # a slow host leaves room for others
        "CONCURRENT_ITEMS": 1,  # Scrapy starts so many tasks a response, 100 by default (scrapy#5182); we yield no items
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": QUEUED_BYTES,
        "DOWNLOAD_TIMEOUT": timeout,  # s
        "DOWNLOAD_MAXSIZE": max_body,  # bytes, enforced by crawler.capture
        "DOWNLOAD_WARNSIZE": 0,  # no warning below the limit
        "DNS_RESOLVER": "crawler.names.NameResolver",  # IPv6 as well; bounded by the exchange's timeout
        "DNS_TIMEOUT": min(timeout, 20),  # s
        "DNSCACHE_SIZE": 1000,  # names
        "REACTOR_THREADPOOL_MAXSIZE": 8,  # threads, used by name look-ups only
    }


def _parts() -> dict[str, Any]:
    handler = "crawler.capture.WireHandler"
    return {
        # file:, data:, ftp: and s3: have no handler at all, so that no address can lead there.
        "DOWNLOAD_HANDLERS_BASE": {"http": handler, "https": handler},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",  # the run counts for itself
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # the spider asks its own seen set before it makes a request
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",  # hosts take turns
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # of one priority: in the order of need
        "JOBDIR": None,  # the WARCs say what was fetched; a queue on disk is lost with a kill (scrapy#3333, #3413)
        "URLLENGTH_LIMIT": 0,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it parses the source of each callback
    }


_QUIET: dict[str, Any] = {
    "LOG_ENABLED": False,
    "LOG_INSTALL_ROOT_HANDLER": False,  # the root logger is the front door's
    "LOG_LEVEL": "WARNING",
    "LOG_VERSIONS": [],
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "MEMUSAGE_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
    "COOKIES_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "RETRY_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "HTTPCACHE_ENABLED": False,
    "COMPRESSION_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "REFERER_ENABLED": False,
    "DEFAULT_REQUEST_HEADERS": {},
}
