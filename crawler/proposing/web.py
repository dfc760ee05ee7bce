"""A web page to the source that reads it: a list, an article by itself, or what stands behind its scripts.

Takes   the page's answer, and those of what it led to.
Gives   a Proposal; Wanted, where a further answer tells.
Writes  nothing. Raises UsageError where the page lists nothing, SiteError where it is a wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive import clean
from archive.clean.page import Page as Head
from archive.errors import SiteError, UsageError
from archive.model import Entry, Reading

from ..scope import canonicalise
from ..sources import links
from ..sources.feed import looks_like_feed
from ..sources.json_api import looks_like_json
from ..sources.list_page import ListPage
from ..sources.protocol import SourceError
from ..sources.url_list import UrlList
from . import about, client, lists, scripts
from .anchors import Anchor, on_page
from .answer import Answer, Answers, Proposal, Told, Wanted
from .counted import Counted, counted, loads_more
from .groups import Found, find_list
from .paging import Turn, turns
from .prose import is_article
from .selectors import Chosen, choose, exact_ones

_NAMED = 3  # addresses that a warning names
_TURNS_TRIED = 2  # links that may lead to the next page and are looked at
_ITEMS_TRIED = 60  # selectors, on a piece of a page


@dataclass(frozen=True)
class Seen:
    """A page as it was looked at, taken apart once."""

    asked: str
    answer: Answer

    @cached_property
    def opened(self) -> clean.Opened:
        """The payload, decoded."""
        return clean.open_page(self.answer.body, self.answer.content_type, self.answer.url)

    @cached_property
    def page(self) -> links.Page:
        """The tree as readers of lists have it."""
        return links.read_page(self.answer.body, self.answer.url, self.answer.content_type)

    @cached_property
    def anchors(self) -> list[Anchor]:
        """Its links."""
        return on_page(self.page, self.answer.url)

    @cached_property
    def found(self) -> Found | None:
        """The list on it."""
        return find_list(self.anchors)

    @cached_property
    def head(self) -> Head:
        """What it says of itself."""
        return Head(self.page.root, self.answer.url)

    @cached_property
    def reading(self) -> Reading | clean.Refusal:
        """What the cleaner makes of it."""
        answer = self.answer
        return clean.read_page(
            answer.body, url=answer.url, content_type=answer.content_type, rules=clean.Rules(), opened=self.opened
        )


def propose_page(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    """Propose a source for a web page."""
    seen = Seen(asked, answer)
    if seen.page.root is None:
        raise UsageError(f"{asked}: the page is empty", action="another address")
    found = _of_client(seen, answers)
    if found is not None:
        return found
    if seen.found is None or not _is_plain(seen):
        _refuse_walls(seen)
    if is_article(seen.page.root, answer.url, seen.found):
        return _single(seen)
    if seen.found is None:
        return _behind(seen, answers)
    return _list(seen, seen.found, answers)


def _is_plain(seen: Seen) -> bool:
    """Tell whether a page lists so much that it cannot be a wall or a notice."""
    return seen.found is not None and len(seen.found.keys) >= 5


def _refuse_walls(seen: Seen) -> None:
    if isinstance(seen.reading, clean.Refusal):
        if seen.reading.kind == "blocked":
            raise SiteError(
                f"{seen.asked}: the site wants a login, or to see a person: “{seen.reading.detail}”",
                action="a profile with fetch.cookies or fetch.auth, or ask the publisher",
            )
        if seen.reading.kind == "soft-404":
            raise UsageError(
                f"{seen.asked}: the page says that it is not there: “{seen.reading.detail}”", action="another address"
            )


# -------------------------------------------------------------------------------------------------------------- client


def _of_client(seen: Seen, answers: Answers) -> Proposal | Wanted | None:
    table = client.by_page(seen.opened.text, seen.answer.url)
    return None if table is None else client.of_client(seen.asked, seen.answer, table, answers, is_sure=False)


# -------------------------------------------------------------------------------------------------------------- single


def _single(seen: Seen) -> Proposal:
    url = seen.answer.url
    reading = seen.reading if isinstance(seen.reading, Reading) else None
    entries = tuple(
        Entry(
            entry.key,
            entry.name,
            entry.url,
            title=reading.title if reading else None,
            published=reading.published if reading else None,
        )
        for entry in UrlList((url,)).entries()
    )
    proposal = Proposal(
        seen.asked,
        seen.answer.fetched,
        {"kind": Told("url-list"), "urls": Told([url], "the page is an article itself")},
        entries=entries,
    )
    if reading and reading.title:
        proposal.series["title"] = Told(reading.title, "the article's headline")
    proposal.warnings.append(
        "the page is one article, not a list: further instalments go into urls; the address of a list would find them by itself"
    )
    _describe(seen, proposal)
    return proposal


# ---------------------------------------------------------------------------------------------------------------- list


def _list(seen: Seen, found: Found, answers: Answers) -> Proposal | Wanted:
    """Propose a list page: its links, its next page, and whether a feed or an API knows more."""
    url = seen.answer.url
    chosen = choose(seen.anchors, found.anchors)
    turn = _turn(seen, found, chosen, answers)
    if isinstance(turn, Wanted):
        return turn
    way = None if turn else _numbers(seen, found, chosen, answers)
    if isinstance(way, Wanted):
        return way
    numbers, chosen = way or (None, chosen)
    entries = ListPage(url, chosen.css).read_list(url, seen.answer.body, seen.answer.content_type).entries
    better = None if turn or numbers else _more_than(seen, found, entries, answers)
    if isinstance(better, Wanted | Proposal):
        return better
    what = f"{len(entries)} articles" + (f", in {found.sections} parts of the page" if found.sections > 1 else "")
    source = {"kind": Told("list-page"), "url": Told(url), "item": Told(chosen.css, what)}
    proposal = Proposal(seen.asked, seen.answer.fetched, source, entries=entries)
    if turn:
        source["next"] = Told(turn.css, f"{turn.how}: {turn.url}")
        if answers[turn.url] is None:
            proposal.warnings.append(
                f"the next page, {turn.url}, was not seen: whether next leads on there is not known"
            )
    if numbers:
        source["more"] = Told(numbers.more, numbers.how)
        source |= {"page_start": Told(numbers.start, "number of the first page")} if numbers.start != 1 else {}
    elif turn is None and scripts.writes_pager(seen.page):
        proposal.warnings.append(
            "a script writes its pager: whether there are further pages is not known; next or more would name them"
        )
    elif turn is None and (words := loads_more(seen.page)) is not None:
        proposal.warnings.append(
            f"“{words}” loads further articles by a script, which are not found: more would name what it asks for "
            "(browser, developer tools, Network, XHR)"
        )
    proposal.warnings += _passed_over(seen, turn is not None or numbers is not None, answers)
    if chosen.beyond:
        beyond = ", ".join(sorted(chosen.beyond)[:_NAMED])
        proposal.warnings.append(f"item also takes links that seem not of the list: {beyond}")
    if chosen.missed:
        missed = ", ".join(sorted(chosen.missed)[:_NAMED])
        proposal.warnings.append(f"item misses links that seem of the list: {missed}")
    _describe(seen, proposal)
    return proposal


def _passed_over(seen: Seen, goes_on: bool, answers: Answers) -> list[str]:
    """Say why a feed that the page names is not taken."""
    feed = next(iter(links.feeds_of(seen.page.root, seen.answer.url)), None)
    if feed is None:
        return []
    if goes_on:
        why = "the list goes back further, page by page"
    elif answers.get(feed) is not None:
        why = "it does not name more than the page"
    else:
        why = "a feed names the newest alone"
    return [f"the page also names a feed, {feed}: {why}"]


def _turn(seen: Seen, found: Found, chosen: Chosen, answers: Answers) -> Turn | Wanted | None:
    """Choose the link to the next page: the first whose page lists further articles and does not lead back.

    Where that page cannot be seen, the surest link is taken as it is.
    """
    candidates = turns(seen.page, seen.answer.url, found.keys)
    for target in list(dict.fromkeys(turn.url for turn in candidates))[:_TURNS_TRIED]:
        if target not in answers:
            return Wanted(target, "the next page of the list")
        answer = answers[target]
        if answer is None:
            return next(turn for turn in candidates if turn.url == target)
        for turn in (one for one in candidates if one.url == target and answer.status == 200):
            if _leads_on(turn, seen, found, chosen, answer):
                return turn
    return None


def _numbers(seen: Seen, found: Found, chosen: Chosen, answers: Answers) -> tuple[Counted, Chosen] | Wanted | None:
    """Choose how further pages are counted: the first way whose second page lists further articles. Give the item, too."""
    for one in counted(seen.page, seen.answer.url)[:_TURNS_TRIED]:
        if one.second not in answers:
            return Wanted(one.second, "the second page of the list")
        answer = answers[one.second]
        if answer is None or answer.status != 200:
            continue
        others = exact_ones(seen.anchors, found.anchors)[:_ITEMS_TRIED] if one.piece else []
        for item in (chosen, *map(Chosen, others)):
            if _fresh(seen, found, item, answer):
                return one, item
    return None


def _fresh(seen: Seen, found: Found, chosen: Chosen, answer: Answer) -> bool:
    """Tell whether a page lists articles that the first one does not."""
    try:
        listing = ListPage(seen.answer.url, chosen.css).read_list(answer.url, answer.body, answer.content_type)
    except SourceError:
        return False
    return bool({entry.key for entry in listing.entries} - found.keys)


def _leads_on(turn: Turn, seen: Seen, found: Found, chosen: Chosen, answer: Answer) -> bool:
    """Tell whether the next page lists further articles, and its own link to the next does not lead back."""
    try:
        reader = ListPage(seen.answer.url, chosen.css, turn.css)
        listing = reader.read_list(answer.url, answer.body, answer.content_type)
    except SourceError:
        return False
    own = canonicalise(seen.answer.url)
    fresh = {entry.key for entry in listing.entries} - found.keys
    return bool(fresh) and not any(canonicalise(more) == own for more in listing.more)


def _more_than(seen: Seen, found: Found, entries: tuple[Entry, ...], answers: Answers) -> Proposal | Wanted | None:
    """Find what knows more than the page: the API that its "load more" asks, or its feed. A topic's page is taken as it is."""
    known = {entry.key for entry in entries}
    for address in scripts.api_addresses(seen.page, seen.answer.url):
        first = lists.first_page(address)
        if first not in answers:
            return Wanted(first, "an API that the page names")
        answer = answers[first]
        if answer is None or answer.status != 200 or not looks_like_json(answer.body, answer.content_type):
            continue
        asked = lists.api(answer)
        if asked is not None and 2 * len({canonicalise(one) for one in asked.rows.addresses} & known) >= len(known):
            return _of_api(seen, answer, asked)
    if found.sections > 1:
        return None
    for address in links.feeds_of(seen.page.root, seen.answer.url)[:1]:
        if address not in answers:
            return Wanted(address, "the feed that the page names")
        answer = answers[address]
        if answer is not None and answer.status == 200 and looks_like_feed(answer.body, answer.content_type):
            proposal = lists.feed(seen.asked, answer)
            if known < {entry.key for entry in proposal.entries}:
                proposal.source["url"] = Told(
                    answer.url,
                    f"names all {len(known)} articles of {seen.answer.url} and {len(proposal.entries) - len(known)} more",
                )
                _describe(seen, proposal)
                return proposal
    return None


