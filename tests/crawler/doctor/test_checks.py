"""The doctor's findings: each names what is wrong and how to mend it."""

import errno
import json
import os
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from archive.trust.signing import signing_key
from crawler.doctor.checks import FINE, FLOORS, WARNING, WRONG, examine
from demo.server import serve
from tests.faultproxy import Fault, faultproxy
from tests.french import Catalog
from tests.project import Project
from tests.servers import SECRET

pytest_plugins = ["tests.servers"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEED = "5a" * 32


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return settings of an archive of its own, and an outlet that nobody serves."""
    monkeypatch.delenv("SIGNING_KEY", raising=False)
    return {
        "ARCHIVE_URI": f"file:{tmp_path}/archive",
        "CATALOG_PATH": str(tmp_path / "catalog.sqlite"),
        "SPOOL_DIR": str(tmp_path / "spool"),
        "CRAWLER_CONTACT": "archive@example.org",
        "EDITION": "presstv-fr",
        "USER_AGENT": "presstv-archive/0",
        "OUTLET_BASE": "http://127.0.0.1:9",
        "SIGNING_KEY_FILE": "",
        "VERIFY_KEY": "",
        "TIMESTAMP_URL": "",
        "TIMESTAMP_CERTS": "",
    }


def findings(settings, clock=lambda: NOW, **options):
    return {finding.check: finding for finding in examine(settings, clock, **{"offline": False, **options})}


def test_a_sound_set_up_has_nothing_wrong(settings):
    """With a contact and a writable folder nothing is wrong; a missing archive and a silent outlet are warnings."""
    found = findings(settings)

    assert {f.state for f in found.values()} == {FINE, WARNING}
    assert found["create-if-absent"].state == FINE
    assert "scrapy crawl presstv" in found["archive"].mend


def test_an_empty_contact_is_a_warning(settings):
    """It says which setting to set."""
    found = findings(settings | {"CRAWLER_CONTACT": ""})["contact"]

    assert found.state == WARNING
    assert "CRAWLER_CONTACT" in found.mend


def test_a_store_that_cannot_be_written_is_named(settings, tmp_path):
    """The missing right is said, and the checks behind it still run."""
    (tmp_path / "file").write_bytes(b"")
    found = findings(settings | {"ARCHIVE_URI": f"file:{tmp_path}/file/archive"})

    assert found["store: put"].state == WRONG
    assert "right to put" in found["store: put"].mend
    assert {"archive", "outlet"} <= set(found)


@pytest.mark.parametrize("name", ["ARCHIVE_URI", "CATALOG_PATH", "SPOOL_DIR"])
def test_a_folder_that_cannot_be_written_is_a_line(settings, tmp_path, name, monkeypatch):
    """Each of the three is named with what is wrong, and the checks behind it still run."""
    place = tmp_path / "fest"
    place.mkdir()
    made = tempfile.TemporaryFile

    def refuse(*args, **more):
        if more.get("dir") == place:
            raise OSError(errno.EACCES, "Permission denied")
        return made(*args, **more)

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    value = {"ARCHIVE_URI": f"file:{place}/archive", "CATALOG_PATH": place / "catalog.sqlite", "SPOOL_DIR": place}[name]
    found = list(examine(settings | {name: value}, lambda: NOW, offline=False))
    wrong = [one for one in found if one.state == WRONG]

    assert [(one.check, one.found.partition(":")[0]) for one in wrong] == [("disk", name)]
    assert "Permission denied" in wrong[0].found
    assert found[-1].check in ("outlet", "clock", "robots.txt")


def test_the_archives_disk_is_looked_at(settings, monkeypatch):
    """Room for bytes and for files, of each of the three places; a file system that counts no files is no fault."""
    told = os.statvfs("/")
    few, none = (
        SimpleNamespace(**{name: getattr(told, name) for name in dir(told) if name.startswith("f_")}) for _ in "ab"
    )
    few.f_files, few.f_favail, none.f_files, none.f_favail = 1000, 7, 0, 0
    good = [one.found for one in examine(settings, lambda: NOW, offline=False) if one.check == "disk"]
    monkeypatch.setattr(os, "statvfs", lambda _path: few)
    full = [one for one in examine(settings, lambda: NOW, offline=False) if one.check == "disk"]
    monkeypatch.setattr(os, "statvfs", lambda _path: none)
    uncounted = [one for one in examine(settings, lambda: NOW, offline=False) if one.check == "disk"]

    assert ["ARCHIVE_URI" in one for one in good] == [False, False, True]
    assert [(one.state, "room for 7 files" in one.found) for one in full] == [(WARNING, True)] * 3
    assert ["files" in one.found for one in uncounted] == [False] * 3


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "InvalidAccessKeyId"])
def test_a_wrong_secret_is_said_once(settings, moto, use_endpoint, code):
    """It is one fault, not that of each check that needs it."""
    with faultproxy(moto.port, Fault(status=403, code=code)) as proxy:
        use_endpoint(proxy.endpoint)
        found = list(examine(settings | {"ARCHIVE_URI": f"s3://{moto.bucket()}/fr"}, lambda: NOW, offline=False))

    assert len([one for one in found if one.state == WRONG]) == 1
    assert SECRET not in "".join(map(str, found))


@pytest.mark.row("F-STO-15")
@pytest.mark.parametrize(
    ("right", "method", "path"),
    [("put", "PUT", r".*/probe/.*"), ("get", "GET", r".*/probe/.*"), ("list", "GET", r"[^?]*\?.*list-type.*")],
)
def test_each_missing_right_is_named(settings, moto, use_endpoint, right, method, path):
    """One right is refused by the server: that one is named, with the key's id cut and no secret."""
    with faultproxy(moto.port, Fault(method=method, path=path, status=403, code="AccessDenied")) as proxy:
        use_endpoint(proxy.endpoint)
        found = findings(settings | {"ARCHIVE_URI": f"s3://{moto.bucket()}/fr"})
    wrong = [check for check, finding in found.items() if check.startswith("store: ")]

    assert wrong == [f"store: {right}"]
    assert found[wrong[0]].state == WRONG
    assert SECRET not in "".join(map(str, found.values()))


@pytest.mark.row("F-STO-17")
@pytest.mark.parametrize(("given", "state"), [("", FINE), ("when_supported", WARNING)])
def test_checksums_are_off_for_servers_other_than_aws(settings, moto, use_endpoint, monkeypatch, given, state):
    """The default suits them; who asked for trailing checksums is told that they break servers."""
    use_endpoint(moto.endpoint)
    if given:
        monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", given)
    found = findings(settings | {"ARCHIVE_URI": f"s3://{moto.bucket()}/fr"})["checksums"]

    assert (found.state, found.found.partition(",")[0]) == (state, given or "when_required")


@pytest.mark.row("F-PRC-21")
@pytest.mark.parametrize(("hours", "said"), [(2, "ahead of"), (-2, "behind"), (0, "s to")])
def test_a_clock_that_is_not_the_stores_is_told(settings, hours, said):
    """In a folder, too, which may lie on another machine."""
    found = findings(settings, lambda: datetime.now(UTC) + timedelta(hours=hours))["store: clock"]

    assert (found.state == WARNING) is bool(hours)
    assert f"{said} the store's" in found.found


@pytest.mark.row("F-DIR-06")
def test_a_folder_without_hard_links_is_told(settings, monkeypatch):
    """It works by a rename that replaces nothing, and the probe says whether that holds."""

    def refuse(*_args, **_more):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    good = findings(settings)["hard links"]
    monkeypatch.setattr(os, "link", refuse)
    found = findings(settings)

    assert (good.state, found["hard links"].state) == (FINE, WARNING)
    assert found["create-if-absent"].state == FINE


def test_offline_asks_no_store(settings, tmp_path):
    """Nothing is created and neither store nor outlet is told of."""
    found = findings(settings, offline=True)

    assert {"store", "outlet", "archive"} & set(found) == set()
    assert list(tmp_path.iterdir()) == []


def test_keys_are_looked_at(settings, tmp_path):
    """A key that others can read, one that nobody checks, a good one, and one that is none."""
    key, public = tmp_path / "key", signing_key(text=SEED).public
    key.write_text(SEED)
    with_key = settings | {"SIGNING_KEY_FILE": str(key)}
    key.chmod(0o644)
    open_to_all = findings(with_key, offline=True)["signing key"]
    key.chmod(0o600)
    unchecked = findings(with_key, offline=True)["signing key"]
    good = findings(with_key | {"VERIFY_KEY": public}, offline=True)["signing key"]
    key.write_text("canary")
    none = findings(with_key, offline=True)["keys"]

    assert ("chmod 600" in open_to_all.mend, public in unchecked.mend) == (True, True)
    assert [f.state for f in (open_to_all, unchecked, good, none)] == [WARNING, WARNING, FINE, WRONG]
    assert "canary" not in none.found


@pytest.mark.row("F-CON-22")
def test_the_outlet_is_asked(settings):
    """Address, robots.txt and clock of an outlet that answers."""
    with serve() as server:
        found = findings(settings | {"OUTLET_BASE": server.url}, lambda: datetime.now(UTC))
        skewed = findings(settings | {"OUTLET_BASE": server.url}, lambda: datetime.now(UTC) - timedelta(minutes=17))

    assert [found[check].state for check in ("outlet", "robots.txt", "clock")] == [FINE] * 3
    assert skewed["clock"].state == WARNING
    assert re.fullmatch(r"10(19|2[0-9]) s behind the outlet's", skewed["clock"].found)


def test_a_silent_outlet_is_no_fault_of_ours(settings):
    """It is a warning, and there is nothing to say of its robots.txt."""
    found = findings(settings)

    assert found["outlet"].state == WARNING
    assert "robots.txt" not in found


@pytest.mark.row("F-SEC-05")
def test_floors_are_those_of_the_documented_table():
    """The doctor asks for all that docs/security.md does of what is installed with it, and for no less."""
    page = (Path(__file__).parents[3] / "docs" / "security.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w-]+)` \| ([\d.]+) \|", page, re.MULTILINE))

    held = re.findall(r"^([\w.-]+)==", (Path(__file__).parents[3] / "requirements.lock").read_text(), re.MULTILINE)
    assert set(FLOORS) == {name for name in told if name in map(str.lower, held)}
    assert {name for name, floor in FLOORS.items() if floor < tuple(map(int, told[name].split(".")))} == set()


