"""The state of one series between two captures: articles, addresses, and the run that is going on.

It is kept small, for a series may have 20,000 instalments: readings and revisions lie in the ledger and are asked for through
Readings only where two texts are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal, Protocol

from ..index.post import question_of
from ..model import Author, Capture, Event, Origin, Reading, Reason, Role, State
from .bounds import requisite_weight

Outcome = Literal["unchanged", "gone", "withdrawn", "restored", "revised", "captured", "failed"]
Kin = tuple[str, tuple[str, ...]]
# An article counts once a run; what stands further right wins.
_RANK: dict[str, int] = {
    name: i for i, name in enumerate(("unchanged", "gone", "failed", "withdrawn", "restored", "revised", "captured"))
}


@dataclass(frozen=True, slots=True)
class FoldRules:
    """What of a profile decides what captures mean for the series.

    withdraw_checks, withdraw_hours: how often (once a run) and how long an article must be seen gone. given_order: the
    source's order is the series' order (a list of addresses written by a person). canonicalise: one key per address. kin:
    one key for all addresses that may be one page's, such as a mobile site's: the page, and what its query asks for. is_inside:
    whether an address is in a private network, and so never asked for. max_articles: that the series takes, of what its lists
    name; what a profile names itself is always taken. max_lists: list answers that a run asks for. These two bound all that
    grows with what answers name.
    """

    series: str
    subjects: tuple[str, ...] = ()
    expected: int | None = None
    withdraw_checks: int = 3
    withdraw_hours: float = 24
    given_order: bool = False
    canonicalise: Callable[[str], str] = str
    kin: Callable[[str], Kin] = lambda url: (url, ())
    is_inside: Callable[[str], bool] = lambda _: False
    max_articles: int = 25_000
    max_lists: int = 10_000


@dataclass(slots=True)
class Address:
    """One address and what is known of it. record_id … last_modified: of its last whole capture with status 200."""

    url: str
    role: Role
    article: str | None = None
    channel: str | None = None
    record_id: str | None = None
    date: datetime | None = None
    digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched: datetime | None = None
    status: int | None = None
    updated: str | None = None
    attempts: int = 0

    def supersede(self, digest: str) -> None:
        """Hear of a newer payload that is in no record of ours: unless it is the same, a 304 would now mislead."""
        if digest != self.digest:
            self.record_id = self.date = self.digest = self.etag = self.last_modified = None


@dataclass(slots=True)
class Channel:
    """One way in which an article speaks: its API detail, its page, a further page.

    record_id, digest, captured, origin: of the capture that it was read from last. gone: why it speaks no more.
    unchanged: answers 304 in a row, which a lying ETag could give for ever. endless: it has a next page, and is the last that is
    followed.
    """

    name: str
    url: str
    record_id: str | None = None
    digest: str | None = None
    captured: datetime | None = None
    gone: str | None = None
    origin: Origin = "live"
    unchanged: int = 0
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """That pages of an article changed, which is compared when all have answered.

    record_id, at: of the last capture that says so. since: answers from then on count as heard with it.
    """

    record_id: str
    at: datetime
    since: datetime

    @classmethod
    def by(cls, capture: Capture, before: Changed | None, run: RunState | None) -> Changed:
        """Note a capture, behind what was noted before. Captures by others are older than the run that brings them."""
        since = run.started if run is not None and run.started <= capture.fetched else capture.fetched
        return cls(capture.record_id, capture.fetched, before.since if before else since)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed address of a run, for its report."""

    url: str
    reason: Reason
    detail: str


