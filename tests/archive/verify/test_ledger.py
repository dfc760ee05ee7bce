"""Ledger, text and index held against the bytes; the history of fixity; crawls that run meanwhile."""

from __future__ import annotations

import fcntl
import os
import shutil

import pytest
import walk
from damaged_home import PROFILE, SERIES, change, flip, path_of, told, wacz, warcs, wrong

from archive.home import Home
from archive.ledger import queries
from archive.ledger.store import open_ledger
from archive.verify import disagreements, verify_home
from archive.warc import read_records
from crawler.demo.newspaper import Newspaper
from crawler.run import SeriesRun

# -------------------------------------------------------------------------------------------------- ledger and bytes


LEDGER_DAMAGE: dict[str, str] = {
    "a capture's row is gone": "DELETE FROM captures WHERE rowid = 5",
    "an offset is another": 'UPDATE captures SET "offset" = "offset" + 1 WHERE rowid = 5',
    "a length is another": "UPDATE captures SET length = length + 1 WHERE rowid = 5",
    "an address is another": "UPDATE captures SET url = url || '?' WHERE rowid = 5",
    "a time is another": "UPDATE captures SET fetched = '2018-08-30T00:00:00.000Z' WHERE rowid = 5",
    "a status is another": "UPDATE captures SET status = 500 WHERE rowid = 5",
    "a digest is another": "UPDATE captures SET digest = replace(digest, 'a', 'b') WHERE rowid = 5",
    "a row too many": "INSERT INTO captures SELECT 'x', series, run, type, url, fetched, file, \"offset\" + 1, length,"
    " status, mime, digest, bytes, refers_to, truncated, member_offset, member_skip, unread, told, sealed FROM captures"
    " WHERE rowid = 5",
    "a file's row is gone": "DELETE FROM files WHERE serial = 1",
    "a file's count is another": "UPDATE files SET records = records + 1 WHERE serial = 1",
    "a text is another": "UPDATE revisions SET text_sha256 = replace(text_sha256, 'a', 'b')",
    "a revision rests on nothing": "UPDATE revisions SET record_id = 'x' WHERE number = 1",
}


@pytest.mark.parametrize("damage", LEDGER_DAMAGE)
def test_where_rows_and_sound_bytes_disagree_the_ledger_is_wrong(home: Home, damage: str) -> None:
    """Rows without bytes, records without rows, and every column that the index is made of. A rebuild mends them."""
    change(home, LEDGER_DAMAGE[damage])
    report = verify_home(home)
    run = SeriesRun(home, walk.profile_of(PROFILE))
    run.refold()
    run.derive()
    run.close()

    assert wrong(report) == ["ledger.sqlite3"]
    assert set(report.skipped) == {f"text/{SERIES}", f"index/{SERIES}.cdxj"}
    assert verify_home(home).whole


def test_a_damaged_ledger_is_one_entry_and_the_warcs_are_checked(home: Home) -> None:
    """The truth is in the WARCs: that they are sound is what a person wants to hear then."""
    size = home.ledger.stat().st_size
    with home.ledger.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(os.urandom(8192))
    report = verify_home(home)

    assert wrong(report) == ["ledger.sqlite3"]
    assert report.checked == 4  # the ledger, two WARCs, the index of the search


def test_what_is_no_database_is_a_damaged_ledger(home: Home) -> None:
    """Exit 4 with what helps, not exit 2."""
    home.ledger.write_bytes(b"no database at all" * 1000)

    assert wrong(verify_home(home)) == ["ledger.sqlite3"]


def test_a_series_that_the_ledger_lacks_is_the_ledgers_damage(home: Home) -> None:
    """An empty ledger beside WARCs has lost them all."""
    home.ledger.unlink()
    open_ledger(home.root, create=True).close()

    assert wrong(verify_home(home)) == ["ledger.sqlite3"]


def test_the_doctor_sees_names_and_sizes(home: Home) -> None:
    """A look of a moment: nothing is hashed, so a flipped byte is not seen, a cut, lost or strange file is."""

    def said() -> list[str]:
        ledger = open_ledger(home.root, create=False)
        try:
            with ledger.read() as connection:
                return disagreements(connection, home)
        finally:
            ledger.close()

    one, other = warcs(home)
    sound = said()
    flip(one, 100)
    flipped = said()
    os.truncate(one, 100)
    shutil.copy(other, other.with_name(f"{SERIES}-20200101000000-00099.warc.gz"))
    other.unlink()

    assert sound == flipped == []
    assert [line.split(": ")[1].split(",")[0] for line in said()] == ["100 bytes", "in the ledger", "there"]


# -------------------------------------------------------------------------------------------------------------- events


def test_the_history_tells_each_change_once(home: Home) -> None:
    """Damage that stays is told once; its repair, and new damage after it, are told again."""
    path = warcs(home)[0]
    name, whole = path_of(home, path), path.read_bytes()
    verify_home(home)
    for _ in range(3):
        flip(path, 1000)
        for _ in range(2):
            verify_home(home)
        path.write_bytes(whole)
        for _ in range(2):
            verify_home(home)
    both = [path_of(home, one) for one in warcs(home)]

    assert told(home) == [("verified", both), *[("damaged", [name]), ("verified", [name])] * 3]


def test_a_repair_is_in_the_history_with_its_evidence(home: Home) -> None:
    """Which records were damaged must be known when the bytes are back."""
    path = warcs(home)[0]
    record = list(read_records(path))[4]
    wacz(home, path)
    flip(path, record.offset + record.length // 2)
    verify_home(home, repair=True)
    ledger = open_ledger(home.root, create=False)
    with ledger.read() as connection:
        events = [e for e in queries.events(connection, SERIES) if e["kind"] in ("damaged", "repaired")]
    ledger.close()

    assert [(e["kind"], e["evidence"]) for e in events] == [
        ("damaged", [record.record_id]),
        ("repaired", [record.record_id]),
    ]


# ------------------------------------------------------------------------------------------------------ while a crawl runs


def test_a_file_being_written_is_skipped_and_said_so(home: Home) -> None:
    """Its end is not written yet; the closed files are checked all the same."""
    profile = walk.profile_of(PROFILE)
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, walk.site_of(Newspaper()), kill_after=5)
    report = verify_home(home)
    (opened,) = home.warc(SERIES).glob("*.open")

    assert report.whole
    assert path_of(home, opened) in report.skipped
    assert report.checked == 4  # the ledger, two WARCs, the index of the search


def test_while_a_crawl_holds_the_series_its_derived_files_are_left_alone(home: Home) -> None:
    """They are behind the ledger until the crawl ends; that is no damage, and repair must not write into it."""
    path = next(home.text(SERIES).glob("*.md"))
    path.write_bytes(path.read_bytes().replace("。".encode(), "！".encode(), 1))
    edited = path.read_bytes()
    with home.lock(SERIES).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = verify_home(home, repair=True)

    assert report.whole
    assert f"text/{SERIES}" in report.skipped
    assert path.read_bytes() == edited
