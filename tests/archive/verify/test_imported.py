"""Files made by others: held against what they were when they were imported, against the ledger's rows, and mended."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import walk
from damaged_home import PROFILE, SERIES, change, crawled_twice, flip, flips, path_of, warcs, wrong
from foreign_makers import packed, page, record

from archive.fixity import file_digest
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verify import disagreements, verify_home
from archive.verify.warcs import check_series
from crawler.run import SeriesRun
from crawler.taking import Import

FOLDER = f"warc/{SERIES}/imported"
REQUEST = record("request", b"http://qushui.example/1.html", b"GET /1.html HTTP/1.1\r\n\r\n")


class Silent:
    """Progress that nobody looks at."""

    def copied(self, size: int, what: str) -> None: ...

    def read(self, capture: object) -> None: ...


def take(home: Home, *files: Path) -> None:
    """Import files into the series."""
    run = SeriesRun(home, walk.profile_of(PROFILE))
    try:
        importing = Import(run, Silent())
        assert [one.refused for one in map(importing.take, files)] == [None] * len(files)
        importing.finish(anew=False)
    finally:
        run.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after two crawls and an import: one record a member, one member for all, not packed and damaged, a WACZ."""
    folder = tmp_path_factory.mktemp("kept")
    home = crawled_twice(folder / "home")
    (folder / "members.warc.gz").write_bytes(packed(REQUEST, page(1), page(2)))
    (folder / "one.warc.gz").write_bytes(gzip.compress(page(3) + page(4), mtime=0))
    (folder / "cut.warc").write_bytes(page(5) + page(6) + page(7)[:-30])
    with zipfile.ZipFile(folder / "theirs.wacz", "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("archive/in.warc.gz", packed(page(8), page(9)))
        bundle.writestr("datapackage.json", "{}")
    take(home, *(folder / name for name in ("members.warc.gz", "one.warc.gz", "cut.warc", "theirs.wacz")))
    return home.root


def imports(home: Home) -> list[Path]:
    return sorted((home.warc(SERIES) / "imported").iterdir())


def package(home: Home) -> Path:
    (path,) = home.packages(SERIES).iterdir()
    return path


def test_imported_files_are_whole_however_they_were_damaged_before(home: Home) -> None:
    """A cut record, foreign digests, several records in a member: they were so when they came."""
    report = verify_home(home)

    assert (wrong(report), report.skipped) == ([], {})
    assert [path.name for path in imports(home)] == ["cut.warc", "in.warc.gz", "members.warc.gz", "one.warc.gz"]
    assert report.checked == len([*walk.files_of(home, "warc", "text", "index", "wacz")]) + 2  # ledger, search


@pytest.mark.parametrize("name", ["cut.warc", "in.warc.gz", "members.warc.gz", "one.warc.gz"])
def test_a_flip_anywhere_in_an_imported_file_is_found(home: Home, name: str) -> None:
    """Anywhere in it: also those of requests, gzip heads and of what was damaged before."""
    path = home.root / FOLDER / name
    ledger, missed = open_ledger(home.root, create=False), []
    with closing(ledger), flips(path, 3, step=19) as flipped:
        missed = [
            at
            for at in flipped
            if list(check_series(home, ledger, SERIES, True, lambda _: None).damaged) != [path_of(home, path)]
        ]

    assert missed == []


def test_a_damaged_import_names_the_records_that_are_lost(home: Home) -> None:
    """What the ledger has of it and its bytes no longer give."""
    path = home.root / FOLDER / "cut.warc"
    flip(path, path.read_bytes().index(b"WARC-Type"), 4)
    (entry,) = verify_home(home).to_json()["damaged"]

    assert (entry["path"], [one["offset"] for one in entry["records"]]) == (path_of(home, path), [0])
    assert entry["expected"] != entry["found"] == file_digest(path)


def test_a_missing_import_is_missing(home: Home) -> None:
    """The note of its import tells of it, and so does the ledger."""
    (home.root / FOLDER / "members.warc.gz").unlink()

    assert verify_home(home).missing == [f"{FOLDER}/members.warc.gz"]


def test_imports_are_held_to_their_notes_where_there_is_no_ledger(home: Home) -> None:
    """The notes lie in WARCs of our own; a lost ledger takes no proof away."""
    one, other = imports(home)[:2]
    flip(one, 40)
    other.unlink()
    home.ledger.unlink()

    assert wrong(verify_home(home)) == sorted(["ledger.sqlite3", path_of(home, one), path_of(home, other)])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM files WHERE name = 'imported/members.warc.gz'",
        "UPDATE files SET records = records + 1 WHERE name = 'imported/one.warc.gz'",
        "UPDATE files SET serial = serial - 1 WHERE name = 'imported/one.warc.gz'",
        "UPDATE files SET sha256 = replace(sha256, 'a', 'b') WHERE name = 'imported/one.warc.gz'",
        "UPDATE files SET bytes = bytes + 1 WHERE name = 'imported/one.warc.gz'",
        "DELETE FROM captures WHERE file = 'imported/members.warc.gz' AND url LIKE '%/2.html'",
        "UPDATE captures SET digest = replace(digest, 'a', 'b') WHERE file = 'imported/cut.warc' AND url LIKE '%/6.html'",
        "UPDATE captures SET member_skip = member_skip + 1 WHERE file = 'imported/one.warc.gz' AND url LIKE '%/4.html'",
        "UPDATE captures SET \"offset\" = \"offset\" + 1 WHERE file = 'imported/one.warc.gz' AND url LIKE '%/4.html'",
        "UPDATE captures SET record_id = '<urn:x:1>' WHERE file = 'imported/cut.warc' AND url LIKE '%/6.html'",
    ],
)
def test_where_rows_and_an_imported_file_disagree_the_ledger_is_wrong(home: Home, statement: str) -> None:
    """The file is as it was imported: so the rows are wrong, in either direction."""
    change(home, statement)

    assert wrong(verify_home(home)) == ["ledger.sqlite3"]


