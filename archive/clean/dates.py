"""Dates and times of publication, as pages print them.

Takes   text that may hold a date, and the zone for times that name none.
Gives   Moment: the day and time as printed; Dated: where in the text it stands, and what the text says of it; Published: what
        a Reading keeps of it.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .months import MONTHS, ZONES, plain_digits, western_years

# A time without a zone means the zone of the page's readers, where a language has one (CONTRACT, profile: timezone).
LANGUAGE_ZONES = {
    "zh": "Asia/Shanghai",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "vi": "Asia/Ho_Chi_Minh",
    "th": "Asia/Bangkok",
}
YEARS = range(1980, 2101)
TEXT_CHARS = 400  # no date is looked for behind so much text
_FAR = re.compile("[，。；！？《》“”]|.{24}", re.S)  # between a word and a date of which it says nothing
LABEL_CHARS = 40  # how far before a date the word stands that says what it is the date of

_ABBREVIATED = "|".join(sorted(ZONES, key=len, reverse=True))
_HALVES = "上午|下午|晚上|傍晚|中午|凌晨|早上|清晨|오전|오후|午前|午後"
_TIME = (
    rf"(?P<half>{_HALVES})?\s*(?P<h>[01]?\d|2[0-4])"
    r"(?:\s*[:：時时點点시hH]\s*(?P<min>[0-5]\d)(?!\d)\s*[分분]?(?:\s*[:：]?\s*(?P<s>[0-5]\d)(?!\d)[秒초]?(?:[.,]\d{1,9})?)?"
    r"|\.(?P<dotted>[0-5]\d)(?![\d.]*\d)|(?=\s?[ap]\.?m\b))"
    r"\s*(?P<ampm>[ap]\.?m\b\.?)?"
    rf"\s*(?P<zone>Z\b|北京时间|北京時間|\(?(?:UTC|GMT)\s?[+-]\d{{1,2}}(?::?[0-5]\d)?|[+-](?:0\d|1[0-4]):?[0-5]\d|(?-i:\(?(?:{_ABBREVIATED})\b))?"
)
# A word or two may stand between day and time (at, um, à, kl., Uhr); a label of another date may not (see _moment).
_GAP = (
    r"(?P<gap>[\sT.,，、|丨·/年月日号號일()（）[\]–—-]{0,8}(?:(?:星期|周|週)[一二三四五六日天]|[(（][^()（）]{1,3}[)）])?[\s,，|丨·]{0,4}"
    rf"(?:(?!{_HALVES})[^\W\d_]{{1,9}}\.?[\s,:]{{1,3}}){{0,2}})"
)
_CLOCK = rf"(?:{_GAP}{_TIME})?"
_NUMERIC = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*(?P<sep>[-/.年년])\s*(?P<m>1[0-2]|0?[1-9])\s*[-/.月월]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号號일]?"
    + _CLOCK,
    re.I,
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:T?(?P<h>[01]\d|2[0-3])(?P<min>[0-5]\d)(?P<s>[0-5]\d)?)?(?P<zone>Z|[+-]\d{4})?(?!\d)"
)
_LETTER = r"[^\s\d_.,;:!?/\\()\[\]{}|·•*\"'“”„«»<>@#$%&=+~^，。、：；（）丨–—-]"
_WORD = rf"(?P<mon>[ก-๙]{{1,2}}\.[ก-๙]{{1,2}}|{_LETTER}{{2,15}})\.?"
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d(?!\d?:\d\d))"  # a template may run the time into the year: 20312:23 pm
_MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_]){_WORD}\s+(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s+{_YEAR}" + _CLOCK, re.I
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º|ª)?\.?[\s-]+(?:(?:de|d['’]|of|tháng)\s*)?"
    rf"(?:{_WORD}|(?P<m>1[0-2]|0?[1-9])(?=,?\s+năm|,\s))[\s,-]+(?:(?:del?|năm)\s+)?{_YEAR}" + _CLOCK,
    re.I,
)
_DOTTED = re.compile(
    rf"(?<![\d.])(?P<d>3[01]|[12]\d|0?[1-9])(?P<mark>[-./])\s?(?P<m>3[01]|[12]\d|0?[1-9])(?P=mark)\s?{_YEAR}" + _CLOCK,
    re.I,
)
_SHORT = re.compile(
    r"(?<![\d.])(?P<d>3[01]|[12]\d|0?[1-9])(?P<mark>[./])(?P<m>1[0-2]|0?[1-9])(?P=mark)(?P<yy>\d\d)(?![\d.]*\d)"
    + _CLOCK,
    re.I,
)
# Year, day and time set above each other, as front pages do: the elements' texts run together.
_STACKED = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?(?P<m>0[1-9]|1[0-2])\s?/\s?(?P<d>3[01]|[12]\d|0[1-9])\s?"
    r"(?P<gap>)(?P<h>[01]\d|2[0-3]):(?P<min>[0-5]\d)(?::(?P<s>[0-5]\d))?(?P<zone>)(?!\d)"
)
_PATTERNS = (_NUMERIC, _MONTH_FIRST, _DAY_FIRST, _DOTTED, _STACKED)
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_URL_DAY = re.compile(r"[/_-]t?((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.\-]|$)")

# What says that a date is one of change: the word stands before it (更新时间：…).
_CHANGED = re.compile(
    "更新|修改|改稿|修订|最后编辑|最終|수정|업데이트|modif|updat|edited|revised|aktualis|geändert|überarbeitet|mis à jour|maj\\b"
    "|actuali[sz]ad|actualitza|atualizad|aggiornat|ultima modifica|uppdatera|oppdater|opdater|ändrad|bijgewerkt|gewijzigd"
    "|päivitet|muokattu|aktualizov|aktualizowan|upraveno|zmieniono|frissít|módosít|güncel|обновл|измен|оновлен|ажурир|actualizat|ενημέρωση"
    "|تحديث|تعديل|به‌روز|अपडेट|cập nhật|diperbarui|dikemas ?kini|แก้ไข|อัปเดต|עודכן|עדכון",
    re.I,
)
# What says that a date is of something else than the article.
_OTHER = re.compile(
    "copyright|©|版权|版權|all rights"
    "|(?<![a-z])(?:audio|video|foto|photo|bild|image|picture|sendung|sendedatum|gesendet|expires?|born|geboren|accessed|abgerufen"
    "|archived?|captured?|comments?|commented|joined|registered|member since|deadline|valid|until)(?![a-z])"
    "|截止|截至|到期|有效期|拍摄|注册|生于|出生|走失|失踪|评论时间|浏览",
    re.I,
)
_FIRST = re.compile(
    "发布|發布|發佈|发表|發表|刊发|刊登|上传|发稿|(?<!走失)(?<!失踪)(?<!到期)(?<!截止)(?<!注册)(?<!有效)时间|時間|(?<!出生)(?<!失踪)日期|公開|配信|掲載|投稿|입력|등록|작성|승인|게시|publish|posted|released|first"
    "|veröffentlicht|erschienen|erstellt|publié|mis en ligne|paru|publica|pubblica|creado|publicera|publiser|offentliggjort"
    "|udgivet|gepubliceerd|geplaatst|julkaistu|opublikowan|publikov|vydán|közzété|megjelen|yayın|giriş|oluştur|опубликован|создан|дата|objav|објав"
    "|نشر|प्रकाशित|đăng|xuất bản|diterbitkan|tayang|เผยแพร่|פורסם|פרסום|δημοσ",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as printed. hour, minute: None for a bare day. offset: the zone that stands beside it, None for none."""

    day: date
    hour: int | None = None
    minute: int = 0
    second: int | None = None
    offset: timedelta | None = None

    @property
    def has_time(self) -> bool:
        """Tell whether a time is known; midnight to the second is how systems fill in an unknown one."""
        return self.hour is not None and (self.hour, self.minute, self.second or 0) != (0, 0, 0)


