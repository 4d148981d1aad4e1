"""The ledger of a crawl: every request ends in exactly one outcome, and the exit code follows from them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.facts.outcomes import OUTCOMES, Kind, Outcome
from crawler.crawl.brake import Brake

# What could not be looked at: exit 3. A 404, a redirect off the outlet or a rule of robots.txt is an answer.
_UNSEEN: frozenset[Outcome] = frozenset(
    {
        "http_error", "timeout", "conn_error", "dns_error", "tls_error", "too_large", "bomb", "truncated",
        "ssrf_blocked", "lost", "not_attempted", "parse_incomplete", "extract_failed", "empty", "challenge",
        "storage_failed", "not_observed",
    }
)  # fmt: skip
_UNREACHABLE: frozenset[Outcome] = frozenset(
    {"http_error", "timeout", "conn_error", "dns_error", "tls_error", "ssrf_blocked", "truncated", "not_attempted"}
)
_REFUSED: frozenset[Outcome] = frozenset({"robots_denied", "challenge"})
_UNREADABLE: frozenset[Outcome] = frozenset({"extract_failed", "empty", "parse_incomplete"})
_ASIDE: frozenset[Kind] = frozenset({"mirror", "probe", "sitemap"})
_MOST_WALLS = 3


@dataclass(slots=True)
class Ledger:
    """The requests of one crawl, by the address first asked, and how each ended."""

    seeds: set[str] = field(default_factory=set)
    """Addresses without which nothing is reached: the front page and the listings' first pages."""
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _ends: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    signal: int | None = None
    """The signal that ended the crawl early, if one did."""
    closed_by: str = "finished"
    """Scrapy's reason, `storage_failed`, `refused`, or `killed` while it is not known."""
    failure: tuple[int, str] | None = None
    """Exit code and message of an error that ended the crawl."""
    left_by_limit: int = 0
    """Articles not asked for because of the limit."""
    read_by_first_choice: int = 0
    read_by_fallback: int = 0
    emptied: set[str] = field(default_factory=set)
    """Sections that list nothing, though a complete walk saw articles there before."""
    passed_over: dict[str, set[str]] = field(default_factory=dict)
    """Folder, such as `/Photo/` → addresses there that main lists name and that are no articles'."""
    sitemaps: Counter[str] = field(default_factory=Counter)
    """What the sitemaps came to: files read and left, articles named, new and left."""
    brake: Brake = field(default_factory=Brake)
    """What the re-checks of known articles came to."""
    refused: bool = False
    """Whether the outlet turned the crawl away: three walls in a row, or a wait longer than the cap."""
    why: str = ""
    """How it did that."""
    _walls: Counter[Kind] = field(default_factory=Counter)

    def schedule(self, url: str, kind: Kind, *, seed: bool = False) -> None:
        """Note that a request of this kind (article, section, front, feed) will be made for `url`."""
        self._kinds.setdefault(url, kind)
        if seed:
            self.seeds.add(url)

    def known(self, url: str) -> bool:
        """Return whether `url` was scheduled in this crawl."""
        return url in self._kinds

    def end(self, url: str, outcome: Outcome, detail: str = "") -> None:
        """Note how the request for `url` ended; the first word stands. Raises ValueError for no outcome."""
        if outcome not in OUTCOMES:
            raise ValueError(f"no such outcome: {outcome}")
        if url in self._kinds and url not in self._ends:
            self._ends[url] = (outcome, detail)
            self.brake.end(url, outcome)
            kind = self._kinds[url]
            # In a row among their kind: an open listing between walled articles is no sign of peace.
            self._walls[kind] = self._walls[kind] + 1 if outcome == "challenge" else 0
            if self._walls[kind] >= _MOST_WALLS:
                self._refuse(kind, f"challenge page on {self._walls[kind]} consecutive requests")

    def wait(self, kind: Kind, seconds: int) -> None:
        """Note that the outlet asks, in place of an answer, to wait longer than RETRY_AFTER_CAP."""
        self._refuse(kind, f"it asks to wait {seconds} s, longer than RETRY_AFTER_CAP")

    def _refuse(self, kind: Kind, why: str) -> None:
        if kind != "mirror" and not self.refused:
            self.refused, self.why = True, why

    def fail(self, code: int, message: str) -> None:
        """Note the error that ended the crawl, as exit code and message; the first one stands."""
        self.failure = self.failure or (code, message)

    def spoil(self, url: str, outcome: Outcome, detail: str) -> None:
        """Note an error of ours over whatever was said of `url` before: it must not pass for a success."""
        self._ends.pop(url, None)
        self.end(url, outcome, detail)

    def close(self) -> tuple[str, ...]:
        """Give each open request its outcome (`not_attempted` when the crawl was cut, else `lost`); return them."""
        whole = self.closed_by == "finished" and self.signal is None
        outcome: Outcome = "lost" if whole else "not_attempted"
        left = tuple(url for url in self._kinds if url not in self._ends)
        for url in left:
            self._ends[url] = (outcome, self.closed_by)
        return left

    def outcome(self, url: str) -> Outcome | None:
        """Return the outcome of `url`, or None while it is open."""
        end = self._ends.get(url)
        return end[0] if end else None

    def counts(self, kind: Kind | None = None) -> Mapping[str, int]:
        """Return outcome → number, sorted by name, over all requests or those of one kind."""
        rows = ((url, end[0]) for url, end in self._ends.items() if kind in (None, self._kinds[url]))
        return dict(sorted(Counter(outcome for _, outcome in rows).items()))

    def scheduled(self) -> int:
        """Return how many requests were scheduled; equal to the sum of `counts()` once closed."""
        return len(self._kinds)

    def failures(self) -> list[tuple[str, Outcome, str]]:
        """Return (url, outcome, detail) of what could not be looked at.

        Of mirrors, sitemaps and made-up addresses it is a finding.
        """
        ends = ((url, *end) for url, end in self._ends.items() if self._kinds[url] not in _ASIDE)
        return [(url, outcome, detail) for url, outcome, detail in ends if outcome in _UNSEEN]

    def ends(self, kind: Kind) -> list[tuple[str, Outcome, str]]:
        """Return (url, outcome, detail) of each request of a kind that ended."""
        return [(url, *end) for url, end in self._ends.items() if self._kinds[url] == kind]

    def passed_over_by_kind(self) -> dict[str, int]:
        """Return folder → how many addresses there were passed over, sorted by name."""
        return {kind: len(urls) for kind, urls in sorted(self.passed_over.items())}

    def drifted(self) -> bool:
        """Return whether the first-choice layouts failed on more than a fifth of the pages, five pages at least."""
        read = self.read_by_first_choice + self.read_by_fallback
        return read >= 5 and self.read_by_fallback * 5 > read

    def exit_code(self) -> int:
        """Return the exit code of a closed ledger: the gravest of what happened (docs/commands.md has the table)."""
        if self.failure:
            return self.failure[0]
        if self.signal is not None:
            return 128 + self.signal
        if unreached := self._unreached():
            return unreached
        if self.brake.pulled or self.drifted() or self.emptied:
            return 6
        if self.left_by_limit or self._cut_by_limit():
            return 14
        return 3 if self.failures() else 0

    def unreached(self) -> str:
        """Return why the outlet could not be crawled at all, for exit codes 5 and 7; empty for every other crawl."""
        code = self.exit_code()
        if code not in (5, 7):
            return ""
        if self.refused:
            return f"refused: {self.why}"
        outcome, detail = [end for url, end in self._ends.items() if url in self.seeds][-1]
        name, state = ("outlet-down", "reachable") if code == 5 else ("refused", "open")
        return f"{name}: 0 of {len(self.seeds)} ways in {state} (last: {outcome}: {detail})"

    def _cut_by_limit(self) -> bool:
        return self.closed_by.startswith(("closespider_", "memusage_"))

    def _unreached(self) -> int:
        seeds = {self.outcome(url) for url in self.seeds}
        if self._cut_by_limit():
            seeds.discard("not_attempted")
        if self.refused:
            return 7
        if not seeds or not seeds <= _REFUSED | _UNREACHABLE | _UNREADABLE:
            return 0
        if seeds & _REFUSED:
            return 7
        return 6 if seeds & _UNREADABLE else 5
