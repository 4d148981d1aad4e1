"""Step 7: the check that a look leaves, what proves a page, and what becomes of the redirects on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalog.memory import LastLook
from archive.facts.items import Check
from archive.facts.record import build
from archive.log.segments import decode_lines, read_segment
from archive.warc import cdxj
from pipelines.export import Export, check_of, last_look_after
from pipelines.version import Judged, Verdict
from tests.made import START, article, capture, look, url_of, writer_of

BEFORE = LastLook(
    outcome="new", payload="sha256:1", etag='"a"', last_modified="hier", listed=("9",), kept_at=START - timedelta(days=9),
    kept_url=url_of("7"), kept_payload="sha256:1", proved_at=START - timedelta(days=3),
)  # fmt: skip
TAG = (("ETag", '"b"'), ("Last-Modified", "aujourd'hui"))


def after(seen, verdict, before=BEFORE):
    return last_look_after(Judged(look=seen, verdict=verdict, last=before))


@pytest.mark.parametrize(
    ("keep", "captured", "proved", "kept"),
    [
        pytest.param("capture", True, START, START, id="kept"),
        pytest.param("revisit", True, START, BEFORE.kept_at, id="repeated"),
        pytest.param("drop", True, BEFORE.proved_at, BEFORE.kept_at, id="dropped"),
        pytest.param("capture", False, BEFORE.proved_at, BEFORE.kept_at, id="only its hops are kept"),
        pytest.param("drop", False, BEFORE.proved_at, BEFORE.kept_at, id="no answer"),
    ],
)
def test_which_looks_prove_a_page(keep, captured, proved, kept):
    """A capture of the look's own that is kept, or repeated; the bytes are those of the last that was kept."""
    seen = look() if captured else replace(look(), capture=None, status=None)
    known = after(seen, Verdict(outcome="unchanged", keep=keep))

    assert (known.proved_at, known.kept_at) == (proved, kept)
    assert known.kept_payload == (seen.capture.payload if kept == START else "sha256:1")


def test_a_first_look_that_is_dropped_proves_nothing():
    """Without anything kept there is nothing to hold the next look against."""
    known = after(look(headers=TAG), Verdict(outcome="unchanged"), None)

    assert (known.outcome, known.etag, known.proved_at, known.kept_at) == ("unchanged", '"b"', None, None)


def test_the_kept_address_is_the_one_that_answered():
    """A redirect led away: the bytes lie under the address where it ended, as the archive writes it."""
    led = replace(look(), capture=capture(url_of("8") + "/é"), answered=url_of("8") + "/é")

    assert after(led, Verdict(outcome="changed", keep="capture")).kept_url == url_of("8") + "/%C3%A9"


def test_a_304_repeats_what_was_known():
    """It brings neither payload nor validators, and takes none away."""
    seen = replace(look(), status=304, capture=None)

    assert after(seen, Verdict(outcome="unchanged")) == replace(BEFORE, outcome="unchanged")
    assert after(seen, Verdict(outcome="unchanged"), None) == LastLook(outcome="unchanged")


@pytest.mark.parametrize("status", [None, 404, 500])
def test_an_answer_without_validators_takes_them_away(status):
    """The next look asks for the whole page: a 304 would confirm a page that was not the last one seen."""
    taken = capture(status=status, headers=TAG) if status else None
    known = after(replace(look(), status=status, capture=taken), Verdict(outcome="gone"))

    assert (known.outcome, known.etag, known.last_modified, known.listed) == ("gone", None, None, ())


@pytest.mark.parametrize(
    ("status", "headers", "etag"), [(200, (("ETag", '"a"'),), '"a"'), (404, (("ETag", '"a"'),), None), (200, (), None)]
)
def test_validators_are_kept_of_a_200_only(status, headers, etag):
    """An error page's entity tag must never make the article's next look conditional."""
    seen = replace(look(), capture=capture(status=status, headers=headers), status=status)

    assert check_of(seen, Verdict(outcome="new")).etag == etag


