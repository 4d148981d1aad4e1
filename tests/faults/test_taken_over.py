"""A host that is seized while it is crawled: what it answers for articles is no word of the outlet."""

import pytest

from archive.catalog import articles
from tests.faults.site import article, crawl, opened, outlet, site
from tests.outlet_server import page
from tests.test_one_judge import SEIZED

NONE = page(b"rien", status=404)


@pytest.mark.row("F-CON-41")
@pytest.mark.parametrize(("notice", "state"), [(page(SEIZED), "live"), (page(b"panne", status=500), "gone")])
def test_a_notice_at_one_article_voids_the_absence_of_another(tmp_path, notice, state):
    """The last commit says from when on; beside a mere failure a 404 is an absence."""
    answers = {1: [page(article(1)), notice], 2: [page(article(2)), NONE]}
    with outlet(tmp_path, site(answers)) as (_, project):
        crawl(project)
        crawl(project, "-a", "recheck=all")
        with opened(project) as archive:
            found = articles.state(archive.catalog.db, "2")
            newest = archive.log.read(archive.catalog.head().seq).summary

    assert found == state
    assert ("learned" in newest) == (state == "live")
