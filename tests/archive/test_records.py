"""The bytes of a record are read where they lie: in the home, else by a range of the object store."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from damaged_home import change, path_of
from fault_proxy import faulty
from s3_server import Bucket, environment
from uploading import SERIES, QuickClock, home_for, source

from archive.errors import IntegrityError, StoreError, UsageError, WarcError
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.records import Records
from archive.store import open_store
from archive.upload import Options, upload_home
from archive.warc import Record, read_records

PREFIX = "归档 a+b"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def uploaded(s3: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Bucket, Path]:
    """A home of one article and one larger file, and the bucket in which all of it is."""
    bucket, folder = Bucket.new(*s3), tmp_path_factory.mktemp("uploaded")
    home = home_for(folder, f"s3://{bucket.name}/{PREFIX}", large=3 << 20)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(s3[0]).items():
            patch.setenv(name, value)
        upload_home(home, os.environ, Options(clock=QuickClock()))
    return bucket, home.root


@pytest.fixture
def bucket(uploaded: tuple[Bucket, Path], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The bucket, which boto3 finds by the environment; no test changes what is in it."""
    for name, value in environment(uploaded[0].server).items():
        monkeypatch.setenv(name, value)
    return uploaded[0]


@pytest.fixture
def home(uploaded: tuple[Bucket, Path], bucket: Bucket, tmp_path: Path) -> Home:
    """A copy of the home."""
    return Home(shutil.copytree(uploaded[1], tmp_path / "home"))


@pytest.fixture
def records(home: Home) -> Iterator[Records]:
    ledger = open_ledger(home, create=False)
    with Records(home, ledger, os.environ, clock=QuickClock()) as records:
        yield records
    ledger.close()


def warc(home: Home) -> Path:
    (path,) = home.warc(SERIES).glob("*.warc.gz")
    return path


def whole(home: Home) -> tuple[str, list[Record]]:
    """Give a WARC's path in the home, and its records as they lie there."""
    return path_of(home, warc(home)), list(read_records(warc(home)))


@pytest.mark.parametrize("gone", [False, True], ids=["home", "store"])
def test_every_record_is_the_same_from_either_place(home: Home, records: Records, gone: bool) -> None:
    """Replay must not care where the bytes are."""
    path, there = whole(home)
    if gone:
        warc(home).unlink()

    assert [records.record(path, one.offset, one.length) for one in there] == there


@pytest.mark.parametrize("gone", [False, True], ids=["home", "store"])
@pytest.mark.parametrize("length", [0, 1, 100_001, None])
def test_a_stretch_is_those_bytes_and_no_others(home: Home, records: Records, gone: bool, length: int | None) -> None:
    """To the end of the file where no length is told."""
    large = home.warc(SERIES) / "imported" / "large.warc.gz"
    content, start = large.read_bytes(), 1_234_567
    if gone:
        large.unlink()
    with records.stretch(path_of(home, large), start, length) as stretch:
        found = stretch.read()

    assert found == content[start : None if length is None else start + length]


