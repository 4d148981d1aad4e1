"""Whether a page came whole that only its connection's end bounded: by how the host's other pages of its layout end.

Without a length and without chunks nothing tells a connection that was cut from one that was closed. Where the host
closes its pages with `</html>` and one lacks it, that one was cut; where it never does, nothing is said.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from archive.catalog.packing import unpacked
from archive.errors import KeyMissing
from archive.facts.addresses import host_of
from archive.facts.items import Capture
from archive.facts.outcomes import Outcome, Read
from archive.facts.record import Record
from archive.stores.store import Store
from archive.warc import warc
from crawler.pages import decoding
from pipelines.look import Look

_JUDGED: frozenset[Outcome | Read] = frozenset({"article", "soft_404", "extract_failed", "empty"})
_OWN: frozenset[Outcome | Read] = frozenset({"article", "listed"})
_LEAST, _ENOUGH, _NEAR = 2, 8, 20
_TAIL = 4096
"""Bytes behind which `</html>` may stand: counters and comments follow it on many pages."""
_ANY = ""
"""In place of a layout: all pages of the host."""


def ends(capture: Capture, body: bytes | None = None) -> bool:
    """Return whether a page's markup is closed at its end.

    `body` is the capture's with its content codings undone, where that was done before.
    """
    if body is None:
        try:
            body = decoding.content(capture.body, decoding.codings(capture))
        except decoding.DecodingError:
            return False
    return b"</html" in body[-_TAIL:].lower()


def is_unbounded(capture: Capture) -> bool:
    """Return whether a capture's headers state neither a length nor chunks, nor a packing that has an end."""
    return all(capture.header(name) is None for name in ("content-length", "transfer-encoding", "content-encoding"))


@dataclass(slots=True, kw_only=True)
class Endings:
    """How the pages of each host and layout end, in this run and in the archive."""

    db: sqlite3.Connection
    store: Store
    alone: bool = False
    """Whether others, elsewhere, may show how the host's pages end."""
    _seen: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

    def judge(self, look: Look, body: bytes | None = None) -> Look | None:
        """Return a look as it is, or `truncated` where its page lacks the end; None where too few others are known.

        What is returned is noted, to tell of others. `body` is that of the look's capture, unpacked (`ends`).
        """
        if look.capture is None or look.status != HTTPStatus.OK:
            return look
        if not look.capture.unbounded or look.outcome not in _JUDGED or ends(look.capture, body):
            self.note(look, body)
            return look
        closing = self._closes(look, host_of(look.capture.url))
        if closing is not None:
            self.note(look, body)
        if not closing:
            return None if closing is None else look
        detail = "the connection was closed, and the page lacks the end that the host's others of its layout have"
        return replace(look, outcome="truncated", reason="no_end", detail=detail, article=None)

    def last(self, look: Look) -> Look | None:
        """Return what a look comes to once all pages are known; None where others, elsewhere, have to tell."""
        return self.judge(look) or (None if self.alone else look)

    def note(self, look: Look, body: bytes | None = None) -> None:
        """Take in how an article's page or a listing ends: notices, walls and errors have a template of their own."""
        if look.capture is None or look.outcome not in _OWN:
            return
        host, closed = host_of(look.capture.url), ends(look.capture, body)
        self._seen.update((host, layout, closed) for layout in {_ANY, _layout(look)})

    def _closes(self, look: Look, host: str) -> bool | None:
        """Return whether the host closes its pages, of the look's layout where enough are known, else of any."""
        for layout in (_layout(look), _ANY):
            told = self._told(look.article_id or "0", host, layout)
            if sum(told.values()) >= _LEAST:
                return told[True] >= _LEAST and 4 * told[False] <= told[True]
        return None

    def _told(self, number: str, host: str, layout: str) -> Counter[bool]:
        seen = Counter({closed: self._seen[host, layout, closed] for closed in (True, False)})
        if sum(seen.values()) < _ENOUGH:
            seen.update(ends(one) for one in self._near(number, host, layout))
        return seen

    def _near(self, number: str, host: str, layout: str) -> Iterator[Capture]:
        """Yield stored captures of the articles next to one in number, on that host and of that layout."""
        for sign, order in (("<", "DESC"), (">", "ASC")):
            rows = self.db.execute(
                f"SELECT packed FROM records WHERE article_id {sign} ? ORDER BY article_id {order} LIMIT ?",
                (int(number), _NEAR),
            )
            records: list[Record] = [unpacked(data) for (data,) in rows]
            alike = [r for r in records if r["mirror"] == host and layout in (_ANY, r["extraction"]["layout"])]
            for record in alike[: _ENOUGH // 2]:
                place = record["capture"]
                # One that is missing is for `scrapy verify` to tell.
                with suppress(KeyMissing):
                    capture = warc.decode(self.store.get_range(place["segment"], place["offset"], place["length"]))
                    yield from [capture] if capture else []


def _layout(look: Look) -> str:
    return look.article.layout if look.article is not None else _ANY
