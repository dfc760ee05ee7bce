"""A home's files are whole at any moment, and a folder that cannot be one is refused."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.errors import DiskError, HomeError
from archive.home import Home, write_atomically


@contextmanager
def a_full_disk(free_bytes: int) -> Iterator[None]:
    """Let no file grow beyond that: the kernel refuses the write as it does on a full disk (EFBIG for ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_home_is_made_with_the_folders_above_it(tmp_path: Path) -> None:
    """The first command of a newcomer needs no mkdir."""
    home = Home(tmp_path / "a" / "b").make()

    assert home.root.is_dir()
    assert home.make().root == home.root


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_is_no_home(tmp_path: Path, place: str) -> None:
    """Nor is anything below one; the file is left as it is."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(HomeError, match="found a file"):
        Home(tmp_path / place).make()
    assert (tmp_path / "file").read_text() == "mine"


def test_paths_are_those_of_the_contract(tmp_path: Path) -> None:
    """Other programs look for the files there."""
    home = Home(Path("h"))

    assert [
        str(path)
        for path in (home.ledger, home.config, home.profile("q"), home.warc("q"), home.index("q"), home.text("q"))
    ] == ["h/ledger.sqlite3", "h/config.toml", "h/profiles/q.toml", "h/warc/q", "h/index/q.cdxj", "h/text/q"]


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    """Who watches the folder sees a change only where there is one."""
    path = tmp_path / "below" / "file"
    first = write_atomically(path, b"one")
    before = path.stat().st_ino
    second, third = write_atomically(path, b"one"), path.stat().st_ino
    changed = write_atomically(path, b"two")

    assert (first, second, third, changed) == (True, False, before, True)
    assert path.read_bytes() == b"two"


def test_a_refused_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    """On a full disk the file that was there is still there, whole."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    with a_full_disk(1000), pytest.raises(DiskError, match="cannot be written: File too large"):
        write_atomically(path, b"new" * 1000)

    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
