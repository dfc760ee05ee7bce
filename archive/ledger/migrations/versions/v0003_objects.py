"""What lies in the object stores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of objects."""
    op.create_table(
        "objects",
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("series", sa.String),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("sent", sa.String),
        sa.Column("verified", sa.String),
        sa.Column("failed", sa.Text),
        sa.PrimaryKeyConstraint("store", "key"),
    )
    op.create_index("objects_series", "objects", ["series"])