def _of_api(seen: Seen, answer: Answer, found: lists.Api) -> Proposal:
    found.table["url"] = Told(
        found.table["url"].value, f"what {seen.answer.url} asks for more; {found.table['url'].why}".rstrip("; ")
    )
    proposal = Proposal(seen.asked, answer.fetched, found.table, entries=found.entries)
    _describe(seen, proposal)
    return proposal


# -------------------------------------------------------------------------------------------------------------- script


def _behind(seen: Seen, answers: Answers) -> Proposal | Wanted:
    """Look behind a page without a list: its feed, the APIs that it names, the JSON that it carries."""
    root, url = seen.page.root, seen.answer.url
    for address in links.feeds_of(root, url)[:1]:
        if address not in answers:
            return Wanted(address, "the feed that the page names")
        answer = answers[address]
        if answer is not None and answer.status == 200 and looks_like_feed(answer.body, answer.content_type):
            proposal = lists.feed(seen.asked, answer)
            _describe(seen, proposal)
            return proposal
    for address in scripts.api_addresses(seen.page, url):
        first = lists.first_page(address)
        if first not in answers:
            return Wanted(first, "an API that the page names")
        answer = answers[first]
        if answer is not None and answer.status == 200 and looks_like_json(answer.body, answer.content_type):
            found = lists.api(answer)
            if found is not None:
                return _of_api(seen, answer, found)
    rows = scripts.rows_inside(seen.page, url)
    if rows is not None:
        return _carried(seen, rows.addresses)
    raise UsageError(f"{seen.asked}: {_what(seen)}", action=_advice(seen))


