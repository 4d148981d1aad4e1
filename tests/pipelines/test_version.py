"""Step 6: new, changed, unchanged; what is kept, and that an extractor's change is no edit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalog.memory import LastLook
from archive.facts.canonical import digest
from archive.facts.items import Caption, Moment, Related
from archive.facts.record import build
from pipelines.version import Judge, Rules, judge, judge_mirror, unread
from tests.made import START, article, capture, look

KEEP = timedelta(days=30)
RULES = Rules(revision=2, keep_for=KEEP, reread=lambda record: None)


def record(read, *, revision=2, at=START - timedelta(days=1), body=b"avant"):
    """Return the record of an earlier capture."""
    return build(read, capture(at=at, body=body), mirror="french.presstv.ir", revision=revision)


def kept(days, *, body=b"avant", outcome="new"):
    """Return what is known of an address whose bytes were kept so many days ago."""
    payload = digest(body)
    return LastLook(
        outcome=outcome, payload=payload, etag='"a"', kept_at=START - timedelta(days=days), kept_payload=payload
    )


def test_a_first_look_is_new():
    """It gives a record and its capture is kept."""
    verdict = judge(article(), capture(), None, None, RULES)

    assert (verdict.outcome, verdict.keep, verdict.record["headline"]) == ("new", "capture", article().headline)


@pytest.mark.parametrize(
    "edit",
    [
        {"headline": "La pluie quitte la côte"},
        {"kicker": "Météo"},
        {"lead": "Un chapeau."},
        {"body": ("Il pleut depuis mardi.",)},
        {"captions": (Caption(text="Le port"),)},
        {"published": Moment(utc=START, raw="24/11")},
        {"body": ("Il pleut depuis mardi.", "Les pêcheurs attendent au port\u2009!")},
        {"headline": "La pluie revient sur la « côte »"},
    ],
    ids=["headline", "kicker", "lead", "body", "captions", "published", "punctuation", "quotes"],
)
def test_a_change_of_version_identity_is_changed(edit):
    """Headline, kicker, lead, body, captions and the instant of publication make a version."""
    verdict = judge(article(**edit), capture(body=b"apres"), record(article()), kept(1), RULES)

    assert (verdict.outcome, verdict.keep, verdict.record is not None) == ("changed", "capture", True)


@pytest.mark.parametrize(
    "edit",
    [
        {"sections": ("Europe",)},
        {"tags": ("mer",)},
        {"images": ("https://h/1.jpg",)},
        {"byline": "Une rédactrice"},
        {"modified": Moment(utc=START, raw="24/11")},
        {"layout": "generic"},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_what_stands_beside_the_text_is_recorded_but_no_version(edit):
    """Sections, images, tags, byline, the modified date and the layout give a record; the article is unchanged."""
    verdict = judge(article(**edit), capture(body=b"apres"), record(article()), kept(1), RULES)

    assert (verdict.outcome, verdict.keep, verdict.record is not None) == ("unchanged", "capture", True)


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"related": (Related(title="Ailleurs", url="https://h/x"),)},
        {"body": ("Il  pleut\u00a0depuis\u200b mardi.", "Les pêcheurs attendent au port. ")},
    ],
    ids=["bytes-only", "related", "spaces"],
)
def test_what_reads_as_before_is_a_check_only(edit):
    """New bytes around the same text leave no record; the check names the capture that it confirms."""
    before = record(article())
    verdict = judge(article(**edit), capture(body=b"apres"), before, kept(1), RULES)

    assert (verdict.outcome, verdict.keep, verdict.record) == ("unchanged", "drop", None)
    assert verdict.confirms == before["captured_at"]


def test_a_layout_of_another_revisions_words_is_a_check_only():
    """An extractor that reads old pages by another name finds nothing new in them."""
    before = record(article(), revision=1)
    verdict = judge(article(layout="generic"), capture(body=b"apres"), before, kept(1), RULES)

    assert (verdict.outcome, verdict.keep, verdict.record) == ("unchanged", "drop", None)


@pytest.mark.parametrize(
    ("known", "body", "keep"),
    [
        (kept(29), b"avant", "drop"),
        (kept(29), b"apres", "drop"),
        (kept(31), b"avant", "revisit"),
        (kept(31), b"apres", "capture"),
        (None, b"avant", "capture"),
        (LastLook(outcome="new"), b"avant", "capture"),
    ],
    ids=["fresh", "fresh-other-bytes", "old-same-bytes", "old-other-bytes", "other-mirror", "never-kept"],
)
def test_the_bytes_are_kept_once_in_thirty_days(known, body, keep):
    """Proof that is old is renewed, by a revisit record where the bytes are the same."""
    assert judge(article(), capture(body=body), record(article()), known, RULES).keep == keep


@pytest.mark.parametrize(
    ("page_changed", "outcome", "recorded"), [(False, "unchanged", False), (True, "changed", True)], ids=str
)
def test_an_older_revision_is_read_again_first(page_changed, outcome, recorded):
    """Like is compared with like: today's reading of the stored capture stands beside the old one, and decides."""
    old = record(article(body=("SOURCE: PRESS TV", "Il pleut depuis mardi.")), revision=1)
    again = old | record(article(), revision=2)
    asked = []
    rules = replace(RULES, reread=lambda before: asked.append(before) or again)
    today = article(lead="Un chapeau.") if page_changed else article()
    verdict = judge(today, capture(body=b"apres"), old, kept(1), rules)

    assert (verdict.outcome, verdict.record is not None) == (outcome, recorded)
    assert (verdict.superseding, asked) == (again, [old])


