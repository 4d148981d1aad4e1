"""Captures of the articles chosen, whole: where they lie, read in few reads, and each revisit with what it repeats.

A revisit whose original is not among them becomes the response that it stands for, with the original's payload.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import NamedTuple

from archive.catalog.articles import Db
from archive.catalog.selection import Selection
from archive.catalog.since import Since, Until
from archive.errors import IntegrityError, KeyMissing
from archive.exporters.sorting import SortedLines, sorted_lines
from archive.exporters.views import VIEWS
from archive.facts.items import Capture
from archive.facts.names import BACKFILL, stamp
from archive.facts.record import PlaceFields, Record
from archive.opened import Archive
from archive.stores.store import Store
from archive.warc import warc
from archive.warc.warc import Revisit, target_uri

_READ = 2**22
"""Bytes that are read at once where captures lie one behind the other."""
_ALL = (
    "SELECT c.address, c.captured_at, m.crawl, s.text, c.offset, c.length, c.payload FROM captured c "
    "JOIN interned s ON s.number = c.segment JOIN commits m ON m.seq = c.seq"
)
_ASKED = (
    "SELECT l.address, a.text, b.text, l.at FROM looks l JOIN interned a ON a.number = l.address "
    "LEFT JOIN interned b ON b.number = l.answered WHERE l.article_id = ?"
)
_READ_FROM = "SELECT r.address, a.text FROM records r JOIN interned a ON a.number = r.address WHERE r.article_id = ?"


class StoredPlace(NamedTuple):
    """Where a capture lies, and the digest of its payload."""

    segment: str
    offset: int
    length: int
    payload: str

    def line(self) -> bytes:
        """Return the place as a line that sorts as the captures lie."""
        return f"{self.segment} {self.offset:015d} {self.length} {self.payload}".encode()


class Taken(NamedTuple):
    """A capture as it is exported."""

    capture: Capture
    data: bytes
    """Its WARC records: a gzip member each."""


Places = SortedLines


@contextmanager
def places_of(archive: Archive, view: str, chosen: Selection) -> Iterator[Places]:
    """Give where the captures lie that a view's articles and the days chosen come to.

    Of `latest` and `versions` those that its rows were read from; of `captures` every one of the articles, at each
    address at which they were looked at; where no article is chosen all that the archive holds.
    """
    with sorted_lines() as places:
        if view == "captures":
            places.add(place.line() for place in _every(archive, chosen))
        else:
            rows = (row["capture"] for row in VIEWS[view](archive, chosen))
            places.add(place_of(row).line() for row in rows)
        yield places


def place_of(row: PlaceFields) -> StoredPlace:
    """Return where the capture of a record lies."""
    return StoredPlace(row["segment"], row["offset"], row["length"], f"sha256:{row['payload_sha256']}")


def _every(archive: Archive, chosen: Selection) -> Iterator[StoredPlace]:
    db = archive.catalog.db
    among = None
    if chosen.sections or chosen.states or chosen.silent or chosen.ids or chosen.query:
        articles = VIEWS["latest"](archive, replace(chosen, since=Since(), until=Until()))
        among = _addresses(db, (row["article_id"] for row in articles))
    for address, at, crawl, *place in db.execute(_ALL):
        named = among is None or address in among or (address, at) in among
        if named and chosen.timely(at) and not (archive.own and crawl.startswith(BACKFILL)):
            yield StoredPlace(*place)


def _addresses(db: Db, articles: Iterable[str]) -> set[int | tuple[int, str]]:
    """Return the numbers of the addresses at which articles were asked for, and with the instant where one led to."""
    found: set[int | tuple[int, str]] = set()
    for article in articles:
        number = (int(article),)
        for address, url, answered, at in db.execute(_ASKED, number).fetchall():
            found.add(_captured_as(db, address, url))
            if answered and (led := _number(db, target_uri(answered))) is not None:
                found.add((led, at))
        found |= {_captured_as(db, address, url) for address, url in db.execute(_READ_FROM, number).fetchall()}
    return found


def _captured_as(db: Db, address: int, url: str) -> int:
    """Return the number of an address as captures have it, percent signs for what no WARC may hold."""
    uri = target_uri(url)
    return address if uri == url else _number(db, uri) or address


def _number(db: Db, url: str) -> int | None:
    row = db.execute("SELECT number FROM interned WHERE text = ?", (url,)).fetchone()
    return row[0] if row else None


def read_taken(archive: Archive, places: Places) -> Iterator[Taken]:
    """Yield the captures that lie there, in the order in which they were written.

    Raises IntegrityError where one is damaged, or the original of a revisit is not there.
    """
    for place, data in _read(archive.store, (_place(line) for line in places)):
        yield _whole(archive.store, archive.catalog.db, _decoded(place, data), data, places)


def capture_of(store: Store, db: Db, record: Record) -> Taken:
    """Return the capture that a record was read from, with its payload. Raises IntegrityError as `read_taken`."""
    place = place_of(record["capture"])
    data = _bytes_at(store, place.segment, place.offset, place.length)
    return _whole(store, db, _decoded(place, data), data)


def _whole(store: Store, db: Db, capture: Capture, data: bytes, places: Iterable[bytes] | Places = ()) -> Taken:
    """Return a capture with its payload, unless it is a revisit of one that lies in `places`."""
    if not isinstance(capture, Revisit):
        return Taken(capture, data)
    place = _original(db, capture)
    if place.line() in places:
        return Taken(capture, data)
    original = _decoded(place, _bytes_at(store, place.segment, place.offset, place.length))
    named = {field.name: getattr(capture, field.name) for field in fields(Capture)}
    answered = Capture(**{**named, "body": original.body, "payload": original.payload})
    return Taken(answered, warc.encode(answered))


def _original(db: Db, revisit: Revisit) -> StoredPlace:
    row = db.execute(
        "SELECT segment, offset, length, payload FROM captures "
        "WHERE url = ? AND captured_at = ? AND payload = ? AND NOT revisit",
        (target_uri(revisit.refers_to_uri), revisit.refers_to_date, revisit.payload),
    ).fetchone()
    if row is None:
        raise IntegrityError(
            f"the capture of {revisit.url} at {stamp(revisit.captured_at)} repeats one of {revisit.refers_to_date} "
            "that is not there; run: scrapy verify"
        )
    return StoredPlace(*row)


def _place(line: bytes) -> StoredPlace:
    segment, offset, length, payload = line.decode().split(" ")
    return StoredPlace(segment, int(offset), int(length), payload)


def _read(store: Store, places: Iterable[StoredPlace]) -> Iterator[tuple[StoredPlace, bytes]]:
    """Yield each place with its bytes; those that lie one behind the other are read at once."""
    run: list[StoredPlace] = []
    for place in places:
        if run and not _goes_on(run, place):
            yield from _cut(store, run)
            run = []
        run.append(place)
    if run:
        yield from _cut(store, run)


def _goes_on(run: list[StoredPlace], place: StoredPlace) -> bool:
    last = run[-1]
    adjoins = place.segment == last.segment and place.offset == last.offset + last.length
    return adjoins and place.offset + place.length - run[0].offset <= _READ


def _cut(store: Store, run: list[StoredPlace]) -> Iterator[tuple[StoredPlace, bytes]]:
    start = run[0].offset
    data = _bytes_at(store, run[0].segment, start, run[-1].offset + run[-1].length - start)
    for place in run:
        at = place.offset - start
        yield place, data[at : at + place.length]


def _bytes_at(store: Store, segment: str, offset: int, length: int) -> bytes:
    try:
        return store.get_range(segment, offset, length)
    except KeyMissing as error:
        raise IntegrityError(f"{segment} is missing from the store; run: scrapy verify") from error


def _decoded(place: StoredPlace, data: bytes) -> Capture:
    """Return the capture of a place. Raises IntegrityError where it is none, or its payload is not the one named."""
    try:
        found = warc.decode(data)
    except IntegrityError:
        found = None
    if found is None or found.payload != place.payload:
        raise IntegrityError(f"no whole capture at byte {place.offset} of {place.segment}; run: scrapy verify")
    return replace(found, segment=place.segment, offset=place.offset, length=place.length)
