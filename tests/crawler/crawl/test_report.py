"""What a crawl says of itself."""

import pytest

from crawler.crawl.report import lines_of

WALK = {"complete": True, "pages": 2, "articles": 20, "ended": "overlap"}
REPORT = {
    "crawl": "20261124t120000z-0000000a",
    "archive": "file:var/archive",
    "requests": 81,
    "articles": {"changed": 2, "new": 58},
    "noise": 0,
    "sections": {"une": WALK},
    "passed_over": {},
    "sitemaps": {},
    "refused_sitemaps": [],
    "feed": [{"url": "https://h/rss.xml", "outcome": "listed", "detail": ""}],
    "commits": 1,
    "bytes": 359135,
    "head": 1,
    "failures": [],
    "closed_by": "finished",
    "suspect": False,
    "brake": {"rechecked": {}, "fields": {}, "strategies": {}, "layouts": {}},
    "exit": 0,
}
FEED = {"url": "https://h/rss.xml", "outcome": "gone", "detail": ""}
FAILURE = {"url": "https://h/x", "outcome": "timeout", "detail": ""}


def test_a_whole_crawl_in_a_few_lines():
    """Articles by outcome, each section's walk, what was stored."""
    assert list(lines_of(REPORT)) == [
        "crawl 20261124t120000z-0000000a into file:var/archive: 81 requests",
        "  articles: 2 changed, 58 new",
        "  section une: complete, 2 pages, 20 articles",
        "  stored: 1 commit, 359135 bytes; head 1",
    ]


@pytest.mark.row("F-DIS-06")
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"articles": {}}, "  articles: none asked for"),
        ({"noise": 1}, "  articles: 2 changed, 58 new (1 of them only where pages read otherwise at each look)"),
        (
            {"passed_over": {"/Photo/": 3, "/Program/": 1}},
            "  passed over in the listings, for they are no articles' addresses: 3 /Photo/…, 1 /Program/…",
        ),
        (
            {"sitemaps": {"files": 3, "articles": 1204, "new": 212, "left": 12, "files_left": 2}},
            "  sitemaps: 3 files, 1204 articles, 212 new, 12 of them left to the next crawls; 2 files left",
        ),
        ({"sitemaps": {"files": 1}}, "  sitemaps: 1 file, 0 articles, 0 new"),
        (
            {"refused_sitemaps": [FEED | {"outcome": "filtered", "detail": "https://h/a.xml: no readable XML"}] * 2},
            "  sitemap not read (and 1 more): filtered: https://h/a.xml: no readable XML",
        ),
        (
            {
                "sections": {
                    "une": WALK | {"deep": {"begun": "2026-11-24T12:00:00Z", "page": 51, "url": "https://h/51"}}
                }
            },
            "  section une: complete, 2 pages, 20 articles; deep walk down to page 51",
        ),
        (
            {"sections": {"une": WALK | {"deep": {"begun": "2026-11-24T12:00:00Z", "page": 60, "ended": "end"}}}},
            "  section une: complete, 2 pages, 20 articles; deep walk down to page 60, the listing's end",
        ),
        (
            {
                "sections": {
                    "une": WALK | {"deep": {"begun": "2026-11-24T12:00:00Z", "page": 7, "ended": "page 8: timeout"}}
                }
            },
            "  section une: complete, 2 pages, 20 articles; deep walk down to page 7, cut short (page 8: timeout)",
        ),
        (
            {"feed": [FEED | {"outcome": "filtered", "detail": "feed https://h/rss.xml is no readable XML"}]},
            "  feed not read: filtered: feed https://h/rss.xml is no readable XML",
        ),
        (
            {"sections": {"une": WALK | {"complete": False, "ended": "cap"}}},
            "  section une: not complete (cap), 2 pages",
        ),
        ({"closed_by": "shutdown"}, "81 requests, ended early: shutdown"),
        ({"failures": [FAILURE]}, "  timeout: https://h/x"),
        ({"failures": [FAILURE] * 5}, "  … and 2 more that could not be looked at"),
    ],
    ids=[
        "none",
        "noise",
        "passed-over",
        "sitemaps",
        "sitemaps-as-before",
        "sitemaps-refused",
        "deep",
        "deep-to-the-end",
        "deep-cut-short",
        "feed-refused",
        "cut",
        "early",
        "failed",
        "many-failed",
    ],
)
def test_what_went_wrong_is_told(more, says):
    """A gap, an early end and the first failures stand in the lines."""
    assert any(says in line for line in lines_of(REPORT | more))