def test_a_package_is_held_to_its_digest(home: Home) -> None:
    """A WACZ is kept as it came: other tools open it, and its seal may be over every byte."""
    path = package(home)
    sound = path.read_bytes()
    flip(path, path.stat().st_size // 2)
    flipped = wrong(verify_home(home))
    path.unlink()
    gone = verify_home(home).missing
    path.write_bytes(sound)

    assert flipped == gone == [path_of(home, path)]
    assert verify_home(home).whole


def test_an_import_is_mended_from_the_package_that_it_came_in(home: Home) -> None:
    """The bytes are in the home, packed in the WACZ."""
    path = home.root / FOLDER / "in.warc.gz"
    whole = path.read_bytes()
    flip(path, 50)
    report = verify_home(home, repair=True)

    assert (report.repaired, wrong(report), path.read_bytes()) == ([path_of(home, path)], [], whole)


def test_imports_and_packages_are_mended_from_copies_under_other_names(home: Home) -> None:
    """A file that was renamed is missing under the one name and a stray under the other."""
    path = home.root / FOLDER / "one.warc.gz"
    copy = path.with_name("copy.warc.gz")
    path.rename(copy)
    whole = package(home)
    shutil.copy(whole, home.packages(SERIES) / "copy.wacz")
    whole.write_bytes(b"no more")
    found = wrong(verify_home(home))
    report = verify_home(home, repair=True)

    assert set(found) >= {path_of(home, path), path_of(home, whole)}
    assert wrong(report) == []
    assert {path_of(home, path), path_of(home, whole)} <= set(report.repaired)
    assert verify_home(home).whole


def test_what_a_killed_import_left_is_said_to_wait(home: Home) -> None:
    """The next import takes it or removes it; until then it is nobody's damage."""
    (home.root / FOLDER / "left.warc.gz").write_bytes(packed(page(11)))
    (home.root / FOLDER / ".half.warc.gz.part").write_bytes(b"half")
    (home.root / FOLDER / "half.warc.gz.open").write_bytes(b"half")
    (home.packages(SERIES) / "left.wacz").write_bytes(b"PK")
    report = verify_home(home)

    assert report.whole
    assert set(report.skipped) == {
        f"{FOLDER}/left.warc.gz",
        f"{FOLDER}/half.warc.gz.open",
        f"wacz/{SERIES}/imported/left.wacz",
    }


def test_the_doctor_sees_sizes_of_imports(home: Home) -> None:
    """A look of a moment, as at our own files."""
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), ledger.read() as connection:
        sound = disagreements(connection, home)
        os.truncate(home.root / FOLDER / "cut.warc", 10)
        (home.root / FOLDER / "one.warc.gz").unlink()
        found = disagreements(connection, home)

    assert sound == []
    assert [line.partition(":")[0] for line in found] == [f"{FOLDER}/cut.warc", f"{FOLDER}/one.warc.gz"]


def test_a_record_that_stands_in_two_files_has_one_row(home: Home, tmp_path: Path) -> None:
    """A file that repeats what another has, and a record of ours: the same capture is no record without a row."""
    (tmp_path / "again.warc.gz").write_bytes(packed(page(2), page(10)))
    shutil.copy(warcs(home)[0], tmp_path / "ours.warc.gz")
    take(home, tmp_path / "again.warc.gz", tmp_path / "ours.warc.gz")

    assert wrong(verify_home(home)) == []


@pytest.mark.parametrize("name", ["cut.warc", "in.warc.gz", "members.warc.gz", "one.warc.gz"])
@pytest.mark.parametrize("more", [1, -1])
def test_what_was_added_or_cut_is_named_by_its_offset(home: Home, name: str, more: int) -> None:
    """No record is lost by one byte more, and none of a cut one may be known: the end of the file tells the place."""
    path = home.root / FOLDER / name
    data = path.read_bytes()
    path.write_bytes(data + b"\0" if more > 0 else data[:-1])
    (entry,) = verify_home(home).to_json()["damaged"]

    assert entry["path"] == path_of(home, path)
    assert len(data) + min(more, 0) in [one["offset"] for one in entry["records"]]


def test_of_a_damaged_package_it_is_said_that_its_warcs_are_whole(home: Home) -> None:
    """Nothing of the series is lost by that; where one of them is damaged too, it is not said."""
    path = package(home)
    path.write_bytes(path.read_bytes()[:-10])
    name = path_of(home, path)
    (why,) = verify_home(home).damaged[name].why
    flip(home.root / FOLDER / "in.warc.gz", 40)

    assert why.endswith(f": {FOLDER}/in.warc.gz")
    assert verify_home(home).damaged[name].why == []


def test_a_damaged_package_comes_back_where_it_is_imported_again(home: Home, kept: Path) -> None:
    """As the advice says: its WARCs are there, so nothing is taken twice, and the copy mends the package."""
    path = package(home)
    before = path.read_bytes()
    path.write_bytes(before[:-10])
    take(home, kept.parent / "theirs.wacz")
    report = verify_home(home, repair=True)

    assert report.whole
    assert path.read_bytes() == before
    assert package(home) == path  # the copy is put aside
    assert (verify_home(home).whole, len(imports(home))) == (True, 4)
