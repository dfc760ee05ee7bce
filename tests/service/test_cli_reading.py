"""What people and programs read of a home."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import update

from archive.ledger import schema


def test_people_see_chinese_in_aligned_columns(lianzai: Any, series: Any) -> None:
    """Each column begins at the same place whatever the widths before it."""
    from archive.terminal import width

    lines = lianzai("articles", "qushui", home=series.home.root).stdout.splitlines()
    starts = {
        width(line[: line.index(one)]) for line, one in zip(lines[1:4], ("aaaaaa", "bbbbbb", "cccccc"), strict=True)
    }

    assert len(starts) == 1
    assert "济源：水从这里分开" in lines[1]


def test_colours_are_for_terminals_without_no_color(lianzai: Any, series: Any, on_a_terminal: Any) -> None:
    """A pipe gets plain text; NO_COLOR is obeyed (no-color.org)."""
    home = series.home.root

    assert "\x1b[" not in lianzai("status", home=home).stdout
    assert "\x1b[" in on_a_terminal("status", home=home)
    assert "\x1b[" not in on_a_terminal("status", home=home, NO_COLOR="1")


def test_a_title_cannot_steer_the_terminal(series: Any, reading: Any, on_a_terminal: Any) -> None:
    """Titles come from the network; an escape sequence in one is shown, not obeyed."""
    series.add_article("dddddd-4", reading(title="标题\x1b]0;owned\x07\x1b[2J\x9b2J"), position=4)
    views = (
        ["articles", "qushui"],
        ["show", "dddddd-4"],
        ["show", "dddddd-4", "--format", "md"],
        ["show", "d", "--json"],
    )

    for arguments in (*views, ["show", "\x1b[2J"]):
        written = on_a_terminal(*arguments, home=series.home.root)

        assert "\x1b]0" not in written
        assert "\x1b[2J" not in written
        assert "\x9b" not in written


def test_every_view_gives_one_json_document(lianzai: Any, series: Any) -> None:
    """Nothing else stands on stdout, and nothing on stderr."""
    for arguments in (
        ["status"],
        ["articles", "qushui"],
        ["show", "qushui/济源"],
        ["diff", "aaaaaa"],
        ["history", "qushui"],
    ):
        result = lianzai(*arguments, "--json", home=series.home.root)

        json.loads(result.stdout)
        assert (result.returncode, result.stderr, result.stdout.count("\n")) == (0, "", 1)


def test_json_is_utf8_in_any_locale(lianzai: Any, series: Any) -> None:
    """A program that reads JSON expects UTF-8, wherever it is started."""
    result = lianzai(
        "show", "aaaaaa-1", "--json", home=series.home.root, LANG="C", LC_ALL="C", PYTHONIOENCODING="ascii"
    )

    assert "济源：水从这里分开" in result.stdout


def test_people_get_what_their_locale_can_show(lianzai: Any, series: Any) -> None:
    """A terminal without Chinese gets escapes, not a traceback."""
    result = lianzai("show", "aaaaaa-1", home=series.home.root, PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert "\\u6d4e\\u6e90" in result.stdout


def test_a_publication_has_the_time_of_its_publisher(lianzai: Any, series: Any, reading: Any) -> None:
    """Half past seven in the morning in Zhengzhou is the day before in UTC: a time without its zone would be another day."""
    early = {"published": "2018-08-19T23:32:00Z", "published_precision": "minute"}
    series.add_article("dddddd-4", reading(**early, published_local="2018-08-20T07:32:00+08:00"), position=4)
    series.add_article("eeeeee-5", reading(**early), position=5)

    told, guessed = (lianzai("show", one, home=series.home.root, TZ="UTC").stdout for one in ("dddddd-4", "eeeeee-5"))

    assert "2018-08-20 07:32 +08:00" in told
    assert "2018-08-19 23:32 +00:00" in guessed


def test_a_diff_shows_what_went_and_what_came(lianzai: Any, series: Any) -> None:
    """Readable without colours too."""
    result = lianzai("diff", "qushui/济源", home=series.home.root)

    assert "济源：水从这里分{+开+}" in result.stdout


def test_an_article_is_typeset_in_its_order(lianzai: Any, series: Any) -> None:
    """Title, byline, note, highlights, body, then where it came from."""
    text = lianzai("show", "qushui/济源", home=series.home.root).stdout

    parts = ["济源：水从", "沈渡（济源市渠务所所长）", "编者按", "一条渠", "　　渠水自西", "read from"]
    assert sorted(text.index(part) for part in parts) == [text.index(part) for part in parts]


def test_history_since_leaves_earlier_events_out(lianzai: Any, series: Any) -> None:
    """A time, a day or an age."""
    kinds = []
    for since in ("2018-09-01T05:00:00Z", "2018-09-02", "1d"):
        result = lianzai("history", "qushui", "--since", since, "--json", home=series.home.root)
        kinds.append([one["kind"] for one in json.loads(result.stdout)])

    assert kinds == [["captured", "revised"], ["revised"], []]


def test_reading_does_not_wait_for_a_writer(lianzai: Any, series: Any) -> None:
    """A crawl writes while people look: `status` must answer from what was committed last, and hold up nobody."""
    with series.ledger.write() as connection:
        connection.execute(update(schema.SERIES).values(title="未定"))
        result = lianzai("status", "--json", home=series.home.root)

    assert result.returncode == 0
    assert json.loads(result.stdout)["series"][0]["title"] == "渠水流过十八城"
