"""The ledger's tables held against each other and against the notes in the WARCs: each row that is lost, added or changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import walk
from damaged_home import PROFILE, change, crawled_twice, reseal, warcs, wrong
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.fixity import file_digest
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verify import disagreements, verify_home
from archive.warc import Record, read_records
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.text import SUBJECTS

KINDS = {"api": demo_profile, "list": list_profile, "urls": url_list_profile}
DEEDS = ("publish", "edit", "edit_quietly", "withdraw", "soft", "restore", "retitle", "die", "stop")


def do(newspaper: Newspaper, deed: str, subject: str) -> None:
    """Let the newspaper do something, where it can."""
    match deed:
        case "publish" | "withdraw" | "restore" | "edit" | "edit_quietly":
            getattr(newspaper, deed)(subject)
        case "soft":
            newspaper.withdraw(subject, soft=True, listed=True)
        case "retitle":
            newspaper.retitle(subject, f"{subject}：换了题目的一篇")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after three crawls; between them articles were edited, one was withdrawn, and one is found and never captured."""
    home, newspaper = crawled_twice(tmp_path_factory.mktemp("kept") / "home"), Newspaper()
    newspaper.edit("开封")
    newspaper.withdraw("信阳")
    newspaper.withdraw("济源", soft=False, listed=True)
    newspaper.publish("济源")
    walk.walk(home, walk.profile_of(PROFILE), walk.site_of(newspaper))
    return home.root


# ------------------------------------------------------------------------------------------------------- what is sound


@pytest.mark.soak
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    phases=st.lists(
        st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(SUBJECTS[:6])), max_size=3), min_size=1, max_size=4
    ),
)
def test_whatever_happens_to_a_newspaper_its_ledger_is_sound(
    tmp_path_factory: pytest.TempPathFactory, kind: str, phases: list[list[tuple[str, str]]]
) -> None:
    """A check that blames a sound ledger is worse than none: edits, withdrawals, killed crawls and their next ones."""
    home, newspaper = walk.home_at(tmp_path_factory.mktemp("home")), Newspaper()
    profile = walk.profile_of(KINDS[kind](walk.BASE, recheck="always"))
    for number, phase in enumerate([[], *phases]):
        for deed, subject in phase:
            do(newspaper, deed, subject)
        if any(deed == "die" for deed, _ in phase):
            with pytest.raises(walk.KilledError):
                walk.walk(home, profile, walk.site_of(newspaper), kill_after=3 + 5 * number)
            assert verify_home(home).to_json()["damaged"] == []
            if ("stop", SUBJECTS[0]) in phase:
                continue
        walk.walk(home, profile, walk.site_of(newspaper))
        assert verify_home(home).to_json()["damaged"] == []


# ----------------------------------------------------------------------------------------------- what rows tell otherwise

A = "(SELECT id FROM articles WHERE revisions = 2)"  # an article that was revised
NEVER = "(SELECT id FROM articles WHERE revisions = 0)"
GONE = "(SELECT id FROM articles WHERE state = 'withdrawn')"
LAST = "(SELECT id FROM runs ORDER BY id DESC LIMIT 1)"

