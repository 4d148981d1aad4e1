"""Every setting, grouped; reads no environment. `local` and `production` build on it.

Our own settings are the table OURS; what is Scrapy's is pinned where its default is unfit (docs/decisions/0008).
"""

from typing import Any

from pipelines import STEPS

VERSION = "0.2.0"

# Ours: name -> default. Each may be set with -s, and in production by the environment variable of the same name.
OURS: dict[str, Any] = {
    "ARCHIVE_URI": "file:var/archive",
    "CATALOG_PATH": "var/catalog.sqlite",
    "SPOOL_DIR": "var/spool/{archive}",
    "BATCH_CAPTURES": 200,
    "BATCH_BYTES": 32 * 2**20,
    "BATCH_SECONDS": 60,
    "KEEP_UNCHANGED_DAYS": 30,
    "CLOCK_BEFORE": 0,
    "CLOCK_APART": 0,
    "SECTION_PAGE_CAP": 200,
    "DEEP_WALK_PAGES": 50,
    "DEEP_WALK_DAYS": 1,
    "SITEMAP_ARTICLES": 200,
    "RECHECK_BUDGET": 500,
    "PARITY_DAYS": 7,
    "BRAKE_SHARE": 0.2,
    "BRAKE_MINIMUM": 10,
    "EDITION": "presstv-fr",
    "OUTLET_ZONE": "Asia/Tehran",
    "CRAWLER_CONTACT": "",
    "SIGNING_KEY_FILE": "",
    "VERIFY_KEY": "",
    "SNAPSHOTS": 1,
    "SNAPSHOT_COMMITS": 1000,
    "TIMESTAMP_URL": "",
    "TIMESTAMP_CERTS": "",
    "WAYBACK_CDX": "https://web.archive.org/cdx/search/cdx",
    "WAYBACK_WEB": "https://web.archive.org/web",
    "COMMONCRAWL_INDEX": "https://index.commoncrawl.org",
    "COMMONCRAWL_DATA": "https://data.commoncrawl.org",
    "SCHEDULE": (
        "news: */15 * * * * sections=une,continu; europe: 5 * * * * sections=europe; all: 40 3 * * * sections=all"
    ),
    "RETRY_AFTER_CAP": 900,
    "RETRY_BACKOFF_BASE": 1.0,
    "BREAKER_FAILURES": 10,
    "BREAKER_PAUSE": 60,
}
globals().update(OURS)

# The project.
BOT_NAME = "presstv-archive"
SPIDER_MODULES = ["crawler.spiders"]
COMMANDS_MODULE = "crawler.commands"
OUTLET_BASE = ""

# Who we are and how gently we ask.
USER_AGENT = f"presstv-archive/{VERSION}"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
AUTOTHROTTLE_START_DELAY = 5.0
AUTOTHROTTLE_MAX_DELAY = 60.0
COOKIES_ENABLED = False
REFERER_ENABLED = False
METAREFRESH_ENABLED = False
# A proxy would resolve names itself, past the guard against private addresses.
HTTPPROXY_ENABLED = False

# How long and how much.
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 8 * 2**20
DOWNLOAD_WARNSIZE = 2 * 2**20
# A body that is cut is kept and asked for again by EncodingMiddleware, which knows what its packing proves.
DOWNLOAD_FAIL_ON_DATALOSS = False
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 3
DEPTH_LIMIT = 0
URLLENGTH_LIMIT = 2083
CLOSESPIDER_TIMEOUT = 6 * 3600
CLOSESPIDER_ERRORCOUNT = 200
# As many tasks are begun for each answer; steps wait for nothing, so that one takes what many would.
CONCURRENT_ITEMS = 1
MEMUSAGE_LIMIT_MB = 1024
EXTENSIONS = {"scrapy.extensions.memusage.MemoryUsage": None, "crawler.crawl.memory.OwnMemory": 0}
# Every answer reaches its callback, which gives it an outcome; redirects are followed all the same.
HTTPERROR_ALLOW_ALL = True

# What must stay shut: servers, other schemes, caches read back by pickle.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
HTTPCACHE_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"
DOWNLOAD_HANDLERS = {
    "http": "crawler.middlewares.handler.Handler",
    "https": "crawler.middlewares.handler.Handler",
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
TWISTED_DNS_RESOLVER = "crawler.middlewares.guard.GuardedResolver"

# Scrapy's own parts less those in whose place ours stand: it imports each that its tables name, also one that is set to
# None, and requests with them. What a setting may switch on or bound stays.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": 900,
}
# Length and meta are the asker's: Scrapy's own would hand on every request and look once more.
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": 900,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.guard.GuardMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.refresh.RefreshMiddleware": 585,
    "crawler.middlewares.encoding.EncodingMiddleware": 590,
    "crawler.middlewares.redirect.RedirectMiddleware": 600,
    "crawler.middlewares.capture.CaptureMiddleware": 800,
}
SPIDER_MIDDLEWARES = {"crawler.middlewares.apart.ApartMiddleware": 900}
ITEM_PIPELINES = STEPS

# Scrapy parses the source of every callback anew to look for a lost return value; ours are checked by mypy.
WARN_ON_GENERATOR_RETURN_VALUE = False

# Talk.
LOG_LEVEL = "INFO"
LOG_FILE = ""
LOGSTATS_INTERVAL = 60
# The ledger counts requests, the spool their bytes.
DOWNLOADER_STATS = False
LOG_FORMATTER = "crawler.crawl.logs.QuietFormatter"
