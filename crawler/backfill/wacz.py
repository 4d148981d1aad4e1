"""WACZ files (webrecorder's WACZ 1.1.1): the WARCs in a zip, read in place; nothing is ever written to disk.

A zip that tries to name files outside of itself, names one twice, or unpacks to far more than it is, is refused whole
before a byte of it is read.
"""

import json
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, BinaryIO

from archive.errors import ConfigurationError

_MOST_ENTRIES = 100_000
_RATIO, _SMALL = 200, 2**26
_MOST_LIST = 2**24
_CHUNK = 2**20
_WARC = re.compile(r"archive/[^/]+\.warc(\.gz)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
# A directory that was damaged, or made up, leads zipfile to places before the file and to packings that it lacks.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError)


def _unsafe(entry: zipfile.ZipInfo) -> str:
    name, packing = entry.orig_filename, entry.compress_type
    parts = re.split(r"[/\\]", name)
    faults = {
        "an absolute name": parts[0] == "" or bool(_DRIVE.match(name)),
        "a name that leads out of it": "\\" in name or "\0" in name or ".." in parts or "." in parts,
        "a link or a device": stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR),
        "an encrypted file": bool(entry.flag_bits & 0x1),
        "a packing other than deflate": packing not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "a bomb, a file that unpacks to over 200 times its size": _is_bomb(entry),
    }
    return next((fault for fault, found in faults.items() if found), "")


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(_SMALL, _RATIO * entry.compress_size)


def check(zipped: zipfile.ZipFile, name: str, size: int) -> None:
    """Raise ConfigurationError (4), saying why, for a zip of `size` bytes that is not safe to read."""
    entries = zipped.infolist()
    faults = [f"{why}: {entry.orig_filename!r}" for entry in entries if (why := _unsafe(entry))]
    if len(entries) > _MOST_ENTRIES:
        faults.append(f"{len(entries)} files")
    name_twice, times = next(iter(Counter(entry.orig_filename for entry in entries).most_common(1)), ("", 0))
    if not faults and times > 1:
        faults.append(f"a name twice: {name_twice!r}")
    if not faults and _overlap(entries, size):
        faults.append("files that share bytes: a bomb")
    if faults:
        raise ConfigurationError(f"{name} is refused, it has {faults[0]}; get the file from who made it, or leave it")


def _overlap(entries: list[zipfile.ZipInfo], size: int) -> bool:
    # Local headers are 30 bytes and the name at least; files that lie within each other are how a bomb is folded.
    spans = sorted((e.header_offset, e.header_offset + 30 + len(e.orig_filename) + e.compress_size) for e in entries)
    ends = [*(start for start, _ in spans[1:]), size]
    return any(end > nxt for (_, end), nxt in zip(spans, ends, strict=True))


@contextmanager
def opened(file: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """Give the zip, found safe. Raises ConfigurationError for one that is not, or is no whole zip."""
    try:
        zipped = zipfile.ZipFile(file)
    except (OSError, *_DAMAGED) as error:
        raise ConfigurationError(f"{name} is no whole zip: {error}; get it again") from error
    with zipped:
        check(zipped, name, file.seek(0, 2))
        yield zipped


def warcs(zipped: zipfile.ZipFile, damaged: Callable[[str], object]) -> Iterator[tuple[str, BinaryIO]]:
    """Yield (name, stream) of each WARC inside, by name; one whose SHA-256 is not the listed one is told and left."""
    listed = _listed(zipped, damaged)
    for entry in sorted(zipped.infolist(), key=lambda e: e.filename):
        if not _WARC.fullmatch(entry.filename):
            continue
        try:
            if (wanted := listed.get(entry.filename)) and _sha256(zipped, entry) != wanted:
                damaged(f"{entry.filename} is not the file that datapackage.json names: its SHA-256 differs")
                continue
            with stream(zipped, entry.filename, damaged) as opened_entry:
                yield entry.filename, opened_entry
        except _DAMAGED as error:
            damaged(f"{entry.filename} can't be unpacked: {error}")


@contextmanager
def stream(zipped: zipfile.ZipFile, name: str, damaged: Callable[[str], object]) -> Iterator[BinaryIO]:
    """Give the bytes of a file inside, from its start; `damaged` hears where they can't be unpacked further."""
    with zipped.open(name) as packed:
        yield _Whole(packed, name, damaged)  # type: ignore[misc] # it reads, no more


class _Whole:
    """A stream that ends, and says so, where its packing is damaged."""

    def __init__(self, stream: object, name: str, damaged: Callable[[str], object]) -> None:
        self._stream, self._name, self._damaged = stream, name, damaged

    def read(self, size: int) -> bytes:
        """Return at most so many bytes; none at the end or where it can't be read further."""
        try:
            data: bytes = self._stream.read(size)  # type: ignore[attr-defined]
        except _DAMAGED as error:
            self._damaged(f"{self._name} can't be unpacked further: {error}")
            return b""
        return data


def _listed(zipped: zipfile.ZipFile, damaged: Callable[[str], object]) -> dict[str, str]:
    """Return name → SHA-256 in hex, from datapackage.json; empty where there is none."""
    try:
        with zipped.open("datapackage.json") as stream:
            # Cut where it is longer than any honest one, which then is no JSON.
            resources = json.loads(stream.read(_MOST_LIST))["resources"]
        found = {resource["path"]: _stated(resource) for resource in resources}
        for path in (path for path, value in found.items() if value is None and _WARC.fullmatch(path)):
            damaged(f"datapackage.json lacks 'hash' of {path}")
        return {path: value for path, value in found.items() if value}
    except KeyError as error:
        if zipped.NameToInfo.get("datapackage.json"):
            damaged(f"datapackage.json lacks {error}")
        return {}
    except (TypeError, AttributeError, *_DAMAGED) as error:
        damaged(f"datapackage.json can't be read: {error}")
        return {}


def _stated(resource: dict[str, Any]) -> str | None:
    """Return a listed file's SHA-256 in hex; None where no hash is stated, empty for one of another kind."""
    # WACZ 1.0 had it among the numbers, its kind beside it.
    old = resource.get("stats", {}).get("hash")
    stated = resource.get("hash", old and f"{resource.get('hashing', 'sha256')}:{old.rpartition(':')[2]}")
    if stated is None:
        return None
    kind, _, value = stated.partition(":")
    return str(value).lower() if kind.lower() == "sha256" else ""


def _sha256(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    found = sha256()
    with zipped.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
