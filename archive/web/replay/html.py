"""Rewrite a page: every address that a browser would load, follow or send to is led into the archive; all else stays to the byte.

Takes   the page as text in which each byte is a character (Latin-1), whatever its charset holds of ASCII: GBK, UTF-8, Big5.
Gives   the same with other values in some attributes, style elements and style attributes.
Writes  nothing. Never raises, whatever the page; linear in its length.

It is a tokenizer and no parser: what a browser makes of broken markup stays the browser's. Where the two could disagree about
what is markup, the policy of the answer (policy.py) still lets nothing out.
Source: HTML, 13.2.5 (tokenization), 13.2.6.2 and .3 (raw text); for attributes that lead somewhere 4.2 to 4.12, 16.2, and SVG 2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from ...markup.css import rewrite_css
from ...markup.srcset import rewrite_srcset
from .links import Links
from .refresh import refreshed
from .tags import WS, Attribute, attribute_value, in_css, in_html, in_url, read_attributes, unescaped

_TOKEN = re.compile(rf"<(?:(!--)|(/?)([A-Za-z][^{WS}/>]*+)|([!?/]))")
# Text and tags that nothing is changed in, passed at once: a third of the time on a page of a newspaper. Only what is spelt in
# the usual way and has no attribute but these.
_SEEN = "svg|math|style|script|textarea|title|xmp|iframe|noembed|noframes|noscript|plaintext|base|meta|link|a|area|form|html|head"
_PASSED = (
    r"class|id|alt|title|type|value|name|role|lang|dir|width|height|align|valign|border|cellpadding|cellspacing|colspan|rowspan"
    r"|color|size|face|bgcolor|rel|tabindex|hidden|placeholder|aria-[a-z]++|data-(?!src|original|lazy|actual)[a-z0-9-]++"
)
_QUIET = re.compile(
    rf"(?:[^<]++|</(?!(?:svg|math)[{WS}/>])[A-Za-z][A-Za-z0-9]*+>"
    rf"|<(?!(?:{_SEEN})[{WS}/>])[A-Za-z][A-Za-z0-9]*+(?:[{WS}]++(?:{_PASSED})(?:=\"[^\"]*+\")?+(?=[{WS}/>]))*+[{WS}]*+/?>)*+",
    re.IGNORECASE,
)
_COMMENT_END = re.compile(r"--!?>")
_SCRIPT = re.compile(rf"<!--|-->|<(/?)script(?=[{WS}/>])", re.IGNORECASE)
_BASE = re.compile(r"<base[\s/]", re.IGNORECASE)
_PI_HREF = re.compile(r"(<\?xml-stylesheet\b[^>]*?\bhref\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)

# Elements whose content is text up to their end tag.
_TEXTS: Final = frozenset({"textarea", "title", "xmp", "iframe", "noembed", "noframes"})
_LINKS: Final = frozenset({"a", "area", "form", "button", "input"})
_FRAMES: Final = frozenset({"iframe", "frame", "embed", "object", "fencedframe", "portal"})
_DATA: Final = frozenset({"src", "background", "poster", "lowsrc", "dynsrc", "codebase", "archive", "classid", "icon"})
_LAZY: Final = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_LAZY_SETS: Final = ("data-srcset", "data-lazy-srcset")
_LAZY_TAGS: Final = frozenset({"img", "source", "iframe", "video", "audio", "embed"})
# What would connect to a server, let others see what is read, or hinder what we put in its place.
_DROPPED: Final = frozenset(
    {"ping", "integrity", "crossorigin", "referrerpolicy", "manifest", "attributionsrc", "csp", "xml:base"}
)
_KEPT_EQUIVS: Final = frozenset(
    {"content-type", "content-language", "x-ua-compatible", "default-style", "pragma", "expires", "cache-control"}
)
_AHEAD: Final = frozenset({"dns-prefetch", "preconnect", "prefetch", "prerender", "manifest", "import", "expect"})
_ICONS: Final = frozenset(
    {"icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image", "mask-icon", "image_src"}
)
_DEEPEST: Final = 8  # pages within pages, by srcdoc
_TOP: Final = frozenset({"_top", "_parent"})


class Edit(NamedTuple):
    """Other text in place of what stands from start to end."""

    start: int
    end: int
    text: str


def rewrite_html(text: str, links: Links, *, in_frame: bool = False, xml: bool = False, insert: str = "") -> str:
    """Rewrite a page.

    in_frame: it stands in a frame of an archived page, so its links stay there. xml: it is XHTML or SVG. insert: markup that is
    put before all that could run or load.
    """
    return _Page(text, links, in_frame=in_frame, xml=xml, insert=insert).rewritten()


class _Page:
    def __init__(self, text: str, links: Links, *, in_frame: bool, xml: bool, insert: str, depth: int = 0) -> None:
        self._text, self._links, self._in_frame, self._xml, self._depth = text, links, in_frame, xml, depth
        self._first = self._insert = insert
        self._parts: list[str] = []
        self._done = 0
        self._foreign = 0  # svg and math elements that are open
        self._target = ""  # of <base>
        self._bases: list[dict[str, str]] = []  # attributes of all <base>

    def rewritten(self) -> str:
        if _BASE.search(self._text):
            self._take_base()
        self._walk()
        self._parts.append(self._text[self._done :])
        return "".join(self._parts)

    def _walk(self) -> None:
        """Go through the page once."""
        text, at = self._text, 0
        while True:
            if not self._insert and not self._foreign:
                at = _QUIET.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
            token = _TOKEN.search(text, at)
            if token is None:
                break
            comment, closes, name, other = token.groups()
            if name:
                at = self._tag(token.start(), token.end(), name.lower(), closes=bool(closes))
            elif comment:
                at = self._behind_comment(token.end())
            else:
                at = self._behind_other(token.start(), other)

    # ---------------------------------------------------------------------------------------------------------- tokens

    def _tag(self, start: int, at: int, name: str, *, closes: bool) -> int:
        """Pass a tag, and the text behind it where that is no markup; gives where to go on."""
        attributes, end = read_attributes(self._text, at)
        if name in ("svg", "math"):
            self._foreign = (
                max(self._foreign + (-1 if closes else 1), 0) if self._text[end - 2 : end] != "/>" else self._foreign
            )
        if closes:
            return end
        if self._insert and name not in ("html", "head"):
            self._put(Edit(start, start, self._insert))
            self._insert = ""
        if attributes:
            self._edit(name, attributes)
        if self._insert and name == "head":
            self._put(Edit(end, end, self._insert))
            self._insert = ""
        return self._behind_text(name, end)

    def _behind_text(self, name: str, at: int) -> int:
        """Pass the text of an element whose content is no markup."""
        if name == "style":
            end = self._style_end(at)
            css = rewrite_css(self._text[at:end], self._links.in_css)
            if css != self._text[at:end]:
                self._put(Edit(at, end, css))
            return end
        if self._xml or self._foreign:
            return at
        if name == "script":
            return self._script_end(at)
        if name == "plaintext":
            return len(self._text)
        return self._text_end(name, at) if name in _TEXTS or (name == "noscript" and self._links.scripted) else at

    def _text_end(self, name: str, at: int) -> int:
        found = _end_tag(name).search(self._text, at)
        return found.start() if found else len(self._text)

    def _style_end(self, at: int) -> int:
        """Find where a style sheet ends: in SVG, and in XHTML, it is text like any other."""
        if not (self._xml or self._foreign):
            return self._text_end("style", at)
        while (end := self._text.find("<", at)) >= 0 and self._text.startswith("<![CDATA[", end):
            at = self._text.find("]]>", end) + 3
            if at < 3:
                break
        return end if end >= 0 else len(self._text)

    def _script_end(self, at: int) -> int:
        """Find the end tag of a script: not one that a comment in it hides behind another <script>."""
        is_escaped = is_double = False
        for found in _SCRIPT.finditer(self._text, at):
            match found[0]:
                case "<!--":
                    is_escaped = True
                case "-->":
                    is_escaped = is_double = False
                case _ if not found[1]:
                    is_double = is_escaped
                case _ if is_double:
                    is_double = False
                case _:
                    return found.start()
        # Nothing closes it. A browser that finds no end takes all the rest as the script; so do we.
        return len(self._text)

    def _behind_comment(self, at: int) -> int:
        if self._text.startswith(">", at) or self._text.startswith("->", at):
            return self._text.index(">", at) + 1
        found = _COMMENT_END.search(self._text, at)
        return found.end() if found else len(self._text)

    def _behind_other(self, start: int, first: str) -> int:
        """Pass a doctype, a processing instruction, a bogus comment, CDATA."""
        if (self._xml or self._foreign) and self._text.startswith("<![CDATA[", start):
            # Where SVG in HTML ends is the parser's to say: there it is looked into, for it might be markup.
            end = self._text.find("]]>", start) if self._xml else start + 6
            return end + 3 if end >= 0 else len(self._text)
        if first == "?" and (sheet := _PI_HREF.match(self._text, start)):
            link = self._links.style(unescaped(sheet[2][1:-1], in_url))
            if link is not None:
                self._put(Edit(sheet.start(2), sheet.end(2), f'"{attribute_value(link)}"'))
        return self._text.find(">", start) + 1 or len(self._text)

    def _take_base(self) -> None:
        """Read the page once for its first <base> with an address and the first with a target: they count for all of it."""
        seen = _Page(self._text, self._links.inner(), in_frame=False, xml=self._xml, insert="", depth=_DEEPEST)
        seen._walk()
        self._target = next((one["target"] for one in seen._bases if "target" in one), "")
        written = next((one["href"] for one in seen._bases if "href" in one), None)
        if written is not None:
            self._links.rebase(unescaped(written, in_url))

    def _put(self, edit: Edit) -> None:
        self._parts += [self._text[self._done : edit.start], edit.text]
        self._done = edit.end

    # ------------------------------------------------------------------------------------------------------ attributes

    def _edit(self, name: str, attributes: list[Attribute]) -> None:
        """Change what must be changed in a start tag."""
        found = {one.name: one.value for one in reversed(attributes)}  # of two alike the first counts
        if name == "base":
            self._bases.append(found)
        edits = [edit for one in attributes if (edit := self._edited(name, one, found)) is not None]
        added = self._target_of(name, found, attributes) + self._lazy(name, found, attributes)
        edits += [edit for edit in added if edit.start != edit.end]
        fresh = "".join(edit.text for edit in added if edit.start == edit.end)
        if fresh:
            behind = attributes[-1].end
            edits.append(Edit(behind, behind, fresh))
        replaced = {edit.start: edit for edit in edits}  # what is added last is what holds
        for start in sorted(replaced):
            self._put(replaced[start])

    def _edited(self, name: str, one: Attribute, found: dict[str, str]) -> Edit | None:
        """Change one attribute; None where it stays."""
        match one.name:
            case dropped if dropped in _DROPPED:
                return _renamed(one)
            case "srcset" | "imagesrcset":
                return self._valued(one, rewrite_srcset(unescaped(one.value, in_url), self._links.aside))
            case "style":
                return self._css(one)
            case "srcdoc" if name == "iframe":
                return self._valued(one, self._inner(one)) if self._depth < _DEEPEST else _renamed(one)
            case "href" | "xlink:href" | "action" | "formaction" | "data" | "longdesc" | "cite":
                return self._address(name, one, found)
            case loaded if loaded in _DATA:
                return self._address(name, one, found)
            case "http-equiv" | "name" | "content" if name == "meta":
                return self._meta(one, found)
            case "rel" if name == "link" and _rels(found) & _AHEAD:
                return _renamed(one)
            case _:
                return self._css(one) if self._foreign and "url(" in one.value.lower() else None

    def _inner(self, one: Attribute) -> str:
        """Rewrite the page that an attribute holds."""
        text = unescaped(one.value, in_html)
        return _Page(
            text, self._links.inner(), in_frame=True, xml=False, insert=self._first, depth=self._depth + 1
        ).rewritten()

    def _address(self, name: str, one: Attribute, found: dict[str, str]) -> Edit | None:
        """Change an attribute that holds an address."""
        lead = self._leads(name, one.name, found)
        link = lead(unescaped(one.value, in_url)) if lead is not None else None
        return None if link is None else self._valued(one, link)

    def _leads(self, name: str, attribute: str, found: dict[str, str]) -> Callable[[str], str | None] | None:
        """Say where an address leads: to a page, a frame, a style sheet, a picture."""
        links = self._links
        if attribute in ("href", "xlink:href"):
            if name == "base":
                return lambda _: links.base()
            if name == "link":
                rels = _rels(found)
                as_style = "stylesheet" in rels or (
                    "preload" in rels and found.get("as", "").strip().lower() == "style"
                )
                is_data = rels & _ICONS or rels & {"preload", "modulepreload"}
                return links.style if as_style else links.aside if is_data else links.page
            return self._page_link(found) if name in ("a", "area") else links.data
        if attribute in ("action", "formaction"):
            return links.below if _is_sent(found) else self._page_link(found)
        if attribute == "data":
            return links.frame if name == "object" else None
        if attribute in ("longdesc", "cite"):
            return links.page
        if attribute == "src" and name in _FRAMES:
            return links.frame
        return links.aside if name == "script" else links.data

    def _page_link(self, found: dict[str, str]) -> Callable[[str], str | None]:
        return lambda written: self._links.page(written, in_frame=self._stays(self._target_in(found)))

    def _stays(self, target: str) -> bool:
        """Say whether a link opens in a frame of the archived page: its own, or one with a name."""
        return self._in_frame if target in ("", "_self") else not target.startswith("_")

    def _target_in(self, found: dict[str, str]) -> str:
        return (found.get("target", "") or found.get("formtarget", "") or self._target).strip().lower()

    def _target_of(self, name: str, found: dict[str, str], attributes: list[Attribute]) -> list[Edit]:
        """Let a link that replaces the page replace the banner's as well."""
        if self._links.scripted or not (name == "form" or (name in ("a", "area") and "href" in found)):
            return []
        if _is_sent(found):
            return self._set("target", "_self", attributes) if self._target_in(found) in _TOP else []
        target, written = self._target_in(found), found.get("href", found.get("action", ""))
        if self._stays(target) or not (target in _TOP or target in ("", "_self")):
            return []
        if name != "form" and self._links.page(unescaped(written, in_url)) is None:
            return []  # a place in the page, or no page at all
        own = next((one for one in attributes if one.name == "target"), None)
        return [Edit(own.at, own.end, '="_top"') if own else Edit(0, 0, ' target="_top"')]

    def _lazy(self, name: str, found: dict[str, str], attributes: list[Attribute]) -> list[Edit]:
        """Show what a script would have put in place of a placeholder, where scripts are off."""
        if self._links.scripted or name not in _LAZY_TAGS:
            return []
        edits = []
        lazy = next((found[one] for one in _LAZY if "/" in found.get(one, "") or "." in found.get(one, "")), None)
        if lazy is not None:
            written = unescaped(lazy, in_url)
            link = self._links.frame(written) if name in _FRAMES else self._links.data(written)
            edits += self._set("src", link, attributes)
        lazy = next((found[one] for one in _LAZY_SETS if one in found), None)
        if lazy is not None:
            edits += self._set("srcset", rewrite_srcset(unescaped(lazy, in_url), self._links.aside), attributes)
        return edits

    def _set(self, name: str, value: str | None, attributes: list[Attribute]) -> list[Edit]:
        if value is None:
            return []
        own = next((one for one in attributes if one.name == name), None)
        quoted = f'="{attribute_value(value)}"'
        return [Edit(own.at, own.end, quoted) if own else Edit(0, 0, f" {name}{quoted}")]

    def _meta(self, one: Attribute, found: dict[str, str]) -> Edit | None:
        equiv = found.get("http-equiv", "").strip(WS).lower()
        if one.name == "http-equiv":
            return None if equiv in _KEPT_EQUIVS or equiv == "refresh" else _renamed(one)
        if one.name == "name":
            return _renamed(one) if one.value.strip(WS).lower() == "referrer" else None
        if equiv != "refresh":
            return None
        return self._valued(one, refreshed(unescaped(one.value, in_url), self._links, in_frame=self._in_frame))

    def _css(self, one: Attribute) -> Edit | None:
        if "(" not in one.value and "&" not in one.value:
            return None
        written = unescaped(one.value, in_css)
        css = rewrite_css(written, self._links.in_css)
        return self._valued(one, css) if css != written else None

    def _valued(self, one: Attribute, value: str) -> Edit | None:
        return Edit(one.at, one.end, f'="{attribute_value(value)}"')


_END_TAGS: dict[str, re.Pattern[str]] = {}


def _end_tag(name: str) -> re.Pattern[str]:
    if name not in _END_TAGS:
        _END_TAGS[name] = re.compile(rf"</{name}(?=[{WS}/>])", re.IGNORECASE)
    return _END_TAGS[name]


def _renamed(one: Attribute) -> Edit:
    """Keep an attribute under a name that does nothing."""
    return Edit(one.start, one.at, f"data-archived-{one.name.replace(':', '-')}")


def _is_sent(found: dict[str, str]) -> bool:
    """Say whether a form sends a body: its answer stays within the banner, whose frame could only be asked without one."""
    return found.get("method", found.get("formmethod", "")).strip(WS).lower() == "post"


def _rels(found: dict[str, str]) -> set[str]:
    return set(found.get("rel", "").lower().split())
