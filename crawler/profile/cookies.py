"""Check a Netscape cookie file, and tell the secrets in it.

Takes   the path that a profile's fetch.cookies names.
Gives   the values of its cookies.
Writes  nothing.
Source: the format that curl and http.cookiejar.MozillaCookieJar read: a first line that names it, then seven fields a line,
parted by tabs: domain, subdomains too, path, secure, expires (seconds since 1970), name, value.
"""

from __future__ import annotations

import re
from pathlib import Path

COOKIE_FILE = "a Netscape cookie file that exists"

_MAX_BYTES = 1 << 20
_MAGIC = re.compile(r"#( Netscape)? HTTP Cookie File")
_HTTP_ONLY = "#HttpOnly_"
_LINE_END = re.compile(r"\r\n?|\n")
_FIELDS = 7
_EXPIRES = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]*)?")


def cookie_values(path: Path) -> frozenset[str]:
    """Read the values of all cookies of a file.

    Raises ValueError that tells what is wrong and on which line, and none of the cookies.
    """
    lines = _LINE_END.split(_text(path))
    if not _MAGIC.match(lines[0]):
        raise ValueError('its first line is not "# Netscape HTTP Cookie File"')
    values = set()
    for number, line in enumerate(lines, 1):
        cookie = line.removeprefix(_HTTP_ONLY)
        if not cookie.strip() or cookie.startswith("#"):
            continue
        fields = cookie.split("\t")
        if len(fields) != _FIELDS:
            raise ValueError(f"its line {number} has {len(fields)} fields parted by tabs, not {_FIELDS}")
        if (fields[1] == "TRUE") != fields[0].startswith("."):
            raise ValueError(f"its line {number}: expected TRUE behind a domain that begins with a dot, else FALSE")
        if fields[4] and not _EXPIRES.fullmatch(fields[4]):
            raise ValueError(f"its line {number}: expected seconds since 1970 as its fifth field, or nothing")
        values.add(fields[-1])
    return frozenset(values - {""})


def _text(path: Path) -> str:
    if not path.is_file():
        raise ValueError("no such file")
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise ValueError("larger than 1 MiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
