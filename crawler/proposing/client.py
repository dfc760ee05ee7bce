"""The special topics and channels of the Henan Daily client, by address, by page or by the API's answer.

Takes   an address, the body of its answer.
Gives   the tables of a source of the kind henandaily that it may be; of_client, the Proposal where the API answers.
Writes  nothing. Source: client code and recorded answers, as crawler/sources/henandaily.py.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from archive.errors import UsageError

from ..profile.source_tables import HENANDAILY_API, Henandaily
from ..scope import registered_domain
from ..sources.henandaily import HenanDaily
from ..sources.protocol import SourceError
from .answer import Answer, Answers, Proposal, Told, Wanted

_CALL = re.compile(r"(?P<base>.*/)v[12]/content/(?:getSpecialContent|getcategorylist)")
_API = re.compile(r"""["'(=]\s*(?P<base>(?:https?:)?//[\w.:-]+/(?:[\w/-]+/)??)v[12]/content/get""")
_SPECIAL = re.compile(r"""special_?id["']?\s*[:=,]\s*["']?(special_\d+)""", re.I)
_CHANNEL = re.compile(r"""cat_?id["']?\s*[:=,]\s*["']?((?:content|special)_\d+)""", re.I)
_SITE = registered_domain(urlsplit(HENANDAILY_API).hostname or "")


def by_address(url: str) -> dict[str, Told] | None:
    """Give the source that an address of the API asks for; None where it is none of its lists."""
    parts = urlsplit(url)
    call = _CALL.fullmatch(f"{parts.scheme}://{parts.netloc}{parts.path}")
    asked = dict(parse_qsl(parts.query))
    for key in ("special_id", "cat_id"):
        if call and asked.get(key):
            return _table(key, asked[key], call["base"], f"{key} of the address")
    return None


def by_page(text: str, url: str) -> dict[str, Told] | None:
    """Give the source that a web page is filled from; None where it names none, or several.

    A page counts only where it is the client's own, or calls the API by its address.
    """
    api = _API.search(text)
    parts = urlsplit(url)
    if api is None and registered_domain(parts.hostname or "") != _SITE:
        return None
    base = api["base"] if api else HENANDAILY_API
    base = f"{parts.scheme}:{base}" if base.startswith("//") else base
    for key, pattern in (("special_id", _SPECIAL), ("cat_id", _CHANNEL)):
        found = set(pattern.findall(text))
        if len(found) == 1:
            return _table(key, found.pop(), base, f"the page's script asks the API for this {key}")
    return None


def _table(key: str, value: str, base: str, why: str) -> dict[str, Told]:
    table = {
        "kind": Told("henandaily", "the client's JSON API: it has what its pages show, and more"),
        key: Told(value, why),
    }
    if base != HENANDAILY_API:
        table["base_url"] = Told(base, "where this API is")
    return table


def of_client(
    asked: str, answer: Answer, table: dict[str, Told], answers: Answers, *, is_sure: bool
) -> Proposal | Wanted | None:
    """Propose a topic or channel of the client, where its API answers; else None, or UsageError where is_sure."""
    values = Henandaily.model_validate({key: told.value for key, told in table.items()})
    source = HenanDaily(values.base_url, values.special_id, values.cat_id)
    seed = source.seeds()[0]
    if seed not in answers:
        return Wanted(seed, "the client's API")
    told = answers[seed]
    try:
        if told is None or told.status != 200:
            raise SourceError("source", "the API does not answer")
        listing = source.read_list(seed, told.body, told.content_type)
    except SourceError as error:
        if is_sure:
            raise UsageError(f"{asked}: {error.detail}", action="another special_id or cat_id") from error
        return None
    entries = tuple(entry for entry in listing.entries if entry.skip is None)
    proposal = Proposal(asked, answer.fetched, table, entries=entries)
    if listing.title:
        proposal.series["title"] = Told(listing.title, "the topic's title")
    proposal.series["language"] = Told("zh", "the client's")
    proposal.series["timezone"] = Told("Asia/Shanghai", "the client's clock")
    return proposal
