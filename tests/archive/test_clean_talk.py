"""Pages whose notice nobody has written down: told by what their sentences speak of, and never at the price of an article."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page
from archive.clean.evidence import units_of
from archive.clean.wording import kind_of, speaks_of_page

URL = "http://paper.example/news/2024/0512/a1.html"  # a dated address, as most papers have
INFO = '<p class="info">2024-05-12 10:05　来源：渠水日报　记者 苏砚秋</p>'
WHOLE = "<p>石桥村的闸门昨天提了起来，渠水比往年早到了五天。</p><p>护渠员老苏说，今年雪大，上游水库蓄得满，四月底就能放水。</p>"
APP = "<div>打开APP阅读全文</div>"
EDITOR = "<p>（责任编辑：苏砚秋）</p>"
OTHERS = (
    "<p>省城的老戏台昨晚重新点了灯，唱的是三十年没有唱过的本子，台下坐满了从四乡赶来的人。</p>"
    "<p>公交八路车从今天起改走新桥，末班车延到晚上十点，乘客说方便多了，司机说路好走了。</p>"
) * 8


def told(title: str, body: str, info: str = "") -> str:
    """Say what a page is read as: the kind of its refusal, or "article"."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{info}<div class='content'>{body}</div></body></html>"
    read = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=Rules())
    return read.kind if isinstance(read, Refusal) else "article"


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        ("渠水论坛 - 提示信息", "<p>呜呜，小编把这条帖子弄丢啦，去广场逛逛吧</p>", "soft-404"),
        ("Lost at sea", "<p>We searched, but this page is not in any harbour. Head back to the home page.</p>", "soft-404"),
        ("The Courier", "<p>Your browser sent us too much at once. Wait a little, then reload.</p>", "blocked"),
        ("Hoppla!", "<p>Diese Meldung gibt es bei uns leider nicht mehr. Kehren Sie zur Startseite zurück.</p>", "soft-404"),
        ("paper.example", "<p>The holder may sell this name. Make an offer.</p>", "not-an-article"),
        ("undefined", "<p>{{ news.body }}</p>", "not-an-article"),
        ("渠水日报", "<p>您的网络请求太多，系统需要确认您不是机器人，请按住下方按钮。</p>", "blocked"),
    ],
)  # fmt: skip
def test_a_notice_in_words_never_met_is_refused(title: str, body: str, kind: str) -> None:
    """Sites word their notices anew each year; the date in the address of a page is no proof of an article."""
    assert told(title, body) == kind


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Pancakes for a rainy Sunday", "<p>Whisk the eggs with the milk.</p><p>Heat a pan, and flip when you see bubbles.</p>"),
        ("Letter to my younger self", "<p>You will be afraid, and you will go.</p><p>Please be kind to your mother.</p>"),
        ("写给妈妈", "<p>你老了，我也老了。</p><p>你说过的话，我都记得。</p><p>请你再等我一天。</p>"),
        ("招聘公告", "<p>本报招聘记者两名，请登录报社网站下载报名表。</p><p>报名截止到九月十日。</p>"),
        ("教你识别钓鱼网站", "<p>看网址，正规网站的域名不会多出字母。</p><p>不要点击陌生链接，不要输入验证码和密码。</p>"),
        ("Wie Sie Ihr Passwort sichern", "<p>Wählen Sie ein langes Passwort.</p><p>Verwenden Sie es nur auf einer Seite.</p>"),
        ("Ask the editor", "<p>Why can't I find last week's crossword? It moved to page 14.</p><p>Please write to us.</p>"),
        ("読者の皆様へ", "<p>八月二十九日付の記事に誤りがありました。</p><p>正しくは三百人です。お詫びして訂正します。</p>"),
    ],
)  # fmt: skip
def test_an_article_that_speaks_to_its_reader_is_read(title: str, body: str) -> None:
    """Recipes, letters, advice and calls say you and please as well, often unsigned."""
    assert told(title, body) == "article"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(WHOLE + EDITOR + APP, "article", id="whole, edited, then the button"),
        pytest.param(WHOLE + APP + EDITOR, "article", id="whole, the button, then who edited it"),
        pytest.param(WHOLE + APP, "blocked", id="a beginning"),
        pytest.param(WHOLE.replace("放水。", "放水") + EDITOR + APP, "blocked", id="it breaks off"),
        pytest.param(WHOLE + EDITOR + "<div>打开APP阅读剩余80%内容</div>", "blocked", id="it says how much is left"),
    ],
)
def test_a_button_to_the_app_below_a_whole_text_is_none_of_a_wall(body: str, expected: str) -> None:
    """Sites print the same words below a teaser and below a short article; who edited it stands below the whole only."""
    assert told("石桥村提前放水", body, INFO) == expected


def test_a_template_that_names_all_of_its_pages_alike_costs_no_article() -> None:
    """The head of a page that scripts fill says 新闻详情, whatever is on it; the headline names the article."""
    page = "<html><head><title>新闻详情</title></head><body><h1>渠水到了</h1><p>请村民八点到闸口。</p></body></html>"
    read = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=Rules())

    assert not isinstance(read, Refusal)


def test_a_notice_above_plain_texts_of_others_is_refused() -> None:
    """The stories of the day stand below it without a link or a heading; none has a word of the page's own name."""
    assert told("渠水流过十八城", "<p>该文章已被删除</p>" + OTHERS) == "soft-404"
    assert told("老戏台点灯", "<p>该文章已被删除</p>" + OTHERS) == "article"


def test_who_tells_of_others_does_not_speak_of_the_page() -> None:
    """An article about a notice has its words too: in quotes, or told by somebody."""
    lines = [
        "页面提示“您的访问存在异常，请完成验证”，村民拖了十几次。",
        "The page was removed on Monday, the editor said.",
        "기사 페이지가 삭제됐다고 밝혔다.",
    ]

    assert not any(speaks_of_page(line, units_of((line,), 1_000)) for line in lines)
    assert ["gone", "wall", "consent", "broken"] == [
        kind_of([line])
        for line in ("这条帖子弄丢啦，找不到了", "Prove that you are no robot", "Our partners store data", "开小差")
    ]
