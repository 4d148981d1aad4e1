"""What an exported line is, of today and of before, and what is to be known of it before it is read whole."""

from typing import Annotated, Any, Literal, Self

import msgspec

from archive.errors import ConfigurationError
from archive.exported.lines import ExportedLine
from archive.exporters import manifest, marks
from archive.facts.names import instant, stamp
from archive.facts.record import SCHEMA

RowKind = Literal["record", "check", "commit", "article", "manifest", "derived"]
_BY_SCHEMA: dict[str, RowKind] = {
    SCHEMA: "record",
    marks.SCHEMAS["checks"]: "check",
    marks.SCHEMAS["commits"]: "commit",
    marks.SCHEMAS["articles"]: "article",
    manifest.SCHEMA: "manifest",
    **dict.fromkeys(
        (marks.GONE, *(marks.SCHEMAS[view] for view in ("changes", "events", "placements", "captures"))), "derived"
    ),
}
_MORE = Any
# As a commit's key has them; the table of lines takes no longer ones than twice that.
_Number = Annotated[int, msgspec.Meta(ge=0, lt=10**12)]


class _Digests(msgspec.Struct):
    payload: str = ""


class _Extraction(msgspec.Struct):
    revision: _Number = 0


class LineFacts(msgspec.Struct, kw_only=True):
    """The fields of a line that say where it belongs; those of other views are left out."""

    schema: str | None = None
    view: str | None = None
    edition: str | None = None
    article_id: str | None = None
    captured_at: str | None = None
    at: str | None = None
    url: str | None = None
    kind: str | None = None
    outcome: str | None = None
    commit: _Number = 0
    crawl: str = ""
    digest: str | None = None
    line: _Number | None = None
    held: bool = False
    source: str | None = None
    state: str | None = None
    first_seen: str | None = None
    absent_from: str | None = None
    last_seen: str | None = None
    digests: _Digests = msgspec.field(default_factory=_Digests)
    extraction: _Extraction = msgspec.field(default_factory=_Extraction)
    event: _MORE = None
    not_after: _MORE = None
    fields: _MORE = None
    to: _MORE = None
    rank: _MORE = None
    section: _MORE = None
    rows: _MORE = None

    @classmethod
    def of(cls, line: ExportedLine) -> Self:
        """Read a line as far as that. Raises ConfigurationError (4) naming file and line for what is no JSON object."""
        try:
            return msgspec.json.decode(line.data, type=cls)
        except msgspec.ValidationError as error:
            what = "no JSON object" if "`object`" in str(error) and "$" not in str(error) else f"not of ours ({error})"
            raise ConfigurationError(f"{line.place}: {what}; give files that scrapy export jsonl wrote") from error
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(
                f"{line.place}: no JSON; give files that scrapy export jsonl wrote, whole"
            ) from error

    def wrong(self) -> str:
        """Return what is wrong with when the article was seen; empty where nothing is."""
        for at in (self.first_seen, self.last_seen, self.absent_from):
            try:
                if at is not None and stamp(instant(at)) != at:
                    return f"{at!r} is no instant as rows have it"
            except (ValueError, OverflowError) as error:
                return f"it has no instant: {error}"
        return ""

    def told(self, place: str) -> RowKind:
        """Return what the line is. Raises ConfigurationError (4) for what no export of this program holds."""
        if self.schema is not None and self.schema in _BY_SCHEMA:
            return _BY_SCHEMA[self.schema]
        if self.schema is None and None not in (self.at, self.url, self.kind, self.outcome):
            return "check"
        derived = (
            (self.event, self.not_after),
            (self.to, self.fields),
            (self.rank, self.section),
            (self.article_id, self.rows),
        )
        if self.schema is None and any(None not in names for names in derived):
            return "derived"
        what = f"of {self.schema!r}" if self.schema else "that no view of ours has"
        raise ConfigurationError(f"{place}: a row {what}; give files that this program's scrapy export jsonl wrote")
