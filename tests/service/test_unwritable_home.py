"""A home that can only be read: another user's, a read-only mount. What only reads works there, and leaves nothing behind."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.home import Home

REPOSITORY = Path(__file__).parents[2]
_DROP_FROM_BOUNDING_SET, _PAST_PERMISSIONS = 24, (1, 2)  # linux/prctl.h; CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
Ask = Callable[..., "subprocess.CompletedProcess[str]"]


def as_anybody() -> None:
    """Be held to the permissions of files, as root is not by itself."""
    if os.geteuid() == 0:
        for capability in _PAST_PERMISSIONS:
            assert ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) == 0


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Iterator[Home]:
    """A home with two runs, which nobody may write while the test has closed it."""
    shutil.copytree(kept, tmp_path / "home")
    made = Home(tmp_path / "home")
    yield made
    permit(made.root, 0o700)


def permit(root: Path, mode: int) -> None:
    """Set who may write the folders of a home, and its files alike."""
    for folder, _, names in [*os.walk(root)]:
        os.chmod(folder, mode)  # noqa: PTH101
        for name in names:
            os.chmod(os.path.join(folder, name), mode & 0o666)  # noqa: PTH101, PTH118


@pytest.fixture
def ask(tmp_path: Path, home: Home) -> Ask:
    """Run the command on the home by a process that may write only what permissions let it."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(tmp_path), **more}
        command = [sys.executable, "-B", str(REPOSITORY / "scheduler.py"), "--home", str(home.root), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=environ, cwd=tmp_path, timeout=60, check=False, preexec_fn=as_anybody
        )  # fmt: skip

    return run


def names(root: Path) -> dict[str, int]:
    """Name all that lies in a home, each with its time of change."""
    return {path.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in root.rglob("*")}


def read_all(ask: Ask) -> dict[str, Any]:
    """Ask the commands that read."""
    asked = {}
    for words in (
        ["status"],
        ["articles", "qushui"],
        ["show", "qushui/开封"],
        ["diff", "qushui/开封"],
        ["history", "qushui"],
    ):
        done = ask(*words, "--json")
        assert (done.returncode, done.stderr) == (0, ""), words
        asked[" ".join(words)] = json.loads(done.stdout)
    return asked


@pytest.mark.soak
def test_what_reads_needs_no_right_to_write(home: Home, ask: Ask) -> None:
    """The answers are those of a home that can be written; nothing is made, not even for a moment's lock."""
    with_rights = read_all(ask)
    permit(home.root, 0o500)
    before = names(home.root)
    without = read_all(ask)
    checked = ask("verify", "--json")
    exported = ask("export", "qushui", "--format", "wacz", "--output", str(home.root.parent / "out.wacz"), "--json")

    assert with_rights == without
    assert (checked.returncode, checked.stderr) == (0, "")
    assert json.loads(checked.stdout)["checked"] > 4
    assert (exported.returncode, exported.stderr) == (0, "")
    assert before == names(home.root)


def test_verify_finds_damage_where_it_can_tell_no_history(home: Home, ask: Ask) -> None:
    """A disk of old copies is checked as it lies on the shelf."""
    warc = next(home.warc("qushui").glob("*.warc.gz"))
    content = bytearray(warc.read_bytes())
    content[len(content) // 2] ^= 1
    warc.write_bytes(content)
    permit(home.root, 0o500)
    checked = ask("verify", "--json")

    assert checked.returncode == 4
    assert f"warc/qushui/{warc.name}" in {one["path"] for one in json.loads(checked.stdout)["damaged"]}


@pytest.mark.parametrize("with_shm", [True, False])
def test_what_a_killed_writer_had_committed_is_read(home: Home, ask: Ask, with_shm: bool) -> None:
    """It lies in the write-ahead log alone; a reader that leaves that aside tells of yesterday."""
    permit(home.root, 0o700)
    with closing(sqlite3.connect(home.ledger)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        with writer:
            writer.execute("UPDATE series SET title = 'named in the log alone'")
        aside = home.root.parent / "aside"
        shutil.copytree(home.root, aside)  # as the files lie while the writer lives
    for leftover in home.root.glob("ledger.sqlite3*"):
        leftover.unlink()
    for path in aside.glob("ledger.sqlite3*"):
        if with_shm or path.suffix != ".sqlite3-shm":
            shutil.copy(path, home.root / path.name)
    temporary = home.root.parent / "tmp"
    temporary.mkdir()
    permit(home.root, 0o500)
    before = names(home.root)
    told = ask("status", "--json", TMPDIR=str(temporary))

    assert (home.root / "ledger.sqlite3-wal").stat().st_size > 0
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["series"][0]["title"] == "named in the log alone"
    assert before == names(home.root)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "qushui"], "cannot be written"),
        (["verify", "--repair"], "cannot be written"),
        (["rebuild"], "cannot be written"),
    ],
)
def test_what_writes_says_that_it_cannot(home: Home, ask: Ask, words: list[str], said: str) -> None:
    """One line, exit code 2."""
    permit(home.root, 0o500)
    done = ask(*words)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_old_or_missing_ledger_is_said_to_be_so(home: Home, ask: Ask) -> None:
    """It cannot be migrated or made there."""
    with closing(sqlite3.connect(home.ledger)) as ledger, ledger:
        ledger.execute("UPDATE alembic_version SET version_num = '0000'")
    permit(home.root, 0o500)
    old = ask("status")
    permit(home.root, 0o700)
    home.ledger.unlink()
    permit(home.root, 0o500)
    missing = ask("status")

    assert (old.returncode, missing.returncode) == (2, 2)
    assert "schema 0000 is of an older lianzai" in old.stderr
    assert "holds no ledger, and cannot be written" in missing.stderr
