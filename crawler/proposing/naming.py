"""The id of a series, made from its title.

Takes   a title in any script, its language, its address.
Gives   an id of a-z, 0-9 and -: Chinese in pinyin, word by word; Latin without its accents.
Writes  nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

_LONGEST = 40  # letters of an id; the profile allows 64, and a number may follow
_HAN = re.compile(r"[\u3400-\u9fff]+")
_SPELLED = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
_LATIN_LETTERS = 3  # fewer name nothing
_KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_INDEX = re.compile(r"(?:index|list|default)\w*|.{1,2}")


def series_id(title: str, language: str | None, url: str, taken: Callable[[str], bool]) -> str:
    """Make an id. taken: tells that an id is another series'; a number behind it makes it one's own.

    A title that cannot be spelled in Latin letters (Japanese, Russian) gives the site's name and the last part of the path.

    >>> series_id("渠水十二站", "zh", "http://a.example/", lambda _: False)
    'qushui-shier-zhan'
    """
    spelled = "" if _KANA.search(title) or language in ("ja", "ko") else _spelled(title, language)
    if len(spelled.replace("-", "")) < _LATIN_LETTERS:
        spelled = _of_address(url)
    name = _cut(spelled) or "series"
    number, one = 1, name
    while taken(one):
        number += 1
        one = f"{name}-{number}"
    return one


def _spelled(title: str, language: str | None) -> str:
    text = _HAN.sub(lambda run: f" {_pinyin(run[0])} ", title.lower())
    if language == "de":
        text = "".join(_UMLAUTS.get(char, char) for char in unicodedata.normalize("NFC", text))
    text = "".join(_SPELLED.get(char, char) for char in text)
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "").replace("’", "")))


def _pinyin(text: str) -> str:
    """Spell Chinese, its words apart."""
    from pypinyin import lazy_pinyin
    from pypinyin.seg import mmseg

    words: list[str] = []
    for word in mmseg.seg.cut(text):
        if len(word) == 1 and words and len(words[-1]) == 1:
            words[-1] += word  # what no dictionary knows is mostly a word of two
        else:
            words.append(word)
    return " ".join("".join(lazy_pinyin(word, errors="ignore")).replace("ü", "v") for word in words)


def _of_address(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    folders = [
        part
        for part in re.findall(r"[A-Za-z0-9]+", parts.path.rpartition(".")[0] or parts.path)
        if not _INDEX.fullmatch(part)
    ]
    return "-".join(re.findall(r"[a-z0-9]+", f"{host.partition('.')[0]} {' '.join(folders[-1:])}".lower()))


def _cut(name: str) -> str:
    """Shorten a name between its words."""
    if len(name) <= _LONGEST:
        return name
    return name[: _LONGEST + 1].rpartition("-")[0] or name[:_LONGEST]
