"""A commit that would be too long for an entry of a bundle, as several: first its segments, then what it says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from archive.facts.canonical import canonical
from archive.log.chain import MOST_COMMIT, Draft, Head, Segment

_LONGEST = Head(seq=10**12 - 2, digest=f"sha256:{64 * 'f'}")
_WITH_SEGMENTS = frozenset(
    {"accept", "adopted", "archive", "backfill", "clock_apart", "clock_before", "outcomes", "replay"}
)
"""What of a summary is said of a batch, or of the commit before it. The rest is said of a whole crawl, at its end."""
_PIECE = 20_000
"""Bytes of one entry of what was learned, at most."""


def split(draft: Draft) -> list[Draft]:
    """Return drafts that come to the same, none of 60,000 bytes or more as far as that can be; mostly the draft itself.

    Segments of one batch stay together. What was learned comes behind them, since it is noted of what they hold, and
    what is said of the whole crawl last, where it is looked for.
    """
    if _fits(draft):
        return [draft]
    summary = dict(draft.summary)
    learned, unpacked = summary.pop("learned", {}), summary.pop("unpacked", {})
    always = {"outcomes": {}} | {name: summary[name] for name in ("suspect",) if name in summary}
    first = {name: value for name, value in summary.items() if name in _WITH_SEGMENTS}
    last = {name: value for name, value in summary.items() if name not in first}
    bare = replace(draft, segments=[], summary=always)
    parts = [*_named(replace(bare, summary={**always, **first}), bare, draft.segments, unpacked)]
    parts += _learning(bare, learned)
    return [*parts, replace(bare, summary={**always, **last})] if last.keys() - always.keys() else parts


def _fits(draft: Draft) -> bool:
    return len(draft.at(_LONGEST)) < MOST_COMMIT


def _named(
    first: Draft, bare: Draft, segments: Sequence[Segment], unpacked: Mapping[str, int]
) -> Iterator[Draft]:  # fmt: skip
    held, draft = list[Segment](), first
    for _, batch in groupby(segments, key=_batch):
        more = [*batch]
        if held and not _fits(_naming(draft, [*held, *more], unpacked)):
            yield _naming(draft, held, unpacked)
            held, draft = [], bare
        held += more
    yield _naming(draft, held, unpacked)


def _naming(draft: Draft, segments: Sequence[Segment], unpacked: Mapping[str, int]) -> Draft:
    sizes = {one.key: unpacked[one.key] for one in segments if one.key in unpacked}
    summary = {**draft.summary, "unpacked": sizes} if sizes else draft.summary
    return replace(draft, segments=[*segments], summary=summary)


def _batch(segment: Segment) -> str:
    return segment.key.rpartition("/")[2].partition(".")[0]


def _learning(bare: Draft, learned: Mapping[str, Any]) -> Iterator[Draft]:
    def draft(told: Mapping[str, Any]) -> Draft:
        return replace(bare, summary={**bare.summary, "learned": told})

    held: dict[str, Any] = {}
    for piece in _pieces(learned):
        more = _joined(held, piece)
        if held and not _fits(draft(more)):
            yield draft(held)
            more = dict(piece)
        held = more
    if held:
        yield draft(held)


def _joined(held: Mapping[str, Any], piece: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(held)
    for name, value in piece.items():
        before = joined.get(name)
        if isinstance(value, list):
            joined[name] = [*(before or ()), *value]
        else:
            joined[name] = {**(before or {}), **value}
    return joined


def _pieces(learned: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entries of what was learned one by one, long ones in parts."""
    for name, value in learned.items():
        if isinstance(value, dict):
            yield from ({name: {host: told}} for host, told in value.items())
            continue
        for entry in value:
            # How many were edited alike is told of each of them, whatever part it stands in.
            whole = {**entry, "of": len(entry["articles"])} if name == "alike" and _is_long(entry) else entry
            yield from ({name: [part]} for part in _parts(whole))


def _parts(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not _is_long(entry):
        yield entry
        return
    name = max(("articles", "texts"), key=lambda name: len(canonical(entry.get(name, []))))
    values = entry.get(name, [])
    # One text so long that no commit can say it is left out: a hint less, and no crawl without an end.
    for half in (values[: len(values) // 2], values[len(values) // 2 :]) if len(values) > 1 else ():
        yield from _parts({**entry, name: half})


def _is_long(entry: Mapping[str, Any]) -> bool:
    return len(canonical(entry)) > _PIECE
