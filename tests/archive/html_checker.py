"""Says what is wrong with a page as HTML: a small checker that knows what our templates use.

Takes   the text of a page. Gives: faults, in words. Writes nothing.

Source: WHATWG HTML: 13.1.2 (void elements, optional tags, attributes), 3.2.6 (ids), 4.4 and 4.5 (what may stand in a
paragraph and in a link), 4.10.4 (labels); WAI-ARIA 1.2, 6.6 (aria-labelledby, aria-describedby).
"""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# Drawn in SVG, where any element may close itself.
CLOSING = frozenset({"rect", "circle", "path", "line"})
PHRASING_ONLY = frozenset(
    {"p", "h1", "h2", "h3", "h4", "dt", "summary", "span", "b", "i", "small", "bdi", "label", "code", "time"}
)
FLOW = frozenset(
    {"p", "div", "section", "article", "aside", "nav", "main", "header", "footer", "figure", "table", "ul", "ol", "dl",
     "form", "h1", "h2", "h3", "h4", "details", "blockquote"}
)  # fmt: skip
INTERACTIVE = frozenset({"a", "button", "input", "select", "details", "iframe"})
HOLDERS = {
    "li": ("ul", "ol"), "dt": ("dl", "div"), "dd": ("dl", "div"), "tr": ("table", "thead", "tbody"), "td": ("tr",),
    "th": ("tr",), "figcaption": ("figure",), "option": ("select",), "summary": ("details",), "caption": ("table",),
}  # fmt: skip
ONLY = {"ul": ("li",), "ol": ("li",), "dl": ("dt", "dd", "div"), "tr": ("td", "th"), "tbody": ("tr",), "thead": ("tr",)}


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.named: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[str | None] = []
        self.titles = self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        told = dict(attrs)
        if len(set(names)) != len(names):
            self.fault(f"an attribute twice in <{tag}>")
        parent = self.open[-1] if self.open else ""
        if tag in HOLDERS and parent not in HOLDERS[tag]:
            self.fault(f"<{tag}> in <{parent}>")
        if parent in ONLY and tag not in ONLY[parent]:
            self.fault(f"<{tag}> right in <{parent}>")
        if tag in FLOW and (within := next((one for one in reversed(self.open) if one in PHRASING_ONLY), None)):
            self.fault(f"<{tag}> within <{within}>")
        if tag in INTERACTIVE and (within := next((one for one in self.open if one in ("a", "button")), None)):
            self.fault(f"<{tag}> within <{within}>")
        if tag == "img" and "alt" not in told:
            self.fault("<img> without alt")
        if tag in ("input", "select") and told.get("type") != "hidden":
            self.inputs.append("" if "label" in self.open or told.get("aria-label") else told.get("id"))
        if tag == "label":
            self.labelled.add(told.get("for") or "")
        self.titles += tag == "title" and "svg" not in self.open
        self.headings += tag == "h1"
        if "id" in told:
            self.ids.append(told["id"] or "")
        for name in ("aria-labelledby", "aria-describedby"):
            self.named += (told.get(name) or "").split()
        if (told.get("href") or "").startswith("#"):
            self.named.append(str(told["href"])[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()
            if tag not in CLOSING:
                self.fault(f"<{tag}/> does not close")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.fault(f"</{tag}> closes <{self.open[-1] if self.open else ''}>")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open and self.open[-1] in (*ONLY, "table", "select"):
            self.fault(f"text right in <{self.open[-1]}>: {data.strip()[:30]}")

    def fault(self, words: str) -> None:
        self.faults.append(f"{words}, line {self.getpos()[0]}")


def faults(text: str) -> list[str]:
    """Check a page."""
    checker = _Checker()
    checker.feed(text)
    checker.close()
    found = checker.faults + [f"<{tag}> is not closed" for tag in checker.open]
    ids = checker.ids
    found += [f"id {one!r} twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    found += [f"id {one!r} is no id" for one in ids if not one or any(char.isspace() for char in one)]
    found += [f"no element has the id {one!r}" for one in sorted(set(checker.named) - set(ids))]
    found += [
        "a field without a label" for one in checker.inputs if one is None or (one and one not in checker.labelled)
    ]
    if (checker.titles, checker.headings) != (1, 1):
        found.append(f"{checker.titles} titles and {checker.headings} first headings")
    if not text.startswith("<!DOCTYPE html>\n<html lang="):
        found.append("no doctype, or no language")
    return found
