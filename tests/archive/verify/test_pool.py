"""WARCs read side by side: the same report as one after the other, and an end that names its file."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
from multiprocessing import active_children
from pathlib import Path

import pytest
from damaged_home import SERIES, change, flip, warcs

from archive.errors import LianzaiError
from archive.fixity import file_digest
from archive.home import Home
from archive.verify import pool as reading
from archive.verify import verify_home
from archive.verify.account import Account
from archive.verify.readers import FileRead, Task, read_file
from archive.warc import read_records


def tasks_of(home: Home, folder: Path) -> list[Task]:
    """The WARCs of a home as tasks, held against no rows."""
    account = Account(folder, [])
    account.close()
    return [Task(path, path.name, None, account.path, folder / f"{path.name}.seen") for path in warcs(home)]


def processes_of(home: Home, processes: int) -> tuple[dict[str, object], dict[str, list[str]]]:
    """What a verification with so many processes says: its JSON, and its sentences."""
    report = verify_home(home, processes=processes)
    return report.to_json(), {path: damage.why for path, damage in report.damaged.items()}


def test_two_processes_say_of_a_damaged_home_what_one_says(kept: Path, home: Home) -> None:
    """Damaged records in both files, a file too many, rows that are lost or other: the same to the last word."""
    for path in warcs(home):
        flip(path, [r for r in read_records(path) if r.type in ("response", "revisit")][1].offset + 60)
    shutil.copy(warcs(Home(kept))[0], home.warc(SERIES) / f"{SERIES}-20300101000000-00009.warc.gz")
    change(home, "DELETE FROM captures WHERE rowid = 4")
    change(home, "UPDATE captures SET status = 404 WHERE rowid = 6")
    one = processes_of(home, 1)
    two = processes_of(home, 2)

    assert one[0]["damaged"]
    assert len(one[1]) >= 3
    assert two == one


def test_two_processes_find_a_sound_home_whole(home: Home) -> None:
    """References from one file into the other are found, whoever read which."""
    assert processes_of(home, 2) == processes_of(home, 1)
    assert verify_home(home, processes=2).whole


def test_results_come_in_the_order_of_the_tasks(home: Home, tmp_path: Path) -> None:
    """The longest file is begun first; what is told of them keeps the order of the files."""
    tasks, begun = tasks_of(home, tmp_path), list[str]()
    found = list(reading.read_files(tasks, lambda task: begun.append(task.name), 2))

    assert [one.name for one in found] == [task.name for task in tasks]
    assert [one.sha256 for one in found] == [file_digest(task.path) for task in tasks]
    assert begun == sorted(begun, key=lambda name: -(home.warc(SERIES) / name).stat().st_size)


def test_a_small_home_starts_no_process(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start of a process costs more than reading a few megabytes."""
    tasks = tasks_of(home, tmp_path)
    monkeypatch.setattr(reading, "cores", lambda: 2)
    alone = list[int]()
    list(reading.read_files(tasks, lambda _: alone.append(len(active_children()))))
    monkeypatch.setattr(reading, "WORTH_A_POOL", 1)
    together = list[int]()
    list(reading.read_files(tasks, lambda _: together.append(len(active_children()))))

    assert set(alone) == {0}
    assert set(together) == {2}


def test_a_process_that_dies_is_an_error_with_the_name_of_its_file(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed for want of memory, say: no report then tells that the rest is whole."""
    tasks = tasks_of(home, tmp_path)
    test = os.getpid()

    def deadly(task: Task) -> FileRead:
        if task.name == tasks[1].name and os.getpid() != test:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_file(task)

    monkeypatch.setattr(reading, "read_file", deadly)
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # so that the workers are copies, with `deadly`
    with pytest.raises(LianzaiError, match=rf"{tasks[1].name}: .*sudden end \(signal 9\)"):
        list(reading.read_files(tasks, lambda _: None, 2))

    assert active_children() == []


def test_what_a_reader_raises_is_raised_here(home: Home, tmp_path: Path) -> None:
    """No room for what was seen is an error of the disk, whichever process met it."""
    tasks = [Task(t.path, t.name, None, t.rows, tmp_path / "away" / "x.seen") for t in tasks_of(home, tmp_path)]
    with pytest.raises(sqlite3.OperationalError):
        list(reading.read_files(tasks, lambda _: None, 2))

    assert active_children() == []
