"""Entities left undecoded, mojibake, invisible characters, and the rows that tell them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_texts import SENTENCES

from archive.clean.reading import read_page
from archive.clean.repair import mend
from archive.clean.repair.spans import Edit, Span, amend, repairs_of, text_of
from archive.clean.rules import Rules
from archive.model import Repair


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("&nbsp;&nbsp;他说：&ldquo;水来了。&rdquo;", "他说：“水来了。”"),
        ("他说：&amp;ldquo;水来了。&amp;amp;rdquo;", "他说：“水来了。”"),
        ("何&middot;买买提&#183;江&#xB7;艾", "何·买买提·江·艾"),
        ("“吉兴”&ldquo;吉祥”“如意”", "“吉兴”“吉祥”“如意”"),
        ("AT&amp;T与R&amp;D", "AT&T与R&D"),
        ("Foto: &copy; dpa und so weiter", "Foto: © dpa und so weiter"),
        ("Il va &agrave; la mer &mdash; pour 10 &euro; par jour.", "Il va à la mer — pour 10 € par jour."),
        ("水通了&mdash;&mdash;路也通了&hellip;&hellip;", "水通了——路也通了……"),
        ("第一段&nbsp;第二段&nbsp;&nbsp;", "第一段 第二段"),
        ("没有分号的&nbsp也是&ldquo他", "没有分号的 也是“他"),
        ("粘在一起&zwnj;&#8203;的字", "粘在一起的字"),
    ],
)
def test_an_entity_becomes_what_it_stands_for(was, now):
    """Encoded once too often by the publishing system; no newspaper prints &ldquo;."""
    mended = mend([was])

    assert (now,) == mended.paragraphs
    assert {"undecoded entity"} == {repair.why for repair in mended.repairs}


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
def test_utf8_read_as_gbk_comes_back(sentences):
    """鍑哄僵: an even number of bytes goes back exactly; where the last byte was lost, the last character is unknown."""
    healthy = "".join(sentences)
    garble = healthy.encode("utf-8").decode("gb18030", errors="replace").replace("\ufffd", "?")
    mended = mend([garble]).paragraphs[0] if "?" not in garble[:-1] else healthy

    assert mended in (healthy, healthy[:-1] + "□")


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
@pytest.mark.parametrize("sentence", SENTENCES[:6])
def test_chinese_read_as_latin_1_comes_back(charset, sentence):
    """³ö²ÊÍøÐÅ and å‡ºå½©: the bytes are all still there."""
    mended = mend([sentence.encode(charset).decode("latin-1")])

    assert (sentence,) == mended.paragraphs
    assert {"mojibake"} == {repair.why for repair in mended.repairs}


@pytest.mark.parametrize("healthy", ["Der Müller läuft über die Brücke.", "L’été s’est achevé – déjà."])
def test_european_text_read_as_code_page_1252_comes_back(healthy):
    """Ã¼ for ü: certain where every letter beyond ASCII stands so."""
    garble = healthy.encode("utf-8").decode("cp1252")

    assert (healthy,) == mend([garble]).paragraphs


def as_page(lines):
    """Read lines as a page shows them, the blanks of the markup told from its bytes."""
    page = "<html><head><title>x</title></head><body><h1>x</h1>" + "".join(f"<p>{line}</p>" for line in lines)
    rules = Rules(title="h1", body="body", ignore=("h1",))
    return read_page(page.encode(), url="http://paper.example/1", content_type="text/html; charset=utf-8", rules=rules)


@pytest.mark.parametrize("table", ["latin-1", "cp1252"])
@pytest.mark.parametrize(
    "lines",
    [
        ["La réunion est prévue à la sous-préfecture, à dix-huit heures.", "On l’a dit déjà", "à l’été"],
        ["價格寫在頁面上，頭一天就比前一天高了三成，街坊們都說沒有料到。", "他搖搖頭"],
        ["跡地の利用はまだ決まっていない。", "長い歴史に幕を下ろした、まだ"],
        ["강노을 씨가 여객선에 올랐다. 유인 등대 세 곳을 추가로 무인화할 계획이라고 밝혔다.", "고 한다"],
    ],
)
def test_a_byte_a0_of_utf8_read_as_latin_1_is_no_blank(table, lines):
    """Ã and U+00A0 were à: what a page shows as a blank is looked at as a byte first, at the end of a line too."""
    controls = {code: chr(code) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}  # as browsers read them in code page 1252
    char = [controls.get(code) or bytes([code]).decode(table) for code in range(256)]
    read = as_page("".join(map(char.__getitem__, line.encode())) for line in lines)

    assert lines == list(read.body)
    assert {"mojibake"} == {repair.why for repair in read.repairs}


def test_a_blank_that_is_one_stays_a_blank_in_a_healthy_text():
    """French sets it before a colon, and behind capitals with accents it looks like the byte."""
    read = as_page(["JOSÉ\xa0SILVA, IRMÃ\xa0DULCE et 3\xa0000 autres\xa0: à\xa0» l’été.", "Âge\xa0: 3"])

    assert (["JOSÉ SILVA, IRMÃ DULCE et 3 000 autres : à » l’été.", "Âge : 3"], ()) == (list(read.body), read.repairs)


def test_a_healthy_byline_does_not_keep_a_garbled_text():
    """The template writes it from another table; in a text that is healthy all over, garble is an example."""
    text = ["Der Köhler löscht den Meiler.", "Bärnreuther übergab die Schaufel des Großvaters.", "Schön für Thüringen."]
    garble = [line.encode().decode("cp1252") for line in text]

    assert ("Von Käthe Müller", *text) == mend(["Von Käthe Müller", *garble]).paragraphs
    assert () == mend([*text, garble[1]]).repairs


def test_the_marks_of_an_english_text_come_back():
    """9D, the last byte of a closing quotation mark, is lost in code page 1252; an apostrophe may be garbled twice."""
    twice = "’".encode().decode("cp1252").encode().decode("cp1252")
    mended = mend(["â€œShe always came,â€\ufffd he said. â€œYes,â€ she said.", f"The island{twice}s school stayed."])

    assert ("“She always came,” he said. “Yes,” she said.", "The island’s school stayed.") == mended.paragraphs
    assert {"mojibake", "completed: mojibake"} == {repair.why for repair in mended.repairs}


def test_a_garbled_title_above_a_healthy_text_comes_back():
    """Its characters are few beside those of the text."""
    mended = mend(["沧澜河畔的早市啊".encode().decode("gb18030"), *SENTENCES])

    assert ("沧澜河畔的早市啊", *SENTENCES) == mended.paragraphs


def test_characters_lost_long_ago_are_told_as_unknown():
    """锟斤拷 is what replacement characters become when read as GBK: two lost ones, which nothing brings back."""
    mended = mend(["村口的锟斤拷锟斤拷还在。"])

    assert mended.paragraphs == ("村口的□□□□还在。",)
    assert (Repair("锟斤拷锟斤拷", "□□□□", "unknown: mojibake"),) == mended.repairs


def test_invisible_characters_go_and_are_told_with_their_neighbours():
    """They break search; a row of nothing but invisible characters would be no row."""
    mended = mend(["\ufeff水\u200b渠修\u00ad好了，Zeit\u00adung。", "\u2060另一段，\u200b也是。"])

    assert mended.paragraphs == ("水渠修好了，Zeitung。", "另一段，也是。")
    assert (
        sum(map(len, (repair.was for repair in mended.repairs))) - sum(map(len, (r.now for r in mended.repairs))) == 6
    )
    assert ("invisible characters",) * len(mended.repairs) == tuple(repair.why for repair in mended.repairs)
    assert all(repair.was != repair.now and repair.now for repair in mended.repairs)


def test_hints_that_part_no_syllables_are_damage():
    """Scattered by program, soft hyphens cut off letters that hyphenation leaves; where they part syllables they are hints."""
    scattered = mend(["Th\u00ade ca\u00adnal wa\u00ads b\u00adu\u00adilt b\u00ady ha\u00adnd."])
    hints = mend(["The ca\u00adnal was com\u00adplet\u00aded by vil\u00adlag\u00aders."])

    assert ("The canal was built by hand.",) == scattered.paragraphs
    assert {"invisible characters"} == {repair.why for repair in scattered.repairs}
    assert (("The canal was completed by villagers.",), ()) == (hints.paragraphs, hints.repairs)


GARBLED = "会议在十月召开，会议指出，水渠修好以后村里人都来了。"


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("会议于10月12日召开。", "会议□10月12日召开。"),
        ("截至2018年10月12日15时30分。", "截至2018年10月12日15时30分。"),
        ("今年3月，他说（水渠12公里）。", "今年3月，他说（水渠12公里）。"),
        ("他说：“水来了”", "他说：“水来了”"),
        ("会议 abc", "会议 abc"),
    ],
    ids=["rivals", "date", "pairs", "quotation", "seen"],
)
def test_a_lost_byte_is_completed_where_one_character_only_will_do(line, now):
    """Dates, pairs and what the article has elsewhere are proof; likelihood alone is none, and a completion is told as one."""
    mended = mend([text.encode().decode("gb18030", "replace") for text in (GARBLED, GARBLED, line)])

    assert (GARBLED, GARBLED, now) == mended.paragraphs
    whys = {repair.why for repair in mended.repairs}
    assert ("unknown: mojibake" in whys) == ("□" in now)
    assert whys <= {"mojibake", "completed: mojibake", "unknown: mojibake"}


def test_a_byte_lost_within_a_character_is_known_from_the_one_behind_it():
    """A table without private areas has no pair for AA-AF before A1-FE, so little else can have stood there."""
    healthy = "会议指出，要坚持为民服务，完善制度。"
    garble = healthy.encode().decode("gbk", "replace")
    (now,) = mend([GARBLED.encode().decode("gbk", "replace"), garble]).paragraphs[1:]

    assert "\ufffd" in garble
    assert len(healthy) == len(now)
    assert all(is_now in (was, "□") for was, is_now in zip(healthy, now, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "鍑哄僵缃戜俊" + "鍑\ufffd?" * 4_000,
        "a\u00adb" * 20_000 + "\u200b" * 20_000,
        "网 wǎng" * 20_000,
        "&amp;lt;" * 5_000,
    ],
    ids=["lost bytes", "invisible", "pinyin", "entities"],
)
def test_a_hostile_text_costs_what_its_length_costs(text):
    """One paragraph of nothing but damage: the number of spans is the text's, and no more is asked than an article has."""
    mended = mend([text])

    assert len(mended.paragraphs) == 1
    assert len(mended.repairs) <= len(text)


@given(st.text("甲乙丙，。 ", min_size=1, max_size=40), st.data())
def test_spans_keep_what_was_through_two_steps(text, data):
    """Whatever two steps do to a paragraph, what was and what is now are both there, whole."""
    spans = [Span(text, text)]
    for why in ("first", "second"):
        length = len(text_of(spans))
        places = sorted(data.draw(st.sets(st.integers(0, length), max_size=6)))
        edits = [Edit(a, b, data.draw(st.text("丁戊", max_size=3)), why) for a, b in pairwise(places)][::2]
        now = text_of(spans)
        expected, position = "", 0
        for edit in edits:
            expected += now[position : edit.start] + edit.now
            position = edit.end
        spans = amend(spans, edits)

        assert expected + now[position:] == text_of(spans)
        assert text == "".join(span.was for span in spans)
    assert all(r.was in text and r.now in text_of(spans) for r in repairs_of(spans))
