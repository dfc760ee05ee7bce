"""A whole page or API answer to a Reading: what the kinds of broken pages come to."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.clean import CLEANER, Refusal, Rules, fields_changed, open_page, read_page, read_parts, unnest
from archive.clean.page import read_markup
from archive.model import Author, Image, Reading

ONE = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟。"
TWO = "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。"
THREE = "变化是从第四年开始的，先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。"
CSS = Rules(title="h1", body="div.content", timezone="Asia/Shanghai")
URL = "http://paper.example/2031/0305/c17.html"


def html(content: str, *, head: str = "", info: str = "", title: str = "山里的账本") -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}-青溪网</title>{head}</head><body>'
        f'<div class="nav"><a href="/">首页</a> <a href="/list.html">连载</a></div><div class="article"><h1>{title}</h1>'
        f'<div class="info">{info}</div><div class="content">{content}</div></div>'
        '<div class="foot">青溪日报社</div></body></html>'
    )


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts)


def read(page: str | bytes, rules: Rules = CSS, content_type: str = "text/html; charset=utf-8") -> Reading:
    payload = page.encode() if isinstance(page, str) else page
    reading = read_page(payload, url=URL, content_type=content_type, rules=rules)
    assert not isinstance(reading, Refusal), reading
    return reading


both_ways = pytest.mark.parametrize("rules", [CSS, Rules()], ids=["css", "cleaner"])


@both_ways
def test_the_body_is_the_article_without_the_pages_furniture(rules):
    """The same page must read the same with a profile's CSS and without."""
    reading = read(html(paragraphs(ONE, TWO, THREE)), rules)

    assert (
        reading.title,
        reading.body,
        reading.language,
        reading.cleaner,
    ) == ("山里的账本", (ONE, TWO, THREE), "zh", CLEANER)


@both_ways
def test_entities_encoded_twice_are_mended_in_title_and_text(rules):
    """fogleman/FeedNotifier#87: after one decoding the reader sees &ldquo;, which no newspaper prints."""
    page = html(
        paragraphs("陆伯说：&amp;ldquo;山要歇。&amp;rdquo;" + ONE, TWO, THREE), title="账本&amp;mdash;&amp;mdash;之三"
    )
    reading = read(page, rules)

    assert (reading.title, reading.body[0]) == ("账本——之三", "陆伯说：“山要歇。”" + ONE)
    assert reading.repairs


@both_ways
def test_annotations_of_ruby_are_no_text(rules):
    """rt annotates the base text and rp is its fallback (HTML 4.5.11-4.5.12)."""
    ruby = "村口有一条<ruby>䢵<rp>(</rp><rt>yún</rt><rp>)</rp></ruby>溪，" + ONE
    reading = read(html(paragraphs(ruby, TWO, THREE)), rules)

    assert reading.body[0] == "村口有一条䢵溪，" + ONE


def test_a_layout_table_is_read_as_text_and_a_data_table_as_rows():
    """adbar/trafilatura#890: the paragraph with inline tags or the table is lost."""
    page = (
        f"<html><body><table><tr><td class=side><a href=/>首页</a> <a href=/l>目录</a></td><td><h1>山里的账本</h1><p>{ONE}"
        f"<p>雨量记作<i>r</i>，{TWO}<table border=1><tr><th>月</th><th>雨量</th></tr><tr><td>三</td><td>1037</td></tr></table>"
        f"<p>{THREE}</td></tr></table></body></html>"
    )

    assert (ONE, f"雨量记作r，{TWO}", "月 | 雨量", "三 | 1037", THREE) == read(page, Rules()).body


@both_ways
def test_reporters_and_correspondents_are_authors_and_the_editor_is_not(rules):
    """kingname/GeneralNewsExtractor#34: editors and the site itself listed as authors."""
    page = html(
        paragraphs("（记者 白望川、陆闻樵 通讯员 何远）" + ONE, TWO, THREE, "（责任编辑：周砚）"),
        head='<meta name="author" content="青溪网">',
        info="2031-03-05 07:12 来源：青溪日报 编辑：周砚",
    )
    reading = read(page, rules)

    expected = [("白望川", "记者"), ("陆闻樵", "记者"), ("何远", "通讯员")]
    assert expected == [(author.name, author.role) for author in reading.authors]
    assert (reading.editor, reading.source, "责任编辑" in reading.text) == ("周砚", "青溪日报", False)


