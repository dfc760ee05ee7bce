"""The types of a profile's values: what a key may hold, as pydantic checks it.

Takes   the checks of checks.py.
Gives   annotated types for tables.py, and the base of its tables.
Writes  nothing. A type says nothing of what it found: the faults of a profile are worded in faults.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo

from . import checks
from .cookies import cookie_values
from .cron import check_schedule
from .durations import parse_duration

ENV_PREFIX = "env:"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """How a profile is being checked.

    folder: what a relative path in it starts from; None: the current folder.
    stored: the profile comes from a WARC or a ledger. Its env: strings stay as they are, and files it names may be gone.
    """

    folder: Path | None = None
    stored: bool = False


class Table(BaseModel):
    """A table of a profile: frozen, no key that is not named, no value of another type."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Name the keys that are set, and no value: any of them may be a secret."""
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    __str__ = __repr__


def _context(info: ValidationInfo) -> Context:
    return info.context if isinstance(info.context, Context) else Context()


def _is_unresolved(value: object, info: ValidationInfo) -> bool:
    return _context(info).stored and isinstance(value, str) and value.startswith(ENV_PREFIX)


def checked(check: Callable[[T], T]) -> AfterValidator:
    """Make a validator of a check; a reference to the environment in a stored profile passes."""

    def apply(value: T, info: ValidationInfo) -> T:
        return value if _is_unresolved(value, info) else check(value)

    return AfterValidator(apply)


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


EMPTY_IS_NONE = BeforeValidator(_none_if_empty)


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _schedule(text: str) -> str:
    check_schedule(text)
    return text


def _requisites(value: object) -> str:
    if value is True or value == "all":
        return "all"
    if value is False or value == "none":
        return "none"
    if value == "images":
        return "images"
    raise ValueError("")


def _recheck(value: object) -> str | float:
    if not isinstance(value, str):
        raise ValueError("")
    return value if value in ("decay", "always", "never") else parse_duration(value)


def _cookie_file(value: object, info: ValidationInfo) -> Path | None:
    if not isinstance(value, str):
        raise ValueError("")
    if value == "":
        return None
    try:
        path = Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError("the home of that user is not known") from error
    context = _context(info)
    if context.stored:
        return path
    path = (context.folder or Path()) / path
    cookie_values(path)
    return path


Line = Annotated[str, checked(checks.line)]
LineOrNothing = Annotated[str, checked(checks.line_or_nothing)]
Paragraph = Annotated[str, checked(checks.paragraph)]
Url = Annotated[str, checked(checks.http_url)]
TemplatedUrl = Annotated[str, checked(checks.templated_url)]
Regex = Annotated[str, checked(checks.regex)]
Css = Annotated[str, checked(checks.css)]
JmesPath = Annotated[str, checked(checks.jmespath)]
Located = Annotated[str, checked(checks.located)]
Text = Annotated[str, checked(checks.paragraph)]
SeriesId = Annotated[str, AfterValidator(checks.series_id)]
SourceName = Annotated[str, checked(checks.source_name)]
NotifyUrl = Annotated[str, checked(checks.notify_url)]
RecoverSource = Annotated[str, checked(checks.recover_source)]
HeaderValue = Annotated[str, checked(checks.header_value)]
Headers = Annotated[
    dict[Annotated[str, AfterValidator(checks.header_name)], HeaderValue], AfterValidator(checks.headers)
]
Viewport = Annotated[str, checked(checks.viewport)]

MaybeCss = Annotated[Css | None, EMPTY_IS_NONE]
MaybeRegex = Annotated[Regex | None, EMPTY_IS_NONE]
MaybeJmesPath = Annotated[JmesPath | None, EMPTY_IS_NONE]
MaybeLocated = Annotated[Located | None, EMPTY_IS_NONE]
MaybePaged = Annotated[Annotated[str, checked(checks.paged_url)] | None, EMPTY_IS_NONE]
MaybeUrl = Annotated[Url | None, EMPTY_IS_NONE]
MaybeName = Annotated[SourceName | None, EMPTY_IS_NONE]
MaybeZone = Annotated[Annotated[str, checked(checks.zone)] | None, EMPTY_IS_NONE]
MaybeLanguage = Annotated[Annotated[str, checked(checks.language)] | None, EMPTY_IS_NONE]
MaybeSchedule = Annotated[Annotated[str, checked(_schedule)] | None, EMPTY_IS_NONE]
MaybeDuration = Annotated[Annotated[str, checked(_duration)] | None, EMPTY_IS_NONE]
MaybeCredentials = Annotated[Annotated[str, checked(checks.credentials)] | None, EMPTY_IS_NONE]
MaybeStoreUrl = Annotated[Annotated[str, checked(checks.store_url)] | None, EMPTY_IS_NONE]
MaybeSince = Annotated[
    Annotated[str, checked(checks.since)] | None, EMPTY_IS_NONE, BeforeValidator(checks.since_written)
]
MaybeCookieFile = Annotated[Path | None, PlainValidator(_cookie_file)]

Requisites = Annotated[Literal["all", "images", "none"], PlainValidator(_requisites)]
Recheck = Annotated[Literal["decay", "always", "never"] | float, PlainValidator(_recheck)]

# SQLite and PostgreSQL keep integers of 64 bits.
Count = Annotated[int, Field(ge=1, le=2**63 - 1)]
MaybeCount = Annotated[Count | None, EMPTY_IS_NONE]
Amount = Annotated[int, Field(ge=0, le=2**63 - 1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SomeSeconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _distinct(items: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    # Masked, two addresses that differ in their passwords alone are the same.
    return items if _context(info).stored else checks.distinct(items)


DISTINCT = AfterValidator(_distinct)


def _not_empty(values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if not values and not _context(info).stored:  # the series of imports names none: only lianzai makes such a profile
        raise ValueError("empty")
    return values


NOT_EMPTY = AfterValidator(_not_empty)
