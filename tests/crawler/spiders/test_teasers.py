"""What listings show of articles, crawl after crawl: a headline that is softened on one of them alone is told."""

import re

import pytest

from demo.routes import Answer, route

HARDER, SOFTER = "Sous la mer d’Istrevan, la terre glisse", "Sous la mer d’Istrevan, la terre bouge"


def listed(project):
    """Return each look at a listing: the check, whether its teasers were stored, whether they were only named."""
    checks = [check for check in project.rows("checks") if check.get("listed") and check["kind"] != "sitemap"]
    return [(check, "teasers" in check, "teasers_digest" in check) for check in checks]


def told(project):
    return [event for event in project.rows("events") if event["event"].startswith("teaser")]


@pytest.mark.row("F-LST-01")
def test_a_headline_softened_on_the_front_page_alone(project, outlet):
    """One event, with listing, both texts and the two looks; no version, no other listing's event, and no request more."""
    first = project.report()
    unchanged = project.report()
    front = route(outlet.outlet, "/").text
    outlet.instead["/"] = Answer(text=front.replace(HARDER, SOFTER))
    softened = project.report()
    (event,) = told(project)
    looks = [row for row in project.rows("placements") if row["section"] == "front" and HARDER[:20] in row["teaser"]]

    assert (first["exit"], unchanged["exit"], softened["exit"]) == (0, 0, 0)
    assert front.count(HARDER) > 0
    assert (event["event"], event["listing"], event["article_id"]) == ("teaser_edited", "front", "777768")
    assert (event["from_text"][: len(HARDER)], event["to_text"][: len(SOFTER)]) == (HARDER, SOFTER)
    assert [event["not_before"], event["not_after"]] == [row["at"] for row in looks[-2:]]
    assert {row["version"] for row in project.rows("versions")} == {1}
    assert softened["requests"] == unchanged["requests"]


@pytest.mark.row("F-LST-03")
def test_an_unchanged_listing_leaves_a_digest(project):
    """The first crawl stores what each listing shows; one that finds it again, or gets a 304, only names it."""
    project.report()
    project.report("-a", "recheck=none")
    looks = listed(project)
    shown = [(row["section"], row["rank"], row["teaser"]) for row in project.rows("placements")]

    first = [look for look in looks if look[0]["commit"] == 1 and look[0]["status"] == 200]
    assert {(stored, named) for _, stored, named in first} == {(True, False)}
    assert {(stored, named) for *_, stored, named in looks if stored is False} == {(False, True)}
    assert sum(not stored for _, stored, _ in looks) == len(looks) - len(first) > 0
    assert all(teaser for _, _, teaser in shown)


@pytest.mark.row("F-LST-02")
def test_a_new_layout_of_the_front_page_softens_nothing(project, outlet):
    """Every headline gets its section in front of it at once: that is told by another word. Relative times are nothing."""
    project.report()
    front = route(outlet.outlet, "/").text
    headline = re.compile(r'(<a [^>]*href="?/Detail[^>]*>)(?=[^<])')
    outlet.instead["/"] = Answer(text=headline.sub(r"\1<span>il y a 5 minutes</span> ", front))
    project.report()
    moving = told(project)
    outlet.instead["/"] = Answer(text=headline.sub(r"\1Infos : ", front))
    project.report()

    assert moving == []
    assert {event["event"] for event in told(project)} == {"teaser_changed_together"}
