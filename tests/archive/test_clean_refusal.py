"""Pages that are no article, and articles that only quote what such pages say."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page

LONG = "轮封的第三年，林场的人第一次在溪边看见了白鹭，孩子们把它画在教室的后墙上，一画就是一整面。"


def read(body: str, title: str = "提示", content_type: str = "text/html; charset=utf-8", rules: Rules = Rules()):  # noqa: B008
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><div class='c'>{body}</div></body></html>"
    return read_page(page.encode(), url="http://paper.example/a/1.html", content_type=content_type, rules=rules)


@pytest.mark.parametrize("rules", [Rules(), Rules(title="h1", body="div.c")])
@pytest.mark.parametrize(
    "notice",
    [
        "抱歉，该文章已被删除！",
        "您访问的页面不存在",
        "内容已下线",
        "404 Not Found",
        "Sorry, this article has been removed.",
        "The page you requested could not be found.",
        "很遺憾，您要找的文章不存在",
    ],
)
def test_a_notice_of_deletion_is_no_article(notice, rules):
    """Status 200 with a notice would else overwrite the last text as a revision (harvard-lil/perma#2331)."""
    read_it = read(f"<p>{notice}</p><p><a href='/'>返回首页</a> 3秒后自动跳转</p>", rules=rules)

    assert isinstance(read_it, Refusal)
    assert read_it.kind == "soft-404"


@pytest.mark.parametrize("rules", [Rules(), Rules(title="h1", body="div.c")])
def test_an_article_that_quotes_the_notice_is_an_article(rules):
    """The phrase alone proves nothing."""
    quoting = "他把照片发到论坛上，第二天再点开，页面上只剩一行“该文章已删除”。"
    read_it = read(f"<p>{quoting}</p><p>{LONG}</p><p>{LONG}</p>", "山里的旧帖", rules=rules)

    assert not isinstance(read_it, Refusal)
    assert (quoting, LONG, LONG) == read_it.body


@pytest.mark.parametrize(
    "wall",
    [
        "请完成安全验证后继续访问",
        "访问过于频繁，请输入验证码",
        "Verify you are human by completing the action below.",
        "请登录后查看全文",
    ],
)
def test_a_wall_is_blocked(wall):
    """A wall says nothing of the article: neither an edit nor a withdrawal."""
    read_it = read(f"<p>{wall}</p>", "安全中心")

    assert isinstance(read_it, Refusal)
    assert read_it.kind == "blocked"


FRENCH = "Les salariées ont quitté l’atelier en chantant, leur coiffe à la main, sous les yeux du maire et du curé."


@pytest.mark.parametrize(
    ("above", "prompt", "below"),
    [
        ([LONG] * 5, "打开APP阅读全文", []),
        ([LONG] * 5, "登录后查看全文", []),
        ([], "Article réservé aux abonnés", [FRENCH] * 8),
        ([FRENCH] * 3, "La suite est réservée aux abonnés. Déjà abonné ? Connectez-vous", [FRENCH] * 2),
        ([], "有料会員限定記事", [LONG] * 5),
        ([LONG] * 2, "この記事は有料記事です。残り1200文字", [LONG] * 2),
        ([FRENCH] * 7, "This article is for subscribers only.", []),
    ],
)
def test_a_text_that_is_there_is_read_whatever_one_line_asks_for(above, prompt, below):
    """Most pages for telephones end so; what counts is whether the text breaks off. The line itself is no text."""
    lines = [f"{number}，{line}" for number, line in enumerate((*above, prompt, *below))]
    lines[len(above)] = prompt

    read_it = read("".join(f"<p>{line}</p>" for line in lines), "山里的白鹭", rules=Rules(title="h1", body="div.c"))

    assert not isinstance(read_it, Refusal)
    assert [line for line in lines if line != prompt] == list(read_it.body)


@pytest.mark.parametrize(
    ("above", "prompt", "below"),
    [
        ([LONG] * 3, "登录后查看全文", []),
        ([LONG] * 4 + [LONG[:30] + "……"], "打开APP阅读全文", []),
        ([LONG] * 4 + [LONG[:30]], "打开APP阅读全文", []),
        ([LONG] * 5, "剩余70%，开通会员阅读全文", []),
        ([], "Article réservé aux abonnés", [FRENCH] * 2),
        ([FRENCH] * 6, "Subscribe to continue reading", []),
        ([FRENCH] * 4, "La suite est réservée aux abonnés", [FRENCH]),
        ([LONG] * 4, "この記事は有料記事です。残り1200文字", []),
    ],
)
def test_a_text_that_breaks_off_at_a_wall_is_refused_and_what_is_known_of_it_told(above, prompt, below):
    """The beginning of an article would else be a revision of the whole one."""
    body = "".join(f"<p>{line}</p>" for line in (*above, prompt, *below))

    read_it = read(body, "山里的白鹭", rules=Rules(title="h1", body="div.c"))

    assert isinstance(read_it, Refusal)
    assert "blocked" == read_it.kind
    assert ("山里的白鹭", (*above, *below)) == (read_it.reading.title, read_it.reading.body)


@pytest.mark.parametrize("body", ["", "<script>render()</script>", "<p>今日要闻</p>", "<div id='app'></div>"])
def test_a_page_without_a_text_is_no_article(body):
    """The home page that a site redirects to, or a page that only a script fills."""
    read_it = read(body, "青溪网")

    assert isinstance(read_it, Refusal)
    assert read_it.kind == "not-an-article"


@pytest.mark.parametrize("mime", ["image/png", "application/pdf", "application/json", "video/mp4"])
def test_another_medium_is_no_page(mime):
    """A picture's bytes read as text would fill the archive with rubbish."""
    read_it = read_page(b"\x89PNG\r\n\x1a\n\x00\x00", url="http://paper.example/a", content_type=mime, rules=Rules())

    assert isinstance(read_it, Refusal)
    assert (read_it.kind, mime in read_it.detail) == ("source", True)


def test_a_gallery_of_pictures_is_an_article():
    """A picture story has next to no text."""
    read_it = read(
        "<p><img src='/i/1.jpg' alt='溪边的白鹭'></p><p>白鹭</p>", "白鹭", rules=Rules(title="h1", body="div.c")
    )

    assert not isinstance(read_it, Refusal)
    assert [image.url for image in read_it.images] == ["http://paper.example/i/1.jpg"]
