"""`rebuild --from`: a home gets back what it lacks from a copy of it, and never loses what it has."""

from __future__ import annotations

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import foreign_makers as makers
import pytest
import walk
from click.testing import CliRunner
from desk import Desk, ended
from rebuilder import rebuild

from archive import copying
from archive.config import Config
from archive.errors import DiskError, IntegrityError, PartialError, UsageError, WarcError
from archive.fixity import payload_digest
from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.warc import series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile
from crawler.lock import series_lock
from crawler.profile import Profile
from crawler.run import SeriesRun
from crawler.verbs.import_ import command as import_command

SERIES = "qushui"


def crawled(root: Path, *, runs: int = 2) -> tuple[Home, Profile]:
    """Make a home with so many runs of the demonstration newspaper, one WARC each."""
    home, newspaper = walk.home_at(root), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    for number in range(runs):
        if number:
            newspaper.edit("开封")
        walk.walk(home, profile, walk.site_of(newspaper))
    return home, profile


def warcs(home: Home) -> dict[str, bytes]:
    """Give every file below warc/."""
    return walk.files_of(home, "warc")


def all_files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Give every file of a folder with its time of change."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of two runs, to be copied and never changed."""
    home, _ = crawled(tmp_path_factory.mktemp("original") / "home")
    return home.root


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Home:
    """A copy of it that a test may change."""
    shutil.copytree(original, tmp_path / "copy")
    return Home(tmp_path / "copy")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is not there yet."""
    return Home(tmp_path / "home")


def test_a_new_home_gets_all_and_the_copy_is_only_read(copy: Home, home: Home) -> None:
    """WARCs, what imports brought, profiles; not what is derived, nor what an import or a copy left half."""
    own, imported, package = copy.warc(SERIES), copy.warc(SERIES) / "imported", copy.root / "wacz" / SERIES / "imported"
    for folder in (imported, package, copy.profiles):
        folder.mkdir(parents=True)
    (imported / "old.warc.gz").write_bytes(b"kept as it is")
    (imported / "half.warc.gz.open").write_bytes(b"half")
    (package / "old.wacz").write_bytes(b"and this")
    (copy.root / "wacz" / f"{SERIES}.wacz").write_bytes(b"derived")
    copy.profile(SERIES).write_text("as written")
    copy.profile(SERIES).chmod(0o600)
    (own / "notes.txt").write_text("not a WARC")
    before = all_files(copy.root)
    ran, done, error = rebuild(home, "--from", copy.root.as_uri())
    taken = sorted(
        path.relative_to(home.root).as_posix() for path in map(Path, done["paths"]) if "text" not in str(path)
    )

    assert (error, done["failed"]) == (None, [])
    assert before == all_files(copy.root)
    assert [one for one in taken if not one.startswith("index/")] == sorted(
        [f"warc/{SERIES}/{path.name}" for path in series_files(own, SERIES)]
        + [f"warc/{SERIES}/imported/old.warc.gz", f"wacz/{SERIES}/imported/old.wacz", f"profiles/{SERIES}.toml"]
    )
    for name in taken[1:]:
        assert (home.root / name).read_bytes() == (copy.root / name).read_bytes()
    assert stat.S_IMODE(home.profile(SERIES).stat().st_mode) == 0o600
    assert [line.partition(": not taken: ")[2] for line in ran.stderr.splitlines()] == [
        "no whole file of an import", "not named as a WARC of its series",
    ]  # fmt: skip


def test_a_copied_profile_is_not_scheduled(desk: Desk, copy: Home) -> None:
    """What runs by itself is a person's word: `add SERIES` finds the profile and schedules it."""
    copy.profiles.mkdir(exist_ok=True)
    copy.profile(SERIES).write_text(demo_profile(walk.BASE))
    desk.ask("rebuild", "--from", str(copy.root))
    before = desk.ask("status")["series"][0]["next_run"]
    desk.ask("add", SERIES)

    assert before is None
    assert desk.ask("status")["series"][0]["next_run"] is not None


@pytest.mark.parametrize("lost", [0, 1])
def test_a_home_that_lost_a_warc_gets_it_back(copy: Home, home: Home, lost: int) -> None:
    """The ledger that it has is folded anew, also where the file stands before what was folded; a second call does nothing."""
    shutil.copytree(copy.root, home.root)
    rows = walk.state_of(copy)
    series_files(home.warc(SERIES), SERIES)[lost].unlink()
    _, done, _ = rebuild(home, "--from", copy.root)
    _, again, _ = rebuild(home, "--from", copy.root)

    taken = [[Path(path).name for path in one["paths"] if "/warc/" in path] for one in (done, again)]

    assert (done["failed"], again["failed"]) == ([], [])
    assert taken == [[series_files(copy.warc(SERIES), SERIES)[lost].name], []]
    assert warcs(home) == warcs(copy)
    assert rows == walk.state_of(home)


