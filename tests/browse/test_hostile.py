"""What an outlet, a reader or a page elsewhere might do to a reader: payloads in every field, names, methods, queries."""

import asyncio
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html
from starlette.testclient import TestClient

from browse.app import app_of, frames_of
from browse.pages import ROUTES
from tests import facts
from tests.browsing import CALM as BAC
from tests.browsing import ORIGIN, client_of, page, told_site
from tests.page_kinds import at
from tests.payloads import CALM, FIRST, NUMBERS, PAYLOADS, hostile_story


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """Return readers of two archives that differ in their texts alone: payloads in one, plain words in the other."""
    folder = tmp_path_factory.mktemp("hostile")
    with (
        told_site(folder / "a", lambda log: hostile_story(log, PAYLOADS)) as bad,
        told_site(folder / "b", lambda log: hostile_story(log, [CALM] * len(PAYLOADS))) as calm,
    ):
        yield client_of(bad), client_of(calm), bad


def skeleton(text):
    """Return how often each element with each of its attributes stands in a page, marks for what is unseen left out."""
    found = Counter()
    for each in html.fromstring(text).iter():
        if isinstance(each.tag, str) and each.get("class") != "unseen":
            found[each.tag, tuple(sorted(each.attrib))] += 1
    return found


PAGES = ("/a/{}", "/a/{}@1", "/a/{}/diff/1..2", "/a/{}/diff/1..2?view=inline&all=1&spaces=1")


@pytest.mark.row("F-WEB-01")
@pytest.mark.parametrize(
    "place", range(len(PAYLOADS)), ids=lambda place: PAYLOADS[place][:20].encode("ascii", "replace").decode()
)
def test_a_payload_is_only_text(sites, place):
    """Pages of an article full of a payload have the very elements and attributes of one full of plain words.

    What is archived is not lost either: the headline stands there letter for letter, what is unseen as its code.
    """
    bad, calm, _ = sites
    number, payload = NUMBERS[place], PAYLOADS[place]
    for path in PAGES[:3]:
        told, plain = (client.get(path.format(number)).text for client in (bad, calm))
        more = skeleton(told) - skeleton(plain)
        assert set(more) <= {
            ("del", ()),
            ("ins", ()),
            ("span", ("class",)),
            ("p", ()),
            ("strong", ()),
            ("a", ("href", "rel")),
            ("br", ()),
            ("div", ("class",)),
        }, more
    headline = page(bad, f"/a/{number}").find(".//h1").text_content()
    assert re.sub(r"U\+([0-9A-F]{4,6})", lambda code: chr(int(code[1], 16)), headline) == payload


@pytest.mark.row("F-WEB-01")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?since=2026-11-24",
        "/list/silent",
        "/list/gone",
        "/list/new",
        "/sections",
        "/sections/une",
        "/search?q=window",
        "/search?removed=1&q=window&silent=1",
        "/coverage",
        "/sections/une/ranks",
        "/status",
        "/list/new?section=%3Cscript%3Ewindow.__x=1%3C/script%3E",
        "/cite?text=%3Cscript%3Ewindow.__x%3D1%3C/script%3E",
        "/a/999",
    ],
)
def test_lists_of_payloads_hold_no_element_of_theirs(sites, path):
    """Lists, search and the pages for what is missing show payloads as text and link to pages of ours alone."""
    bad, _, _ = sites
    tree = html.fromstring(bad.get(path).text)
    (ours,) = tree.xpath("//script[not(node())][@src='/static/keys.js']")
    ours.drop_tree()
    tags = {each.tag for each in tree.iter() if isinstance(each.tag, str)}
    names = {name for each in tree.iter() if isinstance(each.tag, str) for name in each.attrib}

    assert not tags & {
        "script",
        "img",
        "image",
        "iframe",
        "object",
        "embed",
        "style",
        "base",
        "math",
        "video",
        "audio",
        "template",
        "x",
    }
    assert not [
        name for name in names if name.startswith("on") or name in ("style", "srcdoc", "formaction", "autofocus")
    ]
    assert [link for _, _, link, _ in tree.iterlinks() if not re.fullmatch(r"/[^/].*|/|#main", link)] == []


