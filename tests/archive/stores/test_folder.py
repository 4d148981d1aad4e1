"""The folder store against what a disk and an intruder can do: full, failing, read-only, links, kills."""

import errno
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import IntegrityError, KeyExists, NoSpace, StorageError
from archive.stores import folder
from archive.stores.folder import FolderStore
from archive.stores.opening import open_store
from archive.stores.putting import put_once

ROOT = os.geteuid() == 0
STRACE = shutil.which("strace")
traced = pytest.mark.skipif(STRACE is None, reason="strace is not installed")


@pytest.fixture
def store(tmp_path):
    """A folder store whose directory is not there yet."""
    return FolderStore(tmp_path / "archive", "file:archive")


def files(root):
    """Return the paths of all files below a directory, temporary ones too."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


@pytest.fixture
def tiny_disk(tmp_path):
    """Mount a file system of one megabyte and twenty files."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=20", "tmpfs", str(place)]
    if not ROOT or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.row("F-DIR-02")
def test_a_full_disk_leaves_nothing_behind(tiny_disk):
    """No space: exit 15 naming the path, no temporary file, what was stored before is whole, and small objects fit."""
    store = FolderStore(tiny_disk / "archive", "file:archive")
    store.create("log/1", b"before")

    with pytest.raises(NoSpace, match=r"archive/captures/big \(No space left on device\)"):
        store.create("captures/big", b"x" * 2_000_000)
    assert files(tiny_disk) == ["archive/log/1"]
    assert store.get("log/1") == b"before"
    store.create("captures/big", b"small after all")


@pytest.mark.row("F-DIR-02")
def test_a_disk_without_inodes_is_full_too(tiny_disk):
    """When no more files can be made the error is the same."""
    store = FolderStore(tiny_disk, "file:archive")

    fill = (store.create(f"log/{number}", b"") for number in range(30))
    with pytest.raises(NoSpace):
        list(fill)
    assert not [name for name in files(tiny_disk) if ".part" in name]


