"""An upload: everything arrives as it is here, whatever happens on the way, and nothing that is there is written over."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from damaged_home import change, flip
from fault_proxy import FAULTS, faulty
from s3_server import environment, serving
from uploading import SERIES, QuickClock, held, home_for, kept, rows, uploads

from archive.errors import IntegrityError, PartialError, StoreError, UsageError
from archive.home import Home
from archive.upload import Options, Report, upload_home

pytestmark = pytest.mark.soak  # real processes and servers: minutes, so by `make soak`

BUCKET = "archive"
PREFIX = "归档 a+b"
URL = f"s3://{BUCKET}/{PREFIX}"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server with an empty bucket: its address, and the folder of the bucket."""
    disk = tmp_path_factory.mktemp("s3")
    (disk / BUCKET).mkdir()
    with serving(disk) as url:
        yield url, disk / BUCKET


@pytest.fixture
def bucket(server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty bucket of a server, which boto3 finds by the environment."""
    for name, value in environment(server[0]).items():
        monkeypatch.setenv(name, value)
    return server[1]


def upload(home: Home, clock: QuickClock | None = None, threads: int = 4) -> Report:
    return upload_home(home, os.environ, Options(clock=clock or QuickClock(), threads=threads))


def test_all_that_is_kept_arrives_and_is_known_to_have_arrived(bucket: Path, tmp_path: Path) -> None:
    """Keys are the paths of the home, whatever characters are in them."""
    home = home_for(tmp_path, URL, files=12)

    report = upload(home)

    assert report.failed == []
    assert held(bucket / PREFIX) == kept(home)
    assert {key: row.sha256 for key, row in rows(home, URL).items() if row.verified} == kept(home)
    assert sorted(report.paths) == sorted(kept(home))


def test_a_second_upload_asks_nothing(bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cron job that runs every minute must not cost a request."""
    home = home_for(tmp_path, URL, files=3)
    upload(home)
    age(home)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")

    report = upload(home)

    assert (report.failed, report.sent, report.paths) == ([], 0, [])


def test_what_changed_since_is_sent_anew_and_nothing_else(bucket: Path, tmp_path: Path) -> None:
    """Text and index are made again at each crawl."""
    home = home_for(tmp_path, URL, files=3)
    upload(home)
    age(home)
    home.index(SERIES).write_bytes(home.index(SERIES).read_bytes() + b"more\n")

    report = upload(home)

    assert report.paths == [f"index/{SERIES}.cdxj"]
    assert held(bucket / PREFIX) == kept(home)


def test_the_ledger_goes_too_as_a_whole_copy_that_knows_what_was_sent(bucket: Path, tmp_path: Path) -> None:
    """A copy of the file alone would lack what lies in its write-ahead log."""
    home = home_for(tmp_path, URL, files=2)
    upload(home)

    (copy,) = (bucket / PREFIX / "ledger").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        known = {row[0] for row in connection.execute("SELECT key FROM objects WHERE verified IS NOT NULL")}

    assert (whole, known) == ("ok", set(kept(home)))
    assert not list(home.root.glob(".upload-*"))


def test_the_history_tells_of_it_once_with_the_records_as_evidence(bucket: Path, tmp_path: Path) -> None:
    """Who reads the history later asks since when a second copy exists."""
    home = home_for(tmp_path, URL)
    upload(home)

    ((paths, evidence),) = uploads(home)

    assert paths == sorted(kept(home))
    assert len(evidence) == 1
    assert evidence[0].startswith("<urn:uuid:")


@pytest.mark.parametrize("seed", range(3))
def test_of_a_network_that_fails_three_times_in_ten_nothing_is_seen_in_the_store(
    server: tuple[str, Path], bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The whole point: 100 of 100 objects equal by sha256, and not one counted as kept that is not."""
    home = home_for(tmp_path, URL, files=30, large=20 << 20)
    with faulty(server[0], rate=0.3, seed=seed) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        runs = 0
        while (report := upload(home)).failed and runs < 3:
            runs += 1

    assert report.failed == []
    assert held(bucket / PREFIX) == kept(home)
    assert {key: row.sha256 for key, row in rows(home, URL).items() if row.verified} == kept(home)
    assert set(FAULTS) == set(proxy.happened)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_overcome(
    server: tuple[str, Path], bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """At half of all requests; which of the many it was that a run survives could not be told otherwise."""
    home = home_for(tmp_path, URL, files=6, large=9 << 20)
    with faulty(server[0], rate=0.5, faults=(fault,), seed=7) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        runs = 0
        while (report := upload(home)).failed and runs < 5:
            runs += 1

    assert report.failed == []
    assert held(bucket / PREFIX) == kept(home)
    assert proxy.happened[fault] > 0


def test_another_s_object_under_the_key_of_a_warc_is_never_written_over(bucket: Path, tmp_path: Path) -> None:
    """Two homes with one prefix: the second must not destroy what the first has."""
    home = home_for(tmp_path, URL, files=3)
    there = bucket / PREFIX / "warc" / SERIES / "imported" / "100%.warc.gz"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another's")

    report = upload(home)

    assert [what for what, _ in report.failed] == [f"warc/{SERIES}/imported/100%.warc.gz"]
    assert isinstance(report.error(), IntegrityError)
    assert there.read_bytes() == b"another's"
    assert len(held(bucket / PREFIX)) == len(kept(home))


def test_our_own_object_that_is_spoiled_is_sent_again(bucket: Path, tmp_path: Path) -> None:
    """An upload was killed between sending and reading back: the ledger knows that these bytes are ours."""
    home = home_for(tmp_path, URL, files=3)
    upload(home)
    age(home)
    key = f"warc/{SERIES}/imported/100%.warc.gz"
    flip(bucket / PREFIX / key, 5)
    change(home, "UPDATE objects SET verified = NULL WHERE key = ?", key)

    report = upload(home)

    assert (report.failed, report.paths) == ([], [key])
    assert held(bucket / PREFIX) == kept(home)


def test_what_is_there_already_is_read_not_sent(bucket: Path, tmp_path: Path) -> None:
    """After `rebuild` with a new ledger, or a copy made by another tool."""
    home = home_for(tmp_path, URL, files=3)
    upload(home)
    change(home, "DELETE FROM objects")

    report = upload(home)

    assert report.failed == []
    assert report.sent == 4  # a new copy of the ledger; index and two texts, which are sooner sent than asked for
    assert sorted(report.paths) == sorted(kept(home))


def test_a_warc_that_is_damaged_here_is_not_sent(bucket: Path, tmp_path: Path) -> None:
    """A store is the copy to mend from; it must not get the damage."""
    home = home_for(tmp_path, URL)
    (warc,) = home.warc(SERIES).glob("*.warc.gz")
    flip(warc, 100)

    report = upload(home)

    assert [(what, type(error)) for what, error in report.failed] == [
        (warc.relative_to(home.root).as_posix(), IntegrityError)
    ]
    assert not (bucket / PREFIX / warc.relative_to(home.root)).exists()


def test_a_warc_that_is_neither_here_nor_there_is_told(bucket: Path, tmp_path: Path) -> None:
    """Of a file that only the store has nothing is wrong: replay reads it there."""
    home = home_for(tmp_path, URL)
    (warc,) = home.warc(SERIES).glob("*.warc.gz")
    bytes_ = warc.read_bytes()
    warc.unlink()
    lost = upload(home)
    warc.write_bytes(bytes_)
    upload(home)
    warc.unlink()

    assert [what for what, _ in lost.failed] == [warc.relative_to(home.root).as_posix()]
    assert isinstance(lost.error(), IntegrityError)
    assert upload(home).failed == []


def test_what_never_reads_back_fails_and_the_next_run_empties_the_queue(
    server: tuple[str, Path], bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that spoils one object: it is named, the rest is sent, and later the ledger still knows what lacks."""
    home, key = home_for(tmp_path, URL, files=3), f"warc/{SERIES}/imported/plus"
    spoiled = home.root / f"{key}.warc.gz"
    spoiled.write_bytes(b"x" * 1000)
    with faulty(server[0]) as proxy:
        proxy.before = lambda method, path: "flip" if method == "PUT" and path.endswith("plus.warc.gz") else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home)
        proxy.before = lambda _method, _path: None
        row = rows(home, URL)[f"{key}.warc.gz"]
        after = upload(home)

    assert [what for what, _ in report.failed] == [f"{key}.warc.gz"]
    assert isinstance(report.error(), PartialError)
    assert "never read back" in (row.failed or "")
    assert row.verified is None
    assert after.failed == []
    assert held(bucket / PREFIX) == kept(home)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("error:404:NoSuchBucket:no", "there is no such bucket"),
        ("error:403:InvalidAccessKeyId:no", "does not know the access key"),
        ("error:403:SignatureDoesNotMatch:no", "the secret key is wrong"),
        ("error:400:ExpiredToken:no", "the credentials have expired"),
        ("error:403:RequestTimeTooSkewed:no", "the clocks"),
        ("error:403:AccessDenied:no", "these credentials may not"),
        ("error:400:AuthorizationHeaderMalformed:no", "the region is wrong"),
        ("error:507:InsufficientStorage:no", "the store is full"),
        ("error:400:QuotaExceeded:no", "the bucket is full"),
    ],
)
def test_a_store_that_refuses_all_is_left_at_once_and_the_queue_stays(
    server: tuple[str, Path], bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, told: str
) -> None:
    """A thousand files must not each be tried six times against a bucket that is not there."""
    home, clock = home_for(tmp_path, URL, files=20), QuickClock()
    with faulty(server[0]) as proxy:
        proxy.before = lambda method, _path: answer if method == "PUT" else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home, clock)
        sent = sum(method == "PUT" for method, _ in proxy.requests)
        proxy.before = lambda _method, _path: None
        after = upload(home)

    assert [what for what, _ in report.failed] == [URL]
    assert told in str(report.error())
    assert isinstance(report.error(), StoreError)
    assert sent <= 8  # two a thread
    assert after.failed == []
    assert held(bucket / PREFIX) == kept(home)


