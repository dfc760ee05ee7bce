"""An older copy that a newspaper behind several servers sends in turns with the new one: no revision, where it says so itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES
from memory import Memory

from archive.fold import Fold, FoldRules, SeriesState
from archive.fold.state import ArticleState
from archive.model import Capture, Entry, Reading, Said

URL = "http://paper.example/a/1.html"
START = datetime(2018, 8, 30, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TEXTS = tuple(
    Reading("渠水十二站", body=SENTENCES[:number], text="\n".join(SENTENCES[:number])) for number in (6, 8, 10)
)
BEFORE = START - 9 * DAY


class Site:
    """One article; each call of `says` is a crawl on the next day."""

    def __init__(self) -> None:
        self.fold = Fold(FoldRules(series="shui"), SeriesState(), Memory())
        self.now, self.told = START, list[str]()

    def says(
        self,
        text: Reading,
        *,
        changed: datetime | None = None,
        last_modified: datetime | None = None,
        kept_since: datetime | None = None,
    ) -> str:
        """Crawl; gives what came of the article. changed: as the page says. kept_since: by a cache."""
        self.now += DAY
        self.fold.begin(f"run-{self.now}", self.now, "<urn:begin>", (), (Entry(URL, "", URL),))
        told = replace(text, modified=f"{changed:%Y-%m-%dT%H:%M:%SZ}" if changed else None)
        said = Said(told, kept_since=kept_since)
        digest = f"sha256:{sha256(repr(told).encode()).hexdigest()}"
        modified = format_datetime(last_modified, usegmt=True) if last_modified else None
        capture = Capture(
            f"<urn:{self.now:%d}>", "response", URL, self.now, "w", 0, 1, 200, "text/html", digest, 1,
            etag=f'"{digest[-8:]}"', last_modified=modified,
        )  # fmt: skip
        self.told += [one.kind for one in self.fold.take(capture, said)]
        outcome = self.fold.state.run.outcomes[self.article.id] if self.fold.state.run else ""
        self.fold.end(self.now, "<urn:end>")
        return outcome

    @property
    def article(self) -> ArticleState:
        """The one there is."""
        return next(iter(self.fold.state.articles.values()))

    @property
    def shown(self) -> tuple[str, ...]:
        """The text that is shown."""
        revision = self.fold._readings.revision(self.article.id, self.article.shown)
        return revision.reading.body if revision else ()


SAYING = {
    "the page": ({"changed": BEFORE, "last_modified": START + 40 * DAY}, {"changed": BEFORE + DAY}),
    "Last-Modified": ({"last_modified": BEFORE}, {"last_modified": BEFORE + DAY}),
    "a cache": ({"kept_since": START + DAY}, {}),
}


@pytest.mark.parametrize(("old", "new"), SAYING.values(), ids=SAYING)
def test_an_older_copy_that_says_so_is_no_revision(old, new):
    """It counts as unchanged, is a witness of the revision that has its text, and what is asked next refers to the newest."""
    site = Site()

    assert ["captured", "revised"] == [site.says(TEXTS[0], **old), site.says(TEXTS[1], **new)]
    address = replace(site.fold.state.addresses[URL])
    for _ in range(3):
        assert ["unchanged"] * 2 == [site.says(TEXTS[0], **old), site.says(TEXTS[1], **new)]
    assert (2, TEXTS[1].body, ["captured", "revised"]) == (site.article.revisions, site.shown, site.told)
    assert (address.etag, address.last_modified) == (
        site.fold.state.addresses[URL].etag,
        site.fold.state.addresses[URL].last_modified,
    )
    assert site.article.last_checked == site.now


REVERTS = {
    "nothing says so": ({}, {}, {}),
    "the page was changed later": ({"changed": BEFORE}, {"changed": BEFORE + DAY}, {"changed": BEFORE + 2 * DAY}),
    "later by the page, earlier by the server": (
        {"changed": BEFORE},
        {"changed": BEFORE + DAY, "last_modified": BEFORE + 2 * DAY},
        {"changed": BEFORE + 2 * DAY, "last_modified": BEFORE},
    ),
    "a page that never says another time": ({"changed": BEFORE},) * 3,
    "a server that sends the time of the answer": tuple({"last_modified": START + n * DAY} for n in (1, 2, 3)),
    "the copy of a cache that is newer": ({}, {}, {"kept_since": START + 3 * DAY}),
}


@pytest.mark.parametrize(("old", "new", "back"), REVERTS.values(), ids=REVERTS)
def test_what_a_newspaper_takes_back_is_a_revision(old, new, back):
    """Where nothing tells that it is older, what came back is an edit like any other."""
    site = Site()

    assert ["captured", "revised", "revised"] == [
        site.says(TEXTS[0], **old),
        site.says(TEXTS[1], **new),
        site.says(TEXTS[0], **back),
    ]
    assert TEXTS[0].body == site.shown


def test_an_older_copy_of_a_text_never_seen_is_a_revision():
    """It is news, whenever it was written."""
    site = Site()
    site.says(TEXTS[0], last_modified=BEFORE)
    site.says(TEXTS[2], last_modified=BEFORE + 2 * DAY)

    assert "revised" == site.says(TEXTS[1], last_modified=BEFORE + DAY)


@given(st.lists(st.booleans(), max_size=4), st.lists(st.integers(0, 2), max_size=8))
@settings(max_examples=12)
def test_edges_in_any_order_add_each_text_once(between, turns):
    """As many revisions as texts, and the newest of them is shown, whichever server answers when."""
    site = Site()
    for number in (0, 1, *map(int, between), 2, *turns):
        site.says(TEXTS[number], last_modified=BEFORE + number * DAY)

    assert (len(TEXTS), TEXTS[-1].body) == (site.article.revisions, site.shown)
