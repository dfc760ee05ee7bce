"""`lianzai upload` as a process: exit codes, one line or one document, a signal, flat memory; against a real S3 server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import faulty
from s3_server import environment, serving
from uploading import SERIES, held, home_for, kept, rows

from archive.home import Home

pytestmark = pytest.mark.soak  # real processes and servers: minutes, so by `make soak`

REPOSITORY = Path(__file__).parents[2]
URL = "s3://archive/归档 a+b"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with an empty bucket: its address, and the folder that the prefix of URL is."""
    (tmp_path / "s3" / "archive").mkdir(parents=True)
    with serving(tmp_path / "s3") as url:
        yield url, tmp_path / "s3" / "archive" / "归档 a+b"


def command(home: Home, *arguments: str) -> list[str]:
    return [sys.executable, str(REPOSITORY / "scheduler.py"), "--home", str(home.root), *arguments]


def run(home: Home, url: str, *arguments: str, **more: str) -> Any:
    """Run a verb to its end."""
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(url, **more)}
    return subprocess.run(command(home, *arguments), capture_output=True, text=True, env=environ, timeout=300)


def pending(home: Home, url: str) -> int:
    return int(json.loads(run(home, url, "status", "--json").stdout)["series"][0]["pending_uploads"])


def test_it_says_one_line_and_one_document(server: tuple[str, Path], tmp_path: Path) -> None:
    """For cron, and for programs; the keys are the names as they are, on the server's disk too."""
    home = home_for(tmp_path, URL, files=11)
    before = pending(home, server[0])
    told = json.loads(run(home, server[0], "upload", "--json").stdout)
    again = run(home, server[0], "upload")

    assert (told["done"], told["failed"], told["stores"]) == (True, [], [URL])
    assert sorted(told["paths"]) == sorted(kept(home))
    assert held(server[1]) == kept(home)
    assert (again.returncode, again.stdout.count("\n"), again.stderr) == (0, 1, "")
    assert (before, pending(home, server[0])) == (1, 0)


def test_without_a_store_the_exit_code_is_2(server: tuple[str, Path], tmp_path: Path) -> None:
    """And what to write where."""
    done = run(home_for(tmp_path, ""), server[0], "upload")

    assert (done.returncode, done.stdout) == (2, "")
    assert "[store] url" in done.stderr


def test_a_store_that_is_not_there_is_5(server: tuple[str, Path], tmp_path: Path) -> None:
    """A bucket that nobody made, and a wrong key: one line, nothing on stdout."""
    home = home_for(tmp_path, "s3://nobody-made-it/x")
    no_bucket = run(home, server[0], "upload", "--json")
    home.config.write_text(f'[store]\nurl = "{URL}"\n', "utf-8")
    wrong_key = run(home, server[0], "upload", "--json", AWS_SECRET_ACCESS_KEY="another-secret-of-some-length")

    assert (no_bucket.returncode, no_bucket.stdout, no_bucket.stderr.count("\n")) == (5, "", 1)
    assert "no such bucket" in no_bucket.stderr
    assert (wrong_key.returncode, wrong_key.stdout) == (5, "")
    assert "secret key is wrong" in wrong_key.stderr


def test_what_another_has_there_is_4_and_the_rest_is_sent(server: tuple[str, Path], tmp_path: Path) -> None:
    """An object that is not ours under our key: the report names it."""
    home = home_for(tmp_path, URL, files=3)
    there = server[1] / "warc" / SERIES / "imported" / "100%.warc.gz"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"another's")
    done = run(home, server[0], "upload", "--json")

    assert done.returncode == 4
    assert [one["what"] for one in json.loads(done.stdout)["failed"]] == [f"warc/{SERIES}/imported/100%.warc.gz"]
    assert there.read_bytes() == b"another's"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_and_the_next_run_goes_on(
    server: tuple[str, Path], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """At a rate at which it would take hours; what was verified until then is written down."""
    home = home_for(tmp_path, URL, files=4, large=9 << 20)
    with faulty(server[0]) as proxy:
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(proxy.url)}
        process = subprocess.Popen(command(home, "upload", "--limit", "1k"), env=environ, stderr=subprocess.PIPE)
        proxy.wait_for(lambda method, _path: method == "PUT")
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    after = run(home, server[0], "upload")

    assert (process.returncode, said) == (code, b"")
    assert after.returncode == 0
    assert held(server[1]) == kept(home)
    assert all(row.verified for row in rows(home, URL).values())


