"""When a page says that it was published: told for machines, seen by readers, in scripts and addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean import Refusal, Rules, read_page
from archive.clean.page import Page, open_page
from archive.clean.when import Around, find_moment, seen_moment

URL = "http://paper.example/a/17.html"


def page(head: str = "", body: str = "", *, graph: object = None, url: str = URL, lang: str = "") -> Page:
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>' if graph else ""
    markup = f'<html lang="{lang}"><head><title>Water</title>{head}{script}</head><body>{body}</body></html>'
    return Page(open_page(markup.encode(), "text/html; charset=utf-8", url).root, url)


def day(one: Page, *between: str, above: tuple[str, ...] = (), below: tuple[str, ...] = ()) -> str | None:
    moment = find_moment(one, Around(between, above, below))
    return moment.day.isoformat() if moment else None


def published(value: str) -> dict[str, str]:
    return {"@type": "NewsArticle", "datePublished": value}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["发布时间：2031-03-05 10:00 更新时间：2031-03-07 10:00"], "2031-03-05"),
        (["Updated: Mar 7, 2031 | Published: Mar 5, 2031"], "2031-03-05"),
        (["Publié le 5 mars 2031 à 14h52, modifié le 7 mars 2031"], "2031-03-05"),
        (["Veröffentlicht am 05.03.31 um 07:39 Uhr", "Audio 03:07 Min. | 02.03.31 | Jana Kern"], "2031-03-05"),
        (["Stand: 05.03.2031 18:24 Uhr"], "2031-03-05"),
        (["입력 2031.03.05. 오후 1:05 수정 2031.03.07. 오후 2:05"], "2031-03-05"),
        (["2031-03-05 06:40更新 来源：青溪日报"], "2031-03-05"),
        (["二〇三一年三月五日"], "2031-03-05"),
        (["更新时间：2031-03-07 10:00"], None),
        (["Zuletzt aktualisiert: 07.03.2031"], None),
        (["2031年3月5日，渠水到了，村里人从山上下来，把闸门提了起来。"], None),
        (["Der Minister bei der Eröffnung des Kanals in Linxi am 2. März 2031. Foto: lpa"], None),
        (["3小时前", "刚刚", "Heute, 12:37 Uhr"], None),
        (["Copyright 2031-03-05 临溪网"], None),
        (["今天是2031年3月5日 星期三"], None),
    ],
)
def test_the_line_beside_the_headline_tells_the_day(lines, expected):
    """A date of change, of a recording, within a sentence or counted from now is none of publication."""
    assert expected == day(page(), *lines)


def test_a_line_with_a_time_counts_before_a_bare_day():
    """The day stands in the paper's head too."""
    moment = seen_moment(Around(["2031-03-05", "2031-03-05 07:12"]))

    assert moment
    assert moment.hour == 7


def test_above_the_headline_only_a_bare_date_counts_and_below_the_text_only_one_that_a_word_explains():
    """There stand the dates of other articles."""
    assert day(page(), above=("2031年03月05日",)) == "2031-03-05"
    assert day(page(), above=("The week in pictures from all over Linxi and the hills, 5 March 2031",)) is None
    assert day(page(), below=("发布时间：2031-03-05",)) == "2031-03-05"
    assert day(page(), below=("Other news 2031-03-05",)) is None


@pytest.mark.parametrize(
    ("told", "seen", "expected"),
    [
        ("2031-11-20T02:00:00+08:00", "2031年3月5日 07:12", "2031-03-05"),
        ("2031-03-05T08:00:00+01:00", "18.07.2031, 11.08 Uhr", "2031-03-05"),
        ("2031-03-06T02:10:00Z", "March 5, 2031", "2031-03-06"),
        ("2031-03-06T00:10:00+08:00", "2031-03-05", "2031-03-05"),
    ],
)
def test_where_told_and_seen_differ_the_earlier_counts_unless_the_zone_explains_it(told, seen, expected):
    """adbar/htmldate#8: the head has the day of a later build."""
    assert expected == day(page(graph=published(told)), seen)