# What is done to the ledger -> where it shows: the doctor (quick) sees it without reading a file; "verify" only when all is read;
# "text" where the file derived from the row tells it, and only a look at both can say which is right.
BY_HAND: dict[str, tuple[str, str]] = {
    "series: the place folded to": ("UPDATE series SET folded_offset = folded_offset - 1", "quick"),
    "runs: a row is gone": (f"DELETE FROM runs WHERE id = {LAST}", "verify"),
    "runs: a row too many": (
        "INSERT INTO runs SELECT 'x', series, started, finished, outcome, report, sealed FROM runs LIMIT 1",
        "verify",
    ),
    "runs: another start": ("UPDATE runs SET started = '2018-01-01T00:00:00.000Z'", "verify"),
    "runs: another end": (f"UPDATE runs SET finished = '2030-01-01T00:00:00.000Z' WHERE id = {LAST}", "verify"),
    "runs: another outcome": ("UPDATE runs SET outcome = 'stopped'", "verify"),
    "runs: another report": ("UPDATE runs SET report = json_set(report, '$.captured', 99)", "verify"),
    "runs: another list of what was skipped": (
        "UPDATE runs SET report = json_set(report, '$.skipped', json('[]'))",
        "verify",
    ),
    "articles: a captured one is gone": (f"DELETE FROM articles WHERE id = {A}", "pages"),
    "articles: one never captured is gone": (f"DELETE FROM articles WHERE id = {NEVER}", "quick"),
    "articles: one too many": (
        (
            "INSERT INTO articles SELECT 'x', series, 'x', position, subject, title, url, published, published_precision,"
            " authors, 'found', origin, 0, NULL, NULL, variants, NULL, NULL, NULL, NULL, fold, 0, sealed FROM articles LIMIT 1"
        ),
        "quick",
    ),
    "articles: another state": (f"UPDATE articles SET state = 'withdrawn' WHERE id = {A}", "quick"),
    "articles: captured, and no revision": (f"UPDATE articles SET state = 'captured' WHERE id = {NEVER}", "quick"),
    "articles: another number of revisions": (f"UPDATE articles SET revisions = 3 WHERE id = {A}", "quick"),
    "articles: another revision shown": (f"UPDATE articles SET shown = 1 WHERE id = {A}", "quick"),
    "articles: another digest of the text": (
        "UPDATE articles SET text_sha256 = replace(text_sha256, 'a', 'b')",
        "quick",
    ),
    "articles: unlisted": (
        f"UPDATE articles SET fold = json_set(fold, '$.listed', json('false')) WHERE id = {A}",
        "quick",
    ),
    "articles: another title": (f"UPDATE articles SET title = 'x' WHERE id = {A}", "verify"),
    "articles: another place": (f"UPDATE articles SET position = 99 WHERE id = {A}", "text"),
    "addresses: an article's is gone": (f"DELETE FROM addresses WHERE article = {A} AND role = 'page'", "quick"),
    "addresses: one too many": (
        (
            f"INSERT INTO addresses SELECT series, 'http://q.example/x', role, article, channel, record_id, date, digest, etag,"
            f" last_modified, fetched, status, updated, attempts, sealed FROM addresses WHERE article = {A} AND role = 'page'"
        ),
        "quick",
    ),
    "addresses: another article": ("UPDATE addresses SET article = 'x' WHERE role = 'page'", "quick"),
    "addresses: another role": ("UPDATE addresses SET role = 'requisite' WHERE role = 'page'", "quick"),
    "addresses: a role that there is not": ("UPDATE addresses SET role = 'lisT' WHERE role = 'list'", "quick"),
    "addresses: another capture": ("UPDATE addresses SET record_id = '<urn:x:1>' WHERE role = 'list'", "quick"),
    "addresses: another digest": (
        "UPDATE addresses SET digest = replace(digest, 'a', 'b') WHERE role = 'list'",
        "quick",
    ),
    "addresses: another date": ("UPDATE addresses SET date = fetched || '0' WHERE role = 'list'", "quick"),
    "addresses: another last answer": (
        "UPDATE addresses SET fetched = '2030-01-01T00:00:00.000Z' WHERE role = 'page'",
        "quick",
    ),
    "addresses: another status": ("UPDATE addresses SET status = 500 WHERE role = 'page'", "quick"),
    "captures: of no run": ("UPDATE captures SET run = 'x' WHERE rowid = 9", "verify"),
    "revisions: one is gone": (f"DELETE FROM revisions WHERE article = {A} AND number = 1", "quick"),
    "revisions: one too many": (
        (
            f"INSERT INTO revisions SELECT article, 3, fetched, record_id, reading, text_sha256, witnesses, sealed FROM revisions"
            f" WHERE article = {A} AND number = 2"
        ),
        "quick",
    ),
    "revisions: a witness that is nowhere": (
        "UPDATE revisions SET witnesses = json_set(witnesses, '$[0].record_id', '<urn:x:1>')",
        "quick",
    ),
    "revisions: another text": ("UPDATE revisions SET reading = json_set(reading, '$.text', 'x')", "verify"),
    "revisions: another byline": (
        "UPDATE revisions SET reading = json_set(reading, '$.authors', json('[]'))",
        "verify",
    ),
    "readings: one is gone": (f"DELETE FROM readings WHERE article = {A} AND channel = 'page'", "quick"),
    "readings: one too many": (
        f"INSERT INTO readings SELECT article, 'page:9', reading, sealed FROM readings WHERE article = {A} AND channel = 'page'",
        "quick",
    ),
    "readings: another text": ("UPDATE readings SET reading = json_set(reading, '$.body', json('[\"x\"]'))", "verify"),
    "events: a found is gone": (f"DELETE FROM events WHERE kind = 'found' AND article = {NEVER}", "quick"),
    "events: a captured is gone": (f"DELETE FROM events WHERE kind = 'captured' AND article = {A}", "quick"),
    "events: a revised is gone": ("DELETE FROM events WHERE kind = 'revised'", "quick"),
    "events: a withdrawn is gone": (f"DELETE FROM events WHERE kind = 'withdrawn' AND article = {GONE}", "quick"),
    "events: an unlisted is gone": ("DELETE FROM events WHERE kind = 'unlisted'", "quick"),
    "events: a withdrawn too many": (
        (
            f"INSERT INTO events (series, article, run, at, kind, fields, evidence)"
            f" SELECT series, article, run, at, 'withdrawn', '[]', evidence FROM events WHERE article = {A} LIMIT 1"
        ),
        "quick",
    ),
    "events: another kind": (f"UPDATE events SET kind = 'restored' WHERE kind = 'captured' AND article = {A}", "quick"),
    "events: of another article": ("UPDATE events SET article = 'x' WHERE kind = 'revised'", "quick"),
    "events: of no run": ("UPDATE events SET run = 'x' WHERE kind = 'revised'", "verify"),
    "events: evidence that is nowhere": (
        "UPDATE events SET evidence = '[\"<urn:x:1>\"]' WHERE kind = 'gone'",
        "verify",
    ),
    "files: another serial": ("UPDATE files SET serial = serial + 7", "quick"),
    "files: another size": ("UPDATE files SET bytes = bytes + 1 WHERE serial = 1", "quick"),
}


