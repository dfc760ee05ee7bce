"""Check the single values of a profile: addresses, selectors, regular expressions, header fields.

Takes   one value that already has the right type.
Gives   the value as the crawler uses it.
Writes  nothing. Each check raises ValueError with a short reason that holds for any reader of a log; the value itself is
        added, or kept secret, by faults.py. lxml and jmespath are imported only where a profile uses them.
"""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from archive.patterns import pattern_of

LONGEST_TEXT = 4096
LONGEST_PATTERN = 1000

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")
_HOST = re.compile(r"[^\s/?#@\\<>^|{}%\"`]+")
# RFC 9110, 5.6.2 (token) and 5.5 (field values; ASCII alone, since nothing says how other bytes are to be read).
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
# They frame the message or belong to the connection: the crawler alone can know them.
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def line(text: str) -> str:
    """One line of text that says something."""
    if not text.strip():
        raise ValueError("it is empty")
    return line_or_nothing(text)


def line_or_nothing(text: str) -> str:
    """One line of text, or nothing."""
    if _CONTROL.search(text):
        raise ValueError("it has a line end or a control character")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"longer than {LONGEST_TEXT} characters")
    return text


def paragraph(text: str) -> str:
    """Text of one or more lines, or nothing."""
    line_or_nothing(text.replace("\n", " ").replace("\t", " "))
    return text


def http_url(url: str) -> str:
    """An absolute address with a host."""
    if _BLANK_OR_CONTROL.search(url):
        raise ValueError("it has a blank, a control character or a backslash; write %20 for a blank")
    if len(url) > LONGEST_TEXT:
        raise ValueError(f"longer than {LONGEST_TEXT} characters")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("its host or port is malformed") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError("it does not begin with http:// or https://")
    if not host or not _HOST.fullmatch(host):
        raise ValueError("it has no host")
    return url


def templated_url(url: str) -> str:
    """An absolute address in which {offset} and {page} stand for numbers, {cursor} for what the answer before told."""
    filled = url.replace("{offset}", "0").replace("{page}", "1").replace("{cursor}", "x")
    if "{" in filled or "}" in filled:
        raise ValueError("no other braces than {offset}, {page} and {cursor}")
    http_url(filled)
    return url


def paged_url(url: str) -> str:
    """An absolute address in which {page} stands for a number."""
    if "{page}" not in url:
        raise ValueError("no {page} in it")
    http_url(url.replace("{page}", "1"))
    return url


def store_url(url: str) -> str:
    """s3://bucket/prefix or file:///path."""
    line(url)
    if url.startswith("file:///"):
        return url
    if not re.match(r"s3://[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](/|\Z)", url):
        raise ValueError("it names no bucket and no path")
    if not {".", ".."}.isdisjoint(url.split("/")):
        raise ValueError("no part of a prefix may be . or .., which servers refuse or resolve")
    return url


def recover_source(text: str) -> str:
    """One other place to look for lost instalments."""
    how, colon, url = text.partition(":")
    if not colon or how not in ("cdx", "timemap", "mirror"):
        raise ValueError("it does not begin with cdx: timemap: or mirror:")
    http_url(url)
    return text


def notify_url(url: str) -> str:
    """An address as apprise takes it: a scheme of its own, then whatever that service needs."""
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S", line(url)):
        raise ValueError("it has no scheme")
    return url


