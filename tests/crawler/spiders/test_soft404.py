"""Doubtful answers wait for that of a made-up address, and are let go by it, whatever that is."""

from dataclasses import replace

import pytest
from scrapy.exceptions import DownloadTimeoutError

from crawler.pages.outcome import outcome_of
from crawler.spiders.soft404 import Soft404
from tests.by_hand import BASE, answer_to, asker_of, failure_of, parted, session_of
from tests.french import EDITION
from tests.made import article, look

MADE_UP = f"{BASE}/Detail/2026/11/24/2000000007/abc"
SORRY = "<html><body><p>Désolé, nous travaillons à une nouvelle présentation de nos pages.</p></body></html>".encode()
STORY = "<html><body><p>Le bac de Karimabad ne passe plus la rivière, dit le maire.</p></body></html>".encode()


@pytest.fixture
def settled():
    """Return the list of the looks that went out."""
    return []


@pytest.fixture
def soft404(archive, tmp_path, clock, settled):
    """Return one that notes what goes out."""
    asker = asker_of(session_of(archive, tmp_path, clock))
    return Soft404(
        asker=asker, edition=EDITION, address=lambda: MADE_UP, settled=lambda each: settled.append(each) or each
    )


def doubtful(number="7", body=SORRY, **more):
    """Return a look at an article whose page said nothing that could be read."""
    return look(number, body=body, outcome="empty", **more)


def shown_by(soft404, number="6"):
    """Return the look at an article that is shown in the same crawl, once it went out."""
    [look_at_one] = soft404.judged(look(number, outcome="article", read=article(number, layout="modern")), known=True)
    return look_at_one


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        (doubtful(), False),
        (look(outcome="article", read=article(layout="modern")), True),
        (look(outcome="challenge"), True),
    ],
    ids=["never-read", "read-by-a-layout", "wall"],
)
def test_what_is_plain_goes_out_at_once(soft404, settled, seen, known):
    """Nothing is asked for it, and it goes out as it is."""
    assert parted(soft404.judged(seen, known=known)) == ([], [seen])
    assert settled == [seen]


@pytest.mark.parametrize(
    "seen",
    [doubtful(), look(outcome="extract_failed"), look(outcome="article", read=article(layout="generic"))],
    ids=["empty", "unreadable", "read-by-no-layout"],
)
def test_what_is_doubtful_waits_for_the_probe(soft404, settled, seen):
    """The made-up address is asked for, before all others, and once for all that wait."""
    [asked], looks = parted(soft404.judged(seen, known=True))

    assert (asked.url, asked.priority, asked.meta["ask"].kind, looks) == (MADE_UP, 200, "probe", [])
    assert list(soft404.judged(doubtful("8"), known=True)) == []
    assert settled == []


def test_who_says_no_more_than_the_made_up_page_is_no_article(soft404, settled):
    """The answer lets go of all that waited: those alike are soft 404s; later ones are held against it, too."""
    shown = shown_by(soft404)
    [asked], _ = parted(soft404.judged(doubtful("7"), known=True))
    assert list(soft404.judged(doubtful("8", body=STORY), known=True)) == []
    requests, looks = parted(soft404.answered(answer_to(asked, SORRY)))
    read = look("9", body=SORRY, outcome="article", read=article("9", layout="generic"))
    _, [later] = parted(soft404.judged(read, known=True))

    assert requests == []
    assert [(each.kind, each.article_id, each.outcome) for each in looks] == [
        ("probe", None, "soft_404"), ("article", "7", "soft_404"), ("article", "8", "empty"),
    ]  # fmt: skip
    assert (later.outcome, later.article) == ("soft_404", None)
    assert settled == [shown, looks[1], looks[2], later]


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, "gone"), (410, "gone"), (500, "http_error")], ids=["404", "410", "500"]
)
def test_a_probe_that_brings_no_page_proves_nothing(soft404, status, outcome):
    """What waited goes out as it was, and so does what comes later."""
    [asked], _ = parted(soft404.judged(doubtful(), known=True))
    _, [made_up, waited] = parted(soft404.answered(answer_to(asked, SORRY, status=status)))

    assert (made_up.outcome, waited) == (outcome, doubtful())
    assert list(soft404.judged(doubtful("8"), known=True)) == [doubtful("8")]


