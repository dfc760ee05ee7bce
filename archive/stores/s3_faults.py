"""What went wrong between us and an S3 server, and what a person does about it.

Takes   an exception of botocore.
Gives   a StoreError: whether it may pass, whether it meets every object alike, the next action. No secret is in it.
Writes  nothing.

Codes: Amazon S3 API Reference, "Error responses"; those of MinIO, Ceph and Aliyun OSS where they differ.
"""

from __future__ import annotations

from typing import Any

from botocore import exceptions as boto

from ..errors import StoreError

_PASSING = frozenset({
    "InternalError", "ServiceUnavailable", "SlowDown", "SlowDownRead", "SlowDownWrite", "Throttling", "ThrottlingException",
    "RequestLimitExceeded", "TooManyRequests", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict", "BadDigest",
    "XAmzContentSHA256Mismatch", "IncompleteBody", "XMinioServerNotInitialized", "Busy",
})  # fmt: skip
_CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another AWS_PROFILE, as the store's owner gave them"
_SIGN_IN = "sign in again (aws sso login), or a new AWS_SESSION_TOKEN with its keys"
_POLICY = "a policy with s3:GetObject, s3:PutObject, s3:ListBucket and s3:AbortMultipartUpload on this prefix"
_REGION = "AWS_DEFAULT_REGION, the region of the bucket"
_ROOM = "make room there, or a larger quota; then the same command"
# code -> (what is wrong, what to do); all of these meet every object.
_WHOLE = {
    "NoSuchBucket": ("there is no such bucket", "make the bucket, or mend [store] url or AWS_ENDPOINT_URL_S3"),
    "InvalidBucketName": ("no bucket can be named so", "another [store] url"),
    "InvalidAccessKeyId": ("the server does not know the access key", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the secret key is wrong", _CREDENTIALS),
    "ExpiredToken": ("the credentials have expired", _SIGN_IN),
    "InvalidToken": ("the session token is wrong", _SIGN_IN),
    "RequestTimeTooSkewed": ("the clocks of this machine and of the server differ", "set the clock of this machine (NTP)"),
    "AccessDenied": ("these credentials may not do it", _POLICY),
    "AllAccessDisabled": ("the bucket is closed", "ask the store's owner"),
    "AccountProblem": ("the account is blocked", "ask the store's owner"),
    "SecondLevelDomainForbidden": (
        "the server wants the bucket in the name of its host", "addressing_style = virtual for s3 in ~/.aws/config",
    ),
    "PermanentRedirect": ("the bucket is in another region", _REGION),
    "AuthorizationHeaderMalformed": ("the region is wrong", _REGION),
    "IllegalLocationConstraintException": ("the bucket is in another region", _REGION),
    "QuotaExceeded": ("the bucket is full", _ROOM),
    "XMinioStorageFull": ("the store's disks are full", _ROOM),
    "XMinioAdminBucketQuotaExceeded": ("the bucket is full", _ROOM),
    "InsufficientStorage": ("the store is full", _ROOM),
    "InvalidBucketState": ("the state of the bucket does not allow it", "docs/store.md, locked buckets"),
}  # fmt: skip
_ALIASES = {
    "403": "AccessDenied", "Forbidden": "AccessDenied", "301": "PermanentRedirect", "507": "InsufficientStorage",
    "TokenRefreshRequired": "ExpiredToken", "ExpiredTokenException": "ExpiredToken", "InvalidClientTokenId": "InvalidAccessKeyId",
    "RequestExpired": "RequestTimeTooSkewed", "XMinioBackendDown": "ServiceUnavailable", "StorageFull": "XMinioStorageFull",
    "UserDisable": "AccountProblem",
}  # fmt: skip
_UNKNOWN_HEADER = ("NotImplemented", "501")
_LOCK_HEADER = "Object Lock"


def explained(error: Exception, place: str, server: str) -> StoreError:
    """Say what an exception of botocore means. place: store and key. server: address that is asked."""
    if isinstance(error, boto.ClientError):
        return _answered(error, place)
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
        return StoreError(f"{place}: no credentials for the store were found", action=_CREDENTIALS, whole=True)
    if isinstance(error, boto.TokenRetrievalError | boto.SSOTokenLoadError | boto.UnauthorizedSSOTokenError):
        return StoreError(
            f"{place}: the sign-in has expired", action="aws sso login, then the same command", whole=True
        )
    if isinstance(error, boto.ProfileNotFound):
        return StoreError(f"{place}: {error}", action="another AWS_PROFILE", whole=True)
    if isinstance(error, boto.SSLError):
        return StoreError(
            f"{place}: {server}: its certificate is not trusted",
            action="AWS_CA_BUNDLE, the certificate of its maker",
            whole=True,
        )
    if isinstance(error, boto.ParamValidationError | boto.InvalidEndpointConfigurationError | boto.NoRegionError):
        return StoreError(f"{place}: {error}", action="mend [store] url or AWS_ENDPOINT_URL_S3", whole=True)
    # The rest is a connection that failed, broke or said nothing: HTTPClientError, ReadTimeoutError, IncompleteReadError, …
    return StoreError(
        f"{place}: {server}: {_brief(error)}", action="is the server up and AWS_ENDPOINT_URL_S3 right? then the same command",
        passing=True, whole=isinstance(error, boto.EndpointConnectionError | boto.ConnectTimeoutError),
    )  # fmt: skip


def code_of(error: boto.ClientError) -> str:
    """Give the error's code as S3 names it; of a HEAD, which has no body, it is the status."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return _ALIASES.get(code, code)


def status_of(error: boto.ClientError) -> int:
    """Give the HTTP status."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_missing(error: boto.ClientError) -> bool:
    """Say whether the object is not there (and not the bucket)."""
    return code_of(error) in ("NoSuchKey", "404", "NotFound")


def _answered(error: boto.ClientError, place: str) -> StoreError:
    code, status = code_of(error), status_of(error)
    details: dict[str, Any] = dict(error.response.get("Error", {}))
    said = str(details.get("Message", "")).rstrip(".") or str(status)
    if code in _PASSING or status in (408, 429, 500, 502, 503, 504):
        return StoreError(f"{place}: {code}: {said}", action="the same command later", passing=True)
    if code in _WHOLE:
        what, action = _WHOLE[code]
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region") or details.get("Region")
        if region and "AWS_DEFAULT_REGION" in action:
            action = f"AWS_DEFAULT_REGION={region}"
        return StoreError(f"{place}: {what} ({code})", action=action, whole=True)
    if _LOCK_HEADER in said:
        return StoreError(
            f"{place}: the bucket is locked and wants a checksum with each object ({code})",
            action="unset AWS_REQUEST_CHECKSUM_CALCULATION, then the same command", whole=True,
        )  # fmt: skip
    if code in _UNKNOWN_HEADER:
        return StoreError(
            f"{place}: {code}: {said}: the server may know no checksums",
            action="AWS_REQUEST_CHECKSUM_CALCULATION=when_required, then the same command; lianzai doctor finds out",
        )
    return StoreError(f"{place}: {code}: {said}", action="docs/store.md, what a store may answer")


def _brief(error: Exception) -> str:
    """Give an exception's own words without the request's address, which may hold a signature."""
    told = str(error).partition(" for url")[0].partition(' URL: "')[0].partition(": http")[0]
    return f"{type(error).__name__}: {told}"[:200]
