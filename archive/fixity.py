"""Name bytes by their content, so that a change of one bit is seen.

Takes   bytes or a file.
Gives   "sha256:" and 64 lower-case hex digits, the form of WARC-Payload-Digest, CDXJ, ledger and JSON alike.
Writes  nothing.
"""

from __future__ import annotations

import binascii
import hashlib
from pathlib import Path

ALGORITHM = "sha256"
CHUNK_BYTES = 1 << 20  # read size of file_digest: larger was not faster, and memory stays flat


def label(hexdigest: str) -> str:
    """Put the name of the algorithm before a hex digest.

    Source: WARC 1.1 (ISO 28500:2017), 5.8: labelled-digest.
    """
    return f"{ALGORITHM}:{hexdigest}"


def payload_digest(payload: bytes | memoryview) -> str:
    """Name a payload by its content, as the WARC-Payload-Digest field wants it.

    payload: body of the message, transfer coding removed, content coding kept.
    Returns "sha256:" and 64 lower-case hex digits.
    Source: WARC 1.1 (ISO 28500:2017), 5.9 for the label, 6.3.2 for what the payload is.

    >>> payload_digest(b"")[:15]
    'sha256:e3b0c442'
    """
    return label(hashlib.sha256(payload).hexdigest())


def checksum16(data: bytes) -> int:
    """Reckon 16 bits of which any one flipped bit makes others: CRC-16, as binascii.crc_hqx has it.

    For what holds a secret: so few bits help nobody to guess it.

    >>> checksum16(b"123456789")
    10673
    """
    return binascii.crc_hqx(data, 0xFFFF)


def file_digest(path: str | Path) -> str:
    """Name a file by its content; it is read in pieces, so memory stays flat. Raises OSError."""
    digest = hashlib.sha256()
    with Path(path).open("rb", buffering=0) as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return label(digest.hexdigest())
