"""The same head is the same bytes, in every format: whoever writes it, where, in what language, under which umask."""

import subprocess
import sys

import pytest

from archive.log.chain import Log
from archive.stores.opening import open_store
from crawler.cli.formats import FORMATS
from tests import facts
from tests.browsing import story
from tests.project import ROOT, environment

WRITE = """
import os, sys
from scrapy.settings import Settings
from crawler.cli.formats import FORMATS
from tests.crawler.commands.test_export import Command, run
stored, place, umask = sys.argv[1:]
os.umask(int(umask, 8))
os.mkdir(place)
for name, form in FORMATS.items():
    for view in form.views:
        command = Command()
        command.settings = Settings()
        command.settings.setmodule("settings.local", priority="project")
        places = {"ARCHIVE_URI": f"file:{stored}", "CATALOG_PATH": f"{place}.sqlite"}
        command.settings.setdict(places, priority="project")
        assert run(command, name, "--view", view, "-o", f"{place}/{name}-{view}") == 0, name
"""
PLACES = {
    "a": {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "umask": "022"},
    "b": {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "umask": "077"},
}
ODD = "\x01=1\u2028\u202e**** *id\r\n\x00;@é"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write every view in every format twice; return each place's files."""
    folder = tmp_path_factory.mktemp("same")
    log = Log(open_store(f"file:{folder}/archive"))
    log.create(edition="presstv-fr", version="1")
    story(log)
    odd = {"headline": ODD, "byline": ODD, "sections": (ODD,), "tags": (ODD, "b", "a")}
    facts.write(log, facts.read(999999999999, 0, ODD, **odd), facts.read(7, 1, "Sans date.", dated=False))
    for name, told in PLACES.items():
        command = [sys.executable, "-c", WRITE, folder / "archive", folder / name, told["umask"]]
        done = subprocess.run(command, cwd=ROOT, env=environment(told), capture_output=True, check=False, timeout=240)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
    return {name: files(folder / name) for name in PLACES}


def files(folder):
    """Return the bytes of each file by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.row("F-TAK-18")
@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_the_same_bytes(written, form):
    """Its manifest, too; each view leaves something."""
    one, other = (
        {name: data for name, data in written[each].items() if name.startswith(f"{form}-")} for each in PLACES
    )

    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
    assert {name.partition("/")[0].partition(".")[0] for name in one} == {
        f"{form}-{view}" for view in FORMATS[form].views
    }
