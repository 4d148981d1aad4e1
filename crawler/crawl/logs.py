"""Log lines of a crawl: items are many and large, so a scraped one is one word at DEBUG and never its text."""

import logging
from typing import Any

from scrapy import logformatter

# What Scrapy says at every start and end, of itself; warnings of these loggers stay.
_CHATTY = (
    "scrapy.addons",
    "scrapy.middleware",
    "scrapy.utils.log",
    "scrapy.core.engine",
    "scrapy.extensions.memusage",
    "scrapy.statscollectors",
)


def hush(level: str) -> None:
    """Silence what Scrapy tells of itself at INFO; with LOG_LEVEL=DEBUG everything is said."""
    if level.upper() == "DEBUG":
        return
    # Scrapy's handlers drop what is below the level, but only once each line is made.
    logging.disable(logging.DEBUG)
    for name in _CHATTY:
        # Not a level: Scrapy sets the levels of its loggers anew when it configures logging.
        logging.getLogger(name).addFilter(_warnings)
    # The same logger says which signal was received, which is worth a line.
    logging.getLogger("scrapy.crawler").addFilter(_no_settings)
    logging.getLogger("scrapy.extensions.logstats").addFilter(_some_pages)


def _warnings(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _no_settings(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Overridden settings")


def _some_pages(record: logging.LogRecord) -> bool:
    return not (isinstance(record.args, dict) and record.args.get("pages") == 0)


class QuietFormatter(logformatter.LogFormatter):
    """Log what a person at a terminal needs."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        """Log a judged look by address and outcome."""
        del response, spider
        look, verdict = getattr(item, "look", None), getattr(item, "verdict", None)
        args = {"outcome": getattr(verdict, "outcome", "?"), "url": getattr(look, "url", "?")}
        return {"level": logging.DEBUG, "msg": "%(outcome)s %(url)s", "args": args}

    def item_error(self, item: Any, exception: Any, response: Any, spider: Any) -> Any:
        """Log a step that failed by address; the traceback follows it."""
        del exception, response, spider
        return {"level": logging.ERROR, "msg": "a step failed on %(url)s", "args": {"url": getattr(item, "url", "?")}}
