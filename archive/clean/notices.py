"""The words of pages that are no article: what they say to their reader, sentence by sentence, in ten languages.

Takes   one sentence, or one part of a title; reads the patterns of notices.txt.
Gives   the kind of notice that it is (Notice), whether it only stands beside one, or is furniture; None for a text.
Writes  nothing.

A notice speaks of the page or of its reader, and says so in a whole sentence: "该文章已被删除" is one, "该文章已被作者删除——她说"
is not. So the patterns are held against whole sentences; where one may go on, it may only go on as notices do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

# gone: the page is not there. wall: a machine is refused. paid: readers are asked to log in, to register or to pay. consent: they
# are asked for cookies. broken: the site is out of order, or was never set up. parked: its name is for sale. shell: a script is
# to fill it. In the order in which a sentence of two kinds is told.
Notice = Literal["gone", "parked", "paid", "wall", "consent", "broken", "shell"]
KINDS: Final[tuple[Notice, ...]] = get_args(Notice)

_EDGES: Final = " \t\u3000\xa0!！?？.。…~～、，,;；:：|·•*#>»›【】[]()（）-–—"
_QUOTES: Final = ("“", "「", "『", '"', "‘", "«", "„", "《")
_DASH: Final = re.compile(r"\S\s*—|\w\s+[–-]\s+(?=\w)")  # a sentence that goes on behind a dash is told by somebody
_TO_COMMENT: Final = re.compile(
    "评论|留言|跟[帖贴]|发言|弹幕|comment|reply|kommentar|コメント|댓글", re.I
)  # below any text
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD: Final = re.compile("<([a-z-]+)>")
_SECTION: Final = re.compile(r"\[([a-z]+)\]")


def notice_of(sentence: str) -> Notice | None:
    """Say which notice a sentence is as a whole; None where it is none.

    >>> notice_of("抱歉，您访问的页面不存在"), notice_of("该文章已被作者删除——她说，看见这一行字的时候，松了一口气。")
    ('gone', None)
    """
    if not _is_hinted(sentence) or sentence.lstrip(_EDGES).startswith(_QUOTES):  # in quotes somebody says so
        return None
    said = _begun("polite").sub("", sentence.strip(_EDGES)).strip(_EDGES)
    if not said or _DASH.search(said) or not _is_hinted(said) or _TO_COMMENT.search(said):
        return None
    return next((kind for kind, pattern in _kinds(wide=bool(_WIDE.search(said))) if pattern.fullmatch(said)), None)


def is_beside(sentence: str) -> bool:
    """Tell whether a sentence is what stands beside a notice: its number, whom to write to, the way back."""
    return bool(_any("beside").match(sentence.strip(_EDGES)))


def is_furniture(line: str) -> bool:
    """Tell whether a line stands at the foot of every page of a site: whose it is, who licensed it, whom to call."""
    found = _any("furniture").search(line)
    return found is not None and (found.start() == 0 or not line.rstrip().endswith(("。", "！", "？", ".", "!", "?")))


def is_heading_of_others(line: str) -> bool:
    """Tell whether a line as a whole is what a site puts above other stories: 热门推荐, You may also like."""
    return bool(_any("others").fullmatch(line.strip(_EDGES)))


def says(section: str, line: str) -> bool:
    """Tell whether a line has a word of a section: machine (titles that only servers give), text (it speaks of this very text,
    and not of the paper as a whole), members (it speaks of those who pay)."""
    return bool(_any(section).search(line))


@cache
def _kinds(*, wide: bool) -> tuple[tuple[Notice, re.Pattern[str]], ...]:
    """Compile the patterns for one kind of script, when the first sentence of it may be a notice."""
    chosen = ((kind, [one for one in _lines()[kind] if bool(_WIDE.search(one)) == wide]) for kind in KINDS)
    return tuple((kind, re.compile("|".join(ones) or "(?!)", re.I)) for kind, ones in chosen)


def _is_hinted(said: str) -> bool:
    """Tell whether a sentence has one of the words without which it is no notice."""
    words, others = _hints()
    lower = said.lower()
    for word in words:  # no generator: this is asked of each sentence
        if word in lower:
            return True
    return others.search(said) is not None


@cache
def _hints() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Part the hints into plain words, which are found ten times as fast one by one, and patterns."""
    hints = [one for line in _lines()["hint"] for one in line.split("|")]
    words = [one for one in hints if re.escape(one).replace("\\ ", " ") == one]
    return tuple(dict.fromkeys(map(str.lower, words))), re.compile("|".join(set(hints) - set(words)) or "(?!)", re.I)


@cache
def _any(section: str) -> re.Pattern[str]:
    return re.compile("|".join(_lines()[section]), re.I)


@cache
def _begun(section: str) -> re.Pattern[str]:
    """Make the pattern of what a sentence may begin with, and be the same without it."""
    words = "|".join(_lines()[section])
    ends = r"(?:\b|(?=[^\x00-\x7f])|(?<=[^\x00-\x7f]))[\s，,、！!：:.。…~～-]*(?:但|but |aber |mais )?"
    return re.compile(rf"^(?:[\W_]*(?:非常|很|十分)?(?:{words}){ends})+", re.I)


@cache
def _lines() -> dict[str, list[str]]:
    """Read notices.txt into its sections, the words of [words] put in their places."""
    return dict(_sections(files(__package__).joinpath("notices.txt").read_text(encoding="utf-8")))


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    words: dict[str, str] = {}
    name, lines = "", list[str]()
    for line in [*text.splitlines(), "[end]"]:
        head = _SECTION.fullmatch(line)
        if head:
            yield name, lines
            name, lines = head[1], []
        elif name == "words" and line:
            word, _, pattern = line.partition(" = ")
            words[word] = pattern
        elif line and not line.startswith("#"):
            lines.append(_WORD.sub(lambda found: words[found[1]], line))
