"""The checks of `scrapy doctor`: each says what it found, whether that is well, and how to mend it."""

import contextlib
import os
import re
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scrapy.http import Response

from archive.catalog.crawls import last_crawl
from archive.catalog.file import looked_over
from archive.catalog.hold import HowLeft
from archive.errors import ArchiveError, KeyMissing, NoArchive, OutletUnreachable, RefusedByOutlet
from archive.facts.names import instant
from archive.log.chain import CLOCK_TOLERANCE, Log
from archive.opened import open_archive
from archive.seen.judging import recall
from archive.seen.memory import HeadMemory
from archive.stores.folder import FolderStore
from archive.stores.opening import open_store
from archive.stores.probe import probe
from archive.stores.s3 import S3Store
from archive.stores.store import Store
from archive.texts.amounts import amount
from archive.trust.signing import public_keys
from archive.trust.timestamps import authority
from crawler.crawl.keys import key_of
from crawler.doctor.reach import Reached, reach
from crawler.editions.known import EDITIONS, edition_named, vocabulary_of
from crawler.middlewares.ended import EndedError
from crawler.middlewares.robots import rules_of, token
from settings.given import Given

FINE, WARNING, WRONG = "fine", "warning", "wrong"
ROOM = 2**30
"""Bytes that a disk should have free."""
FILES = 10_000
"""Files that it should have room for: a commit makes up to six, a listing's crawl one an hour."""
STALE = timedelta(days=1)
# Versions below these have known holes (docs/security.md says which).
FLOORS = {
    "scrapy": (2, 19, 0),
    "twisted": (26, 4, 0),
    "lxml": (6, 1, 0),
    "urllib3": (2, 7, 0),
    "brotli": (1, 2, 0),
    "cryptography": (46, 0, 5),
    "lxml-html-clean": (0, 4, 0),
    "requests": (2, 33, 0),
    "jinja2": (3, 1, 6),
    "starlette": (1, 3, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found; `mend` says what to do where it isn't well."""

    check: str
    state: str
    found: str
    mend: str = ""


def examine(settings: Given, clock: Callable[[], datetime], *, offline: bool) -> Iterator[Finding]:
    """Yield the findings in order, a failing check never hiding the next. `offline` asks neither store nor outlet.

    What is wrong with a bucket in the same words at several checks, as a secret is, is said once.
    """
    said: set[str] = set()
    bucket = str(settings["ARCHIVE_URI"]).startswith("s3:")
    for finding in _findings(settings, clock, offline=offline):
        if not bucket or finding.state != WRONG or finding.found not in said:
            yield finding
        said.add(finding.found)


def _findings(settings: Given, clock: Callable[[], datetime], *, offline: bool) -> Iterator[Finding]:
    yield from _program()
    yield from _told("edition", _edition, settings)
    yield _contact(settings)
    for name, path in (("CATALOG_PATH", Path(settings["CATALOG_PATH"]).parent), ("SPOOL_DIR", settings["SPOOL_DIR"])):
        yield from _room(name, Path(path))
    yield from _told("keys", _keys, settings)
    yield from _told("catalog", _catalog, settings)
    if offline:
        return
    for check, run in (
        ("store", lambda s: _store(s, clock)),
        ("create-if-absent", _safe),
        ("archive", lambda s: _archive(s, clock())),
    ):
        yield from _told(check, run, settings)
    if settings["EDITION"] in EDITIONS:
        yield from _outlet(settings, clock)


def _told(check: str, run: Callable[[Given], Iterator[Finding]], settings: Given) -> Iterator[Finding]:
    try:
        yield from run(settings)
    except ArchiveError as error:
        yield Finding(check=check, state=WRONG, found=str(error), mend="mend what the line names, then ask again")


def _program() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info < (3, 11)
    yield Finding(
        check="python", state=WRONG if old else FINE, found=python, mend="use Python 3.11 or newer" if old else ""
    )
    for name, floor in FLOORS.items():
        least = ".".join(map(str, floor))
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(check=name, state=WRONG, found="not installed", mend="run: make install")
            continue
        low = tuple(int(part) for part in re.findall(r"\d+", found)[: len(floor)]) < floor
        yield Finding(
            check=name,
            state=WRONG if low else FINE,
            found=found,
            mend=f"versions below {least} have known holes; run: make install" if low else "",
        )


def _edition(settings: Given) -> Iterator[Finding]:
    # Told only where it is wrong.
    edition_named(settings["EDITION"])
    yield from ()


def _contact(settings: Given) -> Finding:
    contact = settings["CRAWLER_CONTACT"]
    if contact:
        return Finding(check="contact", state=FINE, found=contact)
    mend = "set CRAWLER_CONTACT to an address that the outlet can write to"
    return Finding(check="contact", state=WARNING, found="CRAWLER_CONTACT is empty", mend=mend)


def _room(name: str, path: Path) -> Iterator[Finding]:
    """Yield whether a folder, or the one that it will be made in, takes a file, and how much it has room for."""
    try:
        place = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
        free, inodes = shutil.disk_usage(place).free, os.statvfs(place)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        found = f"{name}: {path} can't be written: {error.strerror}"
        mend = f"give this user the right to write there, or set {name} to another folder"
        yield Finding(check="disk", state=WRONG, found=found, mend=mend)
        return
    found = f"{free // 2**20} MiB free for {name} at {place}"
    # Some file systems have no number of files that they can hold, and say 0 of 0.
    few = inodes.f_files > 0 and inodes.f_favail < FILES
    if few:
        found += f", and room for {inodes.f_favail} files"
    mend = f"free some, or set {name} to another disk" if free < ROOM or few else ""
    yield Finding(check="disk", state=WARNING if mend else FINE, found=found, mend=mend)


def _keys(settings: Given) -> Iterator[Finding]:
    key, public = key_of(settings), public_keys(settings["VERIFY_KEY"])
    authority(settings["TIMESTAMP_CERTS"])
    if key is not None:
        path = settings["SIGNING_KEY_FILE"]
        if path and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
            mend = f"run: chmod 600 {path}"
            yield Finding(check="signing key", state=WARNING, found="others can read its file", mend=mend)
        elif key.public not in public:
            mend = f"set VERIFY_KEY to {key.public}, so that scrapy verify checks what is signed"
            yield Finding(check="signing key", state=WARNING, found="VERIFY_KEY does not name it", mend=mend)
        else:
            yield Finding(check="signing key", state=FINE, found=key.public)
    if settings["TIMESTAMP_URL"] and not settings["TIMESTAMP_CERTS"]:
        mend = "set TIMESTAMP_CERTS to a file with the authority's certificates (PEM)"
        yield Finding(check="time-stamps", state=WARNING, found="their authority is not known", mend=mend)


def _store(settings: Given, clock: Callable[[], datetime]) -> Iterator[Finding]:
    store = open_store(settings["ARCHIVE_URI"])
    if isinstance(store, FolderStore):
        yield from _room("ARCHIVE_URI", store.root)
    key = f"probe/{uuid.uuid4()}"
    done, lacks = list[str](), list[str]()
    uses: dict[str, Callable[[], object]] = {
        "put": lambda: store.create(key, b"doctor"),
        "get": lambda: _get(store, key),
        "list": lambda: next(iter(store.list("probe/")), None),
    }
    for right, use in uses.items():
        try:
            use()
        except ArchiveError as error:
            lacks.append(right)
            mend = f"a crawl needs put, get and list, never delete; give the right to {right}"
            yield Finding(check=f"store: {right}", state=WRONG, found=str(error), mend=mend)
        else:
            done.append(right)
    try:
        store.delete(key)
    except ArchiveError:
        done.append("no delete, which is well: the archive can't be emptied from here")
    if not lacks:
        yield Finding(check="store", state=FINE, found=f"{store.uri}: {', '.join(done)}")
        yield _skew("store: clock", "the store", clock() - there if (there := store.now()) else None)
    if isinstance(store, FolderStore):
        yield _links(store)
    if isinstance(store, S3Store):
        yield _checksums(store)


def _get(store: Store, key: str) -> None:
    # Where the put was refused there is nothing to get; that it is missing can be told only by who may read.
    with contextlib.suppress(KeyMissing):
        store.get(key)


def _links(store: FolderStore) -> Finding:
    if not store.root.is_dir():
        return Finding(
            check="hard links", state=WARNING, found=f"{store.root} is no folder yet", mend="ask again later"
        )
    try:
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=store.root) as folder:
            (Path(folder) / "a").write_bytes(b"")
            (Path(folder) / "b").hardlink_to(Path(folder) / "a")
    except OSError as error:
        found = f"none in {store.root} ({error.strerror}); names are taken by a rename that replaces nothing"
        return Finding(
            check="hard links", state=WARNING, found=found, mend="nothing, as long as create-if-absent below is ✓"
        )
    return Finding(check="hard links", state=FINE, found=f"in {store.root}")


def _checksums(store: S3Store) -> Finding:
    mode, elsewhere = store.checksums, not store.on_aws
    if mode == "when_supported" and elsewhere:
        mend = "unset AWS_REQUEST_CHECKSUM_CALCULATION: trailing checksums break servers other than AWS's"
        return Finding(check="checksums", state=WARNING, found=mode, mend=mend)
    return Finding(check="checksums", state=FINE, found=f"{mode}, with Content-MD5 on every put")


def _safe(settings: Given) -> Iterator[Finding]:
    probe(open_store(settings["ARCHIVE_URI"]))
    yield Finding(check="create-if-absent", state=FINE, found="one winner in sequence and in a race")


def _outlet(settings: Given, clock: Callable[[], datetime]) -> Iterator[Finding]:
    own = str(settings.get("OUTLET_BASE") or "").partition(",")[0].strip()
    base = own or f"https://{edition_named(settings['EDITION']).hosts[0]}"
    try:
        answer = reach(base, settings["USER_AGENT"], clock, own=bool(own))
    except (OutletUnreachable, RefusedByOutlet) as error:
        # Not wrong: the outlet may be down, and this machine may be set up behind a closed door.
        mend = "look at the network; a crawl would end with exit code 5 or 7"
        yield Finding(check="outlet", state=WARNING, found=str(error), mend=mend)
        return
    yield Finding(check="outlet", state=FINE, found=f"{base} at {answer.address}{answer.tls and f', {answer.tls}'}")
    yield _robots(settings, base, answer)
    yield _skew("clock", "the outlet", answer.ahead)


def _robots(settings: Given, base: str, answer: Reached) -> Finding:
    rules = rules_of(Response(answer.url, status=answer.status, body=answer.body))
    who = token(settings["USER_AGENT"])
    if isinstance(rules, EndedError):
        mend = "wait: RFC 9309 forbids all while its robots.txt can't be had"
        return Finding(check="robots.txt", state=WARNING, found=rules.detail, mend=mend)
    if rules is not None and not rules.can_fetch(f"{base}/", who):
        mend = "write to the outlet; a crawl would end with exit code 7"
        return Finding(check="robots.txt", state=WARNING, found=f"it forbids {who} the front page", mend=mend)
    return Finding(check="robots.txt", state=FINE, found=f"answered {answer.status}, allows {who}")


def _skew(check: str, whose: str, ahead: timedelta | None) -> Finding:
    if ahead is None:
        return Finding(check=check, state=WARNING, found=f"{whose} tells no time", mend="check the clock by hand")
    seconds = int(ahead.total_seconds())
    if abs(ahead) > CLOCK_TOLERANCE:
        found = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} {whose}'s"
        return Finding(check=check, state=WARNING, found=found, mend="set the clock: S3 refuses 15 minutes, we 5")
    return Finding(check=check, state=FINE, found=f"{seconds:+d} s to {whose}'s")


