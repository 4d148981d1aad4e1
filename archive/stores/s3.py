"""An S3 bucket as a store, through boto3: conditional puts with Content-MD5, whole objects; exports in parts.

Credentials, region, profile and endpoint are boto3's own: the AWS_* variables, ~/.aws, roles.
"""

import base64
import contextlib
import hashlib
import logging
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archive.errors import CredentialsError, KeyExists, KeyMissing, StorageError
from archive.facts.httpdates import http_date
from archive.stores.bounded import read_within, within
from archive.stores.s3client import ON_AWS, connect
from archive.stores.s3errors import Conflict, Refused, S3Refusal, explain, no_s3, speaks_s3
from archive.stores.store import DOCUMENT, LARGEST, Entry, NotOffered, Unclear, check_key, cut, is_key, short, too_long

CONFLICTS = 8
"""Tries of a put that meets other puts on its key (409)."""
WHOLE_SECONDS = 900
"""Until an answer, or a body, is there whole, however steadily it drips."""
EMPTY_PAGES, PAGES = 100, 20_000
"""Pages of a listing with nothing on them in a row, and pages in all: a server that gives more never ends."""
SENDS = 3
"""Tries of a part of an upload, of which nobody knows whether it arrived."""
READS = 3
"""Tries of a body that breaks off; botocore's own retries end at the headers."""
_KINDS = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}  # fmt: skip
"""What objects are by the ends of their names, where a browser reads them from the bucket."""
_LISTED = frozenset({"Key", "Size", "LastModified"})
_log = logging.getLogger(__name__)


