"""What stands behind a page: the feed that it names, the APIs that its scripts ask, the JSON that it carries.

Takes   the page as it was looked at, and what it led to.
Gives   more_than, what knows more than the list of the page; behind, what has the list of a page without one.
Writes  nothing. Raises UsageError where nothing lists articles.
"""

from __future__ import annotations

from dataclasses import replace

from archive.clean import open_page
from archive.clean.evidence import letters_of
from archive.errors import UsageError
from archive.model import Entry

from ..scope import canonicalise, wire_url
from ..sources import links
from ..sources.feed import looks_like_feed
from ..sources.json_api import looks_like_json
from ..sources.url_list import UrlList
from . import lists, scripts
from .answer import Answer, Answers, Proposal, Told, Wanted
from .api import Api, api
from .api_pages import first_page
from .groups import Found
from .rows import Rows
from .seen import Seen, describe


def more_than(seen: Seen, found: Found, entries: tuple[Entry, ...], answers: Answers) -> Proposal | Wanted | None:
    """Find what knows more than the page: the API that its "load more" asks, or its feed. A topic's page is taken as it is."""
    known = {entry.key for entry in entries}
    for address in scripts.api_addresses(seen.page, seen.answer.url):
        first = first_page(address)
        if first not in answers:
            return Wanted(first, "an API that the page names")
        answer = answers[first]
        if answer is None or answer.status != 200 or not looks_like_json(answer.body, answer.content_type):
            continue
        asked = api(answer, answers)
        if isinstance(asked, Wanted):
            return asked
        if asked is not None and 2 * len({canonicalise(one) for one in asked.rows.addresses} & known) >= len(known):
            return _of_api(seen, answer, asked)
    if found.sections > 1:
        return None
    for address in links.feeds_of(seen.page.root, seen.answer.url)[:1]:
        if address not in answers:
            return Wanted(address, "the feed that the page names")
        answer = answers[address]
        if answer is not None and answer.status == 200 and looks_like_feed(answer.body, answer.content_type):
            proposal = lists.feed(seen.asked, answer, answers)
            if isinstance(proposal, Wanted):
                return proposal
            if known < {entry.key for entry in proposal.entries}:
                proposal.source["url"] = Told(
                    proposal.source["url"].value,
                    f"names all {len(known)} articles of {seen.answer.url} and {len(proposal.entries) - len(known)} more",
                )
                describe(seen, proposal)
                return proposal
    return None


def _of_api(seen: Seen, answer: Answer, found: Api) -> Proposal:
    found.table["url"] = Told(
        found.table["url"].value, f"what {seen.answer.url} asks for more; {found.table['url'].why}".rstrip("; ")
    )
    proposal = Proposal(seen.asked, answer.fetched, found.table, entries=found.entries)
    proposal.warnings += [found.note] if found.note else []
    describe(seen, proposal)
    return proposal


def behind(seen: Seen, answers: Answers) -> Proposal | Wanted:
    """Look behind a page without a list: its feed, the APIs that it names, the JSON that it carries."""
    root, url = seen.page.root, seen.answer.url
    for address in links.feeds_of(root, url)[:1]:
        if address not in answers:
            return Wanted(address, "the feed that the page names")
        answer = answers[address]
        if answer is not None and answer.status == 200 and looks_like_feed(answer.body, answer.content_type):
            proposal = lists.feed(seen.asked, answer, answers)
            if isinstance(proposal, Wanted):
                return proposal
            describe(seen, proposal)
            return proposal
    for address in scripts.api_addresses(seen.page, url):
        first = first_page(address)
        if first not in answers:
            return Wanted(first, "an API that the page names")
        answer = answers[first]
        if answer is not None and answer.status == 200 and looks_like_json(answer.body, answer.content_type):
            found = api(answer, answers)
            if isinstance(found, Wanted):
                return found
            if found is not None:
                return _of_api(seen, answer, found)
    rows = scripts.rows_inside(seen.page, url)
    if rows is None:
        raise UsageError(f"{seen.asked}: {_what(seen)}", action=_advice(seen))
    if not rows.slugged:
        return _carried(seen, dict(zip(rows.addresses, rows.titles, strict=True)), falling=rows.falling)
    addresses = _spelled_out(seen, rows, answers)
    if isinstance(addresses, Wanted):
        return addresses
    if addresses is None:
        what = f"the JSON within the page names {rows.count} articles by the last part of their addresses alone"
        raise UsageError(f"{seen.asked}: {what}", action="a profile by hand: kind url-list (docs/profile.md)")
    return _carried(seen, addresses, falling=rows.falling)


def _spelled_out(seen: Seen, rows: Rows, answers: Answers) -> dict[str, str] | Wanted | None:
    """Give the addresses of articles of which only the last part is known, with their headlines.

    They lie below the page or beside it: where one does, its page says its headline.
    """
    own = seen.answer.url.partition("?")[0]
    headline = letters_of(rows.titles[0])
    for base in (own.rstrip("/") + "/", own.rstrip("/").rpartition("/")[0] + "/"):
        found = {
            url: title for slug, title in zip(rows.addresses, rows.titles, strict=True) if (url := wire_url(slug, base))
        }
        first = next(iter(found))
        if first not in answers:
            return Wanted(first, "an article by the last part of its address")
        answer = answers[first]
        if answer is not None and answer.status == 200:
            text = open_page(answer.body, answer.content_type, answer.url).text
            if headline and headline in letters_of(text):
                return found
    return None


def _carried(seen: Seen, addresses: dict[str, str], *, falling: bool) -> Proposal:
    """Propose the articles of a page's JSON. addresses: with their headlines. falling: the newest first.

    A profile that names its articles names them in the order of the series.
    """
    urls = list({canonicalise(url): url for url in addresses}.values())
    if falling:
        urls.reverse()
    source = {"kind": Told("url-list"), "urls": Told(urls, "the JSON within the page names them")}
    entries = tuple(replace(one, title=addresses[one.url] or None) for one in UrlList(tuple(urls)).entries())
    proposal = Proposal(seen.asked, seen.answer.fetched, source, entries=entries)
    proposal.warnings.append(
        "the list is made by a script from JSON within the page: these are today's addresses, and new ones are not found. "
        "If the page asks an API for more (browser, developer tools, Network, XHR), give its address to profile new"
    )
    describe(seen, proposal)
    return proposal


def _what(seen: Seen) -> str:
    if scripts.comes_by_script(seen.opened.text):
        return f"no list of articles in its HTML ({len(seen.anchors)} links); its list comes by script"
    return f"no list of articles ({len(seen.anchors)} links, none like headlines that belong together)"


def _advice(seen: Seen) -> str:
    if scripts.comes_by_script(seen.opened.text):
        return "lianzai profile new API, the address of the JSON that the page asks for (browser: developer tools, Network, XHR)"
    return "the address of the list itself, or a profile by hand with source.item (docs/profile.md)"
