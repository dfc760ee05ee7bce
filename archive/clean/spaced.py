"""Bylines in scripts that part words by blanks: By Jane Doe and John Roe, Von Anna Kern, 김철수 기자.

Takes   a line, or a field that is known to name people.
Gives   Authors with the post printed behind a name.
Writes  nothing.
"""

from __future__ import annotations

import re

from ..model import Author
from .names import is_spaced_name

LINE_CHARS = 130
PEOPLE_CHARS = 600  # what is longer names no people
NAMES = 12  # a longer list names more than authors

# A word that begins ordinary lines too (In, Di, Von) is a label only where nothing but names follows.
_LABEL = re.compile(
    r"^(?:(?:words|story|report|reporting|text|written|compiled|posted|published) by|by|von|par|por|di|a cura di|door|av|af|oleh"
    r"|texte?|tekst|autor(?:in|a|ka|stwo)?|auteur|autore|författare|forfatter|skribent|kirjoittaja|teksti|szerző|napsala?|yazan|penulis|reporter|author"
    r"|автор|текст|συντάκτης|بقلم|كتب)(?:\s*[:：]\s*|\s+)(?P<names>.{3,120})$",
    re.I,
)
_GAP = re.compile(r"\s*[,;/·•]\s*(?:(?:and|und|et|y|e|og|och)\s+)?|\s+(?:and|&|und|et|y|e|og|och|ja|ve|dan|и|та|і)\s+")
_TAIL = re.compile(r"\s+(?:in|for|from|at|with|mit|aus|avec|à|en|con|para|pour|für|bij|hos)\s+\S.*$")
_PARTICLES = frozenset(
    ("de", "da", "do", "dos", "das", "del", "della", "dello", "di", "du", "des", "la", "le", "van", "von", "der", "den", "ter",
     "ten", "zu", "zum", "bin", "ibn", "al", "el", "y", "e", "af")
)  # fmt: skip
_POST = re.compile(
    r"editor|correspond|reporter|writer|columnist|journalis|producer|contribut|analyst|professor|photograph|fellow|staff|chief"
    r"|redakt|redact|rédact|redattor|korrespond|corresponsal|corrispond|periodista|giornalist|inviat|verslaggever|toimittaja"
    r"|korespondent|muhabir|wartawan|корреспондент|обозреватель",
    re.I,
)
_KOREAN = re.compile(r"(?<![가-힣])([가-힣]{2,4})\s?((?:선임|수습|인턴|전문|객원)?\s?기자|특파원|논설위원)(?![가-힣])")


def read_spaced(line: str) -> tuple[Author, ...]:
    """Read a whole line that begins with the word for its author; an empty tuple for any other.

    >>> read_spaced("By Jane Doe, Science Editor, and John Roe in Paris")
    (Author(name='Jane Doe', role='Science Editor'), Author(name='John Roe', role=None))
    """
    if len(line) > LINE_CHARS:
        return ()
    if "자" in line or "원" in line:
        korean = _KOREAN.findall(line) if len(line) <= LINE_CHARS // 2 else []
        if korean:
            return tuple(Author(name, post) for name, post in korean)
    match = _LABEL.match(line)
    return split_people(match["names"], titled=True) if match else ()


def split_people(text: str, *, titled: bool = False) -> tuple[Author, ...]:
    """Part a list of people; an empty tuple where a part of it is no name, no post and no place.

    titled: each word of a name must begin with a capital, as it does in print. A post counts behind a name.

    >>> split_people("Jane Doe, Linxi")
    (Author(name='Jane Doe', role=None),)
    """
    found: list[Author] = []
    for part in (part.strip(" .") for part in _GAP.split(text.strip()[:PEOPLE_CHARS])):
        name = _TAIL.sub("", part)
        if not part:
            continue
        if found and _POST.search(part):
            found[-1] = Author(found[-1].name, found[-1].role or part)
        elif is_spaced_name(name) and (not titled or _is_titled(name)):
            found.append(Author(name))
        elif not found or not _is_place(part):
            return ()
    return tuple(found[:NAMES])


def _is_titled(name: str) -> bool:
    first, *rest = name.split()
    return all(
        word[0].isupper() or _has_no_case(word) for word in (first, *(one for one in rest if one not in _PARTICLES))
    )


def _has_no_case(word: str) -> bool:
    return word.lower() == word.upper()


def _is_place(part: str) -> bool:
    """Tell whether a part can be the place or the agency behind a name: one or two words with capitals."""
    words = part.split()
    return len(words) <= 2 and all(word[0].isupper() for word in words)
