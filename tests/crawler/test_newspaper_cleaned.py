"""The demonstration series as the cleaner reads it: each author with his office, no byline and no caption in a body."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page, read_parts
from archive.model import Author, Reading
from crawler.demo.newspaper import Newspaper
from crawler.demo.pages import article_page
from crawler.demo.text import Instalment, content_html, instalments

CSS = Rules(title="h1.content-title", published="span.content-time", body="div.content-content")
URL = "http://lanchuan.example/content/1.html"
every_instalment = pytest.mark.parametrize("one", instalments(), ids=[one.subject for one in instalments()])


def by_api(one: Instalment) -> Reading:
    return read_parts(
        title=one.title, html=content_html(one, ""), published=None, source=None, editor=None, authors=(), images=(),
        url=URL, rules=CSS,
    )  # fmt: skip


def by_page(one: Instalment, rules: Rules) -> Reading:
    newspaper = Newspaper(missing=())
    page = article_page(newspaper, newspaper.standing(one.subject))
    reading = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=rules)
    assert not isinstance(reading, Refusal)
    return reading


def readings(one: Instalment) -> list[Reading]:
    """Read one instalment in every way that it can be had."""
    return [by_api(one), by_page(one, CSS), by_page(one, Rules())]


@every_instalment
def test_each_author_has_the_office_that_is_printed(one):
    """A series by eighteen hands is told apart by them; the offices are no list that a cleaner could know."""
    expected = (Author(one.name, one.office),)

    assert [expected] * 3 == [reading.authors for reading in readings(one)]


@every_instalment
def test_note_and_highlights_end_where_the_byline_stands(one):
    """A byline that is not seen lets the second highlight fall into the body."""
    for reading in readings(one):
        assert (one.note, one.highlights) == (reading.editors_note, reading.highlights)
        assert not [line for line in reading.body if one.office in line and line.endswith(one.name)]


@every_instalment
def test_captions_are_with_their_pictures_and_not_in_the_body(one):
    """A caption among the paragraphs reads as a sentence that the author never wrote."""
    for reading in readings(one):
        assert list(one.captions) == [image.caption for image in reading.images]
        assert not set(one.captions) & set(reading.body)
        assert set(one.captions) <= set(reading.text.split("\n"))
        assert [line for line in reading.body if line in one.body] == list(one.body)
