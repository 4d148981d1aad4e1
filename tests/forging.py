"""What may lie in the place of a bundle, a pack or a snapshot: torn, older, of another archive or schema, false, and more."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import zstandard

from archive.catalog import schema
from archive.catalog.snapshots import make, tables_of
from archive.facts.canonical import canonical, digest, parse
from archive.log.bundles import MOST_BYTES, STEP, Tile, bundle_key, encode_bundle
from archive.log.chain import EMPTY, Draft, Head, Log
from archive.log.gathering import gather_after
from archive.log.packs import MOST_BYTES as MOST_PACK
from archive.log.packs import encode_pack, pack_key, packed
from archive.stores.memory import MemoryStore
from archive.trust.signing import signing_key, snapshot_signature
from benchmarks.distant import fill
from tests import facts
from tests.french import Catalog

COMMITS = STEP + 4
TILE = Tile(0, STEP)
BUNDLE, PACK, INDICES = bundle_key(TILE), pack_key(STEP, "checks", STEP), pack_key(STEP, "index", STEP)
KEY, OTHER = (signing_key(text=f"{digit:02d}" * 32) for digit in (7, 9))


def log_of(text):
    """Return the log of 36 commits, with two articles, of which the last commit tells, too."""
    log = Log(MemoryStore("memory:"))
    log.create(edition="presstv-fr", version="0.2.0")
    facts.write(log, facts.read(1, 0, text), facts.read(2, 1))
    head = facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed")).head
    fill(log, COMMITS - head.seq - 1, head=head, looks_only=True)
    facts.write(log, facts.saw(1, 90), facts.read(2, 90, facts.TEXTS[2], outcome="changed"))
    return log


def snapshot_of(log, folder, count):
    """Return a snapshot of a log's first commits: its name, its packed bytes, what its manifest tells."""
    with closing(Catalog(Path(folder) / f"c{count}", "memory:")) as catalog:
        catalog.follow(facts.prefix(log, count))
        made, data, manifest = make(catalog, log)
    return made, data, parse(manifest)


def staged(folder):
    """Return two archives of the same form and what is derived of them, the first one without that in a folder."""
    log, foreign = log_of(facts.TEXTS[0]), log_of(facts.TEXTS[2])
    laid(log.store, folder / "archive")
    for one in (log, foreign):
        assert len([*gather_after(one, 0, set())]) == 1
    made = {"old": snapshot_of(log, folder, 2), "new": snapshot_of(log, folder, COMMITS - 1)}
    (folder / "other").mkdir()
    made["foreign"] = snapshot_of(foreign, folder / "other", COMMITS - 1)
    return SimpleNamespace(log=log, foreign=foreign, bare=folder / "archive", snapshots=made)


def laid(store, folder):
    """Write what a store in memory holds into a folder, without waiting for the disk."""
    for entry in store.list():
        path = folder / entry.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(entry.key))


def entries(parts):
    """Return a bundle of any bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def chained(commits, head=EMPTY, **changes):
    """Return these commits as a chain of its own, each saying something else."""
    for commit in commits:
        fields = {"crawl": commit.crawl, "writer": commit.writer, "segments": commit.segments, "summary": {"x": 1}}
        data = Draft(**(fields | changes), committed_at=commit.committed_at).at(head)
        head = Head(seq=head.seq + 1, digest=digest(data))
        yield data


def bundles(stage):
    """Yield (what is the matter, what lies where) of bundles."""
    good, commits = stage.log.store.get(BUNDLE), [*islice(stage.log.after(), STEP)]
    lie = [commit.data for commit in commits]
    lie[20] = lie[20].replace(b"crawl-21", b"crawl-99")
    yield "torn", {BUNDLE: good[:-7]}
    yield "older", {BUNDLE: encode_bundle(commits[:-3])}
    yield "of another archive", {BUNDLE: stage.foreign.store.get(BUNDLE)}
    yield "of another schema", {BUNDLE: entries(canonical({"format": 2, "commit": parse(c.data)}) for c in commits)}
    yield "a chain of false rows", {BUNDLE: entries(chained(commits))}
    yield "a false row in the chain", {BUNDLE: entries(lie)}
    yield "empty", {BUNDLE: b""}
    yield "doubled", {BUNDLE: good + good}
    yield "huge", {BUNDLE: bytes(MOST_BYTES + 1)}
    yield "a list of lengths", {BUNDLE: bytes(range(256)) * 40}


def packs(stage):
    """Yield the same of packs, each beside a bundle that is right."""
    bundle = {BUNDLE: stage.log.store.get(BUNDLE)}
    good, segments = stage.log.store.get(PACK), packed([*islice(stage.log.after(), STEP)], "checks")
    read = [stage.log.store.get(one.key) for one in segments]
    plain = b"".join(read)
    yield "torn", bundle | {PACK: good[:-7]}
    yield "older", bundle | {PACK: encode_pack(read[:-3])}
    yield "of another archive", bundle | {PACK: stage.foreign.store.get(PACK)}
    yield "of another schema", bundle | {PACK: encode_pack([canonical({"version": 2}), b"\n", plain])}
    yield "false rows of the right length", bundle | {PACK: encode_pack([plain[:-9] + bytes(9)])}
    yield "lines exchanged", bundle | {PACK: encode_pack(read[::-1])}
    yield "empty", bundle | {PACK: b""}
    yield "doubled", bundle | {PACK: encode_pack([plain, plain])}
    yield "a bomb", bundle | {PACK: zstandard.ZstdCompressor().compress(bytes(2**28))}
    yield "huge", bundle | {PACK: bytes(MOST_PACK + 1)}
    yield "two exchanged", bundle | {PACK: stage.log.store.get(INDICES), INDICES: good}


def files_of(made, data, told, key=None):
    """Return a snapshot's files by their keys, under the name that its bytes and head have."""
    manifest = canonical(told)
    files = {made.key(): data, made.key("json"): manifest}
    return files | ({made.key("sig"): snapshot_signature(manifest, key)} if key else {})


