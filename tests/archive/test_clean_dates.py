"""Dates of publication: forms, zones, precision."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.dates import Moment, day_in_url, published, read_dates, read_moment

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("时间：2031年3月5日 07:12　来源：青溪日报", ("2031-03-04T23:12:00Z", "minute")),
        ("2031.06.20", ("2031-06-20", "day")),
        ("203103/0507:12:33", ("2031-03-04T23:12:33Z", "second")),
        ("2031/3/5 下午3:04", ("2031-03-05T07:04:00Z", "minute")),
        ("2031-03-05 07:12:33", ("2031-03-04T23:12:33Z", "second")),
        ("2031-03-05T07:12:33.120+01:00", ("2031-03-05T06:12:33Z", "second")),
        ("March 5, 2031 at 7:12 pm", ("2031-03-05T11:12:00Z", "minute")),
        ("Wed, 05 Mar 2031 07:12:00 GMT", ("2031-03-05T07:12:00Z", "second")),
        ("5. März 2031", ("2031-03-05", "day")),
        ("05.03.2031", ("2031-03-05", "day")),
        ("2031-03-05T00:00:00+08:00", ("2031-03-05", "day")),
    ],
)
def test_a_printed_date_is_read_in_the_zone_of_its_readers(text, expected):
    """A Chinese page without a zone means +08:00; read as UTC, articles of the small hours land on the wrong day."""
    moment = read_moment(text)

    assert moment is not None
    assert expected == published(moment, None, "zh")[:2]


@pytest.mark.parametrize("text", ["2031-13-05", "2031-02-30", "第2031号", "1031-02-03", "", "12:30", "2031-3"])
def test_what_is_no_date_is_none(text):
    """A guessed date is worse than none: the archive would sort by it."""
    assert read_moment(text) is None


def test_the_zone_is_the_pages_own_then_the_profiles_then_the_languages():
    """Source: CONTRACT, profile, timezone."""
    bare, zoned = read_moment("2031-01-06 00:30"), read_moment("2031-01-06T00:30:00Z")
    assert bare is not None
    assert zoned is not None

    assert published(zoned, "Asia/Shanghai", "zh")[0] == "2031-01-06T00:30:00Z"
    assert published(bare, "Europe/Berlin", "zh")[0] == "2031-01-05T23:30:00Z"
    assert published(bare, None, "zh")[0] == "2031-01-05T16:30:00Z"


@pytest.mark.parametrize("zone", [None, "Not/AZone"])
def test_a_time_in_an_unknown_zone_keeps_its_day_only(zone):
    """An English page may be from anywhere; an invented instant would be false by up to a day."""
    moment = read_moment("2031-01-06 00:30")
    assert moment

    assert published(moment, zone, "en") == ("2031-01-06", "day", "2031-01-06")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2031-01-06 00:30", "2031-01-06T00:30:00+08:00"),
        ("2031-01-06 07:12:33", "2031-01-06T07:12:33+08:00"),
        ("2031-01-06T00:30:00+01:00", "2031-01-06T00:30:00+01:00"),
        ("2031-01-06T00:30:00Z", "2031-01-06T00:30:00+00:00"),
        ("2031-01-06", "2031-01-06"),
    ],
)
def test_the_publishers_own_day_is_kept_beside_the_instant(text, local):
    """Before eight in the morning the day in China is not the day in UTC; a reader knows the article by the former."""
    moment = read_moment(text)
    assert moment

    assert local == published(moment, None, "zh").local


@given(DAYS, st.times(), st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]))
def test_both_forms_tell_the_same_instant(day, at, zone):
    """One is derived from the other's clock; an hour lost at a change of clocks would date an article twice."""
    given_moment = Moment(day, at.hour, at.minute, at.second)
    moment, precision, local = published(given_moment, zone, None)

    assert precision == "day" or datetime.fromisoformat(moment) == datetime.fromisoformat(local)
    assert precision != "day" or moment == local


