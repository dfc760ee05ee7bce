"""The step: one statement, the state before it, the state after it and what changed.

Takes   what a capture says (archive.model.Statement), in the order of the records.
Gives   events, each with its evidence. Pure but for the state it holds: no clock, no network, no disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..model import (
    Capture,
    Entry,
    Event,
    Gone,
    Listing,
    Needs,
    Origin,
    Reason,
    Redirected,
    Role,
    Said,
    Statement,
    Trouble,
    Unchanged,
)
from . import block, settle
from .astray import Astray
from .bounds import CLAIMS
from .late import Late, is_late, origin_of
from .lists import Lists
from .merge import once, part_of
from .older import is_older_copy
from .parts import Parts, drop_parts
from .requisites import need
from .revise import Reviser
from .state import (
    Address,
    ArticleState,
    Channel,
    Failure,
    FoldRules,
    Readings,
    RunState,
    SeriesState,
    event,
)
from .twins import Twins


class Fold:
    """The fold of one series. Every change of its state goes through begin, take, fail and end."""

    def __init__(self, rules: FoldRules, state: SeriesState, readings: Readings) -> None:
        self.rules = rules
        self.state = state
        self._readings = readings
        self._reviser = Reviser(rules, readings)
        self._astray = Astray(state, self._reviser)
        self._lists = Lists(rules, state, readings)
        self._parts = Parts(state, readings, self._reviser, self._lists.add_channel)
        self._late = Late(state, self._lists, self._reviser)
        self._twins = Twins(rules, state, readings)

    # ------------------------------------------------------------------------------------------------ runs

    def begin(
        self,
        run: str,
        at: datetime,
        record_id: str,
        lists: Iterable[str],
        entries: Sequence[Entry],
        origin: Origin = "live",
    ) -> list[Event]:
        """A run starts: settle one that was killed, take the lists it will ask for and the entries the profile names.

        origin: "import" where the captures were made by others and may be older than what the series heard since.
        """
        events: list[Event] = []
        if self.state.run_id:
            events = self._join()
            events += settle.settle(self.rules, self.state, at, record_id, walk=None)
        self.state.run_id = run
        self.state.run = RunState(run, at, origin)
        for place, url in enumerate(lists):
            self._lists.address(url)
            self.state.run.walk.order[url] = (place,)
        if entries:
            walk = self.state.run.walk
            walk.order[""] = (0,)
            events += self._lists.named("", entries, at, record_id)
        return events

    def end(self, at: datetime, record_id: str) -> list[Event]:
        """A run ends: order, subjects, failures and absences are settled."""
        run = self.state.run
        events = self._join()
        walk = run.walk if run else None
        if run and run.origin == "import":  # what lies in a file proves no absence, and moves nothing
            placed = any(a.position is not None for a in self.state.articles.values())
            events += settle.settle(self.rules, self.state, at, record_id, None if placed else walk, absences=False)
        else:
            events += settle.settle(self.rules, self.state, at, record_id, walk)
        for name in run.found if run else ():
            article = self.state.articles[name]
            if article.state == "captured" and article.gone_since is None:
                self._mark(article, "unchanged")  # the list alone proves it
        self.state.run_id = None
        return events

    def _join(self) -> list[Event]:
        """Compare what stands on several pages, then let what the run found under two addresses be one article."""
        events = self._parts.settle()
        joined = self._twins.join()
        if joined:
            self._lists.renamed(joined)
        return [told for told in events if told.article not in joined]

    # ------------------------------------------------------------------------------------------- statements

    def take(self, capture: Capture, statement: Statement) -> list[Event]:
        """Take what one capture says. An address of no role is kept as bytes and says nothing of the series."""
        address = self.state.address(capture.url)
        if address is None:
            return []
        if capture.url != address.url:
            capture = replace(capture, url=address.url)  # a WARC escapes what a request does not
        if isinstance(statement, Said):
            statement = replace(statement, reading=once(statement.reading))
        if is_late(self.state, address, capture):
            return self._late.take(address, capture, statement)
        article = self.state.articles.get(address.article or "")
        earlier: list[Event] = []
        if article is not None and origin_of(self.state, capture) != "live":
            earlier = self._parts.another_crawl(article, address, capture)
        return earlier + self._heard(address, article, capture, statement)

    def _heard(
        self, address: Address, article: ArticleState | None, capture: Capture, statement: Statement
    ) -> list[Event]:
        if article is not None and isinstance(statement, Said):
            channel = article.channels[address.channel or "page"]
            if is_older_copy(self._reviser, article, channel, address, capture, statement):
                return self._older_copy(address, article, channel, capture, statement)
            statement = self._astray.judged(article, channel, capture, statement)
        again = self._answered(address, capture, good=isinstance(statement, Said | Listing | Needs | Unchanged))
        if address.role == "list" or article is not None:
            block.hear(self.state, capture, statement, article)
        if address.role == "list":
            return self._lists.take(address, capture, statement)
        if article is None:
            self._requisite(address, statement, again=again)
            return []
        self.state.touch(article)
        channel = article.channels[address.channel or "page"]
        match statement:
            case Said():
                return self._said(article, channel, capture, statement)
            case Gone():
                return self._gone(article, channel, capture, statement)
            case Trouble():
                self._trouble(
                    article, capture.url, statement.reason, statement.detail, capture.fetched, capture.record_id
                )
                return []
            case Redirected():
                return self._redirected(article, channel, capture, statement)
            case _:  # Unchanged
                return self._unchanged(article, channel, capture)

    def _older_copy(
        self, address: Address, article: ArticleState, channel: Channel, capture: Capture, said: Said
    ) -> list[Event]:
        """Take an older copy: its text stands already, and has a witness more. What is asked next refers to the newest text."""
        self._answered(address, capture, good=False)
        block.hear(self.state, capture, said, article)
        self.state.touch(article)
        channel.unchanged = 0
        events = self._alive(article, channel, capture)
        _, more = self._reviser.recall(article, channel, capture, said.reading, origin_of(self.state, capture))
        return events + more

    def fail(self, url: str, reason: Reason, detail: str, at: datetime, record_id: str) -> list[Event]:
        """Take a fetch that brought no answer, or none that is whole."""
        address = self.state.address(url)
        if address is None:
            return []
        address.attempts += 1
        self.state.put(address)
        run = self.state.run
        if address.role == "list":
            if run:
                run.walk.whole = False
                run.failures[url] = Failure(url, reason, detail)
            return []
        article = self.state.articles.get(address.article or "")
        if article is not None:
            self._trouble(article, url, reason, detail, at, record_id)
        elif run:
            run.failures[url] = Failure(url, reason, detail)
        return []

    # ------------------------------------------------------------------------------------------- addresses

    def _answered(self, address: Address, capture: Capture, *, good: bool) -> bool:
        """Note the answer; a good one is what the next conditional request refers to, never a notice or a block page.

        That it is a record of our own: behind one by others that tells something else the request is not conditional.
        Returns whether the address had failed in this run before.
        """
        address.fetched = capture.fetched
        address.status = capture.status
        if address.role != "requisite":
            address.attempts = 0
        article = self.state.articles.get(address.article or "")
        if article is not None and capture.status in (200, 304):
            address.updated = article.updated
        if address.role == "list":
            self.state.lists_heard = max(capture.fetched, self.state.lists_heard or capture.fetched)
        if good and capture.status == 200 and origin_of(self.state, capture) != "live":
            address.supersede(capture.payload_digest)
        elif good and capture.status == 200 and address.role != "requisite":  # a whole one is never asked for again
            address.record_id = capture.record_id
            address.date = capture.fetched
            address.digest = capture.payload_digest
            address.etag = capture.etag
            address.last_modified = capture.last_modified
        self.state.put(address)
        run = self.state.run
        if run is None:
            return False
        run.refused.pop(address.url, None)
        return run.failures.pop(address.url, None) is not None

    def _requisite(self, address: Address, statement: Statement, *, again: bool) -> None:
        """Take what a requisite says. again: it failed in this run before, which counts as one attempt."""
        if isinstance(statement, Trouble) and statement.reason != "http-4xx":
            address.attempts += not again
            if self.state.run:
                self.state.run.failures[address.url] = Failure(address.url, statement.reason, statement.detail)
            return
        address.attempts = 0  # also where it is refused: kept as answered, the live page shows the same hole
        if isinstance(statement, Needs):
            need(self.rules, self.state, statement.requisites, address.url)
        elif isinstance(statement, Redirected):
            need(self.rules, self.state, [statement.location], address.url)

    # -------------------------------------------------------------------------------------------- articles

    def _said(self, article: ArticleState, channel: Channel, capture: Capture, said: Said) -> list[Event]:
        need(self.rules, self.state, said.requisites, capture.url)
        article.leads = None
        if said.part == 1 and channel.name == "page":
            article.claims = list(said.claims[:CLAIMS])
        channel.unchanged = 0
        events = self._alive(article, channel, capture)
        again = self._parts.repeated(article, channel, said.reading)
        if again is not None:
            detail = f"shows page {again} of the article in place of page {said.part}"
            self._trouble(article, capture.url, "source", detail, capture.fetched, capture.record_id)
            return events
        shorter = self._parts.follow(article, channel, capture, said)
        self._endless(article, channel, capture)
        if channel.digest == capture.payload_digest and not shorter:
            return events
        outcome, more = self._reviser.hear(
            article, channel, capture, said.reading, origin_of(self.state, capture), shorter=shorter, run=self.state.run
        )
        if outcome is not None:
            self._mark(article, outcome)
        return events + more

    def _endless(self, article: ArticleState, channel: Channel, capture: Capture) -> None:
        """Tell, as often as the page answers, that there are more behind it than are followed."""
        detail = self._parts.endless(channel)
        if detail is not None:
            self._trouble(article, capture.url, "too-long", detail, capture.fetched, capture.record_id)

    def _unchanged(self, article: ArticleState, channel: Channel, capture: Capture) -> list[Event]:
        if article.revisions == 0:  # nobody asked whether something had changed
            self._trouble(
                article, capture.url, "not-an-article", "HTTP 304, not asked for", capture.fetched, capture.record_id
            )
            return []
        channel.unchanged += 1
        events = self._alive(article, channel, capture)
        self._endless(article, channel, capture)
        return events

    def _alive(self, article: ArticleState, channel: Channel, capture: Capture) -> list[Event]:
        """The address answers as it should: nothing stands against the article."""
        article.last_checked = article.heard = capture.fetched
        channel.gone = None
        if article.trouble and article.trouble.url in (capture.url, channel.url):
            article.trouble = article.trouble_at = article.trouble_evidence = None
        if article.trouble is None:
            article.failing = article.failing_detail = None
        article.gone_since, article.gone_checks, article.gone_run = None, 0, None
        article.gone_evidence = []
        if article.state != "withdrawn":
            self._mark(article, "unchanged")
            return []
        article.state = "captured"
        self._mark(article, "restored")
        return [event(capture.fetched, "restored", article, capture.record_id)]

    def _gone(self, article: ArticleState, channel: Channel, capture: Capture, gone: Gone) -> list[Event]:
        lacking = part_of(channel.name) > 1 and channel.record_id is None
        if not lacking:
            channel.gone = gone.reason
        if article.revisions == 0 or lacking:
            self._trouble(article, capture.url, gone.reason, gone.detail, capture.fetched, capture.record_id)
            return []
        if self.state.run:
            self.state.run.refused[capture.url] = Failure(capture.url, gone.reason, gone.detail)
        if any(c.record_id and not c.gone for c in article.channels.values()):
            return []
        article.last_checked = capture.fetched
        self._mark(article, "gone")
        if article.state == "withdrawn":
            return []
        events = []
        if article.gone_since is None:
            article.gone_since = capture.fetched
            events.append(event(capture.fetched, "gone", article, capture.record_id))
        if article.gone_run != self.state.run_id or article.gone_checks == 0:
            article.gone_checks += 1
            article.gone_run = self.state.run_id
            article.gone_evidence.append(capture.record_id)
        long_enough = capture.fetched - article.gone_since >= timedelta(hours=self.rules.withdraw_hours)
        if article.gone_checks >= self.rules.withdraw_checks and long_enough:
            article.state = "withdrawn"
            self._mark(article, "withdrawn")
            events.append(event(capture.fetched, "withdrawn", article, *article.gone_evidence))
        return events

    def _trouble(
        self, article: ArticleState, url: str, reason: Reason, detail: str, at: datetime, record_id: str
    ) -> None:
        """Note a failure; whether it stands is settled when the run ends, for a later try may mend it."""
        article.trouble = Failure(url, reason, detail)
        if self.state.run:
            self.state.run.failures[url] = article.trouble
        article.trouble_at, article.trouble_evidence = at, record_id
        self.state.touch(article)

    def _redirected(
        self, article: ArticleState, channel: Channel, capture: Capture, statement: Redirected
    ) -> list[Event]:
        """Follow the article to its new address, unless that is the front page, a list or another article.

        One within a private network is not asked for, whatever it is: the run tells that it left it.
        """
        target = statement.location
        if self.rules.is_inside(target):
            return []
        known = self.state.address(target)
        front = urlsplit(target).path in ("", "/") and not urlsplit(target).query
        if front or (known is not None and known.role == "list"):
            return self._gone(article, channel, capture, Gone("soft-404", f"redirects to {target}"))
        if known is not None and known.article not in (None, article.id):
            article.leads = known.article
            self._trouble(
                article, capture.url, "not-an-article", f"redirects to another article, {target}",
                capture.fetched, capture.record_id,
            )  # fmt: skip
            return []
        if known is None or known.role in ("requisite", "other"):
            role: Role = "detail" if channel.name == "detail" else "page"
            self.state.put(Address(target, role, article.id, channel.name))
        if part_of(channel.name) == 1:
            self._lists.led(article, target)
        elif known is not None and known.article == article.id:
            self._led_back(article, channel, capture, target)
        return []

    def _led_back(self, article: ArticleState, channel: Channel, capture: Capture, target: str) -> None:
        """Leave a page that leads back to another one of its article: a number too many. One that had a text lacks it now."""
        if channel.record_id is None:
            drop_parts(self.state, self._readings, article, part_of(channel.name) - 1)
            return
        detail = f"redirects to another page of the article, {target}"
        self._trouble(article, capture.url, "not-an-article", detail, capture.fetched, capture.record_id)

    def _mark(self, article: ArticleState, outcome: str) -> None:
        if self.state.run:
            self.state.run.mark(article.id, outcome)  # type: ignore[arg-type]
