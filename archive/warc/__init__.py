"""Write, read and recover WARC 1.1 records (ISO 28500:2017).

Takes   an Exchange: one HTTP request and its response, as bytes from the wire; resources and metadata of a run.
Gives   a Capture: where the record lies, and the digest of its payload; read back, Records and the same Captures.
Writes  warc/<series>/<series>-<YYYYMMDDhhmmss>-<serial>.warc.gz, one gzip member a record, `.open` until closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import names_of

if TYPE_CHECKING:
    from .blocks import ForeignFile
    from .reader import MAX_RECORD, count_records, last_whole_exchange, read_at, read_records, read_stream
    from .record import Original, Record, capture_of, metadata_of, original_of, record_uri, response_bytes, warc_date
    from .recovery import in_order, next_serial, recover, remove_unfinished, serial_of, series_files
    from .taken import Taken, foreign_captures, foreign_response, given_id, referred, revisited
    from .writer import ClosedFile, WarcWriter

__all__ = [
    "MAX_RECORD",
    "ClosedFile",
    "ForeignFile",
    "Original",
    "Record",
    "Taken",
    "WarcWriter",
    "capture_of",
    "count_records",
    "foreign_captures",
    "foreign_response",
    "given_id",
    "in_order",
    "last_whole_exchange",
    "metadata_of",
    "next_serial",
    "original_of",
    "read_at",
    "read_records",
    "read_stream",
    "record_uri",
    "recover",
    "referred",
    "remove_unfinished",
    "response_bytes",
    "revisited",
    "serial_of",
    "series_files",
    "warc_date",
]

if not TYPE_CHECKING:
    # Imported when they are asked for: an index wants the readers of this room alone, and the others took a tenth of its time.
    __getattr__ = names_of(
        __name__,
        {
            "blocks": "ForeignFile",
            "reader": "MAX_RECORD count_records last_whole_exchange read_at read_records read_stream",
            "record": "Original Record capture_of metadata_of original_of record_uri response_bytes warc_date",
            "recovery": "in_order next_serial recover remove_unfinished serial_of series_files",
            "taken": "Taken foreign_captures foreign_response given_id referred revisited",
            "writer": "ClosedFile WarcWriter",
        },
    )
