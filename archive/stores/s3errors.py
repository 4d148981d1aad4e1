"""What a refusal of an S3 server means, as one of our errors; pure functions over its code, status and headers.

Codes: the S3 API reference, "Error responses", and what Ceph RGW, SeaweedFS and moto answer in their place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from archive.errors import (
    ArchiveError,
    CredentialsError,
    IntegrityError,
    KeyExists,
    KeyMissing,
    NoArchive,
    NoSpace,
    StorageError,
    UnsafeStore,
)
from archive.facts.names import instant
from archive.stores.store import NotOffered, Unclear

RIGHTS = {
    "PutObject": "s3:PutObject",
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject, and s3:ListBucket, without which a key that is missing looks forbidden",
    "ListObjectsV2": "s3:ListBucket",
    "DeleteObject": "s3:DeleteObject, which only gc and the probe use",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads, which only gc uses",
    "AbortMultipartUpload": "s3:AbortMultipartUpload, which gc and exports that fail use",
}
_DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "AccountProblem", "403", "401"})
_FULL = frozenset({"QuotaExceeded", "InsufficientCapacity", "InsufficientStorage", "XMinioStorageFull", "507"})
_DAMAGED = frozenset({"BadDigest", "IncompleteBody", "RequestTimeout"})
_UNKNOWN = frozenset({"NotImplemented", "501", "MethodNotAllowed", "405"})
_SPARED = frozenset({"ListMultipartUploads", "AbortMultipartUpload", "CompleteMultipartUpload"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
REGION = "x-amz-bucket-region"
_OBJECTS = frozenset({"GetObject", "HeadObject", "DeleteObject", "AbortMultipartUpload"})


class Conflict(Unclear):
    """Raise for 409 ConditionalRequestConflict: another put on the key was under way; nobody has won yet."""


class Refused(CredentialsError):
    """Raise for credentials that may be good after they are looked up again; a wrong clock is none of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Refusal:
    """What a server answered to one request."""

    operation: str
    """As botocore names it: PutObject, GetObject, ListObjectsV2, DeleteObject."""
    key: str
    uri: str
    code: str
    """The error's code, or the status as text where the answer has none."""
    status: int
    key_id: str = field(default="", repr=False)
    """The access key's id, not its secret; shown as `AKIA…last4`."""
    details: Mapping[str, str] = field(default_factory=dict)
    """The other elements of the error."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The answer's, names in lower case."""


def explain(refusal: S3Refusal) -> ArchiveError:
    """Return the error that a refusal stands for; what the server says in words is left out, its code is not."""
    return (_MEANINGS.get(refusal.code) or _by_status(refusal))(refusal)


def _by_status(refusal: S3Refusal) -> Callable[[S3Refusal], ArchiveError]:
    if refusal.status in REDIRECTS:
        return _redirected
    if refusal.status == 409 and refusal.operation == "PutObject":
        return _conflict
    if refusal.status in (401, 403) or "Token" in refusal.code:
        return _refused
    return _full if refusal.status == 507 else _failed


def _taken(refusal: S3Refusal) -> KeyExists:
    return KeyExists(refusal.key, refusal.uri)


def _missing(refusal: S3Refusal) -> ArchiveError:
    if refusal.operation not in _OBJECTS:
        return StorageError(
            f"{refusal.uri}: the endpoint knows no {refusal.operation} ({refusal.status} {refusal.code}): it is no S3 "
            "server, or leads to another place of one; check AWS_ENDPOINT_URL_S3"
        )
    return KeyMissing(refusal.key, refusal.uri)


def _no_bucket(refusal: S3Refusal) -> NoArchive:
    return NoArchive(f"there is no bucket for {refusal.uri}: create it first, no command here does")


def _ended(refusal: S3Refusal) -> IntegrityError:
    return IntegrityError(
        f"{refusal.key} in {refusal.uri} ends before the range that was asked; run scrapy verify, and restore it from "
        "another copy"
    )


def _conflict(refusal: S3Refusal) -> Conflict:
    return Conflict(f"{refusal.uri} is busy with other puts on {refusal.key} ({refusal.code}); run the command again")


def _full(refusal: S3Refusal) -> NoSpace:
    return NoSpace(f"{refusal.uri} is full ({refusal.code}): raise its quota or free space, then run the command again")


