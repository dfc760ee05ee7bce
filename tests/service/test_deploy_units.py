"""The systemd units of deploy/, and what cron gets to see of `crawl` and `upload`."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import PROCESS_S, Desk, profile_text

from crawler.demo.server import Server

ROOT = Path(__file__).parents[2]

UNITS = sorted(path.name for path in (ROOT / "deploy").glob("lianzai*"))


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, as installed where this lianzai is."""
    folder = tmp_path_factory.mktemp("units")
    for name in UNITS:
        text = (ROOT / "deploy" / name).read_text("utf-8")
        program = shutil.which("lianzai", path=Path(sys.executable).parent)
        (folder / name.replace("@.", "@qushui.")).write_text(
            text.replace("/opt/lianzai/.venv/bin/lianzai", program or "")
        )
    return folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit(units: Path, name: str) -> None:
    """By its own word: no unknown key, no bad value, no program that is not there."""
    path = units / name.replace("@.", "@qushui.")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False, env={
        "PATH": os.environ["PATH"], "SYSTEMD_UNIT_PATH": f"{units}:"})  # fmt: skip
    said = [line for line in done.stderr.splitlines() if str(path) in line or path.name in line]

    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_stands_by_itself(name: str) -> None:
    """Where there is no systemd: sections and what they must say."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((ROOT / "deploy" / name).read_text("utf-8"))
    kind = {"service": "Service", "timer": "Timer"}[name.rpartition(".")[2]]

    assert {"Unit", kind} <= set(unit.sections()) <= {"Unit", kind, "Install"}
    assert unit["Unit"]["Description"]
    if kind == "Service":
        assert {unit[kind][key] for key in ("NoNewPrivileges", "DynamicUser", "PrivateTmp")} == {"yes"}
        assert unit[kind]["ProtectSystem"] == "strict"
    else:
        assert (ROOT / "deploy" / name.replace(".timer", ".service")).exists()


@pytest.mark.soak
def test_crawl_and_upload_say_one_line_and_how_it_went(
    desk: Desk, newspaper: Server, tmp_path: Path, only_line: Callable[[str], str]
) -> None:
    """Cron mails whatever is said: one line where all is well, nothing on stderr; where not, the exit code and the next step."""
    store = tmp_path / "store"
    profile = desk.profile(f'{profile_text(newspaper, requisites="none")}\n[store]\nurl = "{store.as_uri()}"\n')

    def said(*arguments: str | Path) -> tuple[int, str, str]:
        process = desk.start(*arguments)
        out, err = process.communicate(timeout=PROCESS_S)
        return process.returncode, out, err

    crawled = said("crawl", profile)
    store.write_text("no folder")
    unsent = said("upload")
    store.unlink()
    sent = said("upload")
    newspaper.close()
    unreachable = said("crawl", "qushui")

    assert [(code, err) for code, _, err in (crawled, sent)] == [(0, "")] * 2
    assert only_line(crawled[1]).startswith("qushui  17 of 18: 17 captured, 2 skipped; missing 济源")
    assert only_line(sent[1]).endswith(store.as_uri())
    assert (unsent[0], len((unsent[1] + unsent[2]).splitlines())) == (3, 2)
    assert unsent[1].startswith("0 files sent, ")
    assert "try: lianzai doctor, then the same command" in unsent[1] + unsent[2]
    assert unreachable[0] == 5
    assert only_line(unreachable[2]).endswith("try: lianzai crawl qushui, later")
