"""`lianzai upload`: exit codes, one line or one document, a signal, flat memory; against a real S3 server.

Run in the process of the test, as the console script runs it, but where a process is what is asked about.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import botocore.session
import pytest
from botocore.config import Config
from fault_proxy import faulty
from s3_server import ACCESS_KEY, SECRET_KEY, Bucket, environment
from uploading import SERIES, held, home_for, kept, rows

from archive.home import Home
from scheduler import read_environment, run

REPOSITORY = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Command(Protocol):
    def __call__(self, home: Home, *arguments: str, url: str | None = None, **more: str) -> Ended: ...


@pytest.fixture
def command(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a verb to its end. url: of another server than the bucket's. more: of the environment."""
    monkeypatch.setattr("archive.stores.patience.FIRST_BOUND_S", 0.0)  # what is refused eight times waits ten seconds

    def ended(home: Home, *arguments: str, url: str | None = None, **more: str) -> Ended:
        with monkeypatch.context() as patch:
            for name, value in {**environment(url or bucket.server), **more}.items():
                patch.setenv(name, value)
            code = run(["--home", str(home.root), *arguments], read_environment(os.environ))
        return Ended(code, *capsys.readouterr())

    return ended


def started(home: Home, url: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Give command line and environment of a process."""
    line = [sys.executable, str(REPOSITORY / "scheduler.py"), "--home", str(home.root), *arguments]
    return line, {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(url)}


def test_it_says_one_line_and_one_document(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """For cron, and for programs; the keys are the names as they are, on the server's disk too."""
    home = home_for(tmp_path, bucket.url, files=11)
    before = json.loads(command(home, "status", "--json").stdout)["series"][0]["pending_uploads"]
    told = json.loads(command(home, "upload", "--json").stdout)
    again = command(home, "upload")
    after = json.loads(command(home, "status", "--json").stdout)["series"][0]["pending_uploads"]

    assert (told["done"], told["failed"], told["stores"]) == (True, [], [bucket.url])
    assert sorted(told["paths"]) == sorted(kept(home))
    assert held(bucket.prefix) == kept(home)
    assert (again.returncode, again.stdout.count("\n"), again.stderr) == (0, 1, "")
    assert (before, after) == (1, 0)


def test_without_a_store_the_exit_code_is_2(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """And what to write where."""
    done = command(home_for(tmp_path, ""), "upload")

    assert (done.returncode, done.stdout) == (2, "")
    assert "[store] url" in done.stderr


def test_a_store_that_is_not_there_is_5(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """A bucket that nobody made, and a wrong key: one line, nothing on stdout."""
    home = home_for(tmp_path, "s3://nobody-made-it/x")
    no_bucket = command(home, "upload", "--json")
    home.config.write_text(f'[store]\nurl = "{bucket.url}"\n', "utf-8")
    wrong_key = command(home, "upload", "--json", AWS_SECRET_ACCESS_KEY="another-secret-of-some-length")

    assert (no_bucket.returncode, no_bucket.stdout, no_bucket.stderr.count("\n")) == (5, "", 1)
    assert "no such bucket" in no_bucket.stderr
    assert (wrong_key.returncode, wrong_key.stdout) == (5, "")
    assert "secret key is wrong" in wrong_key.stderr


def test_what_another_has_there_is_4_and_the_rest_is_sent(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """An object that is not ours under our key: the report names it."""
    home = home_for(tmp_path, bucket.url, files=3)
    there = bucket.prefix / "warc" / SERIES / "imported" / "100%.warc.gz"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another's")
    done = command(home, "upload", "--json")

    assert done.returncode == 4
    assert [one["what"] for one in json.loads(done.stdout)["failed"]] == [f"warc/{SERIES}/imported/100%.warc.gz"]
    assert there.read_bytes() == b"another's"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_the_next_run_goes_on(
    command: Command, bucket: Bucket, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """At a rate at which it would take hours; what was verified until then is written down."""
    home = home_for(tmp_path, bucket.url, files=4, large=9 << 20)
    with faulty(bucket.server) as proxy:
        line, environ = started(home, proxy.url, "upload", "--limit", "1k")
        process = subprocess.Popen(line, env=environ, stderr=subprocess.PIPE)
        proxy.wait_for(lambda method, _path: method == "PUT", lambda: process.poll() is None)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    after = command(home, "upload")

    assert (process.returncode, said) == (code, b"")
    assert after.returncode == 0
    assert held(bucket.prefix) == kept(home)
    assert all(row.verified for row in rows(home, bucket.url).values())


@pytest.mark.soak
def test_a_kill_in_the_middle_of_a_large_file_leaves_nothing_behind(
    command: Command, bucket: Bucket, tmp_path: Path
) -> None:
    """SIGKILL while its parts are sent: the next run goes on, all is there byte by byte, and the server holds no parts."""
    home = home_for(tmp_path, bucket.url, files=2, large=40 << 20)
    with faulty(bucket.server) as proxy:
        line, environ = started(home, proxy.url, "upload", "--limit", "4M")
        process = subprocess.Popen(line, env=environ, stderr=subprocess.DEVNULL)
        proxy.wait_for(lambda _method, path: "partNumber=3" in path, lambda: process.poll() is None)
        process.kill()
        process.wait()
        begun = parts_left(proxy.url, bucket.url)
        proxy.requests.clear()
        line, environ = started(home, proxy.url, "upload", "--json")
        after = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
        left = parts_left(proxy.url, bucket.url)

    assert (after.returncode, json.loads(after.stdout)["failed"]) == (0, [])
    assert begun
    assert left == []
    assert held(bucket.prefix) == kept(home)
    assert all(row.verified for row in rows(home, bucket.url).values())


def parts_left(server: str, url: str) -> list[str]:
    """Ask a server for the uploads that were begun and not completed."""
    client = botocore.session.get_session().create_client(
        "s3", endpoint_url=server, region_name="us-east-1", aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY, config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
    told = client.list_multipart_uploads(Bucket=url.removeprefix("s3://").partition("/")[0])
    return [one["Key"] for one in told.get("Uploads", [])]


@pytest.mark.soak
def test_memory_does_not_grow_with_the_file(bucket: Bucket, tmp_path: Path) -> None:
    """A WARC has a gigabyte, a small machine half of that."""
    peaks = []
    for megabytes in (24, 96):
        home = home_for(tmp_path / str(megabytes), f"{bucket.url}/{megabytes}")  # a prefix is of one home
        large = home.warc(SERIES) / "imported" / f"{megabytes}.warc.gz"
        os.truncate(os.open(large, os.O_CREAT | os.O_RDWR), megabytes << 20)
        peaks.append(_peak(home, bucket.server))

    assert peaks[1] - peaks[0] < 40 << 10  # kB; four parts of 8 MiB are on their way at once, of either file


def _peak(home: Home, url: str) -> int:
    """Upload, and give the kB that the process had at most."""
    watch = "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
    watch += "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    watch += "finally: sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))\n"
    line, environ = started(home, url, "upload")
    line[1:1] = ["-c", watch]
    done = subprocess.run(line, capture_output=True, text=True, env=environ, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(done.stderr)


def test_a_folder_is_a_store_too(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """A disk beside, by file://."""
    home = home_for(tmp_path, (tmp_path / "disk 渠").as_uri(), files=11)
    done = command(home, "upload")

    assert done.returncode == 0, done.stderr
    assert held(tmp_path / "disk 渠") == kept(home)


def stores(ended: Ended) -> dict[str, Any]:
    """Give what doctor says of the stores."""
    return next(check for check in json.loads(ended.stdout)["checks"] if check["name"] == "stores")


def test_doctor_asks_the_store(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """Whether it lets us in, and what its word on a checksum is worth: rclone takes any, this proxy only the right one."""
    home = home_for(tmp_path, bucket.url)
    good = stores(command(home, "doctor", "--json"))
    with faulty(bucket.server) as proxy:
        proxy.reckons = True
        reckoning = stores(command(home, "doctor", "--json", url=proxy.url))

    assert good["ok"]
    assert "takes any checksum" in good["detail"]
    assert reckoning["ok"]
    assert "refuses wrong checksums" in reckoning["detail"]


def test_a_server_that_knows_no_checksums_works_once_that_is_set(
    command: Command, bucket: Bucket, tmp_path: Path
) -> None:
    """Doctor finds it out, and upload says the same; with the setting all arrives, and is read back as ever."""
    home = home_for(tmp_path, bucket.url, files=3, large=9 << 20)
    setting = {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}
    with faulty(bucket.server) as proxy:
        proxy.refused = "x-amz-checksum-"
        found = stores(command(home, "doctor", "--json", url=proxy.url))
        unset = command(home, "upload", url=proxy.url)
        done = command(home, "upload", url=proxy.url, **setting)
        set_right = stores(command(home, "doctor", "--json", url=proxy.url, **setting))

    assert not found["ok"]
    assert "AWS_REQUEST_CHECKSUM_CALCULATION=when_required" in found["action"]
    assert unset.returncode == 5
    assert "AWS_REQUEST_CHECKSUM_CALCULATION=when_required" in unset.stderr
    assert done.returncode == 0, done.stderr
    assert held(bucket.prefix) == kept(home)
    assert set_right["ok"]


def test_verify_remote_has_its_exit_codes(command: Command, bucket: Bucket, tmp_path: Path) -> None:
    """0 whole, 4 damaged, 0 mended, 5 out of reach, 2 without a store; what is wrong and what helps in one line."""
    home = home_for(tmp_path, bucket.url)
    nothing = command(home, "verify", "--remote")
    command(home, "upload")
    (key,) = (key for key in kept(home) if key.endswith(".warc.gz"))
    whole = command(home, "verify", "--remote")
    (bucket.prefix / key).write_bytes(b"")
    damaged = command(home, "verify", "--remote", "--json")
    mended = command(home, "verify", "--remote", "--repair", "--json")
    absent = command(home, "verify", "--remote", "--json", url=NOBODY)
    home.config.unlink()
    unset = command(home, "verify", "--remote")

    assert [one.returncode for one in (nothing, whole, damaged, mended, absent, unset)] == [0, 0, 4, 0, 5, 2]
    assert "the ledger knows of nothing there" in nothing.stdout
    assert "knows of nothing" not in whole.stdout
    assert [one["path"] for one in json.loads(damaged.stdout)["damaged"]] == [key]
    assert "try: lianzai verify --remote --repair" in damaged.stderr
    assert json.loads(mended.stdout)["repaired"] == [key]
    assert (absent.stdout, absent.stderr.count("\n")) == ("", 1)
    assert held(bucket.prefix)[key] == kept(home)[key]
