"""The lines of keys: tomllib forgets them, errors need them."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.profile.lines import MAX_DEPTH, KeyPath, find_lines, line_of

TRICKY = '''# comment = "with # and ["
[series]  # [not.a.table]
id = "a" # = 1
"quoted key" = 'it = "x" # no comment'
'lit.eral' = 1
dotted . "in side".end = 2
text = """
[fake]
fake = 1 \\""" # still text
"""""
raw = \'\'\'
other = 2
\'\'\'\'
list = [ # [
  "a]",

  ["b", { c = 1, "d" = [
    2] } ], # ,
]
[ source . "k d" ]
when = 2018-08-30 10:05:00 # a blank within a value
inline = { a = { b.c = "}" }, z = [] }
[[many]]
x = 1
[many.sub]
y = 1
[[many]]
x = 2
'''


def test_every_key_of_a_tricky_text_has_its_line() -> None:
    """Each construct here misleads a search by regular expression."""
    expected: dict[KeyPath, int] = {
        ("series",): 2,
        ("series", "id"): 3,
        ("series", "quoted key"): 4,
        ("series", "lit.eral"): 5,
        ("series", "dotted"): 6,
        ("series", "dotted", "in side"): 6,
        ("series", "dotted", "in side", "end"): 6,
        ("series", "text"): 7,
        ("series", "raw"): 11,
        ("series", "list"): 14,
        ("series", "list", 0): 15,
        ("series", "list", 1): 17,
        ("series", "list", 1, 0): 17,
        ("series", "list", 1, 1): 17,
        ("series", "list", 1, 1, "c"): 17,
        ("series", "list", 1, 1, "d"): 17,
        ("series", "list", 1, 1, "d", 0): 18,
        ("source",): 20,
        ("source", "k d"): 20,
        ("source", "k d", "when"): 21,
        ("source", "k d", "inline"): 22,
        ("source", "k d", "inline", "a"): 22,
        ("source", "k d", "inline", "a", "b"): 22,
        ("source", "k d", "inline", "a", "b", "c"): 22,
        ("source", "k d", "inline", "z"): 22,
        ("many",): 23,
        ("many", 0): 23,
        ("many", 0, "x"): 24,
        ("many", 0, "sub"): 25,
        ("many", 0, "sub", "y"): 26,
        ("many", 1): 27,
        ("many", 1, "x"): 28,
    }
    tomllib.loads(TRICKY)

    assert find_lines(TRICKY) == expected


def test_a_table_header_is_a_better_place_than_the_line_that_implied_it() -> None:
    """[a.b] may come before [a]; an error about [a] should point to its own header."""

    assert find_lines("[a.b]\nx = 1\n[a]\ny = 2")[("a",)] == 3


def test_what_has_no_line_of_its_own_has_that_of_what_is_around_it() -> None:
    """A missing key is reported where its table begins."""
    lines = find_lines("\n[a]\nb = 1")

    assert line_of(lines, ("a", "missing")) == 2
    assert line_of(lines, ("other",)) is None


@pytest.mark.parametrize("text", ["a." * 100_000 + "b = 1", "a = " + "[" * 5_000, f"[{'a.' * MAX_DEPTH}b]\nx = 1"])
def test_depth_without_end_is_refused_at_once(text: str) -> None:
    """tomllib needs a time that grows with the square of the depth, or runs out of stack."""
    with pytest.raises(RecursionError):
        find_lines(text)


# ---------------------------------------------------------------------------------- any text that a writer may write

names = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True), st.sampled_from(["a.b", "#", "[x]", "=", '"', "'", " ", "键"])
)
texts = st.text(st.sampled_from(list("ab#=[]{},.'\"\\\n \t键")), max_size=12)
scalars = st.one_of(
    st.integers(-99, 99), st.booleans(), texts, st.dates(), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
comments = st.sampled_from(["", " # [a]", ' # x = "', " #'''", '\t# """'])
documents = st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4)


