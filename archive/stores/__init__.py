"""The object stores, one module a kind; archive/store.py is their front door.

Inside, in import order: protocol (what every store can), patience (tries, waits, bandwidth), together (some at once), files,
s3_faults, s3_direct, s3_client, s3_parts, s3.
"""
