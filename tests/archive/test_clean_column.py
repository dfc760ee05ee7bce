"""Notices, forms and fronts in the frame of a site's articles: what stands below them are other stories, no text of theirs."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page
from archive.clean.ending import breaks_off
from archive.model import Reading

STORIES = (
    (
        "渠水上游三座水库完成加固",
        "从去年秋天动工算起，一共用了七个月，赶在汛期之前全部投用，下游十二个村的稻田不再怕春旱。",
    ),
    ("临溪县夜市重新开张", "入夜以后，桥头的灯一盏接一盏亮起来，卖菱角的、卖凉粉的，摊位比去年多了整整一倍。"),
    ("石桥村的闸门又提了起来", "护渠员老苏说，今年的水来得比往年早了五天，村里人都说是个好兆头，茶馆里整天坐满了人。"),
    ("县里的老戏台修好了", "正月里唱了九天，台下的长凳不够坐，有人骑在墙头上，有人把孩子扛在肩上，一直看到散场。"),
    ("林场的人第一次看见白鹭", "轮封的第三年，溪水清了，孩子们把白鹭画在教室的后墙上，一画就是一整面，老师舍不得擦。"),
    ("守渠三十年", "最怕的不是旱，是夜里的大水，听得见，看不见，只能提着马灯一段一段地走，走到天亮才放心。"),
)
TEXTS = "".join(f"<p>{text}</p>" for _, text in STORIES)
INFO = "<div class='info'>2018-08-30 10:05 来源：渠水日报 记者 苏砚秋</div>"
BELOW = {
    "plain": f"<h3>热门推荐</h3>{TEXTS}",
    "plain in a box": f"<div class='hot'><h2>相关阅读</h2>{TEXTS}</div>",
    "linked": "<div class='hot'><h3>猜你喜欢</h3>"
    + "".join(
        f"<div><h4><a href='/a/{n}'>{title}</a></h4><p>{text}</p><span>2018-08-0{n + 1} 阅读 {n * 37}</span></div>"
        for n, (title, text) in enumerate(STORIES)
    )
    + "</div>",
    "cards": "<div class='hot'>"
    + "".join(f"<a href='/a/{n}'><h4>{title}</h4><p>{text}</p></a>" for n, (title, text) in enumerate(STORIES))
    + "</div>",
}


def read(title: str, body: str, below: str = "", info: str = INFO) -> Reading | Refusal:
    """Read a page in the frame of a site's articles."""
    page = (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{title} - 渠水日报</title></head><body>'
        f"<div class='nav'><a href='/'>首页</a> <a href='/news'>新闻</a></div><h1>{title}</h1>{info}"
        f"<div class='content'>{body}</div>{below}<div class='foot'>版权所有 渠水日报社</div></body></html>"
    )
    return read_page(page.encode(), url="http://paper.example/a/1.html", content_type="text/html", rules=Rules())


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
@pytest.mark.parametrize(
    ("title", "line", "kind"),
    [
        ("出错了", "该内容已被发布者删除", "soft-404"),
        ("文章已删除", "文章已删除", "soft-404"),
        ("404", "404 页面不存在", "soft-404"),
        ("渠水到了石桥村", "抱歉，该文章已被作者删除或不存在。", "soft-404"),
        ("渠水到了石桥村", "该文章不存在或已过期，<a href='/'>返回首页</a>", "soft-404"),
        ("用户登录", "手机号 密码 登录 忘记密码 立即注册", "blocked"),
        ("访问验证", "为保护网站安全，请向右拖动滑块完成验证。", "blocked"),
    ],
)
def test_a_notice_above_other_stories_is_no_article(title: str, line: str, kind: str, below: str) -> None:
    """The longest text of such a page is that of another story; a byline above the notice makes no article of it."""
    found = read(title, f"<p>{line}</p>", below)

    assert isinstance(found, Refusal)
    assert kind == found.kind
    assert found.reading is None or not any(text in found.reading.text for _, text in STORIES)


def test_a_notice_with_a_byline_is_no_article() -> None:
    """Nothing is left of the article but its frame."""
    for title, line in (("文章已删除", "文章已删除"), ("用户登录", "手机号 密码 登录 忘记密码 立即注册")):
        assert isinstance(read(title, f"<p>{line}</p>"), Refusal)


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
def test_a_paragraph_of_its_own_makes_an_article(below: str) -> None:
    """It may begin with the words of a notice, and have a box of other stories above its text."""
    own = "那天夜里他把链接发给我，说写了三年的东西只剩下这一行字，问我记不记得原来写的是什么。"
    more = "我记得，那是一篇写守渠人的文章，从立春写到霜降，每一段都有水声，读完像是在渠边走了一趟。"
    text = f"<p>{own}</p><p>{more}</p><p>{more[::-1]}</p>"
    for body in (text, f"<p>该文章已被作者删除。</p>{text}", f"<p>该视频已删除</p>{text}"):
        found = read("渠水到了石桥村", body, below)
        assert isinstance(found, Reading)
        assert own in found.text
    boxed = "<div><h3>相关阅读</h3><ul><li><a href='/a/1'>临溪县夜市重新开张</a></li></ul></div>" + text
    assert isinstance(read("渠水到了石桥村", f"<p>该视频已删除</p>{boxed}", below), Reading)


def test_a_front_page_is_no_article_and_a_digest_is() -> None:
    """Both are titles with a text each. A digest says when it was made, or what it is, or leads to other sites."""
    fronts = (BELOW["linked"], BELOW["cards"])
    assert ["not-an-article"] * 2 == [
        one.kind for below in fronts if isinstance(one := read("渠水日报", "", below, ""), Refusal)
    ]

    lead = "<p>这一周县里的事，都在这六条里，编辑部从四十多篇稿子里选了出来，供没有赶上的读者补读。</p>"
    abroad = BELOW["linked"].replace("href='", "href='http://other.example")
    for found in (
        read("一周渠水", "", fronts[0]),
        read("一周渠水", lead, fronts[0], ""),
        read("一周渠水", "", abroad, ""),
    ):
        assert isinstance(found, Reading)
        assert STORIES[0][1] in found.text
    picture = "<p><img src='/p/1.jpg' width='800' height='600'></p>"
    assert isinstance(read("溪边的白鹭", picture, fronts[0], ""), Reading)
    broken = fronts[0].replace("/a/0", "http://[/")
    assert isinstance(read("渠水日报", "", broken, ""), Refusal)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<html><body><div><p>一</p>", True),
        ("<html><body><div><p>一</div>", False),
        ("<html><body><div><p>一</p></body>", False),
        ("<div><p>一</p><!-- <div> --></div><script>'<div>'</script>", False),
        ("<p>一</p><script>var a = 1", True),
        ("<p>一<p>二", False),
    ],
)
def test_markup_breaks_off_where_what_must_be_closed_is_open(markup: str, expected: bool) -> None:
    """A site may leave out the end tags of html and body on each of its pages."""
    assert expected is breaks_off(markup)
