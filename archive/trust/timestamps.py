"""Time-stamps of commits (optional): RFC 3161 answers of an authority, beside the commit as `log/….tsr`.

A stamp on the head says that the whole history before it existed at that time, by the word of somebody else. The
stored bytes are the authority's answer as it came: `openssl ts -verify -data log/….json -in log/….tsr -CAfile …` reads
it too. Asking the authority is the caller's: nothing here opens a connection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from archive.errors import ConfigurationError, IntegrityError, KeyMissing, OutletUnreachable
from archive.facts.names import as_utc, stamp
from archive.log.chain import CLOCK_TOLERANCE, Commit, beside
from archive.stores.putting import put_once
from archive.stores.store import Store
from archive.trust.signing import named_file

YEAR = timedelta(days=365)
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sent to an authority; `data` is its DER form, `nonce` ties the answer to it."""

    data: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The certificates by which answers are judged: those that sign themselves are roots, the others stand between."""

    roots: tuple[Any, ...]
    between: tuple[Any, ...]


def authority(path: str) -> Authority | None:
    """Return the certificates in a PEM file, None for no path. Raises ConfigurationError."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - few need it

    if not path:
        return None
    _library()
    try:
        found = load_pem_x509_certificates(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        if isinstance(error, OSError):
            told = f"TIMESTAMP_CERTS: cannot read certificates from {named_file(path, error)}"
        else:
            told = f"TIMESTAMP_CERTS: {path} holds no PEM certificates; take them from the authority"
        raise ConfigurationError(told) from None
    own = tuple(certificate for certificate in found if certificate.issuer == certificate.subject)
    return Authority(roots=own or tuple(found), between=tuple(c for c in found if own and c not in own))


def question(commit: Commit) -> Question:
    """Return the request for a stamp on a commit's stored bytes: SHA-256, with a nonce, certificates wanted."""
    library = _library()
    builder = library.TimestampRequestBuilder().data(commit.data).hash_algorithm(library.HashAlgorithm.SHA256)
    asked = builder.build()
    return Question(data=asked.as_bytes(), nonce=asked.nonce)


def stamped_at(commit: Commit, answer: bytes, by: Authority, asked: Question | None = None) -> datetime:
    """Return the time, aware UTC, at which an answer vouches for a commit; `asked` is what it must answer.

    Raises IntegrityError where it is refused, damaged, of other bytes, or not by the authority.
    """
    library = _library()
    try:
        said = library.decode_timestamp_response(answer)
        builder = library.VerifierBuilder(
            roots=list(by.roots), intermediates=list(by.between), nonce=asked.nonce if asked else None
        )
        # Only SHA-256 is asked for; the weaker ones of the standard must not come in by a forged answer.
        if said.tst_info.message_imprint.hash_algorithm.dotted_string != _SHA256:
            raise IntegrityError("it is over another digest than SHA-256")
        builder.build().verify_message(said, commit.data)
        moment: datetime = said.tst_info.gen_time
    except (library.VerificationError, ValueError, TypeError) as error:
        raise IntegrityError(str(error) or type(error).__name__) from error
    return as_utc(moment)


def claimed_at(store: Store, seq: int) -> datetime | Literal[False] | None:
    """Return the time, aware UTC, that the stamp beside a commit claims, unjudged.

    False for one that can't be read, None where there is none.
    """
    try:
        answer = store.get(beside(seq, "tsr"))
    except KeyMissing:
        return None
    except IntegrityError:
        return False
    try:
        moment: datetime = _library().decode_timestamp_response(answer).tst_info.gen_time
    except (ValueError, TypeError):
        return False
    return as_utc(moment)


def is_before(commit: Commit, moment: datetime) -> bool:
    """Tell whether a stamp is older than what it stamps: the commit's time or the stamp's is false then."""
    return moment < commit.committed_at - CLOCK_TOLERANCE


def is_years_apart(commit: Commit, moment: datetime) -> bool:
    """Tell whether a stamp came so late that it says little of when its commit was made."""
    return moment > commit.committed_at + YEAR


def keep_stamp(store: Store, commit: Commit, answer: bytes) -> bool:
    """Store an answer beside its commit; return whether ours is there now: the first one stands."""
    return put_once(store, beside(commit.seq, "tsr"), answer)


def stamp_once(store: Store, commit: Commit, by: Authority, ask: Callable[[bytes], bytes]) -> tuple[bool, datetime]:
    """Have a commit stamped where it has no stamp yet; return whether the stamp there is new, and its time, aware UTC.

    `ask` sends a request (DER) to the authority and returns its answer. Raises what it raises, OutletUnreachable for an
    answer that vouches for nothing, IntegrityError where the stamp that is there does not.
    """
    key = beside(commit.seq, "tsr")
    fresh = not any(entry.key == key for entry in store.list(key))
    if fresh:
        asked = question(commit)
        answer = ask(asked.data)
        try:
            moment = stamped_at(commit, answer, by, asked)
        except IntegrityError as error:
            raise OutletUnreachable(f"the answer of TIMESTAMP_URL is no good: {error}; nothing stored") from error
        if is_before(commit, moment):
            raise ConfigurationError(
                f"commit {commit.seq} says that it was made at {stamp(commit.committed_at)}, the authority that it is "
                f"{stamp(moment)}: a clock was ahead, and the stamp would be called false; stamp a later commit"
            )
        fresh = keep_stamp(store, commit, answer)
    return fresh, stamped_at(commit, store.get(key), by)


def _library() -> Any:
    import rfc3161_client  # noqa: PLC0415 - only those who ask for time-stamps wait for it

    return rfc3161_client