def test_nothing_is_read_again_without_a_difference():
    """The same text under an older revision, or a difference under today's, asks for no stored capture."""
    asked = []
    rules = replace(RULES, reread=asked.append)
    judge(article(), capture(), record(article(), revision=1), kept(1), rules)
    judge(article(lead="Un chapeau."), capture(), record(article()), kept(1), rules)

    assert asked == []


class Memory:
    """What an archive with these facts would answer."""

    def __init__(self, latest=None, known=None):
        self.facts = latest, known

    def latest(self, article_id):
        return self.facts[0]

    def last_look(self, url):
        return self.facts[1]

    def showed(self, article_id, version):
        return None


@pytest.mark.parametrize(
    ("outcome", "listed", "known", "keep"),
    [
        ("listed", ("9", "8"), None, "capture"),
        ("listed", ("9", "8"), replace(kept(1, outcome="listed"), listed=("9", "8")), "drop"),
        ("listed", ("9", "8"), replace(kept(1, outcome="listed"), listed=("8", "7")), "capture"),
        ("listed", ("9", "8"), replace(kept(40, outcome="listed"), listed=("9", "8")), "capture"),
        ("gone", (), kept(1, outcome="gone"), "drop"),
        ("gone", (), kept(1, outcome="unchanged"), "capture"),
        ("http_error", (), kept(1, outcome="http_error"), "capture"),
        ("http_error", (), kept(1, body=b"<html>rien</html>", outcome="http_error"), "drop"),
        ("extract_failed", (), None, "capture"),
    ],
    ids=[
        "first-listing",
        "same-listing",
        "other-listing",
        "old-proof",
        "gone-still",
        "gone-now",
        "another-error-page",
        "same-error-page",
        "unreadable",
    ],
)
def test_pages_that_are_no_article(outcome, listed, known, keep):
    """A listing reads as before when it lists the same, a page that is gone in any case, others by their bytes."""
    judged = Judge(Memory(known=known), RULES).process_item(look(outcome=outcome, listed=listed))

    assert (judged.verdict.outcome, judged.verdict.keep) == (outcome, keep)


@pytest.mark.parametrize(
    ("known", "keep"),
    [(None, "capture"), (kept(1, outcome="listed"), "drop"), (kept(40, outcome="listed"), "capture")],
    ids=["first", "a-day-later", "old-proof"],
)
def test_a_sitemap_is_kept_as_seldom_as_what_never_changes(known, keep):
    """It changes with each article, and may be large: whatever it names, once in thirty days is enough."""
    judged = Judge(Memory(known=known), RULES).process_item(
        replace(look(outcome="listed", listed=("9", "8")), kind="sitemap")
    )

    assert judged.verdict.keep == keep