@pytest.mark.row("F-WEB-15")
@pytest.mark.parametrize(
    "path",
    [
        f"/a/{FIRST}.json",
        f"/a/{FIRST}/diff/1..2.json",
        "/list/new.json",
        "/search.json?q=window",
        "/index.json",
        f"/a/{FIRST}.csl",
    ],
)
def test_json_stays_json(sites, path):
    """JSON is sent as such, and nothing in it could begin markup where somebody puts it into a page."""
    answer = sites[0].get(path)

    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("application/json", "nosniff")
    assert not set("<>&\u2028\u2029") & set(answer.text)
    assert "<script>" in json.dumps(answer.json(), ensure_ascii=False)
    assert not re.search("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", answer.text)


def test_json_hides_nothing_and_loses_nothing(tmp_path):
    """What a terminal would obey stands as an escape, and is read back as it was archived."""
    odd = "A\u202eB\u200bC\x85D\u2066E\ufeff"
    with told_site(tmp_path, lambda log: facts.write(log, facts.read(101, 0, BAC, headline=odd))) as site:
        answer = client_of(site).get("/a/101.json")

    assert answer.json()["headline"] == odd
    assert [c for c in answer.text if not c.isprintable() and c not in "\n\xa0\u202f"] == []


def test_feeds_and_citations_are_whole_whatever_they_cite(sites):
    """Atom is well-formed; no payload ends a field of BibTeX or a line of RIS."""
    for path in ("/list/changed.atom?since=2026-11-01", "/sections/une.atom", "/search.atom?q=window"):
        assert len(etree.fromstring(sites[0].get(path).content)) > 10
    for number in NUMBERS:
        bib, ris = sites[0].get(f"/a/{number}.bib").text, sites[0].get(f"/a/{number}.ris").text
        assert bib.count("\n}\n") == 1
        assert {line[2:6] for line in ris.split("\r\n") if line} == {"  - "}


@pytest.mark.row("F-WEB-02")
def test_the_stored_page_is_framed_from_a_second_origin(sites):
    """Only the frame's own server gives the stored HTML, sandboxed, nothing allowed but inline style; our pages never do."""
    bad, _, site = sites
    frames = TestClient(frames_of(site), base_url="http://127.0.0.1:8643")
    answer = frames.get(f"/frame/{FIRST}")

    assert answer.headers["content-security-policy"].startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors"
    )
    assert "<script" not in answer.text
    assert bad.get(f"/frame/{FIRST}").status_code == 404
    assert frames.get("/").status_code == 404
    for place, number in enumerate(NUMBERS):
        text = frames.get(f"/frame/{number}").text.lower()
        assert not re.search(r"<\s*(script|base|link|meta|iframe|object|embed|form)\b", text), PAYLOADS[place]


HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}  # fmt: skip
SAMPLE = {
    "version": str(FIRST),
    "number": str(FIRST),
    "old": "1",
    "new": "2",
    "ordinal": "2",
    "key": "une",
    "list": "new",
    "keys": f"{FIRST}@2026-11-24T12:00:00.000000Z-00000000",
    "url": "http://x/",
}


def code_of(site, scope):
    """Return the status of what is answered to a request as a server hands it on."""
    codes = []

    async def send(message):
        codes.append(message.get("status"))

    async def receive():
        return {"type": "http.request"}

    asyncio.run(app_of(site)(scope, receive, send))
    return codes[0]


def filled(path):
    """Return an address of a route."""
    return re.sub(r"\{(\w+):\w+\}", lambda part: SAMPLE[part[1]], path)


@pytest.mark.row("F-WEB-03")
@pytest.mark.parametrize(
    "path",
    [
        *(filled(path) for path, _ in ROUTES),
        "/static/style.css",
        "/static/icon.svg",
        "/static/none",
        "/nowhere",
        "/healthz",
        "/robots.txt",
        "/search?q=" + "x" * 600,
        "/?since=x",
        "/" + "x" * 9000,
    ],
)
def test_every_answer_has_the_headers(sites, path):
    """Pages, files, refusals and errors: strict policy, no sniffing, no referrer."""
    headers = sites[0].get(path).headers

    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert "cache-control" in headers


