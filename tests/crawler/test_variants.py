"""One article is one instalment, under however many addresses; two articles are never joined, whatever pages claim."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import walk
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rebuilder import rebuild
from routed import Routed

from archive.config import Config
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verbs.verify import command as verify
from archive.views import articles, history
from crawler.demo.answers import Answer
from crawler.scope import canonicalise
from crawler.tracking import SHARED_FROM, TRACKING, is_tracking
from crawler.twins import _USUAL, kin_of, twin_key

WORDS = {
    "一": "清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺，水顺着渠道往下游走，先到苗圃，再到稻田。",
    "二": "这条渠修于三十年前，去年秋天开始改造，村里把渠底的淤泥清出来，堆在坡地上种了两茬油菜，又栽下一千二百棵乌桕。",
    "三": "镇上的中学把地理课搬到了渠首，学生用浮标测流速，用透明度盘看水质，数据贴在教室后墙，攒了满满三张大纸。",
}


def page(number: str, *, title: str = "", head: str = "", more: str = "", words: str = "") -> str:
    """An instalment."""
    title = title or f"渠水十二站之{number}"
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><div class='content'>"
        f"<p>{words or WORDS[number]}</p><p>第{number}站的渠水往东流去，下一站在十里之外。</p>{more}</div></body></html>"
    )


def listing(*paths: str, titles: tuple[str, ...] = ()) -> str:
    """A list of articles."""
    named = titles or tuple(f"渠水十二站之{place}" for place, _ in enumerate(paths, 1))
    lines = "".join(f"<li><a href='{path}'>{title}</a></li>" for path, title in zip(paths, named, strict=True))
    return f"<html><head><title>渠</title></head><body><ul class='list'>{lines}</ul></body></html>"


PROFILE = f"""
[series]
id = "qu"
title = "渠"
timezone = "Asia/Shanghai"
[source]
kind = "list-page"
url = "{walk.BASE}/list.html"
item = "ul.list a"
[fetch]
delay = 0
recheck = "always"
requisites = "none"
allow_private = true
[article]
title = "h1"
body = "div.content"
"""


class Paper:
    """A home, and a site that it is crawled from."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.site = Routed({})
        self.profile = PROFILE

    def crawl(self) -> dict[str, Any]:
        """Crawl once."""
        return walk.walk(self.home, walk.profile_of(self.profile), self.site)

    def kept(self) -> list[tuple[str, list[str]]]:
        """Give each article's path and the paths of its variants; a rebuild gives the same ledger."""
        before = walk.state_of(self.home)
        ran, _, error = rebuild(self.home)
        assert (0, None) == (ran.exit_code, error)
        assert before == walk.state_of(self.home)
        ledger = open_ledger(self.home.root, create=False)
        try:
            with ledger.read() as connection:
                found = articles(connection, "qu")
                self.events = [event["kind"] for event in history(connection, "qu")]
            return [(_path(one["url"]), sorted(map(_path, one["variants"]))) for one in found]
        finally:
            ledger.close()


def _path(url: str) -> str:
    return url.removeprefix(walk.BASE)


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """An empty home and an empty site."""
    return Paper(walk.home_at(tmp_path / "home"))


CANONICAL = "<link rel='canonical' href='/a/1.html'>"


@pytest.mark.parametrize(
    ("second", "head", "more"),
    [
        ("/wap/9.html", CANONICAL, ""),
        ("/share/9.html", "<meta property='og:url' content='/a/1.html'>", "<p>扫码下载客户端</p>"),
        ("/a/1.html?amp=1", "", ""),
        ("/amp/a/1.html", "", "<p>查看原网页</p>"),
        ("/m/a/1.html", "", ""),
    ],
)
def test_an_article_listed_under_two_addresses_is_one(paper: Paper, second: str, head: str, more: str) -> None:
    """A mobile form, an AMP form, a share page: the same lines, said to be the other one or named alike."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", second, "/a/2.html"), "/a/1.html": page("一"),
        second: page("一", head=head, more=more), "/a/2.html": page("二"),
    })  # fmt: skip

    report = paper.crawl()

    assert [("/a/1.html", [second]), ("/a/2.html", [])] == paper.kept()
    assert (2, 2, []) == (report["found"], report["captured"], report["failed"])
    assert ["found", "found", "captured", "captured"] == paper.events


@pytest.mark.parametrize(
    "head",
    [
        "<link rel='canonical' href='/'>",
        "<link rel='canonical' href='/a/1.html'>",
        "<meta property='og:url' content='/a/1.html'>",
        "<link rel='canonical' href='/list.html'>",
        "<link rel='canonical' href=''><link rel='canonical' href='http://['>",
    ],
)
def test_articles_that_claim_one_address_and_differ_stay_apart(paper: Paper, head: str) -> None:
    """A template with a fixed canonical address, an og:url that was copied into all pages: the text decides."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/a/2.html", "/a/3.html"),
        **{f"/a/{place}.html": page(number, head=head, title="渠水十二站") for place, number in enumerate(WORDS, 1)},
    })  # fmt: skip

    report = paper.crawl()

    assert [("/a/1.html", []), ("/a/2.html", []), ("/a/3.html", [])] == paper.kept()
    assert 3 == report["captured"]