def test_a_probe_without_an_answer_lets_go(soft404):
    """Its own look comes first, then what waited for it."""
    [asked], _ = parted(soft404.judged(doubtful(), known=True))
    _, [missed, waited] = parted(asked.errback(failure_of(asked, DownloadTimeoutError("30 s"))))

    assert (missed.kind, missed.outcome, waited) == ("probe", "timeout", doubtful())


def built(headline, number="7"):
    """Return a look at a page that is built as an article, under a headline with a notice's words."""
    body = (
        f"<html><title>{headline}</title><body><h1 class=news-title-container>{headline}</h1><time class=news-detail>"
        "Tue Nov 24, 2026 11:50AM</time><div class=news-body-container><p>Le bac, vu du ciel.</p></div></body></html>"
    ).encode()
    return outcome_of(look(number, body=body, outcome="http_error"), EDITION)


@pytest.mark.parametrize("known", [True, False], ids=["known", "never-read"])
@pytest.mark.parametrize(
    ("headline", "answer", "status", "outcome"),
    [
        ("Vidéo supprimée", SORRY, 404, "article"),
        ("Vidéo supprimée", SORRY, 200, "article"),
        ("Vidéo supprimée", SORRY, 500, "not_observed"),
        ("Vidéo supprimée", built("Vidéo supprimée").capture.body, 200, "soft_404"),
        ("Cette vidéo est supprimée", SORRY, 404, "not_observed"),
    ],
    ids=["nothing-is-404", "nothing-is-another-page", "no-answer", "alike", "speaks-of-itself"],
)
def test_where_words_and_build_disagree_the_made_up_address_decides(soft404, known, headline, answer, status, outcome):
    """An outlet that answers otherwise where nothing is has an article here; one that answers alike has none."""
    shown_by(soft404)
    waiting = built(headline)
    [asked], looks = parted(soft404.judged(waiting, known=known))
    _, [_, settled] = parted(soft404.answered(answer_to(asked, answer, status=status)))

    assert (waiting.outcome, waiting.reason, looks) == ("not_observed", "doubtful_notice", [])
    assert settled.outcome == outcome
    assert (settled.article is not None) == (outcome == "article")


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "no-answer"])
def test_a_gate_before_every_address_removes_nothing(soft404, settled, answered):
    """While no article is shown what is answered alike waits; asked once more behind all others, it says nothing."""
    [asked], _ = parted(soft404.judged(doubtful("7"), known=True))
    [last], [probe] = parted(soft404.answered(answer_to(asked, SORRY)))
    assert list(soft404.judged(doubtful("8"), known=True)) == []
    timeout = failure_of(last, DownloadTimeoutError("30 s"))
    _, [again, *looks] = parted(last.callback(answer_to(last, SORRY)) if answered else last.errback(timeout))

    assert (last.priority, last.meta["ask"].kind, probe.kind, again.kind) == (-100, "probe", "probe", "probe")
    assert [(each.article_id, each.outcome, each.article) for each in looks] == [
        ("7", "not_observed", None), ("8", "not_observed", None),
    ]  # fmt: skip
    assert settled == looks


def test_who_is_answered_as_a_made_up_address_is_gone_where_others_are_shown(soft404, settled):
    """An article that is shown, though later, lets go of them: the outlet tells articles from what is none."""
    [asked], _ = parted(soft404.judged(doubtful("7"), known=True))
    parted(soft404.answered(answer_to(asked, SORRY)))
    shown = replace(look("8", outcome="unchanged"), status=304, capture=None)
    _, looks = parted(soft404.judged(shown, known=True))

    assert [(each.article_id, each.outcome) for each in looks] == [("8", "unchanged"), ("7", "soft_404")]
    assert settled == looks
