"""Dates told by how long ago they were: 3小时前, 昨天 07:12, 2 hours ago.

Takes   a line beside a headline; for the day, the time at which the page was got and the zone of its readers.
Gives   Ago; the day of publication.
Writes  nothing.

Only what tells the day: of 3个月前 or "2 weeks ago" no day follows. A line that speaks of a change, or is a sentence, is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from .dates import says_otherwise

LINE_CHARS = 60
LETTERS = 24  # so many letters beside it, and it stands in a sentence
DAYS = 6  # what is longer ago is told in weeks

_UNITS = {
    1: "秒钟?|秒鐘|secs?|seconds?|sekunden?|secondes?|segundos?|초|секунд[уы]?",
    60: "分钟?|分鐘|mins?|minutes?|m|minuten?|minutos?|minuti|분|минут[уы]?",
    3600: "个?小时|個?小時|时间|時間|hours?|hrs?|h|stunden?|heures?|horas?|ore|시간|час(?:а|ов)?",
    86400: "天|日|days?|d|tagen?|jours?|días?|giorni|일|день|дня|дней",
}
_NUMBER = r"(?P<number>\d{1,3}|[一二两兩三四五六七八九十半]|an?|one|eine[rmn]?|une?|un[ao]?)"
_UNIT = "|".join(f"(?P<u{seconds}>{words})" for seconds, words in _UNITS.items())
_BEGINS = r"(?:(?<!\w)|(?<=[于於在：]))"
_ELAPSED = re.compile(
    rf"{_BEGINS}(?:{_NUMBER}\s?(?:{_UNIT})(?:\s?(?:之?前|전)|\s(?:ago|fa|назад))"
    rf"|(?:vor|il y a|hace)\s{_NUMBER.replace('number', 'behind')}\s(?:{_UNIT.replace('<u', '<v')}))(?!\w)",
    re.I,
)
# A day by its name is also a menu's word (Heute): it counts with a time, or set apart where it is past.
_CLOCK = (
    r"[\s,，]{0,3}(?:上午|下午|晚上|傍晚|中午|凌晨|早上|清晨|at|um|à|a las|alle|в)?\s?\d{1,2}"
    r"(?:[:.：h]\d\d|\s?[点點时時]|\s?[ap]\.?m\b)"
)
_PAST = (
    "(?P<d1>昨[天日]|yesterday|gestern|hier|ayer|ieri|어제|вчера)"
    "|(?P<d2>前天|一昨日|vorgestern|avant-hier|anteayer|그저께|позавчера)"
)
_DAY = re.compile(
    rf"{_BEGINS}(?:刚刚|剛剛|just now)(?!\w)"
    rf"|{_BEGINS}(?:今[天日]|today|heute|aujourd['’]hui|hoy|oggi|오늘|сегодня|{_PAST}){_CLOCK}"
    rf"|(?:^|[|·•丨/:：])\s*(?:{_PAST.replace('<d', '<e')})\s*(?:$|[|·•丨/])",
    re.I,
)
_SENTENCE = re.compile(r"[。！？；!?;]|\w{4}\.\s")
_LETTER = re.compile(r"[^\W\d_]")
_HAN = dict(zip("一二两兩三四五六七八九十", (1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))


@dataclass(frozen=True, slots=True)
class Ago:
    """How long before a page was got its article was published. days: by the calendar; elapsed_s: by the clock."""

    days: int = 0
    elapsed_s: int = 0

    def day(self, at: datetime, zone: tzinfo) -> date:
        """Give the day of publication. at: when the page was got, aware. zone: of its readers.

        >>> from datetime import UTC
        >>> Ago(elapsed_s=10_800).day(datetime(2031, 3, 5, 2, tzinfo=UTC), UTC)
        datetime.date(2031, 3, 4)
        """
        return (at.astimezone(zone) - timedelta(seconds=self.elapsed_s)).date() - timedelta(days=self.days)


def read_ago(line: str) -> Ago | None:
    """Read how long ago a line says that its article was published; None where it says no such thing.

    >>> read_ago("临溪日报 · 3小时前"), read_ago("Jane Doe · yesterday"), read_ago("更新于 5分钟前"), read_ago("3 months ago")
    (Ago(days=0, elapsed_s=10800), Ago(days=1, elapsed_s=0), None, None)
    """
    if len(line) > LINE_CHARS or _SENTENCE.search(line):
        return None
    match = _ELAPSED.search(line) or _DAY.search(line)
    if match is None or says_otherwise(line[: match.start()]) or says_otherwise(line[match.end() :]):
        return None
    if len(_LETTER.findall(line[: match.start()] + line[match.end() :])) > LETTERS:
        return None
    groups = match.groupdict()
    if match.re is _DAY:
        return Ago(days=next((int(name[1:]) for name, found in groups.items() if found), 0))
    unit = next(int(name[1:]) for name, found in groups.items() if found and name[1:].isdecimal())
    elapsed_s = round(_number(groups["number"] or groups["behind"]) * unit)
    return Ago(elapsed_s=elapsed_s) if elapsed_s <= DAYS * 86400 else None


def _number(text: str) -> float:
    return int(text) if text.isdecimal() else 0.5 if text == "半" else _HAN.get(text, 1)
