"""How much memory and time `scrapy verify` takes for a large archive: `python -m benchmarks.verifying [MEBIBYTES]`.

The archive is made in a temporary folder by the functions that a crawl uses, of pages that hardly compress, in segments
of the size at which a crawl closes its batches.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.facts.canonical import digest
from archive.facts.items import Article, Capture, Check
from archive.facts.names import batch_id
from archive.facts.record import build
from archive.log import batch as batches
from archive.log.batch import Batch
from archive.log.chain import EMPTY, Log
from archive.log.spool import Spool
from archive.stores.opening import open_store
from benchmarks.archives import WRITER
from benchmarks.peak import peak, watched

ROOT = Path(__file__).parent.parent
SEGMENT = 32
"""Mebibytes."""
PAGES = 200
_START = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One verification in a process of its own."""

    verified: int
    """Bytes of segments that were read."""
    seconds: float
    peak: int
    """The most memory that the process held, in bytes."""


def measure(mebibytes: int) -> Found:
    """Make an archive of that size, verify it, and return what that took."""
    with TemporaryDirectory() as folder:
        fill(Log(open_store(f"file:{folder}/archive")), Path(folder), -(-mebibytes // SEGMENT))
        places = {"ARCHIVE_URI": f"file:{folder}/archive", "CATALOG_PATH": f"{folder}/c", "SPOOL_DIR": f"{folder}/s"}
        options = [part for name, value in places.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "verify", *options, "--json"]
        noted, environment = Path(folder) / "peak", {**os.environ, "PYTHONPATH": str(ROOT)}
        began = time.perf_counter()
        done = subprocess.run(watched(command, noted), cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - began
        report = json.loads(done.stdout)
        assert report["whole"], report["problems"][:3]
        return Found(verified=report["bytes"], seconds=seconds, peak=peak(noted))


def fill(log: Log, folder: Path, segments: int) -> None:
    """Write an archive of that many segments, each with its index, records and checks."""
    log.create(edition="invented", version="1")
    head, size = EMPTY, SEGMENT * 2**20 // PAGES
    for number in range(segments):
        moment = _START + timedelta(minutes=number)
        name = batch_id(moment, "benchmark-00000001", number)
        batch = Batch(batch_id=name, crawl="benchmark", opened_at=moment, spool=Spool.create(folder / "spool", name))
        for capture in _captures(number, moment, size):
            batch.spooled(capture)
            article = Article(article_id=str(700_000 + number), url=capture.url, headline="Un bac", body=("Un pont.",))
            batch.records.append((build(article, capture, mirror="127.0.0.1", revision=1), capture))
            batch.checks.append(Check(at=moment, url=capture.url, kind="article", outcome="new", status=200))
        clock = partial(_START.__add__, timedelta(minutes=number))
        made = batches.commit(batch, log, head=head, writer=WRITER, summary={}, clock=clock)
        head = made.head
        assert batch.spool is not None
        batch.spool.delete()


def _captures(number: int, moment: datetime, size: int) -> Iterator[Capture]:
    noise = random.Random(number)
    for page in range(PAGES):
        body = noise.randbytes(size)
        url = f"http://127.0.0.1/Detail/2026/11/24/{700_000 + number}/{page}"
        yield Capture(
            url=url, captured_at=moment, status=200, body=body, payload=digest(body),
            request_headers=((b"Host", b"127.0.0.1"),), response_headers=((b"Content-Type", b"text/html"),),
        )  # fmt: skip


if __name__ == "__main__":
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{found.verified / 2**20:.0f} MiB verified in {found.seconds:.1f} s, at most {found.peak / 2**20:.0f} MiB held"
    )
    print(f"(this process, which made the archive: {own} MiB)", file=sys.stderr)