@dataclass(slots=True)
class ArticleState:
    """One article.

    seq: order in which the home came to know it. updated: what its own entry says, or a promoted copy's where only copies
    are listed (own_listed False). shown: number of the revision shown, the newest by time of capture; 0 where there is
    none. heard: time of the newest capture that tells a text of it; captured: of the oldest. origin: of the capture that
    the revision shown rests on. claims: addresses that its page gave as its own last. leads: the article that its address
    redirects to. trouble: a failure of this run, settled at its end. changed: what stands to be compared, of an article on
    several pages.
    """

    id: str
    key: str
    name: str
    url: str
    seq: int
    detail: str | None = None
    aliases: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    position: int | None = None
    subject: str | None = None
    scores: dict[str, int] = field(default_factory=dict)
    title: str | None = None
    published: str | None = None
    published_precision: str | None = None
    authors: tuple[Author, ...] = ()
    list_title: str | None = None
    list_authors: tuple[Author, ...] = ()
    updated: str | None = None
    own_listed: bool = False
    listed: bool = True
    unlisted_at: datetime | None = None
    state: State = "found"
    origin: Origin = "live"
    revisions: int = 0
    shown: int = 0
    heard: datetime | None = None
    captured: datetime | None = None
    last_checked: datetime | None = None
    text_sha256: str | None = None
    channels: dict[str, Channel] = field(default_factory=dict)
    gone_since: datetime | None = None
    gone_checks: int = 0
    gone_run: str | None = None
    gone_evidence: list[str] = field(default_factory=list)
    trouble: Failure | None = None
    trouble_at: datetime | None = None
    trouble_evidence: str | None = None
    failing: str | None = None
    failing_detail: str | None = None
    claims: list[str] = field(default_factory=list)
    leads: str | None = None
    changed: Changed | None = None

    @property
    def is_on_pages(self) -> bool:
        """Whether it stands on several pages."""
        return any(name.startswith("page:") for name in self.channels)

    @property
    def lacks_a_page(self) -> bool:
        """Whether a further page of it is known and was never read."""
        return any(c.name.startswith("page:") and not c.record_id for c in self.channels.values())


@dataclass(frozen=True, slots=True)
class Witness:
    """One capture that says what a revision says."""

    channel: str
    record_id: str
    uri: str
    captured: datetime
    digest: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Revision:
    """One differing version of an article. record_id: the capture that the reading was taken from."""

    number: int
    fetched: datetime
    record_id: str
    reading: Reading
    witnesses: tuple[Witness, ...]


class Readings(Protocol):
    """Where readings and revisions lie; the ledger, or a dictionary in tests."""

    def reading(self, article: str, channel: str) -> Reading | None:
        """Give the last reading of a channel."""

    def keep_reading(self, article: str, channel: str, reading: Reading) -> None:
        """Keep the last reading of a channel in place of the one before."""

    def forget_reading(self, article: str, channel: str) -> None:
        """Forget what a channel said that is no more."""

    def revision(self, article: str, number: int) -> Revision | None:
        """Give one revision."""

    def keep_revision(self, article: str, revision: Revision) -> None:
        """Keep a revision, or complete the one of that number."""


@dataclass(slots=True)
class Walk:
    """The walk of a run over the series' lists.

    order: place of each list address, as a path from its seed, for answers arrive in any order. entries: article ids
    that each read list names. evidence: records of the first lists that were read. whole: no list answer failed. window: a list
    says that it shows a part only, or not all that the lists name was taken. counted: addresses of further pages that no list
    names, only the count of those before.
    """

    order: dict[str, tuple[int, ...]] = field(default_factory=dict)
    entries: dict[str, list[str]] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    whole: bool = True
    window: bool = False
    counted: dict[str, None] = field(default_factory=dict)

    def read(self) -> bool:
        """Tell whether every list address of the walk was read."""
        return self.whole and bool(self.entries) and all(url in self.entries for url in self.order)

    def complete(self) -> bool:
        """Tell whether every list address of the walk was read, and they name all there is."""
        return self.read() and not self.window

    def articles(self) -> list[str]:
        """Give the ids in the order of the lists; one that several lists name stands where the deepest of them has it."""
        depth: dict[str, int] = {}
        paths = sorted(self.entries, key=lambda url: self.order.get(url, ()))
        for url in paths:
            for article in self.entries[url]:
                depth[article] = max(depth.get(article, 0), len(self.order.get(url, ())))
        done: dict[str, None] = {}
        for url in paths:
            for article in self.entries[url]:
                if depth[article] == len(self.order.get(url, ())):
                    done.setdefault(article)
        return list(done)


