"""Tell pages that are no article: notices of deletion, walls, empty pages, other media.

Takes   the title and the paragraphs found on a page.
Gives   a Refusal, or None.
Writes  nothing.

A phrase alone proves nothing: an article may quote 该文章已删除. It counts where it is a line of its own, unquoted, and next
to nothing else stands on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from .evidence import letters_of
from .rules import Refusal

NOTICE_CHARS = 60  # longest line that is a notice
REST_LETTERS = 80  # what else a page with a notice may say
WALL_LETTERS = 400  # a wall explains itself at more length
SAMPLE_CHARS = 4_000  # of a payload, looked at for control characters
LEAST_LETTERS = 8  # less, without a sentence or a picture, is no article

_ASKED = r"您?你?(?:所)?(?:访问|查看|浏览|请求|要找)的?"
_THING = (
    rf"(?:该|此|本|[這該]|{_ASKED})?(?:篇|条|條)?\s*"
    r"(?:文章|内容|內容|页面|頁面|网页|網頁|信息|新闻|新聞|稿件|帖子|资源|链接|地址)"
)
_GONE_END = (
    r"\s*(?:已|已经|已被|已經|被|可能已|可能已经)?\s*(?:作者|管理员|发布者)?\s*"
    r"(?:删除|刪除|下线|下線|下架|撤回|撤稿|撤下|失效|过期|移除|不存在|不見了|不见了|走丢|找不到|无法找到)"
)
_GONE = re.compile(
    rf"{_THING}{_GONE_END}"
    r"|(?:找不到|没有找到|未找到|无法找到|沒有找到)(?:该|此|您|你|相关|对应|指定)?.{0,8}(?:页面|内容|文章|网页|頁面|信息)"
    r"|(?:^|\D)404(?:\D|$).{0,12}(?:not found|error|错误|页面|頁面|找不到)|^\s*(?:error\s*)?404\s*[!！]?\s*$|\bnot found\b"
    r"|\b(?:article|page|story|content|post|document)\b.{0,30}\b"
    r"(?:removed|deleted|unavailable|expired|withdrawn|does(?: not|n['’]t) exist|no longer (?:available|exists?)"
    r"|could(?: not|n['’]t) be found|can(?:not|['’]t) be found)",
    re.I,
)
_WALL = re.compile(
    r"验证码|驗證碼|滑动验证|拖动滑块|安全验证|人机验证|请完成验证|访问(?:过于|太)?频繁|访问被拒绝|拒绝访问"
    r"|请先?登录|请登陆|登录后(?:查看|阅读|继续)|用户登录|会员登录"
    r"|access denied|captcha|just a moment|(?:verify|confirm)(?: that)? you are (?:a )?human|are you a robot|not a robot"
    r"|checking your browser|unusual traffic|enable javascript and cookies|request (?:was )?blocked|before you continue"
    r"|(?:log|sign) in to continue|please (?:log|sign) in",
    re.I,
)
_FOR_SALE = re.compile(
    r"域名(?:出售|转让|已过期|到期)|本域名(?:可|正在)|(?:this )?domain (?:name )?(?:is|may be) (?:for sale|parked|expired)"
    r"|buy this domain|domain parking",
    re.I,
)
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\f\r\x1b")
_QUOTES = re.compile(r"[“「『\"‘][^”」』\"’]{0,40}$")
_SENTENCE = re.compile(r"[。！？!?；;：:….]")
_HINT = re.compile(r"返回|跳转|跳轉|秒后|首页|首頁|back to|home ?page", re.I)
_TEXT_TYPE = re.compile(
    r"^(?:$|text/|[\w.+-]+/(?:[\w.+-]*\+)?(?:x?html|xml)|application/(?:octet-stream|unknown))", re.I
)


def judge(title: str | None, paragraphs: Sequence[str], image_count: int, others: Sequence[str] = ()) -> Refusal | None:
    """Judge what was read from a page; None where it may be an article.

    others: lines of the page where no paragraph was found; a notice may be among them.
    """
    lines = [line for line in (title or "", *(paragraphs or others)) if line]
    gone = _standing_alone(_GONE, lines)
    if gone:
        rest = [line for line in paragraphs if line != gone and not _HINT.search(line)]
        if _count_letters(rest, REST_LETTERS) < REST_LETTERS:
            return Refusal("soft-404", gone)
    wall = _standing_alone(_WALL, lines)
    parked = _standing_alone(_FOR_SALE, lines)
    if parked and _count_letters(paragraphs, WALL_LETTERS) < WALL_LETTERS:
        return Refusal("not-an-article", f"a domain for sale: {parked}")
    if len(paragraphs) == 1 and _is_json(paragraphs[0]):
        return Refusal("not-an-article", f"JSON in place of a page: {paragraphs[0][:60]}")
    few = wall and sum(len(line) > NOTICE_CHARS * 2 for line in paragraphs) < 2
    if wall and few and _count_letters(paragraphs, WALL_LETTERS) < WALL_LETTERS:
        return Refusal("blocked", wall)
    if image_count:
        return None
    letters = _count_letters(paragraphs, LEAST_LETTERS)
    if not letters:
        return Refusal("not-an-article", "no text and no picture found")
    if letters < LEAST_LETTERS and not any(_SENTENCE.search(line) for line in paragraphs):
        return Refusal("not-an-article", f"only {letters} letters: {paragraphs[0][:20]}")
    return None


def judge_medium(content_type: str, text: str, undecoded: int, looks_like_html: bool) -> Refusal | None:
    """Refuse what is no text: another medium by its type, or bytes that no encoding makes sense of."""
    mime = content_type.split(";")[0].strip()
    if not _TEXT_TYPE.match(mime) and not looks_like_html:
        return Refusal("source", f"{mime} is no page")
    sample = text[:SAMPLE_CHARS].encode("utf-8", "replace")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if undecoded > 0.1 * max(1, len(text)) or controls > 0.02 * max(1, min(SAMPLE_CHARS, len(text))):
        return Refusal("source", "the bytes are no text in any encoding tried")
    return None


def _is_json(line: str) -> bool:
    """Tell whether a line is the answer of an API: an error, as a rule, that was sent as a page."""
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _count_letters(lines: Sequence[str], enough: int) -> int:
    """Count letters until there are enough."""
    count = 0
    for line in lines:
        count += len(letters_of(line))
        if count >= enough:
            break
    return count


def _standing_alone(phrase: re.Pattern[str], lines: Sequence[str]) -> str | None:
    """Give the first short line that says the phrase itself, not in quotation marks."""
    for line in lines:
        match = phrase.search(line) if len(line) <= NOTICE_CHARS else None
        if match and not _QUOTES.search(line[: match.start()]):
            return line
    return None
