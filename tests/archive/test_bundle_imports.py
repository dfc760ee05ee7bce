"""A bundle of a series with files made by others: they go in as they are, and the index tells of what a reader can reach."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import foreign_makers as makers
import pytest
import walk
from bundle_checker import Wacz
from click.testing import CliRunner

from archive.config import Config
from archive.errors import IntegrityError, LianzaiError, PartialError
from archive.home import Home
from archive.verbs.export import command as export_command
from archive.warc import series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile
from crawler.verbs.import_ import command as import_command

SERIES = "qushui"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose series was crawled once."""
    made = walk.home_at(tmp_path / "home")
    walk.walk(made, walk.profile_of(demo_profile(walk.BASE)), walk.site_of(Newspaper()))
    return made


def take(home: Home, folder: Path, **files: bytes) -> None:
    """Import files of these bytes; `__` in a name stands for a dot."""
    paths = []
    for name, content in files.items():
        paths.append(folder / name.replace("__", "."))
        paths[-1].write_bytes(content)
    words = [*map(str, paths), "--series", SERIES]
    ran = CliRunner().invoke(import_command, words, obj=Config(home=home.root, json=True))
    assert ran.exception is None, ran.exception


def export(home: Home, path: Path) -> tuple[dict, LianzaiError | None]:
    """Bundle the series; give the JSON and the error."""
    words = [SERIES, "--format", "wacz", "--output", str(path)]
    ran = CliRunner().invoke(export_command, words, obj=Config(home=home.root, json=True))
    if ran.exception is not None and not isinstance(ran.exception, LianzaiError):
        raise ran.exception
    error = ran.exception if isinstance(ran.exception, LianzaiError) else None
    return json.loads(ran.stdout) if ran.stdout else {}, error


def found(wacz: Wacz, number: int) -> bytes | None:
    """The record of a page, read from where the index says that it is; None where no line tells of it."""
    url = f"{makers.SITE}/{number}.html"
    fields = next(
        (one for one in (json.loads(line.split(" ", 2)[2]) for line in wacz.lines) if one["url"] == url), None
    )
    if fields is None:
        return None
    begin, end = int(fields["offset"]), int(fields["offset"]) + int(fields["length"])
    piece = wacz.zip.read(f"archive/{fields['filename']}")[begin:end]
    return gzip.decompress(piece) if piece.startswith(b"\x1f\x8b") else piece


def test_files_of_others_go_in_as_they_are(home: Home, tmp_path: Path) -> None:
    """Packed and not packed, each under its own name, each record where the index says."""
    plain, packed = makers.page(1), makers.packed(makers.page(2), makers.page(3))
    take(home, tmp_path, a__warc=plain, b__warc__gz=packed)
    done, error = export(home, tmp_path / "out.wacz")
    wacz = Wacz(tmp_path / "out.wacz")
    wacz.check()

    assert (error, done["failed"], done["warcs"]) == (None, [], len(series_files(home.warc(SERIES), SERIES)) + 2)
    assert wacz.zip.read("archive/a.warc") == plain
    assert wacz.zip.read("archive/b.warc.gz") == packed
    for number in (1, 2, 3):
        assert (makers.PAGE % number).encode() in (found(wacz, number) or b"")
    assert not [name for name in wacz.names if name.count("/") > 1]


def test_names_are_flat_and_unlike_each_other(home: Home, tmp_path: Path) -> None:
    """A file named as one of ours, or as another but for case, would hide it where the zip is unpacked."""
    own = series_files(home.warc(SERIES), SERIES)[0].name
    folder = tmp_path / "others"
    folder.mkdir()
    for number, name in enumerate((own, own.upper(), f"imported-{own}", "bare")):
        (folder / name).write_bytes(makers.packed(makers.page(number)))
    words = [*(str(path) for path in sorted(folder.iterdir())), "--series", SERIES]
    assert CliRunner().invoke(import_command, words, obj=Config(home=home.root, json=True)).exception is None
    export(home, tmp_path / "out.wacz")
    wacz = Wacz(tmp_path / "out.wacz")
    wacz.check()
    members = [name.removeprefix("archive/").lower() for name in wacz.names if name.startswith("archive/")]

    assert len(members) == len(set(members)) == len(series_files(home.warc(SERIES), SERIES)) + 4
    assert all(name.endswith(".warc.gz") for name in members)
    for number in range(4):
        assert (makers.PAGE % number).encode() in (found(wacz, number) or b"")


def test_the_same_archive_gives_the_same_bytes_with_imports_too(home: Home, tmp_path: Path) -> None:
    """Two copies can be compared by digest."""
    take(home, tmp_path, a__warc=makers.page(1), b__warc__gz=makers.packed(makers.page(2)))
    for name in ("one.wacz", "two.wacz"):
        export(home, tmp_path / name)

    assert (
        hashlib.sha256((tmp_path / "one.wacz").read_bytes()).digest()
        == hashlib.sha256((tmp_path / "two.wacz").read_bytes()).digest()
    )


def test_what_no_index_can_tell_of_is_left_out_and_said(home: Home, tmp_path: Path) -> None:
    """An ARC is no WARC; a record within a gzip member of many has no offset. The rest is exported, exit code 3."""
    one_member = gzip.compress(makers.page(1) + makers.page(2), mtime=0)
    mixed = makers.packed(makers.page(3)) + gzip.compress(makers.page(4) + makers.page(5), mtime=0)
    old = b"".join(makers.arc((f"{makers.SITE}/6.html", makers.answer(6))))
    take(home, tmp_path, one__warc__gz=one_member, mixed__warc__gz=mixed, old__arc=old, good__warc=makers.page(7))
    done, error = export(home, tmp_path / "out.wacz")
    wacz = Wacz(tmp_path / "out.wacz")
    wacz.check()
    told = {Path(one["what"]).name: one["reason"] for one in done["failed"]}

    assert isinstance(error, PartialError)
    assert error.exit_code == 3
    assert done["done"] is False
    assert told.keys() == {"one.warc.gz", "mixed.warc.gz", "old.arc"}
    assert "2 of its 3 captures are not in the index" in told["mixed.warc.gz"]
    assert all(f"{name}: {why}" in error.message for name, why in told.items())
    assert {"archive/mixed.warc.gz", "archive/good.warc"} <= set(wacz.names)
    assert not {"archive/one.warc.gz", "archive/old.arc"} & set(wacz.names)
    assert [number for number in range(1, 8) if found(wacz, number)] == [3, 7]


def test_an_imported_file_that_is_gone_or_changed_is_not_vouched_for(home: Home, tmp_path: Path) -> None:
    """A bundle would make the damage look like the original."""
    take(home, tmp_path, a__warc=makers.page(1), b__warc=makers.page(2))
    imported = home.warc(SERIES) / "imported"
    content = (imported / "a.warc").read_bytes()
    (imported / "a.warc").write_bytes(content.replace(b"8", b"9"))
    _, changed = export(home, tmp_path / "out.wacz")
    (imported / "a.warc").unlink()
    _, gone = export(home, tmp_path / "out.wacz")

    for error, said in ((changed, "nothing was exported"), (gone, "missing")):
        assert isinstance(error, IntegrityError)
        assert "imported/a.warc" in error.message
        assert said in error.message
    assert not (tmp_path / "out.wacz").exists()
