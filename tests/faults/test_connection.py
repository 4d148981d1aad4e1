"""What the outlet says, row by row (F-CON-01 to 22): walls, soft 404s, layouts, traps, charsets, robots.txt, feeds, clocks."""

import contextlib
import json
import sqlite3

import pytest

from tests.faults.site import TEXT, article, crawl, front, listing, outlet, path, rows, site
from tests.outlet_server import HANG, RESET, moved, page

GONE = "<html lang=fr><title>Page introuvable</title><body><h1>Page introuvable</h1><p>Retour à l’accueil.</p></body></html>"
WALL = "<html><head><title>Just a moment...</title></head><body>Checking your browser before accessing</body></html>"
MENU = " ".join(f"Rubrique {name}, archives, contact, mentions légales." for name in "ABCDEFGH")


def many(answer, numbers=range(100, 112)):
    """Return answers for a dozen articles."""
    return {number: answer(number) for number in numbers}


def sound(number):
    return page(article(number, text=[*TEXT, f"Le {number}e jour, tout était comme avant."]))


def twice(tmp_path, first, second, *words):
    """Crawl an outlet, let it answer otherwise, and look again at everything it said; return both crawls."""
    script = site(first)
    with outlet(tmp_path, script) as (_, project):
        one = crawl(project)
        script.clear()
        script.update(second)
        return one, crawl(project, "-a", "recheck=all", *words)


@pytest.mark.row("F-CON-01")
def test_soft_404s(tmp_path):
    """200 with a notice, a list, the front page's body or a redirect there: soft_404, no version; no single look removes."""
    gone = {
        1: page(GONE.encode()),
        2: page(listing(*range(100, 120), name="À la une")),
        3: moved("/"),
        4: page(front()),
    }
    _, again = twice(tmp_path, many(sound, range(1, 6)), site(gone | {5: sound(5)}))

    assert (again.report["exit"], again.outcomes(*range(1, 6))) == (0, [*["soft_404"] * 4, "unchanged"])
    assert set(again.versions.values()) == {1}
    assert {row["event"] for row in rows(again.project, "events")} == {"discovered"}


class Anything(dict):
    """A script that has an answer to every address of an article."""

    def __init__(self, script, answer):
        super().__init__(script)
        self.answer = answer

    def get(self, where, default=None):
        return super().get(where, self.answer if where.startswith("/Detail") else default)


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(
    "rest",
    ["<p>Cherchez ailleurs.</p>", "<div class=b><h2>Suggestions</h2>" + 6 * f"<p>{TEXT[0]} {MENU}</p>" + "</div>"],
    ids=["no-text", "reads-as-text"],
)
def test_a_soft_404_that_no_words_tell(tmp_path, rest):
    """A made-up address is asked for once; what answers a known article's like it is soft_404, and twice a removal."""
    lost = page(f"<html lang=fr><title>Press TV</title><body><nav>{MENU}</nav>{rest}</body></html>".encode())
    script = site(many(sound, range(1, 6)))
    with outlet(tmp_path, script) as (server, project):
        crawl(project)
        gone = Anything({k: v for k, v in script.items() if k not in (path(1), path(2))}, lost)
        server.script = gone
        server.log.clear()
        again = crawl(project, "-a", "recheck=all")
        made_up = [asked.path for asked in server.log if asked.path.startswith("/Detail") and asked.path not in script]

    assert (again.report["exit"], again.outcomes(1, 2, 3)) == (0, ["soft_404", "soft_404", "unchanged"])
    assert len(made_up) == 1
    assert again.ends[path(1)][1] == "a made-up address is answered alike"
    assert again.ends[made_up[0]] == ("soft_404", "")
    assert set(again.versions.values()) == {1}
    assert project.run("verify").returncode == 0
    assert json.loads(project.run("replay", "--json").stdout)["differ"] == 0
    assert {row["event"] for row in rows(again.project, "events")} == {"discovered"}


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(
    ("probe", "outcome"),
    [
        (page(b"", status=404), "gone"),
        (page(b"", status=503), "http_error"),
        (HANG, "timeout"),
        (page(article(9)), "soft_404"),
    ],
    ids=["404", "503", "silent", "another"],
)
def test_a_page_unlike_the_made_up_address_is_what_it_says(tmp_path, probe, outcome):
    """An outlet that says 404, says nothing, or shows an article there has no soft 404s to tell by comparison."""
    odd = page(
        f"<html lang=fr><title>Press TV</title><body><nav>{MENU}</nav><p>Cherchez ailleurs.</p></body></html>".encode()
    )
    script = site(many(sound, range(1, 6)))
    with outlet(tmp_path, script) as (server, project):
        crawl(project)
        server.script = Anything(dict(script) | {path(1): odd}, probe)
        again = crawl(project, "-a", "recheck=all", "-s", "DOWNLOAD_TIMEOUT=2")

    (told,) = [end[0] for where, end in again.ends.items() if where.startswith("/Detail") and where not in script]

    assert (again.report["exit"], again.outcomes(1, 2)) == (3, ["extract_failed", "unchanged"])
    assert told == outcome