@both_ways
def test_the_visible_time_counts_and_not_a_later_build(rules):
    """adbar/htmldate#8: dateModified, lastmodified, a date in the text and the copyright year are no publication."""
    head = (
        '<meta name="lastmodified" content="2031-11-20T02:00:00"><script type="application/ld+json">'
        '{"@type":"NewsArticle","dateModified":"2031-11-20T02:00:00+08:00"}</script>'
    )
    page = html(
        paragraphs("新路定于2032年5月1日通车。" + ONE, TWO, THREE),
        head=head,
        info="时间：2031年3月5日 07:12　来源：青溪日报",
    )

    assert (read(page, rules).published, read(page, rules).published_precision) == ("2031-03-04T23:12:00Z", "minute")


def test_the_head_tells_the_date_where_nothing_shows_it():
    """schema.org datePublished, with the page's own zone."""
    graph = '{"@graph":[{"@type":"NewsArticle","datePublished":"2031-02-28T23:30:00Z"}]}'
    head = f'<script type="application/ld+json">{graph}</script>'

    assert read(html(paragraphs(ONE, TWO), head=head)).published == "2031-02-28T23:30:00Z"


def test_the_day_in_the_address_is_the_last_resort():
    """Nothing else on the page tells it."""
    assert (
        read(html(paragraphs(ONE, TWO))).published,
        read(html(paragraphs(ONE, TWO))).published_precision,
    ) == ("2031-03-05", "day")


def test_a_time_beside_the_headline_is_read_in_the_zone_of_the_profile():
    """DIYgod/RSSHub#16959: 00:30 +08:00 is 16:30 UTC of the day before."""
    rules = replace(CSS, published="div.info")

    assert (
        read(html(paragraphs(ONE, TWO), info="2031-01-06 00:30　来源：青溪日报"), rules).published
        == "2031-01-05T16:30:00Z"
    )


@both_ways
def test_gbk_bytes_under_a_false_label_are_read(rules):
    """projectdiscovery/httpx#167: header and meta say utf-8."""
    reading = read(html(paragraphs(ONE, TWO, THREE)).encode("gb18030"), rules)

    assert (reading.body, reading.undecoded) == ((ONE, TWO, THREE), 0)


def test_a_selector_that_matches_nothing_falls_back_to_the_cleaner():
    """A redesign of the site must not empty the archive."""
    reading = read(html(paragraphs(ONE, TWO, THREE)), Rules(title="h9.gone", body="div.gone", published="span.gone"))

    assert (reading.title, reading.body, reading.published) == ("山里的账本", (ONE, TWO, THREE), "2031-03-05")


def test_ignored_parts_are_no_text():
    """Counters and advertisements inside the body change on every visit."""
    content = paragraphs(ONE, TWO) + '<div class="ad">春耕化肥直降</div><p class="cnt">已有 12 人点赞</p>'

    assert read(html(content), replace(CSS, ignore=("div.ad", "p.cnt"))).body == (ONE, TWO)


@both_ways
def test_pictures_have_absolute_addresses_and_captions(rules):
    """A late-loading picture keeps its address beside src; its caption may be figcaption, the next line or alt."""
    content = (
        paragraphs(ONE)
        + '<figure><img src="data:image/gif;base64,R0" data-src="/i/1.jpg"><figcaption>溪边的白鹭</figcaption></figure>'
        '<p><img src="../../i/2.jpg"></p><p>图为护林员陆伯。</p><p><img srcset="/i/3,w.jpg 1x, /i/3b.jpg 2x" alt="水渠"></p>'
        + paragraphs(TWO, THREE)
    )
    reading = read(html(content), rules)

    expected = [("/i/1.jpg", "溪边的白鹭"), ("/i/2.jpg", "图为护林员陆伯。"), ("/i/3,w.jpg", "水渠")]
    assert [(f"http://paper.example{path}", caption) for path, caption in expected] == [
        (one.url, one.caption) for one in reading.images
    ]


def test_a_plain_text_is_parted_like_a_page():
    """Mirrors serve articles as text/plain; the title then stands in the note only."""
    note = "本期刊发青溪县林业局局长白望川的文章《先让山歇一歇》。"
    text = f"编者按：\n{note}\n核心提示：\n山歇三年。\n青溪县林业局局长 白望川\n{ONE}\n{TWO}"
    reading = read(text, Rules(), "text/plain; charset=utf-8")

    assert (reading.title, reading.highlights, reading.body) == ("先让山歇一歇", ("山歇三年。",), (ONE, TWO))
    assert (Author("白望川", "青溪县林业局局长"),) == reading.authors


def test_hand_wrapped_english_text_is_joined():
    """Plain English text is wrapped at 70 columns; a line is no paragraph there."""
    first = "The keeper walks the ridge at dawn\nand writes down every bird he sees."
    text = f"{first}\n\nTwelve years ago the logging stopped\nand the stream came back in winter."

    assert len(read(text, Rules(), "text/plain").body) == 2


