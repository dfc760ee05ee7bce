"""What comes and goes around a text that stays the same, and the smallest edits of it: each page read whole, then compared."""

from __future__ import annotations

import re

import pytest
from invented_texts import SENTENCES

from archive.clean import Rules, fields_changed, read_page
from archive.model import Reading

TEXT = SENTENCES[:9]
PICTURE = "http://img1.news.example/2018/08/a.jpg"
CSS = Rules(title="h1", body="div.content", published="span.time", authors="span.author")
ENGLISH = (
    "The water came on the third day, a little before six in the morning.",
    "Nobody in the village had slept, and the first to hear it was the boy at the mill.",
    "“It sounded like someone breathing,” he said, and ran down the bank with his lamp.",
    "By noon the channel was full, and the lock keeper wrote the hour into his book.",
    "He had lifted the sluice by half a foot, as his father had done in 1978.",
)


def page(
    *paragraphs: str,
    title: str = "渠水十二站",
    by: str = "苏砚秋",
    date: str = "2018-08-30 10:05",
    picture: str = PICTURE,
    caption: str = "渠首的老闸",
    below: str = "",
    beside: str = "",
    above: str = "",
) -> str:
    """A page of a newspaper. below: behind the text, in its element. beside: the date. above: the headline."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs or TEXT)
    return (
        f"<html lang='zh'><head><title>{title}_临溪网</title></head><body><nav><a href='/'>首页</a></nav>{above}<h1>{title}</h1>"
        f"<div class='info'><span class='time'>{date}</span> <span class='author'>记者：{by}</span>{beside}</div>"
        f"<div class='content'>{body}<figure><img src='{picture}'><figcaption>{caption}</figcaption></figure>{below}</div>"
        "<footer>版权所有 临溪日报社</footer></body></html>"
    )


def english(*paragraphs: str, by: str = "Ann Marsh", below: str = "") -> str:
    """A page of another one."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs or ENGLISH)
    return (
        "<html lang='en'><head><title>The water came - The Courier</title></head><body><nav><a href='/'>Home</a></nav><article>"
        f"<h1>The water came</h1><p class='byline'>By {by}</p><time datetime='2018-08-30T10:05:00Z'>30 August 2018</time>"
        f"{body}{below}</article><footer>© The Courier</footer></body></html>"
    )


def read(html: str, rules: Rules = Rules()) -> Reading:  # noqa: B008
    """Read a page that is an article."""
    found = read_page(
        html.encode(), url="http://news.example/1.html", content_type="text/html; charset=utf-8", rules=rules
    )
    assert isinstance(found, Reading)
    return found


