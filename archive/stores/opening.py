"""Open a store by its URI, and put an object so that the answer is never assumed."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import unquote

from archive.errors import ConfigurationError, CredentialsError, StorageError
from archive.stores.folder import FolderStore
from archive.stores.memory import MemoryStore
from archive.stores.s3 import S3Store
from archive.stores.store import Store

ACCEPTED = "a path, file:PATH, s3://BUCKET/PREFIX, or memory: in tests"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9._=/-]*")


_shared: dict[str, MemoryStore] = {}


def sweep(store: Store, before: datetime, *, dry_run: bool = False) -> tuple[str, ...]:
    """Remove what was left unfinished in a store before that time, with `dry_run` only name it; return the names.

    Temporary files of killed writers in a folder, multipart uploads of killed exports and other clients in a bucket: no
    listing shows them. Memory keeps none.
    """
    return store.sweep(before, dry_run=dry_run) if isinstance(store, FolderStore | S3Store) else ()


def place_of(store: Store) -> str:
    """Return what names a store's place however its URI is spelt: the folder's real path, or bucket and endpoint."""
    if isinstance(store, FolderStore):
        return f"file:{store.root.resolve()}"
    if isinstance(store, S3Store):
        prefix = store.prefix.rstrip("/")
        return f"s3://{store.bucket}{f'/{prefix}' if prefix else ''} at {'AWS' if store.on_aws else store.endpoint}"
    return store.uri


def everywhere(store: Store, uri: str) -> str:
    """Return a store's URI as it means the same in any folder: that of a folder with its whole path."""
    return f"file:{store.root.resolve()}" if isinstance(store, FolderStore) else uri


def date_of(store: Store) -> datetime | None:
    """Return what another machine's clock says, whose store this is; None for a folder, which goes by this one's."""
    return store.now() if isinstance(store, S3Store) else None


def tags_of(store: Store, prefix: str, past: str) -> Mapping[str, str] | None:
    """Return the MD5 of each object of a bucket below a prefix whose name is past `past`, as one listing tells it.

    None where it does not tell: of a folder, of too many, and where nobody may list. Some servers tell something else.
    """
    with suppress(CredentialsError, StorageError):
        return store.tags(prefix, past) if isinstance(store, S3Store) else None
    return None


def open_object(uri: str) -> tuple[S3Store, str]:
    """Open somebody else's bucket at `s3://BUCKET/KEY`, for reading; return it with the key, which is any text.

    Raises ConfigurationError for anything else and for credentials in a URI.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not _BUCKET.fullmatch(bucket) or not key or key.endswith("/"):
        raise ConfigurationError(f"{uri.partition('?')[0]!r} names no object; write s3://BUCKET/KEY")
    return S3Store(bucket, "", f"s3://{bucket}", foreign=True), key


def open_place(uri: str) -> Store:
    """Open a place for objects of any name, as pages have that other programs read. Raises as `open_store`."""
    scheme, _, rest = uri.partition(":")
    return S3Store(*_bucket(uri, rest), uri, foreign=True) if scheme.lower() == "s3" else open_store(uri)


def open_store(uri: str) -> Store:
    """Open the store at a URI; nothing is read or written yet.

    `file:var/archive`, `file:///abs` (percent signs decoded, RFC 8089), a bare path (taken as it is), `s3://bucket/prefix`
    with boto3's own AWS_* variables, `memory:` (a store of its own) or `memory:name` (one per name and process).
    Raises ConfigurationError for anything else and for credentials in a URI.
    """
    match = _SCHEME.fullmatch(uri)
    scheme, rest = (match[1].lower(), match[2]) if match else ("", uri)
    if scheme not in ("", "file", "memory") and "@" in rest:
        raise ConfigurationError(
            f"credentials don't belong in a URI ({scheme}://…@…): others can read it; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY in the environment, or a profile, and leave them out"
        )
    match scheme:
        case "" | "file":
            return FolderStore(_path(uri, rest, scheme), uri)
        case "s3":
            return S3Store(*_bucket(uri, rest), uri)
        case "memory":
            return _shared.setdefault(rest, MemoryStore(uri)) if rest else MemoryStore(uri)
    raise _refused(uri.partition("?")[0])


def _path(uri: str, rest: str, scheme: str) -> str:
    if not scheme:
        path = rest
    elif rest.startswith("//"):
        host, slash, below = rest[2:].partition("/")
        path = unquote(slash + below) if host in ("", "localhost") else ""
    else:
        path = unquote(rest)
    if not path or "\0" in path:
        raise _refused(uri)
    return path


def _bucket(uri: str, rest: str) -> tuple[str, str]:
    bucket, _, prefix = rest.removeprefix("//").partition("/")
    prefix = prefix.strip("/")
    clean = _PREFIX.fullmatch(prefix) and all(part not in ("", ".", "..") for part in prefix.split("/") if prefix)
    if not rest.startswith("//") or not bucket:
        raise _refused(uri.partition("?")[0])
    if not _BUCKET.fullmatch(bucket):
        raise ConfigurationError(
            f"{bucket.partition('?')[0]!r} is no bucket's name, which is 3 to 63 of a-z, 0-9, dot and dash; "
            f"write {ACCEPTED}"
        )
    if not clean:
        raise ConfigurationError(
            f"{prefix.partition('?')[0]!r} is no prefix of an archive's, which is of A-Z, a-z, 0-9, dot, _, = and dash "
            f"between single slashes; write {ACCEPTED}"
        )
    return bucket, prefix


def _refused(uri: str) -> ConfigurationError:
    return ConfigurationError(f"{uri!r} names no store; write {ACCEPTED}")