@pytest.mark.row("F-DIR-04")
def test_a_limit_of_file_size_is_named(store):
    """EFBIG says which limit to raise, and leaves nothing behind."""
    store.create("a", b"x")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StorageError, match="ulimit -f"):
            store.create("b", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert files(store.root) == ["a"]


@pytest.mark.row("F-DIR-04")
def test_a_limit_of_open_files_is_named(store):
    """EMFILE says which limit to raise, for reading and writing."""
    store.create("a/b", b"x")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        for act in (lambda: store.get("a/b"), lambda: store.create("a/c", b""), lambda: list(store.list())):
            with pytest.raises(StorageError, match="ulimit -n"):
                act()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert files(store.root) == ["a/b"]


@pytest.mark.row("F-DIR-04")
def test_a_path_that_is_too_long_is_said_so(store):
    """ENAMETOOLONG is a storage error with a remedy."""
    with pytest.raises(StorageError, match="shorter path"):
        store.create("a" * 300, b"")


@pytest.mark.row("F-PRC-22")
@pytest.mark.parametrize(("seconds", "years"), [(2**40, (2400, 9999)), (-(2**40), (1, 1901)), (0, (1970, 1970))])
def test_a_time_past_the_calendar_is_listed(seconds, years):
    """File systems hold times that no calendar has; ext4 cuts them to its own first and last."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
        store = open_store(f"file:{place}")
        store.create("records/x", b"")
        os.utime(Path(place) / "records" / "x", (seconds, seconds))
        (entry,) = store.list()

    assert years[0] <= entry.modified.year <= years[1]


@pytest.mark.row("F-PRC-22")
def test_its_clock_is_that_of_its_files(tmp_path):
    """A file made now tells it, and is gone; where none can be made it tells none."""
    store = open_store(f"file:{tmp_path}")
    told = store.now()
    store.create("records/x", b"")
    (entry,) = store.list()

    assert timedelta() <= entry.modified - told < timedelta(minutes=1)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]
    assert open_store(f"file:{tmp_path}/none").now() is None


def test_a_file_in_the_way_is_said_so(store):
    """An object where a folder is needed, and a folder where an object is, name the path."""
    store.create("a", b"")
    store.create("b/c", b"")

    with pytest.raises(StorageError, match=r"archive/a/b \(Not a directory\): a file stands"):
        store.create("a/b", b"")
    with pytest.raises(StorageError, match=r"archive/b \(Is a directory\): a folder stands"):
        store.create("b", b"")


@pytest.mark.row("F-DIR-04")
def test_a_folder_without_rights_is_said_so(tmp_path, monkeypatch):
    """EACCES asks for the right, for writing and reading."""
    monkeypatch.chdir(tmp_path)
    store = FolderStore("archive", "file:archive")
    store.create("a/b", b"x")
    (store.root / "a/b").chmod(0o000)
    (store.root / "a").chmod(0o555)
    tmp_path.chmod(0o755)
    if ROOT:
        os.seteuid(65534)
    try:
        for act in (lambda: store.create("a/c", b""), lambda: store.get("a/b"), lambda: store.delete("a/b")):
            with pytest.raises(StorageError, match=r"archive/a/. \(Permission denied\): give this user the right"):
                act()
    finally:
        if ROOT:
            os.seteuid(0)


ERRNOS = [
    (errno.ENOSPC, NoSpace, "no space for"),
    (errno.EDQUOT, NoSpace, "no space for"),
    (errno.EROFS, StorageError, "mount it for writing"),
    (errno.EACCES, StorageError, "give this user the right"),
    (errno.EIO, StorageError, "the disk fails"),
    (errno.EMFILE, StorageError, "ulimit -n"),
    (errno.ELOOP, IntegrityError, "symbolic link"),
    (errno.ESTALE, StorageError, "check the file system"),
]


@pytest.mark.parametrize(("code", "kind", "words"), ERRNOS, ids=[errno.errorcode[e[0]] for e in ERRNOS])
@pytest.mark.row("F-DIR-04")
def test_errors_of_the_system_say_what_to_do(tmp_path, code, kind, words):
    """Each errno is one of our errors, names the path, and says what to do next."""
    found = folder._explanation(OSError(code, os.strerror(code), "a"), tmp_path / "archive/log/a")

    assert type(found) is kind
    assert words in str(found)
    assert f"{tmp_path}/archive/log/a" in str(found)


WRITER = textwrap.dedent("""
    import sys
    from archive.errors import ArchiveError
    from archive.stores.opening import open_store
    from archive.stores.putting import put_once
    store = open_store(sys.argv[1])
    try:
        print(put_once(store, sys.argv[2], sys.argv[3].encode() * 1000))
    except ArchiveError as error:
        print(type(error).__name__, error)
""")


def inject(rules, *arguments):
    """Run the writer in a process of its own under strace with faults in its system calls, rules split by spaces."""
    traced_calls = ",".join(rule.partition(":")[0] for rule in rules.split())
    command = [STRACE, "-f", "-o", os.devnull, "-e", f"trace={traced_calls}"]
    command += [f"--inject={rule}" for rule in rules.split()]
    done = subprocess.run(
        [*command, sys.executable, "-c", WRITER, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    if "ptrace" in done.stderr:
        pytest.skip("this machine allows no ptrace")
    return done


@traced
@pytest.mark.parametrize("rule", ["fsync:error=ENOSPC", "linkat:error=ENOSPC", "mkdirat,mkdir:error=EDQUOT"])
@pytest.mark.row("F-DIR-02")
def test_no_space_at_any_step_leaves_nothing(tmp_path, rule):
    """ENOSPC at fsync or link, EDQUOT at mkdir: exit 15's error, no temporary file, no object."""
    done = inject(rule, f"{tmp_path}/archive", "log/1", "x")

    assert done.stdout.startswith("NoSpace no space for")
    assert files(tmp_path) == []


@traced
@pytest.mark.row("F-DIR-03")
def test_a_failed_fsync_is_never_asked_again_of_the_same_file(tmp_path):
    """EIO at the first fsync of the data: a new temporary file is written and synced, then linked."""
    FolderStore(tmp_path / "archive", "here").create("log/0", b"")
    done = inject("fsync:error=EIO:when=2", f"{tmp_path}/archive", "log/1", "x")

    assert done.stdout == "True\n"
    assert files(tmp_path) == ["archive/log/0", "archive/log/1"]


@traced
@pytest.mark.row("F-DIR-03")
def test_a_disk_that_fails_twice_is_given_up(tmp_path):
    """EIO at every fsync of data is a storage error, with nothing left behind."""
    FolderStore(tmp_path / "archive", "here").create("log/0", b"")
    done = inject("fsync:error=EIO:when=2+", f"{tmp_path}/archive", "log/1", "x")

    assert done.stdout.startswith("StorageError cannot use")
    assert "the disk fails" in done.stdout
    assert files(tmp_path) == ["archive/log/0"]


@traced
@pytest.mark.parametrize("call", ["openat", "write", "fsync", "linkat", "unlinkat,unlink", "mkdirat,mkdir"])
@pytest.mark.row("F-DIR-01")
def test_a_kill_at_any_step_shows_all_or_nothing(tmp_path, call):
    """Killed at each of the calls in turn: the object is whole or not there, and writing again succeeds."""
    for step in itertools.count(1):
        root = tmp_path / str(step)
        (root / "archive").mkdir(parents=True)
        first = _calls_before_store(tmp_path) if call == "openat" else 0
        done = inject(f"{call}:signal=KILL:when={first + step}", f"{root}/archive", "log/1", "x")
        store = open_store(f"{root}/archive")
        assert [(e.key, e.size) for e in store.list()] in ([], [("log/1", 1000)])
        assert put_once(store, "log/1", b"x" * 1000)
        assert len(store.sweep(datetime.now(UTC) + timedelta(days=1))) <= 1
        assert files(root) == ["archive/log/1"]
        if done.returncode == 0:
            break
    assert step > 1


@traced
@pytest.mark.row("F-DIR-06")
def test_a_file_system_without_hard_links_renames(tmp_path):
    """Where link(2) is refused a rename that replaces nothing takes the name, and a taken one stays."""
    for data, answer in (("x", "True\n"), ("x", "True\n"), ("y", "False\n")):
        assert inject("linkat:error=EPERM", f"{tmp_path}/archive", "log/1", data).stdout == answer

    assert files(tmp_path) == ["archive/log/1"]


@traced
@pytest.mark.row("F-DIR-06")
def test_a_file_system_that_can_do_neither_is_unsafe(tmp_path):
    """Without links and without such a rename the store is refused, and nothing is shown."""
    done = inject("linkat:error=EOPNOTSUPP renameat2:error=EINVAL", f"{tmp_path}/archive", "log/1", "x")

    assert done.stdout.startswith("UnsafeStore the file system of the archive knows neither")
    assert files(tmp_path) == []


@pytest.mark.row("F-DIR-05")
def test_two_processes_race_for_a_key(tmp_path):
    """Of two processes that create one key with different bytes one is told True, the other False, every time."""
    for number in range(5):
        racers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, f"{tmp_path}/archive", f"log/{number}", word],
                stdout=subprocess.PIPE,
                text=True,
            )
            for word in ("a", "b")
        ]
        answers = {word: racer.communicate()[0] for word, racer in zip("ab", racers, strict=True)}
        (winner,) = [word for word, answer in answers.items() if answer == "True\n"]

        assert sorted(answers.values()) == ["False\n", "True\n"]
        assert open_store(f"{tmp_path}/archive").get(f"log/{number}") == winner.encode() * 1000


