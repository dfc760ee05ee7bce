"""Send a large object in parts; go on with one that was begun and not finished.

Takes   a source, the key, what is to stand by the object.
Gives   nothing: the object is there, whole.
Writes  a multipart upload, completed. Memory: one part for each connection of the store.

A part that the server has is not sent again where its checksum or ETag says that it is the same. Where that is not true, the
digest of the whole object tells when it is read back, and all is sent anew.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from operator import itemgetter
from typing import Any

from ..errors import StoreError
from .protocol import Source
from .s3_client import RefusedError, Server
from .together import together

# Amazon S3 User Guide, "Multipart upload limits": a part has at least 5 MiB but for the last, an upload at most 10,000.
PART_BYTES = 8 << 20
MAX_PARTS = 10_000

# What a server says of an upload, or of parts of it, that it cannot go on with.
_UNUSABLE = ("NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall")
_TAKEN = ("PreconditionFailed", "412")

Told = dict[str, Any]


def send_parts(server: Server, key: str, source: Source, about: Told, condition: Told) -> None:
    """Send an object. key: whole. condition: of completing. Raises StoreError, RefusedError, Stopped."""
    upload, there = _begun(server, key)
    if upload is None:
        sums = {"ChecksumAlgorithm": "SHA256"} if server.sums("") else {}
        begin = {"Bucket": server.bucket, "Key": key, **about, **sums}
        upload = server.ask(key, lambda s3: s3.create_multipart_upload(**begin))["UploadId"]
    place = {"Bucket": server.bucket, "Key": key, "UploadId": upload}
    try:
        parts = _parts(server, place, source, there)
        server.ask(key, lambda s3: s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, **condition))
    except RefusedError as error:
        abort(server, key, upload)
        # Also where the answer to completing was lost, and it was asked again; or parts of old bytes stand in the way.
        if error.code in _UNUSABLE or (there and error.code not in _TAKEN):
            raise StoreError(server.told(error.error, key).message, action="the same command", passing=True) from error
        raise
    except StoreError as error:
        if not error.passing:
            abort(server, key, upload)
        raise


def _parts(server: Server, place: Told, source: Source, there: dict[int, Told]) -> list[Told]:
    """Send all parts, as many at once as the server is asked in all; give what completing wants to know, in their order."""
    size = part_size(source.size)
    failed: list[BaseException] = []

    def send(number: int) -> Told | None:
        lane = server.lanes.get()
        try:
            if failed:
                return None
            lane.extend(bytes(max(size - len(lane), 0)))
            with memoryview(lane) as room, source.read_into((number - 1) * size, room[:size]) as data:
                return _part(server, place, number, data, there.get(number))
        except BaseException as error:  # noqa: BLE001  raised below, when no thread reads the source any more
            failed.append(error)
            return None
        finally:
            server.lanes.put(lane)

    numbers = range(1, -(-source.size // size) + 1)
    parts = [part for part in together(send, numbers, server.connections) if part is not None]
    if failed:
        raise failed[0]
    return sorted(parts, key=itemgetter("PartNumber"))


def _part(server: Server, place: Told, number: int, data: memoryview, there: Told | None) -> Told:
    """Send one part, unless the server has it; give what completing wants to know of it."""
    sha256 = hashlib.sha256(data).hexdigest()
    sums = server.sums(sha256)
    told = there
    if told is None or not _same(told, data, sums.get("ChecksumSHA256")):
        send = {**place, "PartNumber": number, "ContentLength": len(data), **sums}
        told = server.ask(place["Key"], lambda s3: s3.upload_part(sha256, **send, Body=server.body(data)))
    return {"PartNumber": number} | {name: told[name] for name in ("ETag", "ChecksumSHA256") if told.get(name)}


def _begun(server: Server, key: str) -> tuple[str | None, dict[int, Told]]:
    """Find the newest unfinished upload of a key and its parts; end the older ones. A server that does not tell has none."""
    try:
        listed = server.ask(key, lambda s3: s3.list_multipart_uploads(Bucket=server.bucket, Prefix=key))
        found = sorted(
            (one for one in listed.get("Uploads", []) if one["Key"] == key), key=lambda one: one["Initiated"]
        )
        for old in found[:-1]:
            abort(server, key, old["UploadId"])
        return (found[-1]["UploadId"], _listed(server, key, found[-1]["UploadId"])) if found else (None, {})
    except RefusedError:  # an old server does not know the question, or the upload is gone by now
        return None, {}
    except StoreError as error:
        if "AccessDenied" in error.message:  # these credentials may send, but not list
            return None, {}
        raise


def _listed(server: Server, key: str, upload: str) -> dict[int, Told]:
    """Give the parts that an unfinished upload has, by number."""
    parts: dict[int, Told] = {}
    wanted: Told = {"Bucket": server.bucket, "Key": key, "UploadId": upload}
    while True:
        page = server.ask(key, lambda s3: s3.list_parts(**wanted))
        parts |= {int(one["PartNumber"]): one for one in page.get("Parts", [])}
        if not page.get("IsTruncated"):
            return parts
        wanted["PartNumberMarker"] = int(page["NextPartNumberMarker"])


def abort(server: Server, key: str, upload: str) -> None:
    """End an upload of ours. Where that is refused, the bucket's own rule for unfinished uploads does it."""
    with suppress(RefusedError, StoreError):
        server.ask(key, lambda s3: s3.abort_multipart_upload(Bucket=server.bucket, Key=key, UploadId=upload))


def part_size(size: int) -> int:
    """Give the bytes of a part: always the same for one size of file, so that an upload can be taken up again.

    >>> part_size(1 << 30) == PART_BYTES
    True
    """
    needed = -(-size // MAX_PARTS)
    return max(PART_BYTES, -(-needed // PART_BYTES) * PART_BYTES)


def _same(there: Told, data: memoryview, checksum: str | None) -> bool:
    """Say whether a part that the server has is this one: by size, and by sha256 or else by MD5 as its ETag."""
    if int(there.get("Size", -1)) != len(data):
        return False
    if checksum is not None and there.get("ChecksumSHA256"):
        return bool(there["ChecksumSHA256"] == checksum)
    return str(there.get("ETag", "")).strip('"') == hashlib.md5(data, usedforsecurity=False).hexdigest()
