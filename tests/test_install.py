"""What `make install` installs, and how deploy/venv.sh goes about it: by uv, else by pip, held to hashes."""

import ast
import base64
import functools
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
OURS = ("archive", "pipelines", "crawler", "settings", "browse", "demo")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
UV = Path(sys.executable).parent / "uv"
PIN = re.compile(r"^([\w.-]+)==(\S+)((?:.*\\\n)*.*)$", re.MULTILINE)


def pins(name):
    """Return package → (version, its hashes) of a lock file."""
    found = PIN.findall((ROOT / name).read_text(encoding="utf-8"))
    return {
        canonicalize_name(package): (version, set(re.findall(r"sha256:\w+", rest))) for package, version, rest in found
    }


def imported(path):
    """Return the top-level names that a module imports, wherever in it the import stands."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in names}


def test_what_a_user_runs_needs_the_runtime_lock_alone():
    """Each package that the program or the demo imports is pinned in requirements.lock, but those of an extra.

    So `make demo` needs no other.
    """
    asked = {name for folder in OURS for path in (ROOT / folder).rglob("*.py") for name in imported(path)}
    foreign = asked - set(OURS) - sys.stdlib_module_names
    makers = packages_distributions()
    extras = {Requirement(each).name for some in PROJECT["project"]["optional-dependencies"].values() for each in some}
    held = {*pins("requirements.lock"), *map(canonicalize_name, extras)}
    missing = {name for name in foreign if not {canonicalize_name(each) for each in makers.get(name, ())} & held}

    assert missing == set()
    assert {"scrapy", "msgspec", "lxml", "boto3"} <= foreign


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
        ("requirements-formats.lock", PROJECT["dependency-groups"]["formats"]),
    ],
    ids=["runtime", "dev", "formats"],
)
def test_a_lock_pins_what_the_project_asks_for(lock, wanted):
    """Each requirement of pyproject.toml is pinned, at a version that it allows."""
    held = pins(lock)
    asked = [Requirement(each) for each in wanted]

    assert [str(each) for each in asked if not each.specifier.contains(held[canonicalize_name(each.name)][0])] == []


def test_the_development_lock_holds_every_runtime_pin():
    """What the tests run on is what a user runs: the same versions, the same hashes."""
    dev = pins("requirements-dev.lock")
    other = {name: pin for name, pin in pins("requirements.lock").items() if dev.get(name) != pin}

    assert other == {}
    assert {"pytest", "ruff", "uv"} <= set(dev) - set(pins("requirements.lock"))


@pytest.mark.parametrize(
    ("target", "stamp"),
    [("demo", ".installed"), ("crawl", ".installed"), ("test", ".installed-dev"), ("bench", ".installed-dev")],
)
def test_each_target_installs_what_it_needs(target, stamp):
    """A user's targets ask for the runtime packages, a developer's for the rest as well, in that order."""
    said = subprocess.run(
        ["make", "-n", "VENV=nowhere", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert (
        re.findall(r"nowhere/(\.installed\S*)", said) == [".installed", ".installed-dev"][: 1 + (stamp != ".installed")]
    )


def test_the_licence_is_there_and_named():
    """LICENSE is the Apache License 2.0 to the byte, and the project's description and README name it."""
    text = (ROOT / "LICENSE").read_bytes()

    assert hashlib.sha256(text).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert (PROJECT["project"]["license"], PROJECT["project"]["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert "](LICENSE)" in (ROOT / "README.md").read_text(encoding="utf-8")


def wheel(folder, name, files):
    """Write a wheel of version 1 and return its line of a lock file."""
    about = f"{name}-1.dist-info"
    members = {**files, f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"}
    members[f"{about}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    path = folder / f"{name}-1-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for member, text in members.items():
            file.writestr(member, text)
            file.getinfo(member).external_attr = 0o100755 << 16
        record = "".join(f"{member},sha256={coded(text)},{len(text)}\n" for member, text in members.items())
        file.writestr(f"{about}/RECORD", f"{record}{about}/RECORD,,\n")
    return f"{name}==1 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def coded(text):
    """Return a digest as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Return a virtual environment made by the script itself, nothing installed in it."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "a.lock").write_text("")
    (folder / "requirements-dev.lock").write_text("")
    install(folder, "a.lock", PATH=f"{UV.parent}:{os.environ['PATH']}")
    return folder / ".venv"


@pytest.fixture
def project(tmp_path, bare):
    """Return a folder with that environment and a lock of one package, whose wheel lies in `wheels`."""
    shutil.copytree(bare, tmp_path / ".venv", symlinks=True)
    (tmp_path / "a.lock").write_text(wheel(tmp_path / "wheels", "tiny", {"tiny.py": "VALUE = 1\n"}))
    return tmp_path


def install(folder, lock, python=sys.executable, **environment):
    """Run deploy/venv.sh in a folder, cut off from every index and setting of this machine but those that are given."""
    alone = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1", "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1"}
    alone["https_proxy"] = "http://127.0.0.1:9"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    settings = {**kept, **alone, "UV_CACHE_DIR": str(folder / "cache"), "PIP_NO_CACHE_DIR": "1", **environment}
    return subprocess.run(
        ["sh", ROOT / "deploy" / "venv.sh", python, ".venv", lock],
        cwd=folder,
        env={name: value for name, value in settings.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def installer(folder):
    """Return who installed the package of the lock, or None where it is not there."""
    found = list(folder.glob(".venv/lib/*/site-packages/tiny-1.dist-info/INSTALLER"))
    return found[0].read_text().strip() if found else None


WITH_UV = f"{UV.parent}:{os.environ['PATH']}"
ONE_LINE = "installing the packages of a.lock into .venv (once)\n"


def test_uv_installs_compiled_and_says_one_line(project):
    """Where uv is at hand it installs, bytecode included; what the tools say is not shown."""
    ran = install(project, "a.lock", PATH=WITH_UV, UV_FIND_LINKS=str(project / "wheels"))

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ONE_LINE)
    assert installer(project) == "uv"
    assert list(project.glob(".venv/lib/*/site-packages/__pycache__/tiny.*.pyc"))


def test_pip_takes_over_where_uv_fails(project):
    """What uv said is shown, and pip installs the same lock."""
    ran = install(project, "a.lock", PATH=WITH_UV, PIP_FIND_LINKS=str(project / "wheels"))

    assert (ran.returncode, ran.stdout) == (0, "")
    assert installer(project) == "pip"
    assert "tiny was not found in the cache" in ran.stderr
    assert "uv could not; trying pip\n" in ran.stderr


def test_uv_comes_from_the_development_lock(project, tmp_path):
    """Where the machine has no uv, the one that requirements-dev.lock pins is installed and asked."""
    script = f'#!/bin/sh\necho "$@" >{tmp_path}/asked\n'
    line = wheel(project / "wheels", "uv", {"uv-1.data/scripts/uv": script})
    (project / "requirements-dev.lock").write_text(
        f"a==1 \\\n    --hash=sha256:00\n{line}z==1 \\\n    --hash=sha256:00\n"
    )
    tools = project / "tools"
    tools.mkdir()
    for name in ("sh", "sed", "head", "tail"):
        (tools / name).symlink_to(shutil.which(name))
    ran = install(project, "a.lock", PATH=str(tools), PIP_FIND_LINKS=str(project / "wheels"))

    assert (ran.returncode, ran.stderr) == (0, ONE_LINE)
    assert (tmp_path / "asked").read_text().endswith("--require-hashes -r a.lock\n")


def test_a_changed_package_is_refused_by_both(project):
    """A wheel of another digest is installed by neither, and the reader is told what to do next."""
    wheel(project / "wheels", "tiny", {"tiny.py": "VALUE = 2\n"})
    where = str(project / "wheels")
    ran = install(project, "a.lock", PATH=WITH_UV, PIP_FIND_LINKS=where, UV_FIND_LINKS=where)

    assert ran.returncode == 1
    assert installer(project) is None
    assert "Hash mismatch" in ran.stderr
    assert "DO NOT MATCH THE HASHES" in ran.stderr
    assert ran.stderr.endswith("(more in .venv/install.log), then run the same command again\n")


class Index(http.server.SimpleHTTPRequestHandler):
    """A package index: folders that list their files."""

    def log_message(self, *words):
        """Keep still."""


@pytest.mark.parametrize("by", ["environment", "file"])
def test_the_index_that_pip_is_told_of_is_uvs_too(project, by):
    """Neither names a host of ours: uv asks the index that the machine's pip would ask."""
    shelf = project / "index" / "tiny"
    shelf.mkdir(parents=True)
    shutil.copy(project / "wheels" / "tiny-1-py3-none-any.whl", shelf)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Index, directory=project / "index")
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        (project / "pip.conf").write_text(f"[global]\nindex-url = {address}\n")
        told = {"PIP_INDEX_URL": address} if by == "environment" else {"PIP_CONFIG_FILE": str(project / "pip.conf")}
        ran = install(project, "a.lock", PATH=WITH_UV, UV_OFFLINE=None, **told)
        server.shutdown()

    assert (ran.returncode, ran.stderr) == (0, ONE_LINE)
    assert installer(project) == "uv"


def test_an_old_python_is_told_before_anything_is_made(tmp_path):
    """A Python below 3.11 is named, with the way to give another, and no folder is left."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ran = install(tmp_path, "a.lock", python=str(old))

    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{old} is no Python 3.11 or later; run: make install PYTHON=")
    assert not (tmp_path / ".venv").exists()
