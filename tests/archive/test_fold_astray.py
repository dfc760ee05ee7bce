"""Answers that are of another article, of none, or half: kept as bytes, told as failed, and never an edit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES
from memory import Memory

from archive.fold import Fold, FoldRules, SeriesState
from archive.fold.state import ArticleState
from archive.model import Author, Capture, Entry, Image, Listing, Reading, Repair, Said, Statement

LIST = "http://paper.example/list"
ONE, TWO, THREE = (f"http://paper.example/a/{number}.html" for number in (1, 2, 3))
TITLES = {ONE: "渠水十二站：临溪县的清晨", TWO: "渠水十二站：老茶馆的掌柜", THREE: "渠水十二站：实验室里的传感器"}


def text(url: str) -> Reading:
    """The article of an address: its own title, and eight sentences that no other has."""
    start = 8 * list(TITLES).index(url)
    body = SENTENCES[start : start + 8]
    return Reading(
        TITLES[url],
        authors=(Author("苏砚秋"),),
        published="2018-08-30",
        published_precision="day",
        body=body,
        text="\n".join(body),
    )


def page(title: str | None, *lines: str) -> Reading:
    """A page that nobody signs."""
    return Reading(title, body=lines, text="\n".join(lines))


class Series:
    """Three articles, listed with their titles; each call of `run` is a crawl."""

    def __init__(self, *, listed: bool = True) -> None:
        self.fold = Fold(FoldRules(series="shui"), SeriesState(), Memory())
        self.now = datetime(2018, 8, 30, 2, 0, tzinfo=UTC)
        self.entries = tuple(Entry(url, "", url, title=TITLES[url] if listed else None) for url in TITLES)
        self.told: list[tuple[str, str]] = []

    def run(self, said: dict[str, Reading], *, breaks_off: bool = False) -> dict[str, str]:
        """Crawl: the list, then what the addresses say; gives the outcome of each that was asked."""
        told = list(self.fold.begin(f"run-{self.now}", self._tick(), "<urn:begin>", (LIST,), ()))
        told += self.fold.take(self._capture(LIST, Listing(self.entries)), Listing(self.entries))
        for url, reading in said.items():
            statement = Said(reading, breaks_off=breaks_off)
            told += self.fold.take(self._capture(url, statement), statement)
        run = self.fold.state.run
        told += self.fold.end(self._tick(), "<urn:end>")
        self.told += [(self._url(one.article), one.kind) for one in told if one.kind not in ("found", "moved")]
        assert run is not None
        return {url: run.outcomes.get(self.article(url).id, "unchanged") for url in said}

    def article(self, url: str) -> ArticleState:
        """The article that an address is of."""
        return next(one for one in self.fold.state.articles.values() if url in (one.url, *one.variants))

    def shown(self, url: str) -> str:
        """The text of an article as it is shown."""
        article = self.article(url)
        revision = self.fold._readings.revision(article.id, article.shown)
        assert revision is not None
        return revision.reading.text

    def _url(self, article: str) -> str:
        return self.fold.state.articles[article].url

    def _tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def _capture(self, url: str, statement: Statement) -> Capture:
        digest = "sha256:" + sha256(repr(statement).encode()).hexdigest()
        at = self._tick()
        return Capture(f"<urn:{at:%H%M}>", "response", url, at, "w", 0, 1, 200, "text/html", digest, 1)


def test_the_page_of_another_article_is_not_taken_for_this_one() -> None:
    """A cache that mixes two addresses up: neither is lost, nor joined with the other, and the next look mends it."""
    series = Series()

    assert {ONE: "failed", TWO: "captured"} == series.run({ONE: text(TWO), TWO: text(TWO)})
    assert ("not-an-article", f"the page of another article, {TWO}") == (
        series.article(ONE).failing,
        series.article(ONE).failing_detail,
    )
    assert 3 == len(series.fold.state.articles)
    assert {ONE: "captured"} == series.run({ONE: text(ONE)})
    assert text(ONE).text == series.shown(ONE)


def test_titles_that_a_list_exchanges_cost_a_run_and_no_article() -> None:
    """Two lines of a list are mistaken: what the pages say is still there the next time, and no other address says it."""
    series = Series()
    one, two, three = series.entries
    series.entries = (replace(one, title=two.title), replace(two, title=one.title), three)

    assert {ONE: "failed", TWO: "failed"} == series.run({ONE: text(ONE), TWO: text(TWO)})
    assert {ONE: "captured", TWO: "captured"} == series.run({ONE: text(ONE), TWO: text(TWO)})
    assert (text(ONE).text, text(TWO).text) == (series.shown(ONE), series.shown(TWO))


@pytest.mark.parametrize("listed", [True, False], ids=["titles in the list", "none"])
def test_what_another_article_says_is_no_edit(listed: bool) -> None:
    """A good text is not overwritten by another one, however often that is sent; the way back is none either."""
    series = Series(listed=listed)
    series.run({url: text(url) for url in TITLES})
    for _ in range(4):
        assert {ONE: "failed"} == series.run({ONE: text(TWO)})
    series.run({ONE: text(ONE)})

    assert text(ONE).text == series.shown(ONE)
    assert 1 == series.article(ONE).revisions
    assert [(url, "captured") for url in TITLES] + [(ONE, "failed")] == series.told


WALLS = (
    page("Turvatarkistus", "Vahvista, ettet ole robotti, jatkaaksesi sivustolle."),
    page(None, "Zadaná stránka nebyla nalezena."),
    page(TITLES[ONE], "Artikkelen er fjernet fra nettstedet."),
    page("ขออภัย", "ไม่พบหน้าที่คุณต้องการ"),
    page("系统消息", "小编正在喝茶，客官请回。"),
)


@pytest.mark.parametrize("wall", WALLS, ids=range(len(WALLS)))
def test_a_notice_in_words_that_nobody_knows_is_no_edit(wall: Reading) -> None:
    """Nothing is left of the text: that is no correction. It withdraws nothing, and the return of the text is no event."""
    series = Series()
    series.run({ONE: text(ONE)})

    assert {ONE: "failed"} == series.run({ONE: wall})
    assert {ONE: "failed"} == series.run({ONE: wall})
    assert {ONE: "unchanged"} == series.run({ONE: text(ONE)})
    assert ("captured", 1, text(ONE).text) == (
        series.article(ONE).state,
        series.article(ONE).revisions,
        series.shown(ONE),
    )
    assert [(ONE, "captured"), (ONE, "failed")] == series.told


@pytest.mark.parametrize("wall", [one for one in WALLS if one.title != TITLES[ONE]], ids=lambda one: one.title)
def test_a_notice_is_not_the_first_text_of_what_the_list_names(wall: Reading) -> None:
    """A short page that nobody signs, with nothing of what the list says."""
    series = Series()

    assert {ONE: "failed"} == series.run({ONE: wall})
    assert 0 == series.article(ONE).revisions


def test_a_short_text_that_the_list_names_otherwise_is_an_article_where_it_is_signed() -> None:
    """Lists shorten titles, and call things by another name."""
    short = replace(page("渠水到了", "渠水到了。"), published="2018-08-30", published_precision="day")

    assert {ONE: "captured"} == Series().run({ONE: short})
    assert {ONE: "captured"} == Series().run({ONE: page("清晨", "水到了。")})
    assert {ONE: "captured"} == Series().run(
        {ONE: replace(page("图片", ""), images=(Image("http://p.example/1.jpg"),))}
    )


@given(st.data())
@settings(max_examples=30)
def test_half_of_a_text_is_no_edit_and_a_shortened_one_is(data: st.DataObject) -> None:
    """A server that stops midway stops within a sentence; an editor does not."""
    series = Series()
    series.run({ONE: text(ONE)})
    body = text(ONE).body
    number = data.draw(st.integers(1, 5))
    at = data.draw(st.integers(1, len(body[number]) - 2).filter(lambda i: body[number][i - 1] not in "，。：“”、；"))
    cut = (*body[:number], body[number][:at])
    half = replace(text(ONE), body=cut, text="\n".join(cut))
    shortened = replace(text(ONE), body=body[:number], text="\n".join(body[:number]))

    assert {ONE: "failed"} == series.run({ONE: half})
    assert text(ONE).text == series.shown(ONE)
    assert {ONE: "revised"} == series.run({ONE: shortened})


def of(*body: str) -> Reading:
    """The first article, with other paragraphs."""
    return replace(text(ONE), body=body, text="\n".join(body))


BODY = text(ONE).body
LAST = BODY[-1].rstrip("。")
TORN = {
    "a label": (of(*BODY[:3], "展开全文"), False),
    "dots": (of(*BODY[:2], BODY[2][:9] + "……"), False),
    "nearly whole": (of(*BODY[:-1], LAST[: len(LAST) // 2]), False),
    "open at a paragraph's end": (of(*BODY[:4]), True),
    "open, its first paragraph twice": (of(BODY[0], *BODY[:4]), True),
    "open, nearly whole": (of(*BODY[:-1]), True),
    "open behind an error": (
        of(BODY[0], "Fatal error: Allowed memory size of 134217728 bytes exhausted in /x.php on line 12"),
        True,
    ),
}
EDITS = {
    "the last paragraph": (of(*BODY[:-1]), False),
    "half of the paragraphs": (of(*BODY[:4]), False),
    "a correction for the end": (of(*BODY[:-1], "更正：有误，已改。"), False),
    "half a sentence": (of(*BODY[:-1], LAST[: len(LAST) // 2] + "。"), False),
    "one within the text, open": (of(*BODY[:3], *BODY[4:]), True),
    "none, more at the end, open": (of(*BODY, "渠水昨天到了石桥村。"), True),
}


@pytest.mark.parametrize(("half", "breaks_off"), TORN.values(), ids=TORN)
def test_a_page_that_stops_where_no_editor_stops_is_no_edit(half: Reading, breaks_off: bool) -> None:
    """A teaser, a script that died, a connection that was lost: the good text stays, however often they come."""
    series = Series()
    series.run({ONE: text(ONE)})

    for _ in range(3):
        assert {ONE: "failed"} == series.run({ONE: half}, breaks_off=breaks_off)
    assert text(ONE).text == series.shown(ONE)
    assert "only the beginning of the text that was known" == series.article(ONE).failing_detail


@pytest.mark.parametrize(("edited", "breaks_off"), EDITS.values(), ids=EDITS)
def test_what_a_newspaper_takes_out_is_an_edit(edited: Reading, breaks_off: bool) -> None:
    """A shorter text ends as texts do, in a page that is whole; what is changed within it needs no such end."""
    series = Series()
    series.run({ONE: text(ONE)})

    assert {ONE: "revised"} == series.run({ONE: edited}, breaks_off=breaks_off)


def lossy(mark: str, every: int) -> Reading:
    """The first article, each so-manieth letter lost."""
    count = itertools.count(1)
    return of(*("".join(mark if c.isalpha() and next(count) % every == 0 else c for c in line) for line in BODY))


WHOLE = text(ONE).text
DAMAGED = {
    "a third": lossy("\ufffd", 3),
    "one in forty": lossy("\ufffd", 40),
    "one of all": of(BODY[0].replace("桥", "\ufffd"), *BODY[1:]),
    "a rare character": of(BODY[0].replace("桥", "?"), *BODY[1:]),
    "a half asked": lossy("?", 2),
    "a seventh asked": lossy("?", 7),
    "all": of(*("?" * len(line) for line in BODY)),
    "UTF-8 by bytes": of(*WHOLE.encode().decode("latin-1").split("\n")),
    "GBK by bytes": of(*WHOLE.encode("gb18030").decode("latin-1").split("\n")),
    "UTF-8 as GBK": of(*WHOLE.encode().decode("gb18030", "replace").split("\n")),
    "GBK as Big5": of(*WHOLE.encode("gb18030").decode("big5hkscs", "replace").split("\n")),
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED)
def test_a_text_with_its_characters_lost_is_no_edit(damaged: Reading) -> None:
    """However often it comes; and the good text that comes back is none either."""
    series = Series()
    series.run({ONE: text(ONE)})

    for _ in range(2):
        assert {ONE: "failed"} == series.run({ONE: damaged})
    assert "text that was known" in (series.article(ONE).failing_detail or "")
    assert {ONE: "unchanged"} == series.run({ONE: text(ONE)})
    assert (1, WHOLE) == (series.article(ONE).revisions, series.shown(ONE))


ASKING = of(*(f"{line[:-1]}吗?{line}" for line in BODY))
SOUND = {
    "questions come": (text(ONE), ASKING),
    "a paragraph with questions goes": (ASKING, of(*ASKING.body[1:])),
    "marks of another width": (of(*(line.replace("?", "？") for line in ASKING.body)), ASKING),
    "signs of a font": (text(ONE), of(*(f"\ue617{line}" for line in BODY[:3]), *BODY[3:], "水到了。")),
    "what was lost is mended": (lossy("\ufffd", 3), text(ONE)),
    "lost before, and edited": (lossy("\ufffd", 9), of(*lossy("\ufffd", 9).body[1:], "渠水昨天到了石桥村。")),
    "into English": (
        text(ONE),
        of(*(f"The keeper of lock {n} opens his café at {n}; “so what?” he says." for n in range(9))),
    ),
}


@pytest.mark.parametrize(("was", "now"), SOUND.values(), ids=SOUND)
def test_a_text_that_lost_nothing_is_an_edit(was: Reading, now: Reading) -> None:
    """A question mark may be meant; what was lost before we came stays so."""
    series = Series()
    series.run({ONE: was})

    assert {ONE: "revised"} == series.run({ONE: now})


def test_a_text_that_was_mended_is_the_one_that_was_known() -> None:
    """Its names and its date stand in a line that cannot all be mended: what differs there is the damage's, and no edit."""
    series = Series()
    series.run({ONE: text(ONE)})
    mended = replace(text(ONE), authors=(), title="渠水", repairs=(Repair("æ¸", "渠", "mojibake"),))

    assert {ONE: "unchanged"} == series.run({ONE: mended})
    assert {ONE: "revised"} == series.run({ONE: replace(text(ONE), authors=())})


