"""From an address and what it answers to a profile: which kind of source it is, and what is known of the series.

Takes   an address, and the answers so far.
Gives   a Proposal; Wanted, where a further answer tells.
Writes  nothing; pure: the same answers give the same proposal.

Errors: UsageError for what is no list (exit 2), SiteError for what the site does not give (exit 5).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from urllib.parse import urlsplit

from archive.clean import open_page
from archive.clean.refusal import judge_medium
from archive.clean.rules import Refusal
from archive.errors import SiteError, UsageError
from archive.model import Entry

from ..sources.feed import looks_like_feed
from ..sources.json_api import looks_like_json
from ..sources.protocol import SourceError
from ..sources.sitemap import looks_like_sitemap
from . import about, client, counting, lists
from .addresses import is_private, kind_of
from .answer import Answer, Answers, Proposal, Told, Wanted
from .api import api_proposal, no_list
from .articles import look_at
from .web import propose_page, propose_pieces

_ASKED_TO_LEAVE = (401, 403, 407, 429, 451)


def propose(url: str, answers: Answers) -> Proposal | Wanted:
    """Propose a profile for an address. answers: of url at least."""
    answer = answers[url]
    if answer is None:
        raise SiteError(f"{url}: no answer", action=f"lianzai profile new {url}, later")
    _refuse_status(url, answer)
    proposal = _source(url, answer, answers)
    if isinstance(proposal, Wanted):
        return proposal
    if not proposal.entries:
        raise UsageError(f"{url}: its list names no article", action="another address")
    proposal.is_private = is_private(url)
    _series(proposal, answer)
    _scope(proposal, answer)
    _whole(proposal)
    return _with_article(proposal, answers)


def _source(url: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    body, content_type = answer.body, answer.content_type
    table = client.by_address(answer.url)
    if table is not None:
        found = client.of_client(url, answer, table, answers, is_sure=True)
        if found is not None:
            return found
    if looks_like_feed(body, content_type):
        return lists.feed(url, answer, answers)
    if looks_like_sitemap(body, content_type):
        return lists.sitemap(url, answer, answers)
    if looks_like_json(body, content_type):
        return _of_json(url, answer, answers)
    opened = open_page(body, content_type, answer.url)
    refused = judge_medium(content_type, opened.text, opened.undecoded, opened.is_markup)
    if isinstance(refused, Refusal) or not opened.is_markup:
        what = refused.detail if refused else "plain text"
        raise UsageError(
            f"{url}: {what}; expected a page, a feed, a sitemap or JSON that lists articles", action="another address"
        )
    return propose_page(url, answer, answers)


def _of_json(url: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    """Propose an API, or a list whose pieces come as HTML within JSON."""
    try:
        found = api_proposal(url, answer, answers) or propose_pieces(url, answer, answers)
    except SourceError as error:
        raise UsageError(f"{url}: {error.detail}", action="another address") from error
    if found is None:
        raise no_list(url)
    return found


def _refuse_status(url: str, answer: Answer) -> None:
    status = answer.status
    if status == 200:
        return
    if status in (404, 410):
        raise UsageError(f"{url}: HTTP {status}: there is no such page", action="another address")
    if status in _ASKED_TO_LEAVE:
        raise SiteError(
            f"{url}: HTTP {status}: the site refuses us",
            action="a profile with fetch.cookies or fetch.auth, or ask the publisher",
        )
    raise SiteError(f"{url}: HTTP {status}", action=f"lianzai profile new {url}, later")


def _series(proposal: Proposal, answer: Answer) -> None:
    """Fill in what the entries say of the series: language, zone, count, subjects, rhythm."""
    series = proposal.series
    titles = [entry.title for entry in proposal.entries if entry.title]
    if "title" not in series:
        series["title"] = Told(
            urlsplit(answer.url).hostname or answer.url, "nothing names the series: write its title here"
        )
    if "language" not in series and (language := about.language_of(None, None, titles)) is not None:
        series["language"] = language
    language_told = series["language"].value if "language" in series else None
    if "timezone" not in series and (zone := about.zone_of(answer.url, language_told)) is not None:
        series["timezone"] = zone
    expected = counting.expected_of(f"{series['title'].value}\n{proposal.around}", titles)
    whole = proposal.kind != "url-list" and proposal.kind != "sitemap"
    if expected is not None and whole:
        series["expected"] = expected
        if (subjects := counting.subjects_of(titles, expected)) is not None:
            series["subjects"] = subjects
    elif whole and (subjects := counting.subjects_of(titles, None)) is not None:
        series["subjects"] = subjects
    if whole and (cadence := counting.cadence_of(_days(proposal.entries), answer.fetched.date())) is not None:
        series["cadence"] = cadence


def _whole(proposal: Proposal) -> None:
    """Say so where the series is said to be longer than its list, and nothing leads to what is not on it."""
    expected, count = proposal.series.get("expected"), len(proposal.entries)
    leads_on = {"next", "more"} & set(proposal.source) or "{" in str(proposal.source.get("url", Told("")).value)
    if (
        expected is not None
        and expected.sure
        and expected.value > count
        and proposal.kind != "henandaily"
        and not leads_on
    ):
        proposal.warnings.append(
            f"{expected.why}, and the list names {count}: nothing seen leads to the other {expected.value - count}; "
            "they may be still to come, or on pages that only a script asks for"
        )


def _scope(proposal: Proposal, answer: Answer) -> None:
    """Let articles on other sites be fetched where most are there; say so where only some are.

    Of a list in a private network nothing is let in: with allow_private, the scope would open whatever host the page names.
    """
    if proposal.kind == "url-list":
        return
    away = [entry.url for entry in proposal.entries if entry.url and kind_of(entry.url, answer.url) == "off-site"]
    if proposal.is_private or 2 * len(away) <= len(proposal.entries):
        if away:
            proposal.warnings.append(f"{len(away)} of the articles lead off the site, and are skipped: {away[0]}, …")
        return
    hosts = Counter(urlsplit(url).netloc for url in (*away, answer.url))
    patterns = [f"^https?://{re.escape(host)}/" for host, _ in hosts.most_common()]
    proposal.scope["include"] = Told(patterns, "most articles lie on another host than their list")


def _days(entries: tuple[Entry, ...]) -> list[date]:
    return [date.fromisoformat(entry.published[:10]) for entry in entries if entry.published]


def _with_article(proposal: Proposal, answers: Answers) -> Proposal | Wanted:
    """Look at the first article: what the cleaner makes of it."""
    if proposal.kind == "henandaily" or (proposal.kind == "url-list" and len(proposal.entries) == 1):
        return proposal
    first = proposal.entries[0]
    if not first.url:
        return proposal
    if first.url not in answers:
        return Wanted(first.url, "the first article")
    answer = answers[first.url]
    if answer is None or answer.status != 200:
        how = "was not seen" if answer is None else f"gives HTTP {answer.status}"
        proposal.warnings.append(f"the first article, {first.url}, {how}")
        return proposal
    language = proposal.series["language"].value if "language" in proposal.series else None
    zone = proposal.series["timezone"].value if "timezone" in proposal.series else None
    seen = look_at(answer, first, language, zone)
    proposal.article |= seen.rules
    proposal.warnings += seen.warnings
    proposal.note = seen.note
    if seen.reading is not None and (spoken := about.language_of_article(seen.reading.text, language)) is not None:
        proposal.series["language"] = spoken
    return proposal
