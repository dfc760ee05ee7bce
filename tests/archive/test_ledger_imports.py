"""Files by others in the ledger: their captures, where they lie, and what our own records may refer to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from archive import views
from archive.fold import SeriesState
from archive.home import Home
from archive.index import cdxj_line
from archive.ledger import holdings, queries, schema
from archive.ledger.fixity import derivable
from archive.ledger.others import Told, Waiting
from archive.ledger.series import Batch, SeriesLedger
from archive.model import Capture, Reading

AT = datetime(2018, 8, 30, 2, 5, tzinfo=UTC)
FILE = "imported/of-others.warc.gz"
DIGEST = f"sha256:{7:064x}"


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


def capture(record: str, file: str, **more: Any) -> Capture:
    values = {"status": 200, "mime": "text/html", "payload_digest": DIGEST, "payload_bytes": 3}
    place = {"type": "response", "url": "http://paper.example/", "fetched": AT, "file": file, "offset": 8, "length": 9}
    return Capture(record_id=record, **{**place, **values, **more})


def rows(filled: Any, *captures: Capture, files: tuple[tuple[str, str], ...] = ()) -> SeriesLedger:
    """Save captures and files of the series qushui."""
    filled.add_series()
    kept = SeriesLedger(filled.ledger, "qushui")
    batch = Batch(captures=[("r", one) for one in captures])
    batch.files = [
        {"name": name, "series": "qushui", "serial": 1, "bytes": 1, "sha256": sha256, "records": 2}
        for name, sha256 in files
    ]
    kept.save(SeriesState(), batch, rules="")
    return SeriesLedger(filled.ledger, "qushui")


def test_our_revisits_refer_to_our_own_records_only(filled: Any) -> None:
    """A file by others may be all that has the payload: then the next answer is written whole."""
    kept = rows(filled, capture("<urn:uuid:1>", FILE))

    assert kept.original(DIGEST) is None

    kept.save(SeriesState(), Batch(captures=[("r", capture("<urn:uuid:2>", "imported-2026-00001.warc.gz"))]), rules="")

    assert SeriesLedger(filled.ledger, "qushui").original(DIGEST) == ("<urn:uuid:2>", "http://paper.example/", AT)


def test_digests_of_other_kinds_hinder_no_look_up(filled: Any) -> None:
    """A revisit by others tells a sha1, or no digest at all."""
    kept = rows(
        filled,
        capture("<urn:uuid:1>", FILE, payload_digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", type="revisit"),
        capture("<urn:uuid:2>", FILE, payload_digest="", type="revisit"),
    )

    assert kept.original(DIGEST) is None
    assert kept.told_of("<urn:uuid:2>") == ("http://paper.example/", "")


def test_a_capture_waits_under_the_address_that_the_series_would_have(filled: Any) -> None:
    """Only an answer of HTTP can say something; what was read waits no longer, and what is ours never did."""
    kept = rows(filled, capture("<urn:uuid:1>", "qushui-20261125050000-00001.warc.gz"))
    others = [
        capture("<urn:uuid:2>", FILE, url="http://paper.example/渠?a b"),
        capture("<urn:uuid:3>", FILE, url="http://paper.example/other"),
        capture("<urn:uuid:4>", FILE, url="dns:paper.example", type="resource", status=None),
    ]
    kept.save(SeriesState(), Batch(others=[("i", one, "sha1:A") for one in others]), rules="")
    urls = ["http://paper.example/%E6%B8%A0?a%20b", "http://paper.example/", "dns:paper.example"]

    assert kept.others.unread()
    assert list(kept.others.waiting(urls)) == [Waiting("i", others[0])]

    kept.save(SeriesState(), Batch(read=["<urn:uuid:2>", "<urn:uuid:3>"]), rules="")

    assert not kept.others.unread()
    assert list(kept.others.waiting(urls)) == []


def test_the_original_of_a_revisit_is_found_by_what_its_record_tells(filled: Any) -> None:
    """By id, by address and time, by the digest as its own record has it; the oldest where there are several."""
    kept = rows(filled)
    first, second = (
        capture(f"<urn:uuid:{day}>", FILE, fetched=AT.replace(day=day), payload_digest=f"sha256:{day:064x}")
        for day in (2, 1)
    )
    kept.save(SeriesState(), Batch(others=[("i", first, "sha1:A"), ("i", second, "sha1:A")]), rules="")

    assert kept.others.named("<urn:uuid:2>") == Told(first, "sha1:A")
    assert kept.others.at(first.url, first.fetched) == Told(first, "sha1:A")
    assert kept.others.telling("sha1:A") == Told(second, "sha1:A")
    assert kept.others.telling(first.payload_digest) == Told(first, "sha1:A")
    assert (kept.others.named("<urn:uuid:9>"), kept.others.telling("sha1:B")) == (None, None)


def test_imported_files_are_known_by_their_digest(filled: Any) -> None:
    """A second import of the same bytes adds nothing; our own files are none, whatever the series is called."""
    kept = rows(filled, files=((FILE, "sha256:a"), ("imported-20261125050000-00001.warc.gz", "sha256:b")))

    assert kept.imported() == {"sha256:a": FILE}
    with filled.ledger.read() as connection:
        assert derivable(connection, "qushui")


def test_a_record_within_a_shared_gzip_member_is_found_by_the_index(filled: Any) -> None:
    """No offset in the file leads to it: the line says where the member begins and how much of it to pass."""
    rows(filled, capture("<urn:uuid:1>", FILE, member=(5_000_000_000, 120)), capture("<urn:uuid:2>", FILE))
    with filled.ledger.read() as connection:
        read = sorted(queries.captures(connection, "qushui"), key=lambda one: one.record_id)
    lines = [json.loads(cdxj_line(one).split(" ", 2)[2]) for one in read]

    assert [one.member for one in read] == [(5_000_000_000, 120), None]
    assert (lines[0]["filename"], lines[0]["member"], lines[0]["skip"]) == (FILE, "5000000000", "120")
    assert "member" not in lines[1]


def older_text(filled: Any, reading: Callable[..., Reading]) -> None:
    """An article whose second revision is of an older time than its first, which is shown."""
    filled.add_series()
    filled.add_article("aaaaaa", reading(text="今"), reading(text="昔"), shown=1)
    older = update(schema.REVISIONS).where(schema.REVISIONS.c.number == 2)
    with filled.ledger.write() as connection:
        connection.execute(older.values(fetched="2017-01-01T00:00:00.000Z"))


def test_what_is_shown_is_the_newest_in_time_not_the_last_number(filled: Any, reading: Callable[..., Reading]) -> None:
    """show, the text files, exports: all give the text of today."""
    older_text(filled, reading)
    with filled.ledger.read() as connection:
        told = views.show(connection, "aaaaaa")
        ((_, shown),) = queries.shown_revisions(connection, "qushui")
        (opening,) = holdings.openings(connection, "qushui", {"qushui-20180901050000-00001.warc.gz"})

    assert told["text"] == shown["reading"]["text"] == opening.text == "今"
    assert told["revisions"] == 2


def test_diff_compares_the_last_two_in_time(filled: Any, reading: Callable[..., Reading]) -> None:
    """From what stood there before to what is shown."""
    older_text(filled, reading)
    with filled.ledger.read() as connection:
        told = views.diff(connection, "aaaaaa")

    assert (told["a"], told["b"]) == (2, 1)
    assert [(one["was"], one["now"]) for one in told["fields"] if one["field"] == "text"] == [("昔", "今")]
