"""One series as data: read a profile, refuse a bad one before anything is fetched.

Takes   TOML (a profile, and the home's config.toml), the environment.
Gives   Profile; ProfileError with every fault in one line; the next firing of a schedule.
Writes  nothing. Imports neither Scrapy nor SQLAlchemy nor trafilatura: `profile check` and `--help` stay quick.

Inside, in import order: lines, durations, cron, cookies, checks, fields, tables, source_tables, masking, writing, document,
faults, model, load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cron import check_schedule, is_frequent, next_fire
    from .durations import parse_duration
    from .load import CONFIG_NAME, fault_of, from_public, load_profile, parse_profile
    from .model import INERT, Profile
    from .source_tables import (
        HENANDAILY_API,
        SOURCE_KINDS,
        Feed,
        Henandaily,
        JsonApi,
        JsonFields,
        ListPage,
        Sitemap,
        Source,
        UrlList,
        same_source,
    )
    from .tables import Article, Browser, Fetch, Notify, Recover, Scope, Series, Store, Warc, Watch, WithdrawAfter

__all__ = [
    "CONFIG_NAME",
    "HENANDAILY_API",
    "INERT",
    "SOURCE_KINDS",
    "Article",
    "Browser",
    "Feed",
    "Fetch",
    "Henandaily",
    "JsonApi",
    "JsonFields",
    "ListPage",
    "Notify",
    "Profile",
    "Recover",
    "Scope",
    "Series",
    "Sitemap",
    "Source",
    "Store",
    "UrlList",
    "Warc",
    "Watch",
    "WithdrawAfter",
    "check_schedule",
    "fault_of",
    "from_public",
    "is_frequent",
    "load_profile",
    "next_fire",
    "parse_duration",
    "parse_profile",
    "same_source",
]

# Where each name is, for when it is first asked for: the models of the tables take 0.2 s to build, and who only wants to know
# when a series is due (`status`, the service) never needs them.
_WHERE = {
    name: module
    for module, names in {
        "cron": ("check_schedule", "is_frequent", "next_fire"),
        "durations": ("parse_duration",),
        "load": ("CONFIG_NAME", "fault_of", "from_public", "load_profile", "parse_profile"),
        "model": ("INERT", "Profile"),
        "source_tables": (
            "HENANDAILY_API", "SOURCE_KINDS", "Feed", "Henandaily", "JsonApi", "JsonFields", "ListPage", "Sitemap", "Source",
            "UrlList", "same_source",
        ),
        "tables": (
            "Article", "Browser", "Fetch", "Notify", "Recover", "Scope", "Series", "Store", "Warc", "Watch", "WithdrawAfter",
        ),
    }.items()
    for name in names
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
