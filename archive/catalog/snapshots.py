"""Snapshots: a catalog as it was at one commit, packed, for machines that never saw the archive. Derived.

Beside each lies a manifest that says what it is of, and a signature where its maker had a key. What one says of itself
is held against the log: archive, schema, rules, and that its head is the log's own commit. Whether its rows are true
only a fold shows, or whoever signed it.
"""

import glob
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, cast

import msgspec

from archive.catalog import schema
from archive.catalog.catalog import Catalog
from archive.catalog.file import PAGE_SIZE
from archive.errors import IntegrityError, KeyMissing, LimitReached
from archive.facts.canonical import canonical, digest, parse
from archive.log.bundles import names_there
from archive.log.chain import Commit, Head, Log
from archive.stores.putting import put_once
from archive.stores.store import Store

SCHEMA = "presstv.snapshot/1"
PREFIX = "snapshots/"
RULES = 1
"""Raised where the same facts are folded otherwise into the same tables: a snapshot by other rules is not taken."""
SnapshotWord = Literal["signed", "unsigned", "bad"]
"""What the signature beside a manifest comes to, by the keys that count."""
SnapshotJudge = Callable[[bytes, bytes | None], SnapshotWord]
"""Judges the signature (None: there is none) of a manifest."""
_NAME = re.compile(rf"{PREFIX}([0-9]{{12}})-([0-9]{{1,6}})-([0-9a-f]{{64}})\.(sqlite\.zst|json|sig)")
# By the numbers' first digit packs are left out of the listing, until there are a hundred thousand million commits.
_LISTED = f"{PREFIX}0"
MOST_BYTES = 2**30
"""Bytes of a snapshot as it is stored, at most."""
MANIFEST = 2**20
_RATIO, _LEAST = 64, 2**24
_LEVEL = 3
_WINDOW = 2**27
_PIECE = 2**20
_A_DAY = 86_400
_OWN = ("meta", "probed")
"""Tables that are this machine's own."""


class Snapshot(NamedTuple):
    """One snapshot by its name: `digest` is the hex of its packed bytes' SHA-256."""

    seq: int
    schema: int
    digest: str

    def key(self, ending: str = "sqlite.zst") -> str:
        """Return the key of its file, its manifest (`json`) or its signature (`sig`)."""
        return f"{PREFIX}{self.seq:012d}-{self.schema}-{self.digest}.{ending}"

    @property
    def packed(self) -> str:
        """The digest as a manifest names it."""
        return f"sha256:{self.digest}"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What a table holds: `sha256` is over its rows (`rows_digest`)."""

    rows: int
    sha256: str


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is of, as its manifest says."""

    schema: str
    archive: str
    head: _Head
    catalog: int
    rules: int
    zone: str
    """Of the edition: months are told in it."""
    bytes: int
    """Of the catalog's file, unpacked."""
    packed: str
    """`sha256:…` of its packed bytes: whoever signs the manifest signs these and no others."""
    tables: dict[str, Table]


def snapshots_there(store: Store) -> list[Snapshot]:
    """Return the snapshots that have a file and a manifest, by number."""
    endings: dict[Snapshot, set[str]] = {}
    for name in names_there(store, _LISTED):
        if found := _NAME.fullmatch(name):
            one = Snapshot(int(found[1]), int(found[2]), found[3])
            if one.key(found[4]) == name:
                endings.setdefault(one, set()).add(found[4])
    return sorted(one for one, has in endings.items() if has >= {"sqlite.zst", "json"})


def make(catalog: Catalog, log: Log) -> tuple[Snapshot, bytes, bytes]:
    """Return a snapshot of a catalog that is folded up to a head: its name, its packed bytes and its manifest.

    Raises LimitReached for a catalog that is too large, and StorageError and NoSpace.
    """
    import zstandard  # noqa: PLC0415 - few need it

    with _folder(catalog) as folder:
        path = folder / "catalog"
        head, tables = _copied(catalog, path)
        with path.open("rb") as whole, (folder / "packed").open("w+b") as packed:
            size, stored = zstandard.ZstdCompressor(level=_LEVEL).copy_stream(whole, packed, size=path.stat().st_size)
            if stored > MOST_BYTES or size > _most(stored):
                raise LimitReached(
                    f"the catalog {catalog.path} is too large for a snapshot: {size} bytes, {stored} packed"
                )
            packed.seek(0)
            data = packed.read()
    made = Snapshot(head.seq, schema.VERSION, sha256(data).hexdigest())
    manifest = {
        "schema": SCHEMA, "archive": log.identity(), "head": {"seq": head.seq, "digest": head.digest},
        "catalog": schema.VERSION, "rules": RULES, "zone": str(catalog.vocabulary.zone),
        "bytes": size, "packed": made.packed, "tables": msgspec.to_builtins(tables),
    }  # fmt: skip
    return made, data, canonical(manifest)


