"""The commands as a person or a script runs them: exit codes, one document, broken pipes, odd locales, odd archives."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from demo.server import serve
from tests.project import ROOT, Project, environment

READERS = ["status", "history ID", "show ID", "diff ID", "search mer", "verify"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return an archive with one article that was changed behind our back, its headline full of traps."""
    with serve() as server:
        made = Project(tmp_path_factory.mktemp("commands"), server.url)
        made.crawl("-a", "limit=8")
        known = [row["article_id"] for row in made.rows("latest")]
        made.id = known[0]
        server.outlet.edit(
            made.id, open=False, headline="La mer\x1b[2J monte\u202e à l’est\x9b", lead="La mer, encore."
        )
        made.crawl("-a", f"ids={made.id}")
        yield made


def words_of(project, text):
    """Return a command's words with the article's number in place."""
    return text.replace("ID", project.id).split()


@pytest.mark.parametrize("text", READERS)
def test_json_is_one_document_on_stdout(project, text):
    """Nothing else is on stdout, and nothing on stderr."""
    done = project.run(*words_of(project, text), "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)


@pytest.mark.parametrize("text", READERS)
def test_nothing_of_the_outlets_steers_the_terminal(project, text):
    """Escape, C1 and bidi marks in a headline come out visible, in words and in JSON."""
    for more in ((), ("--json",)):
        out = project.run(*words_of(project, text), *more).stdout

        assert not set(out) & {"\x1b", "\x9b", "\u202e", "\x07"}


@pytest.mark.parametrize("text", [*READERS, "export jsonl", "export jsonl --view checks"])
@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TERM": "dumb"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["c-locale", "ascii"],
)
@pytest.mark.row("F-PRC-16")
def test_any_locale_will_do(project, text, env):
    """F-PRC-16: what is piped is UTF-8 whatever the locale says, and the same as ever."""
    words = words_of(project, text)
    plain, odd = project.run(*words), project.run(*words, env=env)

    assert (odd.returncode, odd.stderr) == (0, plain.stderr)
    if not text.startswith("status"):
        assert odd.stdout == plain.stdout


@pytest.mark.parametrize("text", ["status", "history ID", "export jsonl --view checks", "verify"])
@pytest.mark.row("F-PRC-15")
def test_a_reader_may_stop(project, text):
    """F-PRC-15: a pipe that nobody reads ends silently with 0."""
    read, write = os.pipe()
    os.close(read)
    done = project.run(*words_of(project, text), stdout=write)
    os.close(write)

    assert (done.returncode, done.stderr) == (0, "")


def with_stdout_closed(project, *words):
    """Run a command as a shell does with `>&-`."""
    command = ["sh", "-c", '"$@" >&-', "sh", *project.command(*words)]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)


@pytest.mark.row("F-PRC-15")
def test_an_export_to_a_closed_stdout_is_told(project):
    """It is not taken for proof that the catalog is damaged."""
    done = with_stdout_closed(project, "export", "jsonl")

    assert (done.returncode, done.stderr.count("\n")) == (8, 1), done.stderr
    assert "it is closed" in done.stderr


@pytest.mark.row("F-PRC-15")
def test_a_proof_on_a_full_disk_is_15(project):
    """As an export's is."""
    done = project.run("prove", project.id, "-o", "/dev/full")

    assert (done.returncode, done.stderr.count("\n")) == (15, 1), done.stderr


def test_an_export_goes_where_the_shell_leads_it(project):
    """`-o >(…)` is a pipe without a name of its own."""
    words = " ".join(project.command("export", "jsonl"))
    line = f"{words} -o >(wc -l > {project.folder}/lines; echo >&3) 3>&1 | read"
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )

    assert "error" not in done.stderr
    assert (project.folder / "lines").read_text().strip() == str(len(project.rows("latest")))


def test_a_full_disk_is_told(project):
    """What can't be written to stdout is an error, not a shortened list."""
    with Path("/dev/full").open("w") as full:
        done = project.run("export", "jsonl", stdout=full)

    assert (done.returncode, done.stderr.count("\n")) == (15, 1)


