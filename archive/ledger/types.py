"""Types of the ledger's columns: whatever a page says comes back as it was, and sorts alike, in SQLite and in PostgreSQL.

Takes   any Python text, any value that JSON knows. Gives: what both databases can hold, and the same value back.
Writes  nothing.

PostgreSQL holds no NUL in a text, and neither database a lone surrogate. Each such character is spelled as MARK and its four
hexadecimal digits, and so is MARK itself, which Unicode keeps for no text (U+FDD0, a noncharacter). PostgreSQL would sort by the
language of the database; "C" sorts by code points, as SQLite does: times, ids of runs and names of files are compared so.
Its indexes end at 2,704 bytes an entry: what stands in one, and is not bounded otherwise, is a Key, which is bounded in both.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import sqlalchemy
from sqlalchemy import BigInteger, Dialect, TypeDecorator
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeEngine

from ..errors import HomeError

MARK: Final = "\ufdd0"
_UNKEPT: Final = re.compile("[\x00\ud800-\udfff\ufdd0]")
_SPELLED: Final = re.compile(MARK + "(0000|d[89a-f][0-9a-f]{2}|fdd0)")
MAX_KEY: Final = 1300  # bytes of UTF-8; two of them, and what PostgreSQL adds, go into one entry of its indexes
_JSON_ESCAPE: Final = re.compile(r"\\(u0000|.)")


def keepable(text: str) -> str:
    r"""Spell a text so that both databases can hold it; nearly every text stays as it is.

    >>> keepable("渠水\x00").encode("ascii", "backslashreplace")
    b'\\u6e20\\u6c34\\ufdd00000'
    """
    # A search for the class of characters costs some nanoseconds each; these look-ups cost nearly none.
    if "\x00" not in text and MARK not in text and (text.isascii() or _has_utf8(text)):
        return text
    return _UNKEPT.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def restored(text: str) -> str:
    r"""Give the text that was spelled so.

    >>> restored(keepable("\ud800\ufdd0")) == "\ud800\ufdd0"
    True
    """
    return _SPELLED.sub(lambda found: chr(int(found[1], 16)), text) if MARK in text else text


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class JsonText(str):
    """JSON that json_text has written: it goes into a column as it is, so that what was sealed is not written twice."""

    __slots__ = ()


def json_text(value: Any) -> JsonText:
    r"""Write a value as JSON that both databases can hold, and look into: PostgreSQL refuses to where \u0000 stands in it."""
    if isinstance(value, JsonText):
        return value
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text:
        return JsonText(
            _JSON_ESCAPE.sub(lambda found: f"{MARK}0000" if found[1] == "u0000" else found[0], keepable(text))
        )
    return JsonText(keepable(text))


def json_value(text: str | bytes | float) -> Any:
    """Read what json_text wrote, and JSON of older versions. Raises ValueError."""
    if isinstance(text, int | float):  # SQLite keeps a text that is a number as that number in a column of JSON
        return text
    text = text if isinstance(text, str) else bytes(text).decode()
    return json.loads(restored(text), strict=False)  # a NUL stands in it as itself


class _Kept(TypeDecorator[str]):
    """A text that may hold any character."""

    impl: type[sqlalchemy.String] = sqlalchemy.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Sort by code points."""
        kind: type[sqlalchemy.String] = type(self).impl
        return kind(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Spell it."""
        return None if value is None else keepable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Give it back."""
        return None if value is None else restored(value)


class Text(_Kept):
    """A text."""

    impl = sqlalchemy.Text
    cache_ok = True


class String(_Kept):
    """A short text: a name, a time, a digest."""

    impl = sqlalchemy.String
    cache_ok = True


class KeyTooLongError(HomeError, DontWrapMixin):
    """A name is longer than the ledger takes it."""


class Key(String):
    """A name in an index. One of more than MAX_KEY bytes is refused by both databases: KeyTooLongError."""

    impl = sqlalchemy.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Measure it, and spell it."""
        kept = super().process_bind_param(value, dialect)
        if kept is not None and len(kept) * 4 > MAX_KEY and (size := len(kept.encode())) > MAX_KEY:
            raise KeyTooLongError(
                f"a name of {size:,} bytes ({kept[:60]}…): the ledger takes at most {MAX_KEY:,}",
                action="a shorter name; where a WARC made by others lies among ours, lianzai import takes it",
            )
        return kept


class TextKey(Key):
    """The same in a column of kind TEXT."""

    impl = sqlalchemy.Text
    cache_ok = True


# PostgreSQL's INTEGER ends at 2,147,483,647, SQLite's at 9,223,372,036,854,775,807: a profile may expect more.
Integer = sqlalchemy.Integer().with_variant(BigInteger(), "postgresql")