def test_other_bytes_of_the_same_name_are_left_and_named(copy: Home, home: Home) -> None:
    """Nobody but a person knows which is right. The rest is copied and rebuilt, and the exit code says: damaged."""
    walk.walk(copy, walk.profile_of(list_profile(walk.BASE)), walk.site_of(Newspaper()))
    first, second = series_files(copy.warc(SERIES), SERIES)
    theirs = home.warc(SERIES) / first.name
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(first.read_bytes() + b"more")
    kept = theirs.read_bytes()
    _, done, error = rebuild(home, "--from", copy.root)
    whats = [one["what"] for one in done["failed"]]

    assert isinstance(error, IntegrityError)
    assert error.exit_code == 4
    assert str(theirs) in error.message
    assert str(first) in whats
    assert theirs.read_bytes() == kept
    assert (home.warc(SERIES) / second.name).read_bytes() == second.read_bytes()
    assert (home.root / "index" / "qushui-list.cdxj").is_file()


@pytest.mark.parametrize("change", ["shorter", "longer", "flipped"])
def test_every_difference_is_seen(tmp_path: Path, change: str) -> None:
    """A copy of a prefix, or one that goes on, is another file."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    content = bytes(range(256)) * 9000
    ours.write_bytes(content)
    other = {"shorter": content[:-1], "longer": content + b"x", "flipped": content[:-1] + b"x"}[change]
    theirs.write_bytes(other)

    with pytest.raises(IntegrityError):
        copying.copy_new(theirs, ours)
    assert ours.read_bytes() == content
    assert not copying.copy_new(ours, ours)


def test_a_series_that_went_on_apart_is_not_mixed(copy: Home, home: Home) -> None:
    """Two files of one serial are two stories; folded as one they would tell edits that nobody made."""
    crawled(home.root, runs=1)
    ours = warcs(home)
    _, done, error = rebuild(home, "--from", copy.root)
    (first, second) = series_files(copy.warc(SERIES), SERIES)

    assert isinstance(error, IntegrityError)
    assert "serial 1" in error.message
    assert f"lianzai import {first} --series {SERIES}" in str(error)
    assert ours.items() <= warcs(home).items()
    assert f"warc/{SERIES}/{second.name}" in warcs(home)
    assert done["failed"][0]["what"] == str(first)


def test_a_file_that_a_crawl_writes_is_left(copy: Home, home: Home) -> None:
    """What will go on growing is no copy of anything."""
    *_, last = series_files(copy.warc(SERIES), SERIES)
    last.rename(last.with_name(last.name + ".open"))
    with series_lock(copy, SERIES):
        ran, done, _ = rebuild(home, "--from", copy.root)

    assert done["failed"] == []
    assert f"{last.name}.open: not taken: a crawl writes it now" in ran.stderr
    assert len(warcs(home)) == 1


def test_a_file_that_cannot_be_read_fails_and_the_rest_goes_on(copy: Home, home: Home) -> None:
    """A broken disk gives what it still has."""
    imported = copy.warc(SERIES) / "imported"
    imported.mkdir()
    (imported / "x.warc.gz").symlink_to("/proc/self/mem")
    (imported / "y.warc.gz").write_bytes(b"y")
    _, done, error = rebuild(home, "--from", copy.root)

    assert isinstance(error, PartialError)
    assert error.exit_code == 3
    assert [Path(one["what"]).name for one in done["failed"]] == ["x.warc.gz"]
    assert (home.warc(SERIES) / "imported" / "y.warc.gz").read_bytes() == b"y"
    assert not (home.warc(SERIES) / "imported" / "x.warc.gz").exists()


def test_a_copy_that_does_not_read_back_is_not_kept(copy: Home, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes other bytes than it was given is found out before the file has its name."""
    whole = copying._write_all
    monkeypatch.setattr(copying, "_write_all", lambda to, piece: whole(to, piece[:-1] + bytes([piece[-1] ^ 1])))
    _, done, error = rebuild(home, "--from", copy.root)

    assert isinstance(error, IntegrityError)
    assert "does not read back" in done["failed"][0]["reason"]
    assert warcs(home) == {}


