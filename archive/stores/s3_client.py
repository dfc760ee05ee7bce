"""The connection to an S3 server: boto3's client as we want it, and one way to ask it something.

Takes   nothing: credentials, region and endpoint are found by boto3 (environment, ~/.aws, the role of the machine).
Gives   answers; StoreError for what went wrong, RefusedError for an answer that the caller may expect.
Writes  nothing.
"""

from __future__ import annotations

import base64
import os
import queue
import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from ..errors import StoreError
from .patience import Bandwidth, Paced, Patience, release
from .s3_direct import DirectClient
from .s3_faults import code_of, explained, status_of

_CONNECT_S, _READ_S = 10, 60  # seconds until a connection that says nothing is given up
_CALCULATION = "AWS_REQUEST_CHECKSUM_CALCULATION"  # boto3's own word for servers without checksums
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
# What a connection fails with, or an answer that was spoiled on its way.
BROKEN = (BotoCoreError, HTTPClientError, ResponseParserError, HTTPError, OSError)


class RefusedError(Exception):
    """The server answered with an error about this object alone. error: as botocore has it."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        self.error, self.code, self.status = error, code_of(error), status_of(error)


class Server:
    """One S3 server, asked for one bucket below one prefix. name: of the store, for messages."""

    def __init__(
        self, name: str, bucket: str, prefix: str, patience: Patience, bandwidth: Bandwidth, *, connections: int
    ) -> None:
        self.name, self.bucket, self.prefix = name, bucket, prefix
        self.patience, self.bandwidth = patience, bandwidth
        self.connections = max(connections, 1)
        # A buffer for each part that is on its way, over all files: memory is flat in the size and the number of files.
        self.lanes: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
        for _ in range(self.connections):
            self.lanes.put(bytearray())
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def client(self) -> Any:
        """Give the client, made at the first request."""
        with self._lock:
            self._client = self._client or self._made()
            return self._client

    def _made(self) -> Any:
        """Make the client. Checksums are ours: in a header, never as a trailer, which some servers store (boto/boto3#4435)."""
        session = boto3.Session()
        config = Config(
            connect_timeout=_CONNECT_S, read_timeout=_READ_S, max_pool_connections=self.connections,
            retries={"total_max_attempts": 1}, tcp_keepalive=True,
            request_checksum_calculation="when_required", response_checksum_validation="when_required",
        )  # fmt: skip
        if _by_path(session):
            config = config.merge(Config(s3={"addressing_style": "path"}))
        client = session.client("s3", config=config)
        client.meta.events.register("before-send.s3", _release)
        return DirectClient(client, session)

    def ask(self, key: str, deed: Callable[[Any], Any], tries: int | None = None) -> Any:
        """Ask, again where it may pass. key: whole. Raises StoreError, RefusedError, Stopped."""

        def once() -> Any:
            try:
                return deed(self.client)
            except ClientError as error:
                told = self.told(error, key)
                raise (told if told.passing or told.whole else RefusedError(error)) from error
            except (*BROKEN, ValueError) as error:
                raise self.told(error, key) from error

        return self.patience.call(once, tries)

    def demand(self, key: str, deed: Callable[[Any], Any]) -> Any:
        """Ask for what is never refused in the normal way. Raises StoreError, Stopped."""
        try:
            return self.ask(key, deed)
        except RefusedError as refused:
            raise self.told(refused.error, key) from refused.error

    def told(self, error: Exception, key: str) -> StoreError:
        """Say what went wrong; of an address that came from the environment nothing but its variable."""
        told = explained(error, f"{self.name}: {key.removeprefix(self.prefix)}".rstrip(": "), self.address)
        if self.name.startswith("env:"):
            message = (told.message.replace(self.prefix, "") if self.prefix else told.message).replace(
                self.bucket, "BUCKET"
            )
            return StoreError(message, action=told.action, passing=told.passing, whole=told.whole)
        return told

    @property
    def address(self) -> str:
        """Name the server that is asked."""
        return str(self._client.meta.endpoint_url) if self._client else "the store"

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def sums(self, hexdigest: str) -> dict[str, str]:
        """Give the checksum for a request, unless a person told boto3 to send none."""
        if os.environ.get(_CALCULATION, "").lower() == "when_required":
            return {}
        # The algorithm beside the value: some servers see only by that that there is a checksum, and a locked bucket wants one.
        return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64.b64encode(bytes.fromhex(hexdigest)).decode()}

    def body(self, data: bytes | memoryview) -> Any:
        """Give what is sent: the bytes, or a file that gives them no faster than is allowed."""
        if self.bandwidth.limited:
            return Paced(data, self.bandwidth)
        self.bandwidth.take(len(data))
        return data


def _release(request: Any, **_: Any) -> None:
    """Let a body know that boto3 sends it from now on."""
    release(request.body)


def _by_path(session: Any) -> bool:
    """Say whether buckets are named in the path: servers of one's own seldom have a host's name for each bucket.

    A person who says otherwise does so in ~/.aws/config: `addressing_style` of `s3`.
    """
    settings = session._session.get_scoped_config()
    chosen = settings.get("s3", {})
    if isinstance(chosen, dict) and "addressing_style" in chosen:
        return False
    return any(os.environ.get(name) for name in _ENDPOINTS) or "endpoint_url" in settings or "services" in settings
