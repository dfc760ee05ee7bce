"""Bylines in scripts that part words by blanks: By Jane Doe and John Roe, Von Anna Kern, 김철수 기자.

Takes   a line, or a field that is known to name people.
Gives   Authors with the post printed behind a name.
Writes  nothing.
"""

from __future__ import annotations

import re

from ..model import Author
from .names import PARTICLES, is_spaced_name

LINE_CHARS = 130
NAMED_WORDS = 4  # of a name that no label announces
POST_CHARS = 60
OPENING_CHARS = 60  # how far into a paragraph its head may reach
PEOPLE_CHARS = 600  # what is longer names no people
NAMES = 12  # a longer list names more than authors

# A word that begins ordinary lines too (In, Di, Von) is a label only where nothing but names follows.
_LABEL = re.compile(
    r"^[(\[]?(?:(?:words|story|report|reporting|reported|text|written|compiled"
    r"|posted|published|interview|review|analysis|essay|commentary) by"
    r"|(?:(?:an?|eine?|une?|un)\s)?(?:bericht|kommentar"
    r"|analyse|reportage|interview|gastbeitrag|protokoll|rezension|aufgezeichnet|notiert) von"
    r"|(?:propos recueillis|recueilli|entretien réalisé|écrit|texte|une? (?:enquête|reportage|récit|analyse)) (?:par|de)"
    r"|de (?:notre|nos) (?:correspondante?s?|envoyée?s?)(?: spéciale?s?| spéciaux)?(?: permanente?)?"
    r"(?: (?:à|au|aux|en) [^\W\d_]+,)?"
    r"|(?:(?:una? )?(?:entrevista|reportaje|crónica|análisis)|escrito|redactado|elaborado|informa|texto y fotos) (?:por|de)"
    r"|(?:беседовала?|подготовила?|записала?|материал подготовила?|интервью взяла?)"
    r"|by|von|par|por|di|a cura di|door|av|af|oleh"
    r"|texte?s?|textos?|tekst|autor(?:es|in|a|ka|stwo)?|auteur|autore|författare|forfatter|skribent|kirjoittaja|teksti|szerző|napsala?|yazan|penulis|reporter|author"
    r"|авторы?|текст|συντάκτης|بقلم|كتبت?)(?:\s*[:：]\s*|\s+[-–—]\s+|\s+)(?P<names>.{3,120})$",
    re.I,
)
_GAP = re.compile(r"\s*[,;/·•]\s*(?:(?:and|und|et|y|e|og|och)\s+)?|\s+(?:and|&|und|et|y|e|og|och|ja|ve|dan|и|та|і)\s+")
_TAIL = re.compile(r"\s+(?:in|for|from|at|with|of the|mit|aus|avec|à|en|con|para|pour|für|bij|hos)\s+\S.*$")
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{1,40}[)\]]$")  # the agency that helped: (dpa), (avec AFP)
# Who took the pictures, who edited: another sentence of the same line, or another part of the list.
_NEXT_CREDIT = re.compile(
    r"\s*[.;|]\s*(?:additional|photo|picture|illustrat|video|graphic|edit|produc|foto|bild|illustr|imag|фото)\w*\b.*$",
    re.I,
)
_PICTURED = re.compile(r"(?:photo|picture|illustrat|video|foto|bild|imag|фото|fotos|vídeo)\w*\b", re.I)
_AGENCIES = frozenset(("dpa", "afp", "ap", "epd", "kna", "sid", "apa", "ansa", "efe", "lusa", "rtr", "reuters", "tass"))
# A house, not a person: every word is one of these.
_HOUSE = re.compile(
    r"(?:(?:our|the|a|an|special|staff|news|sports?|web|digital|online|political|foreign|senior|chief|local|city|associated|press|wire|service"
    r"|reporters?|correspondents?|writers?|desk|editors?|editorial|team|agenc(?:y|ies)|newsroom|bureau|nuestra|nuestro|redacción"
    r"|redaction|la rédaction)\s*)+$",
    re.I,
)
_AGENCY_BEHIND = re.compile(
    r"^(?P<name>[^\W\d_a-z]{2,}(?: [^\W\d_a-z]{2,}){1,3}) (?:[A-Z][a-z]+ ?)+$"
)  # JANE DOE Linxi Press
_HELPED = re.compile(
    r"^(?P<names>\S.{3,60}?)\s+(?:avec|mit|with|con|com)\s+(?:[A-Z]{2,5}|agences?|agencies|agencias|Agenturen)$"
)
_HONORIFIC = re.compile(r"^(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms)\b\.?\s+)+")
_POST = re.compile(
    r"editor|correspond|reporter|writer|columnist|journalis|producer|contribut|analyst|professor|photograph|fellow|staff|chief"
    r"|special to|envoy|enviad|спецкор|redakt|redact|rédact|redattor|korrespond|corresponsal|corrispond|periodista"
    r"|giornalist|inviat|verslaggever|toimittaja"
    r"|korespondent|muhabir|wartawan|корреспондент|обозреватель",
    re.I,
)
# An agency's head: (청계=청계뉴스) 김철수 기자 = …; a paper's: [청계신문=김철수 기자].
_KOREAN_HEAD = re.compile(
    r"^(?:[(\[（【][^()\[\]（）【】=]{1,16}(?:=[^()\[\]（）【】=]{1,16})?[)\]）】]\s*)?(?:[가-힣]{2,8}\s)?(?P<names>[가-힣]{2,4}(?:[·,]\s?[가-힣]{2,4}){0,4})"
    r"\s?(?P<post>기자|특파원|통신원)\s*="
    r"|^[\[【（(][^()\[\]（）【】=]{1,16}=[^()\[\]（）【】=]{1,16}[\]】）)]\s*(?P<bare>[가-힣]{2,4})\s?(?P<bare_post>기자|특파원)(?=\s|$)"
    r"|^[\[【（(][^()\[\]（）【】=]{1,16}=\s?(?:[가-힣]{2,8}\s)?(?P<inner>[가-힣]{2,4}(?:[·,]\s?[가-힣]{2,4}){0,4})\s?(?P<inner_post>기자|특파원)[\]】）)]"
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
    return (
        split_people(match["names"].removesuffix(")") if line[0] in "([" else match["names"], titled=True)
        if match
        else read_named(line)
    )


def read_korean_head(paragraph: str) -> tuple[Author, ...]:
    """Read the reporters whom the head of a report names, as agencies and papers of Korea begin them.

    >>> read_korean_head("(청계=청계뉴스) 김철수 기자 = 물이 왔다.")
    (Author(name='김철수', role='기자'),)
    """
    match = _KOREAN_HEAD.match(paragraph) if "=" in paragraph[:OPENING_CHARS] else None
    if not match:
        return ()
    names, post = (
        match["names"] or match["inner"] or match["bare"],
        match["post"] or match["inner_post"] or match["bare_post"],
    )
    return tuple(Author(name, post) for name in re.split(r"[·,]\s?", names))


def read_named(line: str) -> tuple[Author, ...]:
    """Read a line without a label: a name and its post, or a name and the agency that helped; an empty tuple for any other.

    >>> read_named("Jane Doe, Professor of Hydrology"), read_named("Jane Doe avec AFP"), read_named("Jane Doe")
    ((Author(name='Jane Doe', role='Professor of Hydrology'),), (Author(name='Jane Doe', role=None),), ())
    """
    if len(line) > LINE_CHARS or line[-1:] in ".!?:":
        return ()
    helped = _HELPED.match(line)
    if helped:
        return split_people(helped["names"], titled=True)
    name, comma, post = line.partition(", ")
    name = _HONORIFIC.sub("", name.strip())
    is_person = comma and is_spaced_name(name) and len(name.split()) <= NAMED_WORDS and _is_titled(name)
    if not is_person or not _POST.search(" ".join(post.split()[:3])) or _HOUSE.match(name):
        return ()
    return (Author(name, post.strip()),)


def is_post(text: str) -> bool:
    """Tell whether a short text is a post and no name: Transport Correspondent."""
    return len(text) <= POST_CHARS and bool(_POST.search(text))


def split_people(text: str, *, titled: bool = False) -> tuple[Author, ...]:
    """Part a list of people; an empty tuple where a part of it is no name, no post and no place.

    titled: each word of a name must begin with a capital, as it does in print. A post counts behind a name.

    >>> split_people("Jane Doe, Linxi")
    (Author(name='Jane Doe', role=None),)
    """
    found: list[Author] = []
    for part in (part.strip(" .") for part in _GAP.split(_NEXT_CREDIT.sub("", text.strip()[:PEOPLE_CHARS]))):
        name = _TAIL.sub("", _IN_BRACKETS.sub("", part))
        agency = _AGENCY_BEHIND.match(name)
        name = agency["name"] if agency else name
        if not part or (found and _PICTURED.match(part)):
            continue
        if not found and _HOUSE.match(part):
            return ()
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
        word[0].isupper() or _has_no_case(word) for word in (first, *(one for one in rest if one not in PARTICLES))
    )


def _has_no_case(word: str) -> bool:
    return word.lower() == word.upper()


def _is_place(part: str) -> bool:
    """Tell whether a part can be the place or the agency behind a name: one or two words with capitals."""
    words = part.split()
    return part.lower() in _AGENCIES or (len(words) <= 2 and all(word[0].isupper() for word in words))