_LEFT: dict[HowLeft, str] = {
    "none": "none yet", "closed": "it was closed well", "open": "another process has it open",
    "unclean": "a process that had it open was killed, or something else wrote to it",
    "damaged": "a command met damage in it",
}  # fmt: skip


def _catalog(settings: Given) -> Iterator[Finding]:
    left, wrong = looked_over(Path(settings["CATALOG_PATH"]))
    if wrong or left == "damaged":
        mend = "nothing: the next command makes it anew; look at its disk"
        yield Finding(check="catalog", state=WARNING, found=f"damaged: {wrong or _LEFT[left]}", mend=mend)
    elif left == "unclean":
        mend = "nothing: the next command checks it once; look at why a process was killed"
        yield Finding(check="catalog", state=WARNING, found=f"sound; {_LEFT[left]}", mend=mend)
    else:
        yield Finding(check="catalog", state=FINE, found=f"{'sound; ' if left != 'none' else ''}{_LEFT[left]}")


def _archive(settings: Given, now: datetime) -> Iterator[Finding]:
    uri, path = settings["ARCHIVE_URI"], settings["CATALOG_PATH"]
    before = recall(Log(open_store(uri)), HeadMemory(path), every=True).here
    try:
        archive = open_archive(uri, path, vocabulary_of=vocabulary_of)
    except NoArchive:
        yield Finding(check="archive", state=WARNING, found=f"none in {uri} yet", mend="run: scrapy crawl presstv")
        return
    held, meant = archive.catalog.vocabulary.edition, settings["EDITION"]
    if held != meant:
        mend = f"set EDITION={held}, or an ARCHIVE_URI and a CATALOG_PATH for {meant} alone; a crawl would refuse it"
        yield Finding(check="archive", state=WRONG, found=f"it is of {held}, EDITION says {meant}", mend=mend)
        return
    if archive.lag is not None:
        mend = "bring it up to the newest copy (scrapy verify --repair-from URI); a crawl would refuse it"
        yield Finding(check="archive", state=WRONG, found=str(archive.lag), mend=mend)
        return
    head, last = archive.catalog.head(), last_crawl(archive.catalog.db)
    found = f"{amount(head.seq, 'commit')}, {head.seq - before.seq} of them not folded here before"
    if last is None or now - instant(last["at"]) > STALE:
        mend = "no crawl ended within a day; see scrapy status, and scrapy schedule --list"
        yield Finding(check="archive", state=WARNING, found=found, mend=mend)
        return
    yield Finding(check="archive", state=FINE, found=f"{found}; last crawl {last['at'][:16]} UTC, exit {last['exit']}")
