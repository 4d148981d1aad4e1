"""Which settings the environment may give in production, and which it may not."""

from settings import base

FIXED = frozenset(
    {
        # What must stay shut, and what an honest crawler does: docs/decisions/0008.
        "ROBOTSTXT_OBEY", "COOKIES_ENABLED", "REFERER_ENABLED", "METAREFRESH_ENABLED", "HTTPPROXY_ENABLED",
        "TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "HTTPCACHE_ENABLED", "DOWNLOAD_VERIFY_CERTIFICATES",
        "DOWNLOAD_TLS_MIN_VERSION", "DOWNLOAD_HANDLERS", "TWISTED_DNS_RESOLVER",
        # What the program is made of.
        "DOWNLOAD_FAIL_ON_DATALOSS", "HTTPERROR_ALLOW_ALL", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES",
        "DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE",
        "ITEM_PIPELINES", "SPIDER_MODULES", "COMMANDS_MODULE", "OUTLET_BASE", "LOG_FORMATTER",
        "WARN_ON_GENERATOR_RETURN_VALUE",
    }
)  # fmt: skip
"""Stay as `base` has them: another value in the environment ends every command."""

_PROGRAMS = frozenset({"VERSION", "BOT_NAME"})
"""Names that other programs give to variables of their own."""

FROM_ENVIRONMENT = tuple(
    name
    for name, value in vars(base).items()
    if name.isupper() and isinstance(value, bool | int | float | str) and name not in FIXED | _PROGRAMS
)
"""Each may be given by the environment variable of its name."""
