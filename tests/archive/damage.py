"""Damage done to healthy text by program, one function a kind, so that what the repairs bring back can be counted.

Takes   paragraphs, and a source of chance.
Gives   the paragraphs as a broken system would deliver them.
Writes  nothing.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence

from mirror_maker import keys_of, mirrored, reading, traditional

Damage = Callable[[Sequence[str], random.Random], list[str]]

_NAMES = {
    "“": "&ldquo;",
    "”": "&rdquo;",
    "‘": "&lsquo;",
    "’": "&rsquo;",
    "—": "&mdash;",
    "…": "&hellip;",
    "·": "&middot;",
    "&": "&amp;",
}
_HIDDEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def entities(times: int) -> Damage:
    """Encode punctuation as entities, and these again, so often."""

    def damage(paragraphs: Sequence[str], _: random.Random) -> list[str]:
        done = ["".join(_NAMES.get(char, char) for char in text) for text in paragraphs]
        for _again in range(times - 1):
            done = [text.replace("&", "&amp;") for text in done]
        return done

    return damage


def decoded_as(true: str, wrong: str, errors: str = "replace") -> Damage:
    """Decode the bytes of one encoding by another.

    errors: what becomes of bytes that this does not know: a mark ("replace"), nothing ("ignore"), a question mark ("question").
    """

    def damage(paragraphs: Sequence[str], _: random.Random) -> list[str]:
        return [
            "".join(_decoded(true_bytes, wrong, errors) for true_bytes in [text.encode(true, "ignore")])
            for text in paragraphs
        ]

    return damage


def _decoded(payload: bytes, wrong: str, errors: str) -> str:
    if wrong == "cp1252":  # as browsers do: what the code page lacks is the control of that number
        return "".join(
            bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in payload
        )
    if errors == "question":
        return payload.decode(wrong, "replace").replace("\ufffd", "?")
    return payload.decode(wrong, errors)


def hidden(paragraphs: Sequence[str], chance: random.Random) -> list[str]:
    """Put an invisible character behind each tenth one."""
    return [
        "".join(char + (chance.choice(_HIDDEN) if chance.random() < 0.1 else "") for char in text)
        for text in paragraphs
    ]


def twice(damage: Damage) -> Damage:
    """Do the same damage a second time."""
    return lambda paragraphs, chance: damage(damage(paragraphs, chance), chance)


def annotated(form: str, *, toned: bool = True) -> Damage:
    """Convert to the traditional script and put pinyin behind each character that this changed.

    form: "{}({})" or the like, with places for the character and its syllable. toned: with the mark of the tone.
    """

    def damage(paragraphs: Sequence[str], _: random.Random) -> list[str]:
        return ["".join(map(annotate, text)) for text in paragraphs]

    def annotate(char: str) -> str:
        written = traditional(char)
        syllable = reading(written) if written != char else None
        if not syllable:
            return written
        return form.format(written, syllable if toned else toneless(syllable))

    def toneless(syllable: str) -> str:
        marks = unicodedata.normalize("NFD", syllable)
        return unicodedata.normalize("NFC", re.sub("[\u0300\u0301\u0304\u030c]", "", marks))

    return damage


def wide_digits(paragraphs: Sequence[str], _: random.Random) -> list[str]:
    """Make every digit as wide as a Chinese character."""
    return [text.translate(_WIDE) for text in paragraphs]


def half_wide(paragraphs: Sequence[str], chance: random.Random) -> list[str]:
    """Make some digits of each long number wide, and not all."""

    def some(match: re.Match[str]) -> str:
        at = chance.randrange(len(match[0]) - 1)
        return match[0][: at + 1] + match[0][at + 1 :].translate(_WIDE)

    return [re.sub(r"\d{2,}", some, text) for text in paragraphs]


def mirror(paragraphs: Sequence[str], _: random.Random) -> list[str]:
    """Convert to the traditional script, pinyin in brackets behind the characters that this changed, pairs cut by chance."""
    written = [text.encode("gbk", "ignore").decode("gbk") for text in paragraphs]
    keys = keys_of("".join(written))
    return [mirrored(text, keys) for text in written]