@pytest.mark.row("F-PRC-15")
def test_stdout_closed(project):
    """A shell may close it: >&-."""
    done = with_stdout_closed(project, "status")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("crawl",), 2, "a word is missing"),
        (("crawl", "other"), 2, "no spider 'other'"),
        (("crawl", "presstv", "more"), 2, "'more'"),
        (("crawl", "presstv", "--bogus"), 2, "--bogus"),
        (("crawl", "presstv", "-o", "x.json"), 2, "scrapy export"),
        (("crawl", "presstv", "-a", "section=une"), 2, "'section'"),
        (("crawl", "presstv", "-a", "sections=nulle-part"), 2, "nulle-part"),
        (("crawl", "presstv", "-s", "SECTION_PAGE_CAP=lots"), 4, "SECTION_PAGE_CAP"),
        (("crawl", "presstv", "-s", "SECTION_PAGES_CAP=1"), 4, "did you mean SECTION_PAGE_CAP?"),
        (("crawl", "presstv", "-s", "AWS_SECRET_ACCESS_KEY=hush"), 2, "environment variable AWS_SECRET_ACCESS_KEY"),
        (("crawl", "presstv", "-s", "OUTLET_BASE=http://h"), 4, "-a outlet=URL"),
        (("crawl", "presstv", "-L", "LOUD"), 4, "LOG_LEVEL='LOUD'"),
        (("status", "-s", "BATCH_SECONDS=soon"), 4, "BATCH_SECONDS"),
        (("history",), 2, "a word is missing"),
        (("history", "abc"), 2, "'abc'"),
        (("history", "99"), 2, "no article '99'"),
        (("show", "99@latest"), 2, "'99'"),
        (("show", "ID@yesterday"), 2, "'yesterday'"),
        (("show", "ID@0001-01-01T00:00:00+14:00"), 2, "is no time"),
        (("show", "ID@1999-01-01"), 2, "no version"),
        (("show", "ID@77"), 2, "no version 77"),
        (("diff", "ID", "1", "9"), 2, "no version 9"),
        (("diff", "ID", "1", "2", "3"), 2, "'3'"),
        (("search",), 2, "a word is missing"),
        (("search", '"'), 2, "nothing to search for"),
        (("search", "mer", "--limit", "0"), 2, "limit of 0"),
        (("search", "mer", "--limit", "-4"), 2, "limit of -4"),
        (("export",), 2, "a word is missing"),
        (("export", "papyrus"), 2, "papyrus"),
        (("export", "jsonl", "--view", "dreams"), 2, "dreams"),
        (("export", "jsonl", "--since", "soon"), 2, "soon"),
        (("export", "jsonl", "--json"), 2, "--json"),
        (("verify", "all"), 2, "'all'"),
        (("verify", "--since", "99"), 2, "the archive ends at commit"),
        (("replay", "--since", "99"), 2, "the archive ends at commit"),
        (("search", "mer", "--since", "99"), 2, "the archive ends at commit"),
        (("export", "jsonl", "--since", "99"), 2, "the archive ends at commit"),
        (("search", "mer", "--limit", "x"), 2, "invalid int value: 'x'; see: scrapy search --help"),
        (("search", "mer", "--limit"), 2, "see: scrapy search --help"),
        (("schedule", "--list", "--once", "news"), 2, "see: scrapy schedule --help"),
        (("crawl", "presstv", "-a", "limit"), 2, "use -a NAME=VALUE"),
        (("status", "-s", "NONE"), 2, "-s takes NAME=VALUE"),
        (("history", "ID@1"), 2, "names one version"),
        (("diff", "ID@1", "2"), 2, "leave @1 out"),
        (("diff", "https://french.presstv.ir/Detail/2021/07/17/ID/x@1"), 2, "leave @1 out"),
        (("export", "jsonl", "--ids", "ID@2026-11-24"), 2, "names one version"),
        (("backfill", "tests"), 2, "is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
@pytest.mark.row("F-SAY-03")
def test_a_mistake_is_one_line_and_its_code(project, words, code, says):
    """No traceback, nothing on stdout, and the value that was wrong."""
    done = project.run(*(word.replace("ID", project.id) for word in words))

    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "Usage" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("error:")]) == 1
    assert "hush" not in done.stderr


