"""An invented archive behind pages, and readers of them: in this process, by HTTP, in a real browser."""

import contextlib
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html
from starlette.testclient import TestClient

from archive.facts.items import Check
from archive.facts.teasers import Teaser
from archive.log.chain import Log
from archive.stores.opening import open_store
from browse.app import app_of
from browse.asking import Site
from browse.reader import Reader
from crawler.cli.reading import facts_of
from tests import facts, loaded
from tests.french import EDITION
from tests.project import Project, environment

HOUR, DAY = 60, 24 * 60
CALM = "Le bac de Karimabad passe la rivière. Il transporte 1 400 passagers. Le maire reconnaît un retard de l’œuvre."
EDITED = "Le bac de Karimabad passe la rivière. Il transporte 2 200 passagers."
BROWSER = shutil.which("chromium")
UNE = ("A La Une",)
ORIGIN = "http://127.0.0.1:8642"

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium (apt-get install chromium)")


def listing(minute, section, *numbers):
    """Return a look at a section's first page that lists these articles."""
    check = Check(
        at=facts.at(minute), url=f"http://127.0.0.1/Section/{section}", kind="section", outcome="listed", status=200,
        section=section, page=1, listed=tuple(map(str, numbers)),
        teasers=tuple(Teaser(text=f"{number} à la une") for number in numbers),
    )  # fmt: skip
    return facts.Fact(check=check)


def story(log):
    """Commit an article that was edited silently, one that is gone, one that came back, one that others captured."""
    walk = {"sections": {"une": {"complete": True, "pages": 1, "articles": 4}}, "exit": 0, "requests": {"new": 4}}
    texts = (
        facts.read(number, 1, facts.TEXTS[0], headline=f"L’article {number}", sections=UNE)
        for number in (102, 103, 104)
    )
    first = facts.read(101, 0, CALM, headline="Un bac de 1 400 passagers", sections=UNE)
    facts.write(
        log,
        first,
        *texts,
        facts.saw(109, 1, "timeout"),
        listing(2, "une", 101, 102, 103, 104, 109),
        summary=walk,
        crawl="c1",
    )
    edit = facts.read(101, HOUR, EDITED, outcome="changed", headline="Un bac de 2 200 passagers", sections=UNE)
    facts.write(log, edit, facts.saw(102, HOUR, "gone"), facts.saw(103, HOUR, "gone"), facts.saw(104, HOUR), crawl="c2")
    later = [facts.saw(102, 9 * HOUR, "gone"), facts.saw(103, 9 * HOUR, "gone"), facts.saw(101, 9 * HOUR)]
    facts.write(log, *later, facts.saw(101, 9 * HOUR + 1, host="miroir.example", kind="mirror"), crawl="c3")
    back = [facts.saw(103, 3 * DAY), facts.saw(101, 3 * DAY), facts.saw(102, 3 * DAY, "gone")]
    facts.write(log, *back, facts.saw(104, 3 * DAY, "timeout"), summary=walk, crawl="c4")


def site_of(log, folder, **more):
    """Return a site over a log, its catalog folded into a file of the folder."""
    reader = Reader(facts.folded(log, Path(folder) / "catalog.sqlite"))
    clock = more.pop("clock", lambda: facts.NOON + timedelta(days=4))
    return Site(reader=reader, outlet=facts_of(EDITION), clock=clock, complain=lambda _: None, **more)


@contextlib.contextmanager
def told_site(folder, tell=story, **more):
    """Give a site over an archive in which a story happened."""
    log = facts.new_log()
    tell(log)
    site = site_of(log, folder, **more)
    try:
        yield site
    finally:
        site.reader.close()


def stored_project(folder, tell=story):
    """Return a project whose archive, on disk, is one in which a story happened."""
    made = Project(folder, "")
    log = stored_log(made)
    log.create(edition="presstv-fr", version="1")
    tell(log)
    return made


def stored_log(project):
    """Return the log of a project's archive."""
    return Log(open_store(f"file:{project.archive}"))


@contextlib.contextmanager
def serving(project, *words):
    """Give a running `scrapy browse` and the port that it says."""
    command = loaded.start(project.command("browse", "--port", "0", *words), env=environment())
    try:
        line = command.stdout.readline()
        yield command, int(re.fullmatch(r"the archive is open at http://\S+:(\d+)/ \(Ctrl-C ends it\)\n", line)[1])
    finally:
        command.kill()
        command.communicate(30)


def client_of(site, language="en", **more):
    """Return a reader in this process; redirects are not followed."""
    headers = {"accept-language": language}
    return TestClient(app_of(site), base_url=ORIGIN, follow_redirects=False, headers=headers, **more)


def page(client, path, status=200):
    """Return a page as a tree."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.text[:300])
    return html.fromstring(answer.text)


def words(tree, query=".//main"):
    """Return what stands in a part of a page, spaces folded."""
    return " ".join(" ".join(each.text_content() for each in tree.findall(query)).split())
