"""Heads as servers send them, however odd: read by the real crawl, kept as bytes, none of them the end of a page."""

import pytest

from archive.warc import warc
from tests.faults.site import article, crawl, opened, outlet, path, site


def answer(number, *lines, head=b""):
    """Return an article's page with lines in its head, exact to the byte."""
    body = article(number)
    told = b"".join(line + b"\r\n" for line in (b"Content-Type: text/html", *lines, b"Connection: close"))
    return b"HTTP/1.1 200 OK\r\n" + told + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


ODD = {
    "bytes that are no text": ([b"X-\xc3\xa9\xff: \xff\xfe caf\xc3\xa9"], [b"\xff\xfe caf\xc3\xa9"]),
    "a blank before the colon": ([b"X-Espace : a"], [b"a"]),
    "no name": ([b": rien"], []),
    "no colon": ([b"rien du tout"], []),
    "folded lines": ([b"X-Long: a", b"\tb", b"  c"], [b"a\tb  c"]),
    "typographic quotes": ([b"\xe2\x80\x9cX\xe2\x80\x9d: a"], [b"a"]),
    "a line of 24 KB": ([b"X-Long: " + b"y" * 24_000], [b"y" * 24_000]),
    "many lines": ([b"X-%d: y" % n for n in range(300)], [b"y"] * 300),
    "control characters": ([b"X-Nul: a\x00b"], [b"a b"]),
    "nothing in it": ([b"X-Vide:"], [b""]),
    "three of one name": ([b"X-A: 1", b"x-a: 2", b"X-A: 3"], [b"1", b"2", b"3"]),
}
USUAL = {b"content-type", b"connection", b"content-length"}


@pytest.mark.row("F-OUT-18")
def test_no_odd_line_of_a_head_ends_a_page(tmp_path):
    """Each page is read, and what its line says is kept as the bytes that came."""
    script = site({n: answer(n, *lines) for n, (lines, _) in enumerate(ODD.values(), 1)})
    with outlet(tmp_path, script) as (_, project):
        done = crawl(project)
        with opened(project) as archive:
            places = archive.catalog.db.execute("SELECT url, segment, offset, length FROM captures").fetchall()
            heads = {url: warc.decode(archive.store.get_range(*place)).response_headers for url, *place in places}
        verified = project.run("verify")
    kept = {
        n: [value for name, value in head if name.lower() not in USUAL]
        for n in range(1, len(ODD) + 1)
        for url, head in heads.items()
        if url.endswith(path(n))
    }

    assert done.outcomes(*range(1, len(ODD) + 1)) == ["new"] * len(ODD)
    assert kept == {n: values for n, (_, values) in enumerate(ODD.values(), 1)}
    assert (done.report["exit"], verified.returncode) == (0, 0)


@pytest.mark.row("F-OUT-18")
def test_a_head_without_end_is_left(tmp_path):
    """It could not be looked at, and the others are; one that no reader of WARC files takes says how long it was."""
    endless = answer(1, *[b"X: " + b"y" * 100_000] * 60)
    long = answer(2, b"X: " + b"y" * 2**20)
    with outlet(tmp_path, site({1: endless, 2: long, 3: answer(3), 4: answer(4, b"X: " + b"y" * 70_000)})) as (
        _,
        project,
    ):
        done = crawl(project)

    assert done.outcomes(1, 2, 3, 4) == ["conn_error", "conn_error", "new", "http_error"]
    assert "bytes of headers, at most 30720" in done.ends[path(4)][1]
