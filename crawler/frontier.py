"""What is fetched next, and what is not: the frontier of one run.

Takes   the fold's state, the profile's limits and the options of the command.
Gives   orders, each an address with the reason it is asked for; a report of what was skipped.
Writes  nothing. Pure but for its own counts: `now` is given.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from archive.events import emit
from archive.fold import Address, ArticleState, SeriesState
from archive.fold.bounds import NAMED
from archive.model import SKIPPED, Gone, Listing, Needs, Reason, Redirected, Role, Said, Statement

from .scope import location_url

if TYPE_CHECKING:
    from .profile import Profile
    from .scope import Scope

log = logging.getLogger(__name__)

# Lists first, for they tell what there is; then articles; what a page needs comes last.
PRIORITY: dict[str, int] = {"other": 40, "list": 30, "detail": 20, "page": 15, "requisite": 0}
_DECAY_SHARE = 0.1  # of an article's age (contract, fetch.recheck)
_DECAY_LEAST, _DECAY_MOST = timedelta(hours=1), timedelta(days=30)
_REQUISITE_ATTEMPTS = 5  # runs after which a requisite that never came is let be, unless --full
_TRUSTED = timedelta(days=30)  # how long the validators of a capture are sent: a site may lie with them
_TRUSTED_TIMES = 9  # answers 304 in a row, after which the tenth request wants the page itself
_PROBED_LISTS = 4  # lists of a probe: a robots.txt, an index and an index within it name no article themselves
_MAX_HOPS = 10  # redirects in a row; browsers stop at 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the command asks of the run.

    only: "missing" or "failed" articles. article: one article's id. probe: one list that names articles, and one of
    them, are enough.
    """

    full: bool = False
    only: Literal["missing", "failed"] | None = None
    article: str | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One address to fetch.

    attempt: 0 for the first try. conditional: send the validators of the last capture. via: addresses that redirected here.
    """

    url: str
    role: Role
    article: str | None = None
    attempt: int = 0
    conditional: bool = False
    via: tuple[str, ...] = ()


@dataclass(slots=True)
class Skipped:
    """What was not fetched and why, each address once.

    Lists and addresses of articles, whose number is bounded, are all named. What answers name in any number (entries that are no
    articles, requisites) is named so far as each reason has room, and counted behind that: more, by the address that named them.
    """

    reasons: dict[str, Reason] = field(default_factory=dict)
    more: Counter[tuple[str, Reason]] = field(default_factory=Counter)
    _named: Counter[Reason] = field(default_factory=Counter)

    def add(self, url: str, reason: Reason) -> None:
        """Note an address, unless it is noted."""
        if url not in self.reasons:
            emit(log, logging.INFO, "fetch.skipped", url=url, reason=reason)
            self.reasons[url] = reason

    def add_one_of_many(self, url: str, reason: Reason, by: str) -> None:
        """Note an address, or count it. by: the address that names it, or the series' own."""
        if url in self.reasons:
            return
        if self._named[reason] < NAMED:
            self._named[reason] += 1
            self.add(url, reason)
        else:
            self.more[by, reason] += 1

    def report(self) -> list[dict[str, Any]]:
        """Give the contract's form. `more`: how many addresses that `url` names are not named here."""
        named = [{"url": url, "reason": reason} for url, reason in self.reasons.items()]
        return named + [{"url": by, "reason": reason, "more": number} for (by, reason), number in self.more.items()]


