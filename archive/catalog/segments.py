"""The segments that the log names, as the catalog has them: nobody has to read the commits again."""

from collections.abc import Iterator

from archive.catalog.articles import Db
from archive.facts.outcomes import SegmentKind
from archive.log.chain import Segment


def segments(db: Db, kind: SegmentKind, since: int = 0) -> Iterator[tuple[int, Segment, int]]:
    """Yield (commit, segment, bytes to which it may unpack) of those of a kind past a commit, in the log's order."""
    rows = db.execute(
        "SELECT seq, key, bytes, sha256, lines, most FROM segments WHERE kind = ? AND seq > ? ORDER BY seq, place",
        (kind, since),
    ).fetchall()
    for seq, key, size, sha256, lines, most in rows:
        yield seq, Segment(key=key, kind=kind, bytes=size, sha256=sha256, lines=lines), most