class Dated(NamedTuple):
    """A date within a text. start, end: its place. kind: "published", "changed", "other", or None where no word says."""

    moment: Moment
    start: int
    end: int
    kind: str | None


class Published(NamedTuple):
    """When an article was published. moment: RFC 3339 in UTC, or a day. precision: "day", "minute" or "second".

    local: the publisher's own date and time, RFC 3339 with the offset of its zone, or the day.
    """

    moment: str
    precision: str
    local: str


def read_moment(text: str, *, compact: bool = False) -> Moment | None:
    """Read the first date in a text, with the time beside it.

    compact: also take 20260305 and seconds since 1970, as metadata and APIs write them.

    >>> read_moment("时间：2026年3月5日 07:12　来源").minute
    12
    """
    text = western_years(plain_digits(text[:TEXT_CHARS]))
    found = next(_found(text, compact=compact, short=False, month_first=False), None)
    if found:
        return found.moment
    epoch = _EPOCH.match(text) if compact else None
    if epoch:
        at = datetime.fromtimestamp(int(epoch.group(1)), UTC)
        return Moment(at.date(), at.hour, at.minute, at.second, timedelta(0)) if at.year in YEARS else None
    return None


def read_dates(text: str, *, month_first: bool = False) -> list[Dated]:
    """Read every date of a text, as a line beside a headline prints them: what each is the date of, by the word before it.

    month_first: 3/5/2031 is the fifth of March, as American pages have it. A year of two digits counts where day and month
    stand before it.

    >>> [found.kind for found in read_dates("Publié le 30 août 2031 à 14h52, modifié le 31 août 2031 à 8h01")]
    ['published', 'changed']
    """
    if "年" not in text and not any(map(str.isdecimal, text[:TEXT_CHARS])):
        return []
    text = western_years(plain_digits(text[:TEXT_CHARS]))
    return list(_found(text, compact=False, short=True, month_first=month_first))


def says_otherwise(text: str) -> bool:
    """Tell whether the words beside a date say that it is one of change, of a comment, of a recording."""
    return bool(_CHANGED.search(text) or _OTHER.search(text))


