"""Doubtful answers for known articles held against a made-up address's: what answers both alike is no article."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scrapy.http import Response

from crawler.crawl.ask import Ask
from crawler.editions.edition import Edition
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import absent, compared, is_doubtful, made_up_of, refused
from crawler.spiders.asking import Asker, Output, Priority
from crawler.spiders.looks import look_at
from pipelines.look import Look


@dataclass(slots=True, kw_only=True)
class Soft404:
    """Ask for an address that no article has, once in a crawl and only where an answer is doubtful.

    Until it is answered such looks wait. Its own look is of kind `probe` and, by its number, never an article's.
    """

    asker: Asker
    edition: Edition
    address: Callable[[], str]
    """Makes the address up."""
    settled: Callable[[Look], Look] = lambda look: look
    """Hears of each article's look as it goes out."""
    _waiting: list[Look] = field(default_factory=list)
    _made_up: MadeUp | None = None
    """How it was answered; None until it was."""

    def judged(self, look: Look, *, known: bool) -> Output:
        """Yield a look at an article, or the request that it has to wait for; `known`: the article was read before."""
        if not is_doubtful(look, known=known):
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
        else:
            yield replace(look, outcome="gone") if absent(look) else refused(look, self.edition)
        made_up = made_up_of(look.capture, self.edition) if look.capture else None
        yield from self._release(made_up or NO_ANSWER)

    def unanswered(self, _ask: Ask, _look: Look) -> Output:
        """Let go of the looks that waited for an address without an answer."""
        yield from self._release(NO_ANSWER)

    def _release(self, made_up: MadeUp) -> Output:
        self._made_up = made_up
        waiting, self._waiting = self._waiting, []
        yield from (self.settled(compared(look, made_up, self.edition)) for look in waiting)
