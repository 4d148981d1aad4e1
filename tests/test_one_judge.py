"""One judge: an answer comes to the same whether a crawl saw it, a dead crawl left it, a replay or a backfill reads it."""

import gzip
import itertools
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from archive.catalog.selection import Selection
from archive.catalog.since import Since
from archive.exporters.views import VIEWS
from archive.facts.items import Check
from archive.facts.names import instant
from archive.log.batch import Batch, commit
from archive.log.segments import decode_lines, read_segment
from archive.log.spool import Spool
from archive.warc import warc
from crawler.crawl.brake import Brake
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.replay import Replay
from crawler.reread.segments import Task
from crawler.reread.spools import SpoolPlace
from pipelines.version import Rules
from pipelines.writer import Writer
from tests.faults.site import TEXT, article, front, listing, path, site
from tests.french import EDITION, open_archive
from tests.made import Ticking, committer_of
from tests.outlet_server import moved, page, serve
from tests.project import Project

OFFSITE = "http://autre.exemple/Detail/2026/11/20/1/x"
MADE_UP = "<html lang=fr><head><title>Avis</title></head><body><h1>Avis</h1><p>{}</p></body></html>".format(
    "Le contenu demandé a été déplacé ou renommé, utilisez le moteur de recherche du site pour le retrouver."
)
"""What an address that no article has is answered with: words that no rule knows."""
EDITED = (TEXT[0], "La lampe a été remontée par cinq anciens gardiens, à l’aide de lentilles neuves.")
WALL = b"<html><title>Just a moment...</title><body>Checking your browser before accessing</body></html>"
SEIZED = b"<title>Avis</title><h1>This website has been seized</h1><p>by the United States Government.</p>"
PARKED = "<title>Domaine</title><h1>Ce nom de domaine est à vendre</h1>".encode()
GONE = "<html><title>Page introuvable</title><h1>Page introuvable</h1><p>Retour à l’accueil.</p>".encode()
CONSENT = b"<html><title>Cookies</title><body><h1>Vos choix</h1><p>Acceptez-vous les cookies ?</p></body></html>"
MENUS = b'<html lang=fr><body><nav class="menu"><a href="/Section/1">Europe</a></nav></body></html>'
UNREAD = (
    '<html lang=fr><head><meta property="og:type" content="article"><title>Un récit sans paroles</title></head><body>'
    "<h1>Un récit sans paroles, filmé au large de Kermor pendant la grande marée de novembre dernier</h1></body></html>"
).encode()
BAD_BYTES = article(1).replace(b"phare", b"ph\xff\xfe\xffare \x81\x8d\x8f\x90\x9d")
PACKED = gzip.compress(article(1))
BOMB = gzip.compress(bytes(9 * 2**20))
REMOVED = "Vidéo supprimée par son auteur, le phare de Kermor vu du ciel"
REFUSED, NO_MORE = "Accès refusé aux pêcheurs de Kermor", "Cet article n’existe plus"
DATED = b"<time class=news-detail>Fri Nov 20, 2026 4:46PM</time>"
SHORT, FILM = ("Le phare, vu du ciel.",), "<video src=/phare.mp4></video>"
IDLE = '<meta http-equiv="refresh" content="900; url=/">'
AWAY = '<meta http-equiv="refresh" content="0; url=/sans-script">'
LEADS = "<script>function voir() { location.href = '/Section/1' }</script>"
SCRIPTED = b"<html lang=fr><title>Un instant</title><body>Un instant<script>location.replace('/consent')</script></body></html>"
GZIP = "Content-Encoding: gzip"
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
CLOSED = CHUNKED.replace(b"Transfer-Encoding: chunked\r\n", b"")
PACKED_CHUNKED = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")


@dataclass(frozen=True)
class Row:
    """An answer to a known article's address, and what it comes to."""

    answer: object
    """Bytes; a function of the article's number that makes them; or a Script of further paths with the answer."""
    outcome: str
    reason: str = ""
    more: tuple = ()
    """(path, answer) of what else is asked on the way."""


def edited(number):
    """Return an article's page with another text."""
    return page(article(number, text=EDITED))


def packed(number):
    """Return an article's page with another text, packed."""
    return gzip.compress(article(number, text=EDITED))


def cut_text(number):
    """Return an article's page that lacks its end, from within its second paragraph."""
    return article(number).partition(b"gardiens")[0]


