"""`lianzai verify` as a process: its JSON, its exit codes, and the one line that says what to do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from damaged_home import SERIES, change, flip, path_of, wacz, warcs

from archive.home import Home
from archive.warc import read_records

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Home:
    """A copy of a home after two crawls."""
    shutil.copytree(kept, tmp_path / "home")
    return Home(tmp_path / "home")


def test_a_sound_home_ends_with_nothing_to_say(lianzai: Any, home: Home) -> None:
    """Exit 0, one JSON document, nothing on stderr."""
    result = lianzai("verify", "--json", home=home.root)
    told = json.loads(result.stdout)

    assert (result.returncode, result.stderr) == (0, "")
    assert list(told) == ["checked", "damaged", "missing", "repaired"]
    assert (told["damaged"], told["missing"], told["repaired"]) == ([], [], [])
    assert told["checked"] > len(warcs(home))


def test_damage_is_exit_4_and_one_entry_a_file(lianzai: Any, home: Home, only_line: Any) -> None:
    """Two records of one file are one entry; the line on stderr names the file and the command that may mend it."""
    path = warcs(home)[0]
    hurt = [r for r in read_records(path) if r.type == "response"][2:4]
    for record in hurt:
        flip(path, record.offset + record.length // 2)
    result = lianzai("verify", "--json", home=home.root)
    (entry,) = json.loads(result.stdout)["damaged"]

    assert result.returncode == 4
    assert list(entry) == ["path", "expected", "found", "records"]
    assert entry["path"] == path_of(home, path)
    assert entry["records"] == [{"offset": r.offset, "record_id": r.record_id} for r in hurt]
    assert path_of(home, path) in only_line(result.stderr)
    assert "try: lianzai verify --repair" in result.stderr


def test_repair_ends_with_0_when_all_is_mended(lianzai: Any, home: Home) -> None:
    """A WARC from a WACZ, a text from the ledger, in one go; the history then tells all of it."""
    path, text = warcs(home)[0], next(home.text(SERIES).glob("*.md"))
    wacz(home, path)
    flip(path, 3000)
    text.unlink()
    first = lianzai("verify", "--json", home=home.root)
    result = lianzai("verify", "--repair", "--json", home=home.root)
    history = json.loads(lianzai("history", SERIES, "--json", home=home.root).stdout)
    kinds = [(e["kind"], e["fields"]) for e in history if e["kind"] in ("damaged", "repaired")]
    mended = sorted([path_of(home, path), path_of(home, text)])

    assert first.returncode == 4
    assert json.loads(first.stdout)["missing"] == [path_of(home, text)]
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(json.loads(result.stdout)["repaired"]) == mended
    assert sorted(kinds) == sorted((kind, [one]) for kind in ("damaged", "repaired") for one in mended)
    assert lianzai("verify", home=home.root).returncode == 0


def test_what_cannot_be_mended_is_called_lost(lianzai: Any, home: Home, only_line: Any) -> None:
    """Exit 4 stays, and the line says what would be needed."""
    warcs(home)[0].unlink()
    result = lianzai("verify", "--repair", "--json", home=home.root)

    assert result.returncode == 4
    assert "without one these bytes are lost" in only_line(result.stderr)


def test_a_ledger_that_disagrees_is_rebuilt_by_what_the_line_says(lianzai: Any, home: Home, only_line: Any) -> None:
    """A record without a row: verify names it, rebuild mends it, verify is content."""
    change(home, "DELETE FROM captures WHERE rowid = 4")
    result = lianzai("verify", "--json", home=home.root)
    (entry,) = json.loads(result.stdout)["damaged"]
    rebuilt = lianzai("rebuild", home=home.root)

    assert result.returncode == 4
    assert (entry["path"], len(entry["records"])) == ("ledger.sqlite3", 1)
    assert only_line(result.stderr).endswith("try: lianzai rebuild")
    assert rebuilt.returncode == 0
    assert lianzai("verify", home=home.root).returncode == 0


def test_a_ledger_that_is_no_database_is_moved_away_and_rebuilt(lianzai: Any, home: Home, only_line: Any) -> None:
    """What the line says works, step by step."""
    home.ledger.write_bytes(b"no database" * 999)
    for beside in home.root.glob("ledger.sqlite3-*"):
        beside.unlink()
    result = lianzai("verify", "--repair", "--json", home=home.root)
    home.ledger.rename(home.root / "ledger.old")

    assert result.returncode == 4
    assert "rebuild, with ledger.sqlite3 moved away" in only_line(result.stderr)
    assert lianzai("rebuild", home=home.root).returncode == 0
    assert lianzai("verify", home=home.root).returncode == 0


def test_for_people_each_file_has_its_line(lianzai: Any, home: Home) -> None:
    """What was expected and found, and which records."""
    path = warcs(home)[0]
    record = [r for r in read_records(path) if r.type == "response"][2]
    flip(path, record.offset + record.length // 2)
    (home.warc(SERIES) / f"{SERIES}-20300101000000-00009.warc.gz.open").write_bytes(b"")
    result = lianzai("verify", home=home.root)

    assert f"damaged   {path_of(home, path)}" in result.stdout
    assert f"{record.record_id} at {record.offset}" in result.stdout
    assert "skipped   " in result.stdout
    assert "1 damaged or missing" in result.stdout


def test_what_is_skipped_is_said_beside_the_json_too(lianzai: Any, home: Home, only_line: Any) -> None:
    """Nothing is wrong: exit 0, and the line on stderr tells what was not looked at."""
    (home.warc(SERIES) / f"{SERIES}-20300101000000-00009.warc.gz.open").write_bytes(b"")
    result = lianzai("verify", "--json", home=home.root)

    assert result.returncode == 0
    assert ".open" in only_line(result.stderr)


def test_the_doctor_tells_of_files_and_rows_that_disagree(lianzai: Any, home: Home) -> None:
    """Seen without hashing anything; verify tells more."""
    sound = lianzai("doctor", "--json", home=home.root)
    warcs(home)[0].unlink()
    result = lianzai("doctor", "--json", home=home.root)
    before, after = (
        next(one for one in json.loads(said.stdout)["checks"] if one["name"] == "warcs") for said in (sound, result)
    )

    assert before["ok"]
    assert (after["ok"], after["action"], result.returncode) == (False, "lianzai verify", 3)


def test_there_is_no_remote_copy_to_verify_yet(lianzai: Any, home: Home) -> None:
    """An option that does nothing would be believed."""
    assert lianzai("verify", "--remote", home=home.root).returncode == 2


@pytest.mark.soak
def test_the_benchmark_measures_all_three_over_the_same_files(tmp_path: Path) -> None:
    """Its figures are ratios of one round: each must be there, for both kinds of content."""
    script = Path(__file__).parents[2] / "bench" / "verify_speed.py"
    command = [sys.executable, str(script), "--mb", "0.3", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    told = json.loads(done.stdout)
    names = {f"{one}_mb_per_s" for one in ("verify", "sha256sum", "gzip_t")} | {
        "verify_to_sha256sum",
        "verify_to_gzip_t",
    }

    assert set(told) == {"pages", "mixed"}
    assert [set(told[kind][clock]) for kind in told for clock in ("cpu_s", "wall_s")] == [names] * 4
    assert all(0.3 <= one["mb"] < 1 for one in told.values())


def test_ctrl_c_ends_all_that_read(home: Home) -> None:
    """Exit 130 while a file is being read, and no process is left that would go on with it."""
    first, second = warcs(home)
    for path in (first, second):
        path.unlink()
        os.mkfifo(path)  # whoever opens it to read waits until somebody opens it to write
    command = [sys.executable, "-m", "scheduler", "--home", str(home.root), "verify", "--processes", "2"]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True, cwd=REPOSITORY) as process,
        first.open("wb"),  # it has its reader now, a process of its own; the other is left waiting
    ):
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(timeout=60)

    assert code == 130
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
