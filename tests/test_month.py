"""A month of an outlet's life under a stepped clock: the events are the script's, no more and no less.

Each row of the printed table is an event that the script made, with its instant, and the interval that was found.
"""

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from crawler.pages import REVISION
from demo import classic, modern, routes
from demo.outlet import Outlet, article_of, written
from demo.server import serve
from tests import messy, strange
from tests.project import Project
from tests.stepped import Stepped, faketime

pytestmark = pytest.mark.skipif(faketime() is None, reason="needs libfaketime (apt-get install faketime)")
REPLICA = Path(__file__).resolve().parents[2] / "shared" / "replica" / "replica.py"
NEW = {
    "id": "779001", "published": "2026-12-02T10:00:00+00:00", "slug": "Un-phare-rallumé", "headline": "Un phare rallumé",
    "lead": "Après vingt ans, le phare de Kermor éclaire de nouveau la passe.",
    "body": ["La lampe a été remontée par trois anciens gardiens.", "Le port attend les bateaux de nuit."],
}  # fmt: skip
ANOTHER = {
    "headline": "Gratuité votée pour tous les musées municipaux",
    "lead": "Dès janvier, aucun billet ne sera demandé dans les collections publiques.",
    "body": ["Quatorze établissements sont concernés.", "Les gardiens réclament des renforts avant cette ouverture."],
    "captions": [],
    "kicker": "",
}


class Month:
    """The story: an outlet, a project that crawls it, and what the script did when."""

    def __init__(self, folder, server, clock):
        self.outlet, self.clock, self.server = getattr(server, "outlet", None), clock, server
        self.project = Project(folder, server.url)
        self.expected = []
        self.codes = []

    def crawl(self, day, hour=12):
        """Look at every known article again."""
        self.clock.at(day, hour)
        words = self.project.crawl_words("-a", "recheck=all", "-s", "PARITY_DAYS=0", "--json")
        done = self.project.run(*words, env=self.clock.environment())
        assert done.stdout, done.stderr
        self.codes.append(done.returncode)
        return json.loads(done.stdout)

    def did(self, number, day, hour, *events):
        """Note what the script does at an hour, and the events that it must come to."""
        at = self.clock.at(day, hour)
        self.expected += [(number, event, at) for event in events]

    def render(self, layout):
        """Serve every page in another layout."""
        routes.classic = routes.modern = layout
        self.outlet.revision += 1

    def found(self):
        """Return the events less the discoveries of the first crawl."""
        rows = self.project.rows("events")
        return [row for row in rows if row["event"] != "discovered" or row["article_id"] == NEW["id"]]

    def compare(self):
        """Return what is missing, what is too much, and what lies outside of its interval; print the table."""
        left = self.found()
        missing, outside = [], []
        for number, event, at in sorted(self.expected, key=lambda e: e[2]):
            row = next((r for r in left if (r["article_id"], r["event"]) == (number, event)), None)
            if row is None:
                missing.append((number, event))
                continue
            left.remove(row)
            since = row["not_before"] and datetime.fromisoformat(row["not_before"])
            until = datetime.fromisoformat(row["not_after"])
            fits = (since is None or since <= at) and at <= until
            outside += [] if fits else [(number, event, at, row)]
            print(f"{number}  {event:<16} {at:%d %H:%M}  {since and f'{since:%d %H:%M}'} - {until:%d %H:%M}  {fits}")
        return missing, left, outside


class Replica:
    """The replica as a process whose clock is the story's: it reads the time from a file."""

    def __init__(self, folder, clock):
        self.clock, self.file = clock, folder / "time"
        self._set()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        stepped = {"FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1"}
        env = {**os.environ, **clock.environment(), **stepped}
        del env["FAKETIME"]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-u", str(REPLICA), "--port", str(port)], env=env, stdout=subprocess.PIPE, text=True
        )
        assert "replica of" in self.process.stdout.readline()

    def _set(self):
        self.file.write_text(f"@{self.clock.now:%Y-%m-%d %H:%M:%S}")

    def tell(self, verb, body=None, **query):
        """Have the replica do something at the present hour of the story."""
        self._set()
        url = f"{self.url}/_replica/{verb}?{urlencode(query)}"
        urlopen(Request(url, data=json.dumps(body or {}).encode(), method="POST"), timeout=10).close()

    def close(self):
        """End the process."""
        self.process.terminate()
        self.process.communicate()


