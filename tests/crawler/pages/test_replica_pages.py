"""The replica's real texts in its own layouts and in fifteen unknown ones, held against what the replica says is true."""

import importlib.util
import json
import re
import statistics
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from crawler.pages import read_feed
from tests.crawler.pages.test_article_pages import capture
from tests.french import clean, read, read_listing, read_menu
from tests.pages.odd_layouts import ODD
from tests.pages.unknown_layouts import LAYOUTS, Parts

REPLICA = Path(__file__).resolve().parents[4] / "shared" / "replica"
UNKNOWN = {**LAYOUTS, **ODD}
HOST = "https://french.presstv.ir"
LEAKS = re.compile(
    r"Partager Cet Article|SOURCE\s*: FRENCH PRESS TV|Ilhan Omar|L.INFO EN CONTINU|Lire aussi", re.IGNORECASE
)

pytestmark = pytest.mark.skipif(
    not (REPLICA / "replica.py").exists(), reason="the replica (../shared/replica) is not there"
)


@pytest.fixture(scope="module")
def replica():
    """Return the replica's module, loaded by its path."""
    spec = importlib.util.spec_from_file_location("replica", REPLICA / "replica.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def corpus():
    """Return the replica's articles."""
    return [json.loads(line) for line in (REPLICA / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def words(texts):
    return Counter(re.findall(r"\w+", plain(" ".join(texts)).lower()))


def f1(found, true):
    common = sum((found & true).values())
    return 2 * common / (sum(found.values()) + sum(true.values())) if common else float(found == true)


def measures(found, truth):
    """Return each measure of one article between 0 and 1."""
    captions = [c.text for c in found.captions]
    return {
        "headline": plain(found.headline) == plain(truth["headline"]),
        "captions": words(captions) == words(truth["captions"]),
        "sections": {plain(s).casefold() for s in found.sections} == {plain(s).casefold() for s in truth["sections"]},
        "text": f1(words([found.lead, *found.body]), words([truth["lead"], *truth["body"]])),
        "clean": not LEAKS.search(plain(" ".join([found.lead, *found.body, *captions]))),
        "dated": bool(found.published_texts) and found.published_texts[0].source != "url",
    }


def measured(replica, outlet, render):
    """Read every article of the outlet as `render` shows it; return the mean of each measure."""
    rows = []
    for article in outlet.articles.values():
        reading = read(capture(render(article), url=HOST + replica.quote(article["path"])))
        assert reading.article, f"article {article['id']}: {reading.outcome}, {reading.detail}"
        rows.append(measures(clean(reading.article), replica.truth(article)))
    return {name: round(statistics.mean(row[name] for row in rows), 4) for name in rows[0]}


@pytest.mark.parametrize("layout", ["classic", "modern", "mixed"])
def test_replica_layouts(replica, corpus, layout):
    """Every measure of the replica's own layouts is 0.99 at least."""
    outlet = replica.Outlet(corpus, layout, 10, 7)
    found = measured(replica, outlet, lambda article: replica.article_page(outlet, article))

    assert {name: value for name, value in found.items() if value < 0.99} == {}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_layouts(replica, corpus, name):
    """Real texts in markup that no page class knows lose less than three words in a hundred."""
    outlet = replica.Outlet([a for a in corpus if len(a["headline"]) > 12], "mixed", 0, 7)
    found = measured(replica, outlet, lambda article: UNKNOWN[name](_parts(replica, outlet, article)))

    assert {measure: value for measure, value in found.items() if value < 0.97} == {}


def _parts(replica, outlet, article):
    moment = replica.local_time(article)
    latest = [(a["headline"], replica.quote(a["path"])) for a in outlet.listing("continu")[:8] if a is not article]
    return Parts(
        headline=article["headline"],
        lead=article["lead"],
        body=article["body"],
        captions=article["captions"],
        sections=replica.truth(article)["sections"],
        printed=replica.printed(moment),
        iso=moment.isoformat(),
        kicker=article.get("kicker") or "",
        related=latest[: int(article["id"]) % 3],
        latest=latest,
    )


def test_printed_date_comes_first(replica, corpus):
    """The visible date line is the first candidate in both layouts, an update parted from it."""
    for layout in ("classic", "modern"):
        outlet = replica.Outlet(corpus[:5], layout, 0, 7)
        article = outlet.articles["662518"]
        article["modified"] = replica.local_time(article) + replica.timedelta(hours=5)
        found = read(capture(replica.article_page(outlet, article), url=HOST + replica.quote(article["path"]))).article

        assert found.published_texts[0].text == replica.printed(replica.local_time(article))
        assert found.modified_texts[0].text == replica.printed(article["modified"])


def test_listings_menu_and_feed(replica, corpus):
    """Listings give the articles in rank order page by page, the menu its names, the feed its thirty items."""
    outlet = replica.Outlet(corpus, "mixed", 30, 7)
    name = f"{HOST}/Section/{outlet.section_ids['infos']}"
    listing = read_listing(replica.section_page(outlet, "infos", 2), f"{name}/2")

    assert [link.article_id for link in listing.links] == [a["id"] for a in outlet.listing("infos")[20:40]]
    assert listing.next_url == f"{name}/3"
    assert [e.name for e in read_menu(replica.front_page(outlet), f"{HOST}/")] == [name for _, name in replica.MENU]
    assert len(read_feed(replica.feed(outlet).encode(), f"{HOST}/rss.xml")) == 30


def test_pages_that_are_no_articles(replica, corpus):
    """The replica's front page, listings and not-found page are soft 404s at an article's address."""
    outlet = replica.Outlet(corpus, "mixed", 0, 7)
    pages = {
        "front": replica.front_page(outlet),
        "listing": replica.section_page(outlet, "continu", 1),
        "gone": replica.head("Introuvable")
        + f"<body>{replica.menu(outlet)}<h2>Page introuvable</h2>"
        + replica.footer(outlet),
    }
    address = f"{HOST}/Detail/2020/01/01/616260/x"

    assert {name: read(capture(page, url=address)).outcome for name, page in pages.items()} == dict.fromkeys(
        pages, "soft_404"
    )
