"""A reading as the ledger stores it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.ledger.rows import reading_of, reading_to_json
from archive.model import Author, Image, Reading, Repair

texts = st.text(max_size=8)
maybe = st.none() | texts
lines = st.lists(texts, max_size=3).map(tuple)
readings = st.builds(
    Reading,
    title=maybe,
    authors=st.lists(st.builds(Author, texts, maybe), max_size=2).map(tuple),
    published=maybe,
    published_precision=maybe,
    published_local=maybe,
    source=maybe,
    editor=maybe,
    editors_note=lines,
    highlights=lines,
    body=lines,
    text=texts,
    images=st.lists(st.builds(Image, texts, maybe), max_size=2).map(tuple),
    repairs=st.lists(st.builds(Repair, texts, texts, texts), max_size=2).map(tuple),
    language=maybe,
    undecoded=st.integers(0, 9),
    cleaner=texts,
)


@given(readings)
def test_what_is_stored_reads_back_the_same(reading):
    """A field lost on the way would make every article look revised after a restart."""
    assert reading == reading_of(reading_to_json(reading))


@given(readings)
def test_a_row_of_an_older_version_is_read(reading):
    """Homes made before the publisher's own day was kept must open; the day is then not known."""
    row = reading_to_json(reading)
    del row["published_local"]

    assert reading_of(row).published_local is None
    assert reading_of(row).published == reading.published