def test_a_full_disk_keeps_what_was_copied(desk: Desk, copy: Home) -> None:
    """The file that found no room is not there; with room the same command goes on."""
    sizes = [path.stat().st_size for path in series_files(copy.warc(SERIES), SERIES)]
    assert sizes[0] > sizes[1]
    kib = sizes[1] // 1024 + 2
    refused = ended(desk.start("rebuild", "--from", copy.root, shell=f"trap '' XFSZ; ulimit -f {kib}"))
    left = desk.warcs() if (desk.home / "warc").exists() else []
    done = desk.ask("rebuild", "--from", str(copy.root))

    assert (refused.code, DiskError.exit_code) == (3, 3)
    assert "cannot be written" in refused.error
    assert left == []
    assert done["failed"] == []
    assert walk.state_of(Home(desk.home)) == walk.state_of(copy)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("{tmp}/nothing", "found nothing"),
        ("{tmp}/file", "found a file"),
        ("{tmp}/empty", "no folder warc/"),
        ("{tmp}/no-series", "no series in its warc/"),
        ("{tmp}/mine", "is the home itself"),
        ("{tmp}/link", "is the home itself"),
        ("{tmp}/mine/wacz", "lies within the home"),
        ("{tmp}", "the home lies within"),
        ("gs://bucket/prefix", "expected a folder, file:// or s3://"),
        ("https://example.org/", "expected a folder, file:// or s3://"),
        ("file://elsewhere/home", "a path of this machine"),
        ("file:///{tmp}/nothing%20there", "nothing there: expected a folder"),
    ],
)
def test_what_is_no_copy_of_a_home_is_refused(tmp_path: Path, named: str, said: str) -> None:
    """Before anything is made or read; with exit code 2 and a word of what was expected."""
    home = Home(tmp_path / "mine").make()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(home.root)
    for name in ("empty", "no-series/warc", "mine/wacz", "warc/x"):
        (tmp_path / name).mkdir(parents=True)
    _, done, error = rebuild(home, "--from", named.format(tmp=tmp_path))

    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert said in error.message.replace("%20", " ")
    assert error.action
    assert done == {}
    assert sorted(path.name for path in home.root.iterdir()) == ["wacz"]


class Deaths:
    """Dies before the durable step of a number: fsync, rename, a transaction of the ledger. The dead remove nothing."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done, self.last, self.dead = 0, 0, False
        for owner, name in ((os, "fsync"), (Path, "rename"), (SeriesLedger, "save"), (SeriesLedger, "put")):
            patch.setattr(owner, name, self._counted(getattr(owner, name)))
        unlink = Path.unlink
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: self.dead or unlink(path, missing_ok))

    def live(self, last: int) -> None:
        """Begin a process that dies at that step, 0 for never."""
        self.done, self.last, self.dead = 0, last, False

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.done += 1
            if self.done == self.last:
                self.dead = True
                raise walk.KilledError
            return step(*arguments, **named)

        return counted


@pytest.mark.parametrize("lacks", ["the first", pytest.param("all", marks=pytest.mark.soak)])
@pytest.mark.soak
def test_it_may_die_at_each_of_its_steps(
    copy: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    """Whatever came between, run again it completes. A crawl that begins in between keeps nothing that is half, and folds
    what was copied in its place, or says that a file lacks and how to get it."""
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    rows, files = walk.state_of(copy), walk.files_of(copy, "warc", "text", "index")
    steps, number, died = Deaths(monkeypatch), 1, True
    while died:
        home = Home(tmp_path / f"home-{number}")
        if lacks == "the first":
            shutil.copytree(copy.root, home.root)
            series_files(home.warc(SERIES), SERIES)[0].unlink()
        steps.live(number)
        error = None
        try:
            _, _, error = rebuild(home, "--from", copy.root)
            died = False
        except walk.KilledError:
            steps.live(0)
            came = len(series_files(home.warc(SERIES), SERIES)) == len(series_files(copy.warc(SERIES), SERIES))
            if number % 2 or came:
                begin(home, profile, rows if came else None)
            _, _, error = rebuild(home, "--from", copy.root)
        assert error is None, number
        assert rows == walk.state_of(home), number
        assert files == walk.files_of(home, "warc", "text", "index"), number
        number += 1

    assert number > 6


def begin(home: Home, profile: Profile, rows: Any) -> None:
    """Open the series as a crawl does. rows: what the ledger must then tell."""
    refused = None
    try:
        SeriesRun(home, profile).close()
    except WarcError as error:
        refused = str(error)

    assert refused is None or (rows is None and "lianzai rebuild --from" in refused)
    assert rows is None or rows == walk.state_of(home)
    assert not list(home.root.glob("warc/**/.*"))


def test_imports_come_along_and_are_folded_as_they_were(copy: Home, home: Home, tmp_path: Path) -> None:
    """A WARC and a WACZ by others: the files, and what the ledger tells of them, are there in a new home too."""
    warc = tmp_path / "old.warc.gz"
    warc.write_bytes(makers.packed(makers.page(1), makers.page(2)))
    package = tmp_path / "old.wacz"
    content = makers.packed(makers.page(3))
    resource = {
        "name": "x.warc.gz",
        "path": "archive/x.warc.gz",
        "hash": payload_digest(content),
        "bytes": len(content),
    }
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("archive/x.warc.gz", content)
        file.writestr("datapackage.json", json.dumps({"profile": "data-package", "resources": [resource]}))
    words = [str(warc), str(package), "--series", SERIES]
    ran = CliRunner().invoke(import_command, words, obj=Config(home=copy.root))
    assert ran.exit_code == 0, ran.stderr
    _, done, error = rebuild(home, "--from", copy.root)

    assert (error, done["failed"]) == (None, [])
    assert walk.state_of(copy) == walk.state_of(home)
    assert walk.files_of(copy, "warc", "wacz", "text", "index") == walk.files_of(home, "warc", "wacz", "text", "index")
    assert {f"warc/{SERIES}/imported/{name}" for name in ("old.warc.gz", "x.warc.gz")} <= set(warcs(home))