BELOW = (
    "<p>阅读 12,304</p>",
    "<div>阅读数：1.2万+　评论数：33</div>",
    "<p>👍 233 赞</p>",
    "<p>更新于 5 分钟前</p>",
    "<p>刚刚更新</p>",
    "<p>昨天 10:05 更新</p>",
    "<p>Updated 5 minutes ago</p>",
    "<p>Last updated: 2 hrs ago</p>",
    "<p>分享 12</p><p>收藏</p>",
    "<p>在看 12</p>",
    "<p>[<a href='#'>打印</a>] [<a href='#'>关闭</a>] 本文已被浏览 556 次</p>",
    "<p>热度 88℃</p>",
    "<p>【打印本页】【我要纠错】</p>",
    "<p>12 Kommentare</p><p>Dieser Artikel wurde 1.204 Mal gelesen.</p>",
    "<p>This story has been viewed 1,204 times.</p>",
    "<p>この記事は1,204人が読みました</p>",
    "<p>点击关注“临溪视界”，不错过每一条本地消息</p>",
    "<p>Subscribe now and get the morning newsletter in your inbox.</p>",
    "<p>Abonnieren Sie unseren kostenlosen Newsletter mit den Themen des Tages.</p>",
    "<p>特别声明：本文为临溪号作者上传，平台仅提供信息发布服务。</p>",
    "<p>复制链接</p>",
    "<div>分享到：<a href='#'>微信</a><a href='#'>微博</a></div>",
    "<p>扫一扫，分享到朋友圈</p>",
    "<p>33条评论</p>",
    "<p>暂无评论</p>",
    "<p>共有 5 人参与，3 条评论</p>",
    "<p>广告</p>",
    "<iframe src='http://ad.example'></iframe>",
    "<script>var t=1535594700</script>",
    "<div class='ad'><a href='http://ad.example/x'><img src='http://ad.example/b.gif'></a></div>",
    "<p>责任编辑：林渡</p>",
    "<p><a href='http://ad.example/c?x=1'><img src='http://ad.example/banner.jpg'></a></p>",
    "<p>标签：<a href='/t/1'>渠水</a></p>",
    "<p><img src='/qr.png'></p><p>扫描二维码下载客户端</p>",
    "<p>版权声明：本文系临溪日报原创，未经授权不得转载。</p>",
    "<div><h3>相关阅读</h3><ul><li><a href='/x/1'>另一篇文章的标题</a></li><li><a href='/x/2'>再一篇</a></li></ul></div>",
    "<p>推荐阅读：</p><p><a href='/z/1'>某篇</a></p>",
    "<p>上一篇：<a href='/0'>前一站</a></p><p>下一篇：<a href='/2'>后一站</a></p>",
)
# The same picture from another host, in another size, through another service.
PICTURES = (
    "https://cdn7.example.net/2018/08/a.jpg",
    f"{PICTURE}?x-oss-process=image/resize,w_640",
    f"{PICTURE}.webp",
    f"{PICTURE}?t=1535594700",
    f"{PICTURE}?imageView2/2/w/800/format/webp",
    "http://img1.news.example/2018/08/a_640x480.jpg",
    "//img1.news.example/2018/08/a.jpg",
    "http://i2.wp.com/img1.news.example/2018/08/a.jpg?resize=640%2C480&ssl=1",
    f"{PICTURE}?auth_key=1535594700-0-0-abcdef",
    "http://img1.news.example/cdn-cgi/image/width=640,quality=75/2018/08/a.jpg",
    f"{PICTURE}?width=640&quality=75&auto=webp",
    "http://proxy.example/?url=http%3A%2F%2Fimg1.news.example%2F2018%2F08%2Fa.jpg&w=640",
    "http://img1.news.example/2018/08/a@2x.jpg",
    "/_next/image?url=http%3A%2F%2Fimg1.news.example%2F2018%2F08%2Fa.jpg&w=640&q=75",
    "http://img1.news.example/unsafe/640x480/smart/2018/08/a.jpg",
    f"http://thumbor.example/AbCdEfGhIjKlMnOpQrSt123=/fit-in/640x480/filters:quality(75)/{PICTURE}",
    "http://news.imgix.net/2018/08/a.jpg?auto=format&fit=crop&w=800&s=0123456789abcdef",
)
PLAIN = page()
SAME = {
    **{f"below {one}": page(below=one) for one in BELOW},
    **{f"picture {one}": page(picture=one) for one in PICTURES},
    **{
        f"beside {one}": page(beside=f" <span>{one}</span>")
        for one in ("浏览：3321", "点击数：88 次", "3小时前", "来源：临溪日报", "字号：大 中 小")
    },
    **{
        f"date {one}": page(date=one)
        for one in ("2018年08月30日 10:05", "2018-08-30 10:05:00", "发布时间：2018-08-30 10:05")
    },
    "above": page(above="<div>今天 晴 28℃ 2018年11月26日 星期一</div><div>首页 &gt; 新闻</div><div>听新闻 03:21</div>"),
    "lazy": PLAIN.replace(f"src='{PICTURE}'", f"src='/blank.gif' data-src='{PICTURE}'"),
    "inline pointer": PLAIN.replace("</p><p>", "</p><p><a href='/x/3'>【延伸阅读】渠首的故事</a></p><p>", 1),
    "white space": re.sub("</p><p>", "</p>\n\n  <p>　　", PLAIN),
    "breaks": PLAIN.replace("</p><p>", "<br><br>"),
    "zero width": PLAIN.replace("，", "，\u200b"),
    "soft hyphen": PLAIN.replace("水渠", "水\u00ad渠"),
    "entities": PLAIN.replace("，", "&#65292;"),
    "trade": PLAIN.replace("记者：", ""),
    "caption in the text": PLAIN.replace("figcaption>", "p>"),
}


