"""Doubtful answers for known articles held against a made-up address's: what answers both alike is no article."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from scrapy.http import Response

from crawler.crawl.ask import Ask
from crawler.editions.edition import Edition
from crawler.middlewares.apart import apart
from crawler.pages.likeness import NO_ANSWER, MadeUp
from crawler.pages.outcome import absent, compared, is_doubtful, made_up_of, refused, unproven
from crawler.spiders.asking import Asker, Output, Priority
from crawler.spiders.looks import look_at
from pipelines.look import Look

_GROWS = 10
"""How much more than its wire bytes a page is, packed as pages are."""


@dataclass(slots=True, kw_only=True)
class Soft404:
    """Ask for an address that no article has, once in a crawl and only where an answer is doubtful.

    Until it is answered such looks wait. Its own look is of kind `probe` and, by its number, never an article's. What
    is answered alike waits until an article is shown in this crawl: a gate answers all of them so. Where none is by the
    time that all else was asked, it says nothing.
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
    _alike: list[Look] = field(default_factory=list)
    """Looks that were answered alike while no article was shown yet."""
    _shown: bool = False

    def judged(self, look: Look, *, known: bool) -> Output:
        """Yield a look at an article, or the request that it has to wait for; `known`: the article was read before."""
        if not is_doubtful(look, known=known):
            yield from self._settle(look)
        elif self._made_up is not None:
            yield from self._compare(look, self._made_up)
        else:
            self._waiting.append(look)
            if len(self._waiting) == 1:
                ask = Ask(url=self.address(), kind="probe")
                yield from self.asker.ask(ask, self.answered, missed=self.unanswered, priority=Priority.MADE_UP)

    def answered(self, response: Response) -> Output:
        """Note how the made-up address is answered; let go of the looks that waited."""
        look = self._answer(response)
        yield look
        made_up = None
        if look.capture is not None:
            made_up = yield from apart(len(response.body), partial(made_up_of, look.capture, self.edition))
        yield from self._release(made_up or NO_ANSWER)

    def _answer(self, response: Response) -> Look:
        look = look_at(response, self.asker.clock())
        if look.status == 200:
            return replace(look, outcome="soft_404")
        return replace(look, outcome="gone") if absent(look) else refused(look, self.edition)

    def unanswered(self, _ask: Ask, _look: Look) -> Output:
        """Let go of the looks that waited for an address without an answer."""
        yield from self._release(NO_ANSWER)

    def _release(self, made_up: MadeUp) -> Output:
        self._made_up = made_up
        waiting, self._waiting = self._waiting, []
        for look in waiting:
            yield from self._compare(look, made_up)

    def _compare(self, look: Look, made_up: MadeUp) -> Output:
        size = _GROWS * len(look.capture.body) if look.capture and made_up.is_known else 0
        told = yield from apart(size, partial(compared, look, made_up, self.edition))
        if self._shown or told.reason != "made_up_alike":
            yield from self._settle(told)
            return
        self._alike.append(told)
        if len(self._alike) == 1:
            ask = Ask(url=self.address(), kind="probe")
            yield from self.asker.ask(ask, self._asked_last, missed=self._missed_last, priority=Priority.LAST)

    def _settle(self, look: Look) -> Output:
        yield self.settled(look)
        if look.article is not None or look.outcome == "unchanged":
            self._shown = True
            yield from self._let_go()

    def _asked_last(self, response: Response) -> Output:
        yield self._answer(response)
        yield from self._let_go()

    def _missed_last(self, _ask: Ask, _look: Look) -> Output:
        yield from self._let_go()

    def _let_go(self) -> Output:
        alike, self._alike = self._alike, []
        yield from (self.settled(look if self._shown else unproven(look)) for look in alike)
