"""What lies beside an exported file and tells of it: whose archive, as of which commit, what was chosen, which bytes.

A Data Package descriptor (https://specs.frictionlessdata.io/data-package/), with fields of our own beside those of it.
"""

from collections.abc import Mapping
from typing import Any

from archive.catalog.selection import Selection
from archive.exporters.targets import Written
from archive.facts.canonical import canonical, parse
from archive.opened import Archive

SCHEMA = "presstv.manifest/1"
RIGHTS = (
    "The texts are their authors' and publishers', as archived from the addresses that the rows name. "
    "Neither this file nor the program that wrote it gives a licence to them."
)


def manifest(
    archive: Archive, name: str, view: str, chosen: Selection, written: Written, program: Mapping[str, Any]
) -> bytes:
    """Return the manifest of an export in a format, as canonical JSON. The same export has the same one on any day."""
    head = archive.catalog.head()
    told = {
        "schema": SCHEMA,
        "profile": "data-package",
        "name": f"{archive.catalog.vocabulary.edition}-{view}",
        "edition": archive.catalog.vocabulary.edition,
        "archive": archive.log.identity(),
        "head": {"seq": head.seq, "digest": head.digest},
        "format": name,
        "view": view,
        "selection": chosen.told(),
        "program": dict(program),
        "rights": RIGHTS,
    }
    return manifest_of(told, written)


def of_share(whole: bytes, share: Mapping[str, int]) -> bytes:
    """Return a manifest that tells which share of an export its file is."""
    return canonical({**parse(whole), "share": dict(share)}) + b"\n"


def manifest_of(told: Mapping[str, Any], written: Written) -> bytes:
    """Return the manifest that says this, and what was written."""
    rows = written + written.kept
    # Readers of tables take one without a line for a broken one.
    plain = {} if rows else {"type": "file"}
    files = [
        {"name": f"part-{number}", "path": one.name, "bytes": one.bytes, "hash": one.sha256, **plain}
        for number, one in enumerate(written.files, 1)
    ]
    return canonical({**told, "counts": {"rows": rows}, "resources": files}) + b"\n"
