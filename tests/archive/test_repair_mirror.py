"""Repairs of a mirror's text: the damage is made by the same program that the traces of a real mirror tell of."""

from __future__ import annotations

import difflib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES
from mirror_maker import keys_of, mirrored, reading, traditional
from opencc import OpenCC

from archive.clean.repair import Mended, looks_damaged, mend, mend_line

SEED = Path(__file__).parents[3] / "shared" / "seed"


def paragraphs_of(chance: random.Random, sentences: int = 30) -> list[str]:
    """Invented paragraphs of one to four sentences, all different."""
    chosen = chance.sample(SENTENCES, sentences)
    cuts = sorted(chance.sample(range(1, sentences), sentences // 3))
    return ["".join(chosen[a:b]) for a, b in zip([0, *cuts], [*cuts, sentences], strict=True)]


def wrong_characters(expected: list[str], mended: Mended) -> tuple[int, int]:
    """How many characters are not as they were, and how many of these are said to be unknown."""
    wrong = unknown = 0
    for before, now in zip(expected, mended.paragraphs, strict=True):
        for kind, a, b, c, d in difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
            wrong += 0 if kind == "equal" else max(b - a, d - c)
        unknown += now.count("□")
    return wrong, unknown


def all_keys() -> list[str]:
    """Every traditional character of GBK that has a reading: a mirror with a large table, which cuts far more often."""
    t2s = OpenCC("t2s")
    chars = (chr(code) for code in range(0x4E00, 0x9FA6))
    return [c for c in chars if t2s.convert(c) != c and traditional(c) == c and reading(c) and _in_gbk(c)]


def _in_gbk(char: str) -> bool:
    try:
        return len(char.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def test_the_real_mirror_is_mended_to_the_letter():
    """The one known damaged instalment is the measure: all eleven of its paragraphs come out as a person restored them."""
    if not SEED.exists():
        pytest.skip("the seed is not here")
    damaged = (SEED / "mirror.txt").read_text("utf-8").splitlines()
    restored = (SEED / "restored.txt").read_text("utf-8").splitlines()

    assert tuple(restored) == mend(damaged).paragraphs


@pytest.mark.parametrize("reader", ["eats", "keeps"])
def test_a_mirrored_text_comes_back_in_999_of_1000_characters(reader):
    """Thirty invented articles, keys in any order, quotes left as entities: what the mirror did is undone as a mechanism."""
    chance = random.Random(2018)
    characters = wrong = cuts = 0
    for _ in range(30):
        healthy = paragraphs_of(chance)
        keys = keys_of("".join(SENTENCES))
        chance.shuffle(keys)
        keys = keys[: int(len(keys) * chance.choice((0.3, 0.6, 1)))]
        mended = mend([mirrored(text, keys, reader=reader, entities="“") for text in healthy])
        characters += sum(map(len, healthy))
        wrong += wrong_characters(healthy, mended)[0]
        cuts += sum("cut" in repair.why for repair in mended.repairs)

    assert cuts >= 8, "the damage has cut no pairs, so nothing was tested"
    assert wrong / characters <= 0.001, f"{wrong} of {characters} characters wrong, {cuts} cuts"


def test_a_mirror_with_a_large_table_is_mended_and_its_losses_are_told():
    """Some 40 cuts a thousand characters: what is not known is said, and almost nothing is guessed wrong."""
    chance = random.Random(1)
    keys = all_keys()
    characters = wrong = unknown = cuts = 0
    for _ in range(4):
        healthy = paragraphs_of(chance, 40)
        chance.shuffle(keys)
        mended = mend([mirrored(text, keys) for text in healthy])
        characters += sum(map(len, healthy))
        wrong, unknown = (a + b for a, b in zip((wrong, unknown), wrong_characters(healthy, mended), strict=True))
        cuts += sum("cut" in repair.why for repair in mended.repairs)

    assert cuts >= 60
    assert wrong / characters <= 0.005, f"{wrong} of {characters} characters wrong, {unknown} of them told as unknown"
    assert (wrong - unknown) / characters <= 0.001, f"{wrong - unknown} of {characters} characters guessed wrong"


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["eats", "keeps"]))
def test_each_repair_stands_in_the_text_before_and_after(chance, reader):
    """A reader sees each mend in place: was is a passage of what was found, now of what is shown, in the same order."""
    healthy = paragraphs_of(chance, 12)
    keys = keys_of("".join(healthy))
    chance.shuffle(keys)
    damaged = [mirrored(text, keys, reader=reader, entities="“”") for text in healthy]
    mended = mend(damaged)
    before, after = "\n".join(damaged), "\n".join(mended.paragraphs)
    at = now_at = 0
    for repair in mended.repairs:
        at, now_at = before.find(repair.was, at), after.find(repair.now, now_at)
        assert at >= 0
        assert now_at >= 0
        at, now_at = at + len(repair.was), now_at + len(repair.now)

    assert len(mended.paragraphs) == len(damaged)
    assert all(repair.was != repair.now and repair.why for repair in mended.repairs)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_mending_twice_changes_nothing_more(chance):
    """A mended text is healthy: a second reading of it finds nothing."""
    healthy = paragraphs_of(chance, 20)
    once = mend([mirrored(text, entities="“”") for text in healthy])

    assert mend(once.paragraphs) == Mended(once.paragraphs)


def test_rows_are_passages_and_not_single_characters():
    """Hundreds of rows of one character tell nobody anything; a row is a passage of a sentence."""
    healthy = paragraphs_of(random.Random(5), 30)
    damaged = [mirrored(text) for text in healthy]
    brackets = sum(text.count("(") for text in damaged)
    repairs = mend(damaged).repairs

    assert len(repairs) < brackets / 3
    assert max(len(repair.was) for repair in repairs) <= 200


def test_a_lost_character_is_known_by_its_own_pinyin():
    """日報 is C8D5 88F3 and 請 is D588: the key 請 cuts 報 in two, and both its bytes are gone."""
    text = "記者從網(wǎng)站獲悉，網(wǎng)絡(luò)版將刊于今日?qǐng)?bào)紙，敬請(qǐng)關(guān)注網(wǎng)絡(luò)動(dòng)態(tài)。"
    mended = mend([text])

    assert mended.paragraphs == ("记者从网站获悉，网络版将刊于今日报纸，敬请关注网络动态。",)


def test_what_cannot_be_known_is_marked_and_told():
    """A digit that a cut pair took along is not to be known: 200 keeps a □ and a row that says unknown."""
    healthy = "网络动态：今日报200人名单，请关注日报网络，对时间进行个别认识。"
    damaged = mirrored(healthy, keys_of("网络动态请关对时间进个认识"))
    mended = mend([damaged])

    assert "今日?qǐng)?00人" in damaged
    assert mended.paragraphs[0].replace("□□", "报□") == healthy.replace("200", "□00")
    assert any("□" in repair.now for repair in mended.repairs)
    assert all(repair.why.startswith("unknown: cut GBK pair") for repair in mended.repairs if "□" in repair.now)


def test_a_title_is_mended_by_the_evidence_of_its_article():
    """One line proves little, so the article's paragraphs speak for it."""
    healthy = paragraphs_of(random.Random(3), 10)
    damaged = [mirrored(text) for text in healthy]

    assert mend_line(mirrored("沿着古道看网络"), like=damaged).paragraphs == ("沿着古道看网络",)
    assert mend_line("沿著古道看網(wǎng)絡(luò)").paragraphs == ("沿著古道看網(wǎng)絡(luò)",)


def test_full_width_and_empty_brackets_are_the_same_damage():
    """Mirrors differ in the brackets; some lost the letters and left the brackets."""
    text = "網（wǎng）絡（luò）強（qiáng）國，網（wǎng）絡（）動（dòng）態，對（）網（wǎng）絡（luò）負（fù）責。"

    assert mend([text]).paragraphs == ("网络强国，网络动态，对（）网络负责。",)


def test_pinyin_is_taken_from_simplified_text_too():
    """A mirror's mirror converts the characters back and keeps the brackets."""
    healthy = [text for text in SENTENCES if not set("着著") & set(text)]
    t2s = OpenCC("t2s")
    damaged = [t2s.convert(mirrored(text, keys_of("网络个时们说对为这来东过还农书车"))) for text in healthy]
    mended = mend(damaged)

    assert tuple(healthy) == mended.paragraphs
    assert {"pinyin in brackets"} == {repair.why for repair in mended.repairs if "cut" not in repair.why}


def test_zhu_of_authors_stays_where_the_mirror_made_zhe_the_same():
    """A mirror writes 著 for 着; 著名 and 著作 are 著 in simplified text as well."""
    healthy = ["这位著名作家沿着山路走，看着网络上的专著，随着时间过去，他对着几个学习编著的同学说起了原著。"]
    mended = mend([mirrored(text) for text in healthy])

    assert tuple(healthy) == mended.paragraphs


def test_a_bracket_between_a_letter_and_the_next_is_taken_out():
    """到 ends in BD, o is 6F, BD6F is 給: the mirror's bracket falls behind a letter that it has nothing to do with."""
    keys = keys_of("我们这个实际动态给对时")
    damaged = mirrored("我们这个团队实际收到offer的时间不一，这个动态对我们是给力的。", keys)

    assert "o(gěi)ffer" in damaged
    assert mend([damaged]).paragraphs == ("我们这个团队实际收到offer的时间不一，这个动态对我们是给力的。",)


def test_a_long_damaged_text_is_looked_through_once():
    """Linear: ten times the text is about ten times the rows, and the same passage is mended alike wherever it stands."""
    healthy = ["".join(SENTENCES)]
    damaged = [mirrored(healthy[0])]
    once, tenfold = mend(damaged), mend(damaged * 10)

    assert looks_damaged(damaged[0])
    assert set(tenfold.paragraphs) == set(once.paragraphs)
    assert len(tenfold.repairs) == 10 * len(once.repairs)
