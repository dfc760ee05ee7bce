"""Imports: a file by others may stand in several series, lie in a shared gzip member, and tell of older texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NAMES = {"pk": "%(table_name)s_pkey"}  # as PostgreSQL calls them; SQLite has no name for a key


def upgrade() -> None:
    """Key captures and files by their series too; add what imports need of a capture, and the revision shown."""
    with op.batch_alter_table("captures", naming_convention=_NAMES) as captures:
        captures.drop_constraint("captures_pkey", type_="primary")
        captures.add_column(sa.Column("member_offset", sa.BigInteger))
        captures.add_column(sa.Column("member_skip", sa.BigInteger))
        captures.add_column(sa.Column("unread", sa.Text))
        captures.add_column(sa.Column("told", sa.String))
        captures.create_primary_key("captures_pkey", ["series", "record_id"])
    for column in ("unread", "told"):
        where = sa.text(f"{column} IS NOT NULL")
        index = f"captures_{column}"
        op.create_index(index, "captures", ["series", column], sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("files", naming_convention=_NAMES) as files:
        files.drop_index("ix_files_series")  # the key begins with it now
        files.drop_constraint("files_pkey", type_="primary")
        files.create_primary_key("files_pkey", ["series", "name"])
    op.add_column("articles", sa.Column("shown", sa.Integer, nullable=False, server_default="0"))
    articles = sa.table("articles", sa.column("shown", sa.Integer), sa.column("revisions", sa.Integer))
    op.execute(articles.update().values(shown=articles.c.revisions))  # until now the last one was the newest
