"""WACZ files (webrecorder's WACZ 1.1.1): the WARCs in a zip, read in place; nothing is ever written to disk.

A zip that tries to name files outside of itself, names one twice, or unpacks to far more than it is, is refused whole
before a byte of it is read.
"""

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from archive.errors import ConfigurationError

_MOST_ENTRIES = 100_000
_RATIO, _SMALL = 200, 2**26
_MOST_LIST = 2**24
_CHUNK = 2**20
_WARC = re.compile(r"archive/.+\.warc(\.gz)?", re.IGNORECASE)
_CAPTURES = re.compile(r"\.(warc|arc)(\.gz|\.zst)?$|\.wacz$", re.IGNORECASE)
_HASHES = ("md5", "sha1", "sha256", "sha512")
_DRIVE = re.compile(r"[A-Za-z]:")
# A directory that was damaged, or made up, leads zipfile to places before the file and to packings that it lacks.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError)


class NotWhole(ConfigurationError):
    """A file that begins as a zip and has no directory at its end, such as a download that was cut."""


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
    """Give the zip, found safe. Raises ConfigurationError for one that is not, NotWhole for no whole one."""
    try:
        zipped = zipfile.ZipFile(file)
    except (OSError, *_DAMAGED) as error:
        raise NotWhole(f"it is no whole zip: {error}; get it again") from error
    with zipped:
        check(zipped, name, file.seek(0, 2))
        yield zipped


def warcs(zipped: zipfile.ZipFile, damaged: Callable[[str], object]) -> Iterator[tuple[str, BinaryIO]]:
    """Yield (name, stream) of each WARC inside, by name; one whose digest is not the listed one is told and left.

    So are captures of other kinds and in other places, and files that are listed and not there.
    """
    listed = _listed(zipped, damaged)
    names = sorted(entry.filename for entry in zipped.infolist())
    for name in names:
        if _WARC.fullmatch(name):
            try:
                if (wanted := listed.get(name)) and not _is(zipped, name, wanted):
                    damaged(f"{name} is not the file that datapackage.json names: its {wanted.shown} differs")
                    continue
                with stream(zipped, name, damaged) as opened_entry:
                    yield name, opened_entry
            except _DAMAGED as error:
                damaged(f"{name} can't be unpacked: {error}")
        elif _CAPTURES.search(name):
            damaged(f"{name} inside of it is not read: {_other(name)}")
    for name in sorted(listed.keys() - set(names)):
        damaged(f"datapackage.json names {name[:200]!r}, which is not in it")


def _other(name: str) -> str:
    lower = name.lower()
    kinds = {
        lower.endswith(".wacz"): "it is a WACZ itself; unpack it and give it by itself",
        lower.endswith(".zst"): "it is packed with zstd; unpack it first: zstd -d",
        ".arc"
        in lower[-7:]: "it is an ARC file, the form before WARC; make a WARC of it first: warcio recompress IN OUT",
    }
    return kinds.get(True, "a WACZ has its WARCs below archive/; unpack it and give it by itself")


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


@dataclass(frozen=True, slots=True)
class _Hash:
    """A digest that is stated for a file."""

    kind: str
    value: str

    @property
    def shown(self) -> str:
        """Its kind as people write it."""
        return self.kind.upper().replace("SHA", "SHA-")


def _listed(zipped: zipfile.ZipFile, damaged: Callable[[str], object]) -> dict[str, _Hash]:
    """Return name → stated digest, from datapackage.json; empty where there is none. Each entry is read by itself."""
    if "datapackage.json" not in zipped.NameToInfo:
        return {}
    try:
        with zipped.open("datapackage.json") as stream:
            # Cut where it is longer than any honest one, which then is no JSON.
            resources = json.loads(stream.read(_MOST_LIST))["resources"]
        entries = list(resources)
    except (KeyError, TypeError, RecursionError, *_DAMAGED) as error:
        damaged(f"datapackage.json can't be read: {error!r}")
        return {}
    found: dict[str, _Hash] = {}
    for entry in entries:
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            damaged("datapackage.json has an entry that names no file")
            continue
        name = path.removeprefix("./")
        stated = _stated(entry)
        if stated is not None:
            found[name] = stated
        elif _WARC.fullmatch(name):
            damaged(f"datapackage.json has no 'hash' of {name} that can be checked")
    return found


def _stated(entry: dict[str, Any]) -> _Hash | None:
    """Return the digest that is stated for a file, None where there is none that can be checked."""
    stats = entry.get("stats")
    # WACZ 1.0 had it among the numbers, its kind beside it.
    old = stats.get("hash") if isinstance(stats, dict) else None
    stated = entry.get("hash") or old
    if not isinstance(stated, str):
        return None
    kind, _, value = stated.rpartition(":")
    name = (kind or str(entry.get("hashing") or "sha256")).lower().replace("-", "")
    return _Hash(name, value.strip().lower()) if name in _HASHES else None


def _is(zipped: zipfile.ZipFile, name: str, wanted: _Hash) -> bool:
    found = hashlib.new(wanted.kind, usedforsecurity=False)
    with zipped.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest() == wanted.value
