"""Shares of an export joined: files of many machines, told apart by their manifests, become the file of one process."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import UsageError
from archive.exporters.manifest import SCHEMA
from archive.exporters.packing import packed, unpacked
from archive.exporters.ranges import LAST
from archive.exporters.targets import MANIFEST, Written, is_store, local_path, write_to
from archive.facts.canonical import parse
from archive.texts.amounts import first_of

_OWN = frozenset({"share", "counts", "resources"})
_LARGEST, _SHOWN = 2**24, 8
"""Bytes of a manifest that are read, shares that an error names, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPart:
    """A file that a share wrote, and what its manifest says."""

    path: Path
    told: Mapping[str, Any]

    @property
    def number(self) -> int:
        """Which share it is."""
        return int(self.told["share"]["number"])

    @property
    def same(self) -> dict[str, Any]:
        """What all shares of one export say alike, and so does the whole."""
        return {name: value for name, value in self.told.items() if name not in _OWN}


def read_parts(paths: Sequence[str]) -> list[ExportPart]:
    """Return the parts in their order. Raises UsageError where they are not all shares of one export, each once."""
    parts = sorted((_read(path) for path in paths), key=lambda part: part.number)
    first = parts[0]
    for part in parts:
        for name, value in (part.same | {"of": part.told["share"]["of"]}).items():
            wanted = (first.same | {"of": first.told["share"]["of"]}).get(name)
            if value != wanted:
                raise UsageError(
                    f"{part.path} and {first.path} are no shares of one export: {name} is {_plain(value)} in the one, "
                    f"{_plain(wanted)} in the other; write one of them again"
                )
    of = first.told["share"]["of"]
    have = [part.number for part in parts]
    if missing := sorted({*range(1, of + 1)} - {*have}):
        raise UsageError(f"missing: {first_of([f'{number}/{of}' for number in missing], _SHOWN)}; write them first")
    if twice := next((number for number in have if have.count(number) > 1), None):
        raise UsageError(f"share {twice}/{of} is given twice; give each once")
    ends = [-1, *(part.told["share"]["last"] for part in parts)]
    if [part.told["share"]["first"] for part in parts] != [end + 1 for end in ends[:-1]] or ends[-1] != LAST:
        raise UsageError(f"the ranges of articles of {of} shares do not adjoin: a manifest is false; write them again")
    return parts


def _plain(value: object) -> object:
    return f"commit {value['seq']}" if isinstance(value, dict) and "seq" in value else value


def _read(path: str) -> ExportPart:
    if is_store(path):
        raise UsageError(f"--join {path}: give files of this machine; fetch it, and its manifest, first")
    place = local_path(path)
    beside = place.with_name(place.name + MANIFEST)
    try:
        with beside.open("rb") as file:
            told = parse(file.read(_LARGEST))
        [resource], share = told["resources"], told["share"]
        numbers = [share[name] for name in ("number", "of", "first", "last")]
        fits = told["schema"] == SCHEMA and all(type(number) is int for number in numbers) and share["of"] < 10**6
    except FileNotFoundError as error:
        raise UsageError(f"{beside} is missing: a share is joined by its manifest; write the share again") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise UsageError(f"{beside} is no manifest of a share (scrapy export … --share N/T -o FILE)")
    try:
        with place.open("rb") as file:
            found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise UsageError(f"{place} can't be read ({error.strerror}); write the share again") from error
    if found != resource["hash"]:
        raise UsageError(f"{place} is not what its manifest tells of: write share {share['number']} again")
    return ExportPart(path=place, told=told)


def join(parts: Sequence[ExportPart], head: bytes, target: str | None) -> Written:
    """Write the parts' rows to a target below `head`, which stands before those of each. Raises as `write_to`.

    Raises UsageError for a part that begins with something else.
    """
    return write_to(target, partial(_fill, parts, head))


def _fill(parts: Sequence[ExportPart], head: bytes, out: BinaryIO, name: str) -> int:
    with packed(out, name) as raw:
        raw.write(head)
        for part in parts:
            with unpacked(part.path) as rows:
                if rows.read(len(head)) != head:
                    raise UsageError(f"{part.path} begins otherwise: give the options that the shares were given")
                shutil.copyfileobj(rows, raw)
    return sum(part.told["counts"]["rows"] for part in parts)
