"""Alembic's steps from one schema of the ledger to the next, run by archive.ledger.store when a home is opened."""
