import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest

from demo import story
from demo.outlet import SECTIONS, Outlet, generated, written
from demo.routes import MODERN_SINCE
from demo.server import Server

ROOT = Path(__file__).parent.parent
START = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
CLASSIC, MODERN = "530887", "711958"


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = START

    def __call__(self):
        """Return the time that the test set."""
        return self.now


class Unredirected(HTTPRedirectHandler):
    """Leave a redirect as the answer."""

    def redirect_request(self, *arguments):
        """Follow none."""
        return


@pytest.fixture
def server():
    """Serve the written articles on a clock of the test's own."""
    with Server(Outlet(written(), clock=Clock())) as running:
        yield running


def ask(server, path, **headers):
    """Return (status, headers, text) of one request, errors and redirects included."""
    request = Request(server.url + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with build_opener(Unredirected).open(request) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def order(server, verb, **fields):
    """Post an editor's order and return (status, answer)."""
    request = Request(f"{server.url}/_control/{verb}", data=json.dumps(fields).encode())
    try:
        with urlopen(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as answer:
        with answer:
            return answer.code, json.load(answer)


def page_of(server, article_id, **headers):
    """Ask for an article's page."""
    return ask(server, server.outlet.articles[article_id].path, **headers)


def date_texts(text):
    """Return every date that a page shows to a reader or in its head."""
    return re.findall(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d, \d{4} [\d:]+[AP]M|DC\.Date\.\w+'  content='[^']+'", text)


def test_written_articles_are_sixty_and_differ():
    """Sixty articles, each with an id, a headline and paragraphs that no other has."""
    articles = written()
    paragraphs = [p for a in articles for p in (*a.body, a.lead)]

    assert len({a.id for a in articles}) == len({a.headline for a in articles}) == len(articles) == 60
    assert len(set(paragraphs)) == len(paragraphs)


def test_written_articles_cover_both_layouts_and_all_sections():
    """Both layouts have at least ten articles, each section of the menu one, and ids rise with the dates."""
    articles = written()
    modern = [a for a in articles if a.published.year >= MODERN_SINCE]

    assert 10 <= len(modern) <= 50
    assert {name for a in articles for name in a.sections} == set(SECTIONS)
    assert [a.id for a in sorted(articles, key=lambda a: a.published)] == sorted((a.id for a in articles), key=int)


def test_related_links_lead_somewhere(server):
    """Every related article exists, and its link stands on the page."""
    wanted = [(a, server.outlet.articles[i]) for a in written() for i in a.related]

    assert len(wanted) >= 5
    assert all(f'href="{other.path}">Lire aussi : ' in page_of(server, a.id)[2] for a, other in wanted)


@pytest.mark.parametrize(
    ("article_id", "marks"),
    [
        pytest.param(
            CLASSIC,
            ['<h2 class="page-header">', "Sun Aug 20, 2017 4:46PM", '<figure class="item-image">', "item-body"],
            id="classic",
        ),
        pytest.param(
            MODERN,
            [
                '<h1 class="news-title-container">',
                "<time class=news-detail",
                "news-body-container",
                "<meta name='DC.Date.Created'  content='9/27/2023 10:35:00 AM'/>",
                "latest-box",
            ],
            id="modern",
        ),
    ],
)
def test_layout_has_the_outlets_marks(server, article_id, marks):
    """Each layout prints the markup of its era, the stock caption, the sections and the boilerplate."""
    status, _, text = page_of(server, article_id)
    marks = [*marks, "US Rep. Ilhan Omar (D-MN)", "Infos \u00a0/\u00a0 A La Une", "Partager Cet Article"]

    assert status == 200
    assert [mark for mark in marks if mark not in text] == []


def test_video_page_has_no_stock_caption(server):
    """A video page repeats its headline as the caption and lacks the stock one."""
    video = next(a for a in written() if a.video)
    text = page_of(server, video.id)[2]

    assert "Ilhan Omar" not in text
    assert f"<figcaption>{video.headline}</figcaption>" in text


def test_address_is_the_id(server):
    """Another slug, unpadded day or none of the slug leads to the same article; another id is a 404."""
    expected = page_of(server, CLASSIC)[2]

    assert ask(server, f"/Detail/2017/8/20/{CLASSIC}/other-words")[2] == expected
    assert ask(server, f"/Detail/2017/08/20/{CLASSIC}")[2] == expected
    assert ask(server, "/Detail/2017/08/20/1/other-words")[0] == 404


def test_unchanged_page_answers_304(server):
    """A known ETag, weak or in a list, or a Last-Modified gives 304 without a body."""
    _, headers, _ = page_of(server, CLASSIC)
    by_tag = page_of(server, CLASSIC, If_None_Match=f'"x", W/{headers["ETag"]}')
    by_date = page_of(server, CLASSIC, If_Modified_Since=headers["Last-Modified"])

    assert (by_tag[0], by_tag[1]["ETag"], by_tag[2]) == (304, headers["ETag"], "")
    assert (by_date[0], by_date[2]) == (304, "")


@pytest.mark.parametrize("article_id", [CLASSIC, MODERN], ids=["classic", "modern"])
def test_open_edit_moves_every_clock(server, article_id):
    """An open edit changes the ETag and sets Last-Modified and the printed update to the outlet's clock."""
    before = page_of(server, article_id)
    server.outlet.clock.now += timedelta(hours=2)
    server.outlet.edit(article_id, open=True, lead="Un autre chapeau.")
    after = page_of(server, article_id, If_None_Match=before[1]["ETag"])

    assert after[0] == 200
    assert after[1]["Last-Modified"] == "Tue, 24 Nov 2026 11:30:15 GMT"
    assert "[Updated: Tue Nov 24, 2026 3:00PM ]" in after[2]


@pytest.mark.parametrize("article_id", [CLASSIC, MODERN], ids=["classic", "modern"])
def test_silent_edit_moves_no_clock(server, article_id):
    """A silent edit changes text and ETag; printed dates and Last-Modified stay, so a dated condition lies."""
    before = page_of(server, article_id)
    server.outlet.clock.now += timedelta(hours=2)
    server.outlet.edit(article_id, open=False, lead="Un autre chapeau.")
    after = page_of(server, article_id, If_None_Match=before[1]["ETag"], If_Modified_Since=before[1]["Last-Modified"])

    assert after[0] == 200
    assert "Un autre chapeau." in after[2]
    assert after[1]["ETag"] != before[1]["ETag"]
    assert after[1]["Last-Modified"] == before[1]["Last-Modified"]
    assert date_texts(after[2]) == date_texts(before[2]) != []
    assert page_of(server, article_id, If_Modified_Since=before[1]["Last-Modified"])[0] == 304


@pytest.mark.parametrize(
    ("how", "status"), [("404", 404), ("410", 410), ("soft", 200), ("home", 302)], ids=["404", "410", "soft", "home"]
)
def test_removed_article_is_gone_everywhere(server, how, status):
    """Each way of removal has its answer, without the text; feed and listings drop the article; restoring undoes it."""
    newest = server.outlet.latest(1)[0]
    whole = page_of(server, newest.id)
    server.outlet.remove(newest.id, how)
    answered, headers, text = page_of(server, newest.id)

    assert (answered, headers["Location"]) == (status, "/" if how == "home" else None)
    assert newest.headline not in text
    assert newest.id not in ask(server, "/rss.xml")[2] + ask(server, "/")[2] + ask(server, "/Section/33013")[2]

    server.outlet.restore(newest.id)

    assert page_of(server, newest.id)[2] == whole[2]


def test_unknown_way_of_removal_is_refused(server):
    """A way of removal that the outlet lacks is an error that names the known ones."""
    with pytest.raises(ValueError, match="404, 410, soft, home"):
        server.outlet.remove(CLASSIC, "503")


def test_publishing_changes_modern_pages_only(server):
    """A new article moves the box of the latest, thus the bytes of modern pages; classic ones load it apart."""
    tags = {i: page_of(server, i)[1]["ETag"] for i in (CLASSIC, MODERN)}
    server.outlet.publish(story.christmas_market(server.outlet))

    assert page_of(server, CLASSIC)[1]["ETag"] == tags[CLASSIC]
    assert page_of(server, MODERN)[1]["ETag"] != tags[MODERN]
    assert "Grindau prépare" in ask(server, "/callback/latest")[2]


def test_pager_leads_through_a_section_once(server):
    """Following `li.next` lists all sixty articles once, newest first, twelve a page; past the end is a 404."""
    path, seen, sizes = "/Section/33013", [], []
    while path:
        listing = ask(server, path)[2].partition("<main>")[2].partition("</main>")[0]
        found = re.findall(r'class="hover-effect" href="/Detail/[\d/]+/(\d+)/', listing)
        seen += found
        sizes.append(len(found))
        step = re.search(r'<li class="next"><a href="([^"]+)"', listing)
        path = step and step[1]

    assert sizes == [12] * 5
    assert seen == [a.id for a in sorted(written(), key=lambda a: a.published, reverse=True)]
    assert ask(server, "/Section/33013/6")[0] == ask(server, "/Section/1")[0] == 404


def test_menu_leads_to_every_section(server):
    """The front page's menu names each section with an address that answers."""
    menu = re.findall(r'<li><a href="(/Section/\d+)">([^<]+)</a>', ask(server, "/")[2])

    assert [name for _, name in menu] == list(SECTIONS)
    assert [ask(server, path)[0] for path, _ in menu] == [200] * 7


def test_feed_is_as_odd_as_the_outlets(server):
    """The feed has thirty items, no dates, and links with a port on the host without `french.`."""
    _, headers, text = ask(server, "/rss.xml")
    links = re.findall(r"<item><title>[^<]+</title><link>([^<]+)</link>", text)

    assert headers["Content-Type"].startswith("application/rss+xml")
    assert len(links) == 30
    assert all(link.startswith("https://presstv.ir:443/Detail/20") for link in links)
    assert "pubDate" not in text


def test_gzip_only_when_accepted(server):
    """The same page comes gzipped to those who accept it, plain to others."""
    request = Request(server.url + "/", headers={"Accept-Encoding": "gzip"})
    with urlopen(request) as answer:
        packed = answer.read()

    assert packed[:2] == b"\x1f\x8b"
    assert ask(server, "/")[1]["Content-Encoding"] is None


def test_requests_are_logged(server):
    """The log says what was asked, on which condition, and what was answered; control is not in it."""
    _, headers, _ = ask(server, "/robots.txt")
    ask(server, "/robots.txt", If_None_Match=headers["ETag"], User_Agent="reader")
    ask(server, "/nowhere")
    order(server, "requests")
    log = [(r.path, r.status, r.conditional) for r in server.requests]

    assert log == [("/robots.txt", 200, False), ("/robots.txt", 304, True), ("/nowhere", 404, False)]
    assert (server.requests[1].agent, server.requests[1].sent) == ("reader", 0)


def test_editors_work_over_http(server):
    """Orders by POST do what the methods do; the log can be asked for the same way."""
    order(server, "edit", id=CLASSIC, open=False, headline="Un autre titre")
    order(server, "remove", id=MODERN, how="410")
    order(server, "publish", id="779000", published="2026-11-24T10:00", slug="x", headline="Du neuf")

    assert "Un autre titre" in page_of(server, CLASSIC)[2]
    assert page_of(server, MODERN)[0] == 410
    assert page_of(server, "779000")[0] == 200
    assert [r["status"] for r in order(server, "requests")[1]] == [200, 410, 200]

    order(server, "restore", id=MODERN)

    assert page_of(server, MODERN)[0] == 200


@pytest.mark.parametrize(
    ("verb", "fields"),
    [("edit", {"id": "1", "open": True}), ("edit", {"id": CLASSIC, "open": True, "colour": "x"}), ("explode", {})],
    ids=["unknown-id", "unknown-field", "unknown-verb"],
)
def test_wrong_order_is_answered_400(server, verb, fields):
    """An order that can't be done is a 400 that names it, and changes nothing."""
    status, said = order(server, verb, **fields)

    assert status == 400
    assert said["error"].startswith(f"{verb}: ")
    assert server.outlet.revision == 0


def test_generated_articles_are_the_same_each_time():
    """Generated articles depend on their number alone, have ids of their own and differ in text."""
    some = list(generated(300))

    assert some[:50] == list(generated(50))
    assert len({a.id for a in some} | {a.id for a in written()}) == 360
    assert len({a.body for a in some}) == 300
    assert not [p for a in some for p in a.body if "Telegram" in p or p.startswith("## ")]


def test_news_of_the_story_fits_the_articles(server):
    """The story's five events find their words: two dates move, one text changes silently, one goes, one comes."""
    sentences = story.make_news(server.outlet)
    articles = server.outlet.articles
    ferry = articles[story.FERRY]

    assert len(sentences) == 5
    assert sorted(i for i, a in articles.items() if a.modified) == sorted([story.FIRE, story.OUTAGE])
    assert (ferry.touched, "1 400 passagers" in ferry.headline, "passerelle" in str(ferry.body)) == (None, True, False)
    assert articles[story.BAKER].gone == "404"
    assert server.outlet.latest(1)[0].headline.startswith("Grindau")


def test_failed_command_ends_the_story(capfd):
    """A command that exits non-zero stops the story with its code, after its own words."""
    with pytest.raises(story.StoryStopped) as ending:
        story.run("Why.", "no-such-command")

    assert ending.value.code != 0
    assert "$ scrapy no-such-command" in capfd.readouterr().out


def test_child_process_prints_its_address_and_ends_on_a_signal():
    """`python -m demo.server` answers at the address that it prints, and ends with 0 when terminated."""
    command = [sys.executable, "-m", "demo.server", "--more", "5"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        url = child.stdout.readline().strip()
        with urlopen(f"{url}/Section/33013/6") as answer:
            rows = answer.read().count(b"hover-effect")
        child.terminate()
        code = child.wait(timeout=20)

    assert (rows, code) == (5, 0)


def test_closing_leaves_nothing_listening():
    """A closed server refuses connections, also when a client still holds one open."""
    with Server(Outlet(written(), clock=Clock())) as server, urlopen(server.url + "/"):
        url = server.url

    with pytest.raises(OSError, match="refused"):
        urlopen(url)
