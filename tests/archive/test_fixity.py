"""Digests: one name for the same bytes, however they come."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.fixity import CHUNK_BYTES, file_digest, payload_digest


@given(st.binary())
def test_a_digest_is_labelled_sha256(payload):
    """WARC, CDXJ, ledger and JSON compare these strings as they are."""
    expected = "sha256:" + hashlib.sha256(payload).hexdigest()

    assert expected == payload_digest(payload)
    assert expected == payload_digest(memoryview(payload))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_file_has_the_digest_of_its_bytes(tmp_path, size):
    """A file is read in pieces; the seams must not show."""
    (tmp_path / "f").write_bytes(bytes(size))

    assert payload_digest(bytes(size)) == file_digest(tmp_path / "f")