@pytest.fixture
def replica(tmp_path):
    """Begin a month at the replica."""
    if not REPLICA.exists():
        pytest.skip("no replica beside the project")
    clock = Stepped()
    server = Replica(tmp_path, clock)
    yield Month(tmp_path, server, clock)
    server.close()


@pytest.fixture
def month(tmp_path):
    """Begin a month; the layouts are put back after it."""
    clock = Stepped()
    before = classic, modern
    with serve(outlet=Outlet(written(), clock=clock)) as server:
        yield Month(tmp_path, server, clock)
    routes.classic, routes.modern = before


def one_sentence(outlet, number):
    """Return the first sentence of an article's body."""
    return outlet.articles[number].body[0]


def test_a_month(month):
    """Publish, edit openly and silently, remove in four ways, restore, change the layout: exactly that is told."""
    outlet = month.outlet
    a, b, c, d, e, f, g, h = (article.id for article in written()[:8])
    month.crawl(0)
    month.did(NEW["id"], 1, 10, "discovered")
    outlet.publish(article_of(NEW))
    month.crawl(1)
    month.did(a, 2, 9, "edited")
    outlet.reword(a, one_sentence(outlet, a), "La phrase est tout autre, et la rédaction le signale.", open=True)
    month.did(b, 2, 10, "silently_edited")
    was = one_sentence(outlet, b)
    outlet.reword(b, was, "La phrase est tout autre, et personne ne le dit.", open=False)
    month.did(h, 2, 11, "silently_edited", "headline_edited")
    outlet.edit(h, open=False, headline="Un titre changé sans un mot")
    month.crawl(2)
    for number, how, event in (
        (c, "404", "removed"), (d, "410", "removed"), (e, "soft", "soft_removed"), (f, "home", "soft_removed"),
    ):  # fmt: skip
        month.did(number, 4, 8, event)
        outlet.remove(number, how)
    month.crawl(4)
    month.crawl(4, 20)
    for number in (c, e):
        month.did(number, 8, 9, "restored")
        outlet.restore(number)
    month.crawl(8)
    month.clock.at(12, 6)
    month.render(modern)
    month.crawl(12)
    month.did(b, 14, 9, "silently_edited")
    outlet.reword(b, "La phrase est tout autre, et personne ne le dit.", was, open=False)
    month.did(g, 14, 10, "edited", "headline_edited", "identity_break")
    outlet.edit(g, open=True, **ANOTHER)
    month.crawl(14)
    month.clock.at(20, 6)
    month.render(strange)
    month.crawl(20)
    month.crawl(21)
    month.clock.at(24, 6)
    month.render(modern)
    month.crawl(24)
    month.crawl(28)
    missing, extra, outside = month.compare()

    assert (missing, extra, outside) == ([], [], [])
    assert set(month.codes) <= {0, 6}
    assert month.project.run("verify").returncode == 0


@pytest.mark.row("F-CON-04")
@pytest.mark.row("F-CON-06")
@pytest.mark.parametrize("layout", [strange, messy], ids=["strange", "messy"])
def test_all_pages_in_a_layout_that_no_class_knows(month, layout):
    """Exit 6 and no edit, no removal: not at once, not after more crawls, not after `accept`."""
    month.crawl(0)
    month.clock.at(1, 6)
    month.render(layout)
    first = month.crawl(1)
    at_once = month.found()
    again = month.crawl(2)
    for report in (first, again):
        if report["suspect"]:
            done = month.project.run("accept", report["crawl"], env=month.clock.environment())
            assert done.returncode == 0, done.stderr
    accepted = month.found()
    month.crawl(3)

    assert (first["exit"], at_once, accepted, month.found()) == (6, [], [], [])
    assert "generic" in first["brake"]["layouts"] or first["brake"]["rechecked"]
    assert first["suspect"] is True
    assert Counter(row["state"] for row in month.project.rows("latest")) == {"live": len(written())}


