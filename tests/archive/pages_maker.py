"""A home with what pages have to show: every state, gaps, repairs, edits, and titles by someone who means ill.

Takes   a Filled home (tests/conftest.py). Gives: series in it, and a client that asks its reading room. Writes in the home.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import html
from replay_maker import client

from archive.home import Home
from archive.ledger import schema
from archive.model import Image, Repair
from archive.web.room import Room

CITIES = ("郑州", "开封", "洛阳", "平顶山", "安阳", "鹤壁", "新乡")
EVIL = "<script>alert(1)</script>\"'&\u202e\x00反"
OLD = (
    "甲段从头到尾都没有变过。",
    "乙段里有一个老的数字，是四百。",
    "丙段要被整段删去了。",
    "丁段没有变。",
    "戊段整段移动，一字不改。",
)
NEW = (
    "甲段从头到尾都没有变过。",
    "戊段整段移动，一字不改。",
    "乙段里有一个新的数字，是三百四十。",
    "丁段没有变。",
    "己段是新添的，从前没有。",
)

MENDED = (
    Repair("三百&#22235;十", "三百四十", "undecoded entity"),
    Repair("\u200b", "", "invisible characters"),  # of it nothing is left that could be marked
)


@contextmanager
def asking(home: Home | Path) -> Iterator[Callable[..., Any]]:
    """Lend what asks the reading room of a home: each time as one who was never there, so that no language is remembered."""
    with Room(home if isinstance(home, Home) else Home(home), {}) as room, client(room) as asked:

        def ask(path: str, method: str = "GET", **more: Any) -> Any:
            asked.cookies.clear()
            return asked.request(method, path, **more)

        yield ask


def a_profile(publisher: str = "中州样报", **series: Any) -> dict[str, Any]:
    """A profile as the ledger remembers it."""
    return {
        "series": {"publisher": publisher, "language": "zh", **series},
        "source": {"kind": "list-page", "url": "http://paper.example/topic/18"},
        "watch": {"withdraw_after": {"checks": 3, "hours": 24}},
    }


def fill(filled: Any, reading: Any) -> None:
    """Fill a home: one series with all states and two gaps, one of 200, one with markup wherever there is text."""
    filled.add_series(
        "cheng", title="十八城记", expected=7, subjects=list(CITIES), missing=["开封", "新乡"], complete=False,
        profile=a_profile(tags=["水"], description="一城一篇。"), cadence_s=7 * 86400, schedule="*/30 7-23 * * *",
    )  # fmt: skip
    put = filled.add_article
    put("aaaaaa-1", reading(title="郑州的水尺"), series="cheng", subject="郑州", position=1)
    put(
        "cccccc-3", reading(title="洛阳旧事", body=OLD, repairs=()),
        reading(title="洛阳新事", body=NEW, repairs=MENDED),
        series="cheng", subject="洛阳", position=3,
    )  # fmt: skip
    put(
        "dddddd-4", reading(title="平顶山的灯"), series="cheng", subject="平顶山", position=4, state="withdrawn",
        gone_since="2026-10-08T05:00:00.120Z",
    )  # fmt: skip
    put("eeeeee-5", reading(title="安阳的车"), series="cheng", subject="安阳", position=5, origin="archive")
    put(
        "ffffff-6", series="cheng", subject="鹤壁", position=6, state="failed", failing="timeout",
        failing_detail="no answer within 60 s", title="鹤壁的课桌", published="2018-10-14", published_precision="day",
    )  # fmt: skip
    for number, (kind, more) in enumerate(
        (
            ("found", {"article": "aaaaaa-1"}),
            ("captured", {"article": "aaaaaa-1"}),
            ("revised", {"article": "cccccc-3", "fields": ["title", "body", "text"], "start": 1, "end": 2}),
            ("withdrawn", {"article": "dddddd-4"}),
            ("failed", {"article": "ffffff-6"}),
            ("blocked", {}),
        ),
        1,
    ):
        at = f"2018-10-{number:02d}T05:00:00.120Z"
        filled.add_event(
            kind, at, "cheng", evidence=[f"<urn:uuid:0b3d6a52-71c8-4f0e-9d2b-6a3e518c44d{number}>"], **more
        )
    filled.add_series("cun", title="百村手记", expected=200, complete=False, paused=True, profile=a_profile())
    filled.put(schema.ARTICLES, *(_village(number) for number in range(1, 199)))
    filled.add_series("xie", title=EVIL, profile=a_profile(EVIL, description=EVIL, tags=[EVIL]), complete=True)
    put(
        "999999-1",
        reading(
            title=EVIL, source=EVIL, body=(EVIL, "javascript:alert(1)"), highlights=(EVIL,), editors_note=(EVIL,),
            images=(Image("javascript:alert(3)", EVIL),), repairs=(Repair(EVIL, EVIL, EVIL),),
        ),
        series="xie", subject=EVIL, url="javascript:alert(1)//\x00../<b>",
    )  # fmt: skip
    filled.add_event("captured", "2018-10-01T05:00:00.120Z", "xie", article="999999-1")


def _village(number: int) -> dict[str, Any]:
    """A row of the long series, whose instalments nobody opens: it has no revision. The 105th could not be fetched."""
    never = number == 105
    return {
        "id": f"b{number:05x}-{number}", "series": "cun", "key": str(number), "position": number, "title": f"第 {number} 个村子",
        "url": f"http://paper.example/{number}", "authors": [], "variants": [], "fold": {}, "origin": "live",
        "state": "failed" if never else "captured", "revisions": 0 if never else 1, "shown": 0 if never else 1,
    }  # fmt: skip


def page(answer: Any) -> html.HtmlElement:
    """Read a page."""
    return html.document_fromstring(answer.text)


def texts(found: list[Any]) -> list[str]:
    """Give the words of elements, blanks made one."""
    return [" ".join(one.text_content().split()) for one in found]
