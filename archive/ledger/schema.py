"""Tables of the ledger, for SQLite and PostgreSQL alike.

Everything here but `kept`, `paused`, the profile's text and `notices` can be made again from the WARCs. Times are text,
RFC 3339 in UTC with milliseconds ("2026-11-25T05:00:00.000Z"), so that they sort as they read and both databases compare
them alike. Each row bears a digest of itself (seal.py); writing.py puts it there.

PostgreSQL cuts the entries of its B-trees at 2,704 bytes, and an address may have 8,192: there the keys of addresses are made of
their digest, and other indexes of them are hashes (in postgres.py). What else may be long is a `Key`, bounded in both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    text,
)
from sqlalchemy import Integer as _Integer

from .types import Integer, Key, String, Text, TextKey

METADATA = MetaData()
SEALED = "sealed"  # the column of each table that has the row's seal

# SQLite counts rows of an INTEGER key by itself; PostgreSQL wants a BIGINT identity.
_ID = BigInteger().with_variant(_Integer, "sqlite")


def _of_others(column: str) -> Index:
    """Index the captures that have something in a column; those that we fetch ourselves have nothing there."""
    there = text(f"{column} IS NOT NULL")
    return Index(f"captures_{column}", "series", column, sqlite_where=there).ddl_if(dialect="sqlite")


def _seal() -> Column[int]:
    return Column(SEALED, BigInteger, nullable=False, server_default="0")


def _digest(column: str) -> TextClause:
    """Spell the digest of a text in PostgreSQL; a backslash in it begins no escape of BYTEA."""
    return text(rf"sha256(replace({column}, '\', '\\')::bytea)")


def _long_key(name: str, *columns: str) -> tuple[PrimaryKeyConstraint, Index]:
    """Key rows by columns of which the last may be long."""
    return (
        PrimaryKeyConstraint(*columns).ddl_if(dialect="sqlite"),
        Index(name, *columns[:-1], _digest(columns[-1]), unique=True).ddl_if(dialect="postgresql"),
    )


def key_of(table: Table, dialect: str) -> list[str | TextClause]:
    """Name what a row of a table is told by, as ON CONFLICT wants it."""
    names: list[str | TextClause] = [column.name for column in table.primary_key]
    return [*names[:-1], _digest("url")] if table is ADDRESSES and dialect == "postgresql" else names


SERIES = Table(
    "series",
    METADATA,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),  # Profile.source_identity(): another source under this id is refused
    Column("profile", JSON, nullable=False),  # Profile.public(): as last crawled with or added, secrets left out
    Column("profile_text", Text),  # as written, where it was crawled from a file
    Column("kept", Boolean, nullable=False, default=False),  # by `add`
    Column("paused", Boolean, nullable=False, default=False),
    Column("expected", Integer),
    Column("subjects", JSON, nullable=False),  # [str]
    Column("missing", JSON, nullable=False),  # [str], settled at the end of each run
    Column("complete", Boolean),
    Column("schedule", String),
    Column("timezone", String),
    Column("cadence_s", Integer),
    Column("rules", Text),  # Profile.rules_digest() + version of the cleaner that the state was folded under
    Column("folded_file", String),  # name of the WARC and offset behind the last record that was folded
    Column("folded_offset", BigInteger, nullable=False, default=0),
    Column("state", JSON, nullable=False),  # what the fold keeps of the series beside articles and addresses
    Column("blocked_until", String),
    Column("profile_crc", Integer),  # CRC-16 of the profile as written, where a secret in it keeps its text out of here
    _seal(),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", String, primary_key=True),
    Column("series", String, ForeignKey("series.id"), nullable=False, index=True),
    Column("started", String, nullable=False),
    Column("finished", String),  # null: running, or killed (then a later run of the series exists)
    Column("outcome", String),  # done | partial (something failed) | limit | stopped | failed | unreachable
    Column("report", JSON),  # the series object of `crawl --json`, and requests, responses, bytes, new_bytes
    _seal(),
    Index("runs_standing", "series", "started", "outcome"),
)

ARTICLES = Table(
    "articles",
    METADATA,
    Column("id", String, primary_key=True),
    Column("series", String, ForeignKey("series.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("position", Integer),
    Column("subject", Text),
    Column("title", Text),
    Column("url", Text, nullable=False),
    Column("published", String),
    Column("published_precision", String),
    Column("authors", JSON, nullable=False),  # [{name, role}]
    Column("state", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("revisions", Integer, nullable=False),
    Column("captured", String),
    Column("last_checked", String),
    Column("variants", JSON, nullable=False),  # [url]
    Column("text_sha256", String),
    Column("failing", String),  # reason of the failure that stands, also of an article captured before
    Column("failing_detail", Text),
    Column("gone_since", String),
    Column("fold", JSON, nullable=False),  # what the fold keeps besides: channels, list fields, gone checks, scores
    # The newest revision by time of capture, 0: none.
    Column("shown", Integer, nullable=False, default=0, server_default="0"),
    _seal(),
    Index("articles_series_position", "series", "position"),
    # All that `status` asks of the articles and runs: 10,000 series are told of without reading a row of either.
    Index("articles_standing", "series", "state", "revisions", "published", "captured"),
)

ADDRESSES = Table(
    "addresses",
    METADATA,
    Column("series", String, ForeignKey("series.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("role", String, nullable=False),  # list detail page requisite other
    Column("article", String),
    Column("channel", String),
    Column("record_id", String),  # last capture of status 200 here: what a conditional request refers to
    Column("date", String),
    Column("digest", String),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched", String),  # last answer of any status
    Column("status", Integer),
    Column("updated", Text),  # what the list said of the article when this address was last captured
    Column("attempts", Integer, nullable=False, default=0),  # failures since the last answer
    _seal(),
    *_long_key("addresses_key", "series", "url"),
)

CAPTURES = Table(
    "captures",
    METADATA,
    Column("record_id", Key, nullable=False),  # others' files may stand in several series: unique within one
    Column("series", String, ForeignKey("series.id"), nullable=False),
    Column("run", String),
    Column("type", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("fetched", String, nullable=False),
    Column("file", String, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("status", Integer),
    Column("mime", String, nullable=False),
    Column("digest", Key, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("refers_to", String),
    Column("truncated", String),
    Column("member_offset", BigInteger),  # model.Capture.member
    Column("member_skip", BigInteger),
    Column("unread", Text),  # of an import: its address, as long as that is nothing in the series; then null
    Column(
        "told", String
    ),  # of an import: the payload's digest as its record tells it, where that is another than ours
    _seal(),
    PrimaryKeyConstraint("series", "record_id"),
    Index("captures_digest", "series", "digest"),
    Index("captures_url", "series", "url").ddl_if(dialect="sqlite"),
    _of_others("unread"),
    _of_others("told"),
)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("article", String, ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fetched", String, nullable=False),
    Column("record_id", String, nullable=False),  # the capture that the reading was taken from
    Column("reading", JSON, nullable=False),  # archive.ledger.rows.reading_to_json
    Column("text_sha256", String, nullable=False),
    Column("witnesses", JSON, nullable=False),  # [{channel, record_id, uri, captured, digest, origin}]
    _seal(),
)

READINGS = Table(
    "readings",
    METADATA,
    Column("article", String, ForeignKey("articles.id"), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("reading", JSON, nullable=False),
    _seal(),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("series", String, ForeignKey("series.id")),
    Column("article", String),
    Column("run", String),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("fields", JSON, nullable=False),  # [name]
    Column("start", Integer),  # `from` and `to` of the contract: revision numbers or positions
    Column("end", Integer),
    Column("evidence", JSON, nullable=False),  # [record_id]
    _seal(),
    Index("events_series_at", "series", "at"),
)

FILES = Table(
    "files",
    METADATA,
    Column("name", Key, nullable=False),  # within the series' folder of WARCs
    Column("series", String, ForeignKey("series.id"), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("records", Integer, nullable=False),
    _seal(),
    PrimaryKeyConstraint("series", "name"),
)

OBJECTS = Table(
    "objects",
    METADATA,
    Column("store", TextKey, nullable=False),  # archive.store.store_name: never what the environment gave
    Column("key", TextKey, nullable=False),  # path in the home, or ledger/…
    Column("series", String),  # null: of the home itself
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", String, nullable=False),
    Column("sent", String),
    Column("verified", String),  # read back and compared
    Column("failed", Text),  # why it could not be sent the last time
    _seal(),
    PrimaryKeyConstraint("store", "key"),
    Index("objects_series", "series"),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("series", String, nullable=False),  # no reference: what was told stays told, whatever becomes of the series
    Column(
        "address", TextKey, nullable=False
    ),  # as the profile shows it: env:NAME, or a scheme without what is behind it
    Column("kind", String, nullable=False),  # of [notify] on; or "run": a run whose events were told, or wait to be
    Column("subject", Text, nullable=False),  # an address, a path, the id of a run; "" where there is one only
    Column("told", String),  # null: not yet, as the address did not take it
    _seal(),
    *_long_key("notices_key", "series", "address", "kind", "subject"),
)
