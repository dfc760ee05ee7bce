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
TEXTS = (50, pytest.param(250, marks=pytest.mark.soak))
RIGHT = 0.999  # share of the characters that are as they were
TOLD = 0.997  # the same where bytes are gone: share of those that are right, or said to be unknown

KINDS: dict[str, damage.Damage] = {
    "entities twice": damage.entities(2),
    "entities three times": damage.entities(3),
    "utf-8 as latin-1": damage.decoded_as("utf-8", "latin-1"),
    "utf-8 as cp1252": damage.decoded_as("utf-8", "cp1252"),
    "gbk as latin-1": damage.decoded_as("gbk", "latin-1"),
    "gbk as cp1252": damage.decoded_as("gbk", "cp1252"),
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


@pytest.mark.parametrize("texts", TEXTS)
def test_what_utf8_read_as_gbk_lost_is_told(texts: int) -> None:
    """Each odd run of bytes loses one: what cannot be known is □, and next to nothing is guessed wrong."""
    read = damage.decoded_as("utf-8", "gb18030")
    characters = guessed = 0
    for number in range(texts):
        healthy = invented(number)
        count, unknown = wrong(healthy, mend(read(healthy, random.Random(number))).paragraphs)
        characters, guessed = characters + sum(map(len, healthy)), guessed + max(0, count - unknown)

    assert 1 - guessed / characters >= TOLD


def test_invented_articles_are_healthy() -> None:
    """Else the counts above would say nothing."""
    assert all(not mend(invented(number)).repairs for number in range(250))


@pytest.mark.soak
@pytest.mark.skipif(not TRUTH.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_damaged_by_program_comes_back(kind: str) -> None:
    """75 Chinese articles of newspapers, as people read them."""
    with TRUTH.open(encoding="utf-8") as lines:
        articles = [article for line in lines if (article := json.loads(line))["lang"] == "zh"]
    texts = [
        [line.encode("gbk", "ignore").decode("gbk") for line in one["text"].split("\n") if line.strip()]
        for one in articles
    ]

    assert measured(texts, kind)[0] >= RIGHT
