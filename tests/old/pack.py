"""Pack an archive and what today's program makes of it: what a release leaves for those that come after it.

`python -m tests.old.pack FOLDER NAME [CERTIFICATES]` makes NAME.tar.xz and NAME.exports.tar.xz beside this file.
"""

import json
import shutil
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from archive.exporters.views import VIEWS
from tests.project import ROOT
from tests.told import forked

HERE = Path(__file__).parent
CERTIFICATES = "authority.pem"
PUBLIC_KEY = "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
"""Of the key that signed some of the commits: the tests' own, its seed is 32 bytes of 0x11."""
HISTORIES = ("457840", "754223", "530887", "399001", "952", "958")
RUNS_DIFFER = frozenset({"archive", "due", "longest_overdue_seconds", "crawls_to_catch_up"})
"""Entries of a JSON answer that name the place or the hour of the run."""


def commands(folder, histories=HISTORIES):
    """Return name → words of each command whose answer is kept; `folder` holds `archive` and the certificates."""
    by = ("-s", f"VERIFY_KEY={PUBLIC_KEY}", "-s", f"TIMESTAMP_CERTS={folder / CERTIFICATES}")
    return (
        {f"{view}.jsonl": ("export", "jsonl", "--view", view) for view in VIEWS}
        | {f"history-{number}.json": ("history", number, "--json") for number in histories}
        | {
            "status.json": ("status", "--json"),
            "layouts.json": ("layouts", "--json"),
            "verify.json": ("verify", "--json"),
            "vouched.json": ("verify", "--json", *by),
        }
    )


def answers(folder, asked):
    """Run commands on the archive in a folder, its catalog fresh; return name → (exit code, what is kept of stdout)."""
    shutil.copy(ROOT / "scrapy.cfg", folder)
    place = ("-s", f"ARCHIVE_URI=file:{folder / 'archive'}", "-s", f"CATALOG_PATH={folder / 'catalog.sqlite'}")
    done = forked(folder, [[*words, *place] for words in asked.values()])
    return {name: (code, kept(name, out)) for name, (code, out, _) in zip(asked, done, strict=True)}


def kept(name, out):
    """Return an answer as bytes, a JSON document without what differs from one run to the next."""
    if not name.endswith(".json"):
        return out.encode()
    told = {key: value for key, value in json.loads(out).items() if key not in RUNS_DIFFER}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def unpacked(name):
    """Return path → bytes of the files in a packed archive or its exports."""
    with tarfile.open(HERE / name) as packed:
        return {member.name: packed.extractfile(member).read() for member in packed if member.isfile()}


def pack(name, files):
    """Write files (path → bytes) as a tar.xz, always the same bytes for the same files."""
    with tarfile.open(HERE / name, "w:xz", preset=9) as packed:
        for path, data in sorted(files.items()):
            about = tarfile.TarInfo(path)
            about.size = len(data)
            packed.addfile(about, BytesIO(data))


def main(place, name, certificates=None):
    """Pack the archive in a folder, and what every command says of a copy of it."""
    source = Path(place)
    files = {str(path.relative_to(source)): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(source, folder / "archive")
        kept_beside = {CERTIFICATES: Path(certificates).read_bytes()} if certificates else {}
        for path, data in kept_beside.items():
            (folder / path).write_bytes(data)
        told = answers(folder, commands(folder))
    failed = [name for name, (code, _) in told.items() if code]
    if failed:
        sys.exit(f"these failed: {', '.join(failed)}")
    pack(f"{name}.tar.xz", files)
    pack(f"{name}.exports.tar.xz", kept_beside | {name: data for name, (_, data) in told.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