def _carried(seen: Seen, addresses: tuple[str, ...]) -> Proposal:
    urls = list({canonicalise(url): url for url in addresses}.values())
    source = {"kind": Told("url-list"), "urls": Told(urls, "the JSON within the page names them")}
    proposal = Proposal(seen.asked, seen.answer.fetched, source, entries=UrlList(tuple(urls)).entries())
    proposal.warnings.append(
        "the list is made by a script from JSON within the page: these are today's addresses, and new ones are not found. "
        "If the page asks an API for more (browser, developer tools, Network, XHR), give its address to profile new"
    )
    _describe(seen, proposal)
    return proposal


def _what(seen: Seen) -> str:
    if scripts.comes_by_script(seen.opened.text):
        return f"no list of articles in its HTML ({len(seen.anchors)} links); its list comes by script"
    return f"no list of articles ({len(seen.anchors)} links, none like headlines that belong together)"


def _advice(seen: Seen) -> str:
    if scripts.comes_by_script(seen.opened.text):
        return "lianzai profile new API, the address of the JSON that the page asks for (browser: developer tools, Network, XHR)"
    return "the address of the list itself, or a profile by hand with source.item (docs/profile.md)"


# ------------------------------------------------------------------------------------------------------------ describe


def _describe(seen: Seen, proposal: Proposal) -> None:
    """Say what the page says of the series."""
    titles = [entry.title for entry in proposal.entries if entry.title]
    series = proposal.series
    told: dict[str, Told | None] = {
        "title": about.title_of(seen.head, titles),
        "publisher": about.publisher_of(seen.head),
        "language": about.language_of(seen.page.root, seen.head.language, titles),
    }
    for key, value in told.items():
        if value is not None:
            series.setdefault(key, value)
    proposal.around = around(seen)


def around(seen: Seen) -> str:
    """Give the words of the page around its list."""
    rows: list[Any] = list(seen.found.core.rows) if seen.found else []
    return about.words_around(seen.page.root, rows)
