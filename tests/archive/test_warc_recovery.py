"""A run killed at any byte: what was whole stays, what was not is gone, and the file is a WARC."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import warc_checker as checker
import warc_makers as makers

from archive.errors import IntegrityError
from archive.warc import next_serial, read_records, recover, series_files

SERIES = makers.SERIES


@pytest.fixture
def killed(tmp_path):
    """What a killed run leaves: an open file, and where its units end."""
    writer = makers.open_writer(tmp_path / "run")
    captures = makers.write_everything(writer)
    data = writer.path.read_bytes()
    first = captures[0].offset
    return writer.path.name, data, [0, first, *(c.offset + c.length for c in captures)]


def test_a_cut_at_any_byte_keeps_every_whole_unit_and_nothing_else(tmp_path):
    """kill -9, a torn write, a full disk: the cut can be at any byte, so all of them are tried."""
    writer = makers.open_writer(tmp_path / "run", info={})
    captures = [
        writer.write_metadata({"kind": "run.started"}, makers.NOON),
        writer.write_exchange(makers.exchange("http://example.org/1", b"x", at=1)),
        writer.write_exchange(makers.exchange("http://example.org/2", b"x", at=2)),
    ]
    name, data = writer.path.name, writer.path.read_bytes()
    ends = [0, captures[0].offset, *(c.offset + c.length for c in captures)]
    folder = tmp_path / "home"
    folder.mkdir()
    for cut in range(len(data) + 1):
        (folder / name).write_bytes(data[:cut])
        closed = recover(folder, SERIES)
        kept = max(end for end in ends if end <= cut)

        assert [path.name for path in folder.iterdir()] == ([name.removesuffix(".open")] if kept else [])
        assert b"".join(path.read_bytes() for path in closed) == data[:kept]
        assert cut not in ends or checker.check(closed) == []
        for path in closed:
            path.unlink()


@pytest.mark.parametrize("tail", [bytes(4096), b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 40, b"GET / HTTP/1.1\r\n"])
def test_rubbish_behind_the_last_unit_is_cut(tmp_path, killed, tail):
    """After a power cut a file may end in zeros or in another file's bytes."""
    name, data, _ = killed
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / name).write_bytes(data + tail)
    (closed,) = recover(folder, SERIES)

    assert closed.read_bytes() == data


def test_recovery_twice_changes_nothing(tmp_path, killed):
    """An ordinary crawl recovers at its start, each time."""
    name, data, _ = killed
    (tmp_path / name).write_bytes(data[:-1])
    first = [(path, path.read_bytes()) for path in recover(tmp_path, SERIES)]

    assert recover(tmp_path, SERIES) == []
    assert first == [(path, path.read_bytes()) for path in series_files(tmp_path, SERIES)]


def test_what_the_ledger_speaks_of_is_not_read_again(tmp_path, killed):
    """A file of a gigabyte must be ready in seconds; the scan begins where the durable part ends."""
    name, data, ends = killed
    bent = bytearray(data)
    bent[20] ^= 1  # in the first record: a scan from the start would stop there
    (tmp_path / name).write_bytes(bent[:-1])
    final = name.removesuffix(".open")
    (closed,) = recover(tmp_path, SERIES, synced={final: ends[3]})

    assert closed.stat().st_size == ends[-2]


def test_a_file_shorter_than_the_ledger_says_is_read_from_its_start(tmp_path, killed):
    """A disk that lied about fsync: what is there is still found out, byte by byte."""
    name, data, ends = killed
    (tmp_path / name).write_bytes(data[: ends[4] + 3])
    (closed,) = recover(tmp_path, SERIES, synced={name.removesuffix(".open"): len(data)})

    assert closed.read_bytes() == data[: ends[4]]


def recovered(folder: Path, name: str, data: bytes, synced: int | None) -> bytes | None:
    """Recover a file as a killed run left it; give what is kept of it. synced: where the ledger stands."""
    folder.mkdir()
    (folder / name).write_bytes(data)
    closed = recover(folder, SERIES, synced=None if synced is None else {name.removesuffix(".open"): synced})
    assert [path.name for path in folder.iterdir()] == [path.name for path in closed]
    return closed[0].read_bytes() if closed else None


@pytest.mark.parametrize("seed", range(40))
def test_from_where_the_ledger_stands_the_same_is_kept_as_from_the_start(tmp_path, killed, seed):
    """Whatever a kill or a lost page leaves behind that place, wherever the file ends, and where the place is no record's end."""
    name, data, ends = killed
    chance = random.Random(seed)
    place = chance.choice([*ends, *ends, chance.randrange(len(data))])
    cut = chance.randint(0, len(data))
    tail = chance.choice(
        [b"", b"", bytes(chance.randint(1, 5000)), chance.randbytes(chance.randint(1, 5000)), data[:cut]]
    )
    left = bytearray(data[:cut] + tail)
    if len(left) > place:
        left[chance.randrange(place, len(left))] ^= 1 << chance.randrange(8)
    whole = recovered(tmp_path / "whole", name, bytes(left), None)

    assert recovered(tmp_path / "ledger", name, bytes(left), place) == whole
    assert recovered(tmp_path / "beyond", name, bytes(left), len(left) + 1) == whole


