"""Security rows: secrets stay secret, no door stands open, nothing stored is ever executed."""

import argparse
import ast
import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from scrapy.settings import Settings

from archive.trust.signing import signing_key
from demo.server import serve
from settings import base
from tests.project import ROOT, Project, environment
from tests.servers import KEY_ID, SECRET, aws_environment

pytest_plugins = ["tests.servers"]
PACKAGES = ("archive", "crawler", "pipelines", "settings", "browse")
TOKEN = "canarySessionTokenOfTheTests/0123456789"
SEED = "c0ffee00" * 8
AFTER = (["verify", "--json"], ["status"], ["sign"], ["doctor", "--json"], ["head", "--debug"], ["gc"])
USERINFO = "canary-user:canary-password"
DEBUG = [pytest.param([], id="quiet"), pytest.param(["--debug"], id="debug", marks=pytest.mark.slow)]


def secrets():
    """Return each secret in the forms in which it could slip out."""
    whole = [SECRET, TOKEN, SEED, KEY_ID, *USERINFO.split(":")]
    return [form.encode() for text in whole for form in (text, text.replace("/", "%2F"))]


def slips(data):
    return [secret for secret in secrets() if secret in data]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, moto):
    """Crawl into a bucket at DEBUG with canaries wherever a secret can stand; return all that came of it."""
    folder, bucket = tmp_path_factory.mktemp("canary"), moto.bucket()
    env = {
        **aws_environment(moto.endpoint), "AWS_SESSION_TOKEN": TOKEN, "SIGNING_KEY": SEED,
        "WEBHOOK_URL": f"https://{USERINFO}@hooks.invalid/x",
    }  # fmt: skip
    with serve() as server:
        project = Project(folder, server.url)
        to_bucket = ("-s", f"ARCHIVE_URI=s3://{bucket}/fr", "-L", "DEBUG")
        done = [project.run(*project.crawl_words(*to_bucket, "-a", "limit=3"), env=env)]
        done += [project.run(words[0], *to_bucket, *words[1:], env=env) for words in AFTER]
        asked = [str(request) for request in server.requests]
    names = [item["Key"] for item in moto.client.list_objects_v2(Bucket=bucket)["Contents"]]
    stored = {name: moto.client.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}
    local = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return done, stored, local, asked


@pytest.mark.row("F-SEC-02")
@pytest.mark.row("F-SEC-03")
def test_no_log_and_no_output_holds_a_secret(crawled):
    """Of a whole crawl and of what is asked about it afterwards, at DEBUG, Scrapy's list of settings included."""
    done = crawled[0]

    assert [(each.args[3], each.returncode) for each in done if each.returncode not in (0, 4, 14)] == []
    assert "DEBUG" in done[0].stderr
    assert "Overridden settings" in done[0].stderr
    assert [slips((each.stdout + each.stderr).encode()) for each in done] == [[] for _ in done]


@pytest.mark.row("F-SEC-02")
def test_nothing_stored_holds_a_secret(crawled):
    """No object, packed or unpacked, no catalog, no spool, and no request to the outlet."""
    import gzip

    _, stored, local, asked = crawled
    plain = {name: gzip.decompress(data) for name, data in stored.items() if name.endswith(".gz")}

    assert {name.partition("/")[2].partition("/")[0] for name in stored} >= {
        "archive.json",
        "log",
        "captures",
        "checks",
    }
    assert any(name.endswith(".sig") for name in stored)
    assert {name: slips(data) for name, data in {**stored, **plain, **local}.items() if slips(data)} == {}
    assert slips("".join(asked).encode()) == []


@pytest.mark.row("F-SEC-02")
def test_a_refused_key_is_shown_cut(tmp_path, moto):
    """What goes wrong with the store names the key by its ends, and no more, with --debug too."""
    env = {**aws_environment("http://127.0.0.1:9"), "AWS_SESSION_TOKEN": TOKEN, "AWS_MAX_ATTEMPTS": "1"}
    project = Project(tmp_path, "http://127.0.0.1:9")
    for more in ([], ["--debug"]):
        done = project.run("verify", "-s", "ARCHIVE_URI=s3://nowhere/fr", *more, env=env)

        assert done.returncode != 0
        assert slips((done.stdout + done.stderr).encode()) == []


