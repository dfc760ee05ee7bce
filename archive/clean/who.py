"""Who a page says wrote its article.

Takes   a Page, and the lines that stand around its article.
Gives   People: the authors with their roles, and what stands for them where no person is named (an agency, the paper itself).
Writes  nothing.

Chinese bylines beside the text count first, for they tell reporters from correspondents; elsewhere the JSON-LD does. The order
and its figures: decision 21.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree

from ..model import Author
from .blocks import read_blocks, tidy
from .bylines import is_account, merge_authors, read_byline, read_imprint, read_labelled, read_people, read_segments
from .evidence import letters_of
from .fields import NOBODY, Named
from .names import is_name, is_spaced_name, words_of
from .page import Page, text_of
from .spaced import is_post, read_spaced

MARKED_CHARS = 24  # longest text of an element named as the author's, wherever it stands
MARKED_ELEMENTS = 80  # more of them are other articles' authors; nested, each would be read again with those within
NEAR_CHARS = 80  # the same of one that stands beside the headline
NAME_CHARS = 60
PIECES = 4  # of text in an element that names one author
ROLE_CHARS = 80

_META = (
    "author", "article:author", "article:author_name", "og:article:author", "og:author", "byl", "dc.creator", "dcterms.creator",
    "parsely-author", "sailthru.author", "cxenseparse:author", "citation_author", "mrf:authors", "dcsext.author", "authors",
)  # fmt: skip
# Of author, Author, autor, autore, byline, Byline. Asked of the attributes: asked of the elements it takes six times as long.
_MARKED = etree.XPath(
    "//@class[contains(., 'uthor') or contains(., 'utor') or contains(., 'yline')]/.."
    " | //@rel[contains(., 'author')]/.. | //@itemprop[contains(., 'author')]/.."
)
_AUTHOR_CLASS = re.compile(r"(?:^|[\s_-])author(?:[_-]?(?:name|nick))?(?:[_-]\d)?(?:\s|$)|authorName", re.I)
_NO_AUTHOR_CLASS = re.compile(
    r"comment|related|teaser|recommend|avatar|image|photo|bio|social|box|more|date|time", re.I
)
_PEN_NAME = re.compile(r"^[^\W\d_][^\W\d_·]{1,11}$")
_NOT_A_PEN_NAME = re.compile("账号|用户|登录|注册|作者|关注|匿名|网友|更多|编辑|記者|记者|来源|文章|评论|专栏|號$|号$")
_BY = re.compile(
    r"^(?:(?:by|von|par|por|door|av|af|di|by line|texte?|autor(?:in)?|auteur|author)\b\s*:?|文[／/：:]|作者[：:])\s*",
    re.I,
)
_SINGLE = re.compile(r"^[^\W\d_]{2,20}$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_BEHIND = re.compile(r"(?<!\s)\s*+[(（\[][^()（）\[\]]{1,20}[)）\]]\s*$")
_NOT_A_PERSON = re.compile(
    r"https?:|@|admin|editor|staff|redaktion|newsroom|news\b|agenc|webmaster|developer|\b(?:inc|ltd|llc|gmbh)\b|\w\.(?:com|net|org)\b|[|/]",
    re.I,
)
_ORGANISATION = re.compile(r"Organi[sz]ation|Corporation|Agency|Brand|WebSite")
_EDITOR = re.compile(r"^(?:editor|edited by|editing by|redaktur|penyunting|editör|editora?)\s*[:：]\s*(.{3,60})$", re.I)
_CORPORATE_LINE = re.compile(r"^by:?\s+([A-Z][^\W\d_]{1,19})\s*(?:[,·|•]|$)", re.I)


class People(NamedTuple):
    """Who wrote an article. corporate: who is named for it that is no person; it counts where no text names a person."""

    authors: tuple[Author, ...] = ()
    corporate: tuple[Author, ...] = ()


def find_people(
    page: Page, lines: Sequence[str], signed: Sequence[str] = (), fields: Named = NOBODY, *, marked: bool = True
) -> People:
    """Find the authors of a page's article.

    lines: short ones around the article, the nearest first. signed: those at its end that are set as a signature. fields: whom
    the fields of lines between headline and text name. marked: whether elements named as the author's may be looked for.
    """
    return _Search(page, lines, signed, fields, marked=marked).people()


class _Search:
    """One page being searched: what is found once is kept."""

    def __init__(self, page: Page, lines: Sequence[str], signed: Sequence[str], fields: Named, *, marked: bool) -> None:
        self.page, self.lines, self.signed, self.fields, self.may_be_marked = page, lines, signed, fields, marked

    def people(self) -> People:
        seen = merge_authors(*(read_labelled(line) or read_byline(line) or read_segments(line) for line in self.lines))
        seen = seen or self.fields.labelled
        if seen and any(_HAN.search(author.name) for author in seen):
            return People(seen)
        # Sites put the editor at the desk into the head as the author.
        linked = self.without_editors(self.linked[0])
        found = (
            self.with_roles(linked, seen)
            or self.as_told(seen)
            or self.without_editors(self.told())
            or self.beside_date()
        )
        if not found:
            found = (self.near() or self.alone()) if self.may_be_marked else ()
        return People(found or self.signatures(), self.linked[1] or self.corporate_line())

    def without_editors(self, authors: tuple[Author, ...]) -> tuple[Author, ...]:
        return tuple(author for author in authors if author.name not in self.editors)

    def beside_date(self) -> tuple[Author, ...]:
        return tuple(one for one in self.without_editors(self.fields.alone) if not _is_publisher(one.name, self.page))

    def with_roles(self, linked: tuple[Author, ...], seen: tuple[Author, ...]) -> tuple[Author, ...]:
        """Give the authors of the JSON-LD, with what the page prints behind a name (Jane DoeStaff Writer) as the role."""
        printed = {author.name: author.role for author in seen}
        found = []
        for author in linked:
            behind = next((name[len(author.name) :] for name in printed if name.startswith(author.name)), "")
            role = (
                author.role
                or printed.get(author.name)
                or (tidy(behind.strip(" ,-–—|")) if len(behind) <= ROLE_CHARS else "")
            )
            found.append(Author(author.name, role or None))
        return tuple(found)

    def as_told(self, seen: tuple[Author, ...]) -> tuple[Author, ...]:
        return tuple(author for author in seen if not is_account(author.name))

    def told(self) -> tuple[Author, ...]:
        """Read the meta elements: the first kind that names persons."""
        values: dict[str, list[str]] = {}
        for element in self.page.root.iter("meta"):
            name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
            if name in _META:
                values.setdefault(name, []).append((element.get("content") or "").strip())
        groups = (
            merge_authors(*(_persons(text, self.page) for text in values.get(name, ()) if text)) for name in _META
        )
        return next(filter(None, groups), ())

    @cached_property
    def editors(self) -> frozenset[str]:
        names = {name for line in self.lines for name in words_of(read_imprint(line).editor or "")}
        return frozenset(names | {match[1].strip() for line in self.lines if (match := _EDITOR.match(line))})

    @cached_property
    def linked(self) -> tuple[tuple[Author, ...], tuple[Author, ...]]:
        """Persons, and others, that the JSON-LD names as authors: those of the first object of the article that has any."""
        for one in self.page.own or self.page.linked_data:
            persons: list[tuple[Author, ...]] = []
            others: list[tuple[Author, ...]] = []
            for name, kind, role in _linked_authors(one.get("author") or one.get("creator"), self.page):
                found, is_person = _linked_author(name, kind, role, self.page)
                (persons if is_person else others).append(found)
            if any(persons) or any(others):
                # An agency beside a person wrote as well; the paper itself does not.
                beside = (
                    (each for each in others if each and not _is_publisher(each[0].name, self.page))
                    if any(persons)
                    else ()
                )
                return merge_authors(*persons, *beside), merge_authors(*others)
        return (), ()

    @cached_property
    def marked(self) -> list[tuple[str, bool]]:
        """Texts of the elements that are named as the author's, and whether the name says no more than that."""
        found = []
        for element in _MARKED(self.page.root)[:MARKED_ELEMENTS]:
            names = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("rel"))))
            text = _text(element) if not _NO_AUTHOR_CLASS.search(element.get("class") or "") else ""
            if 1 < len(text) <= NEAR_CHARS:
                found.append((text, bool(_AUTHOR_CLASS.search(names))))
        return found

    def near(self) -> tuple[Author, ...]:
        """Read the elements named as the author's whose text stands in one of the lines beside the headline."""
        texts = (text for text, _ in self.marked if any(text in line for line in self.lines))
        posted = self.posted()
        known = tuple(one.name for one in posted)
        texts = (text for text in texts if not text.startswith(known))
        return merge_authors(posted, *(_persons(_BY.sub("", text), self.page) for text in texts))

    def posted(self) -> tuple[Author, ...]:
        """Read the elements named as the author's that hold a name and, set apart from it, the post."""
        found = []
        for element in _MARKED(self.page.root)[:MARKED_ELEMENTS]:
            pieces = [tidy(piece) for piece in islice(element.itertext(), PIECES + 1) if tidy(piece)]
            name, behind = _BY.sub("", pieces[0]) if pieces else "", pieces[1:]
            stands_near = behind and any(pieces[0] in line for line in self.lines)
            if stands_near and len(pieces) <= PIECES and is_post(behind[0]) and not _HAN.search(name):
                found += [Author(one.name, behind[0]) for one in _persons(name, self.page)]
        return tuple(found)

    def alone(self) -> tuple[Author, ...]:
        """Read the one text of the page that stands in an element named as the author's."""
        texts = {text for text, is_plain in self.marked if is_plain and len(text) <= MARKED_CHARS}
        text = texts.pop() if len(texts) == 1 else ""
        if _HAN.search(text):  # a name or a pen name, one word
            is_name_like = _PEN_NAME.match(text) and not _NOT_A_PEN_NAME.search(text)
            return (Author(text),) if is_name_like and not _is_publisher(text, self.page) else ()
        return _persons(_BY.sub("", text), self.page)

    def signatures(self) -> tuple[Author, ...]:
        """Read a name that alone, and set apart, ends the text."""
        return merge_authors(*(_persons(line, self.page) for line in self.signed if _is_titled(line)))

    def corporate_line(self) -> tuple[Author, ...]:
        names = (match[1] for line in self.lines if (match := _CORPORATE_LINE.match(line)))
        return tuple(Author(name) for name in [*names][:1])


