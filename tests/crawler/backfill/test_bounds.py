"""Captures made by others, understood: whose address, when captured, whether altered or cut."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.canonical import digest
from crawler.backfill.bounds import Bounds
from crawler.backfill.fitness import altered, is_page, speaks_otherwise
from crawler.backfill.replays import replayed
from crawler.net.wrapped import REPLAYS, moment, unwrapped
from tests.foreign_warcs import THEN, page
from tests.french import EDITION
from tests.made import article, capture, url_of

URL = "http://french.presstv.com/Detail/2017/8/20/532260/x"
BOUNDS = Bounds(edition=EDITION, bases=("http://127.0.0.1:8800",))


@pytest.mark.parametrize(
    ("digits", "at"),
    [
        ("2017", (2017, 1, 1)), ("20170", (2017, 1, 1)), ("20171", (2017, 10, 1)), ("201702", (2017, 2, 1)),
        ("2017020", (2017, 2, 1)), ("2017021", (2017, 2, 10)), ("20170203", (2017, 2, 3)), ("2017020316", (2017, 2, 3, 16)),
        ("201702031", (2017, 2, 3, 10)), ("201702031646", (2017, 2, 3, 16, 46)), ("20170203164605", (2017, 2, 3, 16, 46, 5)),
    ],
)  # fmt: skip
def test_the_instant_that_digits_name(digits, at):
    """What is missing is the earliest, within a month or a day that is cut in two as well."""
    assert moment(digits) == datetime(*at, tzinfo=UTC)


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "201",
        "20173",
        "20171301",
        "20170230",
        "20170203164660",
        "20170203250000",
        "0000",
        "2017-2-3",
        "٢٠١٧",
        "201702031646059",
    ],
)
def test_digits_that_name_none(digits):
    """It is an error, never another day."""
    with pytest.raises(ValueError, match=r"."):
        moment(digits)


@given(st.datetimes(min_value=datetime(1, 1, 1)))
def test_fourteen_digits_are_one_second(at):
    """They are read as they are written."""
    second = at.replace(microsecond=0)

    assert moment(f"{second.year:04d}{second:%m%d%H%M%S}") == second.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "bare", "at", "rewritten"),
    [
        (URL, URL, None, False),
        (f"https://web.archive.org/web/20170820164600id_/{URL}", URL, "20170820164600", False),
        (f"https://web.archive.org/web/20170820164600ID_/{URL}", URL, "20170820164600", False),
        (f"http://web.archive.org:80/web/20170820164600id_/{URL}", URL, "20170820164600", False),
        (f"https://wayback.archive.org/all/20170820id_/{URL}", URL, "20170820", False),
        (f"https://web.archive.org/web/20170820164600/{URL}", URL, "20170820164600", True),
        (f"https://web.archive.org/web/20170820164600if_/{URL}", URL, "20170820164600", True),
        (f"https://WEB.archive.org/web/2017/{URL}", URL, "2017", True),
        ("https://web.archive.org/web/20170820164600id_/http:/french.presstv.com/Detail/2017/8/20/532260/x", URL, "20170820164600", False),
        ("https://web.archive.org/web/20170820164600id_/http://french.presstv.com:80/Detail/2017/8/20/532260/x", URL, "20170820164600", False),
        (f"https://web.archive.org/web/20171399164600id_/{URL}", f"https://web.archive.org/web/20171399164600id_/{URL}", None, False),
        (f"https://web.archive.org/web/*/{URL}", f"https://web.archive.org/web/*/{URL}", None, False),
        (f"https://journal.invalid/web/20170820164600id_/{URL}", f"https://journal.invalid/web/20170820164600id_/{URL}", None, False),
        (f"https://web.archive.org.pub.invalid/web/2017id_/{URL}", f"https://web.archive.org.pub.invalid/web/2017id_/{URL}", None, False),
        ("http://FRENCH.PressTV.com:80/Detail/2017/8/20/532260/X#bas", "http://french.presstv.com/Detail/2017/8/20/532260/X", None, False),
        ("HTTPS://french.presstv.ir:443/a", "https://french.presstv.ir/a", None, False),
        ("https://french.presstv.ir:80/a", "https://french.presstv.ir:80/a", None, False),
        ("http://Moi:Secret@french.presstv.ir/a", "http://Moi:Secret@french.presstv.ir/a", None, False),
        ("urn:uuid:1", "urn:uuid:1", None, False),
        ("", "", None, False),
    ],
)  # fmt: skip
def test_an_address_is_unwrapped(url, bare, at, rewritten):
    """A replay's address is taken apart; scheme and host are small, the scheme's own port and the fragment are gone."""
    assert unwrapped(url) == (bare, moment(at) if at else None, rewritten)


@given(
    st.text(max_size=60)
    | st.from_regex(
        r"https?://(web\.archive\.org|x)/web/[0-9]{3,15}(id_|im_)?/(http:/?/?)?[a-z/:#@]{0,20}", fullmatch=True
    )
)
def test_unwrapping_is_total_and_ends(url):
    """No text makes it fail; what it gives has no fragment and is not unwrapped to something else of the same host."""
    bare, at, rewritten = unwrapped(url)

    assert "#" not in bare
    assert at is not None or rewritten is False
    if at is None:
        assert unwrapped(bare)[0] == bare


@given(
    st.sampled_from(REPLAYS),
    st.datetimes(min_value=datetime(1994, 1, 1), max_value=datetime(2030, 1, 1)),
    st.sampled_from(["", "id_", "im_"]),
)
def test_what_a_replay_wraps_comes_out(host, at, modifier):
    """Address and instant come back, and whether the page is as it was."""
    second = at.replace(microsecond=0)
    found = unwrapped(f"https://{host}/web/{second:%Y%m%d%H%M%S}{modifier}/{URL}?a=1")

    assert found == (f"{URL}?a=1", second.replace(tzinfo=UTC), modifier != "id_")


@pytest.mark.parametrize(
    ("url", "number"),
    [
        (URL, "532260"),
        ("https://french.presstv.ir/Detail/2017/08/20/532260/x", "532260"),
        ("https://french.presstv.co.uk/Detail/2017/08/20/532260", "532260"),
        ("http://350431105.r.worldcdn.net/Detail/2017/08/20/532260/x?a=1", "532260"),
        ("https://www.presstv.com/DetailFr/2017/08/20/532260/x", "532260"),
        ("http://127.0.0.1:8800/Detail/2017/08/20/532260/x", "532260"),
        ("https://www.presstv.com/Detail/2017/08/20/532260/x", None),
        ("https://french.presstv.ir:8443/Detail/2017/08/20/532260/x", None),
        ("http://127.0.0.1:8801/Detail/2017/08/20/532260/x", None),
        ("https://french.presstv.ir.pub.invalid/Detail/2017/08/20/532260/x", None),
        ("https://french.presstv.ir@pub.invalid/Detail/2017/08/20/532260/x", None),
        ("https://moi:secret@french.presstv.ir/Detail/2017/08/20/532260/x", None),
        ("https://french.presstv.ir/Section/101", None),
        ("ftp://french.presstv.ir/Detail/2017/08/20/532260/x", None),
        ("https://french.presstv.ir:port/Detail/2017/08/20/532260/x", None),
        ("http://[x/Detail/2017/08/20/532260", None),
    ],
)  # fmt: skip
def test_whose_address_it_is(url, number):
    """Each host of the edition, and the bases; another port, host, language, or a user in the address is none."""
    assert BOUNDS.article(url) == number


@pytest.mark.parametrize(
    "mark",
    [
        "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- FILE ARCHIVED ON 16:46:00 Aug 20, 2017 -->",
        '<script src="/_static/js/bundle-playback.js?v=1"></script>', "<script>__wm.init; _WBWombatInit()</script>",
        "<script> wbinfo = {}</script>", '<script src="https://x.invalid/static/wombat.js"></script>', "<!-- WB Insert -->",
        '<a href="/web/20170820164600/http://french.presstv.com/">x</a>',
        "<a href='/coll/20170820164600mp_/https://french.presstv.ir/'>x</a>",
        '<img src="//web.archive.org/web/20170820164600im_/http://x.invalid/a.png">',
        '<img src="https://web.archive.org/web/20170820im_/http://x.invalid/a.png">',
        '<script src="//archive.org/includes/analytics.js"></script>',
    ],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_a_replays_marks_are_seen(mark, coding):
    """Toolbar, scripts, links and images below a replay, through the content coding."""
    body = page() + mark.encode()
    data = {"": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}[coding]
    taken = capture(body=data, headers=[("Content-Encoding", coding)] if coding else [])

    assert altered(taken).startswith("rewritten by a replay: it holds ")


@pytest.mark.parametrize(
    "text",
    [
        "", '<a href="https://web.archive.org/web/20170820164600/https://exemple.invalid/">archive</a>',
        '<a href="/Detail/2017/08/20/532260/x">x</a>', '<a href="/Section/101/http://x">x</a>',
        "<p>Le fichier a été archivé, dit archive.org.</p>", "<a href=/20170820/photos>x</a>",
    ],
)  # fmt: skip
def test_a_page_of_the_outlet_is_not_altered(text):
    """Its own links, and links to pages of a replay, are its own words."""
    assert altered(capture(body=page() + text.encode())) == ""


def test_a_body_that_can_not_be_unpacked_is_judged_elsewhere():
    """Reading it says what is wrong."""
    assert altered(capture(body=gzip.compress(page())[:50], headers=[("Content-Encoding", "gzip")])) == ""


@pytest.mark.row("F-OTH-07")
@pytest.mark.parametrize(
    ("kind", "yes"),
    [("text/html", True), ("TEXT/HTML; charset=x", True), ("", True), ("unk", True), ("application/xhtml+xml", True),
     ("image/jpeg", False), ("application/json", False), ("text/css", False), ("video/mp4", False),
     ("text/html, text/html; charset=utf-8", True), ("image/png, text/html", True), ("text/html, image/png", False),
     ("*/*", True), ("html", True), ("text/html charset=utf-8", True), ("text/html,", True), ('"text/html"', True),
     ("unknown/unknown", True), ("unknown/unknown, image/png", False), (";charset=utf-8", True)],
)  # fmt: skip
def test_what_is_a_page(kind, yes):
    """By what it says that it is; what says nothing may be one."""
    from dataclasses import replace

    assert is_page(replace(capture(), response_headers=((b"Content-Type", kind.encode()),))) is yes


@pytest.mark.parametrize(
    ("language", "yes"), [("", True), ("fr", True), ("fr-FR", True), ("FR", True), ("en", False), ("fa-IR", False)]
)
def test_what_speaks_otherwise(language, yes):
    """Article numbers are shared with other languages: a page that states one is not this edition's."""
    assert (speaks_otherwise(article(language=language), EDITION) == "") is yes


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ([("X-Archive-Orig-Date", "hier"), ("Date", "today")], {"Date": "hier"}),
        ([("Content-Type", "text/html"), ("Server", "ours")], {"Content-Type": "text/html"}),
        ([("x-archive-orig-content-type", "text/a"), ("Content-Type", "text/b")], {"content-type": "text/a"}),
        ([("Last-Modified", "hier"), ("ETag", '"1"'), ("Link", "x"), ("Memento-Datetime", "y")], {"Last-Modified": "hier", "ETag": '"1"'}),
    ],
    ids=["orig", "kept", "orig-wins", "validators"],
)  # fmt: skip
def test_a_replays_answer_is_the_outlets(headers, kept):
    """Its headers are those that the outlet sent, as far as the replay repeats them; none of the replay's own."""
    lines = tuple((name.encode(), value.encode()) for name, value in headers)
    found = replayed(URL, THEN, 200, lines, page())

    assert {name.decode(): value.decode() for name, value in found.response_headers} == kept
    assert (found.url, found.captured_at, found.payload) == (URL, THEN, digest(page()))


