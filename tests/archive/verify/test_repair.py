"""What was damaged is mended where the bytes still are, and nowhere else."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from damaged_home import SERIES, flip, path_of, wacz, warcs, wrong

from archive.bundle import write_wacz
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verify import verify_home

# ------------------------------------------------------------------------------------------------------ text and index


DERIVED: dict[str, Callable[[Home], Path]] = {
    "an edited text": lambda home: next(home.text(SERIES).glob("*.md")),
    "an edited list": lambda home: home.text(SERIES) / f"{SERIES}.jsonl",
    "an edited index": lambda home: home.index(SERIES),
}


@pytest.mark.parametrize("what", DERIVED)
@pytest.mark.parametrize("gone", [False, True])
def test_what_is_derived_is_found_damaged_or_missing_and_derived_again(home: Home, what: str, gone: bool) -> None:
    """Text and index are made of the ledger: where they differ they are damaged, and can always be made again."""
    path = DERIVED[what](home)
    before = path.read_bytes()
    if gone:
        path.unlink()
    else:
        path.write_bytes(before.replace(b"0", b"1", 1))  # a digit of a date, a digest, an offset
    report, mended = verify_home(home), verify_home(home, repair=True)
    name = path_of(home, path)

    assert (report.missing, list(report.damaged)) == (([name], []) if gone else ([], [name]))
    assert mended.to_json() == {"checked": report.checked, "damaged": [], "missing": [], "repaired": [name]}
    assert path.read_bytes() == before
    assert verify_home(home).whole


def test_a_text_under_another_name_is_no_text_of_ours(home: Home) -> None:
    """The stray file is named beside the missing one; repair leaves only what the ledger derives."""
    path = next(home.text(SERIES).glob("*.md"))
    stray = path.with_name("99-moved.md")
    path.rename(stray)
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert (report.missing, list(report.damaged)) == ([path_of(home, path)], [path_of(home, stray)])
    assert sorted(mended.repaired) == sorted([path_of(home, path), path_of(home, stray)])


# -------------------------------------------------------------------------------------------------------------- repair


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_warc_is_mended_from_a_wacz_and_the_damaged_one_kept(home: Home, damage: str) -> None:
    """The bytes come back as they were; what was there before is evidence and is never deleted."""
    path = warcs(home)[0]
    whole = path.read_bytes()
    wacz(home, path)
    if damage == "flipped":
        flip(path, len(whole) // 2)
    elif damage == "cut":
        os.truncate(path, 999)
    else:
        path.unlink()
    before = path.read_bytes() if path.exists() else None
    report = verify_home(home, repair=True)
    aside = home.root / "damaged" / f"{path.name}.damaged-1"

    assert report.to_json()["repaired"] == [path_of(home, path)]
    assert report.whole
    assert path.read_bytes() == whole
    assert (aside.read_bytes() if aside.exists() else None) == before
    assert verify_home(home).whole
    assert [one.name for one in (home.root / "damaged").iterdir()] == ([aside.name] if before is not None else [])


def test_files_that_were_swapped_mend_each_other(home: Home) -> None:
    """All bytes are there, under the wrong names."""
    one, other = warcs(home)
    before = [path.read_bytes() for path in (one, other)]
    one.write_bytes(before[1])
    other.write_bytes(before[0])
    report = verify_home(home, repair=True)

    assert report.whole
    assert [path.read_bytes() for path in (one, other)] == before


def test_a_renamed_file_gets_its_name_back(home: Home) -> None:
    """Its bytes are in the home; the stray copy leaves warc/, where nothing but the series' files belongs."""
    path = warcs(home)[0]
    stray = path.with_name(f"{SERIES}-20200101000000-00099.warc.gz")
    path.rename(stray)
    report = verify_home(home, repair=True)

    assert sorted(report.repaired) == sorted([path_of(home, path), path_of(home, stray)])
    assert [one.name for one in warcs(home)] == sorted([path.name, warcs(home)[1].name])
    assert verify_home(home).whole


