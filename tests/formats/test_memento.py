"""Memento (RFC 7089): a client of others finds an article's versions by the outlet's own address and a date."""

import contextlib
import json
import re
import subprocess
import sys
import urllib.request

import pytest

from tests import apart
from tests.browsing import serving
from tests.project import ROOT, Project

pytestmark = [pytest.mark.formats, apart.needed]

REPLICA = ROOT.parent / "shared" / "replica" / "replica.py"
CLIENT = """
import json, sys
from datetime import datetime
from memento_client import MementoClient
gate, url, *moments = sys.argv[1:]
client = MementoClient(timegate_uri=gate, check_native_timegate=False)
print(json.dumps([client.get_memento_info(url, datetime.fromisoformat(at)) for at in moments], default=str))
"""


OUTLETS = {
    "demo": [sys.executable, "-m", "demo.server", "--port", "0"],
    "replica": [sys.executable, str(REPLICA), "--port", "0"],
}
EDITED = "Un tout autre titre"


@contextlib.contextmanager
def outlet(name):
    """Run an outlet; give its address."""
    with subprocess.Popen(OUTLETS[name], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            yield re.search(r"http://\S+", child.stdout.readline().decode())[0]
        finally:
            child.terminate()


def edit(name, url, article):
    """Have an outlet's editors change a headline without a word."""
    order = (
        {"headline": EDITED, "silent": True}
        if name == "replica"
        else {"id": article, "headline": EDITED, "open": False}
    )
    path = f"/_replica/edit?id={article}" if name == "replica" else "/_control/edit"
    urllib.request.urlopen(f"{url}{path}", json.dumps(order).encode(), timeout=30).close()


@pytest.mark.row("F-TAK-16")
@pytest.mark.parametrize("name", OUTLETS)
def test_a_memento_client_finds_the_versions(tmp_path, name):
    """Before all of them it gets the first, behind them the last; first and last are those of the archive."""
    if name == "replica" and not REPLICA.exists():
        pytest.skip("needs the outlet's replica, which is no part of this project")
    with outlet(name) as url:
        project = Project(tmp_path, url)
        assert project.crawl().returncode == 0
        row = project.rows("latest")[0]
        edit(name, url, row["article_id"])
        assert project.crawl("-a", "recheck=all").returncode == 0
        first, last = (each for each in project.rows("versions") if each["article_id"] == row["article_id"])
        with serving(project) as (_, port):
            gate = f"http://127.0.0.1:{port}/timegate/"
            moments = ("2001-01-01T00:00:00", "2031-01-01T00:00:00")
            before, after = (each["mementos"] for each in apart.asked(CLIENT, gate, row["url"], *moments))

    assert last["headline"] == EDITED
    assert [found["closest"]["uri"][0].partition("/a/")[2] for found in (before, after)] == [cite(first), cite(last)]
    for found in (before, after):
        assert found["first"]["uri"][0].endswith(cite(first))
        assert found["last"]["uri"][0].endswith(cite(last))


def cite(row):
    """Return the name of a version."""
    return f"{row['article_id']}@{row['captured_at']}"