@pytest.mark.parametrize(
    ("coding", "body", "stays"),
    [
        ("gzip", gzip.compress(page()), True),
        ("gzip", page(), True),
        ("gzip", gzip.compress(page())[:40], False),
        ("aes", page(), True),
        ("aes", b"\x00\x01\x02" * 30, False),
        ("gzip", b"\x00\x01\x02" * 30, False),
        ("gzip", gzip.compress(b"\0" * 9_000_000), True),
    ],
    ids=["coded", "undone-text", "cut", "a-lie", "unknown", "undone-bytes", "bomb"],
)  # fmt: skip
def test_a_coding_that_a_replay_undid_is_not_said(coding, body, stays):
    """A label that is wrong goes where the body could not be read with it; a bomb stays what it is."""
    found = replayed(URL, THEN, 200, ((b"X-Archive-Orig-Content-Encoding", coding.encode()),), body)

    assert (found.header("content-encoding") == coding) is stays
    assert found.body == body


def test_every_mirror_names_one_article():
    """The number is the identity, whatever stands around it."""
    hosts = ("french.presstv.ir", "french.presstv.co.uk", "french.presstv.com", "350431105.r.worldcdn.net")

    assert {BOUNDS.article(f"http://{host}/Detail/2026/11/20/7/{host}") for host in hosts} == {"7"}
    assert BOUNDS.article(url_of("7")) == "7"
