"""The parts of a bundle, each for itself: index members, the zip, the place of the file, where an article opens."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from archive.bundle import zipnum
from archive.bundle.container import Container
from archive.bundle.place import begun, settle
from archive.errors import BusyError, IntegrityError, UsageError
from archive.fixity import payload_digest
from archive.home import Home
from archive.ledger import schema
from archive.ledger.holdings import openings

MOMENT = datetime(2018, 8, 30, 2, 5, 59, tzinfo=UTC)
LINES = st.lists(st.binary(max_size=12).map(lambda tail: b"a,b)/" + tail.hex().encode() + b" 20180830020500 {}"))

# ------------------------------------------------------------------------------------------------------------- index


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


@given(st.binary(max_size=200_000))
def test_a_stored_member_is_gzip_to_everyone(data: bytes) -> None:
    """Any reader of gzip takes it, also behind another member."""
    member = zipnum.stored_gzip(data)

    assert zlib.decompress(member, wbits=31) == data
    assert gzip.decompress(member * 2) == data * 2


def test_a_long_member_is_whole_at_each_border_of_its_blocks() -> None:
    """A stored block has at most 65,535 bytes (RFC 1951, 3.2.4)."""
    for size in (0, 1, 65_534, 65_535, 65_536, 131_070, 131_071):
        assert gzip.decompress(zipnum.stored_gzip(b"x" * size)) == b"x" * size


@given(LINES, st.integers(1, 4), st.integers(1, 5))
def test_an_index_is_sorted_and_found_by_its_members(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block: int, run: int
) -> None:
    """However many runs were sorted on disk: all lines, each once, and each member alone at the place that is told."""
    index, members = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipnum, "BLOCK_LINES", block)
        patch.setattr(zipnum, "_RUN_LINES", run)
        folder = tmp_path_factory.getbasetemp()
        number = zipnum.write_zipnum(lines, index, members, name="index.cdx.gz", folder=folder)
    head, *places = members.getvalue().splitlines()
    read = []
    for line in places:
        key, moment, rest = line.split(b" ", 2)
        place = json.loads(rest)
        member = index.getvalue()[place["offset"] :][: place["length"]]
        held = gzip.decompress(member).splitlines()
        read += held

        assert held[0].startswith(key + b" " + moment + b" ")
        assert 1 <= len(held) <= block
        assert place["digest"] == payload_digest(member)
    assert head == b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert read == sorted(set(lines))
    assert number == len(read)


def test_sorting_an_index_takes_no_more_memory_than_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A series of many years has more captures than memory holds."""
    monkeypatch.setattr(zipnum, "_RUN_LINES", 500)
    lines = (b"a,b)/%05d 20180830020500 " % (i * 7919 % 30_011) + b"x" * 300 for i in range(30_000))
    with (tmp_path / "index").open("wb") as index:
        tracemalloc.start()
        number = zipnum.write_zipnum(lines, index, io.BytesIO(), name="i", folder=tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert number == 30_000
    assert peak < 3_000_000  # bytes; the lines are 10 MB


# --------------------------------------------------------------------------------------------------------------- zip


def zipped(members: dict[str, bytes], moment: datetime = MOMENT) -> bytes:
    """Make a container of small members."""
    file = io.BytesIO()
    with Container(file, moment) as container:
        for path, content in members.items():
            resource = container.add_bytes(path, content)
            assert (resource.bytes, resource.digest) == (len(content), payload_digest(content))
    return file.getvalue()


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}/[a-z0-9-]{1,20}", fullmatch=True), st.binary(max_size=5000)))
def test_members_are_stored_and_read_back(members: dict[str, bytes]) -> None:
    """A replay seeks into a member, so none may be packed; the same members give the same bytes."""
    made = zipped(members)
    with zipfile.ZipFile(io.BytesIO(made)) as held:
        read = {name: held.read(name) for name in held.namelist()}
        packed = [one.filename for one in held.infolist() if one.compress_type != zipfile.ZIP_STORED]

        assert held.testzip() is None
    assert (read, packed) == (members, [])
    assert made == zipped(members)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (MOMENT, (2018, 8, 30, 2, 5, 58)),  # in steps of two seconds
        (datetime(1, 1, 1, tzinfo=UTC), (1980, 1, 1, 0, 0, 0)),
        (datetime(9999, 12, 31, tzinfo=UTC), (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_members_bear_the_moment_that_a_zip_can_say(moment: datetime, told: tuple[int, ...]) -> None:
    """A capture of an imported archive, or of a clock that jumped, must not stop the export."""
    with zipfile.ZipFile(io.BytesIO(zipped({"a": b""}, moment))) as held:
        assert held.infolist()[0].date_time == told


@pytest.mark.parametrize("size", [0, 4, 6, 5_000_000])
def test_a_stream_of_another_size_is_refused(size: int) -> None:
    """A WARC that shrinks or grows while it is copied is no closed WARC."""
    wrong = pytest.raises(IntegrityError, match=f"a: expected {size} bytes, found")
    with wrong, Container(io.BytesIO(), MOMENT) as container:
        container.add("a", io.BytesIO(b"12345"), size)


class Zeros(io.RawIOBase):
    """A stream of zeros, which takes no room."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int = -1) -> bytes:
        """Give zeros until there are no more."""
        given = min(size, self.left)
        self.left -= given
        return bytes(given)


class Sparse(io.FileIO):
    """A file in which zeros are holes."""

    def write(self, data: Any) -> int:
        """Write what is not zero."""
        if len(data) < 4096 or any(data[:4096]):
            return super().write(data)
        self.seek(len(data), io.SEEK_CUR)
        return len(data)


def test_copying_takes_no_memory(tmp_path: Path) -> None:
    """A WARC has a gigabyte, and a machine may have half of one."""
    with Sparse(str(tmp_path / "z"), "w+") as file, Container(file, MOMENT) as container:  # type: ignore[arg-type]
        tracemalloc.start()
        container.add("a", Zeros(100_000_000), 100_000_000)  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 5_000_000


@pytest.mark.soak
def test_a_member_and_a_zip_beyond_four_gibibytes_are_read(tmp_path: Path) -> None:
    """Sizes and offsets above 32 bits need zip64; what stands behind them must still be found."""
    size = (4 << 30) + 17
    with Sparse(str(tmp_path / "z"), "w+") as file, Container(file, MOMENT) as container:  # type: ignore[arg-type]
        container.add("big", Zeros(size), size)  # type: ignore[arg-type]
        container.add_bytes("small", b"behind")
    with zipfile.ZipFile(tmp_path / "z") as held:
        assert held.getinfo("big").file_size == held.getinfo("big").compress_size == size
        assert held.getinfo("small").header_offset > size
        assert held.read("small") == b"behind"


# ------------------------------------------------------------------------------------------------------------- place


def put(path: Path, content: bytes, *, replace: bool = False) -> bool:
    """Write a file as an export does."""
    with begun(path) as file:
        file.write(content)
        return settle(file, path, replace=replace)


def die_writing(path: Path) -> None:
    """Be interrupted in the middle of a file."""
    with begun(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """Whatever stops an export, no half file bears the name, and nothing is left beside it."""
    path = tmp_path / "new" / "a.wacz"
    with pytest.raises(KeyboardInterrupt):
        die_writing(path)

    assert list(path.parent.iterdir()) == []
    assert put(path, b"whole")
    assert [(one.name, one.read_bytes()) for one in path.parent.iterdir()] == [("a.wacz", b"whole")]


def test_another_file_is_replaced_only_when_told(tmp_path: Path) -> None:
    """What somebody keeps under that name is theirs; a link counts as a file, also one that leads nowhere."""
    path, link = tmp_path / "a.wacz", tmp_path / "b.wacz"
    path.write_bytes(b"theirs")
    link.symlink_to("nowhere")
    for one in (path, link):
        with pytest.raises(UsageError, match="another file is there already"):
            put(one, b"ours")

    assert (path.read_bytes(), link.readlink()) == (b"theirs", Path("nowhere"))
    assert put(path, b"ours", replace=True)
    assert path.read_bytes() == b"ours"


def test_the_same_bytes_are_left_as_they_are(tmp_path: Path) -> None:
    """A second export changes nothing, not even the file's time, so that a mirror copies nothing."""
    path = tmp_path / "a.wacz"
    put(path, b"same")
    before = path.stat()

    assert not put(path, b"same")
    assert not put(path, b"same", replace=True)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_a_killed_export_left_is_used_again(tmp_path: Path) -> None:
    """Longer rubbish than the file must not stay behind its end."""
    (tmp_path / "a.wacz.open").write_bytes(b"rubbish of a killed process")
    put(tmp_path / "a.wacz", b"whole")

    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.wacz", b"whole")]


def test_two_exports_to_one_file_do_not_mix(tmp_path: Path) -> None:
    """The second says that the first is at it; the first is not disturbed."""
    path = tmp_path / "a.wacz"
    with begun(path) as file:
        file.write(b"first")
        with pytest.raises(BusyError, match=r"a\.wacz\.open"), begun(path):
            pass
        settle(file, path, replace=False)

    assert path.read_bytes() == b"first"


def test_a_file_that_was_named_meanwhile_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening and locking the other process may finish: then its finished file is what was opened."""
    path, raced = tmp_path / "a.wacz", []
    lock = fcntl.flock

    def finish_first(descriptor: int, operation: int) -> None:
        if not raced:
            raced.append((tmp_path / "a.wacz.open").replace(path))
            path.write_bytes(b"first")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", finish_first)

    with pytest.raises(UsageError):
        put(path, b"second")
    assert path.read_bytes() == b"first"
    assert [one.name for one in tmp_path.iterdir()] == ["a.wacz"]


# ---------------------------------------------------------------------------------------------------------- openings

FILE = "qushui-20180901050000-00001.warc.gz"


def opened(filled: Any, *files: str) -> list[tuple[str, str, str]]:
    """Give article, record and title of each opening."""
    with filled.ledger.read() as connection:
        return [(one.article, one.record_id, one.title or "") for one in openings(connection, "qushui", set(files))]


def test_articles_open_in_the_order_of_the_series(filled: Any, reading: Any) -> None:
    """Withdrawn ones too; one that was never captured has nothing to open."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), position=2)
    filled.add_article("bbbbbb-2", reading(), position=None)
    filled.add_article("cccccc-3", reading(), position=1, state="withdrawn")
    filled.add_article("dddddd-4", position=3)

    assert [one[0] for one in opened(filled, FILE)] == ["cccccc-3", "aaaaaa-1", "bbbbbb-2"]
    assert opened(filled, "another.warc.gz") == []


def test_a_page_opens_before_a_detail_and_a_document_before_a_304(filled: Any, reading: Any) -> None:
    """A reader wants the newspaper's page; the API's answer only where there is no other."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), reading(), reading())
    records = [f"urn:uuid:aaaaaa-1-{n}" for n in (1, 2, 3)]
    heard = [("detail", records[2]), ("page", records[1]), ("page:2", records[0])]
    witnesses = [{"channel": name, "record_id": record} for name, record in heard]
    with filled.ledger.write() as connection:
        connection.execute(update(schema.REVISIONS).values(witnesses=witnesses))
    page = opened(filled, FILE)
    with filled.ledger.write() as connection:
        moved = update(schema.CAPTURES).where(schema.CAPTURES.c.record_id == records[1])
        connection.execute(moved.values(status=304))
    detail = opened(filled, FILE)

    assert ([one[1] for one in page], [one[1] for one in detail]) == ([records[1]], [records[2]])


def test_the_newest_page_that_was_read_opens(filled: Any, reading: Any) -> None:
    """A page fetched again after the API told of an edit is newer than what the revision rests on."""
    filled.add_series()
    newer = {"channels": [{"name": "page", "record_id": "urn:uuid:aaaaaa-1-2"}]}
    filled.add_article("aaaaaa-1", reading(), reading(), fold=newer)
    with filled.ledger.write() as connection:
        older = [{"channel": "page", "record_id": "urn:uuid:aaaaaa-1-1"}]
        connection.execute(update(schema.REVISIONS).values(witnesses=older))

    assert opened(filled, FILE) == [("aaaaaa-1", "urn:uuid:aaaaaa-1-2", "济源：水从这里分")]


def test_what_lies_in_an_unfinished_file_is_not_told(filled: Any, reading: Any) -> None:
    """The text of a page must be that of a capture which the bundle holds: the revision before the newest."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), reading(title="改过的题目"))
    with filled.ledger.write() as connection:
        last = update(schema.CAPTURES).where(schema.CAPTURES.c.record_id == "urn:uuid:aaaaaa-1-2")
        connection.execute(last.values(file="qushui-20180903050000-00002.warc.gz"))

    assert opened(filled, FILE) == [("aaaaaa-1", "urn:uuid:aaaaaa-1-1", "济源：水从这里分")]
