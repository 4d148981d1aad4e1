"""Lives brought together from the catalog."""

import pytest

from archive.catalog import articles, events
from archive.facts.names import stamp
from tests import facts

AWAY = facts.url_of(9)
LED = {
    "saw the article": ({"outcome": "unchanged"}, True),
    "found another text": ({"outcome": "changed"}, True),
    "another article": ({"outcome": "soft_404", "reason": "another_page"}, False),
    "consent": ({"outcome": "not_observed", "reason": "another_page"}, False),
    "a wall": ({"outcome": "challenge", "reason": "wall"}, False),
    "an error": ({"outcome": "http_error"}, False),
    "nothing there": ({"outcome": "gone"}, False),
}


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(("look", "adopted"), LED.values(), ids=LED)
def test_an_address_is_adopted_from_a_look_that_saw_the_article(look, adopted):
    """Whatever else answers elsewhere, the article's own address is the one that is asked again."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.saw(1, 60, answered=AWAY, **look))

    assert articles.article_row(facts.folded(log).catalog.db, "1").url == (AWAY if adopted else facts.url_of(1))


@pytest.mark.row("F-CON-01")
def test_what_is_not_observed_is_no_absence_and_no_sight():
    """A page in the way at every look: the article stays live, no event comes of it, and its last sight stays."""
    log = facts.new_log()
    away = [facts.saw(1, minute, "not_observed", reason="another_page") for minute in (60, 600, 1200)]
    facts.write(log, facts.read(1, 0), *away)
    db = facts.folded(log).catalog.db
    article = articles.article_row(db, "1")

    assert (article.state, article.last_seen, article.last_outcome) == ("live", stamp(facts.at(0)), "not_observed")
    assert [event["event"] for event in events.events_of(db, 1)] == ["discovered"]


def test_a_life_from_the_catalog():
    """Looks, versions and shifts of one article, with the crawl that saw them and the commit that proves them."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, layout="classic"), crawl="one")
    facts.write(log, facts.read(1, 60, facts.TEXTS[1], outcome="changed", layout="generic"), crawl="two")
    db = facts.folded(log).catalog.db
    found = events.events_of(db, 1)

    assert [(e["event"], e["crawl"], e["seq"]) for e in found] == [
        ("discovered", "one", 1),
        ("silently_edited", "two", 2),
    ]
    assert [(s["kind"], s["crawl"]) for s in events.shifts_of(db, 1)] == [("layout", "two")]
    assert [v["number"] for v in events.begun_of(db, 1)] == [1, 2]


def test_a_superseding_record_does_not_change_who_saw_it():
    """An event names the crawl that looked, not the replay that read again."""
    log, look = facts.new_log(), facts.read(1, 0)
    facts.write(log, look, crawl="one")
    facts.write(log, facts.reread(look, "autrement lu"), crawl="replay")

    assert [(e["crawl"], e["detail"]) for e in events.events_of(facts.folded(log).catalog.db, 1)] == [("one", "Un bac")]


def test_all_events_are_of_one_moment(tmp_path):
    """What another process folds meanwhile is not among them."""
    log = facts.new_log()
    facts.write(log, *(facts.read(n, 0) for n in (1, 2)))
    mine, other = (facts.folded(log, tmp_path / "catalog.sqlite") for _ in range(2))
    under_way = events.every_event(mine.catalog.db)
    first = next(under_way)
    facts.write(log, *(facts.read(n, 60, facts.TEXTS[1]) for n in (1, 2)))
    other.catalog.follow(log)
    found = [first, *under_way]
    mine.close()
    other.close()

    assert [(about["article_id"], event["event"]) for about, event in found] == [
        ("1", "discovered"),
        ("2", "discovered"),
    ]


@pytest.mark.row("F-OUT-28")
def test_a_mirrors_text_is_no_version():
    """What a parity look read stays apart: no edit of the article, but a divergence of the mirror, once."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0))
    for minute in (60, 120):
        found = facts.read(1, minute, facts.TEXTS[1], outcome="changed", kind="mirror", host="m.test")
        facts.write(log, found)
    archive = facts.folded(log)

    assert [(e["event"], facts.minutes(e["not_after"])) for e in events.events_of(archive.catalog.db, 1)] == [
        ("discovered", 0), ("mirror_diverged", 60), ("mirrored", 60),
    ]  # fmt: skip
    assert len(facts.versions_of(archive, 1)) == 1


def test_a_redirect_to_another_slug_is_told_and_followed():
    """The address that answered is the article's from then on."""
    log, new = facts.new_log(), facts.url_of(1).replace("titre", "autre-titre")
    facts.write(log, facts.read(1, 0), facts.saw(1, 60, answered=new), facts.saw(1, 90, answered=new))
    db = facts.folded(log).catalog.db

    assert [e["event"] for e in events.events_of(db, 1)] == ["discovered", "slug_changed"]
    assert db.execute("SELECT url FROM articles").fetchone() == (new,)


def test_a_date_that_becomes_believable_is_no_edit():
    """It lay in the future at the first look; the page says the same."""
    log = facts.new_log()
    first, second = facts.read(1, 0), facts.read(1, 60)
    first.record["published"] |= {"utc": None, "issue": "future"}
    first.record["digests"] = second.record["digests"] | {"version": "sha256:other"}
    facts.write(log, first)
    facts.write(log, second)

    assert [e["event"] for e in events.events_of(facts.folded(log).catalog.db, 1)] == ["discovered"]
