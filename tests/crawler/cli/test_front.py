"""`presstv`: what only reads starts without Scrapy and answers as `scrapy` does; every other word is Scrapy's."""

import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler import commands
from crawler.cli.front import READING, command_in
from demo.server import serve
from tests import loaded
from tests.faultproxy import faultproxy
from tests.project import ROOT, Project, environment
from tests.servers import aws_environment

pytest_plugins = ["tests.servers"]

HEAVY = ("scrapy", "twisted", "apscheduler", "dateparser", "boto3", "botocore", "trafilatura", "pyarrow")
WORDS = {
    # Refused once what serves is imported: it would serve until it is stopped.
    "browse": ["--port", "none"], "diff": ["ID"], "export": ["jsonl", "--view", "versions"], "head": [], "help": ["exit-codes"], "history": ["ID"], "layouts": [],
    "prove": ["-o", "FOLDER/proof.json", "ID"], "search": ["mer"], "show": ["ID"], "status": [], "verify": [], "version": [],
}  # fmt: skip
FRONT = ["-c", "import sys; from crawler.cli.front import main; raise SystemExit(main(sys.argv))"]
SCRAPY = ["-m", "scrapy"]
LOADED = f"""
import json, sys
from crawler.cli.front import main
code = main(sys.argv)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr)
raise SystemExit(code)
"""
OWN = """
import atexit, json, sys
name = "crawler.commands."
atexit.register(lambda: print(json.dumps([m.removeprefix(name) for m in sys.modules if m.startswith(name)]), file=sys.stderr))
sys.argv[0] = PROGRAM
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a project whose archive holds an article of two versions among others."""
    with serve() as server:
        made = Project(tmp_path_factory.mktemp("front"), server.url)
        made.crawl("-a", "limit=8")
        made.id = made.rows("latest")[0]["article_id"]
        server.outlet.reword(made.id, server.outlet.articles[made.id].lead, "Tout autre chose.", open=False)
        made.crawl("-a", f"ids={made.id}")
        yield made


def words_of(project, name, *words):
    """Return the words behind a program's name."""
    return project.command(
        name, *(word.replace("ID", project.id).replace("FOLDER", str(project.folder)) for word in words)
    )[3:]


def run(how, words, **env):
    """Run a command line in the project's folder."""
    return loaded.run([sys.executable, *how, *words], env=environment(env))


def both(project, name, *words, **env):
    """Run a command by each; return code, stdout and stderr, the program's name left out."""
    done = [run(how, words_of(project, name, *words), **env) for how in (SCRAPY, FRONT)]
    return [(each.returncode, each.stdout, each.stderr.replace("presstv ", "scrapy ")) for each in done]


def last_line(done):
    """Return what was said last, whatever argparse calls a program that Python was given by `-c` or `-m`."""
    return re.sub(r"^\S+: error: argument", "error: argument", done[2].splitlines()[-1])


def alone(script, *words, **env):
    """Run a program that begins by itself, in the project's folder."""
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment(env), capture_output=True, encoding="utf-8", check=False, timeout=60
    )  # fmt: skip


def test_the_table_has_every_reading_command():
    """One that is new belongs into it."""
    assert set(WORDS) == READING
    assert {module.name for module in pkgutil.iter_modules(commands.__path__)} > READING


@pytest.mark.row("F-TTY-08")
@pytest.mark.parametrize("name", sorted(WORDS))
def test_reading_imports_nothing_heavy(project, name):
    """Neither Scrapy, Twisted and APScheduler, nor what reads dates, buckets and unknown pages."""
    done = alone(LOADED, *words_of(project, name, *WORDS[name]))

    assert done.returncode == (2 if name == "browse" else 0), done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []


@pytest.mark.row("F-TTY-08")
@pytest.mark.parametrize("name", sorted(WORDS))
def test_both_answer_alike(project, name):
    """Code, lines and documents, byte for byte."""
    json_too = [[*WORDS[name]]] + ([] if name in ("browse", "export", "prove") else [["--json", *WORDS[name]]])
    for words in json_too:
        scrapys, ours = both(project, name, *words)

        assert scrapys[0] == (2 if name == "browse" else 0), scrapys[2]
        assert ours == scrapys


