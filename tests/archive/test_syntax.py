"""What is told of a text that is no TOML: the line, the key, what is wrong and what is allowed, and never a value."""

from __future__ import annotations

import tomllib

import pytest

from archive.syntax import syntax_fault

SECRET = "sEcReT"
MISTAKES = {
    "delay = yes": ("1: column 9: delay: true and false are written so", "true, false"),
    f"auth = {SECRET}:x": ("1: column 8: auth: the text is not in quotes", '"text" in straight quotes'),
    f"auth = “{SECRET}”": ("1: column 8: auth: the quotes are not straight ones", '"text" in straight quotes'),
    "[store]\nurl = \n": ("2: column 7: url: a value is missing", '"text" in straight quotes'),
    "[store]\nurl =": ("2: column 6: url: a value is missing", '"text" in straight quotes'),
    f'auth = "{SECRET}': ("1: column 15: auth: a quote is opened and not closed", '"text" on one line'),
    f'auth = "{SECRET}\nx = 1': ("1: column 15: auth: a text goes on behind the end of its line", '"text" on one line'),
    f"auth = '{SECRET}\nx'": ("1: column 15: auth: a text goes on behind the end of its line", "'text' on one line"),
    f'auth = "C:\\{SECRET}"': ("1: column ", "two of them (\\\\)"),
    f"delay = 1 {SECRET}": ("1: column 11: delay: more on the line than one value", "quotes around all of a text"),
    "delay = 01": ("1: column 10: delay: more on the line than one value", "no zeros before a number"),
    "delay 1": ("1: column 7: no = behind the key", "key = value"),
    "标题 = 1": ("1: column 1: this begins neither a key nor a table", "key = value, [table]"),
    "a = 1\na = 2\nb = 3": ("2: column 6: a: the key stands there a second time", "each key once"),
    "urls = [\n 'a'\n 'b']": ("3: column 2: a list without its end, or without a comma", '["one", "two"]'),
    "urls = ['a'": ("1: column 12: urls: a list without its end", '["one", "two"]'),
    "[fetch\ndelay = 1": ("1: column 7: a table's name without its ]", "[table]"),
    "[a]\n[a]": ("2: column 3: the table [a] stands there a second time", "once, with all of its keys below"),
    "a = {b = 1,}": ("1: column 12: a: no key where one is to stand", "no comma before }"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_is_allowed(text: str) -> None:
    """Whoever wrote it sees the line, and what to write there; "Invalid value" says neither. No value is shown."""
    begin, allowed = MISTAKES[text]
    with pytest.raises(tomllib.TOMLDecodeError) as raised:
        tomllib.loads(text)
    said = str(syntax_fault(text, raised.value))

    assert said.startswith(begin)
    assert allowed in said.partition("; ")[2]
    assert SECRET not in said
    assert "\n" not in said
