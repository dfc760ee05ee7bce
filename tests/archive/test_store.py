"""The stores alone: what is put is what is read, under any name; what waits waits by the clock that it is given."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_proxy import faulty
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from s3_server import environment, serving
from uploading import QuickClock, source

from archive.errors import StoreError, UsageError
from archive.fixity import payload_digest
from archive.store import Bandwidth, Patience, Stopped, Store, checked, digest_of, open_store, store_name
from archive.stores.patience import FIRST_BOUND_S, LAST_BOUND_S

# What a path of a home may be made of: anything but what no file system or no XML can hold.
PARTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="/\\"), min_size=1, max_size=40
).filter(lambda part: part.strip(". ") == part and len(part.encode()) <= 200)
LONG = "/".join(("长" * 60, "x" * 200, "+ %2F" * 40, "é" * 100, "y" * 120))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    disk = tmp_path_factory.mktemp("s3")
    (disk / "archive").mkdir()
    with serving(disk) as url:
        yield url


@pytest.fixture(params=["s3", "file"])
def store(
    request: pytest.FixtureRequest, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """A store of each kind, its prefix new for each test."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    prefix = f"归档 a+b/{tmp_path.name}"
    url = f"s3://archive/{prefix}" if request.param == "s3" else (tmp_path / "归档 a+b").as_uri()
    opened = open_store(url, {}, bandwidth=Bandwidth(QuickClock()))
    yield opened
    opened.close()


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "source"
    path.write_bytes(content)
    return path


def read(store: Store, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(store.read(key, start, length))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(PARTS, min_size=1, max_size=3), content=st.binary(max_size=300))
def test_any_name_comes_back_as_it_was_given(store: Store, tmp_path: Path, parts: list[str], content: bytes) -> None:
    """A key that is quoted twice, or not, is another file to whoever restores."""
    key = "/".join(["k", payload_digest("/".join(parts).encode() + content)[7:], *parts])
    store.put(key, source(write(tmp_path, content)), replace=True)

    assert read(store, key) == content
    assert key in dict(store.list("k/"))


@pytest.mark.parametrize("key", [LONG, "a b/c+d/e%41", "渠水/..a/b../c", "q?a=b&c#d"])
def test_odd_and_long_names_too(store: Store, tmp_path: Path, key: str) -> None:
    """Of 900 bytes, with what an address would read as its own."""
    store.put(key, source(write(tmp_path, b"odd")), replace=False)

    assert read(store, key) == b"odd"
    assert [name for name, _ in store.list() if name == key] == [key]


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/../b", "./a", "a/.", "a\0b", "x" * 1025, "\udcff"])
def test_what_would_leave_the_prefix_or_fits_no_store_is_refused(store: Store, tmp_path: Path, key: str) -> None:
    """A key is made of file names, and some file names are attacks."""
    with pytest.raises(UsageError):
        store.put(key, source(write(tmp_path, b"x")), replace=True)