def chunk(body):
    """Return a chunk."""
    return b"%x\r\n%s\r\n" % (len(body), body)


def unknown(number, text):
    """Return an article's page in a layout that nobody knows, which calls itself the front page."""
    body = "".join(f"<p>{paragraph} {paragraph[:90]}.</p>" for paragraph in (*text, *TEXT))
    title = f"Un phare rallumé, numéro {number}"
    return (
        f'<html lang=fr><head><title>{title}</title><meta property="og:url" content="/"></head><body><main>'
        f"<h1>{title}</h1><p>Publié le 20 novembre 2026 à 16h46</p>{body}</main></body></html>"
    ).encode()


def status(code, body=b"panne"):
    """Return a row of an answer with that status."""
    return Row(page(body, status=code), "http_error")


def led(target, outcome, reason="", *more):
    """Return a row of a redirect."""
    return Row(moved(target), outcome, reason, more)


def refresh(target, body=""):
    """Return a page that leads on at once."""
    url = f"; url={target}" if target else ""
    return page(f'<html lang=fr><meta http-equiv=refresh content="0{url}"><body>{body}</body></html>'.encode())


def onward(number):
    """Return an article's page that leads on to its other slug."""
    return refresh(f"{path(number)}-bis")


ROWS = {
    "the text edited": Row(edited, "changed"),
    "404": Row(page(b"rien", status=404), "gone"),
    "wall: title": Row(page(WALL), "challenge", "wall"),
    "410": Row(page(b"rien", status=410), "gone"),
    "404 with a body cut": Row(page(PACKED[:-40], GZIP, status=404), "truncated", "packing"),
    "400": status(400),
    "401": status(401),
    "403": status(403),
    "wall: 403": Row(page(WALL, status=403), "challenge", "wall"),
    "405": status(405),
    "451": status(451),
    "429": status(429),
    "500": status(500),
    "wall: header": Row(page(article(1), "cf-mitigated: challenge"), "challenge", "wall"),
    "502": status(502),
    "503": status(503),
    "504": status(504),
    "204": status(204, b""),
    "wall: 503": Row(page(WALL, status=503), "challenge", "wall"),
    "206": status(206),
    "300": status(300),
    "302 without a target": status(302),
    "302 to no address": Row(page(b"", "Location: http://[", status=302), "http_error"),
    "seized": Row(page(SEIZED), "challenge", "seized"),
    "302 home": led("/", "soft_404", "front_page"),
    "301 home": Row(moved("/", 301), "soft_404", "front_page"),
    "302 home with a query": led("/?de=article", "soft_404", "front_page"),
    "302 to another article": led(path(99), "soft_404", "another_page"),
    "parked": Row(page(PARKED), "challenge", "parked"),
    "302 to a consent page": led("/consent", "not_observed", "another_page", ("/consent", page(CONSENT))),
    "302 to a listing": led("/Section/1", "not_observed", "another_page"),
    "302 to a page that is not there": led("/404", "gone"),
    "302 to a page that is forbidden": led("/prive", "http_error", "", ("/prive", page(b"non", status=403))),
    "302 to a wall": led("/mur", "challenge", "wall", ("/mur", page(WALL))),
    "302 off the outlet": led(OFFSITE, "redirected_offsite"),
    "302 to a private address": led("http://10.0.0.1/Detail/2026/11/20/1/x", "ssrf_blocked"),
    "302 to this machine": led("http://localhost/Detail/2026/11/20/1/x", "ssrf_blocked"),
    "302 in a circle": led("/rond", "http_error", "redirect_loop", ("/rond", "itself")),
    "302 to its other slug": led("its other slug", "changed", "", ("its other slug", "edited")),
    "302 twice to its other slug": led("/pas", "changed", "", ("/pas", "its other slug"), ("its other slug", "edited")),
    "refreshed to a consent page": Row(refresh("/consent"), "not_observed", "another_page"),
    "refreshed home": Row(refresh("/"), "soft_404", "front_page"),
    "refreshed to another article": Row(refresh(path(99)), "soft_404", "another_page"),
    "refreshed to itself": Row(refresh(""), "not_observed", "another_page"),
    "refreshed off the outlet": Row(refresh(OFFSITE), "not_observed", "another_page"),
    "refreshed to its other slug": Row(onward, "changed"),
    "refreshed home in words": Row(refresh("/", "<h1>Page introuvable</h1>"), "soft_404"),
    "refreshed home after minutes": Row(lambda n: page(article(n, text=EDITED, head=IDLE)), "changed"),
    "refreshed without scripts": Row(lambda n: page(article(n, text=EDITED, head=f"<noscript>{AWAY}</noscript>")), "changed"),
    "only a script": Row(page(SCRIPTED), "not_observed"),
    "an app that fills itself": Row(page(MENUS.replace(b"</body>", b"<div id=app></div><script src=/a.js></script></body>")), "not_observed"),
    "a listing with a script": Row(page(listing(1, 2, 3, 4, 5, 6, 7, 8, more="<script src=/a.js></script>")), "soft_404"),
    "an article with such a script": Row(lambda n: page(article(n, text=EDITED, inside=LEADS)), "changed"),
    "soft 404 in words": Row(page(GONE), "soft_404"),
    "menus only": Row(page(MENUS), "soft_404", "made_up_alike"),
    "a listing in its place": Row(page(listing(1, 2, 3, 4, 5, 6, 7, 8)), "soft_404"),
    "the front page in its place": Row(page(front()), "soft_404"),
    "as a made-up address": Row(page(MADE_UP.encode()), "soft_404", "made_up_alike"),
    "an article without text": Row(page(UNREAD), "extract_failed"),
    "a headline that says removed": Row(lambda n: page(article(n, headline=REMOVED, text=SHORT)), "changed"),
    "a headline that says refused, a film": Row(lambda n: page(article(n, headline=REFUSED, text=(), inside=FILM)), "changed"),
    "a headline that may be a notice": Row(lambda n: page(article(n, headline="Vidéo supprimée", text=SHORT)), "changed"),
    "a notice built as an article": Row(lambda n: page(article(n, headline=NO_MORE, text=SHORT)), "not_observed", "doubtful_notice"),
    "a notice in a known layout": Row(page(article(1, headline=NO_MORE, text=SHORT).replace(DATED, b"")), "soft_404"),
    "an article that calls itself home": Row(lambda n: page(unknown(n, EDITED)), "changed"),
    "menus that call themselves home": Row(page(MENUS.replace(b"<body>", b"<link rel=canonical href=/><body>")), "soft_404"),
    "nothing": Row(page(b""), "empty"),
    "markup without text": Row(page(b"<html><body></body></html>"), "empty"),
    "bytes of no charset": Row(page(BAD_BYTES, "Content-Type: text/html; charset=utf-8"), "parse_incomplete"),
    "packed, and cut": Row(page(PACKED[:-40], GZIP), "truncated", "packing"),
    "fewer bytes than promised": Row(lambda n: page(cut_text(n), length=9999), "truncated", "disconnect"),
    "404 with fewer bytes than promised": Row(page(b"rien", status=404, length=99), "truncated", "disconnect"),
    "chunks without the last": Row(lambda n: CHUNKED + chunk(cut_text(n)), "truncated", "disconnect"),
    "cut within a chunk": Row(lambda n: CHUNKED + chunk(article(n))[:-200], "truncated", "disconnect"),
    "closed without its end": Row(lambda n: CLOSED + cut_text(n), "truncated", "no_end"),
    "closed before its text": Row(lambda n: CLOSED + article(n).partition(b"<h1")[0], "truncated", "no_end"),
    "closed at its end": Row(lambda n: CLOSED + article(n, text=EDITED) + b"<!-- servi en 3 ms -->", "changed"),
    "without its end, its length true": Row(lambda n: page(article(n, text=EDITED).removesuffix(b"</html>")), "changed"),
    "whole in chunks": Row(lambda n: CHUNKED + chunk(article(n, text=EDITED)) + b"0\r\n\r\n", "changed"),
    "packed whole, its length a lie": Row(lambda n: page(packed(n), GZIP, length=9999), "changed"),
    "packed whole, its last chunk lost": Row(lambda n: PACKED_CHUNKED + chunk(packed(n)), "changed"),
    "a bomb": Row(page(BOMB, GZIP), "bomb"),
    "a coding that nobody knows over a page": Row(lambda n: page(article(n, text=EDITED), "Content-Encoding: rot13"), "changed"),
    "a coding that nobody knows over bytes": Row(page(BOMB[:200], "Content-Encoding: rot13"), "http_error"),
    "six codings": Row(page(article(1), f"Content-Encoding: {', '.join(['gzip'] * 9)}"), "bomb"),
}  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(ROWS, 1)}
LEFT = frozenset({"http_error", "challenge", "redirected_offsite", "not_observed", "truncated", "ssrf_blocked"})
"""What a backfill passes over or refuses: of others' captures that say nothing of the article it says nothing."""