def test_a_look_without_an_answer_is_a_check():
    """A time-out leaves its outcome; what was answered on the way is kept while it is news."""
    bare = replace(look(outcome="timeout"), capture=None, status=None)
    tried = replace(bare, hops=(capture(status=503),))
    step = Judge(Memory(known=kept(1)), RULES)

    assert step.process_item(bare).verdict.keep == "drop"
    assert step.process_item(tried).verdict.keep == "capture"
    assert Judge(Memory(known=kept(1, outcome="timeout")), RULES).process_item(tried).verdict.keep == "drop"


def test_what_our_own_code_tripped_over_is_unread():
    """The look keeps its capture and says what happened in one line."""
    left = unread(look(read=article()), KeyError("un\nmot"))

    assert (left.outcome, left.article, left.capture is not None) == ("extract_failed", None, True)
    assert left.detail == "KeyError: 'un\\nmot'"


def test_a_revisit_is_proof_as_the_bytes_are():
    """Bytes of 40 days ago that were seen again yesterday need no new proof; seen again 31 days ago they do."""
    yesterday = replace(kept(40), proved_at=START - timedelta(days=1))
    before = replace(kept(40), proved_at=START - timedelta(days=31))
    verdicts = [judge(article(), capture(body=b"avant"), record(article()), k, RULES) for k in (yesterday, before)]

    assert [verdict.keep for verdict in verdicts] == ["drop", "revisit"]


@pytest.mark.parametrize(
    ("read", "showed", "outcome", "confirms", "detail"),
    [
        (article(), None, "unchanged", "2026-11-23T12:00:00.000000Z", ""),
        (
            article(headline="Autre"),
            "2026-10-01T00:00:00.000000Z",
            "unchanged",
            "2026-10-01T00:00:00.000000Z",
            "behind",
        ),
        (article(headline="Autre"), None, "changed", None, "differs"),
    ],
    ids=["same", "older", "another"],
)
def test_a_mirror_is_held_against_the_archive(read, showed, outcome, confirms, detail):
    """The newest version, an older one, or a text of its own: only the last is kept as a record."""
    asked = replace(look(read=read), kind="mirror")
    verdict = judge_mirror(asked, record(article()), None, RULES, lambda number, digest: showed)

    assert (verdict.outcome, verdict.confirms) == (outcome, confirms)
    assert verdict.detail.startswith(detail)
    assert (verdict.record is not None) == (outcome == "changed")
    assert verdict.keep == "capture"


@pytest.mark.parametrize(
    ("kind", "latest", "outcome", "detail"),
    [
        ("article", record(article()), "changed", ""), ("article", None, "new", ""),
        ("mirror", record(article()), "changed", "differs from the version of 2026-11-23T12:00:00.000000Z"),
        ("mirror", None, "new", ""),
    ],
)  # fmt: skip
def test_the_step_judges_what_a_mirror_shows_apart(kind, latest, outcome, detail):
    """Against the archive's version where there is one; an article that only a mirror has is new as any other."""
    seen = replace(look(read=article(headline="Autre")), kind=kind)
    verdict = Judge(Memory(latest=latest, known=kept(1)), RULES).process_item(seen).verdict

    assert (verdict.outcome, verdict.detail, verdict.keep) == (outcome, detail, "capture")


@pytest.mark.parametrize(("served", "told"), [("mardi", {"last_modified": 0}), ("jeudi", {"last_modified": 1})])
@pytest.mark.parametrize("edited", [False, True])
def test_what_the_clocks_did_stands_with_the_verdict(served, told, edited):
    """Held against what the header said at the last look, whether or not that left a record."""
    before, known = record(article()), LastLook(outcome="unchanged", last_modified="mardi")
    seen = capture(headers=(("Last-Modified", served),))
    verdict = judge(article(lead="Un chapeau.") if edited else article(), seen, before, known, RULES)

    assert (verdict.outcome, verdict.pulse) == ("changed" if edited else "unchanged", told)
