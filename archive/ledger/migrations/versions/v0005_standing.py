"""Indexes of what tells how a series stands, so that `status` reads neither articles nor reports of runs."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make them."""
    op.create_index("articles_standing", "articles", ["series", "state", "revisions", "published", "captured"])
    op.create_index("runs_standing", "runs", ["series", "started", "outcome"])
