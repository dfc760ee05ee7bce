"""Make the damaged WARC files beside this script, once; the README says what is wrong with each.

Takes   nothing: the exchanges are invented.
Writes  *.warc.gz in this folder. Run as `python tests/data/warc/make.py` from the repository; record ids are random, so
the files differ from run to run in those and in nothing that a test looks at.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "archive")]

import warc_makers as makers  # noqa: E402  # lies beside the tests that use it


def main() -> None:
    """Write a file of warcinfo and two exchanges, and damage it in the ways that are known from others' threads."""
    with tempfile.TemporaryDirectory() as folder:
        writer = makers.open_writer(Path(folder))
        first = writer.write_exchange(makers.exchange("http://example.org/1", b"<p>first</p>", at=1))
        second = writer.write_exchange(makers.exchange("http://example.org/2", b"<p>second</p>", at=2))
        data = writer.close()[0].path.read_bytes()
    flipped = bytearray(data)
    flipped[first.offset + first.length // 2] ^= 1
    files = {
        "cut-last-member": data[:-6],
        "lone-request-at-end": data[: second.offset],
        "flipped-bit-in-third-record": bytes(flipped),
        "zeros-at-end": data + bytes(512),
        "not-a-warc": b"<html>not a WARC</html>",
    }
    for name, octets in files.items():
        (HERE / f"{name}.warc.gz").write_bytes(octets)


if __name__ == "__main__":
    main()