@pytest.mark.row("F-CON-02")
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [(WALL, (), 503), ("<p>x</p>", ("cf-mitigated: challenge",), 403)],
    ids=["page", "header"],
)
def test_a_wall(tmp_path, body, headers, status):
    """Three in a row end the crawl: exit 7, one line says why, what is under way ends, and no version comes of them."""
    wall = page(body.encode(), *headers, status=status)
    with outlet(tmp_path, site(many(lambda _: wall, range(100, 140)))) as (server, project):
        crawled = crawl(project)

    assert (crawled.report["exit"], crawled.report["closed_by"]) == (7, "refused")
    assert "error: refused: challenge page on 3 consecutive requests\n" in crawled.said
    assert sum(asked.startswith("/Detail/") for asked in server.paths()) < 12
    assert set(crawled.versions.values()) == {0}


@pytest.mark.row("F-CON-03")
def test_an_empty_section(tmp_path):
    """A listing without an article is asked for once more; where it had some before, the layout changed: exit 6."""
    empty = site({}) | {"/Section/1": page(listing())}
    with outlet(tmp_path, empty) as (server, project):
        never = crawl(project)
        asked = server.paths().count("/Section/1")
    _, emptied = twice(tmp_path / "two", {1: sound(1)}, empty | {path(1): sound(1)})

    assert (never.report["exit"], never.report["outcomes"]["empty"], asked) == (3, 1, 2)
    assert (emptied.report["exit"], emptied.ends["/Section/1"][0]) == (6, "empty")
    assert emptied.report["sections"]["europe"] == {
        "articles": 0, "complete": False, "ended": "page 1: no article listed", "pages": 0,
    }  # fmt: skip


@pytest.mark.row("F-CON-03")
def test_an_empty_section_that_comes_back(tmp_path):
    """The second answer counts."""
    with outlet(tmp_path, site({1: sound(1)}) | {"/Section/1": [page(listing()), page(listing(1))]}) as (_, project):
        crawled = crawl(project)

    assert (crawled.report["exit"], crawled.report["articles"]) == (0, {"new": 1})
    assert crawled.report["sections"]["europe"]["complete"]


def renamed(number):
    """Return an article's page whose text stands in a box that no layout knows."""
    return page(sound(number).partition(b"\r\n\r\n")[2].replace(b"news-body-container", b"corps-2027"))


@pytest.mark.row("F-CON-04")
def test_a_layout_that_changed(tmp_path):
    """The text is found by the next strategy, the record says by which for each field, more than a fifth of them is exit 6."""
    with outlet(tmp_path, site(many(renamed))) as (_, project):
        crawled = crawl(project)
        told = [row["extraction"]["sources"] for row in rows(project, "latest")]

    assert (crawled.report["exit"], crawled.report["articles"]) == (6, {"new": 12})
    assert {sources["blocks"].partition(":")[0] for sources in told} == {"generic"}
    assert {sources["headline"] for sources in told} == {"modern:h1.news-title-container"}