def test_memory_does_not_grow_with_the_file(server: tuple[str, Path], tmp_path: Path) -> None:
    """A WARC has a gigabyte, a small machine half of that."""
    peaks = []
    for megabytes in (20, 300):
        home = home_for(tmp_path / str(megabytes), URL)
        large = home.warc(SERIES) / "imported" / f"{megabytes}.warc.gz"
        os.truncate(os.open(large, os.O_CREAT | os.O_RDWR), megabytes << 20)
        peaks.append(_peak(home, server[0]))

    assert peaks[1] - peaks[0] < 40 << 10  # kB; a part has 8 MiB, and is held a few times while it is signed and sent


def _peak(home: Home, url: str) -> int:
    """Upload, and give the kB that the process had at most."""
    watch = "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
    watch += "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    watch += "finally: sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))\n"
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(url)}
    line = [sys.executable, "-c", watch, *command(home, "upload")[1:]]
    done = subprocess.run(line, capture_output=True, text=True, env=environ, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(done.stderr)


def test_a_folder_is_a_store_too(server: tuple[str, Path], tmp_path: Path) -> None:
    """A disk beside, by file://."""
    home = home_for(tmp_path, (tmp_path / "disk 渠").as_uri(), files=11)
    done = run(home, server[0], "upload")

    assert done.returncode == 0, done.stderr
    assert held(tmp_path / "disk 渠") == kept(home)


def doctor(home: Home, url: str, **more: str) -> dict[str, Any]:
    checks = json.loads(run(home, url, "doctor", "--json", **more).stdout)["checks"]
    return next(check for check in checks if check["name"] == "stores")


def test_doctor_asks_the_store(server: tuple[str, Path], tmp_path: Path) -> None:
    """Whether it lets us in, and what its word on a checksum is worth; where it takes none, what to set."""
    home = home_for(tmp_path, URL)
    good = doctor(home, server[0])
    with faulty(server[0]) as proxy:
        proxy.before = lambda method, _path: "error:501:NotImplemented:no such header" if method == "PUT" else None
        strict = doctor(home, proxy.url)
        set_right = doctor(home, proxy.url, AWS_REQUEST_CHECKSUM_CALCULATION="when_required")
        wrong_sums: list[str] = []
        proxy.before = lambda _m, path: (
            wrong_sums.append(path) or ("error:400:BadDigest:no" if len(wrong_sums) in (2, 3) else None)
        )
        reckoning = doctor(home, proxy.url)

    assert good["ok"]
    assert "takes any checksum" in good["detail"]
    assert not strict["ok"]
    assert "AWS_REQUEST_CHECKSUM_CALCULATION=when_required" in strict["action"]
    assert set_right["ok"]
    assert "refuses wrong checksums" in reckoning["detail"]


def test_without_checksums_it_works_all_the_same(server: tuple[str, Path], tmp_path: Path) -> None:
    """Of an old server, or one that takes none: what was read back is what counts."""
    home = home_for(tmp_path, URL, files=3, large=9 << 20)
    done = run(home, server[0], "upload", AWS_REQUEST_CHECKSUM_CALCULATION="when_required")

    assert done.returncode == 0, done.stderr
    assert held(server[1]) == kept(home)


def test_verify_remote_has_its_exit_codes(server: tuple[str, Path], tmp_path: Path) -> None:
    """0 whole, 4 damaged, 0 mended, 5 out of reach, 2 without a store; what is wrong and what helps in one line."""
    home = home_for(tmp_path, URL)
    run(home, server[0], "upload")
    (key,) = (key for key in kept(home) if key.endswith(".warc.gz"))
    whole = run(home, server[0], "verify", "--remote")
    (server[1] / key).write_bytes(b"")
    damaged = run(home, server[0], "verify", "--remote", "--json")
    mended = run(home, server[0], "verify", "--remote", "--repair", "--json")
    absent = run(home, "http://127.0.0.1:9", "verify", "--remote", "--json")
    home.config.unlink()
    unset = run(home, server[0], "verify", "--remote")

    assert [one.returncode for one in (whole, damaged, mended, absent, unset)] == [0, 4, 0, 5, 2]
    assert [one["path"] for one in json.loads(damaged.stdout)["damaged"]] == [key]
    assert "try: lianzai verify --remote --repair" in damaged.stderr
    assert json.loads(mended.stdout)["repaired"] == [key]
    assert (absent.stdout, absent.stderr.count("\n")) == ("", 1)
    assert held(server[1])[key] == kept(home)[key]
