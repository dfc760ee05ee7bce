"""What is proposed of the series as a whole: id, count, subjects, rhythm, language, zone."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

import pytest

from crawler.proposing import about, addresses, anchors, counting, names, naming, rows
from crawler.proposing.counting import cadence_of, expected_of, subjects_of
from crawler.proposing.naming import series_id


def free(_: str) -> bool:
    """Take no id for taken."""
    return False


@pytest.mark.parametrize("module", [about, addresses, anchors, counting, names, naming, rows])
def test_the_examples_in_the_code_hold(module: object) -> None:
    """They are what a reader trusts first."""
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("出彩网信看河南", "zh", "chucai-wangxin-kan-henan"),
        ("旅行", "zh", "lvxing"),
        ("Leben am Kanal – Öl & Wasser", "de", "leben-am-kanal-oel-wasser"),
        ("L'été des écluses", "fr", "lete-des-ecluses"),
        ("水辺の記憶", "ja", "mizube-rensai"),
        ("Канал", "ru", "mizube-rensai"),
        ("走读2018：渠水", "zh", "zoudu-2018-qushui"),
        ("A very long title of a series that nobody would want to type", "en", "a-very-long-title-of-a-series-that"),
    ],
)  # fmt: skip
def test_an_id_is_made_from_the_title(title: str, language: str, expected: str) -> None:
    """It names files and addresses, and a person types it."""
    made = series_id(title, language, "https://www.mizube.example/rensai/index.html", free)

    assert made == expected


def test_an_id_that_is_taken_gets_a_number() -> None:
    """Two series under one id would be folded into one."""
    taken = {"qushui", "qushui-2"}

    assert series_id("渠水", "zh", "http://a.example/", taken.__contains__) == "qushui-3"


@pytest.mark.parametrize(
    ("text", "titles", "expected"),
    [
        ("渠水纪事（共12篇）", ["一", "二"], (12, True)),
        ("本报推出十八期系列报道，全18期", ["一"], (18, True)),
        ("全7回", ["一"], (7, True)),
        ("A series in seven parts.", ["one"], (7, True)),
        ("our 12-part series", ["one"], (12, True)),
        ("alle Folgen der sechsteiligen Serie", ["eins"], (6, True)),
        ("共235条 共12页", ["一", "二"], None),
        ("共3篇", ["一", "二", "三", "四"], (3, False)),
        ("", ["渠水 (Part 3 of 12)", "渠水 (Part 2 of 12)"], (12, True)),
        ("", ["渠水（上）", "渠水（下）"], (2, True)),
        ("", ["渠水（上）", "渠水（中）", "渠水（下）"], (3, True)),
        ("", ["渠水（上）"], None),
        ("", ["系列报道①", "系列报道②", "系列报道③"], (3, False)),
        ("", ["渠水之七", "渠水之六"], (7, False)),
        ("", ["第3期：石桥", "第2期：渠首"], (3, False)),
        ("", ["石桥村的渠水", "2019年的夏天"], None),
    ],
)
def test_the_count_is_taken_where_the_page_tells_the_whole(
    text: str, titles: list[str], expected: tuple[int, bool] | None
) -> None:
    """A number in a headline is how far the series has come; taken for its length, every new instalment would be one too many."""
    told = expected_of(text, titles)

    assert (None if told is None else (told.value, told.sure)) == expected


def test_subjects_are_sure_only_of_a_whole_series() -> None:
    """A list of subjects that still grows would count as complete."""
    titles = ["郑州：城里的渠", "开封：汴水有信", "洛阳：两水之间"]

    told = subjects_of(titles, expected_of("共3篇", titles))
    growing = subjects_of(titles, None)

    assert told is not None
    assert (told.value, told.sure) == (["郑州", "开封", "洛阳"], True)
    assert growing is not None
    assert not growing.sure
    assert subjects_of(["评论：一", "评论：二", "评论：三"], None) is None
    assert subjects_of(["郑州：一", "开封的渠", "洛阳：三"], None) is None


def test_a_rhythm_is_proposed_where_the_dates_have_one() -> None:
    """`overdue` is told by it: where there is no rhythm, each pause would be an alarm."""
    weekly = [date(2024, 4, 1) + timedelta(days=7 * n) for n in range(8)]
    ragged = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 3, 1), date(2024, 3, 2), date(2024, 5, 25)]

    told = cadence_of(weekly, weekly[-1] + timedelta(days=3))
    over = cadence_of(weekly, date(2026, 1, 1))

    assert told is not None
    assert (told.value, told.sure) == ("8d", True)
    assert over is not None
    assert not over.sure
    assert cadence_of(ragged, date(2024, 6, 1)) is None
    assert cadence_of(weekly[:3], weekly[-1]) is None


def test_the_zone_follows_the_country_then_the_language() -> None:
    """A German paper's 08:00 is not UTC's."""
    german = about.zone_of("https://www.uferbote.de/serie", "de")
    chinese = about.zone_of("https://www.hebin.com/", "zh")

    assert german is not None
    assert german.value == "Europe/Berlin"
    assert chinese is not None
    assert chinese.value == "Asia/Shanghai"
    assert about.zone_of("https://paper.com/", "en") is None
