"""What a row of each view holds: the one place that formats with columns take their names and types from.

What a row has beside these goes into one more column, as JSON, so that no field is lost and no column ever moves.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NotRequired, TypedDict, get_args, get_origin, get_type_hints, is_typeddict

from archive.facts.canonical import canonical
from archive.facts.outcomes import EventName, RemarkName, State
from archive.facts.record import Record

MORE = "more"
"""The column behind the others: what a row has beside them, as JSON; nothing where it has no more."""


class LatestRow(Record):
    """A row of latest and versions: a record, and where it stands."""

    source: str | None
    version: int
    versions: int
    state: State
    state_source: str | None
    first_seen: str
    last_seen: str | None
    last_look: str
    last_outcome: str
    edited_at: str | None
    begun_at: str
    last_at: str
    seen_at: str
    commit: int
    crawl: str
    view: str
    edition: str


class CountFields(TypedDict):
    """How much changed."""

    sentences_added: int
    sentences_removed: int
    sentences_reworded: int
    words_added: int
    words_removed: int


class TypeFields(TypedDict):
    """What kind of words changed, by which rule."""

    type: str
    rule: str
    revision: int


RewordedFields = TypedDict(
    "RewordedFields", {"from": str, "to": str, "marks": list[list[str]], "types": list[TypeFields]}
)
ChangeRow = TypedDict(
    "ChangeRow",
    {
        "article_id": str, "version": int, "headline": str, "url": str, "sections": list[str], "cite": str,
        "state": State, "from": str, "to": str, "fields": list[str], "silent": bool, "clocks": list[str],
        "running": NotRequired[list[str]], "not_before": NotRequired[str], "noise": str, "returns_to": int | None,
        "another_story": bool, "counts": CountFields, "source": str | None, "source_before": str | None,
        "added": list[str], "removed": list[str], "moved": list[str], "reworded": list[RewordedFields],
        "commit": int, "crawl": str, "schema": str, "view": str, "edition": str,
    },
)  # fmt: skip


class EventRow(TypedDict):
    """A row of events."""

    article_id: str
    event: EventName | RemarkName
    not_before: str | None
    not_after: str
    crawl: str
    detail: str
    headline: str
    url: str
    sections: list[str]
    cite: str | None
    state: State
    source: str | None
    source_before: str | None
    listing: NotRequired[str]
    from_text: NotRequired[str]
    to_text: NotRequired[str]
    commit: int
    schema: str
    view: str
    edition: str


class AlsoFields(TypedDict, total=False):
    """Another link of a listing to the same article."""

    text: str
    spot: str


class ShownFields(TypedDict, total=False):
    """A teaser, as a check has it."""

    text: str
    beside: str
    picture: str
    spot: str
    also: list[AlsoFields]


class CheckRow(TypedDict, total=False):
    """A row of checks; what says nothing is left out of it."""

    commit: int
    crawl: str
    at: str
    url: str
    kind: str
    outcome: str
    article_id: str
    status: int
    detail: str
    reason: str
    confirms: str
    payload: str
    etag: str
    last_modified: str
    section: str
    page: int
    listed: list[str]
    onward: str
    teasers: list[ShownFields]
    teasers_digest: str
    answered: str
    source: str
    line: int
    held: bool
    schema: str
    view: str
    edition: str


class PlacementRow(TypedDict, total=False):
    """A row of placements."""

    at: str
    section: str
    page: int
    rank: int
    article_id: str
    crawl: str
    commit: int
    teaser: str
    picture: str
    schema: str
    view: str
    edition: str


class ArticleCells(TypedDict):
    """A row of articles."""

    article_id: str
    url: str
    state: State
    state_source: str | None
    headline: str
    published: str | None
    captured_at: str | None
    first_seen: str
    last_seen: str | None
    last_look: str
    last_outcome: str
    absent_from: str | None
    versions: int
    edited_at: str | None
    schema: str
    view: str
    edition: str


class ReadingRow(Record):
    """A row of records."""

    source: str | None
    kind: str
    stands: bool
    commit: int
    crawl: str
    line: int
    view: str
    edition: str


class CaptureRow(TypedDict):
    """A row of captures."""

    url: str
    captured_at: str
    payload: str
    status: int
    segment: str
    offset: int
    length: int
    revisit: bool
    commit: int
    crawl: str
    source: str | None
    schema: str
    view: str
    edition: str


class NamedSegment(TypedDict):
    """A segment as a commit names it."""

    key: str
    kind: str
    bytes: int
    sha256: str
    lines: int


class CommitRow(TypedDict):
    """A row of commits; of what has names of its own there is the JSON."""

    commit: int
    digest: str
    previous: str | None
    committed_at: str
    crawl: str
    writer: Any
    segments: list[NamedSegment]
    summary: Any
    suspect: bool
    accepted: bool
    signed: bool
    timestamped: bool
    schema: str
    view: str
    edition: str


ROWS: Mapping[str, Any] = {
    "latest": LatestRow, "versions": LatestRow, "changes": ChangeRow, "events": EventRow, "checks": CheckRow,
    "placements": PlacementRow, "articles": ArticleCells, "records": ReadingRow, "captures": CaptureRow,
    "commits": CommitRow,
}  # fmt: skip
"""View → what its rows hold; a view that is not here has no columns."""
_OWN_INSTANTS = {"changes": frozenset({"from", "to"}), "articles": frozenset({"published"})}
INSTANTS: Mapping[str, frozenset[str]] = {
    view: frozenset(
        {
            "captured_at", "published.utc", "modified.utc", "first_seen", "last_seen", "last_look",
            "edited_at", "begun_at", "last_at", "seen_at", "not_before", "not_after", "at",
            "confirms", "committed_at", "absent_from", *_OWN_INSTANTS.get(view, ()),
        }
    )
    for view in ROWS
}  # fmt: skip
"""View → names of the texts in it that are instants (RFC 3339, UTC), where they are there."""


@cache
def fields_of(shape: Any) -> dict[str, Any]:
    """Return name → type of what a row, or a part of one, holds, in the order of its columns."""
    return get_type_hints(shape)


def is_fields(kind: Any) -> bool:
    """Return whether a type is a part with fields of its own."""
    return is_typeddict(kind)


def given(kind: Any) -> Any:
    """Return a type less the None that it allows."""
    kinds = [each for each in get_args(kind) if each is not type(None)]
    return kinds[0] if type(None) in get_args(kind) and len(kinds) == 1 else kind


def item_of(kind: Any) -> Any:
    """Return the type of a list's items, None where a type is no list."""
    return get_args(kind)[0] if get_origin(kind) is list else None


def leaves(shape: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (path, type) of each field of a row, those of its parts in their place."""
    for name, kind in fields_of(shape).items():
        inner = given(kind)
        if is_fields(inner):
            yield from leaves(inner, (*above, name))
        else:
            yield (*above, name), inner


def beside(view: str, row: Mapping[str, Any]) -> str | None:
    """Return what a row holds beside the fields of its view, as JSON; None where it holds no more."""
    known = fields_of(ROWS[view])
    more = {name: value for name, value in row.items() if name not in known}
    return canonical(more).decode() if more else None
