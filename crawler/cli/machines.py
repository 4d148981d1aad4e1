"""`--share N/T` and `--dask ADDRESS`, of every command that many machines may do: one place that reads them."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from archive.errors import UsageError
from archive.log.shares import MOST_SHARES
from archive.parallel.cluster import Cluster, connected
from crawler.cli.streams import tell
from crawler.crawl.program import program


def add_dask(parser: argparse.ArgumentParser, told: str) -> None:
    """Add `--dask`."""
    parser.add_argument("--dask", metavar="ADDRESS", help=told)


def check_dask(opts: argparse.Namespace) -> None:
    """Raise UsageError for `--dask` beside another way to the same end."""
    if opts.dask is None:
        return
    if opts.share is not None:
        raise UsageError("--share and --dask are two ways to one end; give one of them")
    if opts.processes != 1:
        raise UsageError("--dask works on its workers, however many there are; leave out --processes")


@contextmanager
def on_cluster(opts: argparse.Namespace) -> Iterator[Cluster | None]:
    """Give the cluster that `--dask` names, None where it was not given. Raises as `connected`."""
    if opts.dask is None:
        yield None
        return
    with connected(opts.dask, program) as cluster:
        if cluster.idle:
            tell("note: the scheduler has no workers yet; waiting for some (dask worker ADDRESS)")
        yield cluster


def share_named(text: str) -> tuple[int, int]:
    """Return `--share` as (which, of how many). Raises UsageError."""
    number, slash, of = text.partition("/")
    if slash and all(part.isascii() and part.isdecimal() and len(part) < 7 for part in (number, of)):
        found = int(number), int(of)
        if 1 <= found[0] <= found[1] <= MOST_SHARES:
            return found
    raise UsageError(f"--share {text!r} is no share; write 1/4, 2/4, 3/4 and 4/4 for the shares of four")