def day_in_url(url: str) -> Moment | None:
    """Read the day that many sites put into the path of an address (/2017/0317/38294.html)."""
    match = _URL_DAY.search(url)
    day = _date(*map(int, match.groups())) if match else None
    return Moment(day) if day else None


def published(moment: Moment, timezone_name: str | None, language: str | None) -> Published:
    """Give a moment as a Reading keeps it.

    The zone is the page's own, else timezone_name (IANA), else the language's. A time in an unknown zone is no moment:
    only its day is kept.

    >>> published(Moment(date(2031, 3, 5), 7, 12), "Asia/Shanghai", None)
    Published(moment='2031-03-04T23:12:00Z', precision='minute', local='2031-03-05T07:12:00+08:00')
    """
    zone = timezone(moment.offset) if moment.offset is not None else zone_of(timezone_name, language)
    if not moment.has_time or zone is None or moment.hour is None:
        day = moment.day.isoformat()
        return Published(day, "day", day)
    at = datetime.combine(moment.day, time(moment.hour, moment.minute, moment.second or 0), tzinfo=zone)
    instant = at.astimezone(UTC)
    # Back from UTC: a time that the zone's clock skipped becomes the one that it showed.
    local = instant.astimezone(zone).isoformat(timespec="seconds")
    return Published(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), "minute" if moment.second is None else "second", local)


def zone_of(timezone_name: str | None, language: str | None) -> ZoneInfo | None:
    """Give the zone of times that name none: timezone_name (IANA), else the language's; None where neither tells it."""
    name = timezone_name or LANGUAGE_ZONES.get((language or "").split("-")[0])
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a profile is checked before; imported ones may be older
        return None


def _found(text: str, *, compact: bool, short: bool, month_first: bool) -> Iterator[Dated]:
    """Give the dates of a text from left to right, none within another."""
    patterns = (*_PATTERNS, *((_COMPACT,) if compact else ()), *((_SHORT,) if short else ()))
    matches = sorted(
        (match for pattern in patterns for match in pattern.finditer(text)), key=lambda match: match.start()
    )
    end = 0
    for match in matches:
        moment = _moment(match, month_first=month_first) if match.start() >= end else None
        if moment:
            yield Dated(
                moment, match.start(), match.end(), _kind(text[max(end, match.start() - LABEL_CHARS) : match.start()])
            )
            end = match.end()


def _kind(before: str) -> str | None:
    """Tell what a date is the date of; before: the text since the date before it. The nearest word counts."""
    said = [
        (found[-1].end(), kind)
        for kind, pattern in (("published", _FIRST), ("other", _OTHER), ("changed", _CHANGED))
        if (found := list(pattern.finditer(before))) and not _FAR.search(before[found[-1].end() :])
    ]
    # 更新时间 and "Last updated on the date" hold a word of both kinds: what follows a word of change does not undo it.
    changed = next((at for at, kind in said if kind == "changed"), -1)
    if changed >= 0 and not re.search(r"[,，;；|·•(（)）]|\s{2}", before[changed:]):
        return "changed"
    return max(said)[1] if said else None


def _moment(match: re.Match[str], *, month_first: bool) -> Moment | None:
    groups = match.groupdict()
    day = _day(groups, month_first=month_first)
    if day is None:
        return None
    gap = groups.get("gap")
    if not groups.get("h") or (gap and (_CHANGED.search(gap) or _OTHER.search(gap))):
        return Moment(day)
    hour = _hour(int(groups["h"]), groups.get("half"), groups.get("ampm"))
    second = int(groups["s"]) if groups.get("s") else None
    minute = int(groups.get("min") or groups.get("dotted") or 0)
    return Moment(day, hour, minute, second, _offset(groups.get("zone"))) if hour < 24 else Moment(day)


def _day(groups: dict[str, str | None], *, month_first: bool) -> date | None:
    """Give the day that the parts of a match name."""
    number, name = groups.get("m"), groups.get("mon")
    day = int(groups["d"] or 0)
    month = int(number) if number else MONTHS.get((name or "").lower(), 0)
    short = groups.get("yy")
    year = int(groups.get("y") or 0) if short is None else int(short) + (1900 if int(short) >= 80 else 2000)
    mark = groups.get("mark")  # day and month stand before the year: in which order, one above twelve tells
    if mark and (day <= 12 < month or (mark == "/" and month_first and day <= 12)):
        day, month = month, day
    return _date(year, month, day)


def _hour(hour: int, half: str | None, ampm: str | None) -> int:
    late = (
        half in ("下午", "晚上", "傍晚", "오후", "午後")
        or (half == "中午" and hour < 3)
        or (ampm or "").lower().startswith("p")
    )
    early = half in ("上午", "凌晨", "早上", "清晨", "오전", "午前") or (ampm or "").lower().startswith("a")
    if late and hour < 12:
        return hour + 12
    return 0 if early and hour == 12 else hour


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone.startswith("北京"):
        return timedelta(hours=8)
    match = re.search(r"([+-])(\d{1,2}):?(\d\d)?", zone)
    if not match:
        return timedelta(hours=ZONES.get(zone.strip("("), 0))
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=14):
        return None
    return -offset if match[1] == "-" else offset


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None
