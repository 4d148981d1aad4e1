"""What the settings come to in a crawler that is built from them."""

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from settings.base import OURS, VERSION
from tests.project import ROOT, environment

PINNED = {
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "REFERER_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",
    "DOWNLOAD_MAXSIZE": 8 * 1024 * 1024,
    "DOWNLOAD_WARNSIZE": 2 * 1024 * 1024,
    "DOWNLOAD_TIMEOUT": 30,
    "DOWNLOAD_FAIL_ON_DATALOSS": False,
    "CONCURRENT_REQUESTS": 4,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "CONCURRENT_ITEMS": 1,
    "DOWNLOAD_DELAY": 1,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    "REDIRECT_MAX_TIMES": 5,
    "METAREFRESH_ENABLED": False,
    "DEPTH_LIMIT": 0,
    "URLLENGTH_LIMIT": 2083,
    "RETRY_TIMES": 3,
    "CLOSESPIDER_TIMEOUT": 6 * 3600,
    "CLOSESPIDER_ERRORCOUNT": 200,
    "MEMUSAGE_LIMIT_MB": 1024,
    "TWISTED_DNS_RESOLVER": "crawler.middlewares.guard.GuardedResolver",
    "USER_AGENT": f"presstv-archive/{VERSION}",
    "LOG_LEVEL": "INFO",
    "LOGSTATS_INTERVAL": 60,
    "RETRY_AFTER_CAP": 900,
    "SECTION_PAGE_CAP": 200,
    "BATCH_CAPTURES": 200,
    "BATCH_BYTES": 32 * 1024 * 1024,
    "BATCH_SECONDS": 60,
    "KEEP_UNCHANGED_DAYS": 30,
    "CLOCK_BEFORE": 0,
    "BRAKE_SHARE": 0.2,
    "BRAKE_MINIMUM": 10,
    "OUTLET_ZONE": "Asia/Tehran",
    "CRAWLER_CONTACT": "",
}
NAMES = ("settings", "crawler", "pipelines", "archive", "browse", "demo", "benchmarks")
READ = """
import json, sys
from scrapy.crawler import Crawler
from scrapy.utils.project import get_project_settings
from crawler.spiders.presstv import PressTV
crawler = Crawler(PressTV, get_project_settings(), init_reactor=True)
crawler._apply_settings()
settings = crawler.settings
plain = {name: value for name, value in settings.items() if isinstance(value, (str, int, float, bool, type(None)))}
tables = ("DOWNLOAD_HANDLERS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")
plain |= {name: {str(k): v for k, v in settings.getwithbase(name).items()} for name in tables}
print(json.dumps(plain))
"""


def effective(project, **env):
    """Return the settings of a crawler built in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=environment({"SCRAPY_PROJECT": project, **env}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["default", "production"])
def built(request):
    """Return the effective settings of either project."""
    return effective(request.param)


@pytest.mark.parametrize("name", PINNED)
def test_each_setting_is_pinned(built, name):
    """A built crawler has the value that was decided on, whatever Scrapy's default."""
    assert (built[name], type(built[name])) == (PINNED[name], type(PINNED[name]))


@pytest.mark.row("F-OUT-24")
@pytest.mark.parametrize("scheme", ["file", "data", "ftp", "s3"])
def test_only_http_can_be_fetched(built, scheme):
    """No handler for other schemes is left."""
    assert built["DOWNLOAD_HANDLERS"][scheme] is None


@pytest.mark.parametrize(
    ("table", "ours", "replaced"),
    [
        ("DOWNLOADER_MIDDLEWARES", "crawler.middlewares.robots.RobotsMiddleware", "robotstxt.RobotsTxtMiddleware"),
        ("DOWNLOADER_MIDDLEWARES", "crawler.middlewares.retry.RetryMiddleware", "retry.RetryMiddleware"),
        ("DOWNLOADER_MIDDLEWARES", "crawler.middlewares.redirect.RedirectMiddleware", "redirect.RedirectMiddleware"),
        (
            "DOWNLOADER_MIDDLEWARES",
            "crawler.middlewares.encoding.EncodingMiddleware",
            "httpcompression.HttpCompressionMiddleware",
        ),
    ],
)
def test_our_middleware_stands_in_for_scrapys(built, table, ours, replaced):
    """Ours has a place, and Scrapy's has none."""
    assert built[table][ours] is not None
    assert f"scrapy.downloadermiddlewares.{replaced}" not in built[table]


def test_the_steps_are_those_of_the_pipelines(built):
    """The order stated in pipelines is the one that runs."""
    import pipelines

    assert built["ITEM_PIPELINES"] == pipelines.STEPS


def test_production_reads_the_environment():
    """Each of our settings may be given by the variable of its name; numbers come as text."""
    values = {name: f"text-of-{name}" for name in OURS}
    found = effective("production", **values)

    assert {name: found[name] for name in OURS} == values


def test_a_terminals_settings_read_no_environment():
    """Without SCRAPY_PROJECT a stray variable changes nothing."""
    found = effective("default", BATCH_CAPTURES="7", ARCHIVE_URI="s3://elsewhere")

    assert (found["BATCH_CAPTURES"], found["ARCHIVE_URI"]) == (200, "file:var/archive")


@pytest.mark.parametrize("name", NAMES)
def test_no_distribution_shadows_our_names(name):
    """The scrapy script appends the project to the path: an installed module of the same name would hide ours."""
    found = importlib.util.find_spec(name)
    origin = found.origin or next(iter(found.submodule_search_locations))

    assert name not in importlib.metadata.packages_distributions()
    assert Path(origin).is_relative_to(ROOT)


def test_every_name_is_a_setting_of_the_readme_or_scrapys():
    """No setting of ours hides one of Scrapy's."""
    from scrapy.settings import default_settings

    assert not [name for name in OURS if hasattr(default_settings, name)]


@pytest.mark.parametrize("part", ["cookies", "referer", "offsite", "httpauth", "urllength"])
def test_what_no_setting_switches_on_is_not_there(built, part):
    """No part of Scrapy's that is never used stands in a table, so that none is imported either."""
    tables = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS")
    assert not [name for table in tables for name in built[table] if part in name]
