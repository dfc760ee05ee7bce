"""One reading of one article: the cleaner's front door.

Takes   a payload (its content coding undone), its address and type, and the rules of the series; or the pieces that a
        site's API gives.
Gives   a Reading, or a Refusal that says why the payload is no article. Pure: no network, no clock, no state.
Writes  nothing.

payload -> charset -> page -> article (CSS, else extract) -> repair -> structure -> Reading. An API's answer joins at
the article, so that pages and answers are parted, mended and dated alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ..model import Author, Image, Reading, Repair
from .article import Article, read_article
from .blocks import garbled_lines, read_blocks, tidy
from .bylines import merge_authors
from .dates import Moment, published, read_moment, zone_of
from .evidence import letters_of
from .language import detect_language
from .page import Opened, Page, open_page, read_markup
from .pictures import read_pictures
from .refusal import judge, judge_medium, without_notices, without_prompts
from .repair import mend
from .rules import CLEANER, Refusal, Rules
from .structure import Parts, names_in_note, part_paragraphs, title_in_note
from .swelling import SwollenError
from .talk import Signs
from .titles import headline_of, told_titles
from .when import Around, seen_moment

WRAPPED_COLUMNS = 100  # plain text with no longer line was wrapped by hand


def read_page(
    payload: bytes,
    *,
    url: str,
    content_type: str,
    rules: Rules,
    opened: Opened | None = None,
    fetched: datetime | None = None,
) -> Reading | Refusal:
    """Read an article from a page or a plain text. Never raises.

    payload: the body, content coding undone. content_type: as in the header, "" if none. opened: the same payload, where
    the caller has opened it already. fetched: when it was got, where that is known: dates such as 3小时前 count from it.
    """
    opened = opened or open_page(payload, content_type, url)
    refused = judge_medium(content_type, opened.text, opened.undecoded, opened.is_markup)
    if refused:
        return refused
    if opened.is_markup:
        try:
            article = Article() if opened.root is None else read_article(Page(opened.root, url), opened.text, rules)
        except SwollenError as error:
            titles = [headline_of(one, ()) for one in told_titles(Page(opened.root, url))]
            return Refusal("not-an-article", str(error), title=next(filter(None, titles), None))
    else:
        article = Article(paragraphs=plain_paragraphs(opened.text), garbled=garbled_lines(opened.text.splitlines()))
    mended = _mend(article)
    reading = _finish(article, mended, rules, opened.undecoded, fetched)
    signed = bool(reading.authors or (reading.published and not article.is_dated_by_address))
    signs = Signs(signed, article.is_article, len(mended.images))
    # Mended, since garble may hold any sign, © too, and a line with that is one of the foot of a page.
    refused = judge(
        mended.title, mended.paragraphs, len(mended.images), article.others, names=article.names, signs=signs
    )
    refused = refused or article.refused
    told = without_notices(mended.paragraphs) if refused else without_prompts(mended.paragraphs)
    kept = [] if article.refused else told  # what was taken for the text is that of other stories
    if len(kept) < len(mended.paragraphs):
        reading = _finish(article, _only(mended, kept), rules, opened.undecoded, fetched)
    return replace(refused, title=mended.title, reading=reading) if refused else reading


def read_parts(
    *,
    title: str | None,
    html: str,
    published: str | None,
    source: str | None,
    editor: str | None,
    authors: Sequence[Author],
    images: Sequence[Image],
    url: str,
    rules: Rules,
) -> Reading:
    """Read an article from the pieces of an API's answer.

    html: the content, "" for a gallery, whose images then carry the text. published: as the API has it; seconds since
    1970 too. url: address that relative addresses in html are joined to.
    """
    page = read_markup(html, url) if html.strip() else None
    article = Article()
    if page is not None:
        found = read_blocks(page.root, frozenset(one for css in rules.ignore for one in page.select(css)))
        article.paragraphs = [block.text for block in found.blocks]
        article.garbled = found.garbled
        article.images, article.captions = read_pictures(found, page.base)
    known = {image.url for image in article.images}
    article.images += tuple(image for image in images if image.url not in known)
    article.title = tidy(title or "") or None
    article.garbled |= garbled_lines([title or ""])
    article.moment = read_moment(published or "", compact=True)
    article.source, article.editor = tidy(source or "") or None, tidy(editor or "") or None
    article.authors = tuple(Author(tidy(author.name), author.role) for author in authors if tidy(author.name))
    return _finish(article, _mend(article), rules)


def plain_paragraphs(text: str) -> list[str]:
    """Part a plain text into paragraphs: a line each, or, where lines are wrapped by hand, what blank lines part."""
    lines = [tidy(line) for line in re.split(r"\r\n?|\n|\u2028|\u2029", text)]
    whole = [line for line in lines if line]
    wrapped = "" in lines[1:-1] and whole and max(map(len, whole)) <= WRAPPED_COLUMNS
    if not wrapped or sum(line.count(" ") for line in whole) < 2 * len(whole):
        return whole
    return [" ".join(block.split("\n")) for block in re.split(r"\n{2,}", "\n".join(lines).strip("\n")) if block]


@dataclass(slots=True)
class _Mended:
    """An article after repair: the same fields, and what was mended."""

    title: str | None
    paragraphs: list[str]
    images: tuple[Image, ...]
    captions: frozenset[int]
    repairs: tuple[Repair, ...] = field(default=())


def _only(mended: _Mended, numbers: Sequence[int]) -> _Mended:
    """Leave out all paragraphs but these."""
    captions = frozenset(at for at, number in enumerate(numbers) if number in mended.captions)
    return replace(mended, paragraphs=[mended.paragraphs[number] for number in numbers], captions=captions)


def _finish(
    article: Article, mended: _Mended, rules: Rules, undecoded: int = 0, fetched: datetime | None = None
) -> Reading:
    """Part, date and name what was mended: everything that pages and API answers have in common."""
    known = tuple(author.name for author in article.authors)
    parts = part_paragraphs(mended.paragraphs, captions=mended.captions, known=known)
    text = "\n".join(parts.text)
    language = rules.language or detect_language(text or mended.title or "", article.language)
    moment = article.moment or seen_moment(Around(parts.info))
    is_counted = moment is None and article.ago is not None and fetched is not None
    if article.ago and fetched and is_counted:
        moment = Moment(article.ago.day(fetched, zone_of(rules.timezone, language) or UTC))
    when = published(moment, rules.timezone, language) if moment else None
    return Reading(
        title=_title(mended.title, article.title_is_weak, parts),
        authors=_authors(article, parts),
        published=when.moment if when else None,
        published_precision=when.precision if when else None,
        published_local=when.local if when else None,
        published_counted=is_counted,
        source=article.source or parts.imprint.source,
        editor=article.editor or parts.imprint.editor,
        editors_note=tuple(parts.editors_note),
        highlights=tuple(parts.highlights),
        body=tuple(parts.body),
        text=text,
        images=mended.images,
        repairs=mended.repairs,
        language=language,
        undecoded=undecoded,
        cleaner=CLEANER,
    )


def _mend(article: Article) -> _Mended:
    """Mend title, paragraphs and captions together: whether a page is damaged shows in all of it."""
    captions = [image.caption or "" for image in article.images]
    lines = [article.garbled.get(line, line) for line in (article.title or "", *article.paragraphs, *captions)]
    done = mend(lines)
    count = len(article.paragraphs)
    if done.paragraphs == tuple(lines):
        return _Mended(article.title or None, article.paragraphs, article.images, article.captions)
    title, paragraphs, rest = done.paragraphs[0], done.paragraphs[1 : count + 1], done.paragraphs[count + 1 :]
    images = tuple(replace(image, caption=tidy(now) or None) for image, now in zip(article.images, rest, strict=True))
    kept = [(number, one) for number, line in enumerate(paragraphs) if (one := tidy(line))]
    captioned = frozenset(at for at, (number, _) in enumerate(kept) if number in article.captions)
    return _Mended(tidy(title) or None, [line for _, line in kept], images, captioned, done.repairs)


def _title(title: str | None, is_weak: bool, parts: Parts) -> str | None:
    """Choose the title: the page's, unless it has none of its own and the editor's note names the article.

    is_weak: the title stands in the head of the page only, where mirrors put their own name. A heading that is another
    name in the note is the series', not the article's.
    """
    named = title_in_note(parts.editors_note)
    if not named:
        return title
    letters = letters_of(title or "")
    if letters_of(named) in letters and not is_weak:
        return title
    others = {letters_of(name) for name in names_in_note(parts.editors_note)}
    return named if not title or is_weak or letters in others else title


def _authors(article: Article, parts: Parts) -> tuple[Author, ...]:
    """Join the authors: those printed in the text first, then those told beside it, without the publisher's own name."""
    publishers = {letters_of(name) for name in (*article.site_names, article.source or "", parts.imprint.source or "")}
    told = tuple(author for author in article.authors if letters_of(author.name) not in publishers)
    merged = merge_authors(parts.authors, told) or article.corporate
    if parts.office and len(merged) == 1 and merged[0].role is None:
        return (Author(merged[0].name, parts.office),)
    return merged
