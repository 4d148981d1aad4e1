"""What an answer is, said in one place: what stands where an article was asked for.

A crawl, the adoption of a dead crawl's captures, a replay and a backfill all ask here, so that what counts as removed
depends on the answer alone and not on how it came in. Pure; the spider adds conditions and what a 304 confirms.
"""

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from archive.facts.items import Capture
from archive.facts.outcomes import Outcome, Read, Reason
from crawler.editions.edition import Edition
from crawler.net.origins import same_origin
from crawler.net.redirects import is_home
from crawler.pages import decoding
from crawler.pages.likeness import ALIKE, MadeUp, says_no_more, words_of
from crawler.pages.notices import speaks_of_itself
from crawler.pages.reading import Reading, is_known, is_told, read
from crawler.pages.wholeness import cut
from pipelines.look import Look

_ABSENT = frozenset({404, 410})
_NOTICE: Reason = "doubtful_notice"
_DOUBTFUL: frozenset[Outcome | Read] = frozenset({"extract_failed", "empty"})


def outcome_of(look: Look, edition: Edition, *, led_home: bool = False, body: bytes | None = None) -> Look:
    """Return what an answer to an article's address is: the look with outcome, reason, detail, and the article read.

    `look` has the address asked (`url`, `article_id`), the one that answered after redirects (`answered`, else that of
    its capture), status and capture. `led_home` says that the answer is a redirect to the front page; `body` is the
    capture's with its content codings undone, where that was done before and it was found whole.
    """
    if look.capture is None:
        return look
    answered = look.answered or look.capture.url
    if led_home or is_home(answered):
        return replace(look, outcome="soft_404", reason="front_page", detail="redirected to the front page")
    if body is None:
        encodings = decoding.codings(look.capture)
        try:
            body, issues = decoding.unpack(look.capture.body, encodings)
        except decoding.DecodingError as error:
            ended = decoding.ended(error, encodings)
            reason: Reason = "packing" if ended == "truncated" else ""
            return replace(look, outcome=ended, reason=reason, detail=f"{answered}: {error}")
        reason, why = cut(look.capture, issues)
        if reason:
            return replace(look, outcome="truncated", reason=reason, detail=f"{answered}: {why}")
    if absent(look):
        return _absent(look, read(look.capture, edition, body=body))
    if look.status != HTTPStatus.OK:
        return refused(look, edition)
    if edition.article_id(answered) != look.article_id:
        return _led(look, answered, edition)
    reading = read(look.capture, edition, body=body)
    if reading.onward:
        return _led(look, reading.onward, edition)
    return _as_read(look, reading)


def _absent(look: Look, reading: Reading) -> Look:
    """Return the look at an answer that says by its status that nothing is there, unless its page denies that.

    A wall may come with any status, and so may the article itself, for whoever reads it in a browser.
    """
    if reading.outcome == "challenge":
        return replace(look, outcome="challenge", reason=reading.reason, detail=reading.detail)
    if reading.article is not None and is_told(reading.article):
        return replace(look, outcome="http_error", detail=f"answered {look.status} with an article's page")
    return replace(look, outcome="gone")


def _as_read(look: Look, reading: Reading) -> Look:
    return replace(look, outcome=reading.outcome, reason=reading.reason, detail=reading.detail, article=reading.article)


def _led(look: Look, target: str, edition: Edition) -> Look:
    """Return the look that a redirect led away from the article.

    Home, or to another article, it says that this one is not there. A page that asks for consent, warns, wants a
    login or a language chosen says nothing of the article behind it.
    """
    assert look.capture is not None
    detail, number = f"redirected to {target}", edition.article_id(target)
    inside = urlsplit(target).hostname in edition.hosts or same_origin(target, look.capture.url)
    if inside and is_home(target):
        return replace(look, outcome="soft_404", reason="front_page", detail="redirected to the front page")
    if inside and number not in (None, look.article_id):
        return replace(look, outcome="soft_404", reason="another_page", detail=detail)
    walled = refused(look, edition)
    away = replace(look, outcome="not_observed", reason="another_page", detail=detail)
    return walled if walled.outcome == "challenge" else away


def unproven(look: Look) -> Look:
    """Return the look that a made-up address is answered like, in a crawl to which no article was shown at all.

    A gate, or a server in trouble, answers every address alike, those of articles among them.
    """
    return replace(look, outcome="not_observed", reason="", detail=f"{ALIKE}, and so is every article")


def settled(look: Look, made_up: MadeUp, edition: Edition, *, shown: bool) -> Look:
    """Return what a doubtful look comes to (`compared`) once all is known.

    `shown` says whether an article was shown beside it; else it may have been made before a gate.
    """
    told = compared(look, made_up, edition)
    return told if shown or told.reason != "made_up_alike" else unproven(told)


def absent(look: Look) -> bool:
    """Return whether the outlet says that there is nothing at the address."""
    return look.status in _ABSENT


def refused(look: Look, edition: Edition) -> Look:
    """Return the look at a page that is not what was asked for: a wall, or the status it came with."""
    if look.capture is None:
        return look
    reading = read(look.capture, edition)
    if reading.outcome == "challenge":
        return replace(look, outcome="challenge", reason=reading.reason, detail=reading.detail)
    return replace(look, outcome="http_error", detail=look.detail or f"answered {look.status}")


def is_doubtful(look: Look, *, known: bool) -> bool:
    """Return whether an answer should be held against that of a made-up address (`compared`).

    `known` says that the article was read before.
    """
    if look.status != HTTPStatus.OK or look.capture is None:
        return False
    if look.reason == _NOTICE:
        return True
    unlike = look.outcome in _DOUBTFUL or (look.article is not None and not is_known(look.article.layout))
    return known and unlike


def made_up_of(answer: Capture, edition: Edition) -> MadeUp | None:
    """Return how a made-up address was answered by a capture; None where it says nothing, as an error does."""
    if answer.status in _ABSENT:
        return MadeUp()
    return MadeUp(words=words_of(answer, edition)) if answer.status == HTTPStatus.OK else None


def compared(look: Look, made_up: MadeUp, edition: Edition) -> Look:
    """Return a doubtful look held against the answer to a made-up address.

    A page that says no more than that answer is no article. What may be a notice, and is answered otherwise than where
    nothing is, is the article that it is built as, unless it speaks of itself (`Cet article n’existe plus`).
    """
    # Without words to compare with no page needs to be read again.
    if look.capture is None or not made_up.is_known:
        return look
    if made_up.words and says_no_more(words_of(look.capture, edition), made_up.words):
        return replace(look, outcome="soft_404", reason="made_up_alike", detail=ALIKE, article=None)
    if look.reason != _NOTICE or speaks_of_itself(look.detail, edition):
        return look
    reading = read(look.capture, edition, doubts=False)
    return _as_read(look, reading)