@pytest.mark.row("F-CON-05")
@pytest.mark.row("F-CON-06")
def test_all_texts_change_at_once(tmp_path):
    """The menu's words in place of every text: exit 6, the crawl is suspect, and no version comes of it but by `accept`."""
    one, again = twice(tmp_path, many(sound), site(many(lambda number: page(article(number, text=[MENU])))))
    events = {row["event"] for row in rows(again.project, "events")}

    assert (one.report["articles"], again.report["articles"]) == ({"new": 12}, {"changed": 12})
    assert (again.report["exit"], again.report["suspect"]) == (6, True)
    assert set(again.versions.values()) == {1}
    assert events == {"discovered"}
    assert again.project.run("accept", again.report["crawl"]).returncode == 0
    assert {row["versions"] for row in rows(again.project, "latest")} == {2}


@pytest.mark.row("F-CON-07")
def test_all_articles_vanish_at_once(tmp_path):
    """404 on every known article: exit 6, and no removal is derived."""
    _, again = twice(tmp_path, many(sound), site(many(lambda _: page(b"rien", status=404))))

    assert (again.report["exit"], again.report["articles"], again.report["suspect"]) == (6, {"gone": 12}, True)
    assert {row["state"] for row in rows(again.project, "latest")} == {"live"}


@pytest.mark.row("F-CON-08")
@pytest.mark.row("F-CON-12")
def test_one_article_under_many_addresses(tmp_path):
    """http, https, another mirror, a slash more, tracking, `?amp` and a fragment: one article, asked once, as it was linked."""
    plain = path(1)
    ways = [
        plain + "?utm_source=lettre&fbclid=x", plain, plain + "/", plain + "?amp", plain + "#bas",
        f"https://french.presstv.ir{plain}", f"http://french.presstv.com:80{plain}", plain.replace("Detail", "DetailFr"),
        plain.replace("Un-phare", "Un-autre-titre"),
    ]  # fmt: skip
    script = site({}) | {"/Section/1": page(listing(*ways)), ways[0]: sound(1)}
    with outlet(tmp_path, script) as (server, project):
        crawled = crawl(project)
        [record] = rows(project, "latest")

    assert (crawled.report["exit"], crawled.versions) == (0, {"1": 1})
    assert [asked for asked in server.paths() if "/Detail" in asked] == [ways[0]]
    assert record["url"] == server.base + ways[0]


@pytest.mark.row("F-CON-09")
def test_another_story_under_the_same_number(tmp_path):
    """A new version, never an overwrite, and the break is told."""
    other = page(
        article(1, headline="Gratuité votée pour tous les musées", text=["Quatorze établissements sont concernés."])
    )
    _, again = twice(tmp_path, {1: sound(1)}, site({1: other}))
    events = {row["event"] for row in rows(again.project, "events")}

    assert (again.report["articles"], again.versions) == ({"changed": 1}, {"1": 2})
    assert "identity_break" in events


SLUGS = (
    "%D8%AE%D8%A8%D8%B1", "خبر", "%E9t%E9", "e\u0301te\u0301", "été", "a%2Fb%2F..%2F..", "../../../etc/passwd", "%00",
    "a%0d%0aX-A:%20b", "x" * 1500, "…", "a b", "%",
)  # fmt: skip


