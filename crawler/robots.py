"""What robots.txt lets a crawler do (RFC 9309), kept for a day for all crawls of a home.

Takes   status and body of an answer to /robots.txt, redirects already followed.
Gives   a Policy: yes or no for an address, a pace.
Writes  <folder>/robots_<digest of its address>: a line of JSON, and the body as it came.

Which group speaks of us is decided here, by the letter of RFC 9309, 2.2.1; how a rule is held against an address is Protego's.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import quote, urlsplit

from protego import Protego

from .budget import KEPT_MARK
from .politeness import worth_retrying

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROBOTS_BEGUN = 8 << 20  # bytes of an answer, of which the head and ROBOTS_MAX_BYTES of the body are a part
ROBOTS_MAX_BYTES = 500 * 1024  # a crawler must read at least so much (RFC 9309, 2.5); more is cut
ROBOTS_MAX_AGE_S = 24 * 3600.0  # a copy should not be used longer (RFC 9309, 2.4)
CRAWL_DELAY_CAP_S = 300.0  # a larger one would stop a series as surely as Disallow, without saying so

# A field and its value; the spellings of hurried webmasters as Protego and others take them. Without a colon only two words are
# a record, for else each sentence of an HTML page that begins with "Allow" would be one.
_AGENT, _DISALLOW, _ALLOW, _DELAY = "user-agent", "disallow", "allow", "crawl-delay"
_RECORD = re.compile(
    r"(?:(?P<agent>user[ -]?agent)|(?P<disallow>dis+al+ow|diasllow|disallaw)|(?P<allow>allow)|(?P<delay>crawl[ -]delay))"
    r"(?:[ \t]*:[ \t]*(?P<value>.*)|[ \t]+(?P<word>\S+))",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")  # alone these end a line (RFC 9309, 2.2); Protego takes eight more for ends
_AS_WRITTEN = "".join(map(chr, range(0x20, 0x7F)))

T = TypeVar("T")  # what waits


class Policy:
    """What robots.txt of one origin allows. Made by parse_robots."""

    __slots__ = ("_all", "_read", "_text")

    def __init__(self, text: str | None, *, otherwise: bool) -> None:
        self._text, self._all = text, otherwise
        self._read: dict[str, Protego] = {}

    def allows(self, url: str, user_agent: str) -> bool:
        """Tell whether an address may be fetched; /robots.txt itself always may (RFC 9309, 2.2.2)."""
        if urlsplit(url).path == "/robots.txt":
            return True
        rules = self._rules(user_agent)
        return self._all if rules is None else bool(rules.can_fetch(url, "*"))

    def crawl_delay(self, user_agent: str) -> float | None:
        """Return the seconds that the site wants between two requests, at most CRAWL_DELAY_CAP_S; None where it does not say."""
        rules = self._rules(user_agent)
        told = rules.crawl_delay("*") if rules is not None else None
        if told is None or not 0 <= told < float("inf"):  # also false for nan
            return None
        return min(float(told), CRAWL_DELAY_CAP_S)

    def _rules(self, user_agent: str) -> Protego | None:
        if self._text is None:
            return None
        token = product_token(user_agent).lower()
        if token not in self._read:
            records = group_of(self._text, token)
            self._read[token] = Protego.parse("\n".join((f"{_AGENT}: *", *(": ".join(one) for one in records))))
        return self._read[token]


def group_of(text: str, token: str) -> list[tuple[str, str]]:
    """Give the records that speak of a product token: of all groups that name it, else of those that name `*`.

    token: in lower case. A group begins with one or more User-agent lines and is ended by the next such line behind a rule;
    records of other protocols, such as Sitemap, neither end a group nor part its names (RFC 9309, 2.2.4). A name is compared
    whole, without case, and without the version that some write behind it.

    >>> group_of("User-agent: lian\\nDisallow: /\\nUser-agent: LIANZAI/2\\nAllow: /a", "lianzai")
    [('allow', '/a')]
    """
    ours: list[tuple[str, str]] = []
    anyones: list[tuple[str, str]] = []
    agents: set[str] = set()
    naming = is_named = False
    for line in _LINE_END.split(text):
        match = _RECORD.fullmatch(line.partition("#")[0].strip())
        if match is None:
            continue
        value = quote((match["value"] or match["word"] or "").strip(), safe=_AS_WRITTEN)
        if match["agent"]:
            agents = agents if naming else set()
            agents.add(value if value == "*" else product_token(value).lower())
            naming, is_named = True, is_named or token in agents
            continue
        naming = False
        record = (_DISALLOW if match["disallow"] else _ALLOW if match["allow"] else _DELAY, value)
        for records in ([ours] if token in agents else []) + ([anyones] if "*" in agents else []):
            records.append(record)
    return ours if is_named else anyones


def product_token(user_agent: str) -> str:
    """Return what a group of robots.txt names us by: letters, _ and - at the front (RFC 9309, 2.2.1).

    >>> product_token("lianzai/0.1 (+https://example.org/contact)")
    'lianzai'
    """
    match = re.match(r"[A-Za-z_-]+", user_agent)
    return match[0] if match else user_agent


def unreachable(status: int | None) -> bool:
    """Tell whether robots.txt could not be had: no answer, 5xx (RFC 9309, 2.3.1.4), or a status that is none.

    What is outside of 100 to 599, 0 for an answer that is no HTTP, is to be treated as 5xx (RFC 9110, 15); a final 1xx is no
    answer either.
    """
    return status is None or not 200 <= status < 500


def parse_robots(status: int | None, body: bytes) -> Policy:
    """Read the answer to /robots.txt, redirects already followed.

    status: HTTP status, None where no answer came. body: content coding removed; only 500 KiB are read, a line cut there
    is left out. Bytes that are no UTF-8 become U+FFFD and so match no address.
    2xx: its rules. 4xx: all is allowed. What is unreachable: nothing is (RFC 9309, 2.3.1). A redirect
    that leads nowhere counts as 4xx (2.3.1.2).
    """
    if status is None or unreachable(status):
        return Policy(None, otherwise=False)
    if status >= 300:
        return Policy(None, otherwise=True)
    if len(body) > ROBOTS_MAX_BYTES:
        body = body[:ROBOTS_MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return Policy(body.decode("utf-8-sig", errors="replace"), otherwise=True)


class Robots:
    """The policies of the origins that a run meets, each used for a day at most, whoever of the home asked for it.

    What was no word of the site's (no answer, 5xx, a status that passes) is asked for again by each run.
    """

    def __init__(self, clock: Callable[[], float] = time.time, folder: Path | None = None) -> None:
        """clock: seconds since 1970. folder: that the crawls of a home share."""
        self._clock, self._folder = clock, folder
        self._known: dict[str, tuple[float, Policy]] = {}

    @staticmethod
    def address(url: str) -> str:
        """Return the address of the robots.txt that rules an address: of its scheme, host and port (RFC 9309, 2.3)."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"

    def get(self, url: str) -> Policy | None:
        """Return the policy for an address, None where it must be fetched (again)."""
        address = self.address(url)
        known = self._known.get(address)
        if known is None and (kept := self._kept(address)) is not None:
            known = kept[0], parse_robots(*kept[1:])
        if known is None or not self._fresh(known[0]):
            return None
        self._known[address] = known
        return known[1]

    def learn(self, url: str, status: int | None, body: bytes) -> Policy:
        """Read what the robots.txt of an address's origin answered, and keep it. status, body: as parse_robots takes them."""
        address, policy = self.address(url), parse_robots(status, body)
        self._known[address] = self._clock(), policy
        if status is not None and not unreachable(status) and not worth_retrying(status):
            self._keep(address, self._clock(), status, body[: ROBOTS_MAX_BYTES + 1])  # one more: it is seen to be cut
        return policy

    def adopt(self, url: str, source: str) -> bool:
        """Let the policy of another origin hold for an address's too, as its robots.txt redirects there; False: none is known."""
        if self.get(source) is None:
            return False
        address = self.address(url)
        self._known[address] = self._known[self.address(source)]
        if (kept := self._kept(self.address(source))) is not None:
            self._keep(address, *kept)
        return True

    def _fresh(self, at: float) -> bool:
        return 0 <= self._clock() - at <= ROBOTS_MAX_AGE_S

    def _kept(self, address: str) -> tuple[float, int, bytes] | None:
        try:
            head, _, body = self._path(address).read_bytes().partition(b"\n")
            told = json.loads(head)
            return (float(told["at"]), int(told["status"]), body) if told["url"] == address else None
        except (OSError, ValueError, TypeError, KeyError):  # not there, or not as it was written: it is asked for
            return None

    def _keep(self, address: str, at: float, status: int, body: bytes) -> None:
        head = json.dumps({"url": address, "status": status, "at": at}).encode()
        with suppress(OSError):  # without it the next run asks for itself
            path = self._path(address)
            written = path.with_name(f"{path.name}.{os.getpid()}")
            path.parent.mkdir(parents=True, exist_ok=True)
            written.write_bytes(head + b"\n" + body)
            written.replace(path)

    def _path(self, address: str) -> Path:
        if self._folder is None:
            raise FileNotFoundError(address)
        return self._folder / f"robots{KEPT_MARK}{sha256(address.encode()).hexdigest()[:32]}"


