"""Text that a page holds and does not show: a script would fill it in, or a wall stands before it.

Takes   a Page, what it may call itself, the text that it shows.
Gives   the paragraphs of the JSON-LD's articleBody, else of the state that the page's script starts from (__NEXT_DATA__ and its
        kin), where the page shows next to nothing of them; the authors that such a state names.
Writes  nothing.

No script is run. In a state, the article is the object that bears the page's title, and its text the longest one within:
one string, or a list of pieces. Bounded in characters, leaves and depth, for states are as large as sites are careless.
"""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from .blocks import read_blocks, tidy
from .evidence import letters_of
from .page import Page, read_markup

TIMES = 5  # so many times the letters that are shown, and what is shown is next to nothing
SHOWN_LETTERS = 400  # a page that shows more has its text in its blocks, and its states are not looked through
STATE_LETTERS = 100  # of a text in a state: shorter strings are captions and summaries
STATE_CHARS = 4_000_000  # of all states of a page
NODES, DEPTH = 40_000, 40  # of a state, that are looked at
TITLE_CHARS = 300
NAMED_LETTERS = 6
NAME_CHARS = 60
SAMPLE_CHARS = 2_000  # of a string, by which code is told from text

_TAGGED = re.compile(r"<(?:p|br|div|h[1-6]|li|ul|span|b|strong|em|i|a|img|section|blockquote)\b[^<>]{0,2000}>", re.I)
_LINE_END = re.compile(r"\r\n?|\n|\u2028|\u2029")
_ASSIGNED = re.compile(
    r"^\s*(?:(?:window|self|globalThis)\s*[.\[]\s*[\"']?|(?:var|const|let)\s+)[\w$]{1,60}[\"']?\]?\s*=\s*(?=[{\[])"
)
_SENTENCE = re.compile(r"[。！？；，]|[.!?…,:](?:\s|$|[\"'”’»<])")
_NAME, _TITLE = re.compile("title|headline|heading|name|subject", re.I), re.compile("^(?:title|headline)$", re.I)
# Below these keys stand other articles, what readers say, or what the site is made of.
_ASIDE = re.compile(
    r"comment|related|recommend|similar|popular|trending|latest|teaser|promo|advert|author|breadcrumb|navigation|footer|menu|config"
    r"|translat|consent|widget|sidebar|playlist|cache|slot|script|style|meta|seo|descri|summary|abstract|keyword|entit|tags|ur[li]$"
    r"|href|link|intro|excerpt|caption|picture|image|thumbnail|video|alt$",
    re.I,
)
_AUTHOR = re.compile(
    "authors?|author_?names?|by_?lines?|writers?|creators?|reporters?|journalists?|contributors?", re.I
)
_NAME_KEYS = ("name", "fullName", "full_name", "displayName", "display_name", "title")
_CODE = re.compile(r"^\s*(?:https?:|[{\[/.#])|=>|\bfunction\s*\w*\(|\bdocument\.|\bwindow\.")
_WORDS = re.compile(r"\s|[\u0e00-\u0eff\u1000-\u109f\u3040-\u9fff\uac00-\ud7af]")  # a name of a class has none
_Path = tuple[str | int, ...]