BY_NUMBER = ("/s.php?id=5", "/s.php?id=6")


@pytest.mark.parametrize(
    ("day", "words", "expected"),
    [("2018-08-30 10:20", "半尺", 1), ("2018-08-30 10:20", "一尺", 2), ("", "半尺", 2)],
    ids=["the same", "one figure", "no date"],
)
def test_addresses_with_another_value_are_one_article_by_time_and_text(
    paper: Paper, day: str, words: str, expected: int
) -> None:
    """The value may name the article, or the place of the link: only title, time and text together tell."""
    told = page("一", title="水情").replace("<div class", f"<span class='time'>{day}</span><div class")
    paper.site.put_all({
        "/list.html": listing(*BY_NUMBER, titles=("水情",) * 2),
        BY_NUMBER[0]: told, BY_NUMBER[1]: told.replace("半尺", words),
    })  # fmt: skip

    report = paper.crawl()

    assert (expected, expected) == (report["found"], len(paper.kept()))


def test_in_a_crowd_of_one_script_the_twins_are_found(paper: Paper) -> None:
    """All articles of the site are one page but for the query; the one with a parameter more is the one it is of."""
    pages = {f"/s.php?id={n}": page("一", words=WORDS["一"].replace("半尺", f"{n}尺")) for n in range(100, 116)}
    paper.site.put_all({"/list.html": listing(*pages, "/s.php?id=105&src=top"), **pages})
    paper.site.put("/s.php?id=105&src=top", pages["/s.php?id=105"])

    paper.crawl()

    kept = paper.kept()
    assert [("/s.php?id=105", ["/s.php?id=105&src=top"])] == [one for one in kept if one[1]]
    assert len(pages) == len(kept)


SITE = "http://www.qu.example"
PAIRS = {  # an address -> another of the same page, and what that has in its head
    "/a/1.html": ("/a/1.html?spm=a.b.c&from=mobile", ""),
    "/a/2.html": ("/a/2.html?src=home&pos=3", ""),
    "/a/3.html": ("/x/9.html", f"<meta name='mobile-agent' content='format=html5; url={walk.BASE}/a/3.html'>"),
    "/a/4.html": ("/y/9.html", "<link rel='alternate' media='only screen and (max-width: 640px)' href='/a/4.html'>"),
    f"{SITE}/a/5.html": ("http://m.qu.example/a/5.html", ""),
    f"{SITE}/a/6.html": ("http://3g.qu.example/a/6.html?from=wap", ""),
    f"{SITE}/a/7.html": ("https://wap.qu.example/a/7.html", ""),
    f"{SITE}/a/8": (f"{SITE}/a/8/index.html", ""),
    f"{SITE}/q?kw=%CA%AF%C7%C5": (f"{SITE}/q?kw=%E7%9F%B3%E6%A1%A5", ""),
    "http://news.xn--efvy88h.example/a/9.html": ("https://m.news.xn--efvy88h.example/a/9.html", ""),
}


def test_an_article_on_two_hosts_or_in_two_spellings_is_one(paper: Paper) -> None:
    """The list of the site and that of its telephone form name the same article; so do links of old and new templates."""
    paper.profile += '[scope]\ninclude = ["^http"]\n'
    titles = tuple(f"第{place}站" for place in range(1, len(PAIRS) + 1) for _ in range(2))
    paper.site.put(
        "/list.html", listing(*(url for one, (two, _) in PAIRS.items() for url in (one, two)), titles=titles)
    )
    for title, (one, (other, head)) in zip(titles[::2], PAIRS.items(), strict=True):
        paper.site.put_all({one: page("一", title=title), other: page("一", title=title, head=head)})

    report = paper.crawl()

    assert sorted((one, [other]) for one, (other, _) in PAIRS.items()) == sorted(paper.kept())
    assert (len(PAIRS), len(PAIRS), []) == (report["found"], report["captured"], report["failed"])


