"""What a backfill is given: files on disk, objects in a bucket; opened as streams, named by their SHA-256."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from archive.errors import KeyMissing, UsageError
from archive.facts.record import source_line
from archive.stores.objectfile import ObjectFile
from archive.stores.opening import open_object

_CHUNK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Whose captures these are, as far as a file says."""

    name: str
    """The file's name without its folder, or the address that was fetched."""
    sha256: str = ""
    """`sha256:…` over the file's bytes."""
    operator: str = ""
    """Who ran the crawler, by the file's warcinfo or by `--operator`."""
    software: str = ""
    """What made the file, by its warcinfo."""

    def fields(self) -> dict[str, str]:
        """Return what is known, by name."""
        told = {"name": self.name, "sha256": self.sha256, "operator": self.operator, "software": self.software}
        return {name: value for name, value in told.items() if value}

    def line(self) -> str:
        """Return it as one line: name, digest, operator."""
        return source_line(self.fields())

    @property
    def maker(self) -> str:
        """Who captured, as far as it is known: the operator, else the file, of which a part may have been fetched."""
        return self.operator or self.name.partition("#")[0]

    @property
    def makers(self) -> set[str]:
        """Who captured, and the file as we were given it: what it says of its makers may be made up one by one."""
        return {self.maker, self.name.partition("#")[0].partition("!")[0]}

    def part(self, name: str) -> "Provenance":
        """Return that of a part of the file."""
        return replace(self, name=f"{self.name}#{name}")

    def informed(self, info: Mapping[str, str]) -> "Provenance":
        """Return it with what a warcinfo says; an operator that was stated before stays."""
        operator = self.operator or clean(info.get("operator", ""))
        return replace(self, operator=operator, software=clean(info.get("software", "")) or self.software)


def clean(text: str, most: int = 200) -> str:
    """Return a foreign text as one printable line of bounded length."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())[:most]


@contextmanager
def opened(place: str) -> Iterator[tuple[str, BinaryIO]]:
    """Give (name, seekable stream) of a path, `file:PATH` or `s3://BUCKET/KEY`.

    Raises UsageError where nothing is there, and what the store raises.
    """
    scheme = urlsplit(place).scheme if "://" in place or place.startswith("file:") else ""
    if scheme == "s3":
        with _object(place) as found:
            yield found
        return
    if scheme not in ("", "file"):
        raise UsageError(f"{clean(place)!r}: give a path, file:PATH or s3://BUCKET/KEY; fetch other addresses first")
    path = Path(unquote(place.removeprefix("file:").removeprefix("//")) if scheme else place)
    if path.is_dir():
        raise UsageError(f"{clean(str(path))!r} is a folder; give the files in it, WARC or WACZ")
    if not path.is_file():
        raise UsageError(f"no file {clean(str(path))!r}; give the path of a WARC or WACZ")
    with path.open("rb") as file:
        yield clean(path.name), file


@contextmanager
def _object(place: str) -> Iterator[tuple[str, BinaryIO]]:
    store, key = open_object(place)
    try:
        size = store.size(key)
    except KeyMissing as error:
        raise UsageError(f"{clean(str(error))}; give the address of a WARC or WACZ") from error
    yield clean(key.rpartition("/")[2]), io.BufferedReader(ObjectFile(store, key, size), _CHUNK)


def sha256_of(file: BinaryIO) -> str:
    """Return `sha256:…` over a whole stream, read by pieces, and go back to its start."""
    found = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        found.update(chunk)
    file.seek(0)
    return f"sha256:{found.hexdigest()}"
