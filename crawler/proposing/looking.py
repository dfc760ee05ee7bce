"""Looks at one address and what it leads to, by the machinery of a crawl, and a profile made of what was seen.

Takes   an address, the settings of the call.
Gives   Looking: the runs to crawl, and behind them the profile's text, or the error.
Writes  nothing that stays: each look is a run in a home that is thrown away. It asks no more than MOST_LOOKS addresses,
        robots.txt first, at the pace that the home's config.toml sets, which it shares with the crawls of the home.

A private address is asked only where the person named that very host and port; what it leads to may lie there and nowhere else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive import http
from archive.errors import LianzaiError, SiteError, UsageError
from archive.home import Home
from archive.model import Capture, Redirected, Statement
from archive.warc import Record, capture_of, read_records, record_uri, response_bytes, series_files

from ..frontier import Frontier, Options, Order
from ..profile import CONFIG_NAME, parse_profile
from ..profile.document import read_text
from ..profile.writing import to_toml
from ..recorder import now
from ..robots import Policy, Robots, parse_robots
from ..run import Outcome, SeriesRun, Signals
from ..scope import Scope, location_url, wire_url
from .addresses import is_private
from .answer import Answer, Proposal, Wanted
from .propose import propose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..profile import Profile
    from ..spider import Progress

MOST_LOOKS = 8
_HOPS = 10
_SECONDS = 180  # of one look


class _Passing(Home):
    """A home that is thrown away, in which the pace of hosts is shared with the real one."""

    def __init__(self, root: Path, real: Home) -> None:
        super().__init__(root)
        self._hosts = real.hosts if real.root.is_dir() else root / "hosts"

    @property
    def hosts(self) -> Path:
        """Folder of the real home, where there is one."""
        return self._hosts


class _Alone(Frontier):
    """Asks for one address and where it redirects to."""

    def after(self, order: Order, statement: Statement | None) -> list[Order]:
        """Follow redirects alone."""
        return super().after(order, statement) if isinstance(statement, Redirected) else []


class Look(SeriesRun):
    """One look: a run of a single address, of which nothing is derived."""

    outcome: Outcome | None = None

    def frontier(self, options: Options) -> Frontier:
        """Give a frontier that goes nowhere else."""
        return _Alone(self.profile, self.intake.fold.state, self.scope(), options, now(), 1)

    def derive(self) -> list[Path]:
        """Derive nothing."""
        return []

    async def crawl(self, options: Options, progress: Progress | None, signals: Signals) -> Outcome:  # noqa: ARG002
        """Look, whatever the command asks of its crawls."""
        self.outcome = await super().crawl(Options(full=True), None, signals)
        return self.outcome


@dataclass
class Looking:
    """The looks at one address. home: the real one. environ: for env:NAME of its config.toml. proposal, error: what
    came of it. outcomes: of the looks, to be told from those of crawls."""

    url: str
    home: Home
    environ: Mapping[str, str]
    proposal: Proposal | None = None
    error: LianzaiError | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    _answers: dict[str, Answer | None] = field(default_factory=dict)
    _policies: dict[str, Policy] = field(
        default_factory=dict
    )  # by the address of a robots.txt, which is asked for once
    _agent: str = ""

    def __post_init__(self) -> None:
        self.url = asked(self.url)
        self.is_private = is_private(self.url)

    def runs(self) -> Iterator[Callable[[], SeriesRun]]:
        """Give the looks one after the other, each to be crawled before the next is asked for; then there is a proposal."""
        with tempfile.TemporaryDirectory(prefix="lianzai-look-") as folder:
            passing = _Passing(Path(folder), self.home)
            wanted: str | None = self.url
            while wanted is not None:
                opened: list[Look] = []

                def opening(url: str = wanted, opened: list[Look] = opened) -> SeriesRun:
                    opened.append(Look(passing, self._profile(url)))
                    return opened[0]

                yield opening
                wanted = self._after(wanted, passing, opened)

    def _after(self, url: str, passing: Home, opened: list[Look]) -> str | None:
        """Take what a look gave; give the next address to look at, None where there is nothing more to look at."""
        outcome = opened[0].outcome if opened else None
        if outcome is None:  # it could not be opened, which crawl() tells
            return None
        self.outcomes.append(outcome)
        if outcome.error is not None and not isinstance(outcome.error, SiteError):
            raise outcome.error
        if outcome.stopped is not None:
            return None
        try:
            self._answers[url] = self._answer(url, passing, outcome)
            return self._step()
        except LianzaiError as error:
            self.error = error
        return None

    def _step(self) -> str | None:
        while True:
            found = propose(self.url, self._answers)
            if isinstance(found, Proposal):
                self.proposal = found
                return None
            if len(self._answers) < MOST_LOOKS and self._may_ask(found):
                return found.url
            self._answers[found.url] = None

    def _may_ask(self, wanted: Wanted) -> bool:
        if wire_url(wanted.url, None) != wanted.url:
            return False
        policy = self._policies.get(Robots.address(wanted.url))
        if policy is not None and not policy.allows(wanted.url, self._agent):
            return False
        return Scope([self.url], allow_private=self.is_private).decide(wanted.url, requisite=False) is None

    # ---------------------------------------------------------------------------------------------------- profile

    def _profile(self, url: str) -> Profile:
        """Make the profile of one look. Raises ProfileError where the home's config.toml is wrong.

        Where robots.txt was read by an earlier look, it is not asked for again: _may_ask has held the address against it.
        """
        fetch = {"requisites": "none", "retries": 1, "max_seconds": _SECONDS, "allow_private": self.is_private}
        profile = self._parsed(url, fetch)
        policy = self._policies.get(Robots.address(url))
        if policy is None or profile.fetch.robots == "ignore":
            self._agent = profile.fetch.user_agent
            return profile
        delay = max(profile.fetch.delay, policy.crawl_delay(self._agent) or 0)
        return self._parsed(url, fetch | {"robots": "ignore", "delay": delay})

    def _parsed(self, url: str, fetch: dict[str, Any]) -> Profile:
        tables: dict[str, dict[str, Any]] = {
            "series": {"id": f"look-{len(self._answers) + 1}", "title": "look"},
            "source": {"kind": "url-list", "urls": [url]},
            "fetch": fetch,
        }
        config = read_text(self.home.config) if self.home.config.is_file() else None
        return parse_profile(to_toml(tables), name=CONFIG_NAME, config=config, environ=self.environ)

    # ----------------------------------------------------------------------------------------------------- answer

    def _answer(self, url: str, passing: Home, outcome: Outcome) -> Answer | None:
        """Give what an address answered in the end. Raises, for the address that the person named, where it gave nothing."""
        responses = dict(_responses(passing, outcome.report["id"]))
        self._read_robots(responses)
        at, last = url, None
        for _ in range(_HOPS):
            if record_uri(at) not in responses:
                break
            last = responses[record_uri(at)]
            location = http.header(last[1], "Location") if 300 <= last[1].status < 400 else None
            target = location_url(location, at) if location else None
            if target is None:
                return _answer_of(at, *last)
            at = target
        if url != self.url:
            return None
        raise self._failure(url, at, outcome.report)

    def _read_robots(self, responses: Mapping[str, tuple[Capture, http.Response]]) -> None:
        for url, (_, response) in responses.items():
            if urlsplit(url).path == "/robots.txt" and not 300 <= response.status < 400:
                self._policies[url] = parse_robots(response.status, http.decode_payload(response).body)

    def _failure(self, url: str, at: str, report: dict[str, Any]) -> LianzaiError:
        """Say why an address gave no answer. at: where its redirects led."""
        reason = next((one["reason"] for one in report["skipped"] if one["url"] in (at, url)), None)
        if reason == "robots":
            return UsageError(
                f"{at}: robots.txt forbids it",
                action='ask the publisher; a profile with fetch.robots = "ignore" would not ask',
            )
        if reason == "private":
            return UsageError(f"{at}: leads into a private network", action="name that address itself, if you mean it")
        if reason == "scope":
            what = "is out of the scope that config.toml sets" if at == url else f"redirects to another site, {at}"
            return UsageError(f"{url}: {what}", action=f"lianzai profile new {at}")
        failed = next(iter(report["failed"]), None)
        if failed and failed["reason"] == "not-an-article":  # it answers, and its redirects lead nowhere
            return UsageError(f"{url}: {failed['detail']}", action="another address")
        told = f"{failed['reason']}: {failed['detail']}" if failed else "no answer"
        return SiteError(f"{url}: the site cannot be reached: {told}", action=f"lianzai profile new {url}, later")


def asked(named: str) -> str:
    """Give the address that a person names, as it is asked for. Raises UsageError where it is none of http or https."""
    address = wire_url(named, None)
    if address is None:
        raise UsageError(f"{named}: expected an http or https address", action="https://HOST/PATH")
    return address


def _responses(home: Home, series: str) -> Iterator[tuple[str, tuple[Capture, http.Response]]]:
    """Give the answers of a look by their addresses; of an address asked again the last one stands."""
    known: dict[str, Record] = {}
    for path in series_files(home.warc(series), series):
        for record in read_records(path):
            known[record.record_id] = record
            capture = capture_of(record) if record.type in ("response", "revisit") else None
            if capture is not None:
                yield record_uri(capture.url), (capture, http.parse_response(response_bytes(record, known.__getitem__)))


def _answer_of(url: str, capture: Capture, response: http.Response) -> Answer:
    body = http.decode_payload(response).body
    return Answer(url, response.status, http.header(response, "Content-Type") or "", body, capture.fetched)