def test_bulletins_of_one_form_stay_apart(paper: Paper) -> None:
    """Two water levels, one number apart, under one title and one claimed address: two instalments."""
    form = "渠首水位{}米，流量每秒四点零立方，闸门开度半尺，各村轮灌照常进行，请护渠员按时巡查，遇到险情立刻上报镇里。"
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/a/2.html"),
        "/a/1.html": page("一", title="水情", head=CANONICAL, words=form.format("12")),
        "/a/2.html": page("一", title="水情", head=CANONICAL, words=form.format("13")),
    })  # fmt: skip

    paper.crawl()

    assert [("/a/1.html", []), ("/a/2.html", [])] == paper.kept()


def test_the_same_text_without_an_address_in_common_stays_apart(paper: Paper) -> None:
    """A notice that is printed twice is two articles, unless the site says otherwise."""
    paper.site.put_all(
        {"/list.html": listing("/a/1.html", "/b/7.html"), "/a/1.html": page("一"), "/b/7.html": page("一")}
    )

    paper.crawl()

    assert [("/a/1.html", []), ("/b/7.html", [])] == paper.kept()


def moved(target: str) -> Answer:
    """An answer that redirects for good."""
    return Answer(301, b"", "text/html", headers=(("Location", target),))


REFRESH = "<html><head><meta http-equiv='refresh' content='0; url=/a/1.html'></head><body><p>正在跳转，请稍候。</p></body></html>"


def test_a_list_that_moved_is_asked_in_full_at_each_visit(paper: Paper) -> None:
    """A 304 names no entries: the articles of a list behind a redirect once counted as listed no longer."""
    paper.profile = PROFILE.replace("[fetch]", 'next = "a.next"\n[fetch]')
    paper.site.put_all({"/a/1.html": page("一"), "/a/2.html": page("二"), "/list.html": moved("/new.html")})
    first = listing("/a/1.html").replace("</ul>", "</ul><a class='next' href='/more.html'>2</a>")
    paper.site.put("/new.html", Answer(200, first.encode(), "text/html", etag="one", modified=1_535_600_000))
    paper.site.put("/more.html", listing("/a/2.html"))
    for _ in range(2):
        assert 2 == paper.crawl()["found"]
    paper.kept()

    assert "unlisted" not in paper.events


@pytest.mark.parametrize("answer", [moved("/a/1.html"), REFRESH], ids=["redirect", "meta refresh"])
def test_an_old_address_that_leads_to_a_listed_article_is_its_variant(paper: Paper, answer: Answer | str) -> None:
    """The list has the address from before the site moved, and the new one."""
    paper.site.put_all({
        "/list.html": listing("/old/1.html", "/a/1.html", titles=("渠水十二站之一",) * 2),
        "/old/1.html": answer, "/a/1.html": page("一"),
    })  # fmt: skip

    report = paper.crawl()

    assert [("/a/1.html", ["/old/1.html"])] == paper.kept()
    assert (1, []) == (report["captured"], report["failed"])


def test_a_dead_article_that_leads_to_another_one_is_told_as_failed(paper: Paper) -> None:
    """Some sites send the readers of what they took down to the newest article: that is no variant of it."""
    paper.site.put_all({
        "/list.html": listing("/old/2.html", "/a/1.html", titles=("另一篇报道", "渠水十二站之一")),
        "/old/2.html": moved("/a/1.html"), "/a/1.html": page("一"),
    })  # fmt: skip

    report = paper.crawl()

    assert {("/old/2.html", ()), ("/a/1.html", ())} == {(path, tuple(variants)) for path, variants in paper.kept()}
    assert ["not-an-article"] == [one["reason"] for one in report["failed"]]


def test_a_page_that_only_refreshes_to_an_unlisted_address_is_followed(paper: Paper) -> None:
    """The list names a stub; the article is where it leads."""
    paper.site.put_all({
        "/list.html": listing("/go/1.html"), "/go/1.html": REFRESH.replace("/a/1.html", "/real/1.html"),
        "/real/1.html": page("一"),
    })  # fmt: skip

    report = paper.crawl()

    assert (1, []) == (report["captured"], report["failed"])
    assert [("/go/1.html", ["/real/1.html"])] == paper.kept()