@pytest.mark.row("F-TTY-08")
@pytest.mark.parametrize(
    "words",
    [
        ("show",), ("show", "ID", "more"), ("show", "999"), ("show", "--frob", "ID"), ("history", "--event", "x", "ID"),
        ("status", "-s", "ARCHIVE_URI=file:/nowhere"), ("status", "-s", "ARCHIV_URI=x"), ("status", "-s", "S3_SECRET=x"),
        ("status", "-s", "BATCH_CAPTURES=many"), ("status", "-s", "hush"), ("status", "-L", "LOUD"), ("status", "-s"),
        ("status", "--logfile", "no/such/log"), ("export", "csv2"), ("search", "--limit", "x", "mer"),
        ("verify", "--head", "x"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_both_refuse_alike(project, words):
    """One line, the same code; the program that was called is named in it."""
    name, *rest = words
    scrapys, ours = both(project, name, *rest)

    assert "hush" not in ours[2]
    assert (ours[0], ours[1]) == scrapys[:2]
    assert (ours[0] != 0, last_line(ours)) == (True, last_line(scrapys))


@pytest.mark.row("F-TTY-08")
@pytest.mark.parametrize(
    "env",
    [
        {"SCRAPY_PROJECT": "production", "BATCH_CAPTURES": "many"}, {"SCRAPY_PROJECT": "production", "ARCHIVE_URL": "x"},
        {"SCRAPY_PROJECT": "production", "ROBOTSTXT_OBEY": "0"}, {"SCRAPY_PROJECT": "production", "JOBDIR": "x"},
        {"LOG_LEVEL": "DEBUG"}, {"SCRAPY_SETTINGS_MODULE": "settings.production", "LOG_LEVEL": "LOUD"},
        {"SCRAPY_PROJCT": "production"}, {"SCRAPY_PROJECT": "production", "OUTLET_ZONE": "Europe/Paris"},
    ],
    ids=" ".join,
)  # fmt: skip
def test_both_read_the_environment_alike(project, env):
    """What is refused, what is told as unread, and what counts."""
    scrapys, ours = both(project, "show", "ID", **env)

    assert ours == scrapys


@pytest.mark.parametrize("name", sorted(WORDS))
def test_both_tell_the_same_help(project, name):
    """Word for word, but for the program's name."""
    scrapys, ours = both(project, name, "--help")

    assert scrapys[0] == 0
    assert ours[1].replace("presstv", "scrapy") == scrapys[1]
    assert f"presstv {name} " in ours[1] + " "


@pytest.mark.row("F-TTY-09")
def test_it_works_by_a_link_from_any_folder(project, tmp_path):
    """The link is in PATH, one stands in a folder that has an `archive` and a `settings` of its own."""
    stands, binaries = tmp_path / "a folder", tmp_path / "bin"
    for folder in (stands / "archive", stands / "settings", stands / "crawler", binaries):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("raise SystemExit('not this one')")
    (binaries / "presstv").symlink_to(ROOT / "presstv")
    (binaries / "again").symlink_to("presstv")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env["PATH"] = f"{binaries}{os.pathsep}{env['PATH']}"
    rest = words_of(project, "show", "ID")

    def stand(*words):
        return subprocess.run(
            words, cwd=stands, env=env, capture_output=True, encoding="utf-8", check=False, timeout=60
        )

    shown = [stand(program, *rest) for program in ("presstv", "again")]
    listed, unknown = stand("presstv", "schedule", "--list"), stand("presstv", "verfiy")

    assert [(done.returncode, done.stdout) for done in shown] == [(0, project.run("show", project.id).stdout)] * 2
    assert (listed.returncode, "news" in listed.stdout) == (0, True), listed.stderr
    assert (unknown.returncode, unknown.stderr) == (2, "error: no command 'verfiy' here; did you mean verify?\n")
    assert sorted(path.name for path in stands.iterdir()) == ["archive", "crawler", "settings"]


@pytest.mark.row("F-TTY-09")
def test_the_shim_answers_and_names_itself(project):
    """`python -m archive` is the same, and says so in its errors."""
    answered = run(["-m", "archive"], words_of(project, "show", "ID"))
    refused = run(["-m", "archive"], words_of(project, "show"))

    assert answered.stdout == project.run("show", project.id).stdout
    assert refused.returncode == 2
    assert refused.stderr.endswith("a word is missing; see: python -m archive show --help\n")


@pytest.mark.row("F-TTY-09")
@pytest.mark.parametrize(
    "words", [(), ("--version",), ("gc", "--help"), ("list",), ("shell",), ("-s", "A=b", "status"), ("-L", "INFO", "status")],
    ids=" ".join,
)  # fmt: skip
def test_what_it_does_not_know_is_scrapys(words):
    """The same words reach Scrapy, its answer and its code come back."""
    scrapys, ours = run(SCRAPY, words), run(FRONT, words)

    assert (ours.returncode, ours.stdout, ours.stderr) == (scrapys.returncode, scrapys.stdout, scrapys.stderr)


def test_a_profile_is_scrapys_to_write(project, tmp_path):
    """`--profile` is handed on, with all other words."""
    done = run(FRONT, words_of(project, "head", "--profile", str(tmp_path / "p")))

    assert done.returncode == 0
    assert (tmp_path / "p").stat().st_size > 1000


@pytest.mark.row("F-TTY-10")
@pytest.mark.parametrize(
    ("program", "words", "imported"),
    [
        ("scrapy", ["version"], {"version"}), ("/x/scrapy/__main__.py", ["show", "--help"], {"show"}),
        ("scrapy", ["--nolog", "head", "--help"], {"head"}), ("scrapy", ["list"], set()), ("scrapy", [], None), ("own.py", ["version"], None),
    ],
    ids=["one", "as a module", "behind an option", "none of ours", "all are listed", "another program"],
)  # fmt: skip
def test_scrapy_imports_the_command_that_was_asked_for(program, words, imported):
    """And no other; all for the list of them, and for a program of another name, whose words may be its own."""
    done = alone(OWN.replace("PROGRAM", repr(program)), *words)

    assert done.returncode == 0, done.stderr
    everything = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    assert set(json.loads(done.stderr.splitlines()[-1])) == (everything if imported is None else imported)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ([], None),
        (["-h"], None),
        (["show", "1"], "show"),
        (["--nolog", "show"], "show"),
        (["-s", "A=b", "show"], "A=b"),
    ],
)
def test_the_command_is_the_first_word(words, name):
    """That is no option, as Scrapy has it."""
    assert command_in(words) == name


def test_another_projects_folder_is_told(tmp_path):
    """One line names the settings that are not there; a scrapy.cfg that is none is said so."""
    shutil.copy(ROOT / "scrapy.cfg", tmp_path)
    told = []
    (tmp_path / "theirs.py").write_text("BOT_NAME = 'theirs'")
    for config in (*(f"[settings]\ndefault = {name}\n" for name in ("none.settings", "theirs", ".x")), "nonsense"):
        (tmp_path / "scrapy.cfg").write_text(config)
        told.append(loaded.run([sys.executable, *FRONT, "head"], env=environment(), folder=tmp_path))

    assert [(done.returncode, done.stdout, done.stderr.count("\n")) for done in told] == [(4, "", 1)] * 4
    says = ("no settings none.settings", "another project's", "no settings .x", "scrapy.cfg can't be read")
    assert [words in done.stderr for words, done in zip(says, told, strict=True)] == [True] * 4


def test_settings_of_ones_own_lie_beside_a_scrapy_cfg(project, tmp_path):
    """They build on ours, for reading and for what is handed on; a user without a home is no matter."""
    (tmp_path / "mine.py").write_text(f"from settings.local import *\nARCHIVE_URI = 'file:{project.archive}'\n")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = mine\n")
    env = {**environment(), "HOME": "", "SCRAPY_PROJECT": "default"}
    done = [
        loaded.run([sys.executable, *FRONT, *words], env=env, folder=tmp_path)
        for words in (["show", project.id], ["settings", "--get", "ARCHIVE_URI"])
    ]

    assert done[0].stdout == project.run("show", project.id).stdout
    assert done[1].stdout == f"file:{project.archive}\n"
    assert (tmp_path / "var" / "catalog.sqlite").is_file()


def test_a_folder_that_is_gone_is_told(tmp_path):
    """In one line."""
    script = f"import os; os.rmdir(os.getcwd()); {FRONT[1]}"
    done = loaded.run([sys.executable, "-c", script, "head"], env=environment(), folder=tmp_path)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (8, "", 1)


@pytest.mark.row("F-TTY-11")
def test_a_bucket_is_asked_for_one_object_and_one_listing(project, moto, tmp_path):
    """Where nothing is new: which archive it is, and what lies in the log from the newest commit on."""
    bucket = moto.bucket()
    for path in filter(Path.is_file, project.archive.rglob("*")):
        key = f"fr/{path.relative_to(project.archive).as_posix()}"
        moto.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    where = ["-s", f"ARCHIVE_URI=s3://{bucket}/fr", "-s", f"CATALOG_PATH={tmp_path}/catalog.sqlite"]
    with faultproxy(moto.port) as proxy:
        env = aws_environment(proxy.endpoint)
        first = run(FRONT, ["show", *where, project.id], **env)
        proxy.requests.clear()
        again = run(FRONT, ["show", *where, project.id], **env)
        asked = [(method, path.removeprefix(f"/{bucket}")) for method, path in proxy.requests]

    assert (first.returncode, again.stdout) == (0, project.run("show", project.id).stdout), first.stderr
    assert asked == [
        ("GET", "/fr/archive.json"),
        ("GET", "?list-type=2&prefix=fr%2Flog%2F&start-after=fr%2Flog%2F000000000002&encoding-type=url"),
    ]
