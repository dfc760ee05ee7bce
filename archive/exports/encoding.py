"""Text as bytes of a file that people open, or print on a terminal.

Takes   text, whatever a site said. Gives: UTF-8. Writes nothing.
"""

from __future__ import annotations

import re
from typing import Final

# ESC begins what a terminal obeys, NUL makes a text a binary file to many programs.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def utf8(text: str) -> bytes:
    r"""Encode a text; control characters but tab and line feed become U+FFFD, a lone surrogate, which has no UTF-8, its escape.

    >>> utf8("一\x1b[31m\n").decode()
    '一�[31m\n'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "backslashreplace")