@pytest.mark.row("F-CON-10")
def test_odd_addresses(tmp_path):
    """However an address is written, the article is its number, and no name in the archive is taken from its text."""
    hrefs = [f"/Detail/2026/11/20/{number}/{slug}" for number, slug in enumerate(SLUGS, 1)]
    foreign = ["https://french.pr\u0435sstv.ir/Detail/2026/11/20/90/x", f"/Detail/2026/11/20/91/{'y' * 3000}"]
    told = {"/Section/1": page(listing(*hrefs, *foreign)), "/sitemap.xml": page(b"", status=404)}
    script = Every(site({}) | told, page(article(1)))
    with outlet(tmp_path, script) as (server, project):
        crawled = crawl(project)
    names = [found.relative_to(project.archive).as_posix() for found in project.archive.rglob("*") if found.is_file()]

    assert crawled.report["outcomes"]["filtered"] == 1
    assert {number for number, versions in crawled.versions.items() if versions} == {
        str(number) for number, slug in enumerate(SLUGS, 1) if not slug.startswith("..")
    }
    assert not [asked for asked in server.log if any(sign in asked.path for sign in "\0\r\n ")]
    assert not [name for name in names if "passwd" in name or not name.isascii() or ".." in name]
    assert project.run("verify").returncode == 0


class Every(dict):
    """A script that has one answer for all paths that it does not name."""

    def __init__(self, script, answer):
        super().__init__(script)
        self.answer = answer

    def get(self, key, default=None):
        """Return the answer to a path; a key without its first slash is an address and path, which nothing is."""
        return super().get(key) or (self.answer if key.startswith("/") else default)


@pytest.mark.row("F-CON-11")
def test_links_that_lead_nowhere(tmp_path):
    """Links of other schemes and malformed ones are passed over: they are never scheduled, so nothing need end."""
    hrefs = ["javascript:void(0)", "data:text/html,x", "mailto:a@b.c", "tel:+331", "http://[", "//", "http://a:b/", ""]
    script = site({1: sound(1)}) | {"/Section/1": page(listing(*hrefs, 1))}
    with outlet(tmp_path, script) as (_, project):
        crawled = crawl(project)

    assert (crawled.report["exit"], crawled.report["requests"], crawled.report["articles"]) == (0, 5, {"new": 1})


class Endless(Every):
    """An outlet whose listing never ends: each page has an article of its own and links a next one, ever longer."""

    def get(self, key, default=None):
        """Return the next page of the listing, or an article."""
        if key.startswith("/Section/1"):
            number = 1000 + key.count("page")
            return page(
                listing(number, more=f'<a rel="next" href="{key}{"&" if "?" in key else "?"}page={number}">suite</a>')
            )
        if key.startswith("/Detail/"):
            return page(article(key.split("/")[5]))
        return super().get(key, default)


@pytest.mark.row("F-CON-13")
def test_a_listing_without_an_end(tmp_path):
    """A calendar that goes on for ever is left at the page cap: a recorded gap, exit 0; the crawl's own budget is exit 14."""
    with outlet(tmp_path, Endless(site({}), page(b"", status=404))) as (server, project):
        capped = crawl(project, "-s", "SECTION_PAGE_CAP=7")
        pages = len({asked for asked in server.paths() if asked.startswith("/Section/")})
        cut = crawl(project, "-s", "SECTION_PAGE_CAP=30", "-a", "limit=3", "-a", "recheck=none")

    assert (capped.report["exit"], pages) == (0, 7)
    assert capped.report["sections"]["europe"] == {"articles": 7, "complete": False, "ended": "cap", "pages": 7}
    assert (cut.report["exit"], cut.report["articles"]) == (14, {"new": 3})


@pytest.mark.row("F-CON-13")
def test_an_address_that_grows(tmp_path):
    """Beyond 2083 characters it is not asked: its outcome is `filtered`, and the walk has a gap."""
    script = Endless(site({}), page(b"", status=404))
    with outlet(tmp_path, script) as (server, project):
        crawled = crawl(project, "-s", "SECTION_PAGE_CAP=400", "-s", "BATCH_CAPTURES=1000")

    assert crawled.report["outcomes"]["filtered"] == 1
    assert max(len(server.base + asked) for asked in server.paths()) <= 2083
    assert not crawled.report["sections"]["europe"]["complete"]


ACCENTS = "Le phare de Kermor, éteint depuis l’été, éclaire à nouveau : « enfin », dit-on."
NARROW = ACCENTS.replace("’", "'")


