"""`scrapy prove ID[@TIME]`: write what proves a version to somebody without the archive."""

import argparse
import sys
from pathlib import Path

from archive.catalog.articles import article_row
from archive.catalog.naming import named_version
from archive.errors import NoSpace, StorageError
from archive.facts.canonical import parse
from archive.stores.room import FULL
from archive.texts.terminal import printable
from archive.trust.proof import prove
from archive.trust.verify import digest_of
from crawler.cli.command import ArchiveCommand, told_by
from crawler.cli.shown import lines_of


class Command(ArchiveCommand):
    """Write a proof."""

    words = "[--head DIGEST] [-o PATH] ID[@TIME]"
    says = "Write a proof of one version, checked offline by docs/check_proof.py"
    examples = (
        ("711958", "of the newest version"),
        ("-o proof.json 711958@2026-11-24", "of the one that stood on a day"),
    )
    takes = (1, 1)
    prints_data = False

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""
        parser.add_argument("-o", "--output", metavar="PATH", help="file (default: proof-ID-INSTANT.json)")
        parser.add_argument("--head", metavar="DIGEST", help="end at a head that was published (default: today's)")

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the proof and say how to check it."""
        archive = self.archive()
        db, zone = archive.catalog.db, archive.catalog.vocabulary.zone
        version = named_version(db, self.named(archive, args[0]), zone)
        name = f"proof-{version.article_id}-{_fit_for_files(version.record['captured_at'])}.json"
        path = Path(self.placed(opts.output or name))
        data = prove(archive, version.record, digest_of(opts.head))
        text = path.with_suffix(".txt" if path.suffix != ".txt" else ".read.txt")
        try:
            path.write_bytes(data)
            lines = lines_of(version, article_row(db, version.article_id), zone)
            text.write_text("".join(f"{printable(line)}\n" for line in lines), encoding="utf-8")
        except OSError as error:
            kind = NoSpace if error.errno in FULL else StorageError
            raise kind(f"cannot write the proof {path}: {error.strerror}; name a place with -o") from error
        head = parse(data)["head"]
        print(f"{path}: {version.cite} up to commit {head['seq']}, {told_by(version.source)}", file=sys.stderr)
        print(f"{text}: the same to read", file=sys.stderr)
        print(f"check it: python3 docs/check_proof.py {path} --head {head['digest']}", file=sys.stderr)


def _fit_for_files(at: str) -> str:
    # No colon: Windows has none in a name.
    return at.replace("-", "").replace(":", "")
