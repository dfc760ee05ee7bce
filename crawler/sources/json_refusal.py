"""Whether an API's answer says no: a fault told with HTTP 200 must not read as a list that became empty.

Takes   the answer as JSON values.
Gives   refusal_in: what it says, or None; says_end: whether that is only that there is no more.
Writes  nothing.
"""

from __future__ import annotations

from typing import Any

from .json_answer import text_of

_FLAGS = ("success", "succeed", "succeeded", "isSuccess", "ok")
_ERRORS = ("error", "errors", "err", "exception", "fault")
_CODES = ("code", "errcode", "errCode", "errno", "err_no", "error_code", "errorCode", "ret", "retcode", "result_code",
          "resultCode", "statusCode", "status_code", "status")  # fmt: skip
_MESSAGES = ("message", "msg", "errmsg", "errMsg", "error_msg", "error_message", "error_description", "description", "detail",
             "info", "reason", "Message", "Msg")  # fmt: skip
# Codes for "as asked" of APIs in use; 1 is PHP's true, 10000 and its like are of Chinese gateways.
_GOOD = frozenset({"0", "1", "200", "00", "000", "0000", "00000", "000000", "100", "1000", "10000", "100000", "20000", "200000",
                   "ok", "success", "succeed", "true", "normal", "y"})  # fmt: skip
_NO_ERROR = frozenset({"", "0", "ok", "none", "null", "no error", "success", "false"})
_END = (
    "没有更多", "没有数据", "暂无", "无数据", "到底", "no more", "no data", "no result", "not found", "empty", "end of list",
    "out of range",
)  # fmt: skip


def refusal_in(answer: Any) -> str | None:
    """Give what an answer says where its envelope tells of a fault, in one line; None where it does not."""
    if not isinstance(answer, dict):
        return None
    said = message_in(answer)
    for key in _FLAGS:
        if answer.get(key) is False or str(answer.get(key, "")).lower() == "false":
            return f"{key} false: {said}"
    for key in _ERRORS:
        value = answer.get(key)
        told = text_of(value)
        if isinstance(value, dict | list) and value:
            return f"{key}: {message_in(value) if isinstance(value, dict) else said}"
        if value is True or (told is not None and told.lower() not in _NO_ERROR):
            return f"{key} {told or 'true'}: {said}"
    for key in _CODES:
        code = text_of(answer.get(key))
        if code is not None and code.lower() not in _GOOD:
            return f"{key} {code}: {said}"
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
