"""The environment in production and at a terminal: read, refused or told, never passed over in silence."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings, default_settings

from archive.errors import ConfigurationError
from crawler.cli.environment import check_environment, unread
from settings import base
from settings.base import OURS
from settings.names import FIXED, FROM_ENVIRONMENT
from tests import loaded
from tests.project import ROOT, Project, environment

EVERYWHERE = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LANGUAGE", "TERM", "PWD", "OLDPWD",
    "HOSTNAME", "EDITOR", "VISUAL", "PAGER", "MAIL", "DISPLAY", "TZ", "TMPDIR", "COLUMNS", "LINES", "NO_COLOR",
    "FORCE_COLOR", "DEBUG", "VERSION", "PORT", "HOST", "SCHEDULER", "ENV", "NODE_ENV", "PYTHONPATH",
    "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "PIP_INDEX_URL", "UV_DEFAULT_INDEX",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE",
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_MAX_ATTEMPTS", "ALLOW_PLAINTEXT",
    "SIGNING_KEY", "SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE", "INVOCATION_ID", "JOURNAL_STREAM",
    "NOTIFY_SOCKET", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "MAINPID", "XDG_RUNTIME_DIR", "XDG_SESSION_ID",
    "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_CONNECTION", "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_PORT_443_TCP_ADDR", "CI", "GITHUB_ACTIONS", "GITHUB_SHA", "GITLAB_CI", "CI_COMMIT_SHA",
    "BUILD_NUMBER", "JOB_NAME", "LOGLEVEL", "LOG_LEVEL", "LOG_FORMAT", "USER_AGENT", "DATABASE_URL",
    "REDIS_URL", "MAIL_HOST", "MAIL_USER", "FTP_USER", "SECRET_KEY", "API_KEY", "TOKEN", "SHLVL", "_",
    "ARCHIVE", "CATALOG", "SPOOL", "CONTACT", "DOWNLOAD_DIR", "BACKUP_URI", "SCHEDULED_AT", "ZONE", "KEY_FILE",
    "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_PIP_VERSION", "CONTAINER", "OMP_NUM_THREADS",
    "MALLOC_ARENA_MAX", "RETRY_COUNT", "BATCH_SIZE", "TIMEOUT", "CONCURRENCY", "FAKETIME", "LD_PRELOAD",
    "LS_COLORS", "LESSOPEN", "COLORTERM", "WINDOWID", "GNUPGHOME", "CRON_TZ", "SUDO_USER", "SUDO_UID",
]  # fmt: skip


@pytest.fixture
def production():
    """Return the settings as production has them, no variable set."""
    found = Settings()
    found.setmodule("settings.local", priority="project")
    found.set("READS_ENVIRONMENT", True, priority="project")
    return found


def test_what_docs_name_is_read_or_stays_as_it_is():
    """Each of Scrapy's settings in README or docs/ is one of the two; credentials are boto3's own."""
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    named = {name for page in pages for name in re.findall(r"`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`", page)}
    scrapys = {name for name in named if hasattr(default_settings, name) and not name.startswith("AWS_")}

    assert len(scrapys) > 8
    assert scrapys - set(FROM_ENVIRONMENT) - FIXED == set()


def test_every_plain_value_is_read_unless_it_is_fixed():
    """Ours all; nothing is both, and each name that stays is a setting."""
    plain = {name for name, value in vars(base).items() if name.isupper() and isinstance(value, (int, float, str))}

    assert plain - FIXED - {"VERSION", "BOT_NAME"} == set(FROM_ENVIRONMENT)
    assert set(OURS) <= set(FROM_ENVIRONMENT)
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert {name for name in FROM_ENVIRONMENT if f"`{name}`" not in page} == set()
    assert {name for name in FIXED if not hasattr(base, name)} == set()


@pytest.mark.row("F-CFG-02")
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ARCHIVE_URL", "ARCHIVE_URI"), ("ARCHVE_UR", "ARCHIVE_URI"), ("archive_uri", "ARCHIVE_URI"),
        ("ARCHIVE_DIR", "ARCHIVE_URI"), ("CRAWLER_CONTRACT", "CRAWLER_CONTACT"), ("CRAWLER-CONTACT", "CRAWLER_CONTACT"), ("SHEDULE", "SCHEDULE"),
        ("DOWNLOAD_DELAYS", "DOWNLOAD_DELAY"), ("SINGING_KEY", "SIGNING_KEY"), ("ROBOTSTXT_OBAY", "ROBOTSTXT_OBEY"),
        ("CATALOGUE_PATH", "CATALOG_PATH"), ("SPOOLDIR", "SPOOL_DIR"), ("EDITIONS", "EDITION"),
        ("ALLOW_PLAIN_TEXT", "ALLOW_PLAINTEXT"),
    ],
)  # fmt: skip
def test_a_name_that_is_almost_ours_is_refused(production, name, meant):
    """With the one that was meant, and without its value, unless that one is set as well."""
    with pytest.raises(ConfigurationError, match=f"{name} in the environment.*did you mean {meant}") as told:
        check_environment({name: "hush"}, production)
    if meant not in FIXED:
        check_environment({name: "hush", meant: "1"}, production)

    assert "hush" not in str(told.value)


@pytest.mark.row("F-CFG-02")
def test_names_of_others_are_never_hit(production):
    """What shells, systemd, containers, clouds and CI set."""
    assert check_environment(dict.fromkeys(EVERYWHERE, "x"), production) is None
    assert list(unread(dict.fromkeys(EVERYWHERE, "x"), production, frozenset())) == []


@given(st.dictionaries(st.text(min_size=1).map(lambda name: name.replace("=", "")), st.text(), max_size=9))
def test_any_environment_is_right_or_told(found):
    """No name, however odd, is anything but fine or a wrong setting."""
    settings = Settings({"READS_ENVIRONMENT": True, **{name: getattr(base, name) for name in FIXED}})
    told = ""
    try:
        check_environment(found, settings)
    except ConfigurationError as error:
        told = str(error)

    assert told.isprintable()


@pytest.mark.row("F-CFG-03")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ROBOTSTXT_OBEY", "0", "stays on"), ("ROBOTSTXT_OBEY", "off", "stays on"), ("ROBOTSTXT_OBEY", "", "stays on"),
        ("TELNETCONSOLE_ENABLED", "1", "stays off"), ("HTTPPROXY_ENABLED", "True", "stays off"),
        ("DOWNLOAD_VERIFY_CERTIFICATES", "0", "stays on"), ("DOWNLOAD_TLS_MIN_VERSION", "TLSv1.0", "stays TLSv1.2"),
        ("OUTLET_BASE", "http://h", "stays empty"), ("ITEM_PIPELINES", "{}", "as the program has it"),
    ],
)  # fmt: skip
def test_what_must_stay_is_refused(production, name, value, says):
    """With what it stays."""
    with pytest.raises(ConfigurationError, match=f"{name} may not be set by the environment.*{says}; unset it"):
        check_environment({name: value}, production)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ROBOTSTXT_OBEY", "True"), ("ROBOTSTXT_OBEY", "1"), ("COOKIES_ENABLED", "0"), ("OUTLET_BASE", "")],
)
def test_what_says_the_same_is_no_matter(production, name, value):
    """It stays as it is anyway."""
    assert check_environment({name: value}, production) is None


def test_scrapys_other_settings_are_told_as_unread(production):
    """Those that can't be given so; not those that -s gave."""
    env = {"JOBDIR": "x", "HTTPCACHE_DIR": "y"}

    assert list(unread(env, production, frozenset({"JOBDIR"}))) == [
        "HTTPCACHE_DIR is set in the environment, from which Scrapy's own are not read: give -s HTTPCACHE_DIR=…"
    ]