def _said(home: Home) -> list[str]:
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), ledger.read() as connection:
        return disagreements(connection, home)


@pytest.mark.parametrize("what", BY_HAND)
def test_a_row_that_is_lost_added_or_changed_is_named(home: Home, what: str) -> None:
    """Each table, by each of its columns that another table, a record or a derived file tells too (ledger/agreement.py).

    Each row is sealed as it is then, as by a bug of ours: seals tell of no such change.
    """
    statement, where = BY_HAND[what]
    sound = _said(home)
    change(home, statement)
    reseal(home)
    report, said = verify_home(home), _said(home)

    assert sound == []
    assert bool(said) == (where in ("quick", "pages")), said
    assert report.damaged
    if where == "text":
        assert {path.partition("/")[0] for path in report.damaged} == {"text"}
    elif not what.startswith("files: another size"):
        assert wrong(report) == ["ledger.sqlite3"]


@pytest.mark.parametrize(
    ("statement", "quick"),
    [
        ("UPDATE articles SET failing_detail = 'x'", True),
        ("UPDATE articles SET fold = json_set(fold, '$.seq', 99)", True),
        ("UPDATE articles SET fold = replace(fold, '\"name\":', '\"nama\":')", True),
        ("UPDATE articles SET sealed = sealed + 1", True),
        ("UPDATE articles SET sealed = 0", True),
        ("UPDATE readings SET sealed = -sealed", False),
        ('UPDATE revisions SET witnesses = replace(witnesses, \'"uri":"h\', \'"uri":"i\')', False),
        ("UPDATE revisions SET fetched = '2018-08-30T00:00:00.000Z' WHERE number = 1", False),
        ("UPDATE revisions SET reading = json_set(reading, '$.undecoded', 7)", False),
        ("UPDATE readings SET reading = json_set(reading, '$.cleaner', 'x')", False),
        ("UPDATE readings SET channel = 'pagf' WHERE channel = 'page'", False),
    ],
)
def test_a_row_that_is_other_than_it_was_sealed_is_named(home: Home, statement: str, quick: bool) -> None:
    """What no second row tells: the fold's own memory, an older witness, what an address said that is not shown."""
    sound = _said(home)
    change(home, statement)
    report, said = verify_home(home), _said(home)

    assert sound == []
    assert wrong(report) == ["ledger.sqlite3"]
    assert any("sealed" in why for why in report.damaged["ledger.sqlite3"].why)
    assert any("sealed" in why for why in said) == quick


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET fold = replace(fold, '\"channels\":', '\"channelr\":')",
        "UPDATE revisions SET witnesses = replace(witnesses, '\"record_id\":', '\"record_ie\":')",
        "UPDATE readings SET reading = replace(reading, '\"title\":', '\"titlf\":')",
    ],
)
def test_rows_that_do_not_read_are_damage_and_no_bug(home: Home, statement: str) -> None:
    """JSON with a name that is another: exit 4, and no traceback."""
    change(home, statement)
    reseal(home)

    assert wrong(verify_home(home)) == ["ledger.sqlite3"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE captures SET mime = CAST(x'ff' AS TEXT) WHERE rowid = 5",
        "UPDATE captures SET mime = CAST(mime AS BLOB) WHERE rowid = 5",
        "UPDATE captures SET length = 'x' WHERE rowid = 5",
        "UPDATE series SET paused = 2",
        "UPDATE series SET subjects = replace(subjects, '[', '{')",
        "UPDATE articles SET fold = substr(fold, 2)",
        "UPDATE events SET evidence = replace(evidence, ']', '')",
    ],
)
def test_values_of_another_type_are_damage_and_no_bug(home: Home, statement: str) -> None:
    """SQLite takes any value in any column, and looks into none."""
    change(home, statement)
    report = verify_home(home)

    assert wrong(report) == ["ledger.sqlite3"]
    assert report.damaged["ledger.sqlite3"].found.endswith("values that are none of it")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("failing VARCHAR", "failinf VARCHAR"),
        ("mime VARCHAR", "mime VARC\xcdAR"),
        ("CREATE INDEX captures_url", "CRE\xc1TE INDEX captures_url"),
    ],
)
def test_a_column_of_another_name_or_type_is_damage_and_no_bug(home: Home, was: str, now: str) -> None:
    """The schema's own text is a row like any other, also where it is no UTF-8 any more."""
    with closing(sqlite3.connect(home.ledger)) as connection, connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    data = home.ledger.read_bytes()
    home.ledger.write_bytes(data.replace(was.encode(), now.encode("latin-1"), 1))

    assert data.count(was.encode())
    assert wrong(verify_home(home)) == ["ledger.sqlite3"]


