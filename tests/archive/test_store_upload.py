"""An upload: everything arrives as it is here, whatever happens on the way, and nothing that is there is written over."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from damaged_home import change, flip
from fault_proxy import FAULTS, faulty
from s3_server import Bucket
from uploading import SERIES, QuickClock, held, home_for, kept, rows, uploads

from archive.errors import IntegrityError, PartialError, StoreError, UsageError
from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger
from archive.upload import Options, Report, upload_home
from archive.verify import verify_remote

NOBODY = "http://127.0.0.1:9"


def upload(home: Home, clock: QuickClock | None = None, threads: int = 4) -> Report:
    return upload_home(home, os.environ, Options(clock=clock or QuickClock(), threads=threads))


def test_all_that_is_kept_arrives_and_is_known_to_have_arrived(bucket: Bucket, tmp_path: Path) -> None:
    """Keys are the paths of the home, whatever characters are in them."""
    home = home_for(tmp_path, bucket.url, files=12)

    report = upload(home)

    assert report.failed == []
    assert held(bucket.prefix) == kept(home)
    assert {key: row.sha256 for key, row in rows(home, bucket.url).items() if row.verified} == kept(home)
    assert sorted(report.paths) == sorted(kept(home))


def test_a_second_upload_asks_nothing(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cron job that runs every minute must not cost a request."""
    home = home_for(tmp_path, bucket.url, files=3)
    upload(home)
    age(home)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)

    report = upload(home)

    assert (report.failed, report.sent, report.paths) == ([], 0, [])


def test_where_another_home_sent_the_series_nothing_of_it_is_sent(bucket: Bucket, tmp_path: Path) -> None:
    """A home that was lost and crawled anew would replace text and index of the old one, and double its serials. Whose prefix it
    is, is asked before the first object alone."""
    home, others = home_for(tmp_path, bucket.url, files=1), bucket.prefix / "warc" / SERIES
    others.mkdir(parents=True)
    stranger = others / f"{SERIES}-20200101000000-00001.warc.gz"
    stranger.write_bytes(b"of a lost home")
    refused = upload(home)
    held_then = list(held(bucket.prefix))
    stranger.rename(others / "imported-by-hand.warc.gz")
    sent = upload(home)
    (others / "imported-by-hand.warc.gz").rename(stranger)
    age(home)
    home.index(SERIES).write_bytes(home.index(SERIES).read_bytes() + b"more\n")
    later = upload(home)

    assert [(what, type(error)) for what, error in refused.failed] == [(f"warc/{SERIES}/", IntegrityError)]
    assert stranger.name in str(refused.failed[0][1])
    assert held_then == [f"warc/{SERIES}/{stranger.name}"]
    assert (sent.failed, later.failed, later.paths) == ([], [], [f"index/{SERIES}.cdxj"])


def test_what_changed_since_is_sent_anew_and_nothing_else(bucket: Bucket, tmp_path: Path) -> None:
    """Text and index are made again at each crawl."""
    home = home_for(tmp_path, bucket.url, files=3)
    upload(home)
    age(home)
    home.index(SERIES).write_bytes(home.index(SERIES).read_bytes() + b"more\n")

    report = upload(home)

    assert report.paths == [f"index/{SERIES}.cdxj"]
    assert held(bucket.prefix) == kept(home)


def test_the_ledger_goes_too_as_a_whole_copy_that_knows_what_was_sent(bucket: Bucket, tmp_path: Path) -> None:
    """A copy of the file alone would lack what lies in its write-ahead log."""
    home = home_for(tmp_path, bucket.url, files=2)
    upload(home)

    (copy,) = (bucket.prefix / "ledger").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        known = {row[0] for row in connection.execute("SELECT key FROM objects WHERE verified IS NOT NULL")}

    assert (whole, known) == ("ok", set(kept(home)))
    assert not list(home.root.glob(".upload-*"))


def test_the_history_tells_of_it_once_with_the_records_as_evidence(bucket: Bucket, tmp_path: Path) -> None:
    """Who reads the history later asks since when a second copy exists."""
    home = home_for(tmp_path, bucket.url)
    upload(home)

    ((paths, evidence),) = uploads(home)

    assert paths == sorted(kept(home))
    assert len(evidence) == 1
    assert evidence[0].startswith("<urn:uuid:")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 12))])
