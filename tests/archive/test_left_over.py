"""What a killed process leaves beside the WARCs, and a writer whose disk refuses more than once."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import DiskError, HomeError
from archive.fixity import file_digest
from archive.home import Home, clear_away, part_of, refused, write_atomically
from archive.ledger.fixity import KeptFile
from archive.verify.mend import Copies, Wanted
from archive.warc import next_serial, read_records, recover

SERIES = "wangxin"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended and was waited for."""
    done = subprocess.Popen(["true"])
    done.wait()
    return done.pid


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the folders in which half files may lie."""
    made = Home(tmp_path / "home").make()
    for name in ("profiles", "damaged", "wacz"):
        (made.root / name).mkdir()
    return made


def test_half_files_of_dead_processes_go_and_those_of_live_ones_stay(home: Home, dead: int) -> None:
    """A profile, a copy of the ledger, a copy for a repair; each bears the number of the process that wrote it."""
    places = (
        home.root / ".ledger.sqlite3.0001-20180830",
        home.profiles / ".wangxin.toml",
        home.root / "damaged" / ".1-a.gz",
    )
    stale = [place.with_name(f"{place.name}.{dead}.part") for place in places]
    live = [place.with_name(f"{place.name}.{os.getpid()}.part") for place in places]
    others = [home.profiles / "wangxin.toml", home.root / "damaged" / "a.gz.damaged-1", home.root / "notes.part"]
    for path in (*stale, *live, *others):
        path.write_bytes(b"half")
    clear_away(home, SERIES)

    assert [path for path in stale if path.exists()] == []
    assert [path for path in (*live, *others) if not path.exists()] == []


def test_a_bundle_that_is_written_now_stays(home: Home) -> None:
    """An export holds its file by flock; what a killed one left is held by nobody."""
    mine, other = (home.root / "wacz" / f"{name}.wacz.open" for name in (SERIES, "other"))
    for path in (mine, other):
        path.write_bytes(b"PK")
    with mine.open("rb") as held:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX)
        clear_away(home, SERIES)
        kept = mine.exists()
    clear_away(home, SERIES)

    assert kept
    assert (mine.exists(), other.exists()) == (False, True)


def test_a_written_file_bears_its_process_while_it_is_a_part(home: Home) -> None:
    """So that clear_away knows whose it is; and nothing of it stays."""
    path = home.profile(SERIES)

    assert part_of(path).name == f".{SERIES}.toml.{os.getpid()}.part"
    assert write_atomically(path, b"[series]\n")
    assert [path] == list(home.profiles.iterdir())


@pytest.mark.parametrize(("number", "kind"), [
    (errno.ENOSPC, DiskError), (errno.EDQUOT, DiskError), (errno.EIO, DiskError), (errno.EACCES, HomeError),
    (errno.EROFS, HomeError),
])  # fmt: skip
def test_a_failing_disk_is_no_wrong_home(number: int, kind: type[Exception]) -> None:
    """Exit 3 and not 2: another --home would not help, room would."""
    assert type(refused(OSError(number, os.strerror(number)), "home: cannot be made", action="lianzai doctor")) is kind


def test_a_serial_of_a_file_that_is_missing_is_not_given_again(tmp_path: Path) -> None:
    """A WARC that a repair brings back keeps its place in the order; names of other series and of imports say nothing."""
    (tmp_path / f"{SERIES}-20180830040000-00002.warc.gz").touch()
    known = [
        f"{SERIES}-20180830050000-00007.warc.gz",
        f"{SERIES}-20180830040000-00001.warc.gz",
        "imported/x-00099.warc.gz",
    ]

    assert next_serial(tmp_path, SERIES) == 3
    assert next_serial(tmp_path, SERIES, known) == 8


def test_copies_of_files_of_one_name_do_not_take_each_others_place(home: Home) -> None:
    """Two series may each have imported a `crawl.warc.gz`: both are copied before the first is put back."""
    sources = [home.root / name for name in ("one", "two")]
    wanted = []
    for path in sources:
        path.write_bytes(path.name.encode())
        place = home.warc(path.name) / "imported" / "crawl.warc.gz"
        wanted.append(Wanted(place, KeptFile("imported/crawl.warc.gz", 3, file_digest(path), 1)))
    copies = Copies(home, {one.kept.sha256: [path] for one, path in zip(wanted, sources, strict=True)})
    staged = [copies.stage(one) for one in wanted]

    assert [path.read_bytes() for path in staged if path is not None] == [b"one", b"two"]


TORN = """
import errno, os, resource, signal, sys
sys.path.insert(0, {parts!r})
import warc_makers as makers
from archive.errors import DiskError
from pathlib import Path

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = makers.open_writer(Path({folder!r}))
writer.write_exchange(makers.exchange("http://example.org/1", b"kept"))
real = os.ftruncate
def ftruncate(descriptor, size):  # RLIMIT_FSIZE refuses the write; that the cut fails too has no real way without a bad disk
    raise OSError(errno.EIO, os.strerror(errno.EIO))
os.ftruncate = ftruncate
resource.setrlimit(resource.RLIMIT_FSIZE, (writer.path.stat().st_size + 50, resource.RLIM_INFINITY))
told = []
try:
    writer.write_exchange(makers.exchange("http://example.org/2", os.urandom(700)))
except DiskError as error:
    told.append(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for step in (lambda: writer.write_exchange(makers.exchange("http://example.org/3", b"later")), writer.close):
    try:
        step()
    except DiskError as error:
        told.append(error)
print(len(told))
"""


def test_nothing_is_written_behind_an_end_that_could_not_be_cut_off(tmp_path: Path) -> None:
    """A part of a write stays and the disk is well again: the file is not named, and recovery cuts that part off."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    code = TORN.format(parts=str(Path(__file__).parent), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    names = [path.name for path in tmp_path.iterdir()]
    (closed,) = recover(tmp_path, SERIES)

    assert (done.stdout, done.stderr) == ("3\n", "")
    assert [name.endswith(".warc.gz.open") for name in names] == [True]
    assert [record.url for record in read_records(closed)] == [None, "http://example.org/1", "http://example.org/1"]
    assert before == resource.getrlimit(resource.RLIMIT_FSIZE)