class Writer:
    """Writes TOML in styles that `draw` chooses, and notes on which line it put what."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.out = ""
        self.expected: dict[KeyPath, int] = {}

    def note(self, path: KeyPath) -> None:
        self.expected.setdefault(path, self.out.count("\n") + 1)

    def key(self, name: str) -> str:
        bare = name.isascii() and name.replace("-", "a").replace("_", "a").isalnum()
        styles = [json.dumps(name)] + ([name] if bare else []) + ([f"'{name}'"] if "'" not in name else [])
        return self.draw(st.sampled_from(styles))

    def string(self, text: str) -> str:
        styles = [json.dumps(text)]
        escaped = text.replace("\\", "\\\\")
        # Up to two quotes may stand side by side, even at the end.
        if '"""' not in text and not escaped.startswith("\n"):
            styles.append(f'"""{escaped}"""' if not escaped.endswith("\\") else json.dumps(text))
        if "'" not in text:
            styles.append(f"'''\n{text}'''")
            if "\n" not in text:
                styles.append(f"'{text}'")
        return self.draw(st.sampled_from(styles))

    def space(self) -> None:
        """White space as it may stand between the items of a list."""
        self.out += self.draw(st.sampled_from(["", " ", "\n", "\n  ", " # ]\n"]))

    def value(self, value: Any, path: KeyPath) -> None:
        if isinstance(value, str):
            self.out += self.string(value)
        elif isinstance(value, bool):
            self.out += "true" if value else "false"
        elif isinstance(value, list):
            self.array(value, path)
        elif isinstance(value, dict):
            self.inline(value, path)
        else:
            self.out += repr(value) if isinstance(value, (int, float)) else value.isoformat()

    def array(self, items: list[Any], path: KeyPath) -> None:
        self.out += "["
        for index, item in enumerate(items):
            self.space()
            self.note((*path, index))
            self.value(item, (*path, index))
            self.space()
            self.out += "," if index < len(items) - 1 or self.draw(st.booleans()) else ""
        self.space()
        self.out += "]"

    def inline(self, table: dict[str, Any], path: KeyPath) -> None:
        self.out += "{ "
        for index, (name, item) in enumerate(table.items()):
            self.out += ", " if index else ""
            self.pair(name, item, path)
        self.out += " }"

    def pair(self, name: str, value: Any, path: KeyPath) -> None:
        self.note((*path, name))
        self.out += f"{self.key(name)}{self.draw(st.sampled_from([' = ', '=', ' =']))}"
        self.value(value, (*path, name))

    def document(self, tables: dict[str, dict[str, Any]]) -> None:
        for name, table in tables.items():
            self.out += self.draw(st.sampled_from(["", "\n", "# [x]\n", "  "]))
            self.note((name,))
            self.out += f"[{self.key(name)}]{self.draw(comments)}\n"
            for key, value in table.items():
                self.out += self.draw(st.sampled_from(["", "\n", "# y = 1\n", "\t"]))
                self.pair(key, value, (name,))
                self.out += f"{self.draw(comments)}\n"


@given(documents, st.data())
def test_each_key_is_found_on_the_line_where_it_was_written(
    tables: dict[str, dict[str, Any]], data: st.DataObject
) -> None:
    """A wrong line sends the reader to an innocent key. The writer alone knows the right ones."""
    writer = Writer(data)
    writer.document(tables)

    assert tomllib.loads(writer.out) == tables
    assert find_lines(writer.out) == writer.expected


@given(st.text(st.sampled_from(list("[]{}=.,#\"'\\\n ab1键")), max_size=60))
def test_every_text_that_tomllib_takes_has_lines_for_its_keys(text: str) -> None:
    """Whatever the style, no key of valid TOML is without a line; invalid TOML raises nothing but ValueError."""
    try:
        tables = tomllib.loads(text)
    except ValueError:
        tables = None
    try:
        lines = find_lines(text)
    except ValueError:
        lines = {}
    missing = [key for key in tables or {} if (key,) not in lines]

    assert missing == []