@pytest.mark.parametrize("size", [0, 1, 8 << 20, (8 << 20) + 1, (17 << 20) + 5])
def test_any_size_and_any_range(store: Store, tmp_path: Path, size: int) -> None:
    """Around the bound of parts, and nothing at all."""
    content = random.Random(size).randbytes(size)
    kept = source(write(tmp_path, content))

    assert store.put("file", kept, replace=False)
    assert digest_of(store, "file") == kept.sha256
    stat = store.head("file")
    assert stat is not None
    assert stat.size == size
    assert read(store, "file", size // 2, 1000) == content[size // 2 :][:1000]
    assert read(store, "file", size, 10) == b""


def test_what_is_not_there_is_not_there(store: Store) -> None:
    """Neither an error of the store nor an empty file."""
    assert store.head("nothing") is None
    with pytest.raises(FileNotFoundError):
        read(store, "nothing")


def test_the_digest_stands_by_the_object_in_ascii(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata beyond ASCII is refused by boto3 (boto/boto3#478)."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    opened, kept = open_store("s3://archive/归档", {}), source(write(tmp_path, "渠水".encode()))
    opened.put("渠", kept, replace=True)
    stat = opened.head("渠")

    assert stat is not None
    assert (stat.sha256, stat.metadata) == (kept.sha256, {"sha256": kept.sha256[7:]})


def test_rclone_is_found_to_take_any_checksum(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So its word on a checksum is worth nothing, and verify reads."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)

    opened = open_store("s3://archive/p", {})

    assert opened.reckons() is False
    probe = opened.head(".checksum-probe")
    assert probe is not None
    assert probe.checksum == digest_of(opened, ".checksum-probe")  # it is left with the right one


def test_an_upload_that_was_broken_off_goes_on_with_the_parts_that_are_there(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WARC of a gigabyte over a slow line must not begin again with each run."""
    content = random.Random(1).randbytes(30 << 20)
    kept = source(write(tmp_path, content))
    with faulty(server) as proxy:
        for name, value in environment(proxy.url).items():
            monkeypatch.setenv(name, value)
        proxy.before = lambda _method, path: "reset" if "partNumber=3" in path else None
        one = open_store("s3://archive/p", {}, bandwidth=Bandwidth(QuickClock()), connections=1)
        with pytest.raises(StoreError):
            one.put("large", kept, replace=False)
        proxy.requests.clear()
        proxy.before = lambda _method, _path: None
        opened = open_store("s3://archive/p", {}, bandwidth=Bandwidth(QuickClock()))
        opened.put("large", kept, replace=False)
        sent = [path.partition("partNumber=")[2] for method, path in proxy.requests if "partNumber=" in path]

    assert sorted(sent) == ["3", "4"]
    assert digest_of(opened, "large") == kept.sha256


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A copy that is stopped leaves the old one, and the next try clears what it left."""

    class Stopping(QuickClock):
        def wait(self, seconds: float) -> None:  # noqa: ARG002
            raise Stopped

    root = tmp_path / "copy"
    good = open_store(root.as_uri(), {}, bandwidth=Bandwidth(QuickClock()))
    good.put("a/b", source(write(tmp_path, b"old")), replace=True)
    with pytest.raises(Stopped):
        open_store(root.as_uri(), {}, bandwidth=Bandwidth(Stopping())).put(
            "a/b", source(write(tmp_path, b"new")), replace=True
        )

    assert [path.name for path in root.rglob("*") if path.is_file()] == ["b"]
    assert read(good, "a/b") == b"old"
    assert good.put("a/b", source(write(tmp_path, b"new")), replace=False) is False
    assert read(good, "a/b") == b"old"


def test_a_disk_that_is_not_mounted_is_not_filled_beside(tmp_path: Path) -> None:
    """Else the copy would lie on the same disk as the original."""
    opened = open_store((tmp_path / "mnt" / "disk" / "copy").as_uri(), {})

    with pytest.raises(StoreError) as told:
        opened.put("a", source(write(tmp_path, b"x")), replace=True)

    assert told.value.whole
    assert not (tmp_path / "mnt").exists()


def test_waits_grow_differ_and_end() -> None:
    """A hundred clients that wait alike come back alike."""
    clock, calls = QuickClock(), []
    patience = Patience(clock, tries=12, chance=random.Random(1))

    def deed() -> None:
        calls.append(1)
        raise StoreError("no", passing=True)

    with pytest.raises(StoreError):
        patience.call(deed)

    bounds = [min(LAST_BOUND_S, FIRST_BOUND_S * 2**n) for n in range(11)]
    assert len(calls) == 12
    assert all(0 < wait <= bound for wait, bound in zip(clock.waits, bounds, strict=True))
    assert len(set(clock.waits)) == 11


def test_what_does_not_pass_is_not_tried_again() -> None:
    """A wrong key stays wrong."""
    clock, calls = QuickClock(), []

    def deed() -> None:
        calls.append(1)
        raise StoreError("no", whole=True)

    with pytest.raises(StoreError):
        Patience(clock).call(deed)

    assert (len(calls), clock.waits) == (1, [])


@pytest.mark.parametrize("size", [4_000_000, 20_000_000], ids=["whole", "in parts"])
@pytest.mark.parametrize("kind", ["s3", "s3, reached", "file"])
def test_a_limit_holds_on_the_average(
    kind: str, size: int, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 MB at 2 MB a second take ten seconds, by whatever way they go: once a bucket was reached, boto3's is not used."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    clock = QuickClock()
    url = (tmp_path / "copy").as_uri() if kind == "file" else "s3://archive/limit"
    bandwidth = Bandwidth(clock, 2_000_000)
    opened = open_store(url, {}, bandwidth=bandwidth)
    if kind == "s3, reached":
        opened.reach()

    opened.put("x", source(write(tmp_path, bytes(size))), replace=True)

    # The last piece is waited for before it goes: at most 1 MiB less.
    assert size / 2_000_000 - 0.6 < sum(clock.waits) <= size / 2_000_000
    assert bandwidth.passed == size


def test_a_store_has_one_name(tmp_path: Path) -> None:
    """The ledger asks by it."""
    environ = {"S": "s3://b/p"}

    assert store_name("s3://b/p/", {}) == store_name("s3://b/p", {}) == "s3://b/p"
    assert store_name("env:S", environ) != store_name("env:S", {"S": "s3://b/q"})
    assert "b/p" not in store_name("env:S", environ)
    assert checked("a", "p/") == "p/a"
    with pytest.raises(UsageError, match="NOT_SET"):
        open_store("env:NOT_SET", {})
