"""What a commit's summary must be where readers rely on it: walks, and what was learned of many articles together."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from archive.facts.names import instant

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number as the catalog can hold it."""
Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}\Z")]
"""An article's number; those of the first archives may begin with zeros."""


class _Deep(msgspec.Struct, kw_only=True):
    begun: str
    page: Count
    url: str | None = None
    ended: str = ""


class _Walk(msgspec.Struct, kw_only=True):
    complete: bool
    pages: Count
    deep: _Deep | None = None


class _Stretch(msgspec.Struct, kw_only=True):
    after: str
    first: str
    last: str
    until: str | None
    reason: str


class _Spot(msgspec.Struct, kw_only=True):
    kind: str
    layout: str
    texts: list[str]
    articles: list[Number]


class _Alike(msgspec.Struct, kw_only=True):
    before: str = msgspec.field(name="from")
    after: str = msgspec.field(name="to")
    articles: list[Number]
    of: Count = 0


class _Running(msgspec.Struct, kw_only=True):
    clocks: dict[str, Count]
    since: str


class _Learned(msgspec.Struct, kw_only=True):
    taken_over: dict[str, list[_Stretch]] = msgspec.field(default_factory=dict)
    rotating: list[_Spot] = msgspec.field(default_factory=list)
    alike: list[_Alike] = msgspec.field(default_factory=list)
    running: dict[str, _Running] = msgspec.field(default_factory=dict)


class _Summary(msgspec.Struct, kw_only=True):
    outcomes: dict[str, Count] = msgspec.field(default_factory=dict)
    requests: dict[str, Count] = msgspec.field(default_factory=dict)
    exit: Count | None = None
    closed_by: str = ""
    sections: dict[str, _Walk] = msgspec.field(default_factory=dict)
    learned: _Learned = msgspec.field(default_factory=_Learned)


def wrong_summary(summary: Mapping[str, Any]) -> str:
    """Return why readers can't make sense of a commit's summary; empty where they can.

    Entries that nobody here knows are passed over: a later program may have added them.
    """
    try:
        told = msgspec.convert(summary, _Summary)
        for deep in (walk.deep for walk in told.sections.values() if walk.deep):
            instant(deep.begun)
            urlsplit(deep.url or "")
    except (TypeError, ValueError, OverflowError) as error:
        return f"its summary is none: {error}"
    return ""