@pytest.mark.row("F-STO-12")
@pytest.mark.parametrize("text", [*READERS, "export jsonl"])
@pytest.mark.parametrize(
    ("described", "code", "says"),
    [
        ('{"digest":"sha256","edition":"presstv-fr","format":99,"version":"9"}', 4, "newer"),
        ("{", 9, "archive.json"),
        (None, 10, "no archive"),
    ],
    ids=["newer-format", "damaged", "none"],
)
@pytest.mark.row("F-PRC-18")
def test_an_archive_that_cannot_be_read(project, tmp_path, text, described, code, says):
    """F-PRC-18: a newer format is refused, a damaged one is told, and a place without an archive is 10."""
    place = tmp_path / "other"
    place.mkdir()
    if described is not None:
        (place / "archive.json").write_text(described)
    uri, catalog = f"ARCHIVE_URI=file:{place}", f"CATALOG_PATH={tmp_path / 'c.sqlite'}"
    done = project.run(*words_of(project, text), "-s", uri, "-s", catalog)

    assert done.returncode == code
    assert done.stdout == "" or text == "verify"
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.row("F-PRC-18")
def test_a_crawl_refuses_a_newer_archive_and_a_clock_behind_it(project, tmp_path):
    """Nothing is fetched: exit 4."""
    (tmp_path / "archive.json").write_text('{"digest":"sha256","edition":"presstv-fr","format":99,"version":"9"}')
    done = project.crawl("-s", f"ARCHIVE_URI=file:{tmp_path}", "-s", f"CATALOG_PATH={tmp_path / 'c.sqlite'}")

    assert (done.returncode, done.stdout) == (4, "")


def test_bad_numbers_in_the_environment(project):
    """In production a variable is a setting: a bad number ends any command with 4 and its name."""
    done = project.run("status", env={"SCRAPY_PROJECT": "production", "BATCH_CAPTURES": "many"})

    assert (done.returncode, "BATCH_CAPTURES='many'" in done.stderr) == (4, True)


def test_production_takes_its_archive_from_the_environment(project, tmp_path):
    """Without -s the variables of the same names say where things lie."""
    env = {
        "SCRAPY_PROJECT": "production",
        "ARCHIVE_URI": f"file:{project.archive}",
        "CATALOG_PATH": str(tmp_path / "c.sqlite"),
        "BATCH_CAPTURES": "50",
    }
    command = [*project.command("status")[:4], "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(env), capture_output=True, text=True, check=False)

    assert json.loads(done.stdout)["archive"] == f"file:{project.archive}"


def test_a_crawl_is_quiet_and_warns_of_a_missing_contact(project):
    """For cron: twelve lines at most on stdout, on stderr one warning, and only away from loopback."""
    near = project.crawl("-a", "limit=1")
    far = project.run(
        "crawl", "presstv", "-a", "outlet=http://192.0.2.1", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=1"
    )

    assert near.stderr == ""
    assert len(near.stdout.splitlines()) <= 12
    assert far.stderr.startswith("warning: CRAWLER_CONTACT is empty")


def test_debug_logging_says_everything(project):
    """With -L DEBUG Scrapy's own words are back."""
    assert "Overridden settings" in project.crawl("-a", "limit=1", "-L", "DEBUG").stderr


def test_the_state_tells_what_is_due(project):
    """Head, counts, the last crawl and its sections."""
    state = json.loads(project.run("status", "--json").stdout)

    assert state["counts"]["versions"] - state["counts"]["articles"] == state["counts"]["changes"] == 1
    assert state["last_crawl"]["exit"] in (0, 14)
    assert set(state["last_crawl"]["articles"]) <= set(state["last_crawl"]["requests"])
    assert {"une", "infos"} <= {walk["section"] for walk in state["sections"]}


@pytest.mark.row("F-SAY-04")
def test_a_sitemap_that_is_not_there_is_no_article_gone(project):
    """The outlet has none: the request was answered 404, and no article is said to be gone."""
    summary = json.loads((project.archive / "log" / "000000000001.json").read_text())["summary"]

    assert summary["requests"]["gone"] == 1
    assert "gone" not in summary["articles"]
    assert "; articles: " in project.run("status").stdout


def test_a_version_is_shown_by_time_and_by_number(project):
    """The newest, the one in force then, and the first."""
    history = json.loads(project.run("history", project.id, "--json").stdout)
    first, second = history["versions"]

    assert json.loads(project.run("show", f"{project.id}@1", "--json").stdout)["headline"] == first["headline"]
    assert json.loads(project.run("show", first["cite"], "--json").stdout)["headline"] == first["headline"]
    assert json.loads(project.run("show", project.id, "--json").stdout)["headline"] == second["headline"]
    assert first["headline"] != second["headline"]


def test_help_of_each_command(project):
    """--help ends with 0 and says what the command takes."""
    for name in ("crawl", "status", "history", "show", "diff", "search", "export", "verify", "schedule"):
        done = project.run(name, "--help")

        assert (done.returncode, f"scrapy {name}" in done.stdout) == (0, True)
