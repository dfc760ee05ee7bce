"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables. Columns are written out here: a migration must not change when schema.py does."""
    op.create_table(
        "series",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("profile", sa.JSON, nullable=False),
        sa.Column("profile_text", sa.Text),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("expected", sa.Integer),
        sa.Column("subjects", sa.JSON, nullable=False),
        sa.Column("missing", sa.JSON, nullable=False),
        sa.Column("complete", sa.Boolean),
        sa.Column("schedule", sa.String),
        sa.Column("timezone", sa.String),
        sa.Column("cadence_s", sa.Integer),
        sa.Column("rules", sa.Text),
        sa.Column("folded_file", sa.String),
        sa.Column("folded_offset", sa.BigInteger, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("blocked_until", sa.String),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("series", sa.String, sa.ForeignKey("series.id"), nullable=False, index=True),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("finished", sa.String),
        sa.Column("outcome", sa.String),
        sa.Column("report", sa.JSON),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("series", sa.String, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("subject", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("published", sa.String),
        sa.Column("published_precision", sa.String),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("revisions", sa.Integer, nullable=False),
        sa.Column("captured", sa.String),
        sa.Column("last_checked", sa.String),
        sa.Column("variants", sa.JSON, nullable=False),
        sa.Column("text_sha256", sa.String),
        sa.Column("failing", sa.String),
        sa.Column("failing_detail", sa.Text),
        sa.Column("gone_since", sa.String),
        sa.Column("fold", sa.JSON, nullable=False),
    )
    op.create_index("articles_series_position", "articles", ["series", "position"])
    op.create_table(
        "addresses",
        sa.Column("series", sa.String, sa.ForeignKey("series.id"), primary_key=True),
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("article", sa.String),
        sa.Column("channel", sa.String),
        sa.Column("record_id", sa.String),
        sa.Column("date", sa.String),
        sa.Column("digest", sa.String),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("fetched", sa.String),
        sa.Column("status", sa.Integer),
        sa.Column("updated", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "captures",
        sa.Column("record_id", sa.String, primary_key=True),
        sa.Column("series", sa.String, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("run", sa.String),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("fetched", sa.String, nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("mime", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("refers_to", sa.String),
        sa.Column("truncated", sa.String),
    )
    op.create_index("captures_digest", "captures", ["series", "digest"])
    op.create_index("captures_url", "captures", ["series", "url"])
    op.create_table(
        "revisions",
        sa.Column("article", sa.String, sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("fetched", sa.String, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("reading", sa.JSON, nullable=False),
        sa.Column("text_sha256", sa.String, nullable=False),
        sa.Column("witnesses", sa.JSON, nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("article", sa.String, sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("reading", sa.JSON, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("series", sa.String, sa.ForeignKey("series.id")),
        sa.Column("article", sa.String),
        sa.Column("run", sa.String),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        sa.Column("evidence", sa.JSON, nullable=False),
    )
    op.create_index("events_series_at", "events", ["series", "at"])
    op.create_table(
        "files",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("series", sa.String, sa.ForeignKey("series.id"), nullable=False, index=True),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
    )
