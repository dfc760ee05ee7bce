"""Write, read and recover WARC 1.1 records (ISO 28500:2017).

Takes   an Exchange: one HTTP request and its response, as bytes from the wire; resources and metadata of a run.
Gives   a Capture: where the record lies, and the digest of its payload; read back, Records and the same Captures.
Writes  warc/<series>/<series>-<YYYYMMDDhhmmss>-<serial>.warc.gz, one gzip member a record, `.open` until closed.
"""

from __future__ import annotations

from .reader import MAX_RECORD, last_whole_exchange, read_at, read_records
from .record import Original, Record, capture_of, metadata_of, original_of, record_uri, response_bytes, warc_date
from .recovery import next_serial, recover, series_files
from .writer import ClosedFile, WarcWriter

__all__ = [
    "MAX_RECORD",
    "ClosedFile",
    "Original",
    "Record",
    "WarcWriter",
    "capture_of",
    "last_whole_exchange",
    "metadata_of",
    "next_serial",
    "original_of",
    "read_at",
    "read_records",
    "record_uri",
    "recover",
    "response_bytes",
    "series_files",
    "warc_date",
]