@pytest.mark.parametrize("seed", range(40))
def test_damage_before_that_place_takes_nothing_from_what_stands_behind_it(tmp_path, killed, seed):
    """A bit that flips under a run that is then killed: the damage is for verify to name, and no record more is lost."""
    name, data, ends = killed
    chance = random.Random(seed)
    place = chance.choice(ends[3:])
    cut = chance.randint(place, len(data))
    left = bytearray(data[:cut])
    for _ in range(
        chance.randint(1, 3)
    ):  # not in the last unit before the place: else nothing proves that the place is one
        left[chance.randrange(ends[ends.index(place) - 1])] ^= 1 << chance.randrange(8)
    kept = max(end for end in ends if end <= cut)

    assert recovered(tmp_path / "ledger", name, bytes(left), place) == bytes(left[:kept])


def test_a_tail_that_never_reached_the_disk_is_cut_also_before_that_place(tmp_path, killed):
    """A disk that lied about fsync, and gave zeros for the pages that it lost."""
    name, data, ends = killed
    left = data[: ends[3]] + bytes(len(data) - ends[3])

    assert recovered(tmp_path / "ledger", name, left, ends[-2]) == data[: ends[3]]


def test_a_final_name_that_is_taken_is_an_error_and_both_stay(tmp_path, killed):
    """Closed files never change, not even by recovery."""
    name, data, _ = killed
    (tmp_path / name).write_bytes(data)
    (tmp_path / name.removesuffix(".open")).write_bytes(b"other")
    with pytest.raises(IntegrityError, match="exists already"):
        recover(tmp_path, SERIES)

    assert (tmp_path / name).read_bytes() == data
    assert (tmp_path / name.removesuffix(".open")).read_bytes() == b"other"


def test_the_next_run_goes_on_by_itself(tmp_path, killed):
    """After a kill an ordinary run needs no repair step: recover, next serial, write."""
    name, data, _ = killed
    (tmp_path / name).write_bytes(data[:-5])
    recover(tmp_path, SERIES)
    writer = makers.open_writer(tmp_path, serial=next_serial(tmp_path, SERIES))
    writer.write_exchange(makers.exchange("http://example.org/later", b"later"))
    writer.close()

    assert [path.name[-13:] for path in series_files(tmp_path, SERIES)] == ["00001.warc.gz", "00002.warc.gz"]
    assert checker.check(series_files(tmp_path, SERIES)) == []


def test_files_are_read_in_the_order_of_their_serials(tmp_path):
    """The clock may jump; the serial only counts up. Other series and other files are not looked at."""
    names = [
        f"{SERIES}-20190101000000-00002.warc.gz",
        f"{SERIES}-20180101000000-00010.warc.gz",
        f"{SERIES}-20170101000000-100000.warc.gz",
    ]
    others = [f"{SERIES}-b-20180101000000-00099.warc.gz", "notes.txt", f"{SERIES}-20180101000000-7.warc.gz"]
    for name in [*reversed(names), *others, f"{SERIES}-20180101000000-100001.warc.gz.open"]:
        (tmp_path / name).write_bytes(b"")

    assert names == [path.name for path in series_files(tmp_path, SERIES)]
    assert next_serial(tmp_path, SERIES) == 100002
    assert next_serial(tmp_path, f"{SERIES}-b") == 100
    assert next_serial(tmp_path / "nowhere", SERIES) == 1


DAMAGED = Path(__file__).parents[1] / "data" / "warc"


@pytest.mark.parametrize(("name", "whole"), [
    ("cut-last-member.warc.gz", 3),
    ("lone-request-at-end.warc.gz", 3),
    ("flipped-bit-in-third-record.warc.gz", 1),
    ("zeros-at-end.warc.gz", 5),
    ("not-a-warc.warc.gz", 0),
])  # fmt: skip
def test_damaged_files_are_recovered_as_far_as_they_are_whole(tmp_path, name, whole):
    """The saved files, named by what is wrong with them, as the files of a killed run."""
    (tmp_path / f"{SERIES}-20180830040000-00001.warc.gz.open").write_bytes((DAMAGED / name).read_bytes())
    closed = recover(tmp_path, SERIES)

    assert whole == sum(1 for path in closed for _ in read_records(path))
    assert checker.check(closed) == []