@pytest.mark.row("F-DIS-06")
@pytest.mark.parametrize(
    "more",
    [
        {"feed": [FEED]},
        {"feed": []},
        {"feed": [FEED | {"outcome": "timeout"}], "failures": [FAILURE | {"url": FEED["url"]}]},
    ],
    ids=["none-there", "not-asked-for", "named-among-the-failures"],
)
def test_a_feed_that_was_not_refused_is_no_line(more):
    """An outlet without a feed says nothing, and what could not be looked at is named once."""
    assert not [line for line in lines_of(REPORT | more) if "feed not read" in line]


def test_a_deep_walk_that_did_not_go_on_is_no_line():
    """Nor is one that the walk itself went deeper than."""
    for page in (0, 2):
        deep = {"deep": {"begun": "2026-11-24T12:00:00Z", "page": page}}
        assert not [line for line in lines_of(REPORT | {"sections": {"une": WALK | deep}}) if "deep" in line]


def test_sixteen_lines_at_most():
    """However many sections, failures, kinds passed over and refused files there are."""
    sections = {f"s{n}": WALK | {"complete": n % 2 == 0} for n in range(30)}
    refused = [FEED | {"outcome": "filtered"}] * 9
    more = {
        "passed_over": {f"/K{n}/": n for n in range(30)}, "feed": refused[:1], "refused_sitemaps": refused,
        "sitemaps": {"files": 9},
    }  # fmt: skip

    assert len(list(lines_of(REPORT | {"sections": sections, "failures": [FAILURE] * 40}))) <= 12
    assert len(list(lines_of(REPORT | more | {"sections": sections, "failures": [FAILURE] * 40}))) <= 16
    assert "  26 more sections: 13 complete, 13 not" in list(lines_of(REPORT | {"sections": sections}))


def test_a_pulled_brake_names_counts_fields_and_strategies():
    """What happened, what to do, which layouts read the pages, and which fields differ by which strategies."""
    brake = {
        "rechecked": {"changed": 58, "unchanged": 2},
        "fields": {"body": 58, "captions": 50, "kicker": 3},
        "strategies": {name: {"div.item-text > density": 58} for name in ("body", "captions", "kicker")},
        "layouts": {"generic": 58, "classic": 2},
    }
    lines = list(lines_of(REPORT | {"suspect": True, "exit": 6, "brake": brake}))

    assert lines[4:] == [
        "  SUSPECT: too many re-checks at once found another text or none (58 changed, 2 unchanged); no edit, no removal is",
        "    derived from them until: scrapy accept 20261124t120000z-0000000a, or a new layout and scrapy replay",
        "  pages read by layout: generic 58, classic 2",
        "  body: 58 differ, mostly div.item-text > density",
        "  captions: 50 differ, mostly div.item-text > density",
    ]
    assert [line for line in lines_of(REPORT | {"exit": 6, "brake": brake}) if "layout: generic" in line]


@pytest.mark.parametrize(("code", "told"), [(6, ["  no article listed any more: une, asie"]), (5, [])], ids=["6", "5"])
def test_sections_that_list_nothing_any_more_are_named(code, told):
    """In the order of the sections; not where the crawl ends for a graver reason."""
    report = REPORT | {"sections": {"une": WALK, "monde": WALK, "asie": WALK}, "exit": code}

    assert [line for line in lines_of(report, {"asie", "une"}) if "listed" in line] == told