@pytest.mark.row("F-WEB-06")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"])
@pytest.mark.parametrize("path", ["/", "/search", f"/a/{FIRST}", "/static/style.css", "/nowhere"])
def test_pages_are_only_read(sites, method, path):
    """Whatever is not GET or HEAD is 405."""
    answer = sites[0].request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.row("F-WEB-07")
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8642",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "a b",
        "127.0.0.1:x",
        "[::1",
        "ev\u0131l",
        "localhost@evil",
    ],
)
def test_another_name_is_refused(sites, host):
    """A page elsewhere that made its own name lead here gets nothing (DNS rebinding)."""
    answer = sites[0].get("/", headers={"host": host.encode("utf-8")})

    assert answer.status_code == 400
    assert "karimabad" not in answer.text.lower()


@pytest.mark.row("F-WEB-07")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9", "localhost:8642", "LOCALHOST", "[::1]:8642", "192.168.1.4:8642"]
)
def test_this_machines_names_are_answered(sites, host):
    """By address or as localhost, on any port a proxy may have; forwarding headers change nothing."""
    answer = sites[0].get(
        "/a/1001", headers={"host": host, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    )

    assert answer.status_code == 200
    assert "evil.example/" not in answer.headers["link"]


def test_a_name_that_was_allowed_is_answered(tmp_path):
    """`--name` adds one, and it alone."""
    with told_site(tmp_path) as site:
        client = TestClient(app_of(site, ["archive.example"]), base_url="https://archive.example")
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"host": "other.example"}).status_code == 400