class Waiting(Generic[T]):
    """What waits for a robots.txt that is being asked for: orders by origin, origins by the address that will tell.

    An origin is named by the address of its robots.txt. Several wait for one address where the robots.txt of one redirects to
    that of another, which is usual: http to https, the bare domain to www.
    """

    def __init__(self, robots: Robots) -> None:
        """robots: learns what is answered."""
        self._robots = robots
        self._orders: dict[str, list[T]] = {}
        self._origins: dict[str, list[str]] = {}

    def park(self, order: T, url: str) -> str | None:
        """Let an order for an address wait; give the robots.txt to be asked for, None where it is asked for already."""
        origin = Robots.address(url)
        is_first = origin not in self._orders
        self._orders.setdefault(origin, []).append(order)
        return origin if is_first and self._wait(origin, [origin]) else None

    def moved(self, url: str, target: str) -> tuple[bool, list[T]]:
        """Let what waits for an address wait for where that redirects to.

        Returns whether `target` is to be asked for, and the orders that need not wait, as it is known.
        """
        origins = self._origins.pop(url, [])
        if target == Robots.address(target) and all(self._robots.adopt(origin, target) for origin in origins):
            return False, self._free(origins)
        return self._wait(target, origins), []

    def answered(self, url: str, status: int | None, body: bytes) -> list[T]:
        """Take what an address answered in the end; give the orders that waited for it. status, body: as in parse_robots."""
        origins = self._origins.pop(url, [])
        for origin in {*origins, *([url] if url == Robots.address(url) else [])}:
            self._robots.learn(origin, status, body)
        return self._free(origins)

    def given_up(self, url: str) -> list[T]:
        """Give the orders that waited for an address which will not be asked."""
        return self._free(self._origins.pop(url, []))

    def all(self) -> list[T]:
        """Give every order that waits."""
        return [order for orders in self._orders.values() for order in orders]

    def _wait(self, url: str, origins: list[str]) -> bool:
        is_new = url not in self._origins
        self._origins.setdefault(url, []).extend(origins)
        return is_new

    def _free(self, origins: list[str]) -> list[T]:
        return [order for origin in dict.fromkeys(origins) for order in self._orders.pop(origin, [])]