def test_an_api_answer_is_read_as_its_page_would_be():
    """Parts, repairs, pictures and dates must not depend on the channel."""
    content = (
        paragraphs("编者按：本报今起刊发一组文章。", "青溪县林业局局长 白望川", ONE)
        + '<p><img src="/i/1.jpg" alt="白鹭"></p>'
        + paragraphs(TWO)
    )
    page = read(html(content, info="2031-03-05 07:12 来源：青溪日报 编辑：周砚"))
    answer = read_parts(
        title=" 山里的账本 ", html=f"<div style=''>{content}</div>", published="2031-03-05 07:12",
        source="青溪日报", editor=" 周砚", authors=[Author("白望川")], images=[], url=URL, rules=CSS,
    )  # fmt: skip

    assert page == answer


def test_a_gallery_has_no_body_and_keeps_its_captions():
    """An API's gallery has empty content; its pictures carry the words."""
    images = [Image("http://paper.example/i/1.jpg", "溪边的白鹭"), Image("http://paper.example/i/2.jpg")]
    reading = read_parts(
        title="白鹭",
        html="",
        published="1489708080",
        source=None,
        editor=None,
        authors=[],
        images=images,
        url=URL,
        rules=Rules(),
    )

    assert ((), tuple(images), "2017-03-16T23:48:00Z") == (reading.body, reading.images, reading.published)


def test_each_kind_of_edit_is_named_and_white_space_is_none():
    """dgtlmoon/changedetection.io#2469: a set of lines misses an order, a digest of the text misses title and picture."""
    first = read(html(paragraphs(ONE, TWO) + '<p><img src="/i/1.jpg"></p>', info="2031-03-05 07:12"))
    second = {
        (): html(
            paragraphs(ONE + " ", "　　" + TWO) + '\n<p><img src="/i/1.jpg"></p>', info="2031-03-05 07:12　阅读 12"
        ),
        ("body",): html(paragraphs(TWO, ONE) + '<p><img src="/i/1.jpg"></p>', info="2031-03-05 07:12"),
        ("title",): html(
            paragraphs(ONE, TWO) + '<p><img src="/i/1.jpg"></p>', info="2031-03-05 07:12", title="山里的新账本"
        ),
        ("images",): html(paragraphs(ONE, TWO) + '<p><img src="/i/2.jpg"></p>', info="2031-03-05 07:12"),
        ("published",): html(paragraphs(ONE, TWO) + '<p><img src="/i/1.jpg"></p>', info="2031-03-05 09:12"),
        ("authors", "body"): html(
            paragraphs("（记者 白望川）" + ONE.replace("，", "。", 1), TWO) + '<p><img src="/i/1.jpg"></p>',
            info="2031-03-05 07:12",
        ),
    }

    assert list(second) == [fields_changed(first, read(page)) for page in second.values()]


def test_a_page_with_css_does_not_load_the_extractors():
    """They cost half a second of CPU at import, a thousand times the reading of a page."""
    program = (
        "import sys; from archive.clean import Rules, read_page; "
        f"page = {html(paragraphs(ONE, TWO)).encode()!r}; rules = Rules(title='h1', body='div.content'); "
        "print(read_page(page, url='', content_type='', rules=rules).title,"
        " *(name for name in ('trafilatura', 'readability') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "山里的账本"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600), st.sampled_from(["", "text/html", "text/plain", "text/html; charset=gb2312"]))
def test_reading_any_bytes_never_raises(payload, content_type):
    """One broken answer must not stop a run."""
    assert isinstance(read_page(payload, url="http://[bad", content_type=content_type, rules=CSS), Reading | Refusal)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_page_is_read_alike_twice(data):
    """Pages come cut and spliced; the fold needs the same reading of the same bytes."""
    page = html(paragraphs(ONE, TWO, THREE), info="2031-03-05 07:12 来源：青溪日报").encode()
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(page)), st.integers(0, len(page)))))
    mutated = page[:start] + data.draw(st.binary(max_size=8)) + page[end:]
    rules = data.draw(st.sampled_from([CSS, Rules()]))
    first, again = (read_page(mutated, url=URL, content_type="text/html", rules=rules) for _ in range(2))

    assert first == again


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 3),
    st.sampled_from(["script", "style", "noscript", "template", "SCRIPT type='x'"]),
    st.sampled_from([CSS, Rules()]),
)
def test_code_is_no_text_wherever_it_stands(place, tag, rules):
    """A changing token in a script would else make every visit a revision."""
    parts = [f"<p>{ONE}", "</p><p>", TWO, f"</p><p>{THREE}</p>"]
    parts.insert(place + 1, f"<{tag}>var secret = 'SCRIPTWORD';</{tag.split()[0]}><!-- SCRIPTWORD -->")

    assert read(html("".join(parts)), rules).body == (ONE, TWO, THREE)