def test_a_server_that_is_not_there_is_told_with_its_address(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commonest of all mistakes."""
    home = home_for(tmp_path, URL)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")

    report = upload(home)

    assert "http://127.0.0.1:9" in str(report.error())
    assert "AWS_ENDPOINT_URL_S3" in str(report.error())
    assert isinstance(report.error(), StoreError)


def test_an_address_from_the_environment_is_nowhere_to_be_read(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What env:NAME gives never reaches ledger, logs or errors."""
    home = home_for(tmp_path, "env:STORE")
    monkeypatch.setenv("STORE", f"s3://{BUCKET}/secret-prefix")
    report = upload(home)
    sent = held(bucket / "secret-prefix")
    monkeypatch.setenv("STORE", "s3://another-secret/secret-prefix")
    elsewhere = upload(home)

    assert (report.failed, sent) == ([], kept(home))
    assert b"secret-prefix" not in home.ledger.read_bytes()
    assert elsewhere.stores != report.stores  # another value is another store, which has nothing yet
    assert "secret" not in str(elsewhere.error())


def test_without_a_store_it_says_how(tmp_path: Path) -> None:
    """The contract: exit 2, and what to write where."""
    home = home_for(tmp_path, "")

    with pytest.raises(UsageError, match="store") as told:
        upload(home)

    assert "config.toml" in str(told.value)


def age(home: Home) -> None:
    """Let what was sent be older than the coarsest time of a file system."""
    change(home, "UPDATE objects SET sent = '2999-01-01T00:00:00.000Z'")
