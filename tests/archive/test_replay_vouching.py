"""That something was never captured is said only where the indexes that would know of it are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from replay_maker import MadeHome, client
from sqlalchemy import insert

from archive.ledger.schema import FILES, RUNS
from archive.web.room import Room

PAGE, NEVER, TIME = "http://paper.example/a.html", "http://paper.example/never.html", "20180830020500"


@pytest.fixture
def made(filled: Any) -> MadeHome:
    """A home with a page, a WARC and a run that ended."""
    filled.add_series("paper")
    maker = MadeHome(filled.home.root)
    writer = maker.file()
    maker.put(writer, PAGE, TIME, b"<p>here</p>")
    file = {
        "name": writer.close()[0].path.name,
        "series": "paper",
        "serial": 1,
        "bytes": 1,
        "sha256": "sha256:0",
        "records": 3,
    }
    run = {"id": "r9", "series": "paper", "started": "2018-08-30T02:05:00.000Z", "finished": "2018-08-30T02:06:00.000Z"}
    with filled.ledger.write() as connection:
        connection.execute(insert(FILES).values(file))
        connection.execute(insert(RUNS).values(run | {"outcome": "done", "report": {}}))
    maker.indexed()
    return maker


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\n" * 999),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
    ],
)
def test_a_lost_index_is_not_taken_for_nothing(made: MadeHome, damage: Callable[[Path], object]) -> None:
    """The WARC has the page all the same: the answer names the series and the remedy."""
    damage(made.home.index("paper"))
    with Room(made.home, {}) as room, client(room) as ask:
        for path in (
            f"/web/{PAGE}",
            f"/web/2018/{PAGE}",
            f"/web/{TIME}im_/{PAGE}",
            f"/web/*/{PAGE}",
            f"/timemap/link/{PAGE}",
        ):
            answer = ask.get(path)

            assert 502 == answer.status_code
            assert "the index of paper is damaged" in answer.text
            assert "lianzai rebuild" in answer.text


def test_where_all_indexes_are_there_it_is_said(made: MadeHome) -> None:
    """And what is there is found."""
    with Room(made.home, {}) as room, client(room) as ask:
        assert [404, 404] == [ask.get(f"/web/{one}{NEVER}").status_code for one in ("", "*/")]
        assert 302 == ask.get(f"/web/{PAGE}").status_code