def test_the_next_article_of_a_page_that_scrolls_on_is_not_read():
    """Some sites append further articles below the first; they would be taken for its end."""
    more = html(paragraphs(ONE, TWO, THREE) * 4).replace("</body></html>", "")
    page = (
        more
        + "<h1>另一座山</h1><div>"
        + paragraphs(*(text.replace("山", "海") for text in (ONE, TWO, THREE) * 4))
        + "</div></body></html>"
    )

    assert read(page, Rules()).body == (ONE, TWO, THREE) * 4


@pytest.mark.parametrize("rules", [CSS, Rules()])
@pytest.mark.parametrize(("tag", "depth"), [("div", 900), ("div", 5_000), ("font", 5_000)])
def test_a_page_nested_too_deep_for_the_parser_is_still_read(rules, tag, depth):
    """Thousands of open elements exhaust recursive readers, and libxml2 drops what stands deeper than 2,047 and all behind it."""
    page = html(f"<{tag}>" * depth + paragraphs(ONE, TWO, THREE) + f"</{tag}>" * depth)

    assert read(page, rules).body == (ONE, TWO, THREE)


def test_elements_that_are_never_closed_cost_no_text():
    """Templates of old sites open a font for each paragraph; a long text comes below the parser's limit by that."""
    lines = [f"第{number}天，{ONE}" for number in range(3_000)]
    page = html("".join(f"<font size=2>{line}<br>" for line in lines))

    assert list(read(page).body) == lines


@given(st.lists(st.sampled_from(["<b>", "</b>", "<div>", "</div>", "<i>", "</i>", "<p>", "</p>", "<ul>", "</ul>", "<li>",
    "<!-- <b> -->", "<br>", "<font color='>'>", "</font>", '<a href="', "水", "山"]), max_size=60))  # fmt: skip
def test_no_text_is_lost_by_taking_out_what_stands_too_deep(pieces):
    """Tags that do not fit each other must cost nothing but themselves."""
    whole = "<html><body>" + "".join(pieces) + "</body></html>"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unnest, "DEPTH", 2)
        flat = unnest.unnested(whole.encode()).decode()

    texts = ["".join(read_markup(one, URL).root.itertext()) for one in (whole, flat)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("joint", ["\n", "\r\n", "\n\n"])
def test_a_plain_text_served_as_html_is_read_as_lines(joint):
    """Servers and saved files call everything text/html; read as HTML all paragraphs run into one."""
    text = joint.join(["编者按：", "山里封了三年。", "青溪县守灯人 陆闻樵", ONE, "雨量 a<b 时开闸，" + TWO, THREE])
    reading = read(text.encode(), Rules(), "text/html")

    assert (reading.editors_note, reading.body) == (("山里封了三年。",), (ONE, "雨量 a<b 时开闸，" + TWO, THREE))


def test_a_tag_anywhere_makes_a_text_html():
    """One <br> is proof that line feeds are no ends of paragraphs."""
    assert read(f"{ONE}\n<br>{TWO}", Rules(), "text/html").body == (ONE, TWO)


@both_ways
def test_the_day_that_the_publisher_prints_is_kept_and_is_no_change(rules):
    """A reader in China knows the article by the day there; kept beside the instant, it must not make a revision."""
    page = html(paragraphs(ONE, TWO, THREE), info="2031-03-05 07:12")
    reading = read(page, rules)

    assert (reading.published, reading.published_local) == ("2031-03-04T23:12:00Z", "2031-03-05T07:12:00+08:00")
    assert fields_changed(reading, replace(reading, published_local=None)) == ()


@both_ways
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_page_opened_before_reads_the_same(rules, encoding):
    """The crawler parses a page once for its text, its links and its requisites."""
    payload = html(paragraphs(ONE, TWO, THREE), info="2031-03-05 07:12").encode(encoding)
    payload = b"\xff\xfe" + payload if encoding == "utf-16-le" else payload
    opened = open_page(payload, "text/html", URL)
    first = read_page(payload, url=URL, content_type="text/html", rules=rules)
    again = read_page(payload, url=URL, content_type="text/html", rules=rules, opened=opened)

    assert first == again
    assert (opened.encoding, opened.undecoded, opened.root.tag) == (encoding, 0, "html")


@pytest.mark.parametrize(
    ("payload", "content_type"), [(ONE.encode(), "text/plain"), (b"", "text/html"), (b"<!-- -->", "text/html")]
)
def test_what_has_no_element_has_no_tree(payload, content_type):
    """A plain text has neither links nor requisites; nothing may fail for it."""
    assert open_page(payload, content_type, URL).root is None
