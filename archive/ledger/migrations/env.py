"""What Alembic runs: the steps over the connection that archive.ledger.store hands in."""

from __future__ import annotations

from alembic import context

from archive.ledger.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
