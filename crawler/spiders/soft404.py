"""Doubtful answers for known articles held against a made-up address's: what answers both alike is no article."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scrapy.http import Response

from archive.facts.items import Capture
from crawler import pages
from crawler.crawl.ask import Ask
from crawler.editions.edition import Edition
from crawler.pages.outcome import absent, compared, is_doubtful, refused
from crawler.spiders.asking import Asker, Output, Priority
from crawler.spiders.looks import look_at
from pipelines.look import Look


@dataclass(slots=True, kw_only=True)
class Soft404:
    """Ask for an address that no article has, once in a crawl and only where a known article's answer is doubtful.

    Until it is answered such looks wait. Its own look is of kind `probe` and, by its number, never an article's.
    """

    asker: Asker
    edition: Edition
    address: Callable[[], str]
    """Makes the address up."""
    settled: Callable[[Look], Look] = lambda look: look
    """Hears of each article's look as it goes out."""
    _waiting: list[Look] = field(default_factory=list)
    _made_up: Counter[str] | None = None
    """The words of its answer, none where it gave no page; None until it is there."""

    def judged(self, look: Look, *, known: bool) -> Output:
        """Yield a look at an article, or the request that it has to wait for; `known`: the article was read before."""
        if not (known and is_doubtful(look)):
            yield self.settled(look)
        elif self._made_up is not None:
            yield self.settled(compared(look, self._made_up, self.edition))
        else:
            self._waiting.append(look)
            if len(self._waiting) == 1:
                ask = Ask(url=self.address(), kind="probe")
                yield from self.asker.ask(ask, self.answered, missed=self.unanswered, priority=Priority.MADE_UP)

    def answered(self, response: Response) -> Output:
        """Note how the made-up address is answered; let go of the looks that waited."""
        look = look_at(response, self.asker.clock())
        if look.status == 200:
            yield replace(look, outcome="soft_404")
            yield from self._release(look.capture)
        else:
            yield replace(look, outcome="gone") if absent(look) else refused(look, self.edition)
            yield from self._release(None)

    def unanswered(self, _ask: Ask, _look: Look) -> Output:
        """Let go of the looks that waited for an address without an answer."""
        yield from self._release(None)

    def _release(self, answer: Capture | None) -> Output:
        self._made_up = made_up = pages.words_of(answer, self.edition) if answer else Counter()
        waiting, self._waiting = self._waiting, []
        yield from (self.settled(compared(look, made_up, self.edition)) for look in waiting)