def _persons(name: str, page: Page) -> tuple[Author, ...]:
    """Read an author told in the head of a page. Sites put themselves there: only what is a person's name counts."""
    if name in page.site_names or _NOT_A_PERSON.search(name):
        return ()
    people = read_spaced(name) or read_people(name)
    if not _HAN.search(name):
        return tuple(one for one in people if is_spaced_name(one.name) and one.name not in page.site_names)
    if page.language == "ja":  # family and given name, parted by a space
        return (Author(name),) if re.fullmatch(r"[\u3400-\u9fff々]{1,4}[ \u3000]\S{1,6}", name) else ()
    return people if all(is_name(one.name) for one in people) else ()


def _linked_authors(value: Any, page: Page) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and post of the authors of a JSON-LD object, references (@id) followed."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and "name" not in one and "@id" in one:
            one = next((each for each in page.linked_data if each.get("@id") == one["@id"] and "name" in each), {})
        names = one.get("name") if isinstance(one, dict) else one
        kind = str(one.get("@type") or "") if isinstance(one, dict) else ""
        role = text_of(one.get("jobTitle")) if isinstance(one, dict) else ""
        for name in names if isinstance(names, list) else [names]:
            text = tidy(text_of(name))
            if text:
                yield text, kind, role


def _linked_author(name: str, kind: str, role: str, page: Page) -> tuple[tuple[Author, ...], bool]:
    """Read one author of the JSON-LD, and tell whether it is a person. One said to be counts under any name but the site's."""
    name = _BEHIND.sub("", _BY.sub("", name)).strip(" ,;.-–—|")
    if len(name) < 2 or is_account(name):
        return (), False
    role = role if len(role) <= ROLE_CHARS else ""
    if _ORGANISATION.search(kind) or _is_publisher(name, page):
        return ((Author(name),), False) if len(name) <= NAME_CHARS else ((), False)
    people = _persons(name, page)
    if people:
        return tuple(Author(one.name, one.role or (role or None)) for one in people), True
    if len(name) > NAME_CHARS:
        return (), False
    said = "Person" in kind and (not _HAN.search(name) or is_name(name))
    return (Author(name, role or None),), said


def _is_publisher(name: str, page: Page) -> bool:
    """Tell whether a name is the site's, or a part of it."""
    letters = letters_of(name).casefold()
    return any(letters in letters_of(site).casefold() for site in page.site_names)


def _is_titled(line: str) -> bool:
    """Tell whether a line is two to four words, each with a capital: as names are, in scripts that have them."""
    words = line.split()
    return 2 <= len(words) <= 4 and all(word[0].isupper() for word in words) and is_spaced_name(line)


def _text(element: Any) -> str:
    return " ".join(block.text for block in read_blocks(element).blocks)
