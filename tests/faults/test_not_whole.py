"""A page that came cut: kept with its reason, no version, and asked for again when its turn comes."""

import pytest

from archive.warc import warc
from tests.faults.site import TEXT, article, crawl, opened, outlet, path, rows, site
from tests.outlet_server import page

CUT = article(1).partition(b"gardiens")[0]
EDITED = (TEXT[0], "La lampe a été remontée par cinq anciens gardiens, à l’aide de lentilles neuves.")
AGAIN = ("-a", "recheck=all")


@pytest.mark.row("F-OUT-11")
def test_a_page_that_was_cut_is_kept_and_no_version(tmp_path):
    """Two crawls of the second article meet a cut body; the first one's true edit is told, and so is the second's."""
    whole = [page(article(1)), page(article(1, text=EDITED))]
    cut = [page(article(2)), *[page(CUT, length=len(CUT) + 9)] * 4, page(article(2, text=EDITED))]
    with outlet(tmp_path, site({1: whole, 2: cut})) as (_, project):
        crawl(project)
        second = crawl(project, *AGAIN)
        with opened(project) as archive:
            segment, offset, length = archive.catalog.db.execute(
                "SELECT c.segment, c.offset, c.length FROM captures c JOIN checks l ON l.at = c.captured_at "
                "WHERE l.outcome = 'truncated'"
            ).fetchone()
            kept = warc.decode(archive.store.get_range(segment, offset, length))
        crawl(project, *AGAIN)
        last = crawl(project, *AGAIN)
        told = [(e["article_id"], e["event"]) for e in rows(project, "events") if e["event"] != "discovered"]
        looks = [(c["outcome"], c.get("reason")) for c in rows(project, "checks") if c["url"].endswith(path(2))]

    assert second.report["exit"] == 3
    assert (kept.body, kept.truncated) == (CUT, "disconnect")
    assert looks == [("new", None), ("truncated", "disconnect"), ("truncated", "disconnect"), ("changed", None)]
    assert told == [("1", "silently_edited"), ("2", "silently_edited")]
    assert last.versions == {"1": 2, "2": 2}