def test_the_command_prints_a_line_a_check_and_one_document(tmp_path):
    """Signs and remedies for people, a named schema for machines; a warning is no failure."""
    with serve() as server:
        project = Project(tmp_path, server.url)
        lines = project.run("doctor", "-s", f"OUTLET_BASE={server.url}")
        told = json.loads(project.run("doctor", "--offline", "--json").stdout)

    assert (lines.returncode, lines.stderr) == (0, "")
    assert {"✓ outlet", "✓ robots.txt", "✓ clock", "! contact"} <= {
        line.partition(":")[0] for line in lines.stdout.splitlines()
    }
    assert told["schema"] == "presstv.doctor/1"
    assert {"check", "state", "found", "mend"} == set(told["checks"][0])


@pytest.mark.row("F-PRC-25")
def test_the_catalog_is_read_whole_and_how_it_was_left_told(settings, tmp_path):
    """Closed, killed over it, torn inside: none of it is wrong, since the next command mends it."""
    path = tmp_path / "catalog.sqlite"
    told = [findings(settings, offline=True)["catalog"]]
    Catalog(path, "memory:").close()
    told.append(findings(settings, offline=True)["catalog"])
    path.write_bytes(path.read_bytes())
    told.append(findings(settings, offline=True)["catalog"])
    data = path.read_bytes()
    path.write_bytes(data[:8192] + bytes(len(data) - 8192))
    told.append(findings(settings, offline=True)["catalog"])

    assert [one.state for one in told] == [FINE, FINE, WARNING, WARNING]
    assert [one.found.partition(";")[0].partition(":")[0] for one in told] == ["none yet", "sound", "sound", "damaged"]
