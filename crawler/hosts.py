"""What a run knows of the hosts that it asks, and how it keeps to what they ask for.

Takes   what came of each request. Gives: whether a host is asked any further in this run, and how long to wait.
Writes  into the budget of a host that it asked for rest, or lets us in again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.fold.block import REFUSALS, refuses, welcomes
from archive.http import header, parse_response, rest_asked, retry_after

from .politeness import TOO_MANY, backoff, gate_of, slow_host
from .recorder import now

if TYPE_CHECKING:
    from archive.fold import ArticleState
    from archive.model import Statement

LONGEST_WAIT_S = 300.0  # a Retry-After beyond this is for a later run
_SLOWED_LEAST_S, _SLOWED_MOST_S = 0.05, 60.0  # delay after a 429: twice what it was, within these
_DEAD_AFTER = 8  # failures to connect in a row after which a host is given up for this run
_NEVER_ALIVE_AFTER = 4  # of a host that has not answered at all: so a site that is down is told within 10 s


@dataclass(slots=True)
class Hosts:
    """Of each host: failures to connect in a row, whether it has answered, refusals in a row, whether it is to be left alone.

    A host that does not answer is one at its port, as the server there may be down; one that refuses is known by its name alone,
    as its pace is.
    """

    failures: dict[str, int] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def dead(self, url: str) -> bool:
        """Tell whether the host is given up, as it does not answer."""
        host = urlsplit(url).netloc
        return self.failures.get(host, 0) >= (_DEAD_AFTER if host in self.alive else _NEVER_ALIVE_AFTER)

    def answered(self, url: str) -> None:
        """Note that it lives."""
        host = urlsplit(url).netloc
        self.alive.add(host)
        self.failures.pop(host, None)

    def failed(self, url: str) -> None:
        """Note that it did not answer."""
        host = urlsplit(url).netloc
        self.failures[host] = self.failures.get(host, 0) + 1

    def refused(self, url: str) -> bool:
        """Note that it refused us; tell whether it has done so too often in a row to be asked any further."""
        host = name_of(url)
        self.refusals[host] = self.refusals.get(host, 0) + 1
        return self.refusals[host] >= REFUSALS

    def welcomed(self, url: str) -> None:
        """Note that it let us in."""
        self.refusals.pop(name_of(url), None)

    def is_closed(self, url: str) -> bool:
        """Tell whether it is to be left alone."""
        return name_of(url) in self.closed


class Pace:
    """Keeps to what the hosts of a run ask for."""

    def __init__(self, hosts: Hosts, downloader: Callable[[], Any]) -> None:
        """downloader: gives Scrapy's, None before it is there."""
        self._hosts, self._downloader = hosts, downloader
        self._slowed: dict[str, float] = {}  # host -> until when, on the steady clock, its 429s are one wish

    def met(self, url: str, status: int, statement: Statement | None, article: ArticleState | None) -> None:
        """Note how a host stands to us, by what a list or an article of it says. article: None of a list."""
        if refuses(status, statement, article):
            if self._hosts.refused(url):
                self._close(url)
        elif welcomes(statement):
            self._hosts.welcomed(url)
            if (shared := gate_of(name_of(url)).shared) is not None:
                shared.welcomed()

    def pause_s(self, url: str, status: int, raw: bytes, attempt: int, *, closes: bool) -> float | None:
        """Give the host the rest that an answer asks for; return the seconds until the address can be asked again.

        A 429 speaks for the whole host: nothing is asked of it meanwhile, and then half as often as before. None where it is for
        a later run. attempt: of the address, from 0. closes: whether so long a wait that a 429 asks for ends all asking.
        """
        host, response, moment = name_of(url), parse_response(raw), now()
        rest_s = rest_asked(response, moment)
        wait_s = max(retry_after(header(response, "Retry-After"), moment) or 0.0, rest_s)
        pause_s = max(wait_s, backoff(attempt, jitter=random.random))
        limited, is_long = status == TOO_MANY, wait_s > LONGEST_WAIT_S
        if limited:
            self._slow(host, pause_s)
        if (limited or rest_s) and (shared := gate_of(host).shared) is not None:
            shared.rest(pause_s, hold=limited and not is_long)
        if limited and is_long and closes:
            self._close(url)
        return None if is_long else pause_s

    def _slow(self, host: str, pause_s: float) -> None:
        downloader = self._downloader()
        if downloader is None or monotonic() < self._slowed.get(host, 0.0):
            return  # what was under way when it said so first is no further wish
        self._slowed[host] = monotonic() + pause_s
        slot = downloader.slots.get(host)
        delay_s = float(slot.delay) if slot is not None else 0.0
        slow_host(downloader, host, min(max(2 * delay_s, _SLOWED_LEAST_S), max(delay_s, _SLOWED_MOST_S)))

    def _close(self, url: str) -> None:
        """Ask a host for nothing more in this run."""
        self._hosts.closed.add(name_of(url))
        gate_of(name_of(url)).closed.set()


def name_of(url: str) -> str:
    """Give the name of a host, by which its pace is kept.

    >>> name_of("http://News.example:8080/a")
    'news.example'
    """
    return urlsplit(url).hostname or ""
