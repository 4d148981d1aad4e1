"""An S3 bucket as a store, through boto3; knows nothing of what the objects hold."""

import base64
import hashlib
import ipaddress
import logging
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from archive.errors import (
    ArchiveError,
    ConfigurationError,
    CredentialsError,
    KeyExists,
    KeyMissing,
    NoArchive,
    NoSpace,
    StorageError,
)  # fmt: skip
from archive.ids import KEY
from archive.store import Entry

_RIGHTS = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "RequestTimeTooSkewed", "403"}
)
_FULL = frozenset({"QuotaExceeded", "InsufficientCapacity", "507"})
_TAKEN = frozenset({"PreconditionFailed", "412"})


class S3Store:
    """Objects below a prefix of one bucket; a key is taken by a put with If-None-Match: *."""

    def __init__(self, uri: str) -> None:
        """Read `s3://bucket/prefix`; credentials, region and endpoint are boto3's own AWS_* variables."""
        parts = urlsplit(uri)
        if parts.username or not parts.netloc:
            raise ConfigurationError("ARCHIVE_URI must be s3://bucket/prefix, without credentials")
        self.uri, self.bucket = uri, parts.netloc
        self.prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        self._client = _client()

    def create(self, key: str, data: bytes) -> None:
        """Store bytes under a key that is absent."""
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        self._call(
            "put_object", key, Bucket=self.bucket, Key=self.prefix + key, Body=data, IfNoneMatch="*", ContentMD5=digest
        )

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        return self._body(key)

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """Return a part of an object; a server that ignores the range is cut to it here."""
        data = self._body(key, Range=f"bytes={offset}-{offset + length - 1}")
        return data if len(data) <= length else data[offset : offset + length]

    def _body(self, key: str, **more: Any) -> bytes:
        import botocore.exceptions  # noqa: PLC0415 - boto3 costs most of a second

        answer = self._call("get_object", key, Bucket=self.bucket, Key=self.prefix + key, **more)
        try:
            return bytes(answer["Body"].read())
        except (botocore.exceptions.BotoCoreError, OSError) as error:
            raise StorageError(f"reading {key} from {self.uri} broke off: {error}; run the command again") from error

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yield objects by key; strangers are left out."""
        token: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", prefix, Bucket=self.bucket, Prefix=self.prefix + prefix, **token)
            for item in page.get("Contents", ()):
                key = item["Key"].removeprefix(self.prefix)
                if KEY.fullmatch(key):
                    yield Entry(key=key, size=item["Size"], modified=item["LastModified"])
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, key: str) -> None:
        """Remove an object."""
        self._call("delete_object", key, Bucket=self.bucket, Key=self.prefix + key)

    def _call(self, verb: str, key: str, **arguments: Any) -> Any:
        import botocore.exceptions  # noqa: PLC0415 - boto3 costs most of a second

        try:
            return getattr(self._client, verb)(**arguments)
        except botocore.exceptions.ClientError as error:
            raise self._explained(verb, key, error.response["Error"].get("Code", "")) from error
        except botocore.exceptions.NoCredentialsError as error:
            raise CredentialsError(f"no credentials for {self.uri}; set AWS_ACCESS_KEY_ID and its secret") from error
        except botocore.exceptions.BotoCoreError as error:
            raise StorageError(f"cannot reach {self.uri}: {error}; check the endpoint, then run it again") from error

    def _explained(self, verb: str, key: str, code: str) -> ArchiveError:
        if code in _TAKEN:
            return KeyExists(key, self.uri)
        if code in ("NoSuchKey", "404"):
            return KeyMissing(key, self.uri)
        if code == "NoSuchBucket":
            return NoArchive(f"no bucket {self.bucket}; create it first, a crawl never does")
        if code in _RIGHTS:
            return CredentialsError(
                f"{self.uri} refuses {verb} on {key} ({code}); check the key, its rights and the clock"
            )
        if code in _FULL:
            return NoSpace(f"{self.uri} is full ({code}); raise the quota, then run the command again")
        return StorageError(f"{self.uri} failed {verb} on {key} ({code}); run the command again")


def _client() -> Any:
    import boto3  # noqa: PLC0415 - boto3 costs most of a second
    from botocore.config import Config  # noqa: PLC0415

    for name in ("boto3", "botocore", "urllib3", "s3transfer"):
        logging.getLogger(name).setLevel(logging.INFO)
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    _refuse_plaintext(endpoint)
    session = boto3.Session()
    own: dict[str, Any] = {
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    config = Config(
        retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=60,
        **(own | {"s3": {"addressing_style": "path"}} if endpoint else {}),
    )  # fmt: skip
    return session.client("s3", config=config, region_name=session.region_name or "us-east-1")


def _refuse_plaintext(endpoint: str | None) -> None:
    host = urlsplit(endpoint or "").hostname or ""
    if not endpoint or endpoint.startswith("https://") or os.environ.get("ALLOW_PLAINTEXT") == "1":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise ConfigurationError(f"the endpoint {host} is plain http; use https, or set ALLOW_PLAINTEXT=1")