def test_a_check_has_what_the_look_had():
    """Outcome and detail are the verdict's, the rest the look's; a detail of the look stands where there is no other."""
    seen = replace(
        look(at=START), section="une", page=2, listed=("9", "8"), answered=url_of("8"), detail="lu", status=200
    )
    confirms = "2026-11-20T00:00:00.000000Z"
    told, bare = (check_of(seen, Verdict(outcome="unchanged", detail=d, confirms=confirms)) for d in ("mieux", ""))

    assert told == Check(
        at=START, url=url_of("7"), kind="article", outcome="unchanged", article_id="7", status=200, detail="mieux",
        confirms=confirms, payload=seen.capture.payload, section="une", page=2, listed=("9", "8"), answered=url_of("8"),
    )  # fmt: skip
    assert bare == replace(told, detail="lu")


def stored(archive):
    """Return what the only commit holds: (address, status, kept as) of each capture, and its checks' outcomes."""
    lines = {s.kind: read_segment(archive.store, s) for s in archive.log.read(1).segments}
    index = cdxj.decode(lines["index"]) if "index" in lines else ()
    captures = sorted((line["url"], line["status"], line["mime"]) for line in index)
    return captures, [check["outcome"] for check in decode_lines(lines["checks"], "checks")]


@pytest.mark.parametrize(
    ("keep", "statuses"),
    [("capture", ["200", "302", "503"]), ("revisit", ["200"]), ("drop", [])],
    ids=["news", "repeated", "nothing new"],
)
def test_hops_are_kept_where_the_look_is_news(archive, tmp_path, clock, keep, statuses):
    """A redirect and a retried error are part of what their look saw: kept whole with news, and else left out."""
    writer = writer_of(archive, tmp_path, clock)
    hops = tuple(
        capture(at=START - timedelta(seconds=n), status=status, body=b"hop") for n, status in ((2, 503), (1, 302))
    )
    seen = replace(look(), hops=hops)
    for taken in (*hops, seen.capture):
        writer.spool(taken)
    Export(writer).process_item(Judged(look=seen, verdict=Verdict(outcome="unchanged", keep=keep), last=BEFORE))
    writer.close({})
    captures, outcomes = stored(archive)

    assert sorted(status for _, status, _ in captures) == statuses
    assert [mime == "warc/revisit" for _, _, mime in captures] == [keep == "revisit"] * len(captures)
    assert outcomes == ["unchanged"]


def test_hops_of_a_look_without_an_answer(archive, tmp_path, clock):
    """What a host said before it fell silent is kept as that look's news, and is no capture of the page."""
    writer = writer_of(archive, tmp_path, clock)
    busy = capture(status=503, body=b"occupe")
    seen = replace(look(outcome="timeout"), capture=None, status=None, hops=(busy,))
    writer.spool(busy)
    Export(writer).process_item(Judged(look=seen, verdict=Verdict(outcome="timeout", keep="capture"), last=None))
    known = writer.last_look(url_of("7"))
    writer.close({})

    assert stored(archive) == ([(url_of("7"), "503", "text/html")], ["timeout"])
    assert (known.proved_at, known.kept_at) == (None, None)


def test_a_reading_of_today_goes_in_before_the_look(archive, tmp_path, clock):
    """The superseding record and the look's own are both in the batch, the newest reading remembered."""
    writer = writer_of(archive, tmp_path, clock)
    seen = look(read=article(headline="Changé"))
    old, new = (build(article(headline=h), seen.capture, mirror="h", revision=1) for h in ("Avant", "Changé"))
    writer.spool(seen.capture)
    verdict = Verdict(outcome="changed", record=new, superseding=old, keep="capture")
    passed = Export(writer).process_item(Judged(look=seen, verdict=verdict, last=None))
    latest = writer.latest("7")["headline"]
    writer.close({})
    segment = next(s for s in archive.log.read(1).segments if s.kind == "records")

    assert (passed.verdict, latest) == (verdict, "Changé")
    assert [r["headline"] for r in decode_lines(read_segment(archive.store, segment), "r")] == ["Avant", "Changé"]