def test_metadata_and_apis_may_write_digits_only():
    """1931 inhabitants or a telephone number in a text must not become a day, so this is allowed only where said."""
    assert [read_moment("20310305"), read_moment("1489708080")] == [None, None]
    assert [date(2031, 3, 5), date(2017, 3, 16)] == [
        moment.day for text in ("20310305", "1489708080") if (moment := read_moment(text, compact=True))
    ]


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://paper.example/content/8/2031/0317/38294.html", date(2031, 3, 17)),
        ("http://paper.example/html5/2031-05/08/content_18.htm", date(2031, 5, 8)),
        ("http://paper.example/nweb/20310101/a.htm", date(2031, 1, 1)),
        ("http://paper.example/a/20311399.html", None),
        ("http://paper.example/a/38294.html", None),
    ],
)
def test_the_day_in_an_address_is_a_last_resort(url, day):
    """Many sites file articles by day; the number of an article is no day."""
    moment = day_in_url(url)

    assert day == (moment.day if moment else None)


@given(st.text(alphabet="0123456789-/.:年月日TZ+ 上下午Mayapm,", max_size=40))
def test_any_text_gives_a_real_moment_or_none(text):
    """What is read must always be printable as the contract's form."""
    moment = read_moment(text, compact=True)

    assert moment is None or published(moment, "Asia/Shanghai", None)[1] in ("day", "minute", "second")


@given(DAYS, st.integers(0, 23), st.integers(1, 59), st.integers(-11, 13))
def test_an_offset_is_honoured(day, hour, minute, offset):
    """Shifting the printed offset by an hour shifts the instant by an hour."""
    printed = f"{day.isoformat()}T{hour:02d}:{minute:02d}:00{offset:+03d}:00"

    assert Moment(day, hour, minute, 0, timedelta(hours=offset)) == read_moment(printed)


@pytest.mark.parametrize(
    "text",
    [
        "5 mars 2031", "5. März 2031", "5 de marzo de 2031", "5 marzo 2031", "5 março de 2031", "5 maart 2031", "5 marca 2031",
        "5. března 2031", "5 марта 2031 г.", "5 березня 2031", "5 Μαρτίου 2031", "5 Mart 2031", "5 مارس 2031", "٥ مارس ٢٠٣١",
        "5 मार्च 2031", "5 มีนาคม 2574", "5 tháng 3, 2031", "2031년 3월 5일", "2031. 3. 5.", "令和13年3月5日", "民國120年3月5日",
        "二〇三一年三月五日", "２０３１年３月５日", "March 5th, 2031", "5-Mar-2031", "05.03.31", "5/3/2031", "2031/03/05",
        "5 de març del 2031", "5. maaliskuuta 2031", "5 kovo 2031",
    ],
)  # fmt: skip
def test_a_day_is_read_in_the_form_of_each_language(text):
    """A newspaper's own words for its months are what it prints."""
    assert [found.moment.day for found in read_dates(text)] == [date(2031, 3, 5)]


@pytest.mark.parametrize(
    ("text", "hour", "minute", "offset"),
    [
        ("5 mars 2031 à 14h52", 14, 52, None),
        ("05.03.2031 um 20.15 Uhr", 20, 15, None),
        ("5 mar 2031 kl 10.23", 10, 23, None),
        ("March 5, 20312:23 PM EST", 14, 23, -5),
        ("5 Mar 2031 - 17:38CET", 17, 38, 1),
        ("05/03/2031, 19:25 (GMT+7)", 19, 25, 7),
        ("2031年3月5日 21時37分", 21, 37, None),
        ("2031.03.05. 오후 1:05", 13, 5, None),
        ("March 5, 2031 5 AM PT", 5, 0, None),
        ("2031年3月5日 中午12:30 北京时间", 12, 30, 8),
    ],
)
def test_the_time_beside_a_day_is_read_with_its_zone(text, hour, minute, offset):
    """A zone with two meanings (CST) is none."""
    moment = read_dates(text)[0].moment

    assert (hour, minute) == (moment.hour, moment.minute)
    assert moment.offset == (None if offset is None else timedelta(hours=offset))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("发布时间：2031-03-05 更新时间：2031-03-06", ["published", "changed"]),
        ("Updated: Mar 6, 2031 | Published: Mar 5, 2031", ["changed", "published"]),
        ("Publicerad 5 mar 2031 Uppdaterad 6 mar 2031", ["published", "changed"]),
        ("Audio: Antenne | 05.03.2031", ["other"]),
        ("发布《渠水管理规定》，自2031年3月5日起施行", [None]),
        ("2031-03-05 更新", [None]),
    ],
)
def test_the_word_before_a_date_says_what_it_is_the_date_of(text, kinds):
    """A day of change taken for the day of publication moves an article among its instalments."""
    assert kinds == [found.kind for found in read_dates(text)]
