"""One series as data: read a profile, refuse a bad one before anything is fetched.

Takes   TOML (a profile, and the home's config.toml), the environment.
Gives   Profile; ProfileError with every fault in one line; the next firing of a schedule.
Writes  nothing. Imports neither Scrapy nor SQLAlchemy nor trafilatura: `profile check` and `--help` stay quick.

Inside, in import order: lines, durations, cron, cookies, checks, fields, tables, source_tables, masking, writing, document,
faults, model, load.
"""

from __future__ import annotations

from .cron import check_schedule, is_frequent, next_fire
from .durations import parse_duration
from .load import CONFIG_NAME, from_public, load_profile, parse_profile
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
    "from_public",
    "is_frequent",
    "load_profile",
    "next_fire",
    "parse_duration",
    "parse_profile",
    "same_source",
]