def _failed(refusal: S3Refusal) -> ArchiveError:
    code, what = refusal.code, f"{refusal.operation} of {refusal.key} in {refusal.uri}"
    if code in ("NotImplemented", "501") and refusal.operation == "PutObject":
        # S3 names the header that it does not know; a checksum's says nothing of the condition.
        if "amz" in refusal.details.get("Header", "").lower():
            return StorageError(
                f"{what} was refused ({code}) for a checksum that {refusal.uri} does not know; unset "
                "AWS_REQUEST_CHECKSUM_CALCULATION, then run the command again"
            )
        return UnsafeStore(
            f"{refusal.uri} knows no put with If-None-Match ({code}), so two writers could overwrite each other; use a "
            "server that honours it, such as AWS S3 or SeaweedFS, or a local directory"
        )
    if code in _UNKNOWN and refusal.operation in _SPARED:
        return NotOffered(f"{refusal.uri} has no {refusal.operation} ({refusal.status} {code})")
    if refusal.status >= 500 and code.isdecimal():
        return Unclear(
            f"{what} failed after retries ({code}, or 200 with bytes that are none of S3's); run the command again "
            "later, and where it stays so check AWS_ENDPOINT_URL_S3"
        )
    if refusal.status >= 500 or code in _DAMAGED:
        return Unclear(f"{what} failed ({refusal.status} {code}), after retries; run the command again later")
    return StorageError(f"{what} was refused ({refusal.status} {code}); check the endpoint and the bucket's rules")


def _refused(refusal: S3Refusal) -> Refused:
    code, shown = refusal.code, masked(refusal.key_id)
    if code in _DENIED:
        right = RIGHTS.get(refusal.operation, refusal.operation)
        return Refused(f"{shown} may not {refusal.operation} {refusal.key} in {refusal.uri} ({code}): it needs {right}")
    return Refused(
        f"{refusal.uri} does not accept {shown} ({code}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
        "AWS_SESSION_TOKEN, or renew the profile's login"
    )


def no_s3(answer: Mapping[str, Any], body: bytes) -> str:
    """Return what an answer is instead of S3's, in words, empty where it may be one.

    No object of ours begins with `<`. Each answer of S3 has an ETag or a request's id (the S3 API reference, "Common
    response headers"); a web page at the endpoint, a console's or a proxy's, has neither.
    """
    about = answer.get("ResponseMetadata", {})
    headers, status = about.get("HTTPHeaders", {}), about.get("HTTPStatusCode", 0)
    if speaks_s3(answer):
        return ""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return f"nothing ({status})"
    if kind == "application/json":
        return f"JSON ({status}, {kind})"
    if body.lstrip()[:1] != b"<":
        return ""
    if kind == "text/html":
        return f"a web page ({status}, {kind})"
    return f"an error under the status of success ({status}, {kind or 'no type'})" if status < 300 else ""


def speaks_s3(answer: Mapping[str, Any]) -> bool:
    """Return whether an answer has what each of S3's has, and a console's or a proxy's has not."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return "etag" in headers or "x-amz-request-id" in headers


def masked(key_id: str) -> str:
    """Return an access key's id as `access key AKIA…last4`; one too short to cut is not shown at all."""
    return f"access key {key_id[:4]}…{key_id[-4:]}" if len(key_id) >= 12 else "the access key"


def _redirected(refusal: S3Refusal) -> StorageError:
    region = refusal.headers.get(REGION) or refusal.details.get("Region", "")
    there = f" ({region[:40]})" if region else ""
    return StorageError(
        f"{refusal.uri} answers with a redirect ({refusal.status} {refusal.code}), which is not followed, since the "
        f"request carries a signature: set AWS_REGION{there} or AWS_ENDPOINT_URL_S3 to where the bucket is"
    )


def _elsewhere(refusal: S3Refusal) -> StorageError:
    region = refusal.headers.get(REGION) or refusal.details.get("Region") or "the bucket's own"
    return StorageError(f"{refusal.uri} is in another region ({refusal.code}): set AWS_REGION to {region[:40]}")


def _skewed(refusal: S3Refusal) -> CredentialsError:
    ours, theirs = _time(refusal.details.get("RequestTime", "")), _time(refusal.details.get("ServerTime", ""))
    if ours and theirs:
        minutes, side = abs(ours - theirs).total_seconds() / 60, "ahead" if ours > theirs else "behind"
        apart = f"differs from the storage by {minutes:.0f} min ({side})"
    else:
        apart = f"differs from the storage by too much; the storage's says {refusal.headers.get('date', 'nothing')}"
    return CredentialsError(
        f"the local clock {apart}, so {refusal.uri} takes no signature: set the clock, then run the command again"
    )


def _time(text: str) -> datetime | None:
    """Read `20261124T120000Z` or RFC 3339 text; None for neither."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if "-" not in text else instant(text)
    except ValueError:
        return None


_MEANINGS: Mapping[str, Callable[[S3Refusal], ArchiveError]] = {
    "PreconditionFailed": _taken,
    "412": _taken,
    "NoSuchKey": _missing,
    "NoSuchUpload": _missing,
    "404": _missing,
    "InvalidRange": _ended,
    "416": _ended,
    "NoSuchBucket": _no_bucket,
    "ConditionalRequestConflict": _conflict,
    "RequestTimeTooSkewed": _skewed,
    "RequestExpired": _skewed,
    **dict.fromkeys(("AuthorizationHeaderMalformed", "IllegalLocationConstraintException"), _elsewhere),
    **dict.fromkeys(_FULL, _full),
    **dict.fromkeys(_DENIED, _refused),
}
