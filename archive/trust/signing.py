"""Signatures of commits (optional): Ed25519 (RFC 8032) over a commit's stored bytes, beside it as `log/….sig`.

The chain says that nothing before the head was changed; a signature says who vouches for a commit, so that whoever can
write to the store can't put another history in its place.
"""

import errno
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import ConfigurationError, IntegrityError
from archive.facts.canonical import canonical, digest, parse
from archive.facts.names import commit_key
from archive.log.chain import Commit, beside
from archive.stores.putting import put_once
from archive.stores.store import Store

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SCHEMA = "presstv.signature/1"
OF_SNAPSHOT = "presstv.snapshot-signature/1"
_NO_SUCH_FILE = frozenset({errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTDIR})
_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key; it is never shown, compared or stored."""

    secret: "Ed25519PrivateKey"

    def __repr__(self) -> str:
        return f"SigningKey({self.public})"

    @property
    def public(self) -> str:
        """The public key's 32 bytes as hex: its name in signatures."""
        return self.secret.public_key().public_bytes_raw().hex()


def signing_key(path: str = "", text: str = "") -> SigningKey | None:
    """Return the key in a file, else the one in `text`, or None where neither is given.

    PEM (PKCS 8, as `openssl genpkey -algorithm ed25519` writes it) or the 32 bytes as hex. Raises ConfigurationError,
    which never repeats the key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - few need it
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    if not (path or text.strip()):
        return None
    given = (_read(path, "SIGNING_KEY_FILE") if path else text).strip()
    where = f"SIGNING_KEY_FILE={path}" if path else "SIGNING_KEY"
    try:
        secret: Any = (
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given))
            if _HEX.fullmatch(given)
            else load_pem_private_key(given.encode(), password=None)
        )
    except (ValueError, TypeError):
        # What the library says may quote its input.
        raise _no_key(where, "openssl genpkey -algorithm ed25519") from None
    if not isinstance(secret, Ed25519PrivateKey):
        raise _no_key(where, "openssl genpkey -algorithm ed25519")
    return SigningKey(secret=secret)


def public_keys(given: str) -> tuple[str, ...]:
    """Return the public keys of VERIFY_KEY as hex: each a file (PEM or hex) or 64 hex digits, commas between them.

    More than one lets an old key be followed by a new one. Raises ConfigurationError.
    """
    return tuple(_public(part.strip()) for part in given.split(",") if part.strip())


def _public(given: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - few need it
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    if not _HEX.fullmatch(given):
        given = _read(given, "VERIFY_KEY").strip()
    if _HEX.fullmatch(given):
        return given.lower()
    try:
        key = load_pem_public_key(given.encode())
    except (ValueError, TypeError):
        raise _no_key("VERIFY_KEY", "openssl pkey -pubout") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key("VERIFY_KEY", "openssl pkey -pubout")
    return key.public_bytes_raw().hex()


def _read(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{name}: cannot read a key from {named_file(path, error)}") from None


def named_file(given: str, error: Exception) -> str:
    """Return, for a message, which file a setting names and why it can't be read.

    What is no file's name is not repeated: it may be the key itself, put where its file's name belongs.
    """
    why = getattr(error, "strerror", None) or "it is no text"
    there = isinstance(error, UnicodeDecodeError) or getattr(error, "errno", None) not in (None, *_NO_SUCH_FILE)
    return f"{given} ({why}); mend path or rights" if there else f"what is set there ({why}); it takes a file's path"


def _no_key(where: str, how: str) -> ConfigurationError:
    return ConfigurationError(f"{where} is no Ed25519 key; write PEM (as {how} makes it) or 64 hex digits")


def signature(commit: Commit, key: SigningKey) -> bytes:
    """Return the signature of a commit as it is stored: canonical JSON, the same bytes each time."""
    fields = {
        "schema": SCHEMA,
        "commit": commit.digest,
        "public_key": key.public,
        "signature": key.secret.sign(commit.data).hex(),
    }
    return canonical(fields)


def sign_commit(store: Store, commit: Commit, key: SigningKey) -> str:
    """Store the signature of a commit beside it, once; return its key.

    Raises IntegrityError where another signature lies there: it is never replaced.
    """
    name = beside(commit.seq, "sig")
    if not put_once(store, name, signature(commit, key)):
        raise IntegrityError(f"{name} in {store.uri} holds another signature than ours; run: scrapy verify")
    return name


def snapshot_signature(manifest: bytes, key: SigningKey) -> bytes:
    """Return the signature of a snapshot's manifest as it is stored: canonical JSON, the same bytes each time."""
    fields = {
        "schema": OF_SNAPSHOT,
        "manifest": digest(manifest),
        "public_key": key.public,
        "signature": key.secret.sign(OF_SNAPSHOT.encode() + b"\n" + manifest).hex(),
    }
    return canonical(fields)


def is_signed_by(manifest: bytes, data: bytes, keys: Collection[str]) -> bool:
    """Tell whether the bytes are the signature of a snapshot's manifest by one of the public keys."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - few need it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        fields: Mapping[str, Any] = parse(data)
        by, signed = str(fields["public_key"]), bytes.fromhex(fields["signature"])
        told = fields["schema"] == OF_SNAPSHOT and fields["manifest"] == digest(manifest)
        if not told or canonical(fields) != data or by not in keys:
            return False
        # Behind a line of its own: a key's signature of a commit is none of a manifest, whatever the bytes.
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(signed, OF_SNAPSHOT.encode() + b"\n" + manifest)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def wrong_signature(commit: Commit, data: bytes, keys: Iterable[str] | None) -> str:
    """Return why the bytes are no signature of a commit by one of the public keys (None: by any); empty if they are."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - few need it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        fields: Mapping[str, Any] = parse(data)
        by, signed = str(fields["public_key"]), bytes.fromhex(fields["signature"])
        if fields["schema"] != SCHEMA or canonical(fields) != data:
            return f"bad: it is no {SCHEMA} in canonical form"
        if fields["commit"] != commit.digest:
            return f"bad: it signs {fields['commit']}, {commit_key(commit.seq)} is {commit.digest}"
    except (ValueError, KeyError, TypeError) as error:
        return f"bad: it can't be read: {error!r}"
    if keys is not None and by not in keys:
        return f"bad: signed with {by}, which VERIFY_KEY does not name"
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(signed, commit.data)
    except (InvalidSignature, ValueError):
        return f"bad: {by} did not sign {commit_key(commit.seq)}"
    return ""