class At:
    """A project's commands under an environment, their places given by it."""

    def __init__(self, folder, url="http://127.0.0.1:1"):
        self.folder = folder
        self.project = Project(folder, url)
        self.env = {"ARCHIVE_URI": f"file:{folder}/archive", "CATALOG_PATH": f"{folder}/catalog.sqlite"}

    def run(self, *words, folder=ROOT, **env):
        """Run a command with these variables set besides."""
        command = [sys.executable, "-m", "scrapy", *words]
        return loaded.run(command, env=environment({**self.env, **env}), folder=folder)


@pytest.fixture
def at(tmp_path):
    """Return a place without an archive."""
    return At(tmp_path)


@pytest.mark.row("F-CFG-01")
def test_the_local_settings_say_what_they_do_not_read(at):
    """One line on stderr; what -s gives in its place is not named, nor is anything in production."""
    both = at.run("status", LOG_LEVEL="DEBUG")
    one = at.run(
        "status", "-s", f"CATALOG_PATH={at.folder}/c", "-s", "ARCHIVE_URI=file:/nowhere/else", ROBOTSTXT_OBEY="0"
    )
    read = at.run("status", SCRAPY_PROJECT="production", LOG_LEVEL="DEBUG")

    assert both.stderr.splitlines()[0] == (
        "note: ARCHIVE_URI, CATALOG_PATH, LOG_LEVEL are set in the environment, which the local settings do not read: "
        "set SCRAPY_PROJECT=production, or give -s ARCHIVE_URI=…"
    )
    assert one.stderr.splitlines()[0].startswith("note: ROBOTSTXT_OBEY is set in the environment, which")
    lost = at.run("status", "-s", "ARCHIVE_URI=file:/n", "-s", "CATALOG_PATH=/n", SCRAPY_PROJCT="production").stderr
    assert lost.startswith(
        "note: SCRAPY_PROJCT in the environment means nothing; did you mean SCRAPY_PROJECT?\nerror: "
    )
    assert (read.returncode, read.stderr.count("\n"), "no archive in" in read.stderr) == (10, 1, True)


