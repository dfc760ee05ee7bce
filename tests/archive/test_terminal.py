"""Text for people keeps its columns and cannot steer the terminal; the log keeps secrets."""

from __future__ import annotations

import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from archive.logs import JsonLines, Masking, People
from archive.terminal import clip, plain, safe, table, width, wrap

TEXTS = st.text(alphabet="渠水，。ab c“”\u0301Ａ", max_size=60)


def test_widths_are_those_of_a_terminal() -> None:
    """Wide characters take two columns, combining marks and colours none (Unicode Standard Annex 11)."""
    widths = [width(text) for text in ("abc", "渠水", "Ａ，", "e\u0301", "\x1b[31mab\x1b[0m", "\u200b", "")]

    assert widths == [3, 4, 4, 1, 2, 0, 0]


@given(TEXTS, st.integers(1, 40))
def test_a_clipped_text_fits(text: str, columns: int) -> None:
    """A title that is too long costs its own end, not the table."""
    assert width(clip(text, columns)) <= columns


@given(TEXTS, st.integers(8, 40))
def test_wrapping_loses_only_spaces_at_line_ends(text: str, columns: int) -> None:
    """The typeset article is the article."""
    lines = wrap(text, columns)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_no_line_begins_with_a_closing_mark() -> None:
    """Chinese typesetting: 。 and ” stay with the word before them, else the line is unreadable."""
    lines = wrap("渠水自西而来，绕城半周。“三回闸。”", 12)

    assert all(width(line) <= 14 for line in lines)
    assert not [line for line in lines if line[0] in "，。”"]


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=5))
def test_columns_begin_at_the_same_place(rows: list[tuple[str, str, str]]) -> None:
    """Whatever stands before them."""
    lines = table([[one, two, three + "|"] for one, two, three in rows])
    starts = {width(line) - width(three + "|") for line, (_, _, three) in zip(lines, rows, strict=True)}

    assert len(starts) == 1


@given(st.text(max_size=50))
def test_foreign_text_holds_no_control_characters(text: str) -> None:
    """A title cannot move the cursor, change the window's name or forge a line."""
    shown = safe(plain(text).replace("\n", " ").replace("\t", " "), "utf-8")

    assert not [char for char in shown if char < " " or "\x7f" <= char < "\xa0"]


def record(**fields: object) -> logging.LogRecord:
    """Make a log record of an event with fields."""
    made = logging.LogRecord("crawler.run", logging.INFO, __file__, 1, "%s", ("fetch.failed",), None)
    made.__dict__.update(event="fetch.failed", meaning="-", fields=fields)
    return made


def test_secrets_are_masked_wherever_they_stand() -> None:
    """In text, in nested values, and where JSON would escape them."""
    secret = 'pass"word\n渠'
    fields = {"url": f"http://a:{secret}@q.example/", "headers": {"cookie": [secret]}, "count": 3}
    formatters: list[Masking] = [JsonLines(), People()]
    written = []
    for formatter in formatters:
        formatter.learn([secret])
        written.append(formatter.format(record(**fields)))

    assert not [line for line in written if "word" in line]
    assert json.loads(written[0])["headers"] == {"cookie": ["[secret]"]}
    assert json.loads(written[0])["count"] == 3


def test_a_line_of_the_log_is_one_json_object() -> None:
    """Programs read the log line by line."""
    line = JsonLines().format(record(url="http://q.example/\n", reason="dns"))
    told = json.loads(line)

    assert "\n" not in line
    assert (told["event"], told["level"], told["reason"]) == ("fetch.failed", "info", "dns")
