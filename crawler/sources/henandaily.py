"""henandaily: a special topic or a channel of the Henan Daily client (河南日报客户端), over its JSON API.

Takes   the API's answers to getSpecialContent, getcategorylist and getnewsbyid, as JSON or JSONP.
Gives   the addresses to ask; Listing, entries in the order of the sections; Reading of an article.
Writes  nothing. Source of every name and number: client code and recorded answers of 2016-2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.errors import ProfileError
from archive.model import Entry, Listing, Reading

from ..scope import canonicalise, wire_url
from .henandaily_article import read_article
from .henandaily_items import read_item
from .json_answer import read_json, rows_of, text_of
from .protocol import Refused, SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

# The anonymous client's own: the first 24 hex digits of md5(md5("www.henandaily.cn")), the same in all of them, no secret.
TOKEN = "8de8af6f01e8a9b8b2a649a9"  # noqa: S105
ANONYMOUS = (("device_type", "android"), ("token", TOKEN), ("user_id", "0"))
ITEMS_A_PAGE = 10  # what the client asks for
MAX_OFFSET = 100_000  # a channel that goes on for longer repeats itself

# Words of a failure that speak of the article, and such that speak of the asking or the server: nothing is gone by those.
_ARTICLE_GONE = ("不存在", "删除", "下线", "下架", "撤", "找不到", "没有找到", "未找到", "not found", "deleted")
_NOT_THE_ARTICLE = (
    "参数", "请求失败", "非法", "繁忙", "稍后", "超时", "频繁", "维护", "系统", "服务", "网络", "签名", "登录", "错误", "异常",
    "token", "sign", "timeout", "busy", "server", "error",
)  # fmt: skip


@dataclass(frozen=True)
class HenanDaily:
    """The source of a profile with special_id or cat_id (exactly one). base_url: of the API, above its v1/ and v2/."""

    base_url: str
    special_id: str | None = None
    cat_id: str | None = None

    def __post_init__(self) -> None:
        if wire_url(self.base_url, None) is None:
            raise ProfileError(f'source.base_url: expected an http or https address, found "{self.base_url}"')
        if bool(self.special_id) == bool(self.cat_id):
            raise ProfileError("source: henandaily needs special_id or cat_id, one of the two")

    def seeds(self) -> tuple[str, ...]:
        """Give the topic's address, or that of the channel's first page."""
        if self.special_id:
            return (self._call("getSpecialContent", special_id=self.special_id),)
        return (self._page_of(self.cat_id or "", 0),)

    def entries(self) -> tuple[Entry, ...]:
        """Give nothing: the lists name the articles."""
        return ()

    def is_list(self, url: str) -> bool | None:
        """Tell whether an address is a list; of a section's page only the topic tells whether it is of this series."""
        if not canonicalise(url).startswith(canonicalise(self._folder())):
            return False
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        match parts.path.rpartition("/")[2]:
            case "getSpecialContent":
                return asked.get("special_id") == self.special_id
            case "getcategorylist":
                return True if self.cat_id and asked.get("cat_id") == self.cat_id else None
        return False

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read a topic, a channel or a section. Raises SourceError where the answer is none of them."""
        info = self._info(read_json(body, content_type).value, SourceError)
        if isinstance(info, dict) and "lists" in info:
            return self._topic(url, info)
        rows = [] if info is None else rows_of(info)  # an end is said as [], null or ""
        if rows is None:
            raise SourceError("source", f"list expected, found {_kind(info)}")
        if urlsplit(url).path.endswith("/getSpecialContent"):
            raise SourceError("source", 'special topic expected, found no "lists" in it')
        return Listing(self._items(url, rows), self._further(url, len(rows)))

    def _topic(self, url: str, info: dict[str, Any]) -> Listing:
        sections = rows_of(info["lists"])
        if not sections:
            raise SourceError("source", "special topic without sections")
        entries: list[Entry] = []
        more: dict[str, None] = {}
        for section in sections:
            if not isinstance(section, dict):
                raise SourceError("source", f"section of the topic expected, found {_kind(section)}")
            entries += self._items(url, rows_of(section.get("lists")) or [])
            if cat_id := text_of(section.get("cat_id")):
                more[self._page_of(cat_id, 0)] = None
        return Listing(_distinct(entries), tuple(more), text_of(info.get("title")))

    def _items(self, url: str, rows: list[Any]) -> tuple[Entry, ...]:
        return _distinct([read_item(row, place, url, self._detail) for place, row in enumerate(rows, 1)])

    def _further(self, url: str, rows: int) -> tuple[str, ...]:
        """Give the next page, if this one was full."""
        asked = dict(parse_qsl(urlsplit(url).query))
        number = _count(asked.get("number") or asked.get("num")) or ITEMS_A_PAGE
        offset = (_count(asked.get("offset")) or 0) + number
        cat_id = asked.get("cat_id")
        return (self._page_of(cat_id, offset, number),) if cat_id and rows >= number and offset < MAX_OFFSET else ()

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:
        """Read an article. Raises Refused where the API says that it is not there, SourceError for any other answer."""
        answer = read_json(body, content_type)
        info = self._info(answer.value, Refused)
        if isinstance(info, list) and len(info) == 1:
            info = info[0]
        if not isinstance(info, dict):
            raise SourceError("source", f"article expected, found {_kind(info)}")
        return read_article(info, url, rules, answer.undecoded)

    # --------------------------------------------------------------------------------------------- addresses

    def _folder(self) -> str:
        """Give what the addresses of all calls begin with."""
        base = self.base_url.partition("?")[0].partition("#")[0].rstrip("/").removesuffix("/v2")
        return f"{base.rstrip('/')}/v2/content/"

    def _call(self, name: str, **parameters: str) -> str:
        """Write a call's address as the client does: parameters sorted by name."""
        url = f"{self._folder()}{name}?{urlencode(sorted([*ANONYMOUS, *parameters.items()]))}"
        return wire_url(url, None) or url

    def _page_of(self, cat_id: str, offset: int, number: int = ITEMS_A_PAGE) -> str:
        return self._call("getcategorylist", cat_id=cat_id, number=str(number), offset=str(offset))

    def _detail(self, content_id: str) -> str:
        return self._call("getnewsbyid", content_id=content_id)

    # ---------------------------------------------------------------------------------------------- envelope

    def _info(self, value: Any, refused: type[SourceError]) -> Any:
        """Give what the envelope {"Status": 1, "Info": …} holds; None where Info is empty. refused: raised for a failure."""
        if not isinstance(value, dict) or "Status" not in value:
            raise SourceError("source", f'{{"Status", "Info"}} expected, found {_kind(value)}')
        if text_of(value["Status"]) != "1":
            _refuse(value, refused)
        info = value.get("Info")
        return info if info not in ("", [], {}, None, False) else None


def _refuse(envelope: dict[str, Any], refused: type[SourceError]) -> NoReturn:
    words = [text_of(envelope.get(key)) for key in ("Info", "Message", "message", "msg", "Msg")]
    said = next(filter(None, words), "no message")
    low = said.lower()
    about_article = any(word in low for word in _ARTICLE_GONE) or not any(word in low for word in _NOT_THE_ARTICLE)
    error = refused if about_article else SourceError
    raise error("source", f"the API answers Status {text_of(envelope['Status'])}: {said}")


def _distinct(entries: list[Entry]) -> tuple[Entry, ...]:
    """Drop what is said twice; one article under two addresses or names stays, for each is a variant of it."""
    return tuple(dict.fromkeys(entries))


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _kind(value: Any) -> str:
    """Name a JSON value in a report.

    >>> _kind({"a": 1}), _kind([])
    ('an object with the keys a', 'a list of 0')
    """
    if isinstance(value, dict):
        return f"an object with the keys {', '.join(list(value)[:8])}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else f"{value!r:.80}"
