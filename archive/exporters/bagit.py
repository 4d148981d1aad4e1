"""BagIt 1.0 (RFC 8493): what libraries keep packages in; the views and captures of the articles chosen, with digests.

Nothing in it says on which day it was written: its date is that of the archive's last commit.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from archive.catalog.selection import Selection
from archive.exporters import jsonl, warcfile
from archive.exporters.folders import Folder, folder_at
from archive.exporters.format import Format, Progress, unwatched
from archive.exporters.manifest import RIGHTS
from archive.exporters.taken import places_of, read_taken
from archive.exporters.targets import Fill, Written, WrittenFile
from archive.exporters.views import SELECTED_BY, VIEWS
from archive.facts.canonical import canonical
from archive.opened import Archive

_BESIDE = ("changes", "events")
"""Views of the same articles that go with whichever was asked for."""
_LINE = re.compile(r"\s+")


def write(archive: Archive, view: str, *, chosen: Selection, target: str, progress: Progress = unwatched) -> Written:
    """Write a bag into a folder; count the view's rows in it. Raises as `folder_at` and `read_taken`."""
    files: list[WrittenFile] = []
    with folder_at(target) as folder:
        counts = {}
        for each in (view, *_BESIDE):
            rows = partial(jsonl.write_rows, progress(VIEWS[each](archive, chosen)))
            counts[each] = _put(folder, f"data/{each}.jsonl.gz", rows, files)
        with places_of(archive, "captures", chosen) as places:
            taken = partial(warcfile.write_taken, warcfile.info_of(archive), progress(read_taken(archive, places)))
            _put(folder, "data/captures.warc.gz", taken, files)
        size = sum(each.bytes for each in files)
        _put_text(folder, "manifest-sha256.txt", _sums(files), tags := list[WrittenFile]())
        _put_text(folder, "bagit.txt", ["BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"], tags)
        _put_text(folder, "bag-info.txt", _info(archive, chosen, f"{size}.{len(files)}"), tags)
        _put_text(folder, "tagmanifest-sha256.txt", _sums(tags), [])
    return Written(counts[view], *folder.files)


def _put(folder: Folder, name: str, fill: Fill, files: list[WrittenFile]) -> int:
    """Put a file into the bag, and note what it is."""
    count = folder.put(name, fill)
    files.append(replace(folder.last, name=name))
    return count


def _put_text(folder: Folder, name: str, lines: Iterable[str], files: list[WrittenFile]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()

    def fill(out: BinaryIO, _: str) -> int:
        out.write(data)
        return 0

    _put(folder, name, fill, files)


def _sums(files: Iterable[WrittenFile]) -> list[str]:
    return [f"{each.sha256.removeprefix('sha256:')}  {each.name}" for each in sorted(files, key=lambda each: each.name)]


def _info(archive: Archive, chosen: Selection, oxum: str) -> list[str]:
    software, at = warcfile.head_told(archive)
    head, words = archive.catalog.head(), archive.catalog.vocabulary
    told = {
        "Bag-Software-Agent": software,
        "Bagging-Date": at.strftime("%Y-%m-%d"),
        "External-Identifier": f"{words.edition} {archive.log.identity()} {head.seq} {head.digest or ''}",
        "External-Description": f"{words.outlet} ({words.edition}), archived; as of commit {head.seq}; "
        f"selection {canonical(chosen.told()).decode()}",
        "Internal-Sender-Description": RIGHTS,
        "Payload-Oxum": oxum,
    }
    return [f"{name}: {_LINE.sub(' ', value).strip()}" for name, value in told.items()]


_VIEWS = ("versions", "latest")
FORMAT = Format(
    name="bagit", views=_VIEWS, write=write, place="folder",
    words={view: SELECTED_BY[view] & SELECTED_BY["changes"] for view in _VIEWS},
)  # fmt: skip