def test_of_a_network_that_fails_three_times_in_ten_nothing_is_seen_in_the_store(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The whole point: 100 of 100 objects equal by sha256, and not one counted as kept that is not."""
    home = home_for(tmp_path, bucket.url, files=30, large=(20 if seed else 9) << 20)
    with faulty(bucket.server, rate=0.3, seed=seed) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        runs = 0
        while (report := upload(home)).failed and runs < 3:
            runs += 1

    assert report.failed == []
    assert held(bucket.prefix) == kept(home)
    assert {key: row.sha256 for key, row in rows(home, bucket.url).items() if row.verified} == kept(home)
    assert set(FAULTS) == set(proxy.happened)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.soak
def test_each_fault_alone_is_overcome(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """At four of ten requests; which of the many it was that a run survives could not be told otherwise."""
    home = home_for(tmp_path, bucket.url, files=4, large=9 << 20)
    with faulty(bucket.server, rate=0.4, faults=(fault,), seed=7) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        runs = 0
        while (report := upload(home)).failed and runs < 5:
            runs += 1

    assert report.failed == []
    assert held(bucket.prefix) == kept(home)
    assert proxy.happened[fault] > 0


def test_another_s_object_under_the_key_of_a_warc_is_never_written_over(bucket: Bucket, tmp_path: Path) -> None:
    """Two homes with one prefix: the second must not destroy what the first has."""
    home = home_for(tmp_path, bucket.url, files=3)
    there = bucket.prefix / "warc" / SERIES / "imported" / "100%.warc.gz"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another's")

    report = upload(home)

    assert [what for what, _ in report.failed] == [f"warc/{SERIES}/imported/100%.warc.gz"]
    assert isinstance(report.error(), IntegrityError)
    assert there.read_bytes() == b"another's"
    assert len(held(bucket.prefix)) == len(kept(home))


def test_our_own_object_that_is_spoiled_is_sent_again(bucket: Bucket, tmp_path: Path) -> None:
    """An upload was killed between sending and reading back: the ledger knows that these bytes are ours."""
    home = home_for(tmp_path, bucket.url, files=3)
    upload(home)
    age(home)
    key = f"warc/{SERIES}/imported/100%.warc.gz"
    flip(bucket.prefix / key, 5)
    change(home, "UPDATE objects SET verified = NULL WHERE key = ?", key)

    report = upload(home)

    assert (report.failed, report.paths) == ([], [key])
    assert held(bucket.prefix) == kept(home)


def test_what_is_there_already_is_read_not_sent(bucket: Bucket, tmp_path: Path) -> None:
    """After `rebuild` with a new ledger, or a copy made by another tool."""
    home = home_for(tmp_path, bucket.url, files=3)
    upload(home)
    change(home, "DELETE FROM objects")

    report = upload(home)

    assert report.failed == []
    assert report.sent == 4  # a new copy of the ledger; index and two texts, which are sooner sent than asked for
    assert sorted(report.paths) == sorted(kept(home))


def test_a_warc_that_is_damaged_here_is_not_sent(bucket: Bucket, tmp_path: Path) -> None:
    """A store is the copy to mend from; it must not get the damage."""
    home = home_for(tmp_path, bucket.url)
    (warc,) = home.warc(SERIES).glob("*.warc.gz")
    flip(warc, 100)

    report = upload(home)

    assert [(what, type(error)) for what, error in report.failed] == [
        (warc.relative_to(home.root).as_posix(), IntegrityError)
    ]
    assert not (bucket.prefix / warc.relative_to(home.root)).exists()


def test_a_warc_that_is_neither_here_nor_there_is_told(bucket: Bucket, tmp_path: Path) -> None:
    """Of a file that only the store has nothing is wrong: replay reads it there."""
    home = home_for(tmp_path, bucket.url)
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
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that spoils one object: it is named, the rest is sent, and later the ledger still knows what lacks."""
    home, key = home_for(tmp_path, bucket.url, files=3), f"warc/{SERIES}/imported/plus"
    spoiled = home.root / f"{key}.warc.gz"
    spoiled.write_bytes(b"x" * 1000)
    with faulty(bucket.server) as proxy:
        proxy.before = lambda method, path: "flip" if method == "PUT" and path.endswith("plus.warc.gz") else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home)
        proxy.before = lambda _method, _path: None
        row = rows(home, bucket.url)[f"{key}.warc.gz"]
        after = upload(home)

    assert [what for what, _ in report.failed] == [f"{key}.warc.gz"]
    assert isinstance(report.error(), PartialError)
    assert "never read back" in (row.failed or "")
    assert row.verified is None
    assert after.failed == []
    assert held(bucket.prefix) == kept(home)


