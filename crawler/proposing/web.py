"""A web page to the source that reads it: a list, an article by itself, or what stands behind its scripts.

Takes   the page's answer, and those of what it led to.
Gives   a Proposal; Wanted, where a further answer tells.
Writes  nothing. Raises UsageError where the page lists nothing, SiteError where it is a wall.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive import clean
from archive.errors import SiteError, UsageError
from archive.model import Entry, Reading

from ..scope import canonicalise
from ..sources import links
from ..sources.list_page import ListPage
from ..sources.protocol import SourceError
from ..sources.url_list import UrlList
from . import client, scripts
from .addresses import kind_of
from .answer import Answer, Answers, Proposal, Told, Wanted
from .behind import behind, more_than
from .counted import Counted, counted, counted_by_itself, loads_more, number_of
from .groups import Found
from .paging import BY_SCRIPT, Turn, other_months, turns
from .prose import is_article
from .seen import Seen, describe
from .selectors import Chosen, choose, exact_ones

_NAMED = 3  # addresses that a warning names
_FRAMES = 3  # that are looked at
_TURNS_TRIED = 2  # links that may lead to the next page and are looked at
_ITEMS_TRIED = 60  # selectors, on a piece of a page


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
        return _framed(seen, answers) or behind(seen, answers)
    return _list(seen, seen.found, answers)


def propose_pieces(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted | None:
    """Propose a source for an answer that holds pieces of a web page in JSON; None where they list nothing."""
    seen = Seen(asked, answer)
    if seen.page.root is None or seen.found is None:
        return None
    return _list(seen, seen.found, answers)


def _framed(seen: Seen, answers: Answers) -> Proposal | Wanted | None:
    """Propose the list of a frame, where the page is made of frames; None where no frame of the site has one."""
    sources = (frame.get("src") for frame in seen.page.root.iter("frame", "iframe"))
    targets = dict.fromkeys(target for src in sources if (target := seen.page.absolute(src)))
    for target in [one for one in targets if kind_of(one, seen.answer.url) != "off-site"][:_FRAMES]:
        if target not in answers:
            return Wanted(target, "a frame of the page")
        answer = answers[target]
        inner = Seen(seen.asked, answer) if answer is not None and answer.status == 200 else None
        if inner is None or inner.page.root is None or inner.found is None:
            continue
        proposal = _list(inner, inner.found, answers)
        if isinstance(proposal, Proposal):
            proposal.warnings.append(f"the list is in a frame of the page, {inner.answer.url}")
            words = proposal.around
            describe(seen, proposal)
            proposal.around += f"\n{words}"
        return proposal
    return None


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
    describe(seen, proposal)
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
    better = None if turn or numbers else more_than(seen, found, entries, answers)
    if isinstance(better, Wanted | Proposal):
        return better
    what = f"{len(entries)} articles" + (f", in {found.sections} parts of the page" if found.sections > 1 else "")
    source = {"kind": Told("list-page"), "url": Told(url), "item": Told(chosen.css, what)}
    proposal = Proposal(seen.asked, seen.answer.fetched, source, entries=entries)
    if turn:
        source["next"] = Told(turn.css, f"{turn.how}: {turn.url}")
    if numbers:
        source["url" if numbers.own else "more"] = Told(numbers.more, numbers.how)
        source |= {"page_start": Told(numbers.start, "number of the first page")} if numbers.start != 1 else {}
    proposal.warnings += _of_further_pages(seen, turn, numbers, chosen, answers)
    proposal.warnings += _passed_over(seen, turn is not None or numbers is not None, answers)
    proposal.warnings += _of_item(chosen)
    describe(seen, proposal)
    return proposal


def _of_further_pages(
    seen: Seen, turn: Turn | None, numbers: Counted | None, chosen: Chosen, answers: Answers
) -> Iterator[str]:
    """Say what is not known of the pages before and after this one."""
    if turn and answers[turn.url] is None:
        yield f"the next page, {turn.url}, was not seen: whether next leads on there is not known"
    elif turn and turn.how == BY_SCRIPT and not _further(turn, seen, chosen, answers):
        yield f"{turn.url} names no further page: what a script would fetch behind it is not found"
    elif turn is None and numbers is None and scripts.writes_pager(seen.page):
        yield "a script writes its pager: whether there are further pages is not known; next or more would name them"
    elif turn is None and numbers is None and (month := other_months(seen.page, seen.answer.url)) is not None:
        yield f"the page is of one month, and no selector leads from each to the one before it: {month} is not read"
    elif turn is None and numbers is None and (words := loads_more(seen.page)) is not None:
        yield (
            f"“{words}” loads further articles by a script, which are not found: more would name what it asks for "
            "(browser, developer tools, Network, XHR)"
        )
    if (number := number_of(seen.answer.url) or 1) > 1 and not (numbers and numbers.own):
        yield f"the address is that of page {number}: what stands on the pages before it is not found"


def _of_item(chosen: Chosen) -> Iterator[str]:
    """Say where the selector does not take just what belongs to the list."""
    for keys, told in (
        (chosen.beyond, "also takes links that seem not of"),
        (chosen.missed, "misses links that seem of"),
    ):
        if keys:
            yield f"item {told} the list: {', '.join(sorted(keys)[:_NAMED])}"


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
    url = seen.answer.url
    for one in filter(None, (*counted(seen.page, url)[:_TURNS_TRIED], counted_by_itself(url))):
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


def _further(turn: Turn, seen: Seen, chosen: Chosen, answers: Answers) -> bool:
    """Tell whether the next page, which was seen, names one after it."""
    answer = answers[turn.url]
    reader = ListPage(seen.answer.url, chosen.css, turn.css)
    return answer is not None and bool(reader.read_list(answer.url, answer.body, answer.content_type).more)


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