@pytest.mark.parametrize("rules", [Rules(), pytest.param(CSS, marks=pytest.mark.soak)], ids=["without CSS", "with CSS"])
def test_what_comes_and_goes_around_a_text_is_no_edit(rules: Rules) -> None:
    """Each visit has other counters, advertisements, links and sizes of pictures."""
    before = read(PLAIN, rules)
    skipped = set() if rules is CSS else {"caption in the text"}

    assert {} == {
        name: changed
        for name, one in SAME.items()
        if name not in skipped and (changed := fields_changed(before, read(one, rules)))
    }


@pytest.mark.parametrize("below", BELOW[-3:], ids=range(3))
def test_pointers_within_the_element_of_the_text_are_no_text(below: str) -> None:
    """A profile names the element; what is set into it to lead elsewhere changes by the hour."""
    assert read(PLAIN, CSS).body == read(page(below=below), CSS).body


def test_a_new_design_with_straight_quotes_is_no_edit() -> None:
    """Programs curl quotes, and stop doing so."""
    straight = [re.sub("[“”]", '"', one) for one in ENGLISH]
    below = "<p>1,204 views</p><p>Share on Facebook</p><p>Sign up for our newsletter</p><p>4 min read</p>"

    assert () == fields_changed(read(english()), read(english(*straight, below=below)))


def edited(number: int, was: str, now: str, text: tuple[str, ...] = TEXT) -> tuple[str, ...]:
    """The text with one passage of one paragraph changed."""
    assert was in text[number]
    return tuple(one.replace(was, now) if place == number else one for place, one in enumerate(text))


EDITS = {
    "a character": ("body", page(*edited(2, "三十", "二十"))),
    "a mark": ("body", page(*edited(1, "。", "！"))),
    "a figure": ("body", page(*edited(3, "一千二百", "一千三百"))),
    "a half-width mark": ("body", page(*edited(1, "，", ","))),
    "a paragraph moved": ("body", page(*TEXT[1:], TEXT[0])),
    "one dropped": ("body", page(*TEXT[:-1])),
    "a correction at the end": ("body", page(*TEXT, "更正：原文所称“三十里”应为“二十里”。")),
    "one that looks like a counter": ("body", page(*TEXT, "共有 3 人获救。")),
    "a correction": ("body", page(*TEXT, "阅读 12 本书的孩子得到了奖状。")),
    "a heading": ("body", PLAIN.replace(f"<p>{TEXT[4]}", f"<h2>第二站</h2><p>{TEXT[4]}")),
    "a picture": ("images", page(picture="http://img1.news.example/2018/08/b.jpg")),
    "its number": ("images", page(picture="http://img1.news.example/2018/08/a2.jpg")),
    "its folder": ("images", page(picture="http://img1.news.example/2018/09/a.jpg")),
    "its caption": ("images", page(caption="渠首的新闸")),
    "a further picture": (
        "images",
        page(below="<figure><img src='http://img1.news.example/2018/08/z.jpg'><figcaption>新图</figcaption></figure>"),
    ),
    "a name": ("authors", page(by="林渡")),
    "a day": ("published", page(date="2018-08-31 10:05")),
    "a minute": ("published", page(date="2018-08-30 10:06")),
    "a title": ("title", page(title="渠水十三站")),
    "its mark": ("title", page(title="渠水十二站？")),
}


@pytest.mark.parametrize("rules", [Rules(), pytest.param(CSS, marks=pytest.mark.soak)], ids=["without CSS", "with CSS"])
def test_the_smallest_edit_is_one(rules: Rules) -> None:
    """And is told of its own field alone."""
    before = read(PLAIN, rules)
    found = {name: (field, fields_changed(before, read(one, rules))) for name, (field, one) in EDITS.items()}

    assert {} == {name: changed for name, (field, changed) in found.items() if changed != (field,)}


@pytest.mark.parametrize(
    ("number", "was", "now"),
    [
        (0, "third", "second"),
        (2, "bank", "bunk"),
        (1, "Nobody", "nobody"),
        (3, "lock keeper", "lockkeeper"),
        (4, "1978", "1979"),
        (0, "third day", "third-day"),
        (2, "“It", "”It"),
    ],
)
def test_one_letter_of_a_script_with_spaces_is_an_edit(number: int, was: str, now: str) -> None:
    """A space between two words too, and a quote that was turned."""
    assert ("body",) == fields_changed(read(english()), read(english(*edited(number, was, now, ENGLISH))))
