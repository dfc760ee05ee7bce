"""Who was told of what, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


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
