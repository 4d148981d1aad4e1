"""A small outlet of raw answers and a crawl of it by the real command, whose books must balance."""

import json
import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archive.catalog import articles
from archive.catalog.selection import Selection
from archive.exporters.views import VIEWS
from tests import loaded
from tests.french import open_archive
from tests.outlet_server import page, serve
from tests.project import Project, environment

TEXT = (
    "Le phare de Kermor, éteint depuis vingt ans, éclaire de nouveau la passe depuis mardi soir.",
    "La lampe a été remontée par trois anciens gardiens, qui n’avaient gardé que deux des quatre lentilles.",
)


def path(number):
    """Return an article's path."""
    return f"/Detail/2026/11/20/{number}/Un-phare"


def article(number, *, text=TEXT, head="", inside="", headline=None):
    """Return an article's page in the layout of today; `inside` stands at the end of its text."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text)
    title = headline or f"Un phare rallumé, numéro {number}"
    return (
        f"<!doctype html><html lang=fr><head><meta charset=utf-8>{head}<title>{title}</title></head><body>"
        f"<h1 class=news-title-container>{title}</h1><time class=news-detail>Fri Nov 20, 2026 4:46PM</time>"
        f"<div class=news-body-container>{body}{inside}</div></body></html>"
    ).encode()


def listing(*links, name="Europe", more=""):
    """Return a section's page: numbers of articles, or addresses as they stand."""
    hrefs = (path(link) if isinstance(link, int) else link for link in links)
    rows = "".join(f'<li><a href="{href}">Un titre</a></li>' for href in hrefs)
    return f"<html lang=fr><body><h2>{name}</h2><ul>{rows}</ul>{more}</body></html>".encode()


def front(sections=("Europe",)):
    """Return a front page with a menu of sections."""
    links = "".join(f'<a href="/Section/{number}">{name}</a>' for number, name in enumerate(sections, 1))
    return f'<html lang=fr><body><nav class="menu">{links}</nav><h1>À la une</h1></body></html>'.encode()


def site(answers, **more):
    """Return the script of an outlet whose one section lists the articles of `answers`: number → what its page says."""
    pages = {path(number): answer for number, answer in answers.items()}
    about = {
        "/robots.txt": page(b"", status=404),
        "/rss.xml": page(b"", status=404),
        "/": page(front()),
        "/Section/1": page(listing(*answers)),
    }
    return about | {where.replace("__", "/"): answer for where, answer in more.items()} | pages


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """A crawl that ended: its report, what came of each path, what the outlet was asked."""

    report: dict
    said: str
    """Standard error."""
    ends: Mapping[str, tuple[str, str]]
    """Path → (outcome, detail) of its newest look."""
    project: Project
    peak: int
    """The most memory that the crawl held, in MiB."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Article number → how many versions it has."""

    def outcomes(self, *numbers):
        """Return the outcomes of articles."""
        return [self.ends[path(number)][0] for number in numbers]


def balanced(report):
    """Assert that every address that was scheduled ended in exactly one outcome, none of them unknown."""
    assert report["requests"] == sum(report["outcomes"].values())
    assert "lost" not in report["outcomes"]


def crawl(project, *words, env=None, script=None):
    """Crawl every section with the waits out, and check the books; `script` is Python that runs before Scrapy does."""
    settings = ("-s", "BREAKER_PAUSE=0", "-s", "RETRY_TIMES=1", "-s", "LOG_LEVEL=WARNING", "-s", "PARITY_DAYS=0")
    crawling = project.crawl_words(*settings, "--json", *words)
    program = f"{script}\nfrom scrapy.cmdline import execute\nexecute()"
    command = project.command(*crawling) if script is None else project.scripted(program, *crawling)
    before, now = (project.folder / f"crawl.{name}" for name in ("out", "err"))
    with before.open("wb") as out, now.open("wb") as err, Path(os.devnull).open() as nothing:
        fork = loaded.begin(command, environment(env), (nothing, out, err))
        try:
            code = fork.wait(240)
        finally:
            fork.kill()
    said = now.read_text(errors="replace")
    assert before.stat().st_size, said
    report = json.loads(before.read_text())
    assert report["exit"] == code
    balanced(report)
    ends, versions = looks(project)
    return Crawled(
        report=report, said=said, ends=ends, project=project, versions=versions, peak=fork.peak >> 20,
    )  # fmt: skip


@contextmanager
def opened(project):
    """Open a project's archive in this process, which takes a tenth of a command's time."""
    archive = open_archive(f"file:{project.archive}", project.folder / "catalog.sqlite")
    try:
        yield archive
    finally:
        archive.close()


def rows(project, view):
    """Return a view of the archive."""
    with opened(project) as archive:
        return list(VIEWS[view](archive, Selection()))


def looks(project):
    """Return (path → outcome and detail of its newest look, article number → versions) of an archive."""
    with opened(project) as archive:
        found = archive.catalog.db.execute("SELECT url, outcome, detail FROM checks ORDER BY seq, line").fetchall()
        versions = {each.article_id: each.versions for each in articles.article_rows(archive.catalog.db)}
    return {"/" + url.split("/", 3)[3]: (outcome, detail) for url, outcome, detail in found}, versions


@contextmanager
def outlet(tmp_path, script):
    """Serve a script and yield (server, project that crawls it)."""
    tmp_path.mkdir(exist_ok=True)
    with serve(script) as server:
        yield server, Project(tmp_path, server.base)
