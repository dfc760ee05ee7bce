"""A WACZ that anyone may have made: its WARCs come out whole, under safe names, within bounds; what is wrong is told."""

from __future__ import annotations

import hashlib
import io
import json
import random
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from foreign_makers import packed, page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.bundle.opening import MAX_RATIO, opened, safe_name
from archive.errors import WarcError

ONE, TWO = packed(page(1), page(2)), packed(page(3))
WARCS = {"archive/b.warc.gz": TWO, "archive/a.warc.gz": ONE}


def sha256(content: bytes) -> str:
    """A digest as WACZ 1.1.1 has it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def manifest(members: dict[str, bytes], **more: object) -> bytes:
    """The datapackage.json of members."""
    resources = [
        {"name": name, "path": name, "hash": sha256(data), "bytes": len(data)} for name, data in members.items()
    ]
    return json.dumps({"profile": "data-package", "wacz_version": "1.1.1", "resources": resources, **more}).encode()


def with_manifest(members: dict[str, bytes]) -> dict[str, bytes]:
    """Members with the two files that tell of them."""
    told = manifest(members)
    seal = json.dumps({"path": "datapackage.json", "hash": sha256(told)}).encode()
    return {**members, "datapackage.json": told, "datapackage-digest.json": seal}


def wacz(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as package:
        for name, content in members:
            package.writestr(name, content)
    return data.getvalue()


class Pipe(io.RawIOBase):
    """A file that cannot be sought, as a browser's download is: lengths then stand behind the members."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        """Say so."""
        return True

    def write(self, octets: bytes) -> int:  # type: ignore[override]
        """Take bytes."""
        self.data += octets
        return len(octets)


def streamed(members: dict[str, bytes], method: int) -> bytes:
    """A zip as it is made on the fly."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return bytes(pipe.data)


def read(folder: Path, data: bytes) -> tuple[dict[str, tuple[str, bytes, bool]], list[str]]:
    """Open a WACZ of these bytes: name -> safe name, bytes, whether it was whole; and what was told."""
    path = folder / "a.wacz"
    path.write_bytes(data)
    told: list[str] = []
    found = {}
    with opened(path, lambda damage: told.append(str(damage))) as warcs:
        for number, one in enumerate(warcs):
            content = b"".join(one.pieces())
            found[f"{one.name}{'#' * (one.name in found) * number}"] = (one.safe_name, content, one.whole)
    assert [one.name for one in folder.iterdir()] == ["a.wacz"]
    return found, told


GOOD = {"archive/a.warc.gz": ("a.warc.gz", ONE, True), "archive/b.warc.gz": ("b.warc.gz", TWO, True)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("make", [lambda members, method: wacz(list(members.items()), method), streamed])
def test_the_warcs_of_a_wacz_come_out_in_the_order_of_their_names(tmp_path, make, method):
    """Stored as the standard wants it, deflated as some tools do it, written on the fly as browsers do."""
    members = with_manifest({**WARCS, "pages/pages.jsonl": b"{}\n", "indexes/index.cdx.gz": b"x"})
    found, told = read(tmp_path, make(members, method))

    assert (GOOD, []) == (found, told)
    assert list(found) == sorted(WARCS)


def test_a_bundle_of_ours_is_opened(tmp_path):
    """What `export` writes, `import` takes."""
    from datetime import UTC, datetime

    from archive.bundle.container import Container

    data = io.BytesIO()
    with Container(data, datetime(2026, 1, 5, tzinfo=UTC)) as container:
        for name, content in with_manifest(WARCS).items():
            container.add_bytes(name, content)
    found, told = read(tmp_path, data.getvalue())

    assert (GOOD, []) == (found, told)


def test_a_package_of_zip64_is_read(tmp_path):
    """From 4 GiB on all are."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for name, content in with_manifest(WARCS).items():
            with package.open(name, "w", force_zip64=True) as member:
                member.write(content)
    found, told = read(tmp_path, data.getvalue())

    assert (GOOD, []) == (found, told)


