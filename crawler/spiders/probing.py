"""Doubtful answers for known articles held against a made-up address's: what answers both alike is no article."""

from dataclasses import replace
from typing import Any

from scrapy.http import Response

from archive.items import Capture, Look
from crawler import pages
from crawler.edition import made_up_path
from crawler.spiders.archiving import Asked
from crawler.spiders.looks import absent, look_at
from crawler.spiders.parity import ParitySpider

_DOUBTFUL = frozenset({"extract_failed", "empty"})
_AT_ONCE = 200


class ProbingSpider(ParitySpider):
    """Ask for an address that no article has, once in a crawl and only where a known article's answer is doubtful.

    Until it is answered such looks wait. The probe is a look of kind `probe` and, by its number, never an article.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting: list[Look] = []
        self._asked_for = False
        self._answered = False
        self._made_up: Capture | None = None

    def judged(self, look: Look, *, known: bool) -> Asked:
        """Yield a look at an article, or the probe that it has to wait for; `known`: the article was read before."""
        if not (known and self._is_doubtful(look)):
            yield self.settled(look)
        elif self._answered:
            yield self.settled(self._compared(look))
        else:
            self._waiting.append(look)
            if not self._asked_for:
                self._asked_for = True
                url = f"{self.base}{made_up_path(self.clock(), self.session.crawl)}"
                yield from self.ask(url, "probe", self.probed, priority=_AT_ONCE)

    def settled(self, look: Look) -> Look:
        """Hear of an article's look as it is; return it."""
        return look

    @staticmethod
    def _is_doubtful(look: Look) -> bool:
        if look.status != 200 or look.capture is None:
            return False
        return look.outcome in _DOUBTFUL or (look.article is not None and not pages.is_known(look.article.layout))

    def probed(self, response: Response) -> Asked:
        """Note how the made-up address is answered; let go of the looks that waited."""
        look = look_at(response, self.clock())
        self._made_up = look.capture if look.status == 200 else None
        yield replace(look, outcome="gone" if absent(look) or look.status != 200 else "soft_404")
        yield from self.release()

    def release(self) -> Asked:
        """Let go of the looks that waited for the probe, whether it was answered or not."""
        self._answered = True
        waiting, self._waiting = self._waiting, []
        yield from (self.settled(self._compared(look)) for look in waiting)

    def _compared(self, look: Look) -> Look:
        if self._made_up is None or look.capture is None or not pages.says_no_more(look.capture, self._made_up):
            return look
        return replace(look, outcome="soft_404", detail=pages.ALIKE, article=None)