def write(store: Store, snapshot: Snapshot, data: bytes, manifest: bytes, signature: bytes | None) -> None:
    """Store a snapshot, its manifest last: without one it is not there."""
    files = {"sqlite.zst": data, "sig": signature, "json": manifest}
    for ending, content in files.items():
        if content is not None and not put_once(store, snapshot.key(ending), content):
            raise IntegrityError(f"{snapshot.key(ending)} in {store.uri} holds other bytes; run: scrapy gc")


def _copied(catalog: Catalog, path: Path) -> tuple[Head, Mapping[str, Table]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        catalog.db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("DELETE FROM probed")
        copy.execute("DELETE FROM meta WHERE name != 'schema'")
        for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'").fetchall():
            copy.execute(f'DROP TABLE "{name}"')
        copy.execute("VACUUM")
        row = copy.execute("SELECT seq, digest FROM commits ORDER BY seq DESC LIMIT 1").fetchone()
        return Head(seq=row[0], digest=row[1]), tables_of(copy)


def read_manifest(log: Log, snapshot: Snapshot) -> tuple[Manifest, bytes]:
    """Return a snapshot's manifest and its bytes, held against the log.

    Raises IntegrityError where it is another archive's, of another schema or rules, or its head is none of the log's.
    """
    data = log.store.get(snapshot.key("json"), MANIFEST)
    try:
        told = msgspec.convert(parse(data), Manifest)
    except (ValueError, TypeError) as error:
        raise IntegrityError(f"its manifest is none: {error}") from error
    named = (snapshot.seq, snapshot.schema, snapshot.packed)
    if told.schema != SCHEMA or (told.head.seq, told.catalog, told.packed) != named:
        raise IntegrityError("its manifest is of something else than its name")
    if told.archive != log.identity():
        raise IntegrityError(f"it is of the archive {told.archive}")
    if (told.catalog, told.rules) != (schema.VERSION, RULES):
        raise IntegrityError(f"it was folded by the rules {told.rules} of schema {told.catalog}")
    own = _commit(log, told.head.seq)
    if own is None or own.digest != told.head.digest:
        raise IntegrityError(f"its head is {told.head.digest}, which is not the log's commit {told.head.seq}")
    return told, data


def _commit(log: Log, seq: int) -> Commit | None:
    return log.read(seq) if seq > 0 else None


def signature_of(store: Store, snapshot: Snapshot) -> bytes | None:
    """Return the bytes of a snapshot's signature, None where there is none."""
    try:
        return store.get(snapshot.key("sig"), MANIFEST)
    except KeyMissing:
        return None


def signer_in(signature: bytes) -> str:
    """Return the public key that a signature names, of a snapshot or of a commit; empty for what is none."""
    try:
        return str(parse(signature)["public_key"])
    except (ValueError, KeyError, TypeError):
        return ""


def take(catalog: Catalog, store: Store, snapshot: Snapshot, manifest: Manifest, *, signed: bool) -> None:
    """Put a snapshot in the place of an empty catalog's tables. Raises IntegrityError, and sqlite3.DatabaseError.

    One that nobody signed is held against all that its manifest says of its rows.
    """
    with _folder(catalog) as folder:
        path = folder / "catalog"
        unpack(store, snapshot, manifest, path)
        check(path, manifest, every_row=not signed)
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            catalog.sign(copy)
            probed = catalog.db.execute("SELECT place, at FROM probed").fetchall()
            copy.executemany("INSERT INTO probed VALUES (?, ?)", probed)
            copy.backup(catalog.db)


def unpack(store: Store, snapshot: Snapshot, manifest: Manifest, path: Path) -> None:
    """Write what a snapshot unpacks to, no more than its manifest says. Raises IntegrityError, OSError."""
    import zstandard  # noqa: PLC0415

    data = store.get(snapshot.key(), MOST_BYTES)
    if digest(data) != snapshot.packed:
        raise IntegrityError(f"its bytes are not those that its name tells: {digest(data)}")
    if not 0 < manifest.bytes <= _most(len(data)):
        raise IntegrityError(f"its manifest says that it unpacks to {manifest.bytes} bytes, of {len(data)}")
    left = manifest.bytes
    try:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(data) as packed, path.open("wb") as file:
            while piece := packed.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise IntegrityError(f"it unpacks to more than {manifest.bytes} bytes")
                file.write(piece)
    except (zstandard.ZstdError, MemoryError) as error:
        raise IntegrityError(f"it can't be unpacked: {error}") from error
    if left:
        raise IntegrityError(f"it unpacks to {left} bytes less than its manifest says")


def _most(packed: int) -> int:
    return _RATIO * packed + _LEAST


def check(path: Path, manifest: Manifest, *, every_row: bool) -> None:
    """Hold an unpacked snapshot against its manifest. Raises IntegrityError, also for a file that SQLite calls damaged.

    Its tables must be exactly ours: nothing in it may run that is not.
    """
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as db:
            db.execute("PRAGMA trusted_schema = 0")
            db.execute("PRAGMA cell_size_check = 1")
            if _built(db) != _expected():
                raise IntegrityError("its tables are not those of this schema")
            if (pages := _pages(db)) != (PAGE_SIZE, "UTF-8"):
                raise IntegrityError(f"its pages are not those of this schema: {pages}")
            if (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise IntegrityError(f"its catalog is damaged: {' '.join(found.split())}")
            _hold(db, manifest)
            if every_row and tables_of(db) != manifest.tables:
                raise IntegrityError("its rows are not those that its manifest tells")
    except sqlite3.DatabaseError as error:
        raise IntegrityError(f"its catalog is damaged: {error}") from error


def _hold(db: sqlite3.Connection, manifest: Manifest) -> None:
    meta = db.execute("SELECT name, value FROM meta").fetchall()
    probed = db.execute("SELECT count(*) FROM probed").fetchone()[0]
    if meta != [("schema", str(schema.VERSION))] or probed:
        raise IntegrityError("it tells of a place, as only a machine's own catalog does")
    ends = db.execute("SELECT min(seq), max(seq), count(*) FROM commits").fetchone()
    last = db.execute("SELECT digest FROM commits ORDER BY seq DESC LIMIT 1").fetchone()
    if ends != (1, manifest.head.seq, manifest.head.seq) or last != (manifest.head.digest,):
        raise IntegrityError("its commits are not those up to its head")


def _pages(db: sqlite3.Connection) -> tuple[int, str]:
    return db.execute("PRAGMA page_size").fetchone()[0], db.execute("PRAGMA encoding").fetchone()[0]


def _built(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    rows = db.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    return sorted(cast("list[tuple[Any, ...]]", rows.fetchall()))


def _expected() -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:")) as db:
        for statement in (schema.PROBES, *schema.TABLES.split(";\n")):
            db.execute(statement)
        return _built(db)


def tables_of(db: sqlite3.Connection) -> dict[str, Table]:
    """Return what each table holds that is folded from the log, of the search index how many words each text has."""
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    virtual = {name for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")}
    shadows = tuple(f"{name}_" for name in virtual)
    counted = {f"{name}_docsize" for name in virtual}
    kept = [n for n in names if n in counted or not (n in virtual or n in _OWN or n.startswith(shadows))]
    texts, db.text_factory = db.text_factory, bytes
    try:
        return {name: _table(db, name) for name in kept}
    finally:
        db.text_factory = texts


def _table(db: sqlite3.Connection, name: str) -> Table:
    columns = db.execute(f'PRAGMA table_info("{name}")').fetchall()
    keys = [column for column in sorted(columns, key=lambda column: column[5]) if column[5]] or columns
    order = ", ".join(f'"{column[1].decode()}"' for column in keys)
    hashed, count = sha256(), 0
    for row in db.execute(f'SELECT * FROM "{name}" ORDER BY {order}'):
        count += 1
        hashed.update(b"".join(_cells(row)))
    return Table(rows=count, sha256=f"sha256:{hashed.hexdigest()}")


def _cells(row: tuple[Any, ...]) -> Iterator[bytes]:
    for value in row:
        if value is None:
            yield b"n"
        elif isinstance(value, bytes):
            yield b"%d:%b" % (len(value), value)
        else:
            yield f"{value!r};".encode()


@contextmanager
def _folder(catalog: Catalog) -> Iterator[Path]:
    """Give a folder beside the catalog, gone at the end; what a killed process left of another day goes as well."""
    beside, prefix = catalog.path.parent, f"{catalog.path.name}-snapshot-"
    with TemporaryDirectory(dir=beside if beside.is_dir() else None, prefix=prefix) as folder:
        now = Path(folder).stat().st_mtime
        for left in beside.glob(f"{glob.escape(prefix)}*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < now - _A_DAY:
                    shutil.rmtree(left, ignore_errors=True)
        yield Path(folder)