@pytest.mark.parametrize(
    ("told_hash", "right"),
    [
        (hashlib.md5(ONE).hexdigest(), True),
        (f"md5:{hashlib.md5(TWO).hexdigest()}", False),
        (f"SHA-256:{hashlib.sha256(ONE).hexdigest().upper()}", True),
        ("crc32:00000000", True),
        (7, True),
    ],
)
def test_older_digests_are_compared_where_they_are_known(tmp_path, told_hash, right):
    """A Data Package of 2017 tells MD5 without a label."""
    told_json = json.dumps(
        {"resources": [{"path": "archive/a.warc.gz", "hash": told_hash}, "odd", {"path": 1}]}
    ).encode()
    found, told = read(tmp_path, wacz([("archive/a.warc.gz", ONE), ("datapackage.json", told_json)]))

    assert found["archive/a.warc.gz"] == ("a.warc.gz", ONE, right)
    assert bool(told) is not right


def test_a_digest_that_is_wrong_is_told_and_the_member_given(tmp_path):
    """The records in it may be whole all the same."""
    members = {**with_manifest(WARCS), "archive/a.warc.gz": TWO}
    found, told = read(tmp_path, wacz(list(members.items())))
    offset = len(wacz([("archive/b.warc.gz", TWO)]))

    assert found["archive/a.warc.gz"] == ("a.warc.gz", TWO, False)
    assert [f"archive/a.warc.gz: datapackage.json says {sha256(ONE)}, found {sha256(TWO)}"] == [
        one.partition(": ")[2] for one in told
    ]
    assert 0 < int(told[0].split()[1].rstrip(":")) < offset


def test_a_manifest_that_is_not_the_sealed_one_is_told(tmp_path):
    """Someone changed it since the WACZ was made."""
    members = {**with_manifest(WARCS), "datapackage.json": manifest(WARCS, title="other")}
    found, told = read(tmp_path, wacz(list(members.items())))

    assert (GOOD, ["offset 0: datapackage.json: not what datapackage-digest.json says"]) == (found, told)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "datapackage.json: missing or damaged; the WARCs are not compared with it"),
        (b"[1]", "datapackage.json: no JSON object"),
        (b"\xff", "datapackage.json: no JSON object"),
        (b"[" * 100_000, "datapackage.json: no JSON object"),
        (
            manifest({**WARCS, "archive/c.warc.gz": b""}),
            "archive/c.warc.gz: named by datapackage.json, missing in the zip",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_told(tmp_path, content, what):
    """The WARCs are taken without it."""
    members = [*WARCS.items(), *([] if content is None else [("datapackage.json", content)])]
    found, told = read(tmp_path, wacz(members))

    assert (GOOD, [f"offset 0: {what}"]) == (found, told)


# ------------------------------------------------------------------------------------------------------ hostile zips


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("archive/../../../evil.warc.gz", "evil.warc.gz"),
        ("archive\\..\\evil.warc.gz", "evil.warc.gz"),
        ("/archive/evil.warc.gz", "evil.warc.gz"),
        ("../evil.warc.gz", None),
        ("/etc/evil.warc.gz", None),
        ("C:\\evil.warc.gz", None),
        ("evil.warc.gz", None),
        ("archive/nested.wacz", None),
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path, name, safe):
    """A member is a stream and a file name without any folder; what lies elsewhere than in archive/ is left out."""
    found, told = read(tmp_path, wacz([*with_manifest(WARCS).items(), (name, TWO)]))
    safe_names = [one[0] for one in found.values()]

    assert safe_names == sorted(["a.warc.gz", "b.warc.gz", *([safe] if safe else [])], key=safe_names.index)
    assert len(found) == (3 if safe else 2)
    assert len(told) == 1
    assert name in told[0]


