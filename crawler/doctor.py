"""The checks of `scrapy doctor`: each says what it found, whether that is well, and how to mend it."""

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from archive.archive import open_archive
from archive.catalog import remembered_head
from archive.errors import ArchiveError, NoArchive
from archive.ids import instant
from archive.lookup import last_crawl
from archive.probe import probe
from archive.stores import open_store

FINE, WARNING, WRONG = "fine", "warning", "wrong"
ROOM = 2**30
STALE = timedelta(days=1)
# Versions below these have known holes (docs/security.md says which).
FLOORS = {
    "scrapy": (2, 19),
    "twisted": (26, 4),
    "lxml": (6, 1),
    "urllib3": (2, 7),
    "brotli": (1, 2),
    "parsel": (1, 12),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found; `mend` says what to do where it isn't well."""

    check: str
    state: str
    found: str
    mend: str = ""


def examine(settings: Mapping[str, Any], now: datetime, *, offline: bool) -> Iterator[Finding]:
    """Yield the findings in order, a failing check never hiding the next. `offline` asks neither store nor outlet."""
    yield from _program()
    yield _contact(settings)
    for name in ("CATALOG_PATH", "SPOOL_DIR"):
        yield _room(name, Path(settings[name]))
    if offline:
        return
    for check, run in (
        ("store", _store),
        ("create-if-absent", _safe),
        ("archive", lambda s: _archive(s, now)),
    ):
        yield _told(check, run, settings)


def _told(check: str, run: Callable[[Mapping[str, Any]], Finding], settings: Mapping[str, Any]) -> Finding:
    try:
        return run(settings)
    except ArchiveError as error:
        return Finding(check=check, state=WRONG, found=str(error), mend="mend what the line names, then ask again")


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
        low = tuple(int(part) for part in found.split(".")[: len(floor)]) < floor
        yield Finding(
            check=name,
            state=WRONG if low else FINE,
            found=found,
            mend=f"versions below {least} have known holes; run: make install" if low else "",
        )


def _contact(settings: Mapping[str, Any]) -> Finding:
    contact = settings["CRAWLER_CONTACT"]
    if contact:
        return Finding(check="contact", state=FINE, found=contact)
    mend = "set CRAWLER_CONTACT to an address that the outlet can write to"
    return Finding(check="contact", state=WARNING, found="CRAWLER_CONTACT is empty", mend=mend)


def _room(name: str, path: Path) -> Finding:
    place = next(parent for parent in (path, *path.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    found = f"{free // 2**20} MiB free for {name} at {place}"
    if free < ROOM:
        return Finding(check="disk", state=WARNING, found=found, mend=f"free some, or set {name} to another disk")
    return Finding(check="disk", state=FINE, found=found)


def _store(settings: Mapping[str, Any]) -> Finding:
    store = open_store(settings["ARCHIVE_URI"])
    key = f"probe/{uuid.uuid4()}"
    done = []
    for right, use in (
        ("put", lambda: store.create(key, b"doctor")),
        ("get", lambda: store.get(key)),
        ("list", lambda: next(iter(store.list("probe/")), None)),
    ):
        try:
            use()
        except ArchiveError as error:
            mend = f"a crawl needs put, get and list, never delete; give the right to {right}"
            return Finding(check="store", state=WRONG, found=f"{right} failed: {error}", mend=mend)
        done.append(right)
    try:
        store.delete(key)
    except ArchiveError:
        done.append("no delete, which is well: the archive can't be emptied from here")
    return Finding(check="store", state=FINE, found=f"{store.uri}: {', '.join(done)}")


def _safe(settings: Mapping[str, Any]) -> Finding:
    probe(open_store(settings["ARCHIVE_URI"]))
    return Finding(check="create-if-absent", state=FINE, found="one winner in sequence and in a race")


def _archive(settings: Mapping[str, Any], now: datetime) -> Finding:
    uri, path = settings["ARCHIVE_URI"], settings["CATALOG_PATH"]
    folded = remembered_head(path, uri)
    try:
        archive = open_archive(uri, path)
    except NoArchive:
        return Finding(check="archive", state=WARNING, found=f"none in {uri} yet", mend="run: scrapy crawl presstv")
    head, last = archive.catalog.head(), last_crawl(archive.catalog.db)
    found = f"{head.seq} commits, {head.seq - folded.seq} of them not folded here before"
    if last is None or now - instant(last["at"]) > STALE:
        mend = "no crawl ended within a day; see scrapy status, and scrapy schedule --list"
        return Finding(check="archive", state=WARNING, found=found, mend=mend)
    return Finding(check="archive", state=FINE, found=f"{found}; last crawl {last['at'][:16]} UTC, exit {last['exit']}")