def test_a_list_that_names_the_new_address_later_means_the_same_article(paper: Paper) -> None:
    """The site moved: first the old address redirected, then the list named the new one, which was fetched long since."""
    paper.site.put_all(
        {"/list.html": listing("/old/1.html"), "/old/1.html": moved("/a/1.html"), "/a/1.html": page("一")}
    )
    paper.crawl()
    paper.site.put("/list.html", listing("/a/1.html"))

    report = paper.crawl()

    assert [("/old/1.html", ["/a/1.html"])] == paper.kept()
    assert (1, 0, []) == (report["found"], report["captured"], report["failed"])


@pytest.mark.parametrize("spelled", ["/a/1.html;jsessionid=0A1B2C{}", "/(S(jxp4qr2emstv3qrlvzvypj5{}))/1.aspx"])
def test_an_id_is_the_same_whatever_session_the_list_was_read_in(paper: Paper, spelled: str) -> None:
    """People cite ids: they hold after a rebuild, and another home of the same newspaper has the same ones."""
    paper.site.put_all({spelled.format(n): page("一") for n in (1, 2)})
    ids = []
    for number in (1, 2):
        paper.site.put("/list.html", listing(spelled.format(number)))
        paper.crawl()
        ids.append([row["id"] for row in walk.state_of(paper.home)["articles"]])
    other = Paper(walk.home_at(paper.home.root / "other"))
    other.site = paper.site
    other.crawl()

    paper.kept()
    assert [ids[0]] * 2 == [ids[1], [row["id"] for row in walk.state_of(other.home)["articles"]]]


def test_what_was_joined_stays_joined_and_is_revised_as_one(paper: Paper) -> None:
    """Later crawls ask for one of both addresses, and tell an edit once."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/wap/9.html"), "/a/1.html": page("一"), "/wap/9.html": page("一", head=CANONICAL),
    })  # fmt: skip
    paper.crawl()
    paper.site.asked.clear()
    for target in ("/a/1.html", "/wap/9.html"):
        paper.site.put(target, page("一", head=CANONICAL, words=WORDS["一"].replace("半尺", "一尺")))

    report = paper.crawl()

    assert [("/a/1.html", ["/wap/9.html"])] == paper.kept()
    assert (1, 1, 0) == (report["found"], report["revised"], report["captured"])
    assert "/wap/9.html" not in paper.site.asked


def test_an_article_found_again_in_a_later_crawl_is_joined_to_the_first(paper: Paper) -> None:
    """The id, the position and the history that people know stay."""
    paper.site.put_all(
        {"/list.html": listing("/a/1.html", "/a/2.html"), "/a/1.html": page("一"), "/a/2.html": page("二")}
    )
    paper.crawl()
    paper.site.put("/list.html", listing("/wap/9.html", "/a/1.html", "/a/2.html"))
    paper.site.put("/wap/9.html", page("一", head=CANONICAL))

    report = paper.crawl()

    assert [("/a/1.html", ["/wap/9.html"]), ("/a/2.html", [])] == paper.kept()
    assert (2, 0) == (report["found"], report["captured"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/a.html", "https://E.org:443/a.html#top"),
        ("http://e.org/a.html?utm_source=x&fbclid=1&gclid=2&spm=a.b&from=timeline", "http://e.org/a.html"),
        ("http://e.org/a.html;jsessionid=1A2B?share_token=1&wxfrom=5&ref_src=twsrc", "http://e.org/a.html"),
        ("http://e.org/a.php?id=5&PHPSESSID=0123456789abcdef", "http://e.org/a.php?id=5"),
        ("http://e.org/a.php?id=5&sid=0123456789abcdef0123456789abcdef", "http://e.org/a.php?id=5"),
        ("http://e.org/(S(jxp4qr2emstv3qrlvzvypj55))/a.aspx", "http://e.org/a.aspx"),
        ("http://e.org/a.html?from=mobile&hmci=1&matomo_source=2", "http://e.org/a.html"),
        ("http://e.org/a-1f2e?source=rss-4c1d------2", "http://e.org/a-1f2e"),
        ("http://e.org./a%2dB%7e.html", "http://e.org/a-B~.html"),
        ("http://新闻.中国/a", "http://xn--efvy88h.xn--fiqs8s/a"),
    ],
)
def test_what_says_nothing_of_the_article_is_no_part_of_the_key(one: str, other: str) -> None:
    """The usual ways in which one address is written twice."""
    assert canonicalise(one) == canonicalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/a.php?sid=12", "http://e.org/a.php?sid=13"),
        ("http://e.org/a.php?sid=20180830001", "http://e.org/a.php?sid=20180830002"),
        ("http://e.org/a.php?from=2018", "http://e.org/a.php?from=2019"),
        ("http://e.org/q?kw=%CA%AF", "http://e.org/q?kw=%C7%C5"),
        ("http://e.org/a.html?b=2&a=1", "http://e.org/a.html?a=1&b=2"),
    ],
)
def test_what_may_choose_the_article_stays_in_the_key(one: str, other: str) -> None:
    """A merge by mistake loses an article."""
    assert canonicalise(one) != canonicalise(other)


@pytest.mark.parametrize(
    "twin",
    [
        "http://m.e.org/a/1.html", "http://wap.e.org/a/1.html", "http://www.e.org/a/1.html", "http://amp.e.org/a/1.html",
        "http://e.org/amp/a/1.html", "http://e.org/a/1.amp.html", "http://e.org/a/1.html?amp=1", "http://e.org/a/1.html/amp/",
        "http://e.org/a/1.html?outputType=amp", "http://e.org/m/a/1.html",
    ],
)  # fmt: skip
def test_twins_have_one_key_where_texts_are_compared(twin: str) -> None:
    """Mobile and AMP forms; they are other addresses all the same."""
    assert twin_key("https://e.org/a/1.html") == twin_key(twin)
    assert canonicalise("https://e.org/a/1.html") != canonicalise(twin)


@settings(max_examples=25)
@given(st.from_regex(_USUAL, fullmatch=True))
@example("https://m.example.org/m/a/index.html?utm_source=x&id=5&amp=1&&from=app")
def test_a_usual_address_has_the_key_that_any_address_gets(url: str) -> None:
    """The short way is for time alone. Behind a fragment, which is no part of the key, the long one is gone."""
    assert kin_of(f"{url}#top") == kin_of(url)


def test_the_index_of_a_folder_and_the_folder_are_twins() -> None:
    """By text, again: with some servers they are not."""
    assert twin_key("http://e.org/a/index.html") == twin_key("http://e.org/a/")
    assert twin_key("http://e.org/a/1.html") != twin_key("http://e.org/a/2.html")


def test_what_a_killed_run_found_twice_is_joined_by_the_next(paper: Paper) -> None:
    """The run died before its end, where twins are joined; the next one begins with that."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/wap/9.html", "/a/2.html"), "/a/1.html": page("一"),
        "/wap/9.html": page("一", head=CANONICAL), "/a/2.html": page("二"),
    })  # fmt: skip
    with pytest.raises(walk.KilledError):
        walk.walk(paper.home, walk.profile_of(PROFILE), paper.site, kill_after=3)

    paper.crawl()

    assert [("/a/1.html", ["/wap/9.html"]), ("/a/2.html", [])] == paper.kept()