def _cut_out(home: Home, path: Path, gone: Record) -> None:
    """Make a WARC anew without one of its records, and let the ledger agree in all but that record."""
    data, records = path.read_bytes(), sum(1 for _ in read_records(path))
    path.write_bytes(data[: gone.offset] + data[gone.offset + gone.length :])
    row = (path.stat().st_size, file_digest(path), records - 1, path.name)
    change(home, "UPDATE files SET bytes = ?, sha256 = ?, records = ? WHERE name = ?", *row)
    change(home, "UPDATE series SET folded_offset = ? WHERE folded_file = ?", path.stat().st_size, path.name)
    moved = 'UPDATE captures SET "offset" = "offset" - ? WHERE file = ? AND "offset" > ?'
    change(home, moved, gone.length, path.name, gone.offset)
    reseal(home)


@pytest.mark.parametrize("number", range(3))
def test_a_record_that_is_cut_out_of_a_warc_is_a_row_without_a_record(home: Home, number: int) -> None:
    """A file that is sound in itself, and whose row was made to agree: the capture's row has no bytes."""
    path = warcs(home)[number]
    gone = next(one for one in read_records(path) if one.type == "resource")
    _cut_out(home, path, gone)
    (entry,) = verify_home(home).to_json()["damaged"]

    assert (entry["path"], entry["records"][0]["record_id"]) == ("ledger.sqlite3", gone.record_id)


@pytest.mark.parametrize("kind", ["run.started", "run.finished"])
def test_a_note_that_is_cut_out_of_a_warc_is_a_run_without_a_record(home: Home, kind: str) -> None:
    """The run's row has nothing that it rests on any more."""
    path = warcs(home)[-1]
    _cut_out(
        home, path, next(one for one in read_records(path) if one.type == "metadata" and kind.encode() in one.block)
    )
    report = verify_home(home)

    assert wrong(report) == ["ledger.sqlite3"]
    assert any(why.startswith("the run ") for why in report.damaged["ledger.sqlite3"].why)
