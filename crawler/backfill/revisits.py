"""Revisit records of others resolved: the payload that they only name, found in the same files or in the archive."""

import base64
import binascii
import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from archive.errors import UsageError
from archive.facts.canonical import parse
from archive.facts.items import Capture
from archive.facts.names import instant, stamp
from archive.stores.store import Store
from archive.warc import warc
from archive.warc.warc import Revisit, target_uri
from crawler.backfill.sources import Provenance
from crawler.backfill.tally import NotTaken, Tally
from crawler.net.wrapped import unwrapped
from crawler.pages import decoding

_ALGORITHMS = {"sha1": 20, "sha-1": 20, "sha256": 32, "sha-256": 32, "md5": 16}
_TRIED = 20
_HEX = re.compile("[0-9a-f]+")
_MOST_KNOWN, _MOST_WAITING = 1_000_000, 50_000
CaptureName = tuple[str, str]
"""Address and instant (RFC 3339) of a capture."""


def stated(text: str) -> tuple[str, bytes] | None:
    """Return (algorithm, digest) that a WARC-Payload-Digest names, in base32 or hex; None where it can't be checked."""
    algorithm, _, value = text.partition(":")
    name = algorithm.strip().lower()
    size = _ALGORITHMS.get(name)
    if size is None:
        return None
    lower = value.strip().lower()
    if len(lower) == 2 * size and _HEX.fullmatch(lower):
        return name.replace("-", ""), bytes.fromhex(lower)
    try:
        # Padding is written by some and left out by others.
        found = base64.b32decode(lower.upper().rstrip("=") + "=" * (-len(lower.rstrip("=")) % 8))
    except (binascii.Error, ValueError):
        return None
    return (name.replace("-", ""), found) if len(found) == size else None


def agrees(text: str, *bodies: bytes) -> bool:
    """Return whether a stated payload digest is that of one of these bodies; one that can't be checked agrees.

    Of several, parted by `, `, each has to.
    """
    found = [one for part in text.split(", ") if (one := stated(part)) is not None]
    return all(
        any(hashlib.new(name, body, usedforsecurity=False).digest() == wanted for body in bodies)
        for name, wanted in found
    )


def forms(capture: Capture, raw: bytes) -> Iterator[bytes]:
    """Yield what others take a payload digest over: the body, with transfer coding on, with content coding off."""
    yield capture.body
    yield raw
    try:
        yield decoding.content(capture.body, decoding.codings(capture))
    except decoding.DecodingError:
        return


def is_of_nothing(text: str) -> bool:
    """Return whether a stated payload digest is that of no bytes."""
    return stated(text) is not None and agrees(text, b"")


def _may_confirm(revisit: Revisit, original: Capture) -> bool:
    """Return whether no validator that both state differs: a 304 confirms what its own cached answer held."""
    pairs = [(revisit.header(name), original.header(name)) for name in ("etag", "last-modified")]
    return all(one is None or other is None or _plainly(one) == _plainly(other) for one, other in pairs)


def _confirms_surely(revisit: Revisit, original: Capture) -> bool:
    """Return whether a validator that both state is the same: then it may be somebody else who was given the first."""
    pairs = [(revisit.header(name), original.header(name)) for name in ("etag", "last-modified")]
    return any(one is not None and other is not None and _plainly(one) == _plainly(other) for one, other in pairs)


def _plainly(validator: str) -> str:
    # A server that packs on the fly makes the tag of the same page weak.
    return validator.strip().removeprefix("W/")


