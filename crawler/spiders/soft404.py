"""Doubtful answers for known articles held against a made-up address's: what answers both alike is no article."""

from collections import Counter
from dataclasses import replace
from typing import Any

from scrapy.http import Response

from archive.facts.items import Capture
from crawler import pages
from crawler.spiders.asking import Asked
from crawler.spiders.looks import absent, look_at, refused
from crawler.spiders.parity import ParitySpider
from pipelines.look import Look

_DOUBTFUL = frozenset({"extract_failed", "empty"})
_AT_ONCE = 200


class ProbingSpider(ParitySpider):
    """Ask for an address that no article has, once in a crawl and only where a known article's answer is doubtful.

    Until it is answered such looks wait. The probe is a look of kind `probe` and, by its number, never an article.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._waiting: list[Look] = []
        self._made_up: Counter[str] | None = None
        """The words of the answer to the probe, none where it gave no page; None until it is there."""

    def judged(self, look: Look, *, known: bool) -> Asked:
        """Yield a look at an article, or the probe that it has to wait for; `known`: the article was read before."""
        if not (known and self._is_doubtful(look)):
            yield self.settled(look)
        elif self._made_up is not None:
            yield self.settled(self._compared(look, self._made_up))
        else:
            first = not self._waiting
            self._waiting.append(look)
            if first:
                url = self.base + self.session.plan.edition.made_up_path(self.clock(), self.session.crawl)
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
        if look.status == 200:
            yield replace(look, outcome="soft_404")
            yield from self.release(look.capture)
        else:
            yield replace(look, outcome="gone") if absent(look) else refused(look, self.session.plan.edition)
            yield from self.release()

    def release(self, answer: Capture | None = None) -> Asked:
        """Let go of the looks that waited for the probe; `answer` is the page that it brought, if any."""
        self._made_up = made_up = pages.words_of(answer, self.session.plan.edition) if answer else Counter()
        waiting, self._waiting = self._waiting, []
        yield from (self.settled(self._compared(look, made_up)) for look in waiting)

    def _compared(self, look: Look, made_up: Counter[str]) -> Look:
        # Without words to compare with no page needs to be read again.
        if not made_up or look.capture is None:
            return look
        if not pages.says_no_more(pages.words_of(look.capture, self.session.plan.edition), made_up):
            return look
        return replace(look, outcome="soft_404", detail=pages.ALIKE, article=None)