def said(text, encoding, kind, head="", mark=b""):
    """Return an answer whose page is coded in one charset and labelled as another."""
    markup = article(1, text=[text]).decode().replace("<meta charset=utf-8>", head)
    return page(mark + markup.encode(encoding), f"Content-Type: text/html{kind}")


CHARSETS = {
    1: said(NARROW, "latin-1", "; charset=utf-8"),
    2: said(ACCENTS, "utf-8", "; charset=iso-8859-1"),
    3: said(ACCENTS, "utf-8", "; charset=iso-8859-1", mark=b"\xef\xbb\xbf"),
    4: said(ACCENTS, "utf-16-le", "", mark=b"\xff\xfe"),
    5: said(ACCENTS, "cp1252", "", head="<meta charset=windows-1252>"),
    6: said(ACCENTS, "utf-8", "; charset=utf-8", head="<meta charset=iso-8859-1>"),
    7: said(ACCENTS, "utf-8", "; charset=x-inconnu"),
    8: said(ACCENTS, "utf-8", "; charset=utf-7", head="<meta charset=utf-7>"),
}


@pytest.mark.row("F-CON-14")
def test_charsets(tmp_path):
    """Whatever header, meta and mark say, the text is what the bytes are; bytes that are no text are not read."""
    text = article(9, text=[ACCENTS] * 20).replace(b"Kermor", b"\xff\xff")
    broken = page(text, "Content-Type: text/html; charset=utf-8")
    with outlet(tmp_path, site(CHARSETS | {9: broken})) as (_, project):
        crawled = crawl(project)
        texts = {int(row["article_id"]): row["body"][0] for row in rows(project, "latest")}

    assert texts == {number: NARROW if number == 1 else ACCENTS for number in CHARSETS}
    assert crawled.outcomes(9) == ["parse_incomplete"]


@pytest.mark.row("F-CON-15")
def test_characters_that_no_text_may_hold(tmp_path):
    """NUL, controls, lone surrogates and references to them are out of the text; the bytes keep them."""
    bad = "un&#0;deux&#xD800;trois&#x1b;quatre\x00cinq\x1bsix\x85sept&#xFFFF;"
    with outlet(tmp_path, site({1: page(article(1, text=[bad, TEXT[0]]))})) as (_, project):
        crawled = crawl(project)
        [record] = rows(project, "latest")

    assert crawled.report["articles"] == {"new": 1}
    assert record["body"][0].isprintable()
    assert record["body"][0].startswith("undeuxtroisquatre")
    assert project.run("verify").returncode == 0


FORBID = b"User-agent: *\nDisallow: /\n"


@pytest.mark.row("F-CON-16")
def test_robots_txt_forbids_a_section(tmp_path):
    """Its listing is not asked: robots_denied, exit 0; with everything forbidden exit 7, and nothing is asked at all."""
    two = site({1: sound(1)}) | {
        "/": page(front(["Europe", "Asie"])),
        "/Section/2": page(listing(2)),
        path(2): sound(2),
    }
    part = two | {"/robots.txt": page(b"User-agent: *\nDisallow: /Section/2\n")}
    with outlet(tmp_path, part) as (some, project):
        crawled = crawl(project)
    with outlet(tmp_path / "all", two | {"/robots.txt": page(FORBID)}) as (none, project):
        refused = crawl(project)

    assert (crawled.report["exit"], crawled.ends["/Section/2"][0]) == (0, "robots_denied")
    assert "/Section/2" not in some.paths()
    assert crawled.report["articles"] == {"new": 1}
    assert (refused.report["exit"], refused.report["outcomes"], none.paths()) == (
        7,
        {"robots_denied": 1},
        ["/robots.txt"],
    )
    assert refused.said.count("error: refused: ") == 1


SICK = {
    "503": page(b"<h1>Panne</h1>", status=503), "silence": (HANG,), "reset": (RESET,),
    "cut": page(b"User-agent: *\nDisallow: /Section", length=99),
}  # fmt: skip


