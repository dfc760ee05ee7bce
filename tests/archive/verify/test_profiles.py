"""Profiles of a home: what no command could use is damage, what is gone is missing, another text is told and is no damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from damaged_home import PROFILE, SERIES, change, crawled_twice, flips, told, wrong

from archive.home import Home
from archive.verify import verify_home
from archive.verify.profiles import Known, check_profiles
from crawler.keeping import forget, keep
from crawler.profile import fault_of

NAME = f"profiles/{SERIES}.toml"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after two crawls, whose profile is kept."""
    folder = tmp_path_factory.mktemp("kept")
    home = crawled_twice(folder / "home")
    (folder / "p.toml").write_text(PROFILE, encoding="utf-8")
    keep(home, str(folder / "p.toml"), {})
    return home.root


UNUSABLE: dict[str, Callable[[bytes], bytes]] = {
    "no TOML": lambda data: data.replace(b"]", b"", 1),
    "no UTF-8": lambda data: data.replace(b"[", b"\xff[", 1),
    "another id": lambda data: data.replace(b'id = "', b'id = "x', 1),
    "no series": lambda data: data.replace(b"[series]", b"[serier]", 1),
    "empty": lambda _: b"",
    "too long": lambda data: data + b"# x\n" * 300_000,
    "nested too deep": lambda data: data + b"x = " + b"[" * 20_000,
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_a_profile_that_no_command_could_use_is_damaged_and_mended_from_the_ledger(home: Home, fault: str) -> None:
    """The service would refuse it at its next run; the ledger has its bytes, and the damaged ones are kept."""
    path = home.root / NAME
    whole = path.read_bytes()
    path.write_bytes(UNUSABLE[fault](whole))
    damaged = path.read_bytes()
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert wrong(report) == [NAME]
    assert (mended.repaired, mended.whole, path.read_bytes()) == ([NAME], True, whole)
    assert (home.root / "damaged" / f"{SERIES}.toml.damaged-1").read_bytes() == damaged
    assert [kind for kind, paths in told(home) if paths == [NAME]] == ["damaged", "repaired"]
    assert verify_home(home).whole


def test_a_kept_profile_that_is_gone_is_missing_and_put_back(home: Home) -> None:
    """A killed `add`, or a slip of the hand: the series is kept, and its file is not."""
    path = home.root / NAME
    whole = path.read_bytes()
    path.unlink()

    assert verify_home(home).missing == [NAME]
    assert verify_home(home, repair=True).repaired == [NAME]
    assert path.read_bytes() == whole


def test_a_profile_that_was_removed_is_not_missed(home: Home) -> None:
    """`remove` takes it away; the ledger remembers it all the same."""
    forget(home, SERIES)

    assert verify_home(home).whole


def test_an_edited_profile_is_told_and_no_damage(home: Home) -> None:
    """It is its user's: repair does not touch it, and `add` makes it the one that the ledger has."""
    path = home.root / NAME
    line = path.read_text(encoding="utf-8").count("\n") + 1
    path.write_text(path.read_text(encoding="utf-8") + "# 渠水\n", encoding="utf-8")
    edited = path.read_bytes()
    report = verify_home(home, repair=True)
    keep(home, str(path), {})

    assert (report.whole, report.repaired, path.read_bytes()) == (True, [], edited)
    assert report.skipped[NAME].startswith(f"line {line} is other than it was last added or crawled with: an edit")
    assert verify_home(home).skipped == {}


@pytest.mark.parametrize("bit", range(8))
def test_no_flipped_bit_of_a_profile_goes_unsaid(home: Home, bit: int) -> None:
    """All of them. What still reads might be meant (a 2 that becomes a 3): it is named as what a failing disk does."""
    known = {SERIES: Known(PROFILE, kept=True)}
    with flips(home.root / NAME, bit) as flipped:
        for at in flipped:
            found = check_profiles(home, known)

            assert found.wrong == [SERIES] or "by one bit" in found.differing[NAME], at
    assert verify_home(home).skipped == {}


@pytest.mark.parametrize("secret", [False, True])
def test_a_profile_that_was_added_and_never_crawled_is_held_against_what_add_read(tmp_path: Path, secret: bool) -> None:
    """Of one with a secret written out the ledger may not have the text: a checksum tells a flipped bit all the same."""
    home, path = Home(tmp_path / "home"), tmp_path / "p.toml"
    path.write_text(
        PROFILE.replace("[fetch]", '[fetch]\nheaders = { X-Secret-Token = "s3cret-val" }', int(secret)), "utf-8"
    )
    keep(home, str(path), {})
    name, unsaid = home.root / NAME, []
    with flips(name, 0, step=20) as flipped:
        for at in flipped:
            report = verify_home(home)
            if NAME not in report.damaged and NAME not in report.skipped:
                unsaid.append(at)
    name.unlink()
    report = verify_home(home, repair=True)

    assert (b"s3cret" in path.read_bytes()) == secret
    assert b"s3cret" not in home.ledger.read_bytes()
    assert unsaid == []
    assert (report.repaired, report.missing) == (([], [NAME]) if secret else ([NAME], []))
    assert name.exists() != secret


def test_a_profile_that_profile_check_refuses_is_damaged(home: Home) -> None:
    """TOML, its id in place, and an address that is none: no command could use it, nor the service."""
    path = home.root / NAME
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"http:', b'"ht4p:', 1))
    report = verify_home(home, profile_fault=fault_of)
    mended = verify_home(home, repair=True, profile_fault=fault_of)

    assert path.read_bytes() == whole
    assert wrong(report) == mended.repaired == [NAME]
    assert "ht4p://" in report.damaged[NAME].why[0]


def test_a_damaged_row_puts_no_profile_back(home: Home) -> None:
    """What it remembers of the profile may be what is damaged: the file stays away until the row is made again."""
    (home.root / NAME).unlink()
    change(home, "UPDATE series SET profile_text = replace(profile_text, 'http', 'ht4p')")
    report = verify_home(home, repair=True)

    assert (report.repaired, wrong(report)) == ([], ["ledger.sqlite3", NAME])
    assert not (home.root / NAME).exists()


@pytest.mark.parametrize("fault", UNUSABLE)
def test_the_draft_of_a_profile_is_told_and_no_damage(tmp_path: Path, fault: str) -> None:
    """Put there by hand, and not written to its end: the home never had it, so that nothing of it can be lost."""
    home = Home(tmp_path / "home").make()
    home.profiles.mkdir()
    path = home.profile(SERIES)
    path.write_text(PROFILE, encoding="utf-8")
    sound = verify_home(home)
    path.write_bytes(UNUSABLE[fault](path.read_bytes()))
    draft = path.read_bytes()
    report = verify_home(home, repair=True)

    assert (sound.whole, sound.skipped) == (True, {})
    assert (report.whole, report.repaired, path.read_bytes()) == (True, [], draft)
    assert report.skipped[NAME].startswith("no profile yet: ")


def test_a_ledger_that_is_lost_makes_no_drafts(home: Home) -> None:
    """The WARCs of the series say that it was crawled: a profile of it that cannot be read was one once."""
    for path in home.root.glob("ledger.sqlite3*"):
        path.unlink()
    (home.root / NAME).write_bytes(UNUSABLE["no TOML"](PROFILE.encode()))

    assert NAME in wrong(verify_home(home))