def test_two_members_of_one_name_are_both_given(tmp_path):
    """Which of them was meant, nobody can say; nothing is lost."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = wacz([("archive/a.warc.gz", ONE), ("archive/a.warc.gz", TWO), ("datapackage.json", b"{}")])
    found, told = read(tmp_path, data)

    assert [one[:2] for one in found.values()] == [("a.warc.gz", ONE), ("a-2.warc.gz", TWO)]
    assert [one.partition(": ")[2] for one in told] == ["archive/a.warc.gz: a second member of that name"]


@pytest.mark.parametrize(
    ("name", "taken", "safe"),
    [
        ("archive/.hidden.warc.gz", set(), "hidden.warc.gz"),
        ("archive/.warc.gz", set(), "_.warc.gz"),
        ("archive/A.WARC", {"a.warc"}, "A-2.warc"),
        ("archive/a b\n\x1b[1m.arc.gz", set(), "a_b_1m.arc.gz"),
        ("archive/" + "石" * 100 + ".warc.gz", set(), "石" * 57 + ".warc.gz"),
        ("archive/..", set(), "_"),
        ("archive/\udcff.warc", set(), "_.warc"),
    ],
)
def test_a_safe_name_is_one_on_every_file_system(name, taken, safe):
    """No hidden file, no control, no blank, not too long, not twice where case does not count."""
    assert safe == safe_name(name, taken)
    assert safe.lower() in taken


def patched(data: bytes, name: bytes, at: int, form: str, value: int) -> bytes:
    """Change a number in the directory's line of a member. at: offset in that line (APPNOTE, 4.3.12)."""
    changed = bytearray(data)
    line = changed.rindex(name) - 46
    assert changed[line : line + 4] == b"PK\x01\x02"
    struct.pack_into(form, changed, line + at, value)
    return bytes(changed)


SOUND = wacz(list(with_manifest(WARCS).items()), zipfile.ZIP_DEFLATED)
A = b"archive/a.warc.gz"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (patched(SOUND, A, 8, "<H", 1), "archive/a.warc.gz: left out: encrypted"),
        (patched(SOUND, A, 10, "<H", 12), "archive/a.warc.gz: left out: packed by method 12"),
        (patched(SOUND, A, 24, "<L", 1 << 31), "archive/a.warc.gz: left out: 2147483648 bytes declared out of"),
    ],
    ids=["encrypted", "bzip2", "bomb"],
)
def test_a_member_that_cannot_be_read_is_left_out_and_told(tmp_path, data, what):
    """The others are taken."""
    found, told = read(tmp_path, data)

    assert {"archive/b.warc.gz": GOOD["archive/b.warc.gz"]} == found
    assert len(told) == 1
    assert what in told[0]


