"""Which parameters of an address never choose what is shown: where a reader came from, and the names of sessions.

Takes   a parameter as a query has it, a path. Gives: whether it counts; the path without its session.
Writes  nothing.

This is the one list of them; docs/profile.md shows it to people. What is not in it stays in the key of an address: a parameter
that is left out by mistake makes one article of two, one that is missing here is still found by the text (archive/fold/twins.py).
"""

from __future__ import annotations

import re
from typing import Final

# Names, with * for any end. Of ad and mail services, of analytics, of share buttons.
TRACKING: Final = (
    "utm_*", "wt.*", "pk_campaign", "pk_kwd", "pk_keyword", "pk_source", "pk_medium", "mtm_*", "matomo_*", "piwik_*",
    "fbclid", "gclid", "dclid", "yclid", "msclkid", "msclid", "gclsrc", "gbraid", "wbraid", "gad_source",
    "gad_campaignid", "mc_cid", "mc_eid", "igshid", "igsh", "_ga", "_gl", "_hsenc", "_hsmi", "__hstc", "__hssc",
    "__hsfp", "hsctatracking", "mkt_tok", "ysclid", "_openstat", "twclid", "ttclid", "li_fat_id", "epik", "srsltid",
    "s_kwcid", "ef_id", "vero_id", "oly_*_id", "xtor", "at_campaign", "at_medium", "at_custom*", "cmpid", "ncid",
    "ocid", "wickedid", "rb_clickid", "guccounter", "guce_*", "__twitter_impression", "ref_src", "ref_url", "spm",
    "scm", "share_token", "share_source", "share_medium", "share_from", "share_app_id", "share_uid", "share_user_id",
    "share_type", "shareuid", "vd_source", "from_source", "from_spmid", "bd_vid", "bdreferer", "hmsr", "hmpl", "hmcu",
    "hmkw", "hmci", "isappinstalled", "nsukey", "wxshare_count", "wxfrom", "tt_from", "tt_share", "jsessionid*",
    "phpsessid*", "aspsessionid*",
)  # fmt: skip
# `from` is also a word of queries (a date, a row); only these values say where a reader came from, or by which device.
SHARED_FROM: Final = (
    "timeline", "groupmessage", "singlemessage", "weixin", "wechat", "wx", "qq", "qzone", "weibo", "share", "app",
    "search", "baidu", "toutiao", "mobile", "wap", "h5", "pc",
)  # fmt: skip
# `sid` is a story in some addresses and a session in others; a session's is long, and nobody chose it.
_SESSION = re.compile(r"sid|sess(?:ion)?(?:_?id)?|s|oscsid|zenid|cftoken|token", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"(?=[^g-z]*\d)(?=.*[a-f])[0-9a-f]{16,}|(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[0-9A-Za-z]{24,}")
# Behind a name, and as a folder of ASP.NET without cookies: /(S(24 letters))/.
_SESSION_PATH = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?;]*|/\((?:[A-Za-z]\([0-9a-z]{24}\))+\)(?=/)", re.IGNORECASE
)
_TRACKING = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in TRACKING))
_FROM = frozenset(SHARED_FROM)
# `source` is a word of queries too; Medium's value is a trail of places on its pages, parted by rows of hyphens.
_TRAIL = re.compile(r"-{3}")


def is_tracking(name: str, value: str) -> bool:
    """Tell whether a parameter never chooses what is shown. name: its escapes undone. value: as written."""
    name = name.lower()
    if name == "from":
        return value.lower() in _FROM
    if name == "source" and _TRAIL.search(value):
        return True
    if _SESSION.fullmatch(name) and _SESSION_VALUE.fullmatch(value):
        return True
    return bool(_TRACKING.fullmatch(name))


def without_session(path: str) -> str:
    """Give a path without the name of a session.

    >>> without_session("/a/4.html;jsessionid=0A1B2C3D"), without_session("/(S(jxp4qr2emstv3qrlvzvypj55))/a.aspx")
    ('/a/4.html', '/a.aspx')
    """
    return _SESSION_PATH.sub("", path)
