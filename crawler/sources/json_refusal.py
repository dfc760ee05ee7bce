"""Whether an API's answer says no: a fault told with HTTP 200 must not read as a list that became empty.

Takes   the answer as JSON values.
Gives   refusal_in: what it says, or None; says_end: whether that is only that there is no more.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .json_answer import text_of

_Named = Mapping[str, tuple[str, Any]]  # by name without case, the name as given and its value
# Names of fields in lower case, without _ and -.
_FLAGS = ("success", "succeed", "succeeded", "issuccess", "issuccessful", "ok", "isok")
_ERRORS = ("error", "errors", "err", "exception", "fault", "haserror", "iserror")
_CODES = ("code", "errcode", "errno", "errorcode", "ret", "retcode", "retno", "rtncode", "rspcode", "respcode", "rescode",
          "resultcode", "returncode", "responsecode", "bizcode", "subcode", "statuscode", "status", "resultstatus")  # fmt: skip
# Objects that an envelope may lie in.
_ENVELOPES = ("meta", "head", "header", "status", "result", "response", "responsestatus", "base", "baseresp")
_MESSAGES = ("message", "msg", "errmsg", "errMsg", "error_msg", "error_message", "error_description", "description", "detail",
             "info", "reason", "Message", "Msg", "retMsg", "rtnMsg",
             "respMsg", "rspMsg", "resultMsg", "returnMsg", "statusMsg", "status_msg")  # fmt: skip
# Codes for "as asked" of APIs in use; 1 is PHP's true, 10000 and its like are of Chinese gateways.
_GOOD = frozenset({"0", "1", "200", "00", "000", "0000", "00000", "000000", "100", "1000", "10000", "100000", "20000", "200000",
                   "ok", "success", "succeed", "true", "normal", "y"})  # fmt: skip
_NO_ERROR = frozenset(
    {"", "0", "00", "000", "0000", "00000", "000000", "200", "ok", "none", "null", "no error", "success", "false"}
)
_END = (
    "没有更多", "没有数据", "暂无", "无数据", "到底", "no more", "no data", "no result", "not found", "empty", "end of list",
    "out of range",
)  # fmt: skip


def refusal_in(answer: Any) -> str | None:
    """Give what an answer says where its envelope, or one within that, tells of a fault, in one line; None where none does."""
    if not isinstance(answer, dict):
        return None
    inner = (value for name, value in answer.items() if _plain(name) in _ENVELOPES and isinstance(value, dict))
    return next(filter(None, map(_fault, (answer, *inner))), None)


def _fault(envelope: dict[str, Any]) -> str | None:
    named = {_plain(name): (name, value) for name, value in envelope.items()}
    said = message_in(envelope)
    return _by_flag(named, said) or _by_error(named, said) or _by_code(named, said)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _by_flag(named: _Named, said: str) -> str | None:
    for name, value in (named[key] for key in _FLAGS if key in named):
        if value is False or str(value).lower() in ("false", "0", "n", "no"):
            return f"{name} {str(value).lower()}: {said}"
    return None


def _by_error(named: _Named, said: str) -> str | None:
    for name, value in (named[key] for key in _ERRORS if key in named):
        told = text_of(value)
        if isinstance(value, dict | list) and value:
            first = value if isinstance(value, dict) else next((one for one in value if isinstance(one, dict)), {})
            return f"{name}: {message_in(first) if first else said}"
        if value is True or (told is not None and told.lower() not in _NO_ERROR):
            return f"{name} {told or 'true'}: {said}"
    return None


def _by_code(named: _Named, said: str) -> str | None:
    for key in _CODES:
        name, value = named.get(key, ("", None))
        code = text_of(value)
        if code is not None and code.lower() not in (_NO_ERROR if key.startswith("err") else _GOOD):
            return f"{name} {code}: {said}"
    return None


def says_end(refusal: str) -> bool:
    """Tell whether a refusal says no more than that the list has come to its end."""
    low = refusal.lower()
    return any(words in low for words in _END)


def message_in(answer: dict[str, Any]) -> str:
    """Give what an answer says in words."""
    errors = answer.get("error")
    nested = errors if isinstance(errors, dict) else {}
    words = (text_of(place.get(key)) for place in (answer, nested) for key in _MESSAGES)
    return next(filter(None, words), "no message")