def test_of_a_large_file_only_the_stretch_is_asked_for(
    bucket: Bucket, home: Home, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WARC has a gigabyte, the picture in it 20 kB."""
    path, there = whole(home)
    warc(home).unlink()
    with faulty(bucket.server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        records.record(path, there[3].offset, there[3].length)
        asked = [(method, unquote(where), ranges) for method, where, ranges in proxy.ranges]

    assert asked == [
        ("GET", f"/{bucket.name}/{PREFIX}/{path}", f"bytes={there[3].offset}-{there[3].offset + there[3].length - 1}")
    ]


def test_a_connection_that_is_cut_is_taken_up_again(
    bucket: Bucket, home: Home, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a body, while somebody reads it."""
    large = home.warc(SERIES) / "imported" / "large.warc.gz"
    content, cuts = large.read_bytes(), iter(["cut", "cut", "cut"])
    large.unlink()
    with faulty(bucket.server) as proxy:
        proxy.before = lambda _method, _path: next(cuts, None)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        with records.stretch(path_of(home, large), 5, 3_000_000) as stretch:
            found = stretch.read()

    assert found == content[5:3_000_005]
    assert proxy.happened["cut"] == 3


def test_a_file_that_is_cut_here_is_read_there(home: Home, records: Records) -> None:
    """What lies behind its end is in the store."""
    path, there = whole(home)
    os.truncate(warc(home), there[2].offset + 5)

    assert records.record(path, there[1].offset, there[1].length) == there[1]
    assert records.record(path, there[2].offset, there[2].length) == there[2]


def test_a_file_that_is_still_written_is_read_too(home: Home, records: Records) -> None:
    """Its captures are in the ledger under its final name."""
    path, there = whole(home)
    warc(home).rename(warc(home).with_name(warc(home).name + ".open"))

    assert records.record(path, there[1].offset, there[1].length) == there[1]


def test_what_is_nowhere_or_too_short_is_told(tmp_path: Path) -> None:
    """With both places; never given as if it were whole."""
    home, disk = home_for(tmp_path, (tmp_path / "disk").as_uri()), tmp_path / "disk"
    upload_home(home, {}, Options(clock=QuickClock()))
    path, there = whole(home)
    warc(home).unlink()
    os.truncate(disk / path, there[1].offset + 7)
    ledger = open_ledger(home, create=False)
    with Records(home, ledger, {}) as records:
        with pytest.raises(IntegrityError, match=r"expected \d+ bytes in the store, found 7"):
            records.record(path, there[1].offset, there[1].length)
        (disk / path).unlink()
        with pytest.raises(IntegrityError, match=rf"{path}: not in the home, nor in {disk.as_uri()}"):
            records.stretch(path, 0, 10)
    ledger.close()


def test_a_place_that_is_no_record_is_told(home: Home, records: Records) -> None:
    """By file and offset."""
    path, there = whole(home)

    with pytest.raises(WarcError, match=f"offset {there[1].offset + 1}"):
        records.record(path, there[1].offset + 1, there[1].length - 1)


def test_a_store_that_is_away_is_left_alone_for_a_while(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of fifty pictures must not wait fifty times; half a minute later it is asked again."""
    path, there = whole(home)
    content, clock = warc(home).read_bytes(), QuickClock()
    warc(home).unlink()
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)
    ledger = open_ledger(home, create=False)
    with Records(home, ledger, os.environ, clock=clock) as records:
        for _ in range(3):
            with pytest.raises(StoreError, match=NOBODY):
                records.stretch(path, 0, 10)
        waits = len(clock.waits)
        clock.wait(31)
        with pytest.raises(StoreError, match=NOBODY):
            records.stretch(path, 0, 10)
        again = len(clock.waits) - waits - 1
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    with Records(home, ledger, os.environ) as records, records.stretch(path, 0, there[0].length) as stretch:
        assert stretch.read() == content[: there[0].length]
    ledger.close()

    assert (waits, again) == (2, 2)  # three tries each time it is asked, none while it is left alone


def test_the_store_of_before_is_asked_too(home: Home, records: Records, tmp_path: Path) -> None:
    """The address in config.toml was changed, and nothing sent to the new one yet."""
    path, there = whole(home)
    warc(home).unlink()
    home.config.write_text(f'[store]\nurl = "{(tmp_path / "new").as_uri()}"\n', "utf-8")

    assert records.record(path, there[1].offset, there[1].length) == there[1]


def test_without_a_ledger_of_what_was_sent_the_series_store_is_asked(home: Home, records: Records) -> None:
    """After `rebuild` nothing is known of what was sent."""
    path, there = whole(home)
    warc(home).unlink()
    change(home, "DELETE FROM objects")

    assert records.record(path, there[1].offset, there[1].length) == there[1]


def test_a_folder_and_a_series_without_a_store(tmp_path: Path) -> None:
    """A store by file:// has ranges too; without a store the error says so, and one whose variable is not set names that."""
    home = home_for(tmp_path, (tmp_path / "disk").as_uri())
    path, there = whole(home)
    open_store((tmp_path / "disk").as_uri(), {}).put(path, source(warc(home)), replace=True)
    warc(home).unlink()
    ledger = open_ledger(home, create=False)
    with Records(home, ledger, {}) as records:
        found = records.record(path, there[1].offset, there[1].length)
        home.config.write_text('[store]\nurl = "env:NOT_SET"\n', "utf-8")
        with pytest.raises(UsageError, match="NOT_SET"):
            records.stretch(path, 0, 1)
        home.config.unlink()
        with pytest.raises(IntegrityError, match="names no store"):
            records.stretch(path, 0, 1)
    ledger.close()

    assert found == there[1]


@pytest.mark.parametrize(
    "path", ["ledger.sqlite3", "warc/../ledger.sqlite3", "warc/x", "/etc/passwd", "profiles/a/b.toml"]
)
def test_nothing_but_warcs_is_read(home: Home, records: Records, path: str) -> None:
    """The path may have come over the network."""
    with pytest.raises(UsageError):
        records.stretch(path, 0, 1)


def test_threads_read_at_once(home: Home, records: Records) -> None:
    """As a browser asks: many pictures together."""
    path, there = whole(home)
    warc(home).unlink()
    found: dict[int, Record] = {}

    def read(number: int) -> None:
        one = there[number % len(there)]
        found[number] = records.record(path, one.offset, one.length)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {number: there[number % len(there)] for number in range(24)}
