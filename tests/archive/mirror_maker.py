"""The mirror that damages text, as its traces tell it: the opposite of archive.clean.repair, for its tests.

simplified -> traditional, character by character -> pinyin after each key, by replacing bytes in GBK without heed to
where a character begins -> an entity here and there left undecoded -> decoded by a reader that writes ? for a first byte
whose second is none, and loses both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from opencc import OpenCC
from pypinyin.pinyin_dict import pinyin_dict

Reader = Literal["eats", "keeps"]

_S2T = OpenCC("s2t")
_ENTITIES = {"“": "&ldquo;", "”": "&rdquo;", "—": "&mdash;", "·": "&middot;", "…": "&hellip;"}


@lru_cache(maxsize=20_000)
def traditional(char: str) -> str:
    """One character as a mirror converts it, where GBK has the result."""
    converted = {"着": "著"}.get(char) or _S2T.convert(char)
    try:
        return converted if len(converted.encode("gbk")) == 2 and len(converted) == 1 else char
    except UnicodeEncodeError:
        return char


def reading(char: str) -> str:
    """The first reading of the dictionary."""
    return pinyin_dict.get(ord(char), "").split(",")[0]


def keys_of(text: str) -> list[str]:
    """All characters of a text that the mirror converts, in the traditional script, in order of code."""
    return sorted({traditional(char) for char in text if traditional(char) != char})


def annotate(text: str, keys: Iterable[str]) -> bytes:
    """Put pinyin after each key, key after key, in the bytes."""
    code = text.encode("gbk")
    for key in keys:
        pair = key.encode("gbk")
        code = code.replace(pair, pair + f"({reading(key)})".encode("gbk"))
    return code


def decode(code: bytes, reader: Reader = "eats") -> str:
    """Decode GBK as PHP does (eats: ? for both bytes of a pair that is none) or as browsers do (keeps the ASCII one)."""
    out, place = [], 0
    while place < len(code):
        lead = code[place]
        pair = code[place : place + 2]
        if lead < 0x80:
            out.append(chr(lead))
            place += 1
        elif lead == 0x80:
            out.append("€")
            place += 1
        else:
            try:
                out.append(pair.decode("gb18030"))
                place += 2
            except UnicodeDecodeError:
                ascii_kept = reader == "keeps" and pair[1:] < b"\x80"
                out.append("\ufffd" if reader == "keeps" else "?")
                place += 1 if ascii_kept else 2
    return "".join(out)


def mirrored(text: str, keys: Iterable[str] | None = None, *, reader: Reader = "eats", entities: str = "") -> str:
    """Damage a text. keys: in the order in which they are replaced. entities: the signs that stay encoded."""
    converted = "".join(map(traditional, text))
    for sign in entities:
        converted = converted.replace(sign, _ENTITIES[sign])
    return decode(annotate(converted, keys_of(text) if keys is None else keys), reader)