DOUBLED = {
    "the whole": of(*BODY, *BODY),
    "with its title between": of(*BODY, TITLES[ONE], "2018-08-30 10:00 来源：临溪日报", *BODY),
    "each paragraph": of(*(line for line in BODY for _ in range(2))),
}


@pytest.mark.parametrize("doubled", DOUBLED.values(), ids=DOUBLED)
def test_a_text_that_stands_twice_on_its_page_counts_once(doubled: Reading) -> None:
    """A fault of the site: neither an edit of the good text, nor is the first text we get twice as long."""
    series = Series()

    assert {ONE: "captured"} == series.run({ONE: doubled})
    assert WHOLE == series.shown(ONE)
    assert {ONE: "unchanged"} == series.run({ONE: text(ONE)})
    assert {ONE: "unchanged"} == series.run({ONE: replace(doubled, editor="another payload")})


def test_a_signature_that_stays_below_a_shorter_text_is_no_label() -> None:
    """It stood there before."""
    series = Series()
    series.run({ONE: of(*BODY, "文/图 苏砚秋")})

    assert {ONE: "revised"} == series.run({ONE: of(*BODY[:3], "文/图 苏砚秋")})


def test_an_article_that_is_written_anew_is_an_edit() -> None:
    """Under the same title every word may be another; under another title, where the list has it too."""
    series = Series()
    series.run({ONE: text(ONE)})
    anew = replace(text(THREE), title=TITLES[ONE])
    renamed = replace(text(TWO), title="茶馆歇业")
    series.entries = (replace(series.entries[0], title="茶馆歇业"), *series.entries[1:])

    assert {ONE: "revised"} == series.run({ONE: anew})
    assert {ONE: "revised"} == series.run({ONE: renamed})


def test_an_address_that_is_used_anew_tells_the_new_article_when_it_stays() -> None:
    """Another page once is a fault; a whole article that is still there the next time is what the address now says."""
    series = Series(listed=False)
    long = tuple(SENTENCES[8:26])
    other = replace(text(TWO), title="完全不同的一篇", body=long, text="\n".join(long))
    series.run({ONE: text(ONE)})

    assert {ONE: "failed"} == series.run({ONE: other})
    assert {ONE: "revised"} == series.run({ONE: other})
    assert other.text == series.shown(ONE)