@pytest.mark.parametrize("copy", ["none", "damaged too", "no zip", "cut zip"])
def test_without_the_same_bytes_nothing_is_put_in_place(home: Home, copy: str) -> None:
    """A copy of the same name and size with other bytes would bury the loss."""
    path = warcs(home)[0]
    whole = path.read_bytes()
    if copy == "damaged too":
        flip(path, 500)
        wacz(home, path)
        path.write_bytes(whole)
    elif copy == "no zip":
        (home.root / "wacz").mkdir()
        (home.root / "wacz" / "x.wacz").write_bytes(b"PK but no more")
    elif copy == "cut zip":
        bundle = wacz(home, path)
        data = bundle.read_bytes()
        middle = len(data) // 3
        bundle.write_bytes(data[:middle] + bytes(2000) + data[middle + 2000 :])
    flip(path, 700)
    damaged = path.read_bytes()
    report = verify_home(home, repair=True)

    bad_bundle = {"none": [], "damaged too": [], "no zip": ["wacz/x.wacz"], "cut zip": ["wacz/copy.wacz"]}[copy]

    assert wrong(report) == sorted([path_of(home, path), *bad_bundle])
    assert report.repaired == []
    assert path.read_bytes() == damaged
    assert not list((home.root / "damaged").glob("*")) if (home.root / "damaged").exists() else True


def test_names_in_a_wacz_lead_nowhere(home: Home) -> None:
    """An entry named ../../x is a source of bytes like any other, never a path."""
    path = warcs(home)[0]
    whole = path.read_bytes()
    (home.root / "wacz").mkdir()
    with zipfile.ZipFile(home.root / "wacz" / "x.wacz", "w") as opened:
        opened.writestr("../../../outside.warc.gz", whole)
    path.unlink()
    report = verify_home(home, repair=True)

    assert report.repaired == [path_of(home, path)]
    assert wrong(report) == ["wacz/x.wacz"]
    assert path.read_bytes() == whole
    assert not list(home.root.parent.glob("outside*"))


def test_the_wacz_that_export_makes_mends_what_is_lost(home: Home) -> None:
    """An export is a copy: every WARC of the series can be lost and is put back from it."""
    before = [path.read_bytes() for path in warcs(home)]
    ledger = open_ledger(home.root, create=False)
    with ledger.read() as connection:
        write_wacz(connection, home, SERIES)
    ledger.close()
    for path in warcs(home):
        path.unlink()
    report = verify_home(home, repair=True)

    assert report.whole
    assert [path.read_bytes() for path in warcs(home)] == before


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9, 0.999])
def test_a_damaged_wacz_is_named(home: Home, place: float) -> None:
    """A copy that cannot mend anything must be known before it is needed."""
    bundle = wacz(home, *warcs(home))
    sound = verify_home(home).whole
    data = bytearray(bundle.read_bytes())
    at = int(len(data) * place)
    data[at : at + 30] = bytes(byte ^ 0xFF for byte in data[at : at + 30])
    bundle.write_bytes(data)

    assert sound
    assert wrong(verify_home(home)) == ["wacz/copy.wacz"]


# --------------------------------------------------------------------------------------------- closed files without names


@pytest.mark.parametrize("which", [0, 1])
def test_a_closed_file_that_lost_its_name_is_missing_and_gets_it_back(home: Home, which: int) -> None:
    """The ledger knows it by name, size and digest: it is the file that is wrong, not the ledger."""
    path = warcs(home)[which]
    data, begun = path.read_bytes(), path.with_name(f"{path.name}.open")
    path.rename(begun)
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert (report.missing, list(report.damaged)) == ([path_of(home, path)], [path_of(home, begun)])
    assert (mended.whole, sorted(mended.repaired)) == (True, sorted([path_of(home, path), path_of(home, begun)]))
    assert (path.read_bytes(), begun.exists()) == (data, False)
    assert verify_home(home).whole


def test_a_closed_file_without_its_name_and_its_end_comes_out_of_a_wacz(home: Home) -> None:
    """What bears the name of a file being written is not it: the bytes are taken from where they are, and it is put aside."""
    path = warcs(home)[1]
    data, begun = path.read_bytes(), path.with_name(f"{path.name}.open")
    wacz(home, path)
    path.unlink()
    begun.write_bytes(data[:-100])
    mended = verify_home(home, repair=True)

    assert (mended.whole, path.read_bytes(), begun.exists()) == (True, data, False)
    assert [one.read_bytes() for one in (home.root / "damaged").iterdir()] == [data[:-100]]


def test_without_its_bytes_a_closed_file_stays_missing_and_what_is_left_stays(home: Home) -> None:
    """Nothing is lost by a repair that cannot help."""
    path = warcs(home)[0]
    begun = path.with_name(f"{path.name}.open")
    path.rename(begun)
    flip(begun, 100)
    mended = verify_home(home, repair=True)

    assert (mended.missing, list(mended.damaged), begun.exists()) == (
        [path_of(home, path)],
        [path_of(home, begun)],
        True,
    )