@dataclass(slots=True)
class RunState:
    """The run that is going on.

    origin: where its captures come from: "live" of a crawl, "import" of files by others. left: addresses whose answers named
    more than the series takes (FoldRules); the crawl that is going on reports them, and the ledger does not keep them.
    """

    id: str
    started: datetime
    origin: Origin = "live"
    walk: Walk = field(default_factory=Walk)
    found: dict[str, None] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    refused: dict[str, Failure] = field(default_factory=dict)  # by one address of an article that others still tell
    left: dict[str, None] = field(default_factory=dict)

    def mark(self, article: str, outcome: Outcome) -> None:
        """Note what came of an article, unless something graver is noted."""
        if _RANK[outcome] >= _RANK[self.outcomes.get(article, "unchanged")]:
            self.outcomes[article] = outcome

    def count(self, outcome: Outcome) -> int:
        """Count the articles of which this came."""
        return sum(1 for o in self.outcomes.values() if o == outcome)


@dataclass(slots=True)
class Block:
    """How the site stands to us (block.py).

    row: refusals in a row, the last with its time and record. heard: whether the run got any other answer. until: up to when the
    site is to be left alone, or None; since, evidence: of the answer that began it; run, times: the last run that found it so,
    and how many did; told: whether the history has it. asked: the first address of the run that is for a later one, with the
    time of its answer, the seconds that this asked for, and its record.
    """

    row: int = 0
    row_at: datetime | None = None
    row_evidence: str | None = None
    heard: bool = False
    until: datetime | None = None
    since: datetime | None = None
    evidence: str | None = None
    run: str | None = None
    times: int = 0
    told: bool = False
    asked: str | None = None
    asked_at: datetime | None = None
    asked_s: float = 0.0
    asked_evidence: str | None = None


@dataclass(slots=True)
class SeriesState:
    """All that the fold knows of one series.

    lists_heard: time of the newest answer of a list. requisites: what those among the addresses weigh. looked: so many
    addresses, from the first on, have no capture by others that waits to be read (addresses stand in the order in which they
    came to be known). dirty_*, dropped: what changed since the ledger took it last, and the articles that were found to be
    another one.
    """

    articles: dict[str, ArticleState] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    site_title: str | None = None
    lists_heard: datetime | None = None
    requisites: int = 0
    looked: int = 0
    run_id: str | None = None
    run: RunState | None = None
    missing: tuple[str, ...] = ()
    complete: bool | None = None
    block: Block = field(default_factory=Block)
    dirty_articles: set[str] = field(default_factory=set)
    dirty_addresses: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)

    def touch(self, *articles: ArticleState) -> None:
        """Mark articles as changed."""
        self.dirty_articles.update(a.id for a in articles)

    def address(self, url: str) -> Address | None:
        """Give what is known of an address, as asked or as a WARC has it; of a POST, whoever asked, in whatever spelling."""
        return self.addresses.get(question_of(url))

    def put(self, address: Address) -> Address:
        """Add an address, or change one. Addresses are keyed by what they ask, as a record tells it."""
        key = question_of(address.url)
        for one, change in ((self.addresses.get(key), -1), (address, 1)):
            if one is not None and one.role == "requisite":
                self.requisites += change * requisite_weight(one.url)
        self.addresses[key] = address
        self.dirty_addresses.add(key)
        return address

    def in_order(self) -> list[ArticleState]:
        """Give the articles in the series' order; those without a position yet come last, as they were found."""
        return sorted(self.articles.values(), key=lambda a: (a.position is None, a.position or 0, a.seq))


def article_id(series: str, key: str, name: str, taken: Container[str] = ()) -> str:
    """Make an article's id: a short hash of the series and the source's own name, and that name made safe for file names.

    taken: ids of other articles, where two hashes fall together the later one gets a longer hash.

    >>> article_id("chucai-wangxin", "content_126-38294-1", "content_126-38294-1")[6:]
    '-content_126-38294-1'
    """
    digest = sha256(f"{series}\n{key}".encode()).hexdigest()
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else "_" for c in name).strip("._-")[:60]
    for length in (6, 12, 64):
        made = f"{digest[:length]}-{safe}" if safe else digest[:length]
        if made not in taken:
            return made
    raise AssertionError(f"sha256 collision at {key}")


def event(at: datetime, kind: str, article: ArticleState, *evidence: str | None, **more: object) -> Event:
    """Make an event of an article."""
    return Event(at=at, kind=kind, article=article.id, evidence=tuple(e for e in evidence if e), **more)  # type: ignore[arg-type]
