"""Log lines of a crawl: items are many and large, so a scraped one is one word at DEBUG and never its text."""

import logging
from typing import Any

from scrapy import logformatter


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
