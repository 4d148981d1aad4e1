"""The closed words of the archive: how a look can end, of what kind it is, what an article's state and its events are.

Whatever is compared, looked up or counted by these words takes them from here; SQL gets the sets as parameters.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

Outcome = Literal[
    "new", "changed", "unchanged", "gone", "redirected_offsite", "robots_denied", "http_error", "timeout", "conn_error",
    "dns_error", "tls_error", "too_large", "bomb", "truncated", "parse_incomplete", "soft_404", "challenge", "empty",
    "extract_failed", "duplicate", "filtered", "ssrf_blocked", "storage_failed", "not_attempted", "lost", "listed",
    "not_observed",
]  # fmt: skip
"""How one look ended."""
Read = Literal["article"]
"""Of a look whose page was read as an article, until it is judged."""
Reason = Literal[
    "", "seized", "parked", "wall", "front_page", "another_page", "made_up_alike", "retry_after", "unreachable",
    "redirect_loop", "doubtful_notice", "disconnect", "packing", "capturer", "no_end",
]  # fmt: skip
"""What an outcome came from, where the program asks: stored beside `detail`, which is for people."""
Kind = Literal["article", "section", "front", "feed", "robots", "mirror", "probe", "sitemap", "other"]
"""What was looked at; `mirror` is a parity look at another host, `probe` at a made-up address."""
Keep = Literal["capture", "revisit", "drop"]
"""What becomes of a look's capture: kept whole, kept as a revisit of the same payload, or let go."""
State = Literal["live", "gone", "removed", "unread"]
"""An article's: there, absent at its last look, absent for six hours or more, never read."""
EventName = Literal[
    "discovered", "edited", "silently_edited", "headline_edited", "date_changed", "image_changed", "soft_removed",
    "removed", "restored", "moved", "slug_changed", "mirrored", "mirror_diverged", "identity_break", "host_lost",
    "edited_together", "teaser_edited", "teaser_changed_together",
]  # fmt: skip
"""What can happen in an article's life."""
RemarkName = Literal["not_found", "waits", "layout", "not_observed", "teaser_rotates"]
"""What is no event but worth a word."""
ShiftKind = Literal["image_changed", "layout", "mirror_diverged"]
"""What changes from one capture to the next beside the versions."""
Rotating = Literal["counter", "relative", "replacement", "rotating"]
"""Kinds of noise that nobody edited: a counter, a distance in time, letters lost to U+FFFD, what takes turns."""
SpotKind = Literal["number", "text"]
"""How a rotating spot is told: by the form of a block that holds a number, or by the texts that take turns there."""
SegmentKind = Literal["warc", "index", "records", "checks"]

ROTATING: frozenset[Rotating] = frozenset(get_args(Rotating))
SPOT_KINDS: frozenset[SpotKind] = frozenset(get_args(SpotKind))
OUTCOMES: frozenset[Outcome] = frozenset(get_args(Outcome))
KINDS: frozenset[Kind] = frozenset(get_args(Kind))
REASONS: frozenset[Reason] = frozenset(get_args(Reason))
STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[EventName, ...] = get_args(EventName)
REMARKS: tuple[RemarkName, ...] = get_args(RemarkName)

LISTINGS: frozenset[Kind] = frozenset({"section", "front", "feed"})
"""Where articles stand in an order."""
SEEN: frozenset[Outcome] = frozenset({"new", "changed", "unchanged"})
"""The article was there."""
ABSENT: frozenset[Outcome] = frozenset({"gone", "soft_404"})
"""The outlet said that there is none."""
STRUCK: frozenset[Outcome] = ABSENT | {"changed"}
"""What the brake counts, and what waits where it was pulled."""
CUT_OFF: frozenset[Outcome] = frozenset({"dns_error", "conn_error"})
"""The host has no name, or does not answer."""
TAKEN_OVER: frozenset[Reason] = frozenset({"seized", "parked"})
"""The host is somebody else's: what it shows says nothing about the outlet's articles."""

# Checks written by versions before 0.2.0 have no reason; how their details began says it.
_BEFORE_REASONS: tuple[tuple[Outcome, str, Reason], ...] = (
    ("challenge", "seized", "seized"),
    ("challenge", "parked", "parked"),
    ("challenge", "", "wall"),
    ("soft_404", "a made-up address is answered alike", "made_up_alike"),
    ("soft_404", "redirected to the front page", "front_page"),
    ("soft_404", "redirected to http", "another_page"),
    ("robots_denied", "unreachable", "unreachable"),
    ("http_error", "retry_after", "retry_after"),
    ("not_attempted", "retry_after", "retry_after"),
    ("http_error", "redirect_loop", "redirect_loop"),
)


def reason_of(check: Mapping[str, Any]) -> Reason:
    """Return the reason of a stored check, from its detail where it was written before there were reasons."""
    if "reason" in check:
        stated: Reason = check["reason"]
        return stated
    outcome, detail = check["outcome"], check.get("detail", "")
    return next((why for of, began, why in _BEFORE_REASONS if outcome == of and detail.startswith(began)), "")
