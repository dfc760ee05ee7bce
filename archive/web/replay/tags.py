"""The attributes of a tag, and the character references in their values.

Takes   a page as text in which each byte is a character.
Gives   attributes with their places; values with references undone, and how they are written again.
Writes  nothing. Never raises; linear in the length of the tag.

Source: HTML, 13.2.5.32 to .39 (attributes) and .72, .73 (references).
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Callable
from typing import NamedTuple

WS = "\t\n\f\r "
_ATTRIBUTE = re.compile(
    rf"[{WS}/]*+(?:(>)|([^{WS}/>][^{WS}/>=]*+)(?:[{WS}]*+=[{WS}]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^{WS}>]*+)))?+)"
)
_REFERENCE = re.compile(r"&(?:#(?:[0-9]+|[xX][0-9A-Fa-f]+);?|[A-Za-z][A-Za-z0-9]*;?)(=?)")


class Attribute(NamedTuple):
    """One attribute. name: lower case. value: as written. start, end: of all of it; at: where "=" and the value begin."""

    name: str
    value: str
    start: int
    at: int
    end: int


def read_attributes(text: str, at: int) -> tuple[list[Attribute], int]:
    """Read the attributes of a tag, and the place behind it."""
    if text.startswith(">", at):
        return [], at + 1
    found: list[Attribute] = []
    while one := _ATTRIBUTE.match(text, at):
        closing, name, double, single, bare = one.groups()
        if closing:
            return found, one.end()
        value = double if double is not None else single if single is not None else bare or ""
        found.append(Attribute(name.lower(), value, one.start(2), one.end(2), one.end()))
        at = one.end()
    return found, len(text)


def attribute_value(value: str) -> str:
    """Write a value so that double quotes can stand around it."""
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def unescaped(value: str, spelled: Callable[[str], str]) -> str:
    """Undo the character references of an attribute's value. spelled: how a character beyond ASCII that one gives is written.

    Source: HTML, 13.2.5.72 and .73: a name without semicolon counts only where neither "=" nor a letter or digit follows.
    """
    if "&" not in value:
        return value

    def undone(found: re.Match[str]) -> str:
        reference = found[0].removesuffix("=")
        if (
            reference[1] != "#"
            and not reference.endswith(";")
            and (found[1] or reference[1:] not in html.entities.html5)
        ):
            return found[0]
        text = html.unescape(reference)
        if text == reference:
            return found[0]
        return (text if text.isascii() else spelled(text)) + found[1]

    return _REFERENCE.sub(undone, value)


def in_url(text: str) -> str:
    """Spell characters in an address, as UTF-8."""
    return "".join(f"%{octet:02X}" for octet in text.encode("utf-8", "replace"))


def in_css(text: str) -> str:
    """Spell characters in a style sheet."""
    return "".join(f"\\{ord(one):x} " for one in text)


def in_html(text: str) -> str:
    """Spell characters in a page."""
    return "".join(f"&#{ord(one)};" for one in text)