@pytest.mark.row("F-PAG-08")
def test_only_a_page_of_an_allowed_origin_may_read(tmp_path):
    """`--cors` names whose pages may read what is answered; for all others, and without it, nothing is shared."""
    with told_site(tmp_path) as site:
        shared = TestClient(app_of(site, origins=["https://lab.example"]), base_url=ORIGIN)
        open_to_all = TestClient(app_of(site, origins=["*"]), base_url=ORIGIN)
        told = {
            origin: shared.get("/a/101.json", headers={"origin": origin}).headers
            for origin in ("https://lab.example", "https://lab.example.evil.example", "null")
        }

        assert [headers.get("access-control-allow-origin") for headers in told.values()] == [
            "https://lab.example",
            None,
            None,
        ]
        assert [headers["cross-origin-resource-policy"] for headers in told.values()][1:] == ["same-origin"] * 2
        assert "origin" in told["null"]["vary"]
        answer = open_to_all.get("/a/101.json", headers={"origin": "https://x.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (
            "access-control-allow-origin" not in client_of(site).get("/a/101.json", headers={"origin": ORIGIN}).headers
        )


@pytest.mark.row("F-WEB-05")
@settings(max_examples=200)
@given(st.text(st.sampled_from("/.%2e\\a0@é\0:x") | st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_path_is_a_page_or_none(sites, path):
    """No path of any letters is more than a page, a redirect within, or 404."""
    answer = sites[0].get("/" + quote(path, safe="/.%\\@:"))

    assert answer.status_code in (200, 302, 304, 400, 404)
    assert answer.headers.get("location", "/").startswith("/")


@pytest.mark.row("F-WEB-09")
@settings(max_examples=200)
@given(
    st.text(
        st.sampled_from('a é"«»*^:()-+{}\0\x02,.² AND OR NOT NEAR title: ٣') | st.characters(exclude_categories=["Cs"]),
        max_size=60,
    ),
    st.booleans(),
    st.sampled_from(["", "best"]),
)
def test_no_search_is_an_error(sites, words, removed, order):
    """Any text is searched for, or answered with a sentence; the same on the page, as JSON and as a feed."""
    for path in ("/search", "/search.json"):
        answer = sites[0].get(path, params={"q": words, "removed": "1" if removed else "", "order": order})
        assert answer.status_code in (200, 400)


@pytest.mark.row("F-WEB-09")
@pytest.mark.parametrize(
    "words",
    ["x" * 1025, "\U0001f4f0" * 1025, " " * 1025, "a " * 65, "-x", "-x -y"],
    ids=["long", "long in bytes", "blank", "many", "without", "without both"],
)
def test_a_search_too_long_is_a_sentence(sites, words):
    """More than 1,024 letters or 64 words, or nothing but -words: 400, and why."""
    assert (
        html.fromstring(sites[0].get("/search", params={"q": words}).text).find(".//h1").text
        == "That can’t be answered"
    )
    assert sites[0].get("/search", params={"q": words}).status_code == 400


@pytest.mark.row("F-WEB-09")
@pytest.mark.parametrize("words", ["!", "\x02\ue000", '- " -'])
def test_a_search_without_a_word_finds_nothing(sites, words):
    """And says why; as JSON, too, and in every form that is taken away."""
    tree = html.fromstring(sites[0].get("/search", params={"q": words}).text)
    taken = [sites[0].get(f"/search.{ending}", params={"q": words}) for ending in ("json", "jsonl", "atom", "csl")]

    assert "There is no word to look for in that." in tree.text_content()
    assert [answer.status_code for answer in taken] == [200] * 4
    assert (taken[0].json()["total"], taken[1].text, taken[3].json()) == (0, "", [])


@pytest.mark.row("F-WEB-10")
@pytest.mark.parametrize("number", ["-1", "0", "1000000000", "1e3", "abc", "9" * 4000, "٣"])
def test_page_numbers_are_clamped(sites, number):
    """A page that can't be is the first; one past the last is 404 with the last one, or empty."""
    for path in ("/search?q=window", "/list/new?since=2026-11-01", "/sections/une"):
        code = sites[0].get(f"{path}&page={number}" if "?" in path else f"{path}?page={number}").status_code
        assert code == 200 or (code == 404 and number.isascii() and number.isdecimal())


@pytest.mark.row("F-WEB-10")
@pytest.mark.parametrize("at", [datetime.max.replace(microsecond=0), datetime.min])
def test_dates_at_the_ends_of_the_calendar_are_dates(tmp_path, monkeypatch, at):
    """An outlet may print any date: its article, and whatever lists it, is a page all the same."""
    monkeypatch.setattr(facts, "NOON", at.replace(tzinfo=UTC))
    odd = facts.record_of(facts.capture(101, 0 if at.year == 1 else -9), 101, BAC)
    monkeypatch.undo()
    taken = facts.read(101, 0, BAC)
    taken = replace(taken, record=taken.record | {"published": odd["published"], "digests": odd["digests"]})
    with told_site(tmp_path, lambda log: facts.write(log, taken)) as site:
        client = client_of(site)
        for path in (
            "/", "/a/101", "/a/101.txt", "/a/101.csl", "/a/101.bib", "/a/101.json", "/search?q=bac", "/search.atom?q=bac",
            "/list/new?since=2026-11-01", "/list/new.csv?since=2026-11-01", "/figures",
        ):  # fmt: skip
            assert client.get(path).status_code == 200, path


@pytest.mark.row("F-WEB-07")
def test_an_address_may_be_asked_for_whole(sites):
    """A request that names its origin (RFC 9112, 3.2.2) is answered for it, whatever its Host field says."""
    scope = {"type": "http", "method": "GET", "query_string": b"", "headers": [(b"host", b"evil.example")]}
    targets = (f"{ORIGIN}/a/1001", "HTTP://localhost/a/1001", "http://evil.example/a/1001", ORIGIN, "http://")

    assert [code_of(sites[2], {**scope, "path": each, "raw_path": each.encode()}) for each in targets] == [
        200,
        200,
        400,
        200,
        400,
    ]


@pytest.mark.parametrize("told", ["{}", '"x", {}', 'W/"y",{} , "z"', "*"])
def test_an_answer_that_is_known_is_not_sent_again(sites, told):
    """304 where any of the names that a reader has is the answer's (RFC 9110, 13.1.2)."""
    tag = sites[0].get("/a/1001").headers["etag"]
    bare = tag.removeprefix("W/")

    for each in (tag, bare):
        assert sites[0].get("/a/1001", headers={"if-none-match": told.format(each)}).status_code == 304
    assert sites[0].get("/a/1001", headers={"if-none-match": f'"{bare}'}).status_code == 200


@pytest.mark.row("F-WEB-08")
@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/url?u=//evil.example/Detail/2026/11/24/1001/",
        "/a/1001/diff?from=1&to=2&next=//evil.example",
        "/%2f%2fevil.example",
        "/static//evil.example",
        "/url?u=https://evil.example/Detail/2026/11/24/1001/%0d%0aSet-Cookie:a=b",
    ],
)
def test_redirects_stay_here(sites, path):
    """No address leads to another site, and nothing of a query gets into a header."""
    answer = sites[0].get(ORIGIN + path)

    assert re.match(r"/(?!/)", answer.headers.get("location", "/"))
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "words",
    [
        "__obj=1",
        "__self=1",
        "self=1",
        "path=/x",
        "template=x",
        "ask=1",
        "status=500",
        "_loop_vars=1",
        "caller=1",
        "lang=%3Cb%3E",
        "lang=fr&lang=en",
        "q=a&q=b",
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/search?q=window&removed=",
        "/list/new?page=1&since=2026-11-01",
        "/sections/une?page=2",
        f"/a/{FIRST}?x=",
        f"/a/{FIRST}/diff/1..2?view=",
    ],
)
def test_words_that_nobody_asked_for_change_nothing(sites, path, words):
    """Whatever else stands in an address, the page is answered."""
    assert sites[0].get(f"{path}&{words}").status_code == 200