@pytest.mark.row("F-CFG-02")
@pytest.mark.row("F-CFG-03")
@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"CRAWLER_CONTRACT": "hush"}, "did you mean CRAWLER_CONTACT?"),
        ({"ROBOTSTXT_OBEY": "0"}, "ROBOTSTXT_OBEY may not be set"),
        ({"DOWNLOAD_DELAY": "slow"}, "DOWNLOAD_DELAY='slow'"),
        ({"AUTOTHROTTLE_MAX_DELAY": "-1"}, "AUTOTHROTTLE_MAX_DELAY='-1'"),
        ({"LOG_FILE": "no/such/folder/log"}, "LOG_FILE='no/such/folder/log'"),
        ({"CLOSESPIDER_TIMEOUT": ""}, "CLOSESPIDER_TIMEOUT=''"),
    ],
)
def test_in_production_a_wrong_variable_ends_any_command(at, env, says):
    """With 4 and one line, before anything is read; at a terminal it ends none."""
    wrong = at.run("status", SCRAPY_PROJECT="production", **env)
    local = at.run("status", "-s", "ARCHIVE_URI=file:var/none", **env)

    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (4, "", 1)
    assert says in wrong.stderr
    assert "hush" not in wrong.stderr
    assert local.returncode == 10


@pytest.mark.row("F-CFG-04")
@pytest.mark.parametrize("contact", [None, "", "  "], ids=["unset", "empty", "blank"])
def test_production_asks_nobody_without_a_contact(at, contact):
    """A crawl, a daemon and a slot end with 4 before anything is made; reading and listing work."""
    env = {"SCRAPY_PROJECT": "production", **({} if contact is None else {"CRAWLER_CONTACT": contact})}
    refused = [
        at.run(*words, **env)
        for words in (
            ("crawl", "presstv", "-a", "outlet=http://127.0.0.1:1"),
            ("schedule",),
            ("schedule", "--once", "news"),
        )
    ]

    assert [(done.returncode, done.stdout) for done in refused] == [(4, "")] * 3
    assert ["error: CRAWLER_CONTACT is empty" in done.stderr for done in refused] == [True] * 3
    assert list(at.folder.iterdir()) == []
    assert at.run("status", **env).returncode == 10
    assert at.run("schedule", "--list", **env).returncode == 0
    assert (
        at.run(
            "crawl", "presstv", "-a", "outlet=http://127.0.0.1:1", "-s", "CRAWLER_CONTACT=a@b.test", **env
        ).returncode
        == 5
    )
