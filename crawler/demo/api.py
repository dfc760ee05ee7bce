"""The client's API as the demonstration newspaper answers it: special topic, section pages, article detail.

Takes   the newspaper, the name of the call, its parameters and the site's own address.
Gives   the envelope {"Status": 1, "Info": …}, with the unevenness of the recorded answers: a line's end left in the topic's
        strings, numbers as strings or as integers, keys that are missing, counters that move at each visit.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .newspaper import TOPIC_ID, TOPIC_SLUG, Newspaper, Standing
from .text import BRIEF, PUBLISHER, SERIES_TITLE, content_html

Json = dict[str, Any]

# The H5 page that one item leads to; .invalid never resolves (RFC 2606), so nobody who follows it leaves the machine.
H5_URL = "http://h5.lanchuan.invalid/qushui/index.html"
COPY_ID = "content_412-39186-1"  # promoted copy of the first instalment
H5_ID = "special_902-2330-1"
SECTIONS = (
    ("special_902", "H5 ▏沿渠看一看"),
    ("special_903", "推荐阅读"),
    ("special_904", "十八城来稿"),
    ("special_905", "守水的人"),
    ("special_906", "相关专题"),
)
CHANNELS = {8: "水边", 21: "读书", 27: "乡愁", 126: "市集", 131: "出行", 133: "校园", 135: "花木"}
KEEPERS = ("洛阳", "焦作", "南阳")  # stand in a second section, under the same content_id
MISSING_MESSAGE = "该文章不存在"
DELETED_MESSAGE = "该文章已被删除"
PARAMETER_MESSAGE = "参数错误"


def answer(newspaper: Newspaper, call: str, parameters: dict[str, str], base: str) -> Json:
    """Answer one call. base: the site's address without a slash at its end. A call that there is not: Status 0."""
    calls: dict[str, Callable[[Newspaper, dict[str, str], str], Json]] = {
        "getSpecialContent": _special,
        "getcategorylist": _category,
        "getnewsbyid": _article,
        "gettopcategory": _channels,
        "getLatestNews": _latest,
    }
    with newspaper.held():
        return calls[call](newspaper, parameters, base) if call in calls else _refuse(PARAMETER_MESSAGE)


def _refuse(message: str) -> Json:
    return {"Status": 0, "Info": message}


def _special(newspaper: Newspaper, parameters: dict[str, str], base: str) -> Json:
    if parameters.get("special_id") != TOPIC_ID:
        return _refuse(PARAMETER_MESSAGE)
    lists = [
        {"name": name, "cat_id": cat_id, "lists": section(newspaper, cat_id, base)[: newspaper.page_size]}
        for cat_id, name in SECTIONS
    ]
    return {
        "Status": 1,
        "Info": {
            "title": f"{SERIES_TITLE}\r",
            "thumb": f"{base}/uploadfile/2018/0820/20180820060000.jpg\r",
            "brief": f"{BRIEF}\r",
            "url": f"{base}/content/special/{TOPIC_SLUG}/index.html\r",
            "created": "2018-08-20 06:00",
            "views": str(20_180 + newspaper.count()),
            "lists": lists,
        },
    }


def _category(newspaper: Newspaper, parameters: dict[str, str], base: str) -> Json:
    try:
        number = int(parameters.get("number") or parameters.get("num") or 10)
        offset = int(parameters.get("offset") or 0)
    except ValueError:
        return _refuse(PARAMETER_MESSAGE)
    items = section(newspaper, parameters.get("cat_id", ""), base)
    return {"Status": 1, "Info": items[max(offset, 0) :][: max(number, 0)]}


def _latest(newspaper: Newspaper, _parameters: dict[str, str], base: str) -> Json:
    return {"Status": 1, "Info": section(newspaper, "special_904", base)[:10]}


def _channels(_newspaper: Newspaper, _parameters: dict[str, str], _base: str) -> Json:
    names = [{"catname": name, "cat_id": f"content_{number}"} for number, name in CHANNELS.items()]
    return {"Status": 1, "Info": names}


def section(newspaper: Newspaper, cat_id: str, base: str) -> list[Json]:
    """List a section of the topic, or a channel ("content_8"); none for one that there is not."""
    listed = newspaper.listed()
    if cat_id == "special_902":
        return [_h5(base)]
    if cat_id == "special_903":
        return [_copy(newspaper, one, base) for one in listed if one.instalment.number == 1]
    if cat_id == "special_904":
        return [item(newspaper, one, "special_904", base) for one in listed]
    if cat_id == "special_905":
        return [item(newspaper, one, "special_905", base) for one in listed if one.instalment.subject in KEEPERS]
    if cat_id == "special_906":
        return [_topic(base)]
    return [item(newspaper, one, cat_id, base) for one in listed if cat_id == f"content_{one.instalment.channel_id}"]


