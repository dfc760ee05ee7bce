"""Profiles for the demonstration newspaper, as a person would write them: one for each way of listing the series.

Takes   the address at which the newspaper is served.
Gives   TOML text.
Writes  nothing.
"""

from __future__ import annotations

import json

from .newspaper import TOPIC_ID
from .text import BRIEF, PUBLISHER, SERIES_TITLE, SUBJECTS, instalments

SERIES_ID = "qushui"

_SERIES = """[series]
id = "{series}"
title = "{title}"
expected = 18
subjects = {subjects}
schedule = "*/30 7-23 * * *"
timezone = "Asia/Shanghai"
cadence = "7d"
publisher = "{publisher}"
language = "zh"
description = "{brief}"
"""

_RULES = """
[fetch]
delay = {delay}
concurrency = 4
timeout = 10
retries = 1
recheck = "{recheck}"
allow_private = true

[article]
title = "h1.content-title"
published = "span.content-time"
body = "div.content-content"

[watch]
withdraw_after = {{ checks = 1, hours = 0 }}   # so that a withdrawal is told at once

[warc]
operator = "lianzai demo"
"""


def demo_profile(url: str, *, series: str = SERIES_ID, delay: float = 0.02, recheck: str = "decay") -> str:
    """Give the profile that reads the series through the client's API. url: as `Server.url`."""
    source = f'[source]\nkind = "henandaily"\nspecial_id = "{TOPIC_ID}"\nbase_url = "{url}/"\n'
    return _profile(source, series, delay, recheck)


def list_profile(url: str, *, series: str = "qushui-list", delay: float = 0.02, recheck: str = "decay") -> str:
    """Give the profile that reads the plain list pages."""
    source = (
        f'[source]\nkind = "list-page"\nurl = "{url}/list/index.html"\nitem = ".news-list li.news-item a"\n'
        'next = "a.next"\nmax_pages = 10\n'
    )
    return _profile(source, series, delay, recheck)


def url_list_profile(url: str, *, series: str = "qushui-urls", delay: float = 0.02, recheck: str = "decay") -> str:
    """Give the profile that names each of the eighteen pages."""
    urls = json.dumps([url + one.path for one in instalments()], indent=4)
    return _profile(f'[source]\nkind = "url-list"\nurls = {urls}\n', series, delay, recheck)


def _profile(source: str, series: str, delay: float, recheck: str) -> str:
    head = _SERIES.format(
        series=series,
        title=SERIES_TITLE,
        subjects=json.dumps(SUBJECTS, ensure_ascii=False),
        publisher=PUBLISHER,
        brief=BRIEF,
    )
    return head + "\n" + source + _RULES.format(delay=delay, recheck=recheck)
