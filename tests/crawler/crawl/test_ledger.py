"""The ledger: every request ends once, and the exit code is the gravest of what happened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.outcomes import OUTCOMES
from crawler.crawl.ledger import Ledger

ACTION = st.tuples(st.sampled_from("abcdef"), st.sampled_from([*sorted(OUTCOMES), None]))


def ledger(*ends, front="listed", close="finished", rechecks=0, **more):
    """Return a closed ledger: a front page as seed and articles that ended so, the first ones known before."""
    found = Ledger(closed_by=close, **more)
    found.schedule("/", "front", seed=True)
    found.end("/", front)
    for number, outcome in enumerate(ends):
        found.schedule(f"/{number}", "article")
        if number < rechecks:
            found.brake.expect(f"/{number}")
        if outcome:
            found.end(f"/{number}", outcome)
    found.close()
    return found


@given(st.lists(ACTION))
def test_scheduled_is_the_sum_of_the_outcomes(actions):
    """Whatever is scheduled, ended twice, spoilt or left open: each request has one outcome once closed."""
    found = Ledger()
    for url, outcome in actions:
        if outcome is None:
            found.schedule(url, "article")
        else:
            found.end(url, outcome)
    found.close()

    assert found.scheduled() == sum(found.counts().values()) == sum(found.counts("article").values())


def test_the_first_word_stands_but_for_an_error_of_ours():
    """A second end is not heard, a spoilt one is; what was never asked has no line."""
    found = Ledger()
    found.schedule("/1", "article")
    found.end("/1", "new")
    found.end("/1", "gone")
    found.end("/robots.txt", "unchanged")
    before = found.outcome("/1")
    found.spoil("/1", "extract_failed", "KeyError: 'x'")

    assert (before, found.outcome("/1")) == ("new", "extract_failed")
    assert found.failures() == [("/1", "extract_failed", "KeyError: 'x'")]
    assert (found.scheduled(), found.known("/1"), found.known("/robots.txt")) == (1, True, False)


def test_an_outcome_outside_the_set_is_a_bug():
    """The set is closed."""
    with pytest.raises(ValueError, match="sideways"):
        Ledger().end("/", "sideways")


@pytest.mark.parametrize(
    ("close", "outcome"), [("finished", "lost"), ("shutdown", "not_attempted"), ("storage_failed", "not_attempted")]
)
def test_open_requests_get_a_word_at_the_end(close, outcome):
    """Lost when the crawl thinks it is whole, else not attempted."""
    assert ledger(None, close=close).outcome("/0") == outcome


@pytest.mark.row("F-CON-03")
@pytest.mark.row("F-CON-04")
@pytest.mark.row("F-CON-06")
@pytest.mark.row("F-OUT-08")
@pytest.mark.parametrize(
    ("ends", "more", "code"),
    [
        (["new", "changed", "unchanged", "gone", "soft_404", "robots_denied", "redirected_offsite"], {}, 0),
        ([], {}, 0),
        *[
            (["new", outcome], {}, 3)
            for outcome in (
                "http_error",
                "timeout",
                "conn_error",
                "dns_error",
                "tls_error",
                "too_large",
                "bomb",
                "truncated",
                "ssrf_blocked",
                "parse_incomplete",
                "extract_failed",
                "empty",
                "challenge",
                "storage_failed",
                None,
            )
        ],
        ([], {"front": "conn_error"}, 5),
        ([], {"front": "http_error"}, 5),
        ([], {"front": "robots_denied"}, 7),
        ([], {"front": "challenge"}, 7),
        ([], {"front": "extract_failed"}, 6),
        (["challenge", "challenge"], {}, 3),
        (["challenge", "challenge", "challenge"], {}, 7),
        (["challenge", "challenge", "new", "challenge"], {}, 3),
        (["new"] * 8, {"read_by_first_choice": 8, "read_by_fallback": 2}, 0),
        (["new"] * 8, {"read_by_first_choice": 7, "read_by_fallback": 3}, 6),
        (["new"] * 2, {"read_by_first_choice": 1, "read_by_fallback": 1}, 0),
        (["changed"] * 10, {"rechecks": 10}, 6),
        (["changed"] * 9 + ["unchanged"], {"rechecks": 10}, 0),
        (["new"], {"emptied": {"europe"}, "left_by_limit": 3}, 6),
        (["new"], {"left_by_limit": 3}, 14),
        (["new", "timeout"], {"left_by_limit": 3}, 14),
        (["new"], {"close": "closespider_timeout"}, 14),
        (["new"], {"close": "memusage_exceeded"}, 14),
        ([], {"close": "memusage_exceeded", "front": "not_attempted"}, 14),
        ([], {"close": "closespider_timeout", "front": "timeout"}, 5),
        (["new", None], {"close": "shutdown", "signal": 15}, 143),
        (["new"], {"close": "shutdown", "signal": 2}, 130),
        (["new"], {"failure": (8, "gone")}, 8),
        (["new"], {"failure": (9, "broken"), "signal": 15}, 9),
        (["new"], {"failure": (15, "full"), "left_by_limit": 3}, 15),
    ],
    ids=lambda value: None if isinstance(value, int) else str(value)[:60],
)
def test_the_exit_code(ends, more, code):
    """Storage before signals, signals before the outlet, the outlet before drift, limits before single pages."""
    assert ledger(*ends, **more).exit_code() == code


@pytest.mark.row("F-OUT-10")
def test_a_long_wait_that_the_outlet_asks_for_is_a_refusal():
    """Retry-After over the cap: nothing more is asked, exit 7."""
    found = Ledger()
    found.schedule("/1", "article")
    found.wait("article", 4000)
    found.end("/1", "http_error", "retry_after 4000")

    assert (found.refused, found.exit_code()) == (True, 7)
    assert found.why == "it asks to wait 4000 s, longer than RETRY_AFTER_CAP"


def test_a_mirror_that_answers_makes_up_for_a_dead_one():
    """Unreachable means that no seed was reached."""
    found = Ledger()
    for host, outcome in (("https://a/", "dns_error"), ("https://b/", "listed")):
        found.schedule(host, "front", seed=True)
        found.end(host, outcome)

    assert found.exit_code() == 3


def test_a_mirror_that_is_away_fails_nothing():
    """Its errors, walls and waits are patterns: no failure, no refusal, exit 0; they are counted all the same."""
    ledger = Ledger()
    for number, (outcome, detail) in enumerate([("challenge", ""), *[("http_error", "retry_after 9999")] * 3] * 2):
        ledger.schedule(f"https://m{number}.exemple/", "mirror")
        ledger.wait("mirror", 9999)
        ledger.end(f"https://m{number}.exemple/", outcome, detail)
    ledger.close()

    assert (ledger.failures(), ledger.refused, ledger.exit_code()) == ([], False, 0)
    assert ledger.counts("mirror") == {"challenge": 2, "http_error": 6}