def test_what_an_earlier_crawl_told_as_two_articles_stays_two(paper: Paper) -> None:
    """Their texts agree at last; the history, the counts of the run and the ids that people cite stay true."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/wap/9.html"), "/a/1.html": page("一"),
        "/wap/9.html": page("三", head=CANONICAL, title="渠水十二站之一"),
    })  # fmt: skip
    paper.crawl()
    paper.site.put("/wap/9.html", page("一", head=CANONICAL))

    paper.crawl()

    assert [("/a/1.html", []), ("/wap/9.html", [])] == paper.kept()


def test_a_home_with_variants_is_whole(paper: Paper) -> None:
    """`verify` holds every row against the others, the reports of the runs and the records."""
    paper.site.put_all({
        "/list.html": listing("/a/1.html", "/wap/9.html", "/old/2.html", "/a/2.html", titles=("一", "一", "二", "二")),
        "/a/1.html": page("一"), "/wap/9.html": page("一", head=CANONICAL), "/old/2.html": moved("/a/2.html"),
        "/a/2.html": page("二"),
    })  # fmt: skip
    paper.crawl()
    paper.crawl()

    ran = CliRunner().invoke(verify, [], obj=Config(home=paper.home.root, json=True))

    assert (0, []) == (ran.exit_code, json.loads(ran.stdout)["damaged"])
    assert [("/a/1.html", ["/wap/9.html"]), ("/a/2.html", ["/old/2.html"])] == paper.kept()


def test_the_parameters_that_never_count_are_those_that_people_are_told() -> None:
    """One list, in the code and in docs/profile.md."""
    text = (Path(__file__).parents[2] / "docs" / "profile.md").read_text("utf-8")
    told = re.findall(r"`([^`]+)`", text.partition("(`*`: any end):")[2].partition("`sid`, `s`")[0])

    assert [*TRACKING, "from", *SHARED_FROM] == told
    assert all(is_tracking(name.replace("*", "x"), "1") for name in TRACKING)
