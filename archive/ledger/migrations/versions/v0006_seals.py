"""Each row bears a digest of itself; of a profile with a secret, whose text the ledger may not have, it has a checksum."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.ledger.seal import seal_all

revision = "0006"
down_revision = "0005"

_TABLES = (
    "series", "runs", "articles", "addresses", "captures", "revisions", "readings", "events", "files", "objects", "notices",
)  # fmt: skip


def upgrade() -> None:
    """Make the columns, and seal each row as it is."""
    op.add_column("series", sa.Column("profile_crc", sa.Integer().with_variant(sa.BigInteger(), "postgresql")))
    for table in _TABLES:
        op.add_column(table, sa.Column("sealed", sa.BigInteger, nullable=False, server_default="0"))
    seal_all(op.get_bind())
