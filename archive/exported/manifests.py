"""The manifest beside an exported file, read back: of which archive and commit it is, what was chosen, its length."""

from pathlib import Path
from typing import Any, Self

import msgspec

from archive.errors import ConfigurationError, KeyMissing
from archive.exported.lines import ExportedLine, lines_of
from archive.exporters.targets import MANIFEST
from archive.stores.opening import open_object


class _Head(msgspec.Struct):
    seq: int
    digest: str


class _Resource(msgspec.Struct):
    bytes: int


class ToldManifest(msgspec.Struct, kw_only=True):
    """What is gone by of one."""

    archive: str = ""
    """Which archive it is of (`Log.identity`)."""
    head: _Head
    selection: dict[str, Any] = msgspec.field(default_factory=dict)
    resources: list[_Resource] = msgspec.field(default_factory=list)

    @classmethod
    def of(cls, line: ExportedLine) -> Self:
        """Read one. Raises ConfigurationError (4) naming file and line for what is none."""
        try:
            return msgspec.json.decode(line.data, type=cls)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{line.place}: it is no manifest: {error}; export the file again") from error


def manifest_beside(source: str) -> str | None:
    """Return where the manifest beside an exported file lies; None where there is none.

    Raises ConfigurationError (4) where the file is not as long as its manifest says.
    """
    size = _size(source + MANIFEST)
    if size is None:
        return None
    for line in lines_of(source + MANIFEST):
        resources, held = ToldManifest.of(line).resources, _size(source)
        if len(resources) == 1 and held not in (None, resources[0].bytes):
            raise ConfigurationError(
                f"{source.rpartition('/')[2]} has {held} bytes, and its manifest says {resources[0].bytes}: it is cut, "
                f"or another file; export it again, or take {line.name} away"
            )
    return source + MANIFEST


def _size(source: str) -> int | None:
    if not source.startswith("s3://"):
        path = Path(source.removeprefix("file:"))
        return path.stat().st_size if path.is_file() else None
    store, key = open_object(source)
    try:
        return store.size(key)
    except KeyMissing:
        return None