@dataclass(slots=True, kw_only=True)
class Originals:
    """Where payloads lie: in the batch that is open, or in the archive."""

    store: Store
    db: sqlite3.Connection
    pending: Callable[[CaptureName], Capture | None]
    """Gives a capture of the open batch."""
    opened: Callable[[str], Sequence[CaptureName]] = lambda _url: ()
    """Gives the names of an address's captures in the open batch."""
    known: dict[tuple[str, bytes], CaptureName] = field(default_factory=dict)
    """Stated digest → a capture met in this run."""
    named: dict[str, CaptureName] = field(default_factory=dict)
    """WARC-Record-ID → a capture met in this run."""

    def met(self, digest: str, capture: Capture, record_id: str = "") -> None:
        """Remember a capture by the digest that its file states, and by its record's id."""
        found, place = stated(digest), (capture.url, stamp(capture.captured_at))
        if found is not None and len(self.known) < _MOST_KNOWN:
            self.known.setdefault(found, place)
        if record_id and len(self.named) < _MOST_KNOWN:
            self.named.setdefault(record_id, place)

    def resolve(self, revisit: Revisit, digest: str, url: str, *, maker: str = "") -> Capture | None:
        """Return the capture that a revisit of `url` is, with its payload; None where no file had it so far.

        Headers are the revisit's own where it has some. A stated digest must be that of the payload found; that of no
        bytes says nothing, since it is what a record without a payload is given. Where the server said that nothing was
        modified, it is the last page that the address gave to the same `maker`, whose validators are not other ones;
        what it gave to somebody else only where a validator is the same.
        """
        told = "" if is_of_nothing(digest) and revisit.not_modified else digest
        for place in self._places(revisit, told, url):
            original = self.pending(place) or self._stored(place)
            if original is None or not agrees(told, *forms(original, original.body)):
                continue
            if not revisit.not_modified or (
                original.status == HTTPStatus.OK and self._confirmed(revisit, place, original, maker)
            ):
                return _whole(revisit, original, url)
        return None

    def _confirmed(self, revisit: Revisit, place: CaptureName, original: Capture, maker: str) -> bool:
        if not _may_confirm(revisit, original):
            return False
        return self.pending(place) is not None or self._made(place, maker) or _confirms_surely(revisit, original)

    def _made(self, place: CaptureName, maker: str) -> bool:
        """Return whether a stored capture is of that maker."""
        sql = (
            "SELECT m.summary FROM captures c JOIN commits m ON m.seq = c.seq "
            "WHERE c.url = ? AND c.captured_at = ? AND c.revisit = 0"
        )
        row = self.db.execute(sql, (target_uri(place[0]), place[1])).fetchone()
        told = parse(row[0]).get("backfill", {}).get("source", {}) if row else {}
        return bool(told) and Provenance(**told).maker == maker

    def _places(self, revisit: Revisit, digest: str, url: str) -> Iterator[CaptureName]:
        if revisit.refers_to_id in self.named:
            yield self.named[revisit.refers_to_id]
        if (at := _moment(revisit.refers_to_date)) is not None:
            yield unwrapped(revisit.refers_to_uri)[0], stamp(at)
        found = stated(digest)
        if found is None and not revisit.not_modified:
            # Without a digest only what the revisit itself refers to can be believed.
            return
        if found is not None and found in self.known and not is_of_nothing(digest):
            yield self.known[found]
        yield from self._before(revisit, url)

    def _before(self, revisit: Revisit, url: str) -> Iterator[CaptureName]:
        """Yield the captures of an address until a revisit of it, the newest first."""
        until = stamp(revisit.captured_at)
        stored = self.db.execute(
            "SELECT url, captured_at FROM captures WHERE url = ? AND revisit = 0 AND captured_at <= ? "
            "ORDER BY captured_at DESC LIMIT ?",
            (target_uri(url), until, _TRIED),
        ).fetchall()
        opened = [place for place in self.opened(url) if place[1] <= until]
        yield from sorted([*stored, *opened], key=lambda place: place[1], reverse=True)

    def answered(self, url: str, since: datetime, *, within: timedelta) -> Capture | None:
        """Return the first capture of an address from an instant on, in the open batch or the archive; None without."""
        first, last = stamp(since), stamp(since + within)
        stored = self.db.execute(
            "SELECT url, captured_at FROM captures WHERE url = ? AND revisit = 0 AND captured_at BETWEEN ? AND ?",
            (target_uri(url), first, last),
        ).fetchall()
        places = [*stored, *(place for place in self.opened(url) if first <= place[1] <= last)]
        place = min(places, key=lambda place: place[1], default=None)
        return (self.pending(place) or self._stored(place)) if place else None

    def _stored(self, place: CaptureName) -> Capture | None:
        try:
            row = self.db.execute(
                "SELECT segment, offset, length FROM captures WHERE url = ? AND captured_at = ? AND revisit = 0",
                (target_uri(place[0]), place[1]),
            ).fetchone()
            return warc.decode(self.store.get_range(*row)) if row else None
        except UsageError:
            # An address that can't be archived is in no archive.
            return None


def _moment(text: str) -> datetime | None:
    try:
        return instant(text)
    except ValueError:
        return None


def _whole(revisit: Revisit, original: Capture, url: str) -> Capture:
    own = bool(revisit.response_headers) and revisit.status not in (0, 304)
    return Capture(
        url=url,
        captured_at=revisit.captured_at,
        status=revisit.status if own else original.status,
        request_headers=revisit.request_headers,
        response_headers=revisit.response_headers if own else original.response_headers,
        body=original.body,
        payload=original.payload,
        method=revisit.method,
        protocol=revisit.protocol if own else original.protocol,
        reason=revisit.reason,
        truncated=original.truncated,
        server_address=revisit.server_address,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A revisit as a file has it."""

    revisit: Revisit
    digest: str
    """As its record states it."""
    record_id: str
    provenance: Provenance


@dataclass(slots=True, kw_only=True)
class Repeats:
    """The revisits of a backfill, until what they repeat comes along."""

    originals: Originals
    tally: Tally
    _waiting: list[Repeat] = field(default_factory=list)

    def resolve(self, repeat: Repeat, *, last: bool) -> Capture | None:
        """Return the capture that a revisit is; None where it waits, or with `last` is told as one that lacks it."""
        last = last or len(self._waiting) >= _MOST_WAITING
        # The last page before a 304 may come behind it in the file.
        early = repeat.revisit.not_modified and not last
        maker, url = repeat.provenance.maker, repeat.revisit.url
        whole = None if early else self.originals.resolve(repeat.revisit, repeat.digest, url, maker=maker)
        if whole is not None:
            self.originals.met(repeat.digest, whole, repeat.record_id)
        elif last:
            at, reason = stamp(repeat.revisit.captured_at), _lacking(repeat.revisit)
            self.tally.unresolved.append(NotTaken(url=repeat.revisit.url, at=at, reason=reason))
        else:
            self._waiting.append(repeat)
        return whole

    def rest(self) -> list[Repeat]:
        """Return the revisits that wait, of each maker in the order of time; none waits after that."""
        waiting, self._waiting = self._waiting, []
        return sorted(waiting, key=lambda one: (one.provenance.maker, one.revisit.captured_at))


def _lacking(revisit: Revisit) -> str:
    what = "not modified since a capture that" if revisit.not_modified else "a revisit whose payload"
    return f"{what} is in none of the files, and not in the archive"