class Script(dict):
    """The outlet's answers; an address that no article has is answered with a page that says so in no known words."""

    def get(self, key, default=None):
        """Return the answer to a path."""
        made_up = EDITION.is_made_up(f"http://127.0.0.1{key}")
        return page(MADE_UP.encode()) if made_up else super().get(key, default)


def script():
    """Return the answers: each article's page, then what its row says."""
    pages = site({number: page(article(number)) for number in [*NUMBERS.values(), 99]})
    for name, row in ROWS.items():
        number, own = NUMBERS[name], f"{path(NUMBERS[name])}-bis"
        named = {"its other slug": own, "itself": path(number)}
        answer = row.answer(number) if callable(row.answer) else row.answer
        pages[path(number)] = [page(article(number)), moved(own) if row.answer == moved("its other slug") else answer]
        if row.answer is onward:
            pages[own] = edited(number)
        for where, then in row.more:
            told = edited(number) if then == "edited" else moved(named[then]) if then in named else then
            pages[named.get(where, where)] = told
    return Script(pages)


QUIET = (
    "-s", "BREAKER_FAILURES=0", "-s", "RETRY_TIMES=1", "-s", "PARITY_DAYS=0", "-s", "BRAKE_MINIMUM=1000",
    "-s", "LOG_LEVEL=ERROR", "-s", "CONCURRENT_REQUESTS=1",
)  # fmt: skip
DIES = (
    "import os, signal\nfrom archive.committing import Committer\n"
    "Committer.commit = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
    "from scrapy.cmdline import execute\nexecute()"
)