def test_the_day_told_gets_the_time_that_is_seen():
    """Many systems write the day alone into the head."""
    moment = find_moment(
        page('<meta name="pubdate" content="2031-03-05">'), Around(["2031-03-05 07:12 来源：临溪日报"])
    )

    assert moment
    assert (moment.hour, moment.minute) == (7, 12)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:published_time" content="2031-03-05T07:12:00+08:00">', ""),
        ('<meta name="PubDate" content="2031-03-05">', ""),
        ('<meta itemprop="datePublished" content="1930461120000">', ""),
        ("", '<time itemprop="datePublished" datetime="2031-03-05">5 March</time>'),
        ("", '<abbr class="published" title="2031-03-05T07:12:00+0800">heute</abbr>'),
        ("", '<time datetime="2031-03-05">5 March</time>'),
        ('<link rel="canonical" href="http://paper.example/2031/0305/17.html">', ""),
        ("<script>var page = {id: 17, publishTime: '2031-03-05 07:12:00'}</script>", ""),
        ("<script>var createTime = '2031-03-05 07:12';</script>", ""),
        ("<script>var createTime = JsDecode('2031-03-06 01:12'), n = 1; var ct = '1930497120';</script>", ""),
    ],
)
def test_markup_addresses_and_scripts_tell_the_day(head, body):
    """A page that prints no date mostly has one for machines."""
    assert day(page(head, body)) == "2031-03-05"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            '<meta property="article:modified_time" content="2031-03-05"><meta name="lastmodified" content="2031-03-05">',
            "",
        ),
        ("", '<time class="updated" datetime="2031-03-05">5 March</time>'),
        ("", '<time datetime="2031-03-05">Updated 5 March 2031</time>'),
        ("<script>var a = [{publishTime: '2031-03-05'}, {publishTime: '2031-03-07'}]</script>", ""),
        ("<script>var a = {user: {createTime: '2031-03-05'}}</script>", ""),
        ("<script>var createTime = '2031-03-05'; var ct = '1930777920';</script>", ""),
    ],
)
def test_a_change_is_never_taken_for_publication(head, body):
    """The archive sorts by the day of publication; scripts that name two days name those of other articles."""
    assert day(page(head, body, graph={"@type": "NewsArticle", "dateModified": "2031-03-05"})) is None


def test_a_time_without_a_zone_takes_the_one_that_another_date_of_the_page_has():
    """CONTRACT, profile, timezone: the page's own zone counts first."""
    graph = {
        "@type": "NewsArticle",
        "datePublished": "2031-03-05 07:12:00",
        "dateModified": "2031-03-06T08:00:00+03:00",
    }
    moment = find_moment(page(graph=graph), Around())

    assert moment
    assert str(moment.offset) == "3:00:00"


@pytest.mark.parametrize(("lang", "expected"), [("en-US", "2031-03-05"), ("en-GB", "2031-05-03"), ("de", "2031-05-03")])
def test_an_american_page_has_the_month_first(lang, expected):
    """3/5/2031 is two months apart on both sides of an ocean."""
    assert expected == day(page(lang=lang), "3/5/2031")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("3小时前", "2031-03-05"),
        ("临溪日报 · 9小时前", "2031-03-04"),
        ("发布于 半小时前 来源：临溪网", "2031-03-05"),
        ("刚刚", "2031-03-05"),
        ("发布时间：昨天下午3点", "2031-03-04"),
        ("昨天 07:12", "2031-03-04"),
        ("前天", "2031-03-03"),
        ("2天前", "2031-03-03"),
        ("By Jane Doe | an hour ago", "2031-03-05"),
        ("Jane Doe · Yesterday", "2031-03-04"),
        ("vor 10 Stunden", "2031-03-04"),
        ("heute, 07:30 Uhr", "2031-03-05"),
        ("3時間前", "2031-03-05"),
        ("3시간 전", "2031-03-05"),
        ("более 2 часа назад", "2031-03-05"),
        ("更新于 5分钟前", None),
        ("5 minutes ago (updated)", None),
        ("3 comments 2 hours ago", None),
        ("3个月前", None),
        ("2 weeks ago", None),
        ("9天前", None),
        ("Heute", None),
        ("今天天气晴", None),
        ("昨天，水渠通了。3小时前有人看见", None),
        ("Yesterday, the water reached the valley of Linxi", None),
    ],
)
def test_what_is_counted_from_now_is_counted_from_the_capture(line, expected):
    """A reading has no clock; the record has the time at which the reader saw the words. The day is the reader's own."""
    text = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟，又往山上去了。"
    payload = f"<html><body><h1>山里的账本记了十二年</h1><p>{line}</p><p>{text * 3}</p></body></html>".encode()

    def told(fetched: datetime | None) -> tuple[str | None, bool]:
        reading = read_page(
            payload,
            url=URL,
            content_type="text/html; charset=utf-8",
            rules=Rules(timezone="Asia/Shanghai"),
            fetched=fetched,
        )
        assert not isinstance(reading, Refusal)
        return reading.published, reading.published_counted

    assert (expected, expected is not None) == told(datetime(2031, 3, 5, 0, 30, tzinfo=UTC))
    assert (None, False) == told(None)


@given(
    st.lists(st.text(alphabet="0123456789年月日时:-/. |发布更新时间：Published Marchäé,apm", max_size=80), max_size=6)
)
def test_any_lines_give_a_moment_or_none(lines):
    """Nothing that stands beside a headline may stop a crawl."""
    moment = seen_moment(Around(lines, lines, lines))

    assert moment is None or 1980 <= moment.day.year <= 2100


@pytest.mark.parametrize("piece", ["2031-03-05 ", "5 March ", "12:00 ", "更新", "　", "年月日", "令和", "1."])
def test_a_hundred_thousand_marks_are_read_in_one_go(piece):
    """A pattern that goes back over them would hold a crawl for hours."""
    long = piece * (100_000 // len(piece))

    assert seen_moment(Around([long, long + "!"], [long])) is None
