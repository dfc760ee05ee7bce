"""The web pages of the demonstration newspaper, as a news site of 2018 sets them, with all that stands around an article.

Takes   the newspaper and the path asked for.
Gives   HTML, style sheets and a script as text.
Writes  nothing.
"""

from __future__ import annotations

from html import escape

from .newspaper import TOPIC_SLUG, Newspaper, Standing
from .text import BRIEF, PUBLISHER, SERIES_TITLE, SITE_NAME, content_html

LIST_PAGE_SIZE = 6
TOPIC_PATH = f"/content/special/{TOPIC_SLUG}/index.html"
WITH_SRCSET = ("洛阳", "商丘")

MAIN_CSS = """@charset "UTF-8";
@import url("type.css");
body { margin: 0; background: #f6f4ef url('../img/paper.png') repeat; color: #222; }
header, main, footer { max-width: 46em; margin: 0 auto; padding: 0 1em; }
nav a { margin-right: 1em; }
.content-content img { max-width: 100%; }
.related { border-top: 1px solid #ccc; background: url(../img/rule.png) no-repeat 0 0; }
"""
TYPE_CSS = """body { font-family: "Noto Serif CJK SC", SimSun, serif; line-height: 1.8; }
h1.content-title { font-size: 1.6em; }
.content-time, .content-source { color: #777; margin-right: 1em; }
"""
CLIENT_JS = """(function () {
  var time = document.querySelector('.content-time');
  if (time) { time.setAttribute('title', '北京时间'); }
})();
"""

_NAV = "".join(
    f'<a href="{path}">{name}</a>'
    for path, name in (
        ("/", "首页"),
        ("/list/index.html", "要闻"),
        (TOPIC_PATH, "专题"),
        ("/list/index.html", "客户端"),
    )
)


def article_page(newspaper: Newspaper, standing: Standing) -> str:
    """Set the page of an article, with its furniture and the links to its neighbours in the series."""
    text = standing.instalment
    neighbours = [one for one in newspaper.listed() if abs(one.instalment.number - text.number) in (1, 2)]
    related = "".join(
        f'<li><a href="{one.instalment.path}">{escape(one.instalment.title)}</a></li>' for one in neighbours
    )
    main = (
        f'<h1 class="content-title">{escape(text.title)}</h1>\n'
        f'<div class="content-info"><span class="content-time">{text.published:%Y.%m.%d}</span>'
        f'<span class="content-source">{PUBLISHER}</span></div>\n'
        f'<div class="content-content">{content_html(text, "", srcset=text.subject in WITH_SRCSET)}</div>\n'
        f'<p class="content-editor">责任编辑：{escape(text.editor)}</p>\n'
        f'<div class="related"><h3>相关阅读</h3><ul>{related}</ul></div>'
    )
    return _page(text.title, main)


def gone_page() -> str:
    """Set the notice that a withdrawn article answers with, be it under 404 or under 200."""
    return _page(
        "页面不存在", '<div class="notice"><p>您访问的页面不存在或已被删除</p><p><a href="/">返回首页</a></p></div>'
    )


def topic_page(newspaper: Newspaper) -> str:
    """Set the special topic's page: its introduction and the first items."""
    lines = "".join(map(_line, newspaper.listed()[: newspaper.page_size]))
    main = f'<h1>{SERIES_TITLE}</h1><p class="brief">{BRIEF}</p><ul class="news-list">{lines}</ul>'
    return _page(SERIES_TITLE, main)


def list_page(newspaper: Newspaper, number: int) -> str | None:
    """Set a page of the plain list (from 1), six items each, with a link to the next; None where there is no such page."""
    listed = newspaper.listed()
    start = (number - 1) * LIST_PAGE_SIZE
    if number < 1 or (start >= len(listed) and number > 1):
        return None
    lines = "".join(map(_line, listed[start : start + LIST_PAGE_SIZE]))
    more = start + LIST_PAGE_SIZE < len(listed)
    pager = f'<a class="next" href="index_{number + 1}.html">下一页</a>' if more else '<span class="last">末页</span>'
    return _page("要闻", f'<ul class="news-list">{lines}</ul><div class="pager">{pager}</div>')


def home_page(newspaper: Newspaper) -> str:
    """Set the front page: a few lines and the way to the topic."""
    lines = "".join(map(_line, newspaper.listed()[:3]))
    return _page("首页", f'<p><a href="{TOPIC_PATH}">{SERIES_TITLE}</a></p><ul class="news-list">{lines}</ul>')


def _line(standing: Standing) -> str:
    text = standing.instalment
    return (
        f'<li class="news-item"><a href="{text.path}">{escape(text.title)}</a>'
        f'<span class="date">{text.published:%Y-%m-%d}</span></li>'
    )


def _page(headline: str, main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="UTF-8">
<title>{escape(headline)}-{SITE_NAME}</title>
<link rel="stylesheet" href="/static/css/main.css">
<link rel="icon" href="/favicon.ico">
<script src="/static/js/client.js" defer></script>
</head>
<body>
<header><a class="logo" href="/"><img src="/static/img/logo.png" alt="{SITE_NAME}"></a><nav>{_NAV}</nav></header>
<main>
{main}
</main>
<footer><p>版权所有 澜川日报社（虚构） 未经授权不得转载</p><p>下载{SITE_NAME}，随时看新闻</p></footer>
</body>
</html>
"""