@pytest.fixture(scope="module")
def outlet():
    """Serve the rows."""
    with serve(script()) as server:
        yield server


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, outlet):
    """Crawl twice; return the project, and a copy of it as it was between the two."""
    project = Project(tmp_path_factory.mktemp("crawled"), outlet.base)
    first = project.crawl(*QUIET)
    assert first.returncode == 0, first.stderr
    before = tmp_path_factory.mktemp("before") / "project"
    shutil.copytree(project.folder, before)
    second = project.crawl(*QUIET, "-a", "recheck=all")
    assert second.returncode in (0, 3), second.stderr
    return project, before


def opened(folder):
    """Return the archive in a folder."""
    return open_archive(f"file:{folder / 'archive'}", folder / "catalog.sqlite")


def told(archive, after):
    """Return article number → (outcome, reason) of the newest look past a commit."""
    found = {}
    for check in VIEWS["checks"](archive, Selection(since=Since(str(after)))):
        if check.get("article_id") and check["kind"] == "article":
            found[int(check["article_id"])] = (check["outcome"], check.get("reason", ""))
    return found


@pytest.fixture(scope="module")
def seen(crawled):
    """Return what the second crawl said, and the number of the last commit before it."""
    project, before = crawled
    archive, head = opened(project.folder), opened(before)
    last = head.catalog.head()
    head.close()
    yield told(archive, last.seq), last, archive
    archive.close()


@pytest.fixture(scope="module")
def adopted(crawled, outlet, tmp_path_factory):
    """Crawl once more from the copy, die at the commit, adopt what is left; return what the adoption said."""
    folder = tmp_path_factory.mktemp("adopted")
    _, before = crawled
    shutil.copytree(before, folder, dirs_exist_ok=True)
    project = Project(folder, outlet.base)
    died = project.run_by(DIES, *project.crawl_words(*QUIET, "-a", "recheck=all"))
    assert died.returncode == -9, died.stderr
    archive = opened(folder)
    last, clock = archive.catalog.head().seq, Ticking(instant("2027-01-01T00:00:00Z"))
    quiet = partial(Brake, minimum=1000)
    rules = Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda _: None)
    writer = partial(Writer, committer_of(archive, clock, crawl="20270101t000000z-0000000b"), spool_dir=project.spool)
    adopt(SpoolPlace.of(project.spool, archive), archive, writer, rules, EDITION, braking=quiet)
    archive.catalog.follow(archive.log)
    yield told(archive, last)
    archive.close()


