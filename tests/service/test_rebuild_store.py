"""`rebuild --from s3://…`: on an empty machine everything comes back from what `upload` sent, against a real S3 server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from damaged_home import flip, path_of
from rebuilder import rebuild
from s3_server import environment, serving
from uploading import NAMES, SERIES, QuickClock, home_for, kept

from archive.errors import StoreError, UsageError
from archive.home import Home
from archive.upload import Options, upload_home

BUCKET, PREFIX = "archive", "归档 a+b"
URL = f"s3://{BUCKET}/{PREFIX}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the prefix on the disk of a server, which boto3 finds by the environment."""
    (tmp_path / "s3" / BUCKET).mkdir(parents=True)
    with serving(tmp_path / "s3") as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        yield tmp_path / "s3" / BUCKET / PREFIX


@pytest.fixture
def original(folder: Path, tmp_path: Path) -> Home:
    """A home of one article, all of which is in the store."""
    home = home_for(tmp_path / "original", URL, files=len(NAMES))
    upload_home(home, os.environ, Options(clock=QuickClock()))
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "new" / "home")


def test_an_empty_home_gets_all_back(original: Home, home: Home) -> None:
    """WARCs, imports of odd names and profiles are copied; text and index are made again, to the byte."""
    _, told, error = rebuild(home, "--from", URL)

    assert (told["done"], error) == (True, None)
    assert kept(home) == kept(original)


def test_what_is_there_is_neither_read_again_nor_written_over(original: Home, home: Home) -> None:
    """The same command goes on where it ended; a WARC of other bytes stays as it is."""
    rebuild(home, "--from", URL)
    path = home.warc(SERIES) / "imported" / NAMES[1]
    changed = path.read_bytes() + b"."
    path.write_bytes(changed)
    _, told, error = rebuild(home, "--from", URL)

    assert [one["what"] for one in told["failed"]] == [f"{URL}/{path_of(home, path)}"]
    assert error is not None
    assert error.exit_code == 4
    assert path.read_bytes() == changed
    assert not [one for one in told["paths"] if "/warc/" in one]


def test_an_object_that_is_not_what_was_sent_is_not_taken(original: Home, home: Home, folder: Path) -> None:
    """Its digest stands by it: the rest comes, and the damaged one is named."""
    key = f"warc/{SERIES}/imported/{NAMES[2]}"
    told_at = (folder / key).stat().st_mtime_ns
    flip(folder / key, 0)
    os.utime(folder / key, ns=(told_at, told_at))  # rclone forgets the metadata of a file that was written since
    _, told, error = rebuild(home, "--from", URL)

    assert [one["what"] for one in told["failed"]] == [f"{URL}/{key}"]
    assert error is not None
    assert error.exit_code == 4
    assert kept(home) == {name: digest for name, digest in kept(original).items() if name != key}


def test_a_store_without_an_archive_and_one_that_is_not_there(
    folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made of the home; exit 2, and 5."""
    _, _, empty = rebuild(home, "--from", f"s3://{BUCKET}/elsewhere")
    _, _, absent = rebuild(home, "--from", "s3://no-such-bucket/p")

    assert isinstance(empty, UsageError)
    assert isinstance(absent, StoreError)
    assert not home.root.exists()