def unseen_text(page: Page, titles: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Give the paragraphs that the page holds for scripts and machines; [] where it shows a good part of them, or has none.

    titles: what the page may call itself. shown: the paragraphs that were found on it.
    """
    least = TIMES * _count(shown)
    body = page.linked("articleBody")
    told = _paragraphs([body], page) if len(body) > least else []
    if _count(told) > least:
        return told
    if least > TIMES * SHOWN_LETTERS:
        return []
    scripts = [one for one in page.root.iter("script") if one.text and _may_be_state(one)]
    names = {letters for title in titles if len(letters := letters_of(title)) >= NAMED_LETTERS}
    found = [_paragraphs(_text_in(state, names), page) for state in (_states(scripts) if names else ())]
    best = max(found, key=_count, default=[])
    return best if _count(best) > max(least, STATE_LETTERS) else []


def unseen_authors(page: Page, titles: Sequence[str]) -> list[str]:
    """Give the names of the authors that a state tells in the object that bears the page's title.

    titles: what the page may call itself.
    """
    scripts = [one for one in page.root.iter("script") if one.text and _may_be_state(one)]
    names = {letters for title in titles if len(letters := letters_of(title)) >= NAMED_LETTERS}
    for state in _states(scripts) if names else ():
        for value in _objects(state):
            if _titles(value, _TITLE) & names:
                told = [name for key, one in value.items() if _AUTHOR.fullmatch(key) for name in _names_in(one)]
                if told:
                    return told
    return []


def _objects(state: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a state, the outer before the inner."""
    waiting = [(0, state)]
    for _ in range(NODES):
        if not waiting:
            return
        depth, value = waiting.pop()
        if isinstance(value, dict):
            yield value
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        waiting.extend((depth + 1, one) for one in reversed(inner) if isinstance(one, (dict, list)) and depth < DEPTH)


def _names_in(value: Any) -> Iterator[str]:
    """Yield the names of one author or of several: as a string, or in an object that has one."""
    for one in value if isinstance(value, list) else [value]:
        name = next((one[key] for key in _NAME_KEYS if one.get(key)), "") if isinstance(one, dict) else one
        if isinstance(name, str) and 1 < len(name) <= NAME_CHARS and (text := tidy(name)):
            yield text


def _may_be_state(script: Any) -> bool:
    kind = (script.get("type") or "").lower()
    return ("json" in kind and "ld+json" not in kind) or bool(_ASSIGNED.match(script.text[:200]))


def _states(scripts: Sequence[Any]) -> Iterator[Any]:
    """Yield the JSON values of scripts; what is none, or goes beyond the bound, is left out."""
    left = STATE_CHARS
    for script in scripts:
        text = script.text
        if len(text) > left:
            continue
        left -= len(text)
        assigned = _ASSIGNED.match(text[:200])
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(text[assigned.end() :] if assigned else text.strip())
        except (ValueError, RecursionError):
            continue
        yield _joined(value) if script.get("id") == "__NUXT_DATA__" and isinstance(value, list) else value


def _joined(flat: list[Any]) -> Any:
    """Join a state that is written as one flat list, in which objects and lists name their parts by place (Nuxt 3, devalue).

    What comes of it may hold itself.
    """
    made = [{} if isinstance(one, dict) else [] if isinstance(one, list) else one for one in flat]
    for whole, one in zip(made, flat, strict=True):
        if isinstance(one, dict):
            whole.update((name, made[at]) for name, at in one.items() if isinstance(at, int) and 0 <= at < len(made))
        elif isinstance(one, list):  # may begin with the name of a kind: ["Reactive", 1]
            whole.extend(made[at] for at in one if isinstance(at, int) and 0 <= at < len(made))
    return made[0] if made else None


def _text_in(state: Any, names: set[str]) -> list[str]:
    """Give the pieces of the longest text in the objects that bear one of the names; [] where no object does."""
    candidates: dict[_Path, dict[int, str]] = defaultdict(dict)
    for path, text in _leaves(state, names):
        if not _is_text(text[:SAMPLE_CHARS]):
            continue
        candidates[path] = {0: text}
        for at, index in enumerate(path[1:], start=1):
            if isinstance(index, int):  # a piece of a list, which has one text: its longest string
                pieces = candidates[path[:at]]
                pieces[index] = max(pieces.get(index, ""), text, key=len)
    best = max(candidates.values(), key=lambda pieces: sum(map(len, pieces.values())), default={})
    return [best[index] for index in sorted(best)]


def _leaves(state: Any, names: set[str]) -> Iterator[tuple[_Path, str]]:
    """Yield the strings within objects that bear one of the names, in their order.

    The first of a path is the number of the object; then the keys and places that lead to the string.
    """
    waiting: list[tuple[_Path, Any]] = [((), state)]
    for number in range(NODES):
        if not waiting:
            return
        path, value = waiting.pop()
        if isinstance(value, str) and path:
            yield path, value
        elif isinstance(value, dict):
            titles = _titles(value, _NAME)
            if path and not titles & names and _titles(value, _TITLE):
                continue  # another article: a list of them may bear the page's name
            inside = path or ((number,) if titles & names else ())
            inner = [(name, one) for name, one in value.items() if one and not _ASIDE.search(name)]
            waiting.extend(
                ((*inside, name) if inside else (), one) for name, one in reversed(inner) if len(inside) < DEPTH
            )
        elif isinstance(value, list) and len(path) < DEPTH:
            waiting.extend(((*path, place) if path else (), one) for place, one in reversed([*enumerate(value)]))


def _titles(value: dict[str, Any], keys: re.Pattern[str]) -> set[str]:
    """Give what an object is called, in letters; without what is too short to be told from the name of a part."""
    told = (
        letters_of(one)
        for name, one in value.items()
        if isinstance(one, str) and len(one) <= TITLE_CHARS and keys.search(name)
    )
    return {letters for letters in told if len(letters) >= NAMED_LETTERS}


def _is_text(sample: str) -> bool:
    """Tell whether a string is made of words and has a mark of a sentence, and is no address, code or data."""
    return bool(_SENTENCE.search(sample) and _WORDS.search(sample)) and not _CODE.search(sample)


def _paragraphs(pieces: Sequence[str], page: Page) -> list[str]:
    """Part pieces of text or markup into paragraphs."""
    found: list[str] = []
    for piece in pieces:
        part = read_markup(piece, page.base) if _TAGGED.search(piece) else None
        if part is not None:
            found += [block.text for block in read_blocks(part.root).blocks]
        else:
            found += [line for one in _LINE_END.split(html.unescape(piece)) if (line := tidy(one))]
    return found


def _count(lines: Sequence[str]) -> int:
    return sum(len(letters_of(line)) for line in lines)