class Frontier:
    """Known and not yet fetched."""

    def __init__(
        self, profile: Profile, state: SeriesState, scope: Scope, options: Options, now: datetime, max_lists: int
    ) -> None:
        self._fetch = profile.fetch
        self._state = state
        self._scope = scope
        self._options = options
        self._now = now
        self._max_lists = _PROBED_LISTS if options.probe else max_lists
        self._seen: set[str] = set()
        self._lists = 0
        self._planned: set[str] = set()
        self._newly_absent: set[str] = set()
        self.skipped = Skipped()

    # ------------------------------------------------------------------------------------------------ orders

    def start(self) -> list[Order]:
        """Give the first orders: the lists of the walk, what the profile itself names, and what a killed run left."""
        run = self._state.run
        orders = [] if self._options.article else self._lists_of(url for url in (run.walk.order if run else ()) if url)
        orders += self._due(a.id for a in self._state.in_order() if self._by_itself(a))
        if not self._options.only and not self._options.article:
            orders += self._requisites(a.url for a in self._state.addresses.values() if a.role == "requisite")
        return orders

    def after(self, order: Order, statement: Statement | None) -> list[Order]:
        """Give the orders that follow from what a capture says."""
        if self._state.run and order.url in self._state.run.left:
            self.skipped.add(order.url, "limit")  # it names more than the series takes
        match statement:
            case Listing():
                for entry in statement.entries:
                    if entry.skip in SKIPPED:
                        self.skipped.add_one_of_many(entry.url, entry.skip, order.url)
                ids = self._listed(order.url)
                return self._lists_of(self._onward(statement)) + self._due(ids) + self._due(self._absent())
            case Said():
                following = [statement.next_part] if statement.next_part else []
                article = self._state.articles.get(order.article or "")
                orders = [self._order(u, article) for u in following if article]
                return [o for o in orders if o] + self._requisites(statement.requisites)
            case Needs():
                return self._requisites(statement.requisites)
            case Redirected():
                return self._follow(order, statement.location) or self._ended(order)
            case Gone():
                return self._ended(order)
        return []

    def due_anyway(self) -> list[Order]:
        """Give the orders of the known articles that would be due if the lists named them again."""
        return self._due(a.id for a in self._state.in_order() if a.listed)

    def leave(self, order: Order, reason: Reason) -> None:
        """Note that an order is left to a later run, or to none."""
        if order.role != "requisite":
            self.skipped.add(order.url, reason)
            return
        run = self._state.run
        lists = run.walk.order if run else {}
        self.skipped.add_one_of_many(order.url, reason, next(filter(None, lists), order.url))

    def bar(self, order: Order, reason: Reason) -> None:
        """Note that an order is out of bounds; where an article led to it, that too, under the address that was asked first."""
        self.leave(order, reason)
        if order.via and order.role in ("page", "detail"):
            self.skipped.add(order.via[0], reason)

    def astray(self, order: Order, statement: Statement | None) -> str | None:
        """Say why a redirect leads nowhere; None where it leads on, or where the fold says what it means."""
        if not isinstance(statement, Redirected):
            return None
        if statement.location in (*order.via, order.url):
            return f"redirects in a circle, to {statement.location}"
        return f"redirects more than {_MAX_HOPS} times" if len(order.via) >= _MAX_HOPS else None

    def again(self, order: Order) -> Order | None:
        """Give the order once more, or None when its tries are used up."""
        return replace(order, attempt=order.attempt + 1) if order.attempt < self._fetch.retries else None

    def within_scope(self, location: str, base: str) -> str | None:
        """Give where a robots.txt redirects to, None where that is out of scope: of pages, or of requisites for theirs."""
        target = location_url(location, base)
        requisite = self._scope.decide(base, requisite=False) is not None
        return target if target and self._scope.decide(target, requisite=requisite) is None else None

    # --------------------------------------------------------------------------------------------------- due

    def _by_itself(self, article: ArticleState) -> bool:
        """Tell whether an article is looked at although no list of this run has named it yet."""
        if self._options.article:
            return article.id == self._options.article
        run = self._state.run
        named = run is not None and article.id in run.found  # the profile names its addresses
        return named or not article.listed or article.gone_since is not None or article.revisions == 0

    def _absent(self) -> list[str]:
        """Name the articles that the lists, now all read, name no longer.

        Whether they are gone is asked in this run. What has merely left a window is asked for when it is due.
        """
        run = self._state.run
        if run is None or not run.found or not run.walk.read():
            return []
        absent = [a.id for a in self._state.in_order() if a.listed and a.id not in run.found]
        if run.walk.complete():
            self._newly_absent.update(absent)
        return absent

    def _ended(self, order: Order) -> list[Order]:
        """Give the orders of what the lists no longer name, where one that is not there was the end of them."""
        return self._due(self._absent()) if order.role == "list" else []

    def _onward(self, listing: Listing) -> list[str]:
        """Give the further lists that the fold took into the walk: it leaves those that would only repeat."""
        order = self._state.run.walk.order if self._state.run else {}
        return [url for url in listing.more if url in order]

    def _listed(self, url: str) -> list[str]:
        run = self._state.run
        return run.walk.entries.get(url, []) if run else []

    def _due(self, ids: Iterable[str]) -> list[Order]:
        orders: list[Order] = []
        for article_id in ids:
            article = self._state.articles[article_id]
            if self._options.probe and self._planned:
                break
            if article_id in self._planned or not self._wanted(article):
                continue
            addresses = [a for c in article.channels.values() if (a := self._state.address(c.url)) is not None]
            wanted = [a for a in addresses if a.article == article_id and self._address_due(article, a)]
            if wanted:
                self._planned.add(article_id)
            orders += [o for o in (self._order(a.url, article) for a in wanted) if o]
        return orders

    def _wanted(self, article: ArticleState) -> bool:
        match self._options.only:
            case "missing":
                return article.revisions == 0
            case "failed":
                return article.state == "failed" or article.failing is not None
        return self._options.article in (None, article.id)

    def _address_due(self, article: ArticleState, address: Address) -> bool:
        """Tell whether one address of an article is fetched in this run."""
        if self._options.full or self._options.article or address.fetched is None:
            return True
        if article.failing or article.revisions == 0 or (article.gone_since and article.state != "withdrawn"):
            return True
        if address.updated != article.updated or article.id in self._newly_absent or self._listed_again(article):
            return True
        checked = article.last_checked or address.fetched
        if article.unlisted_at and checked <= article.unlisted_at:
            return True
        return self._now - address.fetched >= self._interval(article)

    def _listed_again(self, article: ArticleState) -> bool:
        """Tell whether a list of this run names what the lists had dropped: what was withdrawn may be back."""
        run = self._state.run
        return not article.listed and run is not None and article.id in run.found

    def _interval(self, article: ArticleState) -> timedelta:
        """Give how long an article is left alone (contract, fetch.recheck)."""
        recheck = self._fetch.recheck
        if recheck == "always":
            return timedelta(0)
        if recheck == "never":
            return timedelta.max
        if recheck != "decay":
            return timedelta(seconds=float(recheck))
        since = _moment(article.published) or article.captured or self._now
        return min(max((self._now - since) * _DECAY_SHARE, _DECAY_LEAST), _DECAY_MOST)

    # --------------------------------------------------------------------------------------------- addresses

    def _lists_of(self, urls: Iterable[str]) -> list[Order]:
        orders = []
        if self._options.probe:  # on to the first list that names an article
            named = self._state.run is not None and self._state.run.found
            urls = [] if named else [url for url in urls if url not in self._seen][:1]
        for url in urls:
            if url in self._seen:
                continue
            if self._lists >= self._max_lists:
                self.skipped.add(url, "limit")
                continue
            order = self._admit(Order(url, "list", conditional=False))
            if order:
                self._lists += 1
                orders.append(order)
        return orders

    def _order(self, url: str, article: ArticleState) -> Order | None:
        address = self._state.address(url)
        if address is None:
            return None
        return self._admit(Order(url, address.role, article.id, conditional=self._conditional(address, article)))

    def _conditional(self, address: Address, article: ArticleState) -> bool:
        """Tell whether to ask only for what is newer than the last capture."""
        if address.record_id is None or (address.date and self._now - address.date >= _TRUSTED):
            return False
        channel = article.channels.get(address.channel or "page")
        return channel is None or channel.unchanged < _TRUSTED_TIMES

    def _requisites(self, urls: Iterable[str]) -> list[Order]:
        if self._fetch.requisites == "none" or self._options.probe:
            return []
        orders = []
        for url in urls:
            address = self._state.address(url)
            if address is None or address.role != "requisite":
                continue
            if address.fetched is not None and not address.attempts:
                continue
            if address.attempts >= _REQUISITE_ATTEMPTS and not self._options.full:
                continue
            order = self._admit(Order(url, "requisite"))
            orders += [order] if order else []
        return orders

    def _follow(self, order: Order, target: str) -> list[Order]:
        following = replace(order, url=target, attempt=0, via=(*order.via, order.url))
        if self._decided(following) == "private":  # the fold knows nothing of such an address
            self.bar(following, "private")
            return []
        address = self._state.address(target)
        if address is None or address.role != order.role or self.astray(order, Redirected(target)):
            return []
        article = self._state.articles.get(order.article or "")
        conditional = article is not None and self._conditional(
            address, article
        )  # a list tells its entries in an answer only
        admitted = self._admit(replace(following, conditional=conditional))
        return [admitted] if admitted else []

    def _admit(self, order: Order) -> Order | None:
        """Let an address through once, if it is in scope."""
        if order.url in self._seen:
            return None
        self._seen.add(order.url)
        reason = self._decided(order)
        if reason is not None:
            self.bar(order, reason)
            return None
        return order

    def _decided(self, order: Order) -> Reason | None:
        """Say why an order is not in scope; None where it is."""
        return self._scope.decide(order.url, requisite=order.role == "requisite", is_list=order.role == "list")


def _moment(published: str | None) -> datetime | None:
    """Read a publication date; a bare day counts from its start in UTC, near enough for a tenth of an age."""
    if published is None:
        return None
    text = f"{published}T00:00:00+00:00" if len(published) == 10 else published
    return datetime.fromisoformat(text)
