"""Text that stands in JSON-LD or in the state of a script, and nowhere that a reader without scripts would see it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.clean import Refusal, Rules, read_page

TITLE = "山里的账本记了十二年"
LINES = (
    "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟。",
    "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。",
    "变化是从第四年开始的：先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。",
)
URL = "http://paper.example/17"
SHELL = "<div id=app></div><footer>青溪日报社</footer>"


def read(scripts: str, body: str = SHELL, rules: Rules | None = None) -> Any:
    markup = f"<html><head><title>{TITLE}_青溪网</title></head><body>{body}{scripts}</body></html>"
    return read_page(markup.encode(), url=URL, content_type="text/html; charset=utf-8", rules=rules or Rules())


def linked(text: str, kind: str = "NewsArticle") -> str:
    graph = {"@type": kind, "headline": TITLE, "articleBody": text, "datePublished": "2031-03-05"}
    return f'<script type="application/ld+json">{json.dumps(graph)}</script>'


def state(value: Any, form: str = '<script id="__NEXT_DATA__" type="application/json">{}</script>') -> str:
    return form.replace("{}", json.dumps(value))


@pytest.mark.parametrize(
    "text",
    ["\n".join(LINES), "\r\n\r\n".join(LINES), "".join(f"<p>{line}</p>" for line in LINES), "<br><br>".join(LINES),
     "".join(f"&lt;p class='a'&gt;{line}&lt;/p&gt;" for line in LINES)],
    ids=["lines", "blank lines", "paragraphs", "breaks", "escaped"],
)  # fmt: skip
@pytest.mark.parametrize("rules", [Rules(), Rules(title="h1", body="#app")], ids=["cleaner", "css"])
def test_the_articles_body_of_the_json_ld_is_the_text_of_an_empty_page(text, rules):
    """What was captured holds the article, and no browser is needed to read it."""
    reading = read(linked(text), rules=rules)

    assert (TITLE, LINES, "2031-03-05") == (reading.title, reading.body, reading.published)


BLOCKS = [{"kind": "p", "model": {"text": line, "style": "x"}} for line in LINES]
PAGE = "".join(f"<p>{line}</p>" for line in LINES)


@pytest.mark.parametrize(
    "script",
    [
        state({"props": {"article": {"title": TITLE, "content": PAGE, "summary": LINES[0] * 9}}}),
        state({"props": {"head": {"title": f"{TITLE}_青溪网"}, "article": {"headline": TITLE, "body": BLOCKS}}}),
        state(
            {"data": [{"title": "另一篇", "content": PAGE.replace("山", "海") * 3}, {"title": TITLE, "content": PAGE}]}
        ),
        state(
            {
                "title": TITLE,
                "content": "\n".join(LINES),
                "comments": [{"text": LINES[1] * 9}],
                "url": f"http://x.example/?{'a=，&' * 400}",
            }
        ),
        state(
            {"doc": {"title": TITLE, "text": PAGE}}, "<script>window.__INITIAL_STATE__ = {};(function(){})()</script>"
        ),
        state(
            [["ShallowReactive", 1], {"data": 2, "self": 0}, {"headline": 3, "body": 4}, TITLE, [5, 6, 7], *LINES],
            '<script id="__NUXT_DATA__" type="application/json">{}</script>',
        ),
        state({"doc": {"title": TITLE, "text": PAGE}}, '<script>var allData = {};\nvar other = "x";</script>'),
    ],
    ids=["next", "pieces", "other articles", "comments", "assigned", "flat", "variable"],
)
def test_the_state_of_a_script_gives_the_text_of_the_object_that_bears_the_title(script):
    """Other articles, summaries, what readers say and addresses stand in the same state."""
    assert LINES == read(script).body


@pytest.mark.parametrize(
    "script",
    [
        "",
        state({"article": {"title": "另一篇山里的账本", "content": PAGE}}),
        state(
            {"topic": {"name": TITLE, "articles": [{"title": f"山里的账本之{n}", "content": PAGE} for n in range(9)]}}
        ),
        state({"article": {"title": TITLE, "description": LINES[0] * 4, "url": "http://paper.example/"}}),
        state({"article": {"title": TITLE, "style": "a { color: red; }", "run": "(function(){ return 1; })()，" * 40}}),
        '<script type="application/json">{"title": "' + TITLE + '", "x": ' + "[" * 50_000 + "</script>",
        linked(PAGE, kind="WebSite"),
    ],
    ids=["none", "another's", "topic", "summary", "code", "broken", "the site's"],
)
def test_where_no_object_is_plainly_the_article_there_is_no_text(script):
    """A wrong text is worse than none: an empty one is fetched with a browser where the profile has it so."""
    assert isinstance(read(script), Refusal)


def test_what_the_page_shows_counts_before_what_it_holds_for_machines():
    """The JSON-LD has its text without links, captions and paragraphs, and often another state of it."""
    shown = "".join(f"<p>{line}</p>" for line in LINES)
    told = "\n".join(LINES[:1] * 9)

    assert LINES == read(linked(told), f"<h1>{TITLE}</h1>{shown}").body


def test_a_wall_before_the_text_does_not_hide_what_the_page_holds():
    """The capture has the article, whoever is asked to log in to see it."""
    assert LINES == read(linked("\n".join(LINES)), f"<h1>{TITLE}</h1><p>请登录后继续阅读</p>").body


def test_a_page_that_says_that_the_article_is_gone_is_believed():
    """Systems take the text from the page and forget what they wrote into its head."""
    refused = read(linked("\n".join(LINES)), f"<h1>{TITLE}</h1><p>该文章已被作者删除</p>")

    assert isinstance(refused, Refusal)
    assert "soft-404" == refused.kind


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("陆远山", ["陆远山"]),
        ({"name": "陆远山", "id": 7}, ["陆远山"]),
        ([{"displayName": "陆远山"}, {"displayName": "何穗"}], ["陆远山", "何穗"]),
        ({"id": 7}, []),
    ],
)
def test_the_object_that_has_the_text_tells_its_authors(author, names):
    """An empty page shows no byline."""
    other = {"title": "另一篇山里的账本", "author": "周砚"}
    reading = read(state({"other": other, "article": {"title": TITLE, "author": author, "content": PAGE}}))

    assert names == [one.name for one in reading.authors]