@pytest.mark.row("F-SEC-01")
@pytest.mark.parametrize(
    "words",
    [
        ("status", "-s", f"AWS_SECRET_ACCESS_KEY={SECRET}"),
        ("status", "-s", f"AWS_SESSION_TOKEN={TOKEN}"),
        ("sign", "-s", f"SIGNING_KEY={SEED}"),
        ("status", "-s", f"ARCHIVE_URI=s3://{USERINFO}@bucket/fr"),
        ("crawl", "presstv", "-a", f"outlet=http://{USERINFO}@127.0.0.1:9"),
        ("timestamp", "-s", f"TIMESTAMP_URL=http://{USERINFO}@127.0.0.1:9", "-s", "TIMESTAMP_CERTS=CERTS"),
    ],
    ids=lambda words: f"{words[0]} {words[-1].partition('=')[0]}",
)
def test_a_secret_as_an_argument_is_refused_and_not_repeated(tmp_path, words):
    """It could be read in the list of processes; the line says where it belongs instead."""
    certs = "/etc/ssl/certs/ca-certificates.crt"
    done = Project(tmp_path, "").run(*(word.replace("=CERTS", f"={certs}") for word in words))

    assert done.returncode in (2, 4, 10)
    assert slips((done.stdout + done.stderr).encode()) == []


def _given():
    """Yield words, settings and environments that hold credentials in an address, and where they are no credentials."""
    user, query = f"http://{USERINFO}@127.0.0.1:9/x", f"http://127.0.0.1:9/x?token={SECRET}"
    for url in (user, f"ftp://{USERINFO}@h/x", f"s3://{USERINFO}@bucket/x.warc.gz", query):
        yield ["backfill", url]
        yield ["export", "jsonl", "-o", url]
        yield ["verify", "--repair-from", url]
        yield ["status", "-s", f"ARCHIVE_URI={url}"]
        yield ["doctor", "--offline", "-s", f"TIMESTAMP_URL={url}"]
        yield ["history", url]
        yield ["schedule", "--list", "-s", f"SCHEDULE=une: 5 * * * * outlet={url}"]
    for name in ("OUTLET_BASE", "WAYBACK_CDX"):
        yield ["doctor", "-s", f"{name}={user}"]
        yield ["backfill", "--wayback", "/Detail/*", "-s", f"{name}={user}"]
    yield ["crawl", "presstv", "-a", f"outlet={query}"]
    yield ["crawl", "presstv", "-a", f"outlet=http://127.0.0.1:9,{user}"]


@pytest.mark.row("F-SEC-01")
@pytest.mark.parametrize("debug", DEBUG)
@pytest.mark.parametrize("words", list(_given()), ids=lambda words: " ".join(words)[:60].replace(USERINFO, "user"))
def test_credentials_in_an_address_are_never_repeated(tmp_path, words, debug):
    """Wherever an address is given, by whatever command, with --debug as well."""
    done = Project(tmp_path, "").run(*words, *debug)

    assert done.stderr or done.stdout
    assert slips((done.stdout + done.stderr).encode()) == []


@pytest.mark.row("F-SEC-01")
@pytest.mark.parametrize("debug", DEBUG)
@pytest.mark.parametrize("command", ["status", "doctor"])
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", pytest.param("AWS_ENDPOINT_URL", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "endpoint",
    [
        f"http://{USERINFO}@127.0.0.1:9", f"http://127.0.0.1:9/?t={SECRET}", f"https://192.0.2.1/#{SECRET}",
        f"{USERINFO}@h", f"http://[::1/?t={SECRET}", f"http://{USERINFO}@[::1",
    ],
    ids=["user", "query", "fragment", "no scheme", "broken", "broken user"],
)  # fmt: skip
def test_an_endpoint_holds_no_secret(tmp_path, endpoint, name, command, debug):
    """User, query and fragment of an endpoint are refused before the client library could repeat them."""
    env = {"AWS_ACCESS_KEY_ID": "AKIAXXXXXXXXXXXXXXXX", "AWS_SECRET_ACCESS_KEY": "x", name: endpoint}
    project = Project(tmp_path, "")
    done = project.run(
        command, "-s", "ARCHIVE_URI=s3://bucket/fr", "-s", "OUTLET_BASE=http://127.0.0.1:9", *debug, env=env
    )

    assert done.returncode == (1 if debug and command == "status" else 4)
    assert "scheme, host and port alone" in done.stdout + done.stderr
    assert slips((done.stdout + done.stderr).encode()) == []


