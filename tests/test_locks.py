"""The lock files: every pin with hashes, no registry named, nothing below a version with known holes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
FLOOR = re.compile(r"^\| `([\w-]+)` \| ([\d.]+) \|", re.MULTILINE)


def pins(text):
    """Return name → (version, number of hashes) of a lock file."""
    blocks = re.findall(r"^([\w.-]+)==(\S+)((?:.*\\\n)*.*)$", text, re.MULTILINE)
    return {name.lower(): (version, rest.count("--hash=sha256:")) for name, version, rest in blocks}


def floors():
    return dict(FLOOR.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))


@pytest.fixture(params=LOCKS, ids=[path.name for path in LOCKS])
def lock(request):
    return request.param.read_text(encoding="utf-8")


@pytest.mark.row("F-SEC-05")
def test_no_pin_is_below_its_floor(lock):
    """Each package of the table in docs/security.md is at least as new as the version that mended its holes."""
    held = pins(lock)
    low = {
        name: held[name][0]
        for name, least in floors().items()
        if name in held and Version(held[name][0]) < Version(least)
    }

    assert low == {}
    if "scrapy" in held:  # what judges formats runs none of it
        assert {"scrapy", "twisted", "lxml", "urllib3", "brotli", "cryptography"} <= set(held) & set(floors())


@pytest.mark.row("F-SEC-05")
def test_each_floor_is_of_a_package_in_the_lock():
    """A floor under what nobody installs would guard nothing."""
    held = pins((ROOT / "requirements-dev.lock").read_text(encoding="utf-8"))

    assert [name for name in floors() if name not in held] == []
    assert len(floors()) >= 9


@pytest.mark.row("F-SEC-04")
def test_every_pin_has_hashes(lock):
    """Each line that names a package pins one version and carries at least one SHA-256."""
    named = [line.split()[0] for line in lock.splitlines() if line[:1].isalnum()]

    assert [name for name in named if not re.fullmatch(r"[\w.-]+==\S+", name)] == []
    assert [name for name, (_, hashes) in pins(lock).items() if not hashes] == []
    assert len(pins(lock)) == len(named) > 50


@pytest.mark.row("F-SEC-04")
def test_no_registry_is_named(lock):
    """Neither an address nor an index option, which would send every reader to one host."""
    options = [line for line in lock.splitlines() if line.startswith("-")]

    assert re.findall(r"https?://\S+|@ \S+|git\+\S+", lock) == []
    assert options == []


@pytest.mark.row("F-SEC-04")
def test_each_install_asks_for_hashes():
    """Every install of a lock file in the project, by pip or uv, says --require-hashes."""
    files = [ROOT / "Makefile", ROOT / "README.md", *(ROOT / "deploy").iterdir(), *(ROOT / "docs").glob("*.md")]
    lines = [line for path in files if path.is_file() for line in path.read_text(encoding="utf-8").splitlines()]
    installs = [line for line in lines if re.search(r"pip install .*(\.lock|\"\$(@|lock)\")", line)]

    assert len(installs) >= 3
    assert [line for line in installs if "--require-hashes" not in line] == []


@pytest.mark.row("F-SEC-04")
def test_a_package_with_another_hash_is_refused(tmp_path):
    """Pip installs nothing when a wheel is not the one that the lock names."""
    wheel = tmp_path / "wheels" / "tampered-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "a.lock").write_text(f"tampered==1 --hash=sha256:{'0' * 64}\n")
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "--no-index"]
    where = ["--find-links", str(wheel.parent), "--target", str(tmp_path / "site"), "-r", str(tmp_path / "a.lock")]
    done = subprocess.run([*command, *where], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not (tmp_path / "site").exists()