@pytest.mark.row("F-CON-17")
@pytest.mark.parametrize("answer", SICK.values(), ids=SICK)
def test_robots_txt_cannot_be_had(tmp_path, answer):
    """Everything is forbidden in this crawl: exit 7, nothing else is asked."""
    with outlet(tmp_path, site({1: sound(1)}) | {"/robots.txt": answer}) as (server, project):
        crawled = crawl(project, "-s", "DOWNLOAD_TIMEOUT=1")

    assert (crawled.report["exit"], crawled.report["outcomes"]) == (7, {"robots_denied": 1})
    assert set(server.paths()) == {"/robots.txt"}
    assert crawled.ends["/"][1].startswith("unreachable")


ALLOW = {
    "rules": (page(b"User-agent: *\nDisallow: /Section/2\n"), True),
    "none": (page(b"", status=404), True),
    "forbidden": (page(FORBID), False),
}


@pytest.mark.row("F-CON-17")
@pytest.mark.parametrize(("before", "open_"), ALLOW.values(), ids=ALLOW)
def test_robots_txt_of_yesterday(tmp_path, before, open_):
    """While it can't be had, what it said within 24 hours is obeyed, whether that allowed or forbade; older is no word."""
    script = site({1: sound(1)}) | {"/": page(front(["Europe", "Asie"])), "/Section/2": page(listing(1))}
    script["/robots.txt"] = before
    with outlet(tmp_path, script) as (server, project):
        crawl(project)
        script["/robots.txt"] = SICK["503"]
        server.log.clear()
        soon = crawl(project)
        asked = set(server.paths())
        with contextlib.closing(sqlite3.connect(project.folder / "catalog.sqlite", isolation_level=None)) as db:
            db.execute(
                "UPDATE pages SET answered_at = '2026-01-01T00:00:00.000000Z' "
                "WHERE address IN (SELECT number FROM interned WHERE text LIKE '%/robots.txt')"
            )
        late = crawl(project)

    assert soon.report["exit"] == (0 if open_ else 7)
    assert ("/Section/1" in asked, "/Section/2" in asked) == (open_, open_ and before is ALLOW["none"][0])
    assert ("is obeyed" in soon.said, "is obeyed" in late.said) == (True, False)
    assert (late.report["exit"], late.report["outcomes"]) == (7, {"robots_denied": 1})


BIG = b"User-agent: *\nDisallow: /Section/2\n" + b"# rien\n" * 90_000 + b"Disallow: /Section/1\n"
OPEN_RULES = {
    "403": page(b"<h1>" + FORBID, status=403),
    "630 KB": page(BIG),
    "mark": page(b"\xef\xbb\xbfUser-agent: *\nDisallow: /Section/2\n"),
    "six hops": moved("/r1"),
}


@pytest.mark.row("F-CON-18")
@pytest.mark.parametrize("answer", OPEN_RULES.values(), ids=OPEN_RULES)
def test_robots_txt_that_leaves_the_outlet_open(tmp_path, answer):
    """A page that is not there, no rules, rules behind 500 KiB, too many redirects: the section is crawled."""
    hops = {f"/r{n}": moved(f"/r{n + 1}") for n in range(1, 8)}
    with outlet(tmp_path, site({1: sound(1)}) | hops | {"/robots.txt": answer}) as (_, project):
        crawled = crawl(project)

    assert (crawled.report["exit"], crawled.report["articles"]) == (0, {"new": 1})


FEED = '<?xml version="1.0"?>{}<rss version="2.0"><channel><item><title>&b;</title><link>http://x{}</link></item></channel></rss>'
HOSTILE = {
    "laughs": FEED.format(
        "<!DOCTYPE r [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY b{n} '{f'&b{n - 1};' * 10 if n else '&a;'}'>" for n in range(12))
        + "<!ENTITY b '&b11;'>]>", path(9),
    ),
    "file": FEED.format("<!DOCTYPE r [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>", path(9)),
    "network": FEED.format("<!DOCTYPE r SYSTEM 'http://127.0.0.1:9/x.dtd' [<!ENTITY b 'x'>]>", path(9)),
    "large": f"<rss><channel>{'<item/>' * 700_000}</channel></rss>",
}  # fmt: skip