class S3Store:
    """Objects below a prefix of one bucket; a key is taken by a put with `If-None-Match: *`."""

    def __init__(self, bucket: str, prefix: str, uri: str, *, foreign: bool = False) -> None:
        """Open a bucket that exists; nothing is sent yet. Of a `foreign` one objects may have any name.

        Raises ConfigurationError for an http:// endpoint off loopback (ALLOW_PLAINTEXT=1 allows it), for credentials in
        the endpoint, and for AWS_* values that boto3 can't use.
        """
        self.uri, self.bucket = uri, bucket
        self._checked = str if foreign else check_key
        self.prefix = f"{prefix}/" if prefix else ""
        self._lock = threading.Lock()
        self._bucket_seen = False
        self._session, self._client = connect()

    @property
    def checksums(self) -> str:
        """When botocore adds checksums of its own to requests: `when_required` or `when_supported`."""
        return str(self._client.meta.config.request_checksum_calculation)

    @property
    def endpoint(self) -> str:
        """The address of the server; it holds no secret."""
        return str(self._client.meta.endpoint_url)

    @property
    def on_aws(self) -> bool:
        """Whether the endpoint is AWS's own."""
        return bool(ON_AWS.fullmatch(self.endpoint))

    def create(self, key: str, data: bytes) -> None:
        """See `Store.create`. Raises UnsafeStore where the server says that it knows no If-None-Match."""
        self._checked(key)
        self._see_bucket()
        md5 = _md5(data)
        for turn in range(1, CONFLICTS):
            with contextlib.suppress(Conflict):
                return self._put(key, data, md5)
            time.sleep(random.uniform(0, min(2.0, 0.05 * 2**turn)))  # noqa: S311 - jitter, no secret
        return self._put(key, data, md5)

    def _put(self, key: str, data: bytes, md5: str) -> None:
        kind = _KINDS.get(key.rpartition(".")[2])
        told = {"ContentType": kind} if kind else {}
        answer = self._call("put_object", key, Body=data, IfNoneMatch="*", ContentMD5=md5, **told)
        if speaks_s3(answer):
            return
        try:
            # Anything says 200: whether an object lies there is seen by reading it.
            self.get(key)
        except KeyMissing as error:
            raise self._no_server("success to a put that stored nothing") from error

    def begin_parts(self, key: str) -> str:
        """Begin an object that is sent in parts; return the upload's id."""
        check_key(key)
        self._see_bucket()
        answer = self._call("create_multipart_upload", key)
        if not isinstance(answer.get("UploadId"), str):
            raise self._no_server("no name of an upload")
        return str(answer["UploadId"])

    def put_part(self, key: str, upload: str, number: int, data: bytes) -> str:
        """Send a part, again where its answer was lost: the same number is the same part. Return its tag."""
        about = {"UploadId": upload, "PartNumber": number, "Body": data, "ContentMD5": _md5(data)}
        for _ in range(SENDS - 1):
            with contextlib.suppress(Unclear):
                return str(self._call("upload_part", key, **about).get("ETag"))
        return str(self._call("upload_part", key, **about).get("ETag"))

    def end_parts(self, key: str, upload: str, tags: Sequence[str]) -> None:
        """Make the object of its parts, where its key is free. Raises as `create`."""
        if self.holds(key):
            # Not every server that holds a put to the condition holds an upload to it.
            raise KeyExists(key, self.uri)
        parts = {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]}
        about = {"UploadId": upload, "MultipartUpload": parts}
        try:
            self._call("complete_multipart_upload", key, IfNoneMatch="*", **about)
        except NotOffered:
            self._call("complete_multipart_upload", key, **about)

    def drop_parts(self, key: str, upload: str) -> None:
        """Have the parts of an upload forgotten."""
        self._call("abort_multipart_upload", key, UploadId=upload)

    def get(self, key: str, most: int = DOCUMENT) -> bytes:
        """See `Store.get`."""
        return self._body(key, most)[1]

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """See `Store.get_range`. A server that ignores the range and sends all is read to the end, and cut."""
        answer, data = self._body(key, LARGEST, Range=f"bytes={offset}-{offset + length - 1}")
        if not answer.get("ContentRange"):
            return cut(data, key, offset, length)
        if len(data) != length or not answer["ContentRange"].startswith(f"bytes {offset}-"):
            raise short(key, offset + length)
        return data

    def size(self, key: str) -> int:
        """Return an object's length in bytes. Raises KeyMissing."""
        length: int = self._call("head_object", key)["ContentLength"]
        return length

    def holds(self, key: str) -> bool:
        """Return whether an object lies there; False for who may not look."""
        try:
            self.size(key)
        except (KeyMissing, CredentialsError):
            return False
        return True

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """See `Store.list`. Pages of a thousand, all read before the first entry: some servers don't sort them."""
        found = [entry for entry in self._listed(prefix) if is_key(entry.key)]
        yield from sorted(found, key=lambda entry: entry.key)

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Store.names`."""
        return (entry.key for entry in self._listed(prefix))

    def tags(self, prefix: str, past: str) -> Mapping[str, str] | None:
        """Return the ETag of each object below a prefix whose name is past `past`, from one page of a listing.

        None where there are more than it holds. For most objects it is the MD5 of the bytes, in lower-case hex.
        """
        page = self._send("list_objects_v2", prefix, Prefix=self.prefix + prefix, StartAfter=self.prefix + past)
        if page.get("IsTruncated", True):
            return None
        told = {item["Key"].removeprefix(self.prefix): item for item in page.get("Contents", ()) if "Key" in item}
        return {key: str(item.get("ETag", "")).strip('"') for key, item in told.items()}

    def _listed(self, prefix: str) -> Iterator[Entry]:
        for page in self._pages("list_objects_v2", {"ContinuationToken": "NextContinuationToken"}, prefix):
            for item in page.get("Contents", ()):
                if not item.keys() >= _LISTED or not item["Key"].startswith(self.prefix + prefix):
                    raise self._no_server("a listing of what was not asked for")
                key = item["Key"].removeprefix(self.prefix)
                yield Entry(key=key, size=item["Size"], modified=item["LastModified"])

    def _pages(self, verb: str, markers: Mapping[str, str], prefix: str = "") -> Iterator[dict[str, Any]]:
        """Yield a listing's pages; `markers` names the argument that each field of a page becomes for the next one."""
        more: dict[str, str] = {}
        asked: set[str] = set()
        empty = 0
        while True:
            page = self._send(verb, prefix, Prefix=self.prefix + prefix, **more)
            if "IsTruncated" not in page:
                raise self._no_server("a listing that is none")
            yield page
            if not page["IsTruncated"]:
                return
            more = {argument: page.get(field, "") for argument, field in markers.items()}
            name = "\n".join(more.values())
            empty = 0 if page.get("Contents") or page.get("Uploads") else empty + 1
            if name in asked or not name.strip() or empty > EMPTY_PAGES or len(asked) > PAGES:
                again = "another place to go on from, and no end" if name.strip() else "no place to go on from"
                raise StorageError(
                    f"{self.uri} lists in circles: after {len(asked) + 1} pages it gives "
                    f"{'the same place again' if name in asked else again}; the server, or a proxy in front of it, "
                    "drops what a listing goes on by: use another endpoint"
                )
            asked.add(name)

    def now(self) -> datetime | None:
        """See `Store.now`: the Date of an answer. Who may not list is not told."""
        try:
            answer = self._send("list_objects_v2", "", Prefix=self.prefix, MaxKeys=1)
        except CredentialsError:
            return None
        return http_date(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))

    def delete(self, key: str) -> None:
        """See `Store.delete`. In a versioned bucket the bytes stay, under a delete marker."""
        self._call("delete_object", key)

    def sweep(self, before: datetime, *, key: str = "", dry_run: bool = False) -> tuple[str, ...]:
        """Abort multipart uploads below the prefix begun before that time, with `dry_run` only name them; return them.

        Of that key alone where one is given. Killed exports and other clients left them: paid for, and not listed.
        """
        markers = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
        old = [
            (upload["Key"], upload["UploadId"])
            for page in self._pages("list_multipart_uploads", markers, key)
            for upload in page.get("Uploads", ())
            if upload["Initiated"] < before and (not key or upload["Key"] == self.prefix + key)
        ]
        for name, upload in () if dry_run else old:
            with contextlib.suppress(KeyMissing):  # its client ended it meanwhile
                self._send("abort_multipart_upload", name, Key=name, UploadId=upload)
        return tuple(name for name, _ in old)

    def _body(self, key: str, most: int, **more: Any) -> tuple[dict[str, Any], bytes]:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - slow to import

        for turn in range(1, READS + 1):
            try:
                answer = self._call("get_object", key, **more)
                if answer.get("ContentLength", 0) > most:
                    raise too_long(key, most)
                data = read_within(WHOLE_SECONDS, answer["Body"], most)
            except (BotoCoreError, OSError) as error:
                _log.info("%s broke off (%s), try %d of %d", key, type(error).__name__, turn, READS)
                broken = error
                continue
            self._hold(answer, data)
            if len(data) > most:
                raise self._no_server("bytes without an end")
            if answer.get("ContentLength") in (None, len(data)):
                return answer, data
            broken = OSError(f"{len(data)} bytes of {answer['ContentLength']}")
        raise StorageError(
            f"reading {key} from {self.uri} breaks off ({broken}), {READS} times; check the network, run it again"
        ) from broken

    def _see_bucket(self) -> None:
        """Look for the bucket before the first put: some servers (SeaweedFS) make one for whoever may."""
        if self._bucket_seen:
            return
        with contextlib.suppress(CredentialsError):  # who may not look for it may store all the same
            self._send("list_objects_v2", "", Prefix=self.prefix, MaxKeys=1)
        self._bucket_seen = True

    def _call(self, verb: str, key: str, **arguments: Any) -> dict[str, Any]:
        return self._send(verb, key, Key=self.prefix + self._checked(key), **arguments)

    def _send(self, verb: str, key: str, **arguments: Any) -> dict[str, Any]:
        client = self._client
        try:
            return self._try(client, verb, key, arguments)
        except Refused as error:
            _log.info("credentials refused, looking them up again: %s", error)
        with self._lock:
            # Another thread that was refused may have renewed them meanwhile.
            if self._client is client:
                self._session, self._client = connect()
        return self._try(self._client, verb, key, arguments)

    def _try(self, client: Any, verb: str, key: str, arguments: dict[str, Any]) -> dict[str, Any]:
        from botocore import exceptions as boto  # noqa: PLC0415 - slow to import
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        try:
            answer: Any = within(WHOLE_SECONDS, lambda: getattr(client, verb)(Bucket=self.bucket, **arguments))
        except TimeoutError as error:
            raise Unclear(f"{verb} of {key} in {self.uri} drips: {error}; check endpoint and network") from error
        except boto.ClientError as error:
            if verb != "head_object":  # whose answer has no body that would tell
                self._hold(error.response, b"<")
            raise explain(self._refusal(error.response, error.operation_name, key)) from error
        except ResponseParserError as error:
            raise self._no_server(f"something that is no S3 answer to {verb}") from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError) as error:
            raise Refused(
                f"no credentials for {self.uri}: {error}; set them as AWS_* variables or a profile"
            ) from error
        except (boto.SSOError, boto.TokenRetrievalError, boto.NoAuthTokenError) as error:
            raise Refused(f"no login for {self.uri}: {error}; run aws sso login") from error
        except (boto.HTTPClientError, boto.ConnectionError) as error:
            # Unclear even when no connection was made: a try before the last may have been heard.
            raise Unclear(f"cannot reach {self.uri}: {error}; check endpoint and network, then run it again") from error
        except boto.BotoCoreError as error:
            raise StorageError(f"{verb} of {key} in {self.uri} failed: {error}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # What botocore makes of a date that is none, a number of letters.
            raise self._no_server(f"something that is no S3 answer to {verb}") from error
        return dict(answer)

    def _hold(self, answer: Mapping[str, Any], body: bytes) -> None:
        if instead := no_s3(answer, body):
            raise self._no_server(instead)

    def _no_server(self, instead: str) -> StorageError:
        return StorageError(
            f"{self.uri}: the endpoint answers with {instead}: it is no S3 server, or a console or proxy is in front "
            "of it; set AWS_ENDPOINT_URL_S3 to the port that speaks S3"
        )

    def _refusal(self, response: Any, operation: str, key: str) -> S3Refusal:
        error, about = response.get("Error", {}), response.get("ResponseMetadata", {})
        status = about.get("HTTPStatusCode", 0)
        return S3Refusal(
            operation=operation,
            key=key,
            uri=self.uri,
            code=str(error.get("Code") or status),
            status=status,
            key_id=self._key_id(),
            details={name: str(value) for name, value in error.items()},
            headers=about.get("HTTPHeaders", {}),
        )

    def _key_id(self) -> str:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - slow to import

        try:
            found = self._session.get_credentials()
            return str(found.access_key) if found else ""
        except BotoCoreError:
            return ""  # only for a message, which has its own cause to tell


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
