"""`verify --repair` from the object store, and `verify --remote`: against a real S3 server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from damaged_home import flip, path_of, wacz
from s3_server import Bucket
from uploading import SERIES, QuickClock, held, home_for, kept

from archive.errors import UsageError
from archive.home import Home
from archive.ledger.fixity import FIXITY_KINDS
from archive.ledger.queries import events
from archive.ledger.store import open_ledger
from archive.upload import Options, upload_home
from archive.verify import Report, verify_home, verify_remote
from archive.warc import read_at

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def folder(bucket: Bucket) -> Path:
    """The folder of the prefix on the disk of the server."""
    return bucket.prefix


@pytest.fixture
def home(bucket: Bucket, tmp_path: Path) -> Home:
    """A home of one article, all of which is in the store."""
    home = home_for(tmp_path, bucket.url)
    upload_home(home, os.environ, Options(clock=QuickClock()))
    return home


def warcs(home: Home) -> list[Path]:
    return sorted(home.warc(SERIES).glob("*.warc.gz"))


def remote(home: Home, *, repair: bool = False) -> Report:
    return verify_remote(home, os.environ, repair=repair, clock=QuickClock())


# ------------------------------------------------------------------------------------------------------------- --repair


@pytest.mark.parametrize("gone", [False, True])
def test_a_warc_comes_back_from_the_store(home: Home, gone: bool) -> None:
    """The bytes are those that were sent; the damaged file is kept."""
    (path,) = warcs(home)
    before = path.read_bytes()
    flip(path, 3000)
    if gone:
        path.unlink()
    report = verify_home(home, repair=True, environ=os.environ)

    assert (report.whole, report.repaired) == (True, [path_of(home, path)])
    assert path.read_bytes() == before
    assert (home.root / "damaged" / f"{path.name}.damaged-1").exists() is not gone


def test_a_store_that_is_damaged_too_mends_nothing(home: Home, folder: Path) -> None:
    """What the store gives is held against the digest before it is put anywhere."""
    (path,) = warcs(home)
    flip(folder / path_of(home, path), 4000)
    path.unlink()
    report = verify_home(home, repair=True, environ=os.environ)

    assert (report.missing, report.repaired, report.unreached) == ([path_of(home, path)], [], {})
    assert not path.exists()
    assert list((home.root / "damaged").iterdir()) == []


def test_a_store_that_cannot_be_reached_hinders_nothing_else(
    home: Home, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told once; text is derived anew all the same."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)
    monkeypatch.setattr("archive.stores.patience.FIRST_BOUND_S", 0.0)
    (path,), text = warcs(home), next(home.text(SERIES).glob("*.md"))
    path.unlink()
    text.unlink()
    report = verify_home(home, repair=True, environ=os.environ)

    assert (report.missing, report.repaired) == ([path_of(home, path)], [path_of(home, text)])
    assert list(report.unreached) == [bucket.url]


def test_the_store_is_asked_last_and_only_to_repair(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound home, one that is only looked at, and one whose WACZ has the bytes cost no request."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)
    (path,) = warcs(home)
    sound = verify_home(home, repair=True, environ=os.environ)
    wacz(home, path)
    flip(path, 3000)
    looked = verify_home(home, environ=os.environ)
    mended = verify_home(home, repair=True, environ=os.environ)

    assert (sound.unreached, looked.unreached, mended.unreached) == ({}, {}, {})
    assert mended.repaired == [path_of(home, path)]


# ------------------------------------------------------------------------------------------------------------- --remote


def test_what_the_store_keeps_is_whole(home: Home) -> None:
    """Every object is read, and the newest copy of the ledger."""
    report = remote(home)

    assert report.to_json() == {"checked": len(kept(home)) + 1, "damaged": [], "missing": [], "repaired": []}


def test_damage_in_the_store_is_named_and_mended_from_here(home: Home, folder: Path) -> None:
    """A flipped bit and a missing object; the whole files of the home go there again."""
    warc, index = path_of(home, warcs(home)[0]), path_of(home, home.index(SERIES))
    flip(folder / warc, 3000)
    (folder / index).unlink()
    spoiled = held(folder)[warc]
    report, mended, after = remote(home), remote(home, repair=True), remote(home)

    assert (list(report.damaged), report.missing, report.repaired) == ([warc], [index], [])
    assert (report.damaged[warc].expected, report.damaged[warc].found) == (kept(home)[warc], spoiled)
    assert (sorted(mended.repaired), mended.whole, after.whole) == (sorted([warc, index]), True, True)
    there = held(folder)
    del there[".checksum-probe"]
    assert there == kept(home)


def test_what_is_not_whole_here_is_not_sent_over_it(home: Home, folder: Path) -> None:
    """Both damaged: the object stays as it is."""
    path = warcs(home)[0]
    key = path_of(home, path)
    flip(folder / key, 3000)
    flip(path, 4000)
    there = (folder / key).read_bytes()
    report = remote(home, repair=True)

    assert (list(report.damaged), report.repaired) == ([key], [])
    assert (folder / key).read_bytes() == there


def test_a_folder_is_checked_by_reading(tmp_path: Path) -> None:
    """A file:// store keeps no checksums."""
    store = tmp_path / "store"
    home = home_for(tmp_path / "place", f"file://{store}")
    upload_home(home, {}, Options(clock=QuickClock()))
    key = path_of(home, warcs(home)[0])
    whole = verify_remote(home, {}).whole
    flip(store / key, 3000)

    assert (whole, list(verify_remote(home, {}).damaged)) == (True, [key])
    assert verify_remote(home, {}, repair=True).repaired == [key]


def test_a_home_without_a_store_is_told_so(tmp_path: Path) -> None:
    """As `upload` tells it."""
    home = home_for(tmp_path, "file:///nowhere")
    home.config.unlink()

    with pytest.raises(UsageError, match=r"\[store\] url"):
        verify_remote(home, {})


def test_a_store_that_is_not_there_is_told(home: Home, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is called damaged that nobody looked at."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)
    monkeypatch.setattr("archive.stores.patience.FIRST_BOUND_S", 0.0)
    report = remote(home)

    assert (report.whole, report.checked, list(report.unreached)) == (True, 0, [bucket.url])


def test_the_history_tells_what_became_of_the_copies(home: Home, bucket: Bucket, folder: Path) -> None:
    """Damaged, repaired, whole again: each once, with the store's name, so that it is not taken for the file here."""
    (path,) = warcs(home)
    key = path_of(home, path)
    remote(home)
    flip(folder / key, 3000)
    remote(home)
    remote(home)
    remote(home, repair=True)
    remote(home)
    told = [(event["kind"], event["fields"]) for event in history(home) if event["kind"] in FIXITY_KINDS]
    evidence = {name for event in history(home) if event["kind"] in FIXITY_KINDS for name in event["evidence"]}

    assert told == [(kind, [f"{bucket.url}/{key}"]) for kind in ("verified", "damaged", "repaired")]
    assert evidence == {read_at(path, 0).record_id}


def history(home: Home) -> list[dict[str, Any]]:
    ledger = open_ledger(home, create=False)
    try:
        with ledger.read() as connection:
            return events(connection, SERIES)
    finally:
        ledger.close()


def test_a_store_whose_variable_is_not_set_is_told(home: Home) -> None:
    """Else nothing would be checked, and all be called whole."""
    home.config.write_text('[store]\nurl = "env:NOT_SET"\n', "utf-8")
    report = remote(home)

    assert (report.checked, list(report.unreached)) == (0, ["env:NOT_SET"])
    assert "NOT_SET" in report.unreached["env:NOT_SET"]