@pytest.fixture(scope="module")
def replayed(crawled, seen, tmp_path_factory):
    """Replay the second crawl's captures, its records left out; return article number → whether one was read."""
    folder = tmp_path_factory.mktemp("replayed")
    _, before = crawled
    shutil.copytree(before, folder, dirs_exist_ok=True)
    _, last, other = seen
    archive, clock = opened(folder), Ticking(instant("2027-01-01T00:00:00Z"))
    for number, new in enumerate(other.log.after(last)):
        batch = Batch(
            batch_id=f"20270101t000000z-0000000c-{number:04d}", crawl="c", opened_at=clock(),
            spool=Spool.create(folder / "spool", f"20270101t000000z-0000000c-{number:04d}"),
        )  # fmt: skip
        for segment in new.segments:
            data = read_segment(other.store, segment)
            if segment.kind == "warc":
                for one in warc.read(data, segment.key):
                    batch.spooled(replace(one, segment=None))
            elif segment.kind == "checks":
                batch.checks += [check_of(line) for line in decode_lines(data, segment.key)]
        commit(
            batch,
            archive.log,
            head=archive.catalog.head(),
            writer={"name": "x", "version": "0"},
            summary={},
            clock=clock,
        )
        archive.catalog.follow(archive.log)
    task = Task(archive=archive.store.uri, catalog=archive.catalog.path, edition=EDITION)
    committer = committer_of(archive, clock, crawl="replay-20270101t000000z-0000000d")
    Replay(committer=committer, task=task, limit=200).run(Since(str(last.seq)), 1)
    rows = archive.catalog.db.execute("SELECT DISTINCT article_id FROM records WHERE seq > ?", (last.seq,)).fetchall()
    yield {row[0] for row in rows}
    archive.close()


def check_of(line):
    """Return a stored check as it was."""
    more = {"at": instant(line["at"]), "listed": tuple(line.get("listed", ()))}
    return Check(**line | more)


@pytest.fixture(scope="module")
def backfilled(crawled, seen, tmp_path_factory):
    """Backfill the second crawl's WARC files into the copy; return what the backfill said."""
    project, before = crawled
    folder = tmp_path_factory.mktemp("backfilled")
    shutil.copytree(before, folder, dirs_exist_ok=True)
    _, last, other = seen
    files = []
    for number, segment in enumerate(s for new in other.log.after(last) for s in new.segments if s.kind == "warc"):
        files.append(folder / f"autre-{number}.warc.gz")
        files[-1].write_bytes(other.store.get(segment.key))
    believed = ("-s", "BRAKE_MINIMUM=1000")
    done = Project(folder, project.url).run("backfill", "--outlet", project.url, *believed, *files)
    assert done.returncode in (0, 3), done.stderr
    archive = opened(folder)
    yield told(archive, last.seq)
    archive.close()


@pytest.mark.parametrize("name", ROWS)
def test_a_crawl_says(seen, name):
    """What the answer comes to where it is asked for."""
    assert seen[0].get(NUMBERS[name]) == (ROWS[name].outcome, ROWS[name].reason)


@pytest.mark.row("F-OUT-11")
@pytest.mark.parametrize("name", ROWS)
def test_adoption_says_the_same(adopted, name):
    """What counts as removed does not depend on whether a crawl was killed."""
    assert adopted.get(NUMBERS[name]) == (ROWS[name].outcome, ROWS[name].reason)


@pytest.mark.row("F-OUT-11")
@pytest.mark.parametrize("name", ROWS)
def test_a_replay_reads_articles_and_no_others(replayed, name):
    """A capture is an article's where a crawl says so, and nowhere else."""
    assert (NUMBERS[name] in replayed) == (ROWS[name].outcome == "changed")


def test_a_replay_makes_no_article_of_where_a_redirect_led(replayed):
    """What answered in another article's place is no sight of that one."""
    assert 99 not in replayed


@pytest.mark.parametrize("name", ROWS)
def test_a_backfill_says_the_same(backfilled, name):
    """Others' captures come to what a crawl says, or to nothing where it could not look."""
    row = ROWS[name]
    expected = None if row.outcome in LEFT else (row.outcome, row.reason)

    assert backfilled.get(NUMBERS[name]) == expected


def test_the_table_is_whole():
    """No two rows are alike, and every class of status is there."""
    assert len(ROWS) >= 40
    assert len(set(itertools.chain(NUMBERS.values()))) == len(ROWS)
