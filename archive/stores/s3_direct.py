"""The four requests that an upload is made of, without boto3's long way; all others by boto3.

Takes   boto3's client, its session, what the requests are to hold.
Gives   the answers in boto3's form; botocore's exceptions.
Writes  what is sent.

boto3 spends 3 ms of processor on a request, asks before it sends a body (Expect: 100-continue) and hashes the body to sign it,
which we have done. Here the address and the region are learned from a request that it made; it signs (botocore.auth), and its
session sends. What it would answer otherwise than by an error (another region, a bucket of another kind) it is asked itself.
"""

from __future__ import annotations

import re
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.parsers import create_parser
from botocore.response import StreamingBody
from botocore.utils import get_environ_proxies

from .patience import release

Told = dict[str, Any]

# The only kind of signature that is made here: SigV4 for one region. Others (SigV4A, S3 Express) are boto3's.
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^,]*/\d{8}/([^/,]+)/s3/aws4_request,")
_EXPRESS = "x-amz-s3session-token"
_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of no bytes
_ELSEWHERE = frozenset({301, 302, 307, 308})
_WRONG_REGION = "AuthorizationHeaderMalformed"
# boto3's names of what a request holds, and their headers (Amazon S3 API Reference, PutObject, UploadPart, GetObject).
_HEADERS = {
    "ChecksumSHA256": "x-amz-checksum-sha256", "ChecksumAlgorithm": "x-amz-sdk-checksum-algorithm",
    "ChecksumMode": "x-amz-checksum-mode", "ContentType": "Content-Type", "IfNoneMatch": "If-None-Match", "Range": "Range",
}  # fmt: skip
_ANSWERS = {
    "ETag": "etag", "ChecksumSHA256": "x-amz-checksum-sha256", "ChecksumType": "x-amz-checksum-type",
    "ContentRange": "content-range",
}  # fmt: skip
_METADATA = "x-amz-meta-"


class _Auth(S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs with the digest of the body that is known already."""

    def payload(self, request: Any) -> str:
        return str(request.context["sha256"])


class DirectClient:
    """boto3's client for S3, quick with objects. Threads may use it at once.

    sha256: of each body, in hex digits. The rest of a call is as boto3 has it.
    """

    def __init__(self, client: Any, session: Any) -> None:
        self._client, self._session = client, session
        self._base: str | None = None  # address of the bucket, "/" at its end
        self._region, self._agent = "", ""
        self._sender: Any = None
        client.meta.events.register("before-send.s3", self._learn)

    def __getattr__(self, name: str) -> Any:
        """Leave all other requests to boto3."""
        return getattr(self._client, name)

    def close(self) -> None:
        """Close all connections."""
        if self._sender is not None:
            self._sender.close()
        self._client.close()

    def put_object(self, sha256: str, **values: Any) -> Told:
        """Send an object."""
        return self._asked("PUT", "put_object", values, sha256=sha256)

    def upload_part(self, sha256: str, **values: Any) -> Told:
        """Send a part of one."""
        query = f"?partNumber={values['PartNumber']}&uploadId={quote(values['UploadId'], safe='')}"
        return self._asked("PUT", "upload_part", values, sha256=sha256, query=query)

    def head_object(self, **values: Any) -> Told:
        """Ask for an object."""
        return self._asked("HEAD", "head_object", values)

    def get_object(self, **values: Any) -> Told:
        """Read an object, or a range of it: "Body" of what is given."""
        return self._asked("GET", "get_object", values)

    # ---------------------------------------------------------------------------------------------------------- asking

    def _asked(self, method: str, name: str, values: Told, *, sha256: str = _NOTHING, query: str = "") -> Told:
        base, credentials = self._base, self._session.get_credentials()
        if base is None or credentials is None:
            return self._long_way(name, values)
        url = base + quote(values["Key"], safe="/~") + query
        answer = self._send(method, url, values, sha256, credentials.get_frozen_credentials())
        if answer.status_code < 300:
            return _told(answer, stream=method == "GET")
        error = _refusal(answer, name)
        if answer.status_code in _ELSEWHERE or error.response["Error"].get("Code") == _WRONG_REGION:
            self._base = None  # boto3 follows, and what it sends is learned anew
            return self._long_way(name, values)
        raise error

    def _long_way(self, name: str, values: Told) -> Told:
        if isinstance(values.get("Body"), memoryview):
            values = values | {"Body": bytes(values["Body"])}
        answer: Told = getattr(self._client, name)(**values)
        return answer

    def _send(self, method: str, url: str, values: Told, sha256: str, credentials: Any) -> Any:
        request = AWSRequest(
            method=method,
            url=url,
            headers=_headers(values) | {"User-Agent": self._agent},
            data=values.get("Body", b""),
            stream_output=method == "GET",
        )
        request.context["sha256"] = sha256
        _Auth(credentials, "s3", self._region).add_auth(request)
        prepared = request.prepare()
        release(prepared.body)  # boto3's own word that it sends, which lets a paced body go, does not come this way
        return self._sender.send(prepared)

    def _learn(self, request: Any, **_: Any) -> None:
        """See how boto3 asks for the bucket. request: as it is about to be sent."""
        authorization = _text(request.headers.get("Authorization", ""))
        signed, parts = _SIGNED.match(authorization), urlsplit(request.url)
        if not signed or _EXPRESS in request.headers or "list-type=2" not in parts.query.split("&"):
            return
        self._region, self._agent = signed[1], _text(request.headers.get("User-Agent", ""))
        if self._sender is None:
            self._sender = self._new_sender(request.url)
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"

    def _new_sender(self, url: str) -> Any:
        """Make a session as boto3 makes its own for a client with our Config."""
        config = self._client.meta.config
        bundle = self._session._session.get_config_variable("ca_bundle")
        return URLLib3Session(
            verify=True if bundle is None else bundle,
            proxies=config.proxies or get_environ_proxies(url),
            timeout=(config.connect_timeout, config.read_timeout),
            max_pool_connections=config.max_pool_connections,
            socket_options=[
                (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
                (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
            ],
            client_cert=config.client_cert,
            proxies_config=config.proxies_config,
        )


def _headers(values: Told) -> dict[str, str]:
    headers = {header: values[name] for name, header in _HEADERS.items() if name in values}
    return headers | {_METADATA + name: value for name, value in values.get("Metadata", {}).items()}


def _told(answer: Any, *, stream: bool) -> Told:
    headers = {name.lower(): value for name, value in answer.raw.headers.items()}
    told: Told = {name: headers[header] for name, header in _ANSWERS.items() if header in headers}
    told["ContentLength"] = length = int(headers.get("content-length", 0))
    told["Metadata"] = {name.removeprefix(_METADATA): headers[name] for name in headers if name.startswith(_METADATA)}
    if stream:
        told["Body"] = StreamingBody(answer.raw, length)
    return told


def _refusal(answer: Any, name: str) -> ClientError:
    """Make the exception that boto3 makes of an answer."""
    said = {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}
    return ClientError(create_parser("rest-xml").parse(said, None), name)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