def test_no_link_of_a_page_leaves_by_its_own_address(sites):
    """A page under an address that begins with two slashes links to pages of ours, the other language's too."""
    tree = html.fromstring(sites[0].get(f"{ORIGIN}//evil.example/a").text)

    assert [link for _, _, link, _ in tree.iterlinks() if link.startswith("//")] == []


@pytest.mark.parametrize(
    "path", ["/", f"/a/{FIRST}", f"/a/{FIRST}.json", "/nowhere", "/static/style.css", "/search?q=window"]
)
def test_a_head_is_a_get_without_its_body(sites, path):
    """HEAD has the status and headers of GET, and no body."""
    head, get = (sites[0].request(method, path) for method in ("HEAD", "GET"))

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.row("F-WEB-04")
def test_only_a_reader_goes_to_the_outlet(tmp_path):
    """On every kind of page what leads elsewhere is a link that tells nothing; the address beside it is followed by nobody."""
    places = {"since": "2026-11-01", "until": "2026-11-30", "article": 101, "gone": 102, "unread": 109, "word": "bac"}
    elsewhere = set()
    with told_site(tmp_path) as site:
        client = client_of(site)
        for path in at(**places, lost="oeuvre", keys="101@2026-11-24T12:00:00.000000Z-00000000"):
            for element, name, link, _ in html.fromstring(client.get(path).text).iterlinks():
                if not re.match("/(?!/)|#", link):
                    elsewhere.add((element.tag, name, element.get("rel"), link))
        shown = page(client, "/a/101").xpath("//*[@id='provenance']/..//code/text()")

    assert {each[:3] for each in elsewhere} == {("a", "href", "noopener noreferrer nofollow")}
    assert all(urlsplit(link).scheme in ("http", "https") for *_, link in elsewhere)
    assert any("[.]" in each for each in shown)
    assert not any("://" in each for each in shown)


@pytest.mark.row("F-WEB-12")
def test_a_bug_is_a_page_and_a_line(tmp_path):
    """What fails within is 500 with the headers and no trace; the terminal gets one line that says where."""

    def broken(_capture):
        raise ValueError("odd <b>")

    with told_site(tmp_path) as made:
        said = []
        site = replace(made, outlet=replace(made.outlet, html_of=broken), complain=said.append)
        answer = client_of(site, raise_server_exceptions=False).get("/a/101/capture")

    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Something is broken" in answer.text
    assert "odd" not in answer.text
    assert [line.partition(";")[0] for line in said] == ["/a/101/capture: ValueError: odd <b>"]


def test_a_capture_that_is_gone_is_a_sentence(tmp_path):
    """A segment that the store lost is 503, naming its key; the article's text stays readable."""
    with told_site(tmp_path) as site:
        store = site.reader.archive.store
        for name in [name for name in store._objects if name.endswith(".warc.gz")]:
            del store._objects[name]
        client = client_of(site)
        codes = [client.get(f"/a/101/{part}").status_code for part in ("capture", "warc", "proof")]

        assert codes == [503, 503, 503]
        assert "is missing" in client.get("/a/101/capture").text
        assert client.get("/a/101").status_code == 200