def test_a_member_of_petabytes_is_left_out(tmp_path):
    """No disk has room for it, so none is asked."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        with package.open("archive/a.warc.gz", "w", force_zip64=True) as member:
            member.write(ONE)
        package.filelist[0].file_size = package.filelist[0].compress_size = 1 << 50
        package.writestr("archive/b.warc.gz", TWO)
        package.writestr("datapackage.json", b"{}")
    found, told = read(tmp_path, data.getvalue())

    assert [one[0] for one in found.values()] == ["b.warc.gz"]
    assert f"{1 << 50} bytes declared; at most" in told[0]


def test_a_member_never_comes_out_longer_than_it_declares(tmp_path):
    """A bomb that lies of its length gives no byte beyond it, and what it gives comes in pieces."""
    bomb = wacz([("archive/a.warc.gz", bytes(60 << 20)), ("datapackage.json", b"{}")], zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    path = tmp_path / "a.wacz"
    path.write_bytes(patched(bomb, A, 24, "<L", 5 << 20))
    told: list[str] = []
    with opened(path, lambda damage: told.append(str(damage))) as [one]:
        given_bytes = sum(map(len, one.pieces()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert given_bytes == 5 << 20
    assert told == [f"offset 0: archive/a.warc.gz: more than the {5 << 20} bytes that it declares"]
    assert len(bomb) * MAX_RATIO > 60 << 20
    assert peak < 16 << 20


def test_a_bomb_that_tells_its_length_is_left(tmp_path: Path) -> None:
    """Deflate gives 1032 bytes for one: no WARC does, and to unpack gigabytes of nothing would fill the disk."""
    bomb = wacz([("archive/a.warc.gz", bytes(80 << 20)), ("archive/b.warc.gz", ONE)], zipfile.ZIP_DEFLATED)
    found, told = read(tmp_path, bomb)

    assert list(found) == ["archive/b.warc.gz"]
    assert any("archive/a.warc.gz: left out: 83886080 bytes declared out of" in one for one in told)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wrong_crc_is_told_and_every_byte_given(tmp_path, method):
    """One bit of a file of gigabytes must not cost the rest of it."""
    data = wacz(list(with_manifest(WARCS).items()), method)
    found, told = read(tmp_path, patched(data, A, 16, "<L", 7))

    assert found["archive/a.warc.gz"] == ("a.warc.gz", ONE, False)
    assert ["archive/a.warc.gz: CRC-32 00000007 expected, found"] == [
        one.partition(": ")[2].rpartition(" ")[0] for one in told
    ]


# -------------------------------------------------------------------------------------------------------- cut zips


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("make", [lambda members, method: wacz(list(members.items()), method), streamed])
def test_of_a_cut_zip_the_members_are_taken_that_are_there(tmp_path, make, method):
    """A download that broke off: its directory would have been at the end."""
    noise = random.Random(1).randbytes(3000)
    members = {"archive/a.warc.gz": ONE, "archive/b.warc.gz": TWO + noise, "archive/c.warc.gz": noise}
    data = make(members, method)
    cut = (
        data[: data.index(noise[1000:1020])]
        if method == zipfile.ZIP_STORED
        else data[: data.index(b"archive/b") + 1500]
    )
    found, told = read(tmp_path, cut)

    assert found["archive/a.warc.gz"] == GOOD["archive/a.warc.gz"]
    name, content, whole = found["archive/b.warc.gz"]
    assert (name, whole, (TWO + noise).startswith(content)) == ("b.warc.gz", False, True)
    assert len(content) > 1000
    assert "archive/c.warc.gz" not in found
    assert told[0].startswith("offset 0: no zip, or a cut one")
    assert any(f"offset {data.index(b'archive/b') - 30}: archive/b.warc.gz: " in one for one in told)


def test_a_zip_that_lost_only_its_directory_gives_all(tmp_path):
    """Everything is there but the list of it."""
    data = wacz(list(with_manifest(WARCS).items()))
    found, told = read(tmp_path, data[: data.index(b"PK\x01\x02")])

    assert (GOOD, 1) == (found, len(told))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "a.wacz: no zip, or a cut one: its directory"),
        (b"WARC/1.0\r\n" * 100, "a.wacz: no zip, or a cut one: its directory"),
        (
            wacz([("pages/pages.jsonl", b"{}"), ("datapackage.json", b"{}")]),
            r"a.wacz: no WARC in archive/ that can be read",
        ),
        (wacz([]), "a.wacz: no WARC in archive/ that can be read"),
        (wacz([("archive/", b"")]), "a.wacz: no WARC in archive/ that can be read"),
        (b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, 1 << 30, 0, 0), "directory has 1073741824 bytes; at most"),
        (b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, 99, 99, 0), "the zip's directory is damaged"),
    ],
)
def test_what_is_no_wacz_is_refused(tmp_path, data, what):
    """The message names the file; nothing is kept."""
    path = tmp_path / "a.wacz"
    path.write_bytes(data)

    with pytest.raises(WarcError, match=what), opened(path, lambda _: None):
        pass


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_breaks_the_reader(tmp_path, data):
    """Whatever bytes are changed: members or a WarcError, never more bytes than the zip can hold, and a changed one is told."""
    sound = data.draw(st.sampled_from([SOUND, streamed(with_manifest(WARCS), zipfile.ZIP_STORED)]))
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    found, told, refused = {}, [], "a.wacz"
    try:
        found, told = read(tmp_path, bytes(damaged))
    except WarcError as error:
        refused = str(error)

    assert refused.startswith("a.wacz")
    for name, (safe, content, whole) in found.items():
        assert "/" not in safe
        if whole and name in WARCS and not told:
            assert content == WARCS[name]
