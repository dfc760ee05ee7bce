"""CDXJ lines: a replay finds each capture by them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import DiskError
from archive.index import cdxj_line, write_index
from archive.model import Capture

CAPTURE = Capture(
    record_id="<urn:uuid:0>",
    type="response",
    url="http://www.Example.org/Foo?b=1&a=%E4%B8%AD",
    fetched=datetime(2018, 8, 30, 2, 5, 59, 999000, UTC),
    file="wangxin-20180830020500-00001.warc.gz",
    offset=1396,
    length=452,
    status=200,
    mime="text/html",
    payload_digest="sha256:" + "0" * 64,
    payload_bytes=500,
)
TAIL = f'"digest": "sha256:{"0" * 64}", "length": "452", "offset": "1396", "filename": "{CAPTURE.file}"}}'


@pytest.mark.parametrize(
    ("capture", "fields"),
    [
        (CAPTURE, '"mime": "text/html", "status": "200", '),
        (replace(CAPTURE, type="revisit", mime="text/html"), '"mime": "warc/revisit", "status": "200", '),
        (replace(CAPTURE, type="resource", status=None), '"mime": "text/html", '),
        (replace(CAPTURE, mime=""), '"status": "200", '),
    ],
)
def test_a_line_is_what_cdxj_indexer_writes(capture, fields):
    """Other people's replay reads our index; values compared with cdxj-indexer 1.4.6 over the same file."""
    expected = f'org,example)/foo?a=%e4%b8%ad&b=1 20180830020559 {{"url": "{CAPTURE.url}", {fields}{TAIL}'

    assert expected == cdxj_line(capture)


@given(st.text(max_size=50), st.text(max_size=20))
def test_a_line_has_three_parts_whatever_the_address(tail, mime):
    """Readers part a line at its first two blanks and at nothing else."""
    line = cdxj_line(replace(CAPTURE, url=f"http://e.org/{tail}", mime=mime))
    _, stamp, fields = line.split(" ", 2)

    assert stamp == "20180830020559"
    assert json.loads(fields)["url"] == f"http://e.org/{tail}"
    assert "\n" not in line


def test_an_index_is_sorted_bytewise_and_each_line_there_once(tmp_path):
    """Replay searches it by halving; a locale's order would lose captures."""
    path = tmp_path / "index" / "wangxin.cdxj"
    write_index(path, ["b 1 {}", "a,b)/ 2 {}", "a)/ 1 {}", "a,b)/ 2 {}", "B 1 {}"])

    assert path.read_bytes() == b"B 1 {}\na)/ 1 {}\na,b)/ 2 {}\nb 1 {}\n"
    assert [child.name for child in path.parent.iterdir()] == ["wangxin.cdxj"]


def test_an_index_is_written_where_it_changes(tmp_path):
    """What is as it was is not told as changed; what is longer, shorter or damaged is written."""
    path = tmp_path / "wangxin.cdxj"
    told = [write_index(path, lines) for lines in (["a 1 {}"], ["a 1 {}"], ["a 1 {}", "b 1 {}"], ["a 1 {}"], [])]
    path.write_bytes(b"a 1 {}\n")
    damaged = write_index(path, ["a 2 {}"])

    assert told == [True, False, True, True, True]
    assert damaged
    assert path.read_bytes() == b"a 2 {}\n"


def test_an_index_that_cannot_be_written_leaves_the_old_one(tmp_path):
    """An index is made anew at each run; a failed one must not cost the last."""
    path = tmp_path / "wangxin.cdxj"
    write_index(path, ["a 1 {}"])

    (tmp_path / "wangxin.cdxj.open").mkdir()
    with pytest.raises(DiskError):
        write_index(path, ["b 1 {}"])

    assert path.read_bytes() == b"a 1 {}\n"


def test_a_folder_that_is_a_file_is_a_disk_error(tmp_path):
    """The message names the index and the reason."""
    (tmp_path / "index").write_bytes(b"")
    with pytest.raises(DiskError, match=r"wangxin\.cdxj: index not written"):
        write_index(tmp_path / "index" / "wangxin.cdxj", ["a 1 {}"])