def item(newspaper: Newspaper, standing: Standing, cat_id: str, base: str) -> Json:
    """Give an instalment as lists show it; which keys are missing or strings depends on its number, as on no rule at all."""
    text = standing.instalment
    name = dict(SECTIONS).get(cat_id, CHANNELS[text.channel_id])
    moved, odd = newspaper.count(), text.number % 2
    updated = int(standing.updated.timestamp())
    shown: Json = {
        "title": text.title,
        "brief": text.highlights[0] + " " * odd,
        "thumb": base + text.picture(0),
        "content_id": text.content_id,
        "catname": name,
        "type_name": name,
        "content_type": "content_hybrid" if text.number % 4 == 0 else "content_content",
        "comment": moved % 7 if odd else str(moved % 7),
        "views": str(300 + moved) if odd else 300 + moved,
        "url": base + text.path,
        "is_link": 0 if odd else "0",
        "link_url": base + text.path,
        "updated": updated if text.number % 5 == 0 else str(updated),
        "created": f"{text.published:%Y-%m-%d %H:%M}",
        "internal_type": "none",
        "internal_id": 0 if odd else "0",
    }
    lost = {3: ("thumb",), 6: ("internal_type", "internal_id"), 10: ("comment", "views"), 12: ("link_url", "type_name")}
    return {key: value for key, value in shown.items() if key not in lost.get(text.number, ())}


def _copy(newspaper: Newspaper, standing: Standing, base: str) -> Json:
    original = item(newspaper, standing, "special_903", base)
    title = f"{SERIES_TITLE} ▏{standing.instalment.title}"
    internal = {"internal_type": "content", "internal_id": standing.instalment.content_id}
    return original | {"title": title, "content_id": COPY_ID} | internal


def _link(title: str, brief: str, url: str, name: str, updated: str) -> Json:
    return {
        "title": title,
        "brief": brief,
        "catname": name,
        "type_name": name,
        "content_type": "content_content",
        "comment": 0,
        "views": 0,
        "url": url,
        "is_link": 1,
        "link_url": url,
        "updated": updated,
        "created": "2018-08-20 06:10",
        "internal_type": "none",
        "internal_id": 0,
    }


def _h5(base: str) -> Json:
    thumb = {"thumb": f"{base}/uploadfile/2018/0820/20180820061000.jpg", "content_id": H5_ID}
    return _link("H5 ▏沿渠看一看", "十八座城，一条渠", H5_URL, "H5 ▏沿渠看一看", "1534716600") | thumb


def _topic(base: str) -> Json:
    url = f"{base}/content/special/laowu/index.html"
    shown = _link("专题 ▏老物件说话", "一件老物件，一段旧日子", url, "相关专题", "1530403200")
    return shown | {"special_id": "special_877", "is_link": 0}


def _article(newspaper: Newspaper, parameters: dict[str, str], base: str) -> Json:
    asked = parameters.get("content_id", "")
    for standing in newspaper.all():
        text = standing.instalment
        if asked == text.content_id or (asked == COPY_ID and text.number == 1):
            return _refuse(DELETED_MESSAGE) if standing.withdrawn else _detail(newspaper, standing, asked, base)
    return _refuse(MISSING_MESSAGE)


def _detail(newspaper: Newspaper, standing: Standing, content_id: str, base: str) -> Json:
    text, moved = standing.instalment, newspaper.count()
    author = {"name": text.name, "author_id": str(7000 + text.number), "avatar": "", "type_name": "作者"}
    info: Json = {
        "title": text.title,
        "brief": text.highlights[0],
        "url": base + text.path,
        "inputtime": f"{text.published:%Y-%m-%d %H:%M}",
        "copyfrom": PUBLISHER,
        "content": content_html(text, base),
        "reporters": "",
        "editor": f" {text.editor}",
        "author": [author] if text.number % 3 else [],
        "catname": CHANNELS[text.channel_id],
        "cat_id": f"content_{text.channel_id}",
        "content_id": content_id,
        "type": "lcdaily",
        "zutu": [],
        "myvideo": [],
        "mylive": [],
        "views": str(300 + moved),
        "support": moved % 11,
        "comment": str(moved % 7),
        "allow_comment": 1,
        "voteid": 0,
        "is_favor": moved % 2,
        "form_url": "",
    }
    if text.number % 2:
        info["description"] = info.pop("brief")
    return {"Status": 1, "Info": info}
