"""UTF-8 that was read as GBK (鍑哄僵缃戜俊), taken back to its characters.

Takes   a run of garble. Gives its characters, each whole or as those that a lost byte allows. Writes nothing.

GBK pairs the bytes of UTF-8 as they come, and loses one where it cannot: where the number of bytes is odd, the last byte before
a blank, a figure, a tag; 80, which begins no pair; in a table without the private areas also AA-AF before A1-FE. What stands
there is a mark (U+FFFD, a question mark) or nothing at all, as the program had it. UTF-8 tells where a byte is missing; which
bytes could have gone lost is told by the table and the byte that follows, so that often one character only is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

from .hanzi import gbk_pair

Piece = str | tuple[str, ...]  # one character, or those that it may have been; () where it may have been any

REPLACED, QUESTION, UNREAD = "\ufffd", "?", "□"
_TRAILS = range(0x80, 0xC0)


@dataclass(frozen=True, slots=True)
class _Item:
    """One byte of a run, None for a mark of one that is lost. begins: it is the first of its pair."""

    byte: int | None
    begins: bool = True
    sign: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it can stand within a character of UTF-8."""
        return self.byte is None or self.byte in _TRAILS


def characters(run: str, behind: str, *, private: bool) -> list[Piece] | None:
    """Take a run back to bytes and read them as UTF-8; None where they are none.

    behind: the character after the run, "" at the end of a paragraph. private: the table that read it has the private areas.
    """
    read = _read(_items(run, b"\x80"), behind, private=private)
    return read if read is not None or "€" not in run else _read(_items(run, b"\xa2\xe3"), behind, private=private)


def _read(items: Sequence[_Item], behind: str, *, private: bool) -> list[Piece] | None:
    pieces: list[Piece] = []
    place = 0
    while place < len(items):
        lead = items[place].byte
        if lead is None:
            if items[place].sign == REPLACED:
                return None
            # Where no byte is missing, a question mark is the author's own, and half of an unread pair was one sign of ASCII.
            pieces.append(QUESTION if items[place].sign == QUESTION else ())
            place += 1
            continue
        length = _length(lead)
        end = place + 1
        while end < len(items) and end < place + length and items[end].goes_on:
            end += 1
        after = items[end] if end < len(items) else None
        piece = _piece(
            items[place:end], length, after, ord(behind) if behind and behind < "\x80" else None, private=private
        )
        if piece is None:
            return None
        pieces.append(piece)
        place = end
    return pieces


def _items(run: str, euro: bytes) -> list[_Item]:
    """Take a run back to bytes. euro: what the euro sign was, 80 in code page 936 and a pair in GB 18030."""
    items: list[_Item] = []
    for char in run:
        if char in (REPLACED, QUESTION):
            items.append(_Item(None, sign=char))
        elif char == UNREAD:  # a pair that an earlier step could not read
            items += [_Item(None, sign=char), _Item(None, begins=False, sign=char)]
        else:
            code = euro if char == "€" else gbk_pair(char) or b"\xff"
            items += [_Item(byte, begins=not at) for at, byte in enumerate(code)]
    return items


def _length(lead: int) -> int:
    """How many bytes a character of UTF-8 has; 0 where none begins so."""
    if lead < 0x80:
        return 1
    return 2 if 0xC2 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4 if 0xF0 <= lead < 0xF5 else 0


def _piece(
    items: Sequence[_Item], length: int, after: _Item | None, behind: int | None, *, private: bool
) -> Piece | None:
    """Read the bytes of one character; None where they are none.

    length: how many it should have. after: the byte that follows it in the run. behind: the one that does behind the run, None
    where that is not ASCII or not there.
    """
    code = [item.byte for item in items]
    missing = length - len(code)
    if not length:
        return None
    if any(item.sign == UNREAD for item in items):
        return ()
    if not missing and None not in code:
        return _decoded(bytes(byte for byte in code if byte is not None)) or None
    # Without a mark only what would have begun a pair can be lost.
    places = tuple(at for at in range(1, len(items)) if items[at].begins) + (len(items),) * (
        after is None or after.begins
    )
    found = _possible(tuple(code), length - len(code), places, after.byte if after else behind, private=private)
    if found is None:
        return None
    if (
        REPLACED in found
    ):  # a mark of the same loss, as the program wrote it the first time; nobody uses what else EF BF begins
        return REPLACED
    return found[0] if len(found) == 1 else found


@lru_cache(maxsize=4096)
def _possible(
    code: tuple[int | None, ...], missing: int, places: tuple[int, ...], following: int | None, *, private: bool
) -> tuple[str, ...] | None:
    """Give the characters that bytes may have been, None for each lost one; () where they are more than one lost byte allows.

    Returns None where there is none. missing: how many more are lost, without a mark, at some of the places.
    """
    found: dict[str, None] = {}
    for gaps in combinations_with_replacement(places, missing):
        whole = list(code)
        for at in reversed(gaps):
            whole.insert(at, None)
        found |= dict.fromkeys(filter(None, map(_decoded, _filled(whole, following, private=private))))
    return (tuple(found) if len(found) <= len(_TRAILS) else ()) if found else None


def _filled(code: Sequence[int | None], following: int | None, *, private: bool) -> list[bytes]:
    """Give all that bytes may have been, from the last to the first, as each tells which could be lost before it."""
    filled = [(b"", following)]
    for byte in reversed(code):
        filled = [
            (bytes([choice]) + known, choice)
            for known, behind in filled
            for choice in (losable(behind, private=private) if byte is None else (byte,))
        ]
    return [known for known, _ in filled]


@lru_cache(maxsize=512)
def losable(following: int | None, *, private: bool) -> tuple[int, ...]:
    """The bytes within a character of UTF-8 that GBK loses before a byte. following: None where it is not known."""
    if following is None:
        return tuple(_TRAILS)
    return tuple(byte for byte in _TRAILS if not _pairs(byte, following, "gb18030" if private else "gbk"))


def _pairs(lead: int, trail: int, table: str) -> bool:
    try:
        return len(bytes((lead, trail)).decode(table)) == 1
    except UnicodeDecodeError:
        return False


@lru_cache(maxsize=4096)
def _decoded(code: bytes) -> str:
    try:
        return code.decode("utf-8")
    except UnicodeDecodeError:
        return ""