def changed(data, *statements):
    """Return a snapshot's packed bytes after a change to its rows, its size, and what its tables then hold."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c"
        path.write_bytes(zstandard.ZstdDecompressor().decompress(data))
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)
            tables = {name: {"rows": t.rows, "sha256": t.sha256} for name, t in tables_of(db).items()}
        return zstandard.ZstdCompressor().compress(path.read_bytes()), path.stat().st_size, tables


FALSE = ("UPDATE articles SET headline = 'Un faux'", "DELETE FROM looks")


def named(made, data, told, **changes):
    """Return the same with the name that these bytes have, and changes to what the manifest tells."""
    hexed = sha256(data).hexdigest()
    return made._replace(digest=hexed), data, told | {"packed": f"sha256:{hexed}"} | changes


def snapshots(stage, key=None):
    """Yield the same of snapshots; `key` is that of whoever forges, none of those that count."""
    (_, old_data, _), (new, data, told), foreign = (stage.snapshots[n] for n in ("old", "new", "foreign"))
    forged, size, tables = changed(data, *FALSE)
    evil, evil_size, _ = changed(data, "CREATE TABLE beside (x)", "CREATE VIEW evil AS SELECT 1")
    bomb = zstandard.ZstdCompressor().compress(bytes(2**28))
    good = {new.key("json"): canonical(told)} | (
        {new.key("sig"): snapshot_signature(canonical(told), KEY)} if key else {}
    )
    yield "torn", good | {new.key(): data[:-7]}
    yield "empty", good | {new.key(): b""}
    yield "older", good | {new.key(): old_data}
    yield "doubled", files_of(*named(new, data + data, told), key)
    yield "of another archive", files_of(*foreign, key)
    yield "of another schema", files_of(*named(new, data, told, catalog=schema.VERSION + 1), key)
    yield "false rows", files_of(*named(new, forged, told, bytes=size), key)
    yield "tables of its own", files_of(*named(new, evil, told, bytes=evil_size), key)
    yield "a bomb", files_of(*named(new, bomb, told, bytes=2**28), key)
    yield "a bomb that says nothing of it", files_of(*named(new, bomb, told), key)
    yield "of a head that is none", files_of(*named(new, data, told, head={"seq": new.seq, "digest": "sha256:0"}), key)
    yield "a manifest of nonsense", good | {new.key(): data, new.key("json"): b"[" * 10**5}
    if key:
        yield "false rows, told truly", files_of(*named(new, forged, told, bytes=size, tables=tables), key)
        yield "honest, of another key", files_of(new, data, told, key)
        honest = snapshot_signature(canonical(told), KEY)
        lent = files_of(*named(new, forged, told, bytes=size, tables=tables))
        yield "a signature lent", lent | {next(iter(lent)).replace("sqlite.zst", "sig"): honest}


KINDS = {
    "bundle": bundles, "pack": packs, "snapshot": snapshots,
    "signed snapshot": lambda stage: snapshots(stage, OTHER),
}  # fmt: skip
FOUR = ("torn", "older", "of another archive", "of another schema")
OF_SNAPSHOTS = (
    *FOUR, "false rows", "empty", "doubled", "tables of its own", "a bomb", "a bomb that says nothing of it",
    "of a head that is none", "a manifest of nonsense",
)  # fmt: skip
WAYS = {
    "bundle": (*FOUR, "a chain of false rows", "a false row in the chain", "empty", "doubled", "huge", "a list of lengths"),
    "pack": (
        *FOUR, "false rows of the right length", "lines exchanged", "empty", "doubled", "a bomb", "huge",
        "two exchanged",
    ),
    "snapshot": OF_SNAPSHOTS,
    "signed snapshot": (
        *OF_SNAPSHOTS, "false rows, told truly", "honest, of another key", "a signature lent",
    ),
}  # fmt: skip
FIVE = (*FOUR, "a chain of false rows", "false rows of the right length", "false rows", "false rows, told truly")
CASES = [(kind, way) for kind, names in WAYS.items() for way in names]

NONSENSE = {
    "numbers that are words": (
        "UPDATE articles SET state = 'x'",
        "UPDATE versions SET captured_at = 'x', last_at = 'y'",
    ),
    "articles of nothing": ("UPDATE articles SET article_id = 10 * article_id",),
    "records that are none": ("UPDATE records SET packed = x'00ff'",),
    "looks at no time": ("UPDATE looks SET at = 'noon'",),
    "nothing that others point to": ("DELETE FROM interned", "DELETE FROM results", "DELETE FROM segments"),
    "bytes for texts": ("UPDATE interned SET text = CAST(x'ff' || number AS BLOB)",),
    "numbers past all bounds": ("UPDATE records SET seq = 9223372036854775807", "UPDATE looks SET seq = -seq"),
}


def told_truly(stage, *statements):
    """Return the files of an unsigned snapshot of false rows, whose manifest tells of these."""
    return files_of(*told_truly_of(stage, *statements))


def told_truly_of(stage, *statements):
    """Return its name, its bytes and what its manifest tells."""
    new, data, told = stage.snapshots["new"]
    forged, size, tables = changed(data, *(statements or FALSE))
    return named(new, forged, told, bytes=size, tables=tables)
