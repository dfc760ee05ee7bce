"""Crawls of a newspaper behind two servers, and of one that damages its pages: told once, and the same by a rebuild."""

from __future__ import annotations

from pathlib import Path

import walk
from rebuilder import rebuild
from routed import Routed

from archive.ledger.store import open_ledger
from archive.views import articles, history, show
from crawler.demo.answers import Answer

PROFILE = f"""
[series]
id = "qu"
title = "渠"
timezone = "Asia/Shanghai"
[source]
kind = "url-list"
urls = ["{walk.BASE}/a.html", "{walk.BASE}/b.html"]
[fetch]
delay = 0
recheck = "always"
requisites = "none"
allow_private = true
"""
LINES = (
    "清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺，水顺着渠道往下游走，先到苗圃，再到稻田。",
    "这条渠修于三十年前，去年秋天开始改造，村里把渠底的淤泥清出来，堆在坡地上种了两茬油菜，又栽下一千二百棵乌桕。",
    "镇上的中学把地理课搬到了渠首，学生用浮标测流速，用透明度盘看水质，数据贴在教室后墙，攒了满满三张大纸。",
)


def page(*lines: str, changed: str = "", more: str = "") -> str:
    """An article."""
    head = f"<meta property='article:modified_time' content='{changed}'>" if changed else ""
    body = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>渠水到了石桥村</title>{head}</head>"
        "<body><h1>渠水到了石桥村</h1>"
        f"<p class='info'>2018-08-29 07:12　来源：临溪日报　记者　苏砚秋</p><div class='content'>{body}</div>{more}</body></html>"
    )


def test_two_servers_and_a_damaged_page_make_one_revision(tmp_path: Path) -> None:
    """What was corrected is told once, however often the old copy comes; damage is never told as an edit, nor is its end."""
    home, site = walk.home_at(tmp_path / "home"), Routed({})
    old = page(*LINES[:2], changed="2018-08-29T08:00:00+08:00")
    new = page(*LINES, changed="2018-08-29T18:00:00+08:00")
    good = page(*LINES)
    turns = [
        (old, good),
        (new, page(*(line.replace("渠", "\ufffd") for line in LINES))),
        (old, good.encode().decode("latin-1")),
        (new, page(*LINES, more=good.partition("</h1>")[2].partition("</body>")[0])),
        (old, good),
    ]
    reports = []
    for one, other in turns:
        site.put_all({
            "/a.html": Answer(200, one.encode(), "text/html; charset=utf-8"), "/b.html": other
        })  # fmt: skip
        reports.append(walk.walk(home, walk.profile_of(PROFILE), site))
    before = walk.state_of(home)
    assert rebuild(home)[0].exit_code == 0

    assert walk.state_of(home) == before
    assert [one["revised"] for one in reports] == [0, 1, 0, 0, 0]
    assert [[fault["reason"] for fault in one["failed"]] for one in reports] == [[], ["not-an-article"], [], [], []]
    assert [one["unchanged"] for one in reports] == [0, 0, 2, 2, 2]
    ledger = open_ledger(home.root, create=False)
    with ledger.read() as connection:
        found = {one["url"][-6:]: one for one in articles(connection, "qu")}
        shown = show(connection, found["a.html"]["id"])
        assert [one["kind"] for one in history(connection, "qu") if one["kind"] == "revised"] == ["revised"]
    ledger.close()
    assert {"a.html": 2, "b.html": 1} == {name: one["revisions"] for name, one in found.items()}
    assert shown["body"] == list(LINES)
