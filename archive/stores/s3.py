"""An S3 bucket as an object store, by boto3.

Takes   s3://bucket/prefix.
Gives   a Store.
Writes  objects with our sha256 as metadata, and as checksum for the server to hold against what it received. Large ones go in
        parts (s3_parts.py).

Neither an ETag nor an accepted checksum proves anything: rclone serve s3 takes a body that is not what its checksum says
(measured, 1.75.2). So whoever sends reads back.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from ..errors import StoreError
from .patience import Bandwidth, Patience
from .protocol import DIGEST, Source, Stat, checked
from .s3_client import BROKEN, RefusedError, Server
from .s3_faults import is_missing
from .s3_parts import PART_BYTES, send_parts

_PIECE = 1 << 20
_PROBE, _PROBE_BODY, _PROBE_TRIES = ".checksum-probe", b"lianzai\n", 2
_PROBE_SHA256 = hashlib.sha256(_PROBE_BODY).hexdigest()
_SPOILED = ("BadDigest", "XAmzContentChecksumMismatch")
_UNKNOWN = (
    "NotImplemented",
    "501",
    "InvalidArgument",
    "InvalidRequest",
)  # old servers say so of a header they do not know


class S3Store:
    """One bucket below one prefix."""

    def __init__(self, name: str, url: str, patience: Patience, bandwidth: Bandwidth, *, connections: int = 4) -> None:
        # Not urlsplit: in a prefix # and ? are characters like others.
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.name, self._bucket = name, bucket
        self._server = Server(name, bucket, self._prefix, patience, bandwidth, connections=connections)
        self._patience = patience
        self._creates = True  # until the server says that it does not know If-None-Match
        self._reckons: bool | None = None

    def reach(self) -> None:
        """Ask for a list of one: of a HEAD no error has a body that tells why. Who may send may be forbidden to list."""
        try:
            self._server.demand(
                self._prefix, lambda s3: s3.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
            )
        except StoreError as error:
            if "AccessDenied" not in error.message:
                raise

    def put(self, key: str, source: Source, *, replace: bool) -> bool:
        """Send an object; False where something is there and `replace` was not asked for."""
        whole = checked(key, self._prefix)
        condition = {} if replace or not self._creates else {"IfNoneMatch": "*"}
        about = {"Metadata": {DIGEST: _hex(source.sha256)}, "ContentType": "application/octet-stream"}
        try:
            if source.size > PART_BYTES:
                send_parts(self._server, whole, source, about, condition)
            else:
                self._put(whole, source, about | self._server.sums(_hex(source.sha256)) | condition)
        except RefusedError as refused:
            if refused.code in ("PreconditionFailed", "412"):
                return False
            if condition and refused.code in _UNKNOWN:
                self._creates = False
                return self.put(key, source, replace=replace)
            told = self._server.told(refused.error, whole)
            told.whole = refused.code in _UNKNOWN[:2]  # no object will be taken so
            raise told from refused.error
        return True

    def head(self, key: str) -> Stat | None:
        """Ask for an object; None where there is none."""
        whole = checked(key, self._prefix)
        mode = {"ChecksumMode": "ENABLED"} if self._server.sums("") else {}
        try:
            told = self._server.ask(whole, lambda s3: s3.head_object(Bucket=self._bucket, Key=whole, **mode))
        except RefusedError as refused:
            if is_missing(refused.error):
                return None
            raise self._server.told(refused.error, whole) from refused.error
        metadata = {
            name.lower(): value for name, value in told.get("Metadata", {}).items()
        }  # some servers write Sha256
        digest = metadata.get(DIGEST)
        return Stat(
            size=int(told["ContentLength"]),
            sha256=f"sha256:{digest}" if digest else None,
            checksum=_checksum(told.get("ChecksumSHA256")) if told.get("ChecksumType") != "COMPOSITE" else None,
            metadata=metadata,
        )

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read an object in pieces, going on where a connection was cut."""
        whole = checked(key, self._prefix)
        end, at, failed = None if length is None else start + length, start, 0
        while end is None or at < end:
            begun = at
            try:
                for piece in self._stream(whole, at, end):
                    self._patience.clock.wait(0)
                    at += len(piece)
                    yield piece
                return
            except RefusedError as refused:
                if is_missing(refused.error):
                    raise FileNotFoundError(key) from None
                if refused.status == 416:  # the range begins behind the end
                    return
                raise self._server.told(refused.error, whole) from refused.error
            except StoreError as error:
                failed = 1 if at > begun else failed + 1
                if not error.passing or failed >= self._patience.tries:
                    raise
                self._patience.rest(failed - 1)

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """List the objects whose keys begin so, a page at a time."""
        wanted: dict[str, Any] = {"Bucket": self._bucket, "Prefix": self._prefix + prefix}
        while True:
            page = self._server.demand(wanted["Prefix"], lambda s3: s3.list_objects_v2(**wanted))
            for one in page.get("Contents", []):
                yield one["Key"].removeprefix(self._prefix), int(one["Size"])
            if not page.get("IsTruncated"):
                return
            wanted["ContinuationToken"] = page["NextContinuationToken"]

    def reckons(self) -> bool:
        """Say whether the server holds a checksum against what it receives: then that of head() is worth something.

        A body is sent that is not what its checksum says, as object `.checksum-probe` of 8 bytes: a server that reckons refuses
        it, and takes it with the right one. Raises StoreError where it takes neither.
        """
        if not self._server.sums(""):
            return False  # a person wants none to be sent
        if self._reckons is None:
            self._reckons = self._refuses_wrong_sum()
        return self._reckons

    def close(self) -> None:
        """Close all connections."""
        self._server.close()

    # ---------------------------------------------------------------------------------------------------------------- within

    def _put(self, whole: str, source: Source, values: dict[str, Any]) -> None:
        data = source.read(0, source.size)
        self._server.ask(
            whole,
            lambda s3: s3.put_object(
                _hex(source.sha256),
                Bucket=self._bucket,
                Key=whole,
                Body=self._server.body(data),
                ContentLength=len(data),
                **values,
            ),
        )

    def _stream(self, whole: str, start: int, end: int | None) -> Iterator[bytes]:
        """Make one request for a range and give what comes. Raises StoreError where it is cut."""
        wanted = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
        # One try: read() makes the others, and goes on where this one got to.
        answer = self._server.ask(whole, lambda s3: s3.get_object(Bucket=self._bucket, Key=whole, **wanted), tries=1)
        body, left = answer["Body"], int(answer["ContentLength"])
        try:
            if wanted and "ContentRange" not in answer:
                raise StoreError(f"{self.name}: the server gives no ranges", action="docs/store.md")
            while piece := body.read(_PIECE):
                left -= len(piece)
                yield piece
        except BROKEN as error:
            raise self._server.told(error, whole) from error
        finally:
            body.close()
        if left > 0:
            raise StoreError(f"{self.name}: {whole}: ended {left} bytes early", action="the same later", passing=True)

    def _refuses_wrong_sum(self) -> bool:
        if self._probe_refused("00" * 32) is None:
            self._probe_refused(_PROBE_SHA256)  # else who reads it with its checksum, as boto3 does, is told of damage
            return False
        refusal = self._probe_refused(_PROBE_SHA256)
        if refusal is None:
            return True
        raise StoreError(
            f"{self.name}: the server takes no object with a checksum: {refusal.message}",
            action="AWS_REQUEST_CHECKSUM_CALCULATION=when_required, then the same command",
            whole=True,
        )

    def _probe_refused(self, checksum: str) -> StoreError | None:
        """Send the probe with a checksum; give what was said where it was refused. Raises StoreError where nothing is taken."""
        whole = checked(_PROBE, self._prefix)
        wanted = {"Bucket": self._bucket, "Key": whole, **self._server.sums(checksum)}
        try:
            self._server.ask(
                whole, lambda s3: s3.put_object(_PROBE_SHA256, **wanted, Body=_PROBE_BODY), tries=_PROBE_TRIES
            )
        except RefusedError as refused:
            return self._server.told(refused.error, whole)
        except StoreError as error:
            if any(code in error.message for code in _SPOILED):
                return error
            raise
        return None


def _hex(digest: str) -> str:
    return digest.partition(":")[2]


def _checksum(told: str | None) -> str | None:
    """Give a checksum of the whole object as a digest; that of its parts ("…-3") is none."""
    try:
        raw = base64.b64decode(told or "", validate=True)
    except ValueError:
        return None
    return f"sha256:{raw.hex()}" if len(raw) == 32 else None