@pytest.mark.row("F-CON-19")
@pytest.mark.parametrize("feed", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed(tmp_path, feed):
    """Entities, bombs, depth and size: `filtered`, bounded memory, and the sections are read all the same."""
    answer = page(feed.encode(), "Content-Type: application/rss+xml")
    with outlet(tmp_path, site({1: sound(1)}) | {"/rss.xml": answer}) as (server, project):
        crawled = crawl(project)

    assert (crawled.report["exit"], crawled.ends["/rss.xml"][0]) == (0, "filtered")
    assert crawled.report["articles"] == {"new": 1}
    assert crawled.peak < 400
    assert path(9) not in server.paths()


@pytest.mark.row("F-CON-20")
def test_pictures_and_films_are_not_fetched(tmp_path):
    """Of an article with five thousand pictures and a film, their addresses are kept, and none of them is asked for."""
    media = "".join(f'<img src="/photo/{n}.jpg">' for n in range(5000)) + '<video src="/film.mp4" autoplay></video>'
    with outlet(tmp_path, site({1: page(article(1, inside=f"<figure>{media}</figure>"))})) as (server, project):
        crawled = crawl(project)
        [record] = rows(project, "latest")

    assert (crawled.report["articles"], len(record["images"])) == ({"new": 1}, 5000)
    assert not [asked for asked in server.paths() if "photo" in asked or "film" in asked]
    assert len(server.log) == 6


@pytest.mark.row("F-CON-21")
def test_conditional_requests(tmp_path):
    """A page with a validator is asked for conditionally; 304 is `unchanged`, and no bytes are stored for it."""
    tagged = page(article(1), 'ETag: "un"', "Last-Modified: Fri, 20 Nov 2026 12:00:00 GMT")
    script = site({1: [tagged, page(b"", status=304)]})
    with outlet(tmp_path, script) as (server, project):
        crawl(project)
        again = crawl(project, "-a", "recheck=all")
        asked = [each.head for each in server.log if each.path == path(1)]
        checks = [row for row in rows(project, "checks") if row.get("article_id") == "1"]

    assert (again.report["articles"], again.versions) == ({"unchanged": 1}, {"1": 1})
    assert [b'If-None-Match: "un"' in head for head in asked] == [False, True]
    assert [row["status"] for row in checks] == [200, 304]
    assert checks[1]["confirms"] == rows(project, "latest")[0]["captured_at"]


@pytest.mark.row("F-CON-22")
def test_a_clock_that_is_days_off(tmp_path):
    """Ours counts; what the outlet's says stands beside it in the record."""
    with outlet(tmp_path, site({1: page(article(1), "Date: Tue, 01 Jan 2030 00:00:00 GMT")})) as (_, project):
        crawled = crawl(project)
        [record] = rows(project, "latest")

    assert crawled.report["articles"] == {"new": 1}
    assert record["capture"]["http"]["date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert not record["captured_at"].startswith("2030")


@pytest.mark.row("F-DAT-14")
def test_a_date_that_moves_back(tmp_path):
    """Back-dating is a version and the event `date_changed`, and nothing mends it."""
    older = page(article(1).replace(b"Nov 20, 2026", b"Nov 03, 2026"))
    _, again = twice(tmp_path, {1: page(article(1))}, site({1: older}))
    [change] = [row for row in rows(again.project, "events") if row["event"] == "date_changed"]
    [latest] = rows(again.project, "latest")

    assert (again.report["articles"], again.versions) == ({"changed": 1}, {"1": 2})
    assert change["not_before"] < change["not_after"]
    assert latest["published"]["utc"].startswith("2026-11-03")
