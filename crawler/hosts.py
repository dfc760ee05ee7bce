"""What a run knows of the hosts that it asks, and how it keeps to what they ask for.

Takes   what came of each request. Gives: whether a host is asked any further in this run, and how long to wait.
Writes  into the budget of a host that it asked for rest, or lets us in again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.fold.block import REFUSALS, refuses, welcomes
from archive.http import LONG_REST_S, header, parse_head, rest_asked, retry_after

from .politeness import TOO_BUSY, TOO_MANY, HostGate, backoff, gate_of, name_of
from .recorder import now

if TYPE_CHECKING:
    from pathlib import Path

    from archive.fold import ArticleState
    from archive.model import Statement
    from archive.octets import Octets

    from .robots import Policy

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

    def __init__(self, hosts: Hosts, delay_s: float, shared: Path | None) -> None:
        """delay_s: between two requests to a host that asks for nothing. shared: folder of the budgets of the home."""
        self._hosts, self._delay_s, self._shared = hosts, delay_s, shared
        self._deferred: dict[str, set[str]] = {}  # host -> addresses that asked for a later run

    def heed(self, url: str, policy: Policy, user_agent: str) -> None:
        """Keep to the Crawl-delay of a robots.txt, where that is more than the profile's delay."""
        self._gate(url).crawl_delay_s = policy.crawl_delay(user_agent) or 0.0

    def met(self, url: str, status: int, statement: Statement | None, article: ArticleState | None) -> None:
        """Note how a host stands to us, by what a list or an article of it says. article: None of a list."""
        if refuses(status, statement, article):
            if self._hosts.refused(url):
                self._close(url)
        elif welcomes(statement):
            self._hosts.welcomed(url)
            self._gate(url).budget.welcomed()

    def pause_s(self, url: str, status: int, raw: Octets, attempt: int, *, closes: bool) -> float | None:
        """Give the host the rest that an answer asks for; return the seconds until the address can be asked again.

        A 429 speaks for the whole host: nothing is asked of it meanwhile. After a 429 or 503 it is asked half as often as before.
        None where the address is for a later run; so is the whole host, once a second address of it says so. attempt: of the
        address, from 0. closes: whether the address counts for that.
        """
        gate, response, moment = self._gate(url), parse_head(raw), now()
        rest_s = rest_asked(response, moment)
        wait_s = max(retry_after(header(response, "Retry-After"), moment) or 0.0, rest_s)
        pause_s = max(wait_s, backoff(attempt, jitter=random.random))
        if status in (TOO_MANY, TOO_BUSY):
            gate.budget.slow(max(self._delay_s, gate.crawl_delay_s), min(pause_s, LONG_REST_S))
        if wait_s > LONG_REST_S:
            if rest_s and closes and self._is_second(url):
                gate.budget.rest(pause_s)
                self._close(url)
            return None
        if status == TOO_MANY:
            gate.budget.hold(pause_s)
        if status == TOO_MANY or rest_s:
            gate.budget.rest(pause_s)
        return pause_s

    def _is_second(self, url: str) -> bool:
        asking = self._deferred.setdefault(name_of(url), set())
        asking.add(url)
        return len(asking) > 1

    def _gate(self, url: str) -> HostGate:
        return gate_of(name_of(url), self._shared)

    def _close(self, url: str) -> None:
        """Ask a host for nothing more in this run."""
        self._hosts.closed.add(name_of(url))
        self._gate(url).closed.set()