def regex(pattern: str) -> str:
    """A regular expression of Python's re that RE2 has, too: it is held against addresses of strangers, in bounded time."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"longer than {LONGEST_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            # A warning about a doubtful set is for programmers; it would be a second line on stderr.
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from error
    except (OverflowError, RecursionError) as error:
        raise ValueError("it is too large") from error
    pattern_of(pattern)
    return pattern


def css(selector: str) -> str:
    """A CSS selector that can be asked of an HTML page."""
    from cssselect import HTMLTranslator, SelectorError
    from lxml import etree

    if len(selector) > LONGEST_PATTERN:
        raise ValueError(f"longer than {LONGEST_PATTERN} characters")
    try:
        # Asked of an empty page too: an unknown name space is found only then.
        etree.XPath(HTMLTranslator().css_to_xpath(selector))(etree.Element("html"))
    except SelectorError as error:
        raise ValueError(str(error).replace("\n", " ")) from error
    except (etree.XPathError, ValueError, RecursionError) as error:
        raise ValueError("it cannot be asked of a page") from error
    return selector


def jmespath(expression: str) -> str:
    """A JMESPath expression."""
    from jmespath import compile as compile_expression
    from jmespath.exceptions import JMESPathError

    if len(expression) > LONGEST_PATTERN:
        raise ValueError(f"longer than {LONGEST_PATTERN} characters")
    try:
        compile_expression(expression)
    except (JMESPathError, RecursionError, ValueError) as error:
        raise ValueError(f"{type(error).__name__}") from error
    return expression


def located(written: str) -> str:
    """A JMESPath expression, or an address in which {name} stands for a field or an expression."""
    if not re.match(r"(https?:/)?/", written, re.IGNORECASE):
        return jmespath(written)
    inner = re.findall(r"\{([^{}]+)\}", written)
    if not inner:
        raise ValueError("an address without a field in braces is the same for every item")
    for expression in inner:
        jmespath(expression)
    http_url(re.sub(r"\{[^{}]+\}", "x", written if "://" in written else f"http://x{written}"))
    return written


def zone(name: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        from difflib import get_close_matches

        near = get_close_matches(name, available_timezones(), n=1)
        raise ValueError(f"did you mean {near[0]}?" if near else "no such zone") from error
    return name


def language(tag: str) -> str:
    """A language tag, language first."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", tag):
        raise ValueError("a tag of BCP 47")
    return tag


def series_id(text: str) -> str:
    """The name of a series: it becomes part of file names and web addresses."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text):
        raise ValueError("it names files")
    return text


def source_name(text: str) -> str:
    """A name that the newspaper's own system gave: special_412, content_21."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise ValueError("letters, digits, _ and - only")
    return text


def since(text: str) -> str:
    """A day, or a time with or without zone."""
    if not (_DAY.fullmatch(text) or _TIME.fullmatch(text)):
        raise ValueError("written as 2018-08-30 or 2018-08-30T10:05:00+08:00")
    datetime.fromisoformat(text.upper())
    return text


def since_written(value: object) -> object:
    """TOML has dates of its own; they are kept as text."""
    return value.isoformat() if isinstance(value, date) else value


def viewport(text: str) -> str:
    """Width and height of a browser window in CSS pixels."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}x[1-9][0-9]{0,4}", text):
        raise ValueError("width, x, height")
    return text


def credentials(text: str) -> str:
    """User name and password for HTTP authentication (RFC 7617: the first colon parts them)."""
    if _CONTROL.search(text):
        raise ValueError("it has a control character")
    if text.find(":") < 1:
        raise ValueError("no user name before a colon")
    return text


def header_value(text: str) -> str:
    """The value of a header field."""
    if not _FIELD_VALUE.fullmatch(text):
        raise ValueError("printable ASCII only, no line end, no blank around it")
    return text


def header_name(name: str) -> str:
    """The name of a header field that a profile may set."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("its name has characters that HTTP does not allow")
    if name.lower() in _FRAMING:
        raise ValueError("set by the crawler alone")
    if name.lower() == "user-agent":
        raise ValueError("the user agent has its own key, fetch.user_agent")
    return name


def headers(fields: dict[str, str]) -> dict[str, str]:
    """Header fields, none twice: their names are the same in any case (RFC 9110, 5.1)."""
    distinct(tuple(name.lower() for name in fields))
    return fields


def distinct(items: tuple[str, ...]) -> tuple[str, ...]:
    """A list that names nothing twice."""
    if len(set(items)) != len(items):
        second = next(at for at, item in enumerate(items) if item in items[:at])
        raise ValueError(f"number {items.index(items[second]) + 1} and number {second + 1} are the same")
    return items