def test_a_store_that_refuses_all_is_left_at_once_and_the_queue_stays(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand files must not each be tried six times against a bucket that is not there; the next run empties the queue."""
    home = home_for(tmp_path, bucket.url, files=20)
    with faulty(bucket.server) as proxy:
        proxy.before = lambda method, _path: "error:404:NoSuchBucket:no" if method == "PUT" else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home)
        sent = sum(method == "PUT" for method, _ in proxy.requests)
        proxy.before = lambda _method, _path: None
        after = upload(home)

    assert [what for what, _ in report.failed] == [bucket.url]
    assert isinstance(report.error(), StoreError)
    assert sent <= 8  # two a thread
    assert after.failed == []
    assert held(bucket.prefix) == kept(home)


REFUSALS = {
    "error:404:NoSuchBucket:no": ("there is no such bucket", "make the bucket, or mend [store] url"),
    "error:403:InvalidAccessKeyId:no": ("does not know the access key", "AWS_ACCESS_KEY_ID"),
    "error:403:SignatureDoesNotMatch:no": ("the secret key is wrong", "AWS_SECRET_ACCESS_KEY"),
    "error:400:ExpiredToken:no": ("the credentials have expired", "sign in again"),
    "error:403:RequestTimeTooSkewed:no": ("the clocks of this machine and of the server differ", "set the clock"),
    "error:403:AccessDenied:no": ("these credentials may not do it", "s3:PutObject"),
    "error:400:AuthorizationHeaderMalformed:no": ("the region is wrong", "AWS_DEFAULT_REGION"),
    "error:301:PermanentRedirect:no": ("the bucket is in another region", "AWS_DEFAULT_REGION"),
    "error:507:InsufficientStorage:no": ("the store is full", "make room there"),
    "error:400:QuotaExceeded:no": ("the bucket is full", "make room there"),
    "error:400:InvalidBucketState:no": ("the state of the bucket does not allow it", "docs/store.md"),
    "error:400:InvalidRequest:Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock":
        ("the bucket is locked and wants a checksum", "unset AWS_REQUEST_CHECKSUM_CALCULATION"),
}  # fmt: skip


@pytest.mark.soak
def test_what_is_wrong_with_a_store_is_told_with_what_helps(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One home tries them all; each answer has its words and its action, and is asked no more than once a thread.

    Whether the server says so at once or to what is sent: nothing counts as kept, and the next run empties the queue.
    """
    home = home_for(tmp_path, bucket.url, files=3)
    told, puts = {}, {}
    with faulty(bucket.server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        for answer, refused in product(REFUSALS, ("PUT", "GET")):
            if refused == "GET" and "AccessDenied" in answer:
                continue  # who may send may be forbidden to list
            proxy.before = lambda method, _path, answer=answer, refused=refused: answer if method == refused else None
            proxy.requests.clear()
            told[answer, refused] = upload(home).error()
            puts[answer, refused] = sum(method == "PUT" for method, _ in proxy.requests)
        queued = [row.key for row in rows(home, bucket.url).values() if row.verified]
        proxy.before = lambda _method, _path: None
        after = upload(home)

    for answer, refused in told:
        what, action = REFUSALS[answer]
        error = told[answer, refused]
        assert isinstance(error, StoreError)
        assert what in error.message
        assert action in str(error.action)
    assert max(puts.values()) <= 16
    assert queued == []
    assert after.failed == []
    assert held(bucket.prefix) == kept(home)


@pytest.mark.soak
@pytest.mark.parametrize("answer", ["error:400:ExpiredToken:no", "error:507:InsufficientStorage:no", "slowdown"])
def test_a_store_that_begins_to_refuse_in_the_middle_keeps_what_it_took(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Keys that expire, a disk that fills, a server that is overrun: what was read back is known, the next run sends the rest."""
    home = home_for(tmp_path, bucket.url, files=12)
    with faulty(bucket.server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)

        def late(method: str, _path: str) -> str | None:
            puts = sum(one == "PUT" for one, _ in proxy.requests)
            return answer if method == "PUT" and puts > 5 else None

        proxy.before = late
        report = upload(home)
        before = {row.key for row in rows(home, bucket.url).values() if row.verified}
        proxy.before = lambda _method, _path: None
        proxy.requests.clear()
        after = upload(home)
        again = {path for method, path in proxy.requests if method == "PUT"}

    assert report.failed
    assert report.error() is not None
    assert 0 < len(before) < 12
    assert after.failed == []
    assert not any(path.endswith(key.rpartition("/")[2]) for key in before for path in again)
    assert held(bucket.prefix) == kept(home)


def test_a_server_that_is_not_there_is_told_with_its_address(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commonest of all mistakes."""
    home = home_for(tmp_path, bucket.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOBODY)

    report = upload(home)

    assert NOBODY in str(report.error())
    assert "AWS_ENDPOINT_URL_S3" in str(report.error())
    assert isinstance(report.error(), StoreError)


def test_an_address_from_the_environment_is_nowhere_to_be_read(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What env:NAME gives never reaches ledger, logs or errors."""
    home = home_for(tmp_path, "env:STORE")
    monkeypatch.setenv("STORE", f"s3://{bucket.name}/secret-prefix")
    report = upload(home)
    sent = held(bucket.folder / "secret-prefix")
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


@pytest.fixture
def two(bucket: Bucket, tmp_path: Path) -> Home:
    """A home of two series: one goes to the bucket, the other, of one file, to a folder."""
    home = home_for(tmp_path, bucket.url, files=2)
    ledger = open_ledger(home, create=False)
    profile = {"store": {"url": (tmp_path / "disk").as_uri()}}
    SeriesLedger(ledger, "second").put(title="second", source="url-list", profile=profile, subjects=[])
    ledger.close()
    other = home.warc("second") / "imported" / "渠.warc.gz"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"bytes by others")
    return home


def split(home: Home) -> tuple[dict[str, str], dict[str, str]]:
    """Give what belongs to the first store, and what to the second."""
    second = {key: digest for key, digest in kept(home).items() if key.split("/")[1] == "second"}
    return {key: digest for key, digest in kept(home).items() if key not in second}, second


def test_two_stores_in_one_home_get_each_its_series(bucket: Bucket, two: Home, tmp_path: Path) -> None:
    """And each a copy of the ledger; nothing of the one lies in the other."""
    report = upload(two)

    assert report.failed == []
    assert (held(bucket.prefix), held(tmp_path / "disk")) == split(two)
    assert [len(list((folder / "ledger").iterdir())) for folder in (bucket.prefix, tmp_path / "disk")] == [1, 1]
    assert verify_remote(two, os.environ).to_json() == {
        "checked": len(kept(two)) + 2, "damaged": [], "missing": [], "repaired": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "what", "code"), [("env:NOT_SET", "NOT_SET", 3), ("s3://nobody-made-it/p", "no such bucket", 5)]
)
def test_a_store_that_cannot_be_used_does_not_hinder_another(
    bucket: Bucket, two: Home, tmp_path: Path, url: str, what: str, code: int
) -> None:
    """A variable that is not set, a bucket that is not there: the other series goes, and the exit code says that one did not."""
    two.config.write_text(f'[store]\nurl = "{url}"\n', "utf-8")
    report = upload(two)
    error = report.error()

    assert [one for one, _ in report.failed] == [url]
    assert error is not None
    assert (what in error.message, error.exit_code) == (True, code)
    assert held(tmp_path / "disk") == split(two)[1]
    two.config.write_text(f'[store]\nurl = "{bucket.url}"\n', "utf-8")
    assert upload(two).failed == []
    assert held(bucket.prefix) == split(two)[0]


def test_where_no_address_of_a_store_can_be_read_it_is_a_wrong_configuration(tmp_path: Path) -> None:
    """Exit 2: nothing was done."""
    error = upload(home_for(tmp_path, "env:NOT_SET")).error()

    assert isinstance(error, UsageError)
    assert "NOT_SET" in error.message


def test_nothing_is_deleted_or_sent_again_because_a_listing_lacks_it(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three programs lost archives so (restic#3273). No request deletes, and no listing is asked what is there."""
    home = home_for(tmp_path, bucket.url, files=3)
    upload(home)
    age(home)
    home.index(SERIES).write_bytes(home.index(SERIES).read_bytes() + b"more\n")
    with faulty(bucket.server) as proxy:
        proxy.before = lambda _method, path: "stale" if "list-type" in path else None
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home)
        verify_remote(home, os.environ, repair=True)

    assert (report.failed, report.paths) == ([], [f"index/{SERIES}.cdxj"])
    assert "DELETE" not in {method for method, _ in proxy.requests}
    there = held(bucket.prefix)
    del there[".checksum-probe"]  # of verify
    assert there == kept(home)


def test_an_answer_that_says_nothing_is_there_overwrites_nothing_where_the_server_can_tell(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stale HEAD, of another's object: the condition goes with the object, and a server that knows it refuses."""
    home = home_for(tmp_path, bucket.url, files=3)
    key = f"warc/{SERIES}/imported/100%.warc.gz"
    (bucket.prefix / key).parent.mkdir(parents=True)
    (bucket.prefix / key).write_bytes(b"another's")
    stale = iter([True])
    with faulty(bucket.server) as proxy:
        proxy.conditional = True
        proxy.before = lambda method, path: (
            "stale" if method == "HEAD" and path.endswith("100%25.warc.gz") and next(stale, False) else None
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        report = upload(home)

    assert proxy.happened["stale"] == 1
    assert [what for what, _ in report.failed] == [key]
    assert (bucket.prefix / key).read_bytes() == b"another's"


def age(home: Home) -> None:
    """Let what was sent be older than the coarsest time of a file system."""
    change(home, "UPDATE objects SET sent = '2999-01-01T00:00:00.000Z'")
