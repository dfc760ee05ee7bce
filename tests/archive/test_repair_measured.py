"""How much of a damaged text comes back, counted: each kind of damage, and two kinds over each other, on many texts."""

from __future__ import annotations

import difflib
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import damage
import pytest
from invented_texts import SENTENCES

from archive.clean.repair import mend
from archive.clean.repair.likelihood import UNKNOWN

TRUTH = Path(__file__).parents[3] / "shared" / "extraction" / "truth.jsonl"
TEXTS = (30, pytest.param(250, marks=pytest.mark.soak))
RIGHT = 0.999  # share of the characters that are as they were
TOLD = 0.9998  # the same where bytes are gone: share of those that are right, or said to be unknown
# Share of those that are right all the same: a table with private areas loses what ends a run, one without loses much within.
LOST = {"gb18030": 0.985, "gbk": 0.87}

KINDS: dict[str, damage.Damage] = {
    "entities twice": damage.entities(2),
    "entities three times": damage.entities(3),
    "utf-8 as latin-1": damage.decoded_as("utf-8", "latin-1"),
    "utf-8 as cp1252": damage.decoded_as("utf-8", "cp1252"),
    "gbk as latin-1": damage.decoded_as("gbk", "latin-1"),
    "gbk as cp1252": damage.decoded_as("gbk", "cp1252"),
    "pinyin in square brackets": damage.annotated("{}[{}]"),
    "pinyin with figures": damage.annotated("{}({}2)", toned=False),
    "pinyin without tones": damage.annotated("{}（{}）", toned=False),
    "pinyin between characters": damage.annotated("{}{}"),
    "pinyin between blanks": damage.annotated("{} {} "),
    "invisible characters": damage.hidden,
    "wide digits": damage.wide_digits,
    "half wide numbers": damage.half_wide,
    "traditional mirror": damage.mirror,
}  # fmt: skip
PAIRS = [
    ("entities twice", "invisible characters"),
    ("entities twice", "utf-8 as latin-1"),
    ("invisible characters", "utf-8 as cp1252"),
    ("utf-8 as latin-1", "utf-8 as latin-1"),
    ("utf-8 as cp1252", "utf-8 as cp1252"),
    ("wide digits", "utf-8 as latin-1"),
    ("wide digits", "gbk as cp1252"),
    ("half wide numbers", "entities twice"),
    ("half wide numbers", "traditional mirror"),
    ("traditional mirror", "entities twice"),
    ("traditional mirror", "utf-8 as cp1252"),
]


def invented(number: int) -> list[str]:
    """An article of a dozen sentences, with figures and quotations, all of it in GBK."""
    chance = random.Random(number)
    chosen = chance.sample(SENTENCES, 10)
    year, month, length = chance.randrange(1980, 2026), chance.randrange(1, 13), chance.randrange(1000, 9999)
    chosen.insert(3, f"到{year}年{month}月，全长{length}米，投资{chance.randrange(10, 99)}.5万元。")
    chosen.insert(7, f"他说：“水来了——A{chance.randrange(10, 99)}号闸的水……先到‘下游’。”")
    return ["".join(chosen[at : at + 3]) for at in range(0, len(chosen), 3)]


def wrong(healthy: Sequence[str], mended: Sequence[str]) -> tuple[int, int]:
    """Count the characters that are not as they were, and how many of these are said to be unknown."""
    count = unknown = 0
    for before, now in zip(healthy, mended, strict=True):
        if before == now:
            continue
        unknown += now.count(UNKNOWN)
        for kind, a, b, c, d in difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
            count += 0 if kind == "equal" else max(b - a, d - c)
    return count, unknown


def measured(texts: Iterable[list[str]], *kinds: str) -> tuple[float, float]:
    """Damage each text, mend it; gives the share of right characters, and of those that are right or told as unknown."""
    characters = bad = told = 0
    for number, healthy in enumerate(texts):
        damaged = healthy
        for kind in kinds:
            damaged = KINDS[kind](damaged, random.Random(number))
        count, unknown = wrong(healthy, mend(damaged).paragraphs)
        characters, bad, told = characters + sum(map(len, healthy)), bad + count, told + min(count, unknown)
    return 1 - bad / characters, 1 - (bad - told) / characters


@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_damage_is_undone(kind: str, texts: int) -> None:
    """999 of 1,000 characters, over so many invented articles."""
    assert measured(map(invented, range(texts)), kind)[0] >= RIGHT


@pytest.mark.parametrize("kinds", PAIRS, ids=" then ".join)
def test_two_kinds_over_each_other_are_undone(kinds: tuple[str, str]) -> None:
    """A page goes through more than one broken system."""
    assert measured(map(invented, range(40)), *kinds)[0] >= RIGHT


def lost_and_told(texts: Iterable[list[str]], read: damage.Damage) -> tuple[float, float]:
    """Damage each text, mend it; gives the share of right characters, and of those that are right or said to be unknown."""
    characters = bad = guessed = 0
    for number, healthy in enumerate(texts):
        count, unknown = wrong(healthy, mend(read(healthy, random.Random(number))).paragraphs)
        characters, bad = characters + sum(map(len, healthy)), bad + count
        guessed += max(0, count - unknown)
    return 1 - bad / characters, 1 - guessed / characters


@pytest.mark.parametrize("texts", [12, pytest.param(250, marks=pytest.mark.soak)])
@pytest.mark.parametrize("errors", ["replace", "ignore", "question"])
@pytest.mark.parametrize("table", LOST)
def test_what_utf8_read_as_gbk_lost_is_told(table: str, errors: str, texts: int) -> None:
    """Each odd run of bytes loses one: what cannot be known is □, however the loss is marked, and nothing is guessed wrong."""
    right, told = lost_and_told(map(invented, range(texts)), damage.decoded_as("utf-8", table, errors))

    assert right >= LOST[table]
    assert told >= TOLD


def test_utf8_read_as_gbk_twice_comes_back() -> None:
    """What the first reading lost is a mark that the second one reads, and each loss of the second hides a pair of the first."""
    right, told = lost_and_told(map(invented, range(12)), damage.twice(damage.decoded_as("utf-8", "gb18030")))

    assert right >= LOST["gb18030"] - 0.005
    assert told >= TOLD


def test_invented_articles_are_healthy() -> None:
    """Else the counts above would say nothing."""
    assert all(not mend(invented(number)).repairs for number in range(250))


@pytest.mark.soak
@pytest.mark.skipif(not TRUTH.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_damaged_by_program_comes_back(kind: str) -> None:
    """75 Chinese articles of newspapers, as people read them."""
    assert measured(chinese(), kind)[0] >= RIGHT


@pytest.mark.soak
@pytest.mark.skipif(not TRUTH.exists(), reason="the corpus is not here")
@pytest.mark.parametrize(("table", "least"), [("gb18030", 0.99), ("gbk", 0.9)])
def test_what_the_corpus_lost_is_told(table: str, least: float) -> None:
    """Of 126,000 characters a table with private areas loses 1,760: half come back, 3 wrong. One without loses 15,000."""
    right, told = lost_and_told(chinese(), damage.decoded_as("utf-8", table))

    assert right >= least
    assert told >= TOLD


def chinese() -> list[list[str]]:
    """The Chinese articles of the corpus, as far as GBK has their characters."""
    with TRUTH.open(encoding="utf-8") as lines:
        articles = [article for line in lines if (article := json.loads(line))["lang"] == "zh"]
    return [
        [line.encode("gbk", "ignore").decode("gbk") for line in one["text"].split("\n") if line.strip()]
        for one in articles
    ]