@pytest.mark.parametrize(
    ("planted", "key"),
    [("log", "log/1"), ("log/1", "log/1"), ("captures/2026", "captures/2026/11/24/a")],
    ids=["folder", "object", "deep"],
)
@pytest.mark.row("F-DIR-08")
def test_a_symbolic_link_is_refused(store, tmp_path, planted, key):
    """A link planted in the tree is neither read, written through nor listed: exit 9, naming it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "1").write_bytes(b"secret")
    link = store.root / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "1" if planted == key else outside)

    for act in (lambda: store.get(key), lambda: store.create(key, b"x"), lambda: list(store.list())):
        with pytest.raises(IntegrityError, match=rf"{link.name} in .*{planted}.* is a symbolic link"):
            act()
    assert files(outside) == ["1"]


@pytest.mark.row("F-DIR-08")
def test_a_dangling_link_is_refused(store, tmp_path):
    """A link to nowhere is no free key."""
    store.root.mkdir()
    (store.root / "a").symlink_to(tmp_path / "nowhere")

    with pytest.raises(IntegrityError, match="symbolic link"):
        store.create("a", b"x")
    assert not (tmp_path / "nowhere").exists()


def test_the_root_may_be_a_link(tmp_path):
    """The directory that the user names may lie elsewhere; only what is below it must not."""
    (tmp_path / "real").mkdir()
    (tmp_path / "archive").symlink_to(tmp_path / "real")
    FolderStore(tmp_path / "archive", "here").create("a", b"x")

    assert (tmp_path / "real/a").read_bytes() == b"x"


@pytest.mark.row("F-DIR-08")
def test_a_pipe_does_not_hang_the_reader(store):
    """What is no regular file is an integrity error at once."""
    store.root.mkdir()
    os.mkfifo(store.root / "a")

    with pytest.raises(IntegrityError, match="no regular file"):
        store.get("a")


@pytest.mark.row("F-DIR-07")
def test_strangers_are_left_out(store):
    """Temporary files, dot files, upper case and odd names are not listed."""
    store.create("log/1", b"x")
    for name in ("log/.x.part", ".DS_Store", "README", "log/é", "a b", ".git/config", "log/caf\udce9"):
        path = store.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")

    assert [entry.key for entry in store.list()] == ["log/1"]


def test_modes_follow_the_umask(store):
    """Objects are readable by all, writable by their owner, less what the umask takes."""
    before = os.umask(0o027)
    try:
        store.create("a", b"")
        os.umask(0o022)
        store.create("b", b"")
    finally:
        os.umask(before)

    assert [(store.root / key).stat().st_mode & 0o777 for key in "ab"] == [0o640, 0o644]


@pytest.mark.row("F-DIR-01")
def test_sweeping_takes_old_temporary_files_alone(store):
    """What a killed writer left is removed once it is old; young ones, objects and strangers stay."""
    store.create("log/1", b"x")
    for name in ("log/.old.part", "log/.young.part", "log/.other"):
        (store.root / name).write_bytes(b"")
    for name in ("log/.old.part", "log/.other", "log/1"):
        os.utime(store.root / name, (1_000_000_000, 1_000_000_000))

    assert store.sweep(datetime(2020, 1, 1, tzinfo=UTC)) == ("log/.old.part",)
    assert files(store.root) == ["log/.other", "log/.young.part", "log/1"]


@pytest.mark.parametrize("seen", ["at first sight", "at the link"])
@pytest.mark.row("F-DIR-05")
def test_a_taken_key_is_synced_before_it_is_called_taken(store, monkeypatch, seen):
    """Whoever finds a key taken may rely on it: its directory entry is made durable first."""
    store.create("log/1", b"x")
    if seen == "at the link":
        monkeypatch.setattr(folder, "_refuse_taken", lambda *_: None)
    synced = []
    fsync = os.fsync

    def note(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    with pytest.raises(KeyExists):
        store.create("log/1", b"x")
    assert synced[-1] == store.root / "log"


def _calls_before_store(tmp_path):
    """Count the openat calls of a writer up to the store's own: importing Python opens hundreds of files."""
    trace = tmp_path / "trace"
    root = tmp_path / "count"
    root.mkdir(exist_ok=True)
    subprocess.run(
        [
            STRACE,
            "-f",
            "-o",
            trace,
            "-e",
            "trace=openat",
            sys.executable,
            "-c",
            WRITER,
            f"{root}/archive",
            "log/1",
            "x",
        ],
        check=True,
        capture_output=True,
    )
    lines = trace.read_text().splitlines()
    return next(i for i, line in enumerate(lines) if f'"{root}/archive"' in line or f'"{root}"' in line)
