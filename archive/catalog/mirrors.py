"""What mirrors showed of an article: their texts, which are none of its versions."""

from dataclasses import dataclass
from datetime import datetime

from archive.catalog.articles import READ_LAST, Db, versions
from archive.catalog.packing import unpacked
from archive.errors import UsageError
from archive.facts.addresses import host_of
from archive.facts.names import stamp
from archive.facts.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorText:
    """One text that a mirror showed, from one capture."""

    host: str
    captured_at: str
    record: Record
    source: str | None
    """Whose capture it is; None for our own."""
    shows: int | None
    """The number of the article's version that reads the same; None for a text of the mirror's own."""


def mirrored(db: Db, article_id: str) -> list[MirrorText]:
    """Return the texts of an article that mirrors showed, as they stand now, in the order of time."""
    rows = db.execute(
        f"SELECT r.captured_at, r.source, r.packed, {READ_LAST} FROM records r WHERE r.article_id = ?1 AND EXISTS ("
        "SELECT 1 FROM checks c WHERE c.article_id = ?1 AND c.at = r.captured_at AND c.kind = 'mirror') "
        "GROUP BY r.captured_at, r.address, r.payload ORDER BY r.captured_at, r.address, r.payload",
        (int(article_id),),
    ).fetchall()
    known = {each.record["digests"]["version"]: each.number for each in versions(db, article_id)} if rows else {}
    return [
        MirrorText(
            host=host_of(record["url"]), captured_at=at, record=record, source=source,
            shows=known.get(record["digests"]["version"]),
        )
        for at, source, record in ((at, source, unpacked(data)) for at, source, data, _ in rows)
    ]  # fmt: skip


def mirror_text(db: Db, article_id: str, at: datetime) -> MirrorText:
    """Return the text that a mirror showed at exactly that instant (aware UTC). Raises UsageError for none."""
    found = [text for text in mirrored(db, article_id) if text.captured_at == stamp(at)]
    if not found:
        raise UsageError(
            f"no text of a mirror of {stamp(at)} for article {article_id}; see: scrapy history {article_id}"
        )
    return found[0]
