"""`rebuild --from s3://…`: on an empty machine everything comes back from what `upload` sent, against a real S3 server."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from damaged_home import flip, path_of
from fault_proxy import faulty
from rebuilder import rebuild
from s3_server import Bucket
from uploading import NAMES, SERIES, QuickClock, home_for, kept, source

from archive.config import Config
from archive.errors import StoreError, UsageError
from archive.home import Home
from archive.ledger.queries import mark
from archive.ledger.store import open_ledger
from archive.store import open_store
from archive.upload import Options, upload_home
from archive.warc import read_records
from crawler.verbs.rebuild import command


@pytest.fixture
def folder(bucket: Bucket) -> Path:
    """The folder of the prefix on the disk of the server."""
    return bucket.prefix


@pytest.fixture
def original(bucket: Bucket, tmp_path: Path) -> Home:
    """A home of one article, all of which is in the store."""
    home = home_for(tmp_path / "original", bucket.url, files=len(NAMES))
    upload_home(home, os.environ, Options(clock=QuickClock()))
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "new" / "home")


def test_an_empty_home_gets_all_back(bucket: Bucket, original: Home, home: Home) -> None:
    """WARCs, imports of odd names and profiles are copied; text and index are made again, to the byte."""
    _, told, error = rebuild(home, "--from", bucket.url)

    assert (told["done"], error) == (True, None)
    assert kept(home) == kept(original)


def test_it_says_which_series_are_on_no_schedule(bucket: Bucket, original: Home, home: Home) -> None:
    """Which were kept no WARC tells: the service would run none of them, and nobody would know why."""
    rebuild(home, "--from", bucket.url)
    home.profiles.mkdir(exist_ok=True)
    home.profile(SERIES).write_text("", encoding="utf-8")
    told = CliRunner().invoke(command, [], obj=Config(home=home.root)).stdout
    ledger = open_ledger(home, create=False)
    with ledger.write() as connection:
        mark(connection, SERIES, kept=True)
    ledger.close()
    after = CliRunner().invoke(command, [], obj=Config(home=home.root)).stdout

    assert f"on no schedule until added: {SERIES}; lianzai add {home.profile(SERIES)}" in told
    assert "on no schedule" not in after


def test_what_is_there_is_neither_read_again_nor_written_over(bucket: Bucket, original: Home, home: Home) -> None:
    """The same command goes on where it ended; a WARC of other bytes stays as it is."""
    rebuild(home, "--from", bucket.url)
    path = home.warc(SERIES) / "imported" / NAMES[1]
    changed = path.read_bytes() + b"."
    path.write_bytes(changed)
    _, told, error = rebuild(home, "--from", bucket.url)

    assert [one["what"] for one in told["failed"]] == [f"{bucket.url}/{path_of(home, path)}"]
    assert error is not None
    assert error.exit_code == 4
    assert path.read_bytes() == changed
    assert not [one for one in told["paths"] if "/warc/" in one]


def test_an_object_that_is_not_what_was_sent_is_not_taken(
    bucket: Bucket, original: Home, home: Home, folder: Path
) -> None:
    """Its digest stands by it: the rest comes, and the damaged one is named."""
    key = f"warc/{SERIES}/imported/{NAMES[2]}"
    told_at = (folder / key).stat().st_mtime_ns
    flip(folder / key, 0)
    os.utime(folder / key, ns=(told_at, told_at))  # rclone forgets the metadata of a file that was written since
    _, told, error = rebuild(home, "--from", bucket.url)

    assert [one["what"] for one in told["failed"]] == [f"{bucket.url}/{key}"]
    assert error is not None
    assert error.exit_code == 4
    assert kept(home) == {name: digest for name, digest in kept(original).items() if name != key}


def test_a_series_that_went_on_apart_is_told_with_what_can_be_done(bucket: Bucket, original: Home, home: Home) -> None:
    """`import` takes no addresses, so the advice names none."""
    ours = next(original.warc(SERIES).glob("*-00001.warc.gz"))
    other = home.make().warc(SERIES) / f"{SERIES}-20170101000000-00001.warc.gz"
    other.parent.mkdir(parents=True)
    other.write_bytes(ours.read_bytes())
    _, told, error = rebuild(home, "--from", bucket.url)

    assert error is not None
    assert error.exit_code == 4
    reason = next(one["reason"] for one in told["failed"] if one["what"].endswith(ours.name))
    assert f"then lianzai import {ours.name} --series {SERIES}" in reason


def test_a_store_without_an_archive_and_one_that_is_not_there(bucket: Bucket, home: Home) -> None:
    """Nothing is made of the home; exit 2, and 5."""
    _, _, empty = rebuild(home, "--from", f"s3://{bucket.name}/elsewhere")
    _, _, absent = rebuild(home, "--from", "s3://no-such-bucket/p")

    assert isinstance(empty, UsageError)
    assert isinstance(absent, StoreError)
    assert not home.root.exists()


def test_a_listing_that_lacks_something_loses_nothing(
    bucket: Bucket, original: Home, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy of the ledger in the store knows what was read back there."""
    with faulty(bucket.server) as proxy:
        proxy.before = lambda _method, path: (
            "stale" if "list-type" in path and "prefix" in path and "warc" in path else None
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        _, told, error = rebuild(home, "--from", bucket.url)

    assert proxy.happened["stale"] > 0
    assert (told["done"], error) == (True, None)
    assert kept(home) == kept(original)


def test_an_object_that_was_replaced_with_all_that_stands_by_it_is_not_taken(
    bucket: Bucket, original: Home, home: Home, tmp_path: Path
) -> None:
    """What stands by an object is no proof: the ledger knows what was sent."""
    key = f"warc/{SERIES}/imported/{NAMES[2]}"
    other = tmp_path / "other"
    other.write_bytes(b"other bytes, with their own digest beside them")
    open_store(bucket.url, {}).put(key, source(other), replace=True)
    _, told, error = rebuild(home, "--from", bucket.url)

    assert [one["what"] for one in told["failed"]] == [f"{bucket.url}/{key}"]
    assert error is not None
    assert error.exit_code == 4
    assert kept(home) == {name: digest for name, digest in kept(original).items() if name != key}


def test_an_object_that_was_read_back_and_is_gone_is_named(
    bucket: Bucket, original: Home, home: Home, folder: Path
) -> None:
    """No listing has it, so that nobody would miss it."""
    key = f"warc/{SERIES}/imported/{NAMES[2]}"
    (folder / key).unlink()
    _, told, error = rebuild(home, "--from", bucket.url)

    assert [(one["what"], "is not there" in one["reason"]) for one in told["failed"]] == [(f"{bucket.url}/{key}", True)]
    assert error is not None
    assert error.exit_code == 4


def test_without_a_ledger_a_warc_is_held_against_its_own_digests(
    bucket: Bucket, original: Home, home: Home, folder: Path, tmp_path: Path
) -> None:
    """A byte of a record is another, packed anew, and the digest of the whole file beside it is right."""
    shutil.rmtree(folder / "ledger")
    (path,) = original.warc(SERIES).glob("*.warc.gz")
    records = list(read_records(path))
    last = next(record for record in reversed(records) if record.type == "response")
    content = path.read_bytes()
    member = gzip.decompress(content[last.offset : last.offset + last.length])
    changed = bytearray(member)
    changed[-10] ^= 1
    other = tmp_path / "other"
    other.write_bytes(content[: last.offset] + gzip.compress(changed) + content[last.offset + last.length :])
    key = path_of(original, path)
    open_store(bucket.url, {}).put(key, source(other), replace=True)
    _, told, error = rebuild(home, "--from", bucket.url)

    reasons = {one["what"]: one["reason"] for one in told["failed"]}
    assert f"offset {last.offset}: expected sha256:" in reasons[f"{bucket.url}/{key}"]
    assert error is not None
    assert error.exit_code == 4
    assert not (home.root / key).exists()


def test_a_copy_of_the_ledger_that_is_damaged_hinders_nothing(
    bucket: Bucket, original: Home, home: Home, folder: Path
) -> None:
    """The listing, and what stands by the objects, are there all the same."""
    (copy,) = (folder / "ledger").iterdir()
    copy.write_bytes(b"no ledger")
    _, told, error = rebuild(home, "--from", bucket.url)

    assert (told["done"], error) == (True, None)
    assert kept(home) == kept(original)
