"""The tables of a profile, but for [source]: every key with its type, its default and what it may hold.

Takes   the types of fields.py.
Gives   one frozen model a table. A field's description ends the sentence "... is not ...", so it is part of the errors.
Writes  nothing. Source: the contract, section Profile; docs/profile.md explains each key.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .durations import DURATION, parse_duration
from .fields import (
    DISTINCT,
    ENV_PREFIX,
    Amount,
    Count,
    Css,
    Headers,
    HeaderValue,
    Line,
    LineOrNothing,
    MaybeCookieFile,
    MaybeCredentials,
    MaybeCss,
    MaybeDuration,
    MaybeLanguage,
    MaybeSchedule,
    MaybeStoreUrl,
    MaybeUrl,
    MaybeZone,
    NotifyUrl,
    Paragraph,
    Recheck,
    RecoverSource,
    Regex,
    Requisites,
    Seconds,
    SeriesId,
    SomeSeconds,
    Table,
    Viewport,
)

Notice = Literal["found", "revised", "withdrawn", "restored", "overdue", "failed", "damaged", "complete"]

_NOTICES: tuple[Notice, ...] = (
    "found", "revised", "withdrawn", "restored", "overdue", "failed", "damaged", "complete",
)  # fmt: skip
_LINE = "one line of text"
_TEXT = "text"
_CSS = "a CSS selector"
_REGEX = "a regular expression of at most 1000 characters"
_COUNT = "a whole number, 1 or more"


class Series(Table):
    """[series]: what the series is, and when it is looked at."""

    id: SeriesId = Field(description="a name of a-z, 0-9 and -, at most 64, not beginning with -")
    title: Line = Field(description=f"{_LINE}, not empty")
    expected: Count | None = Field(default=None, description=_COUNT)
    subjects: Annotated[tuple[Line, ...], DISTINCT] = Field(
        default=(), description=f"{_LINE}, not empty, no two the same"
    )
    schedule: MaybeSchedule = Field(default=None, description='a cron(5) line that can fire, such as "*/30 7-23 * * *"')
    timezone: MaybeZone = Field(default=None, description='a time zone of the IANA database, such as "Asia/Shanghai"')
    cadence: MaybeDuration = Field(default=None, description=DURATION)
    publisher: LineOrNothing = Field(default="", description=_LINE)
    language: MaybeLanguage = Field(default=None, description='a language tag such as "zh" or "en-GB"')
    description: Paragraph = Field(default="", description=_TEXT)
    rights: Paragraph = Field(default="", description=_TEXT)
    tags: Annotated[tuple[Line, ...], DISTINCT] = Field(default=(), description=f"{_LINE}, not empty, no two the same")

    @property
    def cadence_s(self) -> float | None:
        """The longest normal gap between instalments in seconds; None where not given or, in a stored profile, not known."""
        if self.cadence is None or self.cadence.startswith(ENV_PREFIX):
            return None
        return parse_duration(self.cadence)

    @model_validator(mode="after")
    def _expected_covers_subjects(self) -> Series:
        if self.expected is not None and self.expected < len(self.subjects):
            raise PydanticCustomError(
                "cross",
                "{said}",
                {
                    "key": "expected",
                    "said": f"{self.expected} is fewer than the {len(self.subjects)} of series.subjects",
                },
            )
        return self


class Scope(Table):
    """[scope]: which addresses are fetched; regular expressions, searched for in the canonical address."""

    include: tuple[Regex, ...] = Field(default=(), description=_REGEX)
    exclude: tuple[Regex, ...] = Field(default=(), description=_REGEX)
    exclude_requisites: tuple[Regex, ...] = Field(default=(), description=_REGEX)


@cache
def default_user_agent() -> str:
    """Name this program and its version, as RFC 9110, 10.1.5, asks."""
    try:
        return f"lianzai/{version('lianzai')}"
    except PackageNotFoundError:
        return "lianzai"


class Fetch(Table):
    """[fetch]: how politely, how much, and as whom."""

    delay: Seconds = Field(default=1.0, description="a number of seconds, 0 or more")
    concurrency: Count = Field(default=2, description=_COUNT)
    pace: Literal["address", "host"] = Field(default="address", description='one of "address", "host"')
    timeout: SomeSeconds = Field(default=60.0, description="a number of seconds, more than 0")
    retries: Annotated[int, Field(ge=0, le=20)] = Field(default=3, description="a whole number from 0 to 20")
    requisites: Requisites = Field(default="all", description='one of "all", "images", "none", true, false')
    recheck: Recheck = Field(default="decay", description=f'one of "decay", "always", "never", {DURATION}')
    robots: Literal["obey", "ignore"] = Field(default="obey", description='one of "obey", "ignore"')
    user_agent: HeaderValue = Field(
        default_factory=default_user_agent, description="printable ASCII on one line, not empty"
    )
    allow_private: bool = Field(default=False, description="one of true, false")
    max_body: Count = Field(default=67_108_864, description="a whole number of bytes, 1 or more")
    max_requests: Count = Field(default=10_000, description=_COUNT)
    max_seconds: Annotated[float, Field(ge=1, allow_inf_nan=False)] = Field(
        default=3600.0, description="a number of seconds, 1 or more"
    )
    max_articles: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        default=25_000, description="a whole number from 1 to 10000000"
    )
    max_bytes: Count = Field(default=1_073_741_824, description="a whole number of bytes, 1 or more")
    min_free: Amount = Field(default=1_073_741_824, description="a whole number of bytes, 0 or more")
    headers: Headers = Field(
        default={},
        description="a table of header fields",
        json_schema_extra={"item": "a header field of printable ASCII on one line"},
    )
    cookies: MaybeCookieFile = Field(default=None, description="a Netscape cookie file that exists")
    auth: MaybeCredentials = Field(default=None, description='written "user:password"')
    proxy: MaybeUrl = Field(default=None, description="an absolute http or https address with a host")


class Article(Table):
    """[article]: where the fields of an article stand in its page; None: the cleaner finds it."""

    title: MaybeCss = Field(default=None, description=_CSS)
    published: MaybeCss = Field(default=None, description=_CSS)
    body: MaybeCss = Field(default=None, description=_CSS)
    authors: MaybeCss = Field(default=None, description=_CSS)
    next: MaybeCss = Field(default=None, description=_CSS)


class WithdrawAfter(Table):
    """When an article that is gone counts as withdrawn: seen so at least so often, for at least so long."""

    checks: Count = Field(default=3, description=_COUNT)
    hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=24.0, description="a number of hours, 0 or more"
    )


class Watch(Table):
    """[watch]: what counts as a change."""

    withdraw_after: WithdrawAfter = Field(default_factory=WithdrawAfter, description="a table of checks and hours")
    ignore: tuple[Css, ...] = Field(default=(), description=_CSS)


class Warc(Table):
    """[warc]: what a WARC file says of itself, and how large it grows (bytes)."""

    operator: LineOrNothing = Field(default="", description=_LINE)
    contact: LineOrNothing = Field(default="", description=_LINE)
    description: Paragraph = Field(default="", description=_TEXT)
    max_size: Count = Field(default=1_073_741_824, description="a whole number of bytes, 1 or more")


class Browser(Table):
    """[browser]: rendering of pages that are empty without scripts."""

    render: Literal["never", "auto", "always"] = Field(default="never", description='one of "never", "auto", "always"')
    wait: Seconds = Field(default=2.0, description="a number of seconds, 0 or more")
    viewport: Viewport = Field(default="1280x900", description='a size in pixels such as "1280x900"')
    screenshot: bool = Field(default=False, description="one of true, false")

    @property
    def viewport_px(self) -> tuple[int, int] | None:
        """Width and height in CSS pixels; None where a stored profile does not tell."""
        width, cross, height = self.viewport.partition("x")
        return (int(width), int(height)) if cross and width.isdigit() else None


class Store(Table):
    """[store]: where copies are sent."""

    url: MaybeStoreUrl = Field(default=None, description="written s3://bucket/prefix or file:///path")


class Notify(Table):
    """[notify]: who is told of what. web: where the pages of this home are served, for links."""

    urls: tuple[NotifyUrl, ...] = Field(
        default=(), description='an address as apprise takes it, such as "mailto://..."'
    )
    on: Annotated[tuple[Notice, ...], DISTINCT] = Field(
        default=_NOTICES, description="one of " + ", ".join(f'"{notice}"' for notice in _NOTICES)
    )
    web: MaybeUrl = Field(default=None, description="an absolute http or https address with a host")


class Recover(Table):
    """[recover]: where missing instalments are sought. rate: requests a minute and source."""

    sources: tuple[RecoverSource, ...] = Field(default=(), description="written cdx:URL, timemap:URL or mirror:URL")
    rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=20.0, description="a number of requests a minute, more than 0"
    )
