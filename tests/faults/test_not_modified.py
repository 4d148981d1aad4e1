"""A 304 confirms what was asked about, and nothing where nothing was asked."""

import pytest

from tests.faults.site import article, crawl, outlet, path, rows, site
from tests.outlet_server import page

NOT_MODIFIED = page(b"", status=304)
TAGGED = 'ETag: "a"'


@pytest.mark.row("F-CON-21")
def test_a_304_that_no_condition_asked_for_says_nothing(tmp_path):
    """Its article was not seen; where the tag was sent, the same answer confirms the text."""
    answers = {1: [page(article(1)), NOT_MODIFIED], 2: [page(article(2), TAGGED), NOT_MODIFIED]}
    with outlet(tmp_path, site(answers)) as (_, project):
        crawl(project)
        second = crawl(project, "-a", "recheck=all")
        looks = [c for c in rows(project, "checks") if c["kind"] == "article"]
        told = {n: [(c["outcome"], c.get("confirms")) for c in looks if c["url"].endswith(path(n))] for n in (1, 2)}

    assert told[1] == [("new", None), ("http_error", None)]
    assert [outcome for outcome, _ in told[2]] == ["new", "unchanged"]
    assert told[2][1][1] is not None
    assert second.report["exit"] == 3