@pytest.mark.row("F-SEC-01")
def test_no_option_takes_a_secret():
    """No command's help names a password, secret, token or private key."""
    names = [path.stem for path in sorted((ROOT / "crawler" / "commands").glob("[a-z]*.py"))]
    for name in names:
        command, parser = importlib.import_module(f"crawler.commands.{name}").Command(), argparse.ArgumentParser()
        command.settings = Settings()
        command.add_options(parser)
        text = parser.format_help()

        assert "--json" in text or name in ("export", "prove", "browse", "completion", "manual"), text
        assert re.findall(r"--\S*(?:password|secret|token|private|credential)\S*", text) == [], name
    assert len(names) >= 19


def listening(pid):
    """Return the ports on which a process listens, by proc(5)."""
    try:
        links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
        tables = [Path(f"/proc/{pid}/net/{table}").read_text() for table in ("tcp", "tcp6")]
    except OSError:
        return set()
    rows = [row.split() for table in tables for row in table.splitlines()]
    # Column 3 is the state (0A: listening), column 9 the inode.
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in links}


@pytest.mark.row("F-SEC-07")
@pytest.mark.parametrize("telnet", [0, 1])
def test_a_crawl_listens_on_no_port(tmp_path, telnet):
    """From its start to its end; with Scrapy's console switched on, the same look finds it."""
    found, looks = set(), 0
    with serve() as server:
        project = Project(tmp_path, server.url)
        words = project.crawl_words(
            "-a", "limit=3", "-s", "DOWNLOAD_DELAY=0.05", "-s", f"TELNETCONSOLE_ENABLED={telnet}"
        )
        command = project.command(*words)
        with subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                found |= listening(process.pid)
                looks += 1
                try:
                    process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue

    assert looks > 10
    assert bool(found) == bool(telnet)


@pytest.mark.row("F-SEC-06")
@pytest.mark.parametrize(("umask", "others"), [(0o077, 0), (0o022, 0o044)])
def test_files_are_made_with_the_umask(tmp_path, umask, others):
    """With umask 077 nothing that a crawl makes can be read by others; with 022 the archive can; never executed."""
    with serve() as server:
        project = Project(tmp_path / "place", server.url)
        done = project.run(*project.crawl_words("-a", "limit=2"), umask=umask)
    files = [path for path in (tmp_path / "place").rglob("*") if path.is_file()]
    modes = {path.stat().st_mode & 0o777 for path in files if "archive" in path.parts}

    assert done.returncode in (0, 14), done.stderr
    assert len(files) > 5
    assert modes == {0o600 | others}
    assert [path for path in files if path.stat().st_mode & (0o111 | umask)] == []


def sources():
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


@pytest.mark.row("F-SEC-08")
def test_nothing_is_unpickled_or_evaluated():
    """No module of ours imports what builds objects from bytes, and none evaluates text.

    Between its own processes, and those of a cluster, the program hands work on as pickles: in these two modules alone.
    """
    imports, calls = set(), set()
    told = {ROOT / "archive/parallel/cluster.py", ROOT / "archive/parallel/workers.py"}
    paths = [path for path in sources() if path not in told]
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            imports |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.add(node.func.id)

    assert (
        imports & {"pickle", "cPickle", "dill", "marshal", "shelve", "yaml", "joblib", "jsonpickle", "runpy"} == set()
    )
    assert calls & {"eval", "exec", "compile", "__import__"} == set()
    assert {"json", "gzip"} & imports  # the walk saw something


@pytest.mark.row("F-SEC-08")
def test_the_linter_looks_for_it():
    """Ruff's S rules are on for our packages; what is switched off is named here."""
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    off = {rule for rule in ruff["ignore"] if rule.startswith("S") and rule[1:2].isdigit()}
    ours = {path: rules for path, rules in ruff["per-file-ignores"].items() if path.startswith(PACKAGES)}

    assert ruff["select"] == ["ALL"]
    assert off == {"S608", "S101"}
    assert [path for path, rules in ours.items() if any(re.fullmatch(r"S\d*", rule) for rule in rules)] == []


@pytest.mark.row("F-SEC-08")
def test_what_scrapy_pickles_is_off():
    """No HTTP cache and no job directory: both are read back by pickle."""
    assert base.HTTPCACHE_ENABLED is False
    assert not hasattr(base, "JOBDIR")


def test_the_canaries_are_what_they_seem():
    """The signing key of the test is a key, so that the crawl did use it."""
    assert signing_key(text=SEED).public != SEED
