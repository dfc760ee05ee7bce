"""Who was told of what, and when; and the first schema that PostgreSQL has for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_DIGEST = (
    r"sha256(replace({}, '\', '\\')::bytea)"  # archive.ledger.schema: an entry of an index is too short for an address
)


def upgrade() -> None:
    """Make the table of notices."""
    op.create_table(
        "notices",
        sa.Column("series", sa.String, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("told", sa.String),
        sa.PrimaryKeyConstraint("series", "address", "kind", "subject"),
    )
    if op.get_context().dialect.name == "postgresql":
        _for_postgresql(op.get_bind())


def _for_postgresql(connection: sa.Connection) -> None:
    """Bring what the steps before made to what is needed there: texts by code points, numbers of 64 bits, short entries."""
    found, quote = sa.inspect(connection), connection.dialect.identifier_preparer.quote
    for table in found.get_table_names():
        changes = []
        for column in found.get_columns(table):
            name, kind = quote(column["name"]), column["type"]
            if isinstance(kind, sa.String):
                changes.append(f'ALTER {name} TYPE {"TEXT" if isinstance(kind, sa.Text) else "VARCHAR"} COLLATE "C"')
            elif isinstance(kind, sa.Integer):
                changes.append(f"ALTER {name} TYPE BIGINT")
        if changes and "." not in table and table not in ("alembic_version", "home"):
            connection.exec_driver_sql(f"ALTER TABLE {quote(table)} {', '.join(changes)}")
    for table, short, long in (("addresses", "series", "url"), ("notices", "series, address, kind", "subject")):
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX {table}_key ON {table} ({short}, {_DIGEST.format(long)})")
    for text in ("url", "unread", "told"):
        where = "" if text == "url" else f" WHERE {text} IS NOT NULL"
        connection.exec_driver_sql(f"DROP INDEX captures_{text}")
        connection.exec_driver_sql(f"CREATE INDEX captures_by_{text} ON captures USING hash ({text}){where}")
        if where:
            connection.exec_driver_sql(f"CREATE INDEX captures_with_{text} ON captures (series){where}")
