"""A file's pages read ahead by several processes, while one takes them in, in the order of the file.

What is read of a page depends on its capture alone. All else, what is known, what came before, stays where it was.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee

from archive.errors import IntegrityError
from archive.facts.items import Capture
from archive.parallel.workers import in_order
from archive.warc.exchanges import WarcRecord, exchanges
from archive.warc.warc import Revisit
from crawler.backfill import steps
from crawler.backfill.bounds import Bounds
from crawler.backfill.tally import Skip
from crawler.net.wrapped import unwrapped
from crawler.reread.chains import Chain
from pipelines.look import Look

LEAST_BYTES = 2**22
"""Smaller files are read in less time than processes need to begin."""

_Seen = Look | Skip | None


@dataclass(slots=True, kw_only=True)
class Foresight:
    """What the next page of a file was read as."""

    processes: int
    bounds: Bounds
    knows: Callable[[Capture], bool]
    """Whether a capture is archived already, so that nobody need read it."""
    _ahead: Iterator[tuple[int, Capture | None, _Seen]] | None = None
    _next: tuple[Capture, _Seen] | None = None

    @contextmanager
    def over(self, records: Iterable[WarcRecord]) -> Iterator[None]:
        """Read ahead the pages among a file's records; `turn` is told of each exchange of the same file."""
        asked, told = tee(
            (response.offset, self._wanted(response, request)) for response, request in exchanges(records)
        )
        row = in_order(
            partial(_seen, self.bounds), (capture for _, capture in asked), processes=self.processes,
            name=lambda capture: capture.url if capture else "a record",
        )  # fmt: skip
        with closing(row):
            self._ahead = ((offset, capture, seen) for (offset, capture), seen in zip(told, row, strict=True))
            try:
                yield
            finally:
                self._ahead = self._next = None

    def turn(self, response: WarcRecord) -> None:
        """Go on to an exchange that is taken in next."""
        self._next = None
        if self._ahead is not None:
            offset, capture, seen = next(self._ahead, (-1, None, None))
            if offset == response.offset and capture is not None:
                self._next = capture, seen

    def of(self, chain: Chain) -> _Seen:
        """Return what a chain was read as; None where it was not read ahead, and is to be read now."""
        if self._next is None or len(chain) > 1:
            return None
        (capture,), (ahead, seen) = chain, self._next
        same = (capture.url, capture.captured_at, capture.payload) == (ahead.url, ahead.captured_at, ahead.payload)
        if not same or seen is None:
            return None
        return replace(seen, capture=capture) if isinstance(seen, Look) else seen

    def _wanted(self, response: WarcRecord, request: WarcRecord | None) -> Capture | None:
        if self.bounds.article(unwrapped(response.uri)[0]) is None:
            return None
        try:
            capture = steps.met(response, request).capture
        except IntegrityError:
            return None
        worth = not isinstance(capture, Revisit) and steps.usable(capture) is None and capture.status < 300
        return capture if worth and not self.knows(capture) else None


def _seen(bounds: Bounds, capture: Capture | None) -> _Seen:
    if capture is None:
        return None
    try:
        found = steps.look((capture,), bounds)
    except Exception:  # noqa: BLE001 - read once more at its turn, where it is told
        return None
    # Whoever asks has its bytes.
    return replace(found, capture=None) if isinstance(found, Look) else found