def test_a_new_layout_class_and_a_replay(month, tmp_path):
    """A class for the unknown layout, then `replay`: still no edit, no removal; the next crawl ends with 0."""
    month.crawl(0)
    month.clock.at(1, 6)
    month.render(messy)
    first = month.crawl(1)
    month.clock.at(1, 18)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "sitecustomize.py").write_text(_LATER)
    later = month.clock.environment() | {"PYTHONPATH": f"{tmp_path / 'later'}{os.pathsep}{Path.cwd()}"}
    replayed = month.project.run("replay", "--json", env=later)
    told = json.loads(replayed.stdout)
    after_replay = month.found()
    month.clock.at(2)
    crawled = month.project.run(*month.project.crawl_words("-a", "recheck=all", "--json"), env=later)
    rows = month.project.rows("latest")

    assert (first["exit"], replayed.returncode, after_replay) == (6, 0, [])
    assert (told["revision"], told["failed"]) == (REVISION + 1, [])
    assert (crawled.returncode, month.found()) == (0, []), crawled.stdout
    assert Counter(row["state"] for row in rows) == {"live": len(written())}
    assert month.project.run("verify").returncode == 0


# The program as it is after somebody wrote a class for the layout: read by every process that has it on its path.
_LATER = """
import sys

import crawler.pages as pages
from crawler.pages import article, reading


class Messy(article.Layout):
    name = "messy"
    headline_at = ("div.t b",)
    lead_at = ("div.l",)
    body_at = ("div.z",)
    date_at = ("div.d",)


article.ERAS = reading.ERAS = (*article.ERAS, Messy)
pages.REVISION = reading.REVISION = reading.REVISION + 1
"""


@pytest.mark.slow
def test_a_month_of_the_replica(replica):
    """The same at an outlet that is not ours: its own way to edit, to remove and to change all pages' layout."""
    month, server = replica, replica.server
    month.crawl(0)
    ids = sorted(row["article_id"] for row in month.project.rows("latest"))
    a, b, c, d, e, f, g, h = ids[:8]
    month.did(NEW["id"], 1, 10, "discovered")
    fields = {"id": NEW["id"], "slug": NEW["slug"], "date": "2026-12-02", "captions": [], "sections": ["europe"]}
    server.tell("publish", fields | {name: NEW[name] for name in ("headline", "lead", "body")} | {"kicker": ""})
    month.crawl(1)
    month.did(a, 2, 9, "edited")
    server.tell("edit", {"lead": "Un chapeau tout neuf, que la rédaction signale ce matin."}, id=a)
    month.did(b, 2, 10, "silently_edited")
    server.tell("edit", {"lead": "Un chapeau changé, que personne ne signale.", "silent": True}, id=b)
    month.did(h, 2, 11, "silently_edited", "headline_edited")
    server.tell("edit", {"headline": "Un titre changé sans un mot", "silent": True}, id=h)
    month.crawl(2)
    for number, how, event in (
        (c, "404", "removed"), (d, "410", "removed"), (e, "soft", "soft_removed"), (f, "home", "soft_removed"),
    ):  # fmt: skip
        month.did(number, 4, 8, event)
        server.tell("remove", id=number, how=how)
    month.crawl(4)
    month.crawl(4, 20)
    for number in (c, e):
        month.did(number, 8, 9, "restored")
        server.tell("restore", id=number)
    month.crawl(8)
    month.clock.at(12, 6)
    server.tell("layout", name="modern")
    month.crawl(12)
    month.did(b, 14, 9, "silently_edited")
    server.tell("edit", {"lead": "Un chapeau changé encore, sans un mot : 14 blessés.", "silent": True}, id=b)
    month.did(g, 14, 10, "edited", "headline_edited", "identity_break")
    server.tell("edit", dict(ANOTHER), id=g)
    month.crawl(14)
    month.clock.at(16, 6)
    server.tell("layout", name="classic")
    month.crawl(16)
    month.crawl(28)
    missing, extra, outside = month.compare()

    assert (missing, extra, outside) == ([], [], [])
