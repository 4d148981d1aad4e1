"""Our segments and their indexes, merged into one, as pywb reads them: what it looks up it finds, byte for byte."""

import gzip
import json
import urllib.error
import urllib.request

import pytest

from archive.warc import warc
from tests import pywb
from tests.faults.site import TEXT, article, crawl, front, listing, opened, outlet
from tests.outlet_server import page

SLUGS = (
    "%3A-l-accord", "%22Le-phare%22", "l%27Iran-dit-non%21", "a%2Fb", "a%252Fb%2541", "100%25", "%C3%A9t%c3%a9", "a%3Fb%3Dc",
    "%E2%80%99apostrophe", "a+b%20c", "~a%7Cb%5Ec", "A%2CB%3B", "%28Vid%C3%A9o%29", "a%26b=c",
)  # fmt: skip


def path(number):
    """Return the address of an article whose slug is encoded in one of many ways."""
    return f"/Detail/2026/11/20/{number}/{SLUGS[number - 1]}"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Crawl an outlet with such slugs twice, an edit between; yield (archive's folder, what was captured).

    What was captured is status and body of each answer, by address and second.
    """
    folder = tmp_path_factory.mktemp("crawled")
    numbers = range(1, len(SLUGS) + 1)
    said = {path(n): [page(article(n)), page(article(n, text=TEXT[:1]))] for n in numbers}
    about = {
        "/robots.txt": page(b"", status=404), "/rss.xml": page(b"", status=404), "/": page(front()),
        "/Section/1": page(listing(*map(path, numbers))),
    }  # fmt: skip
    with outlet(folder, about | said) as (_, project):
        crawl(project)
        crawl(project, "-a", "recheck=all")
        with opened(project) as archive:
            kept = archive.catalog.db.execute(
                "SELECT url, captured_at, status, segment, offset, length FROM captures WHERE revisit = 0"
            ).fetchall()
            found = {}
            for url, at, status, *place in kept:
                digits = "".join(c for c in at[:19] if c.isdigit())
                body = warc.decode(archive.store.get_range(*place)).body
                found.setdefault((url, digits), []).append((status, body))
    return project.archive, found


@pytest.fixture(scope="module")
def replay(crawled, tmp_path_factory):
    """Serve the crawled archive by pywb over one index, merged of its own; yield the collection's address."""
    archive, folder = crawled[0], tmp_path_factory.mktemp("pywb")
    lines = [
        line
        for each in archive.rglob("*.cdxj.gz")
        for line in gzip.decompress(each.read_bytes()).splitlines(keepends=True)
    ]
    (folder / "merged.cdxj").write_bytes(b"".join(sorted(lines)))
    place = {"index": str(folder / "merged.cdxj"), "archive_paths": f"{archive}/"}
    (folder / "config.yaml").write_text(json.dumps({"collections": {"presstv": place}}))
    with pywb.serving(folder) as base:
        yield f"{base}/presstv"


@pytest.mark.row("F-WRC-07")
def test_pywb_replays_every_capture_of_a_crawl(crawled, replay):
    """Whatever a slug encodes: each capture is found at its address and instant, with its status and its bytes."""
    _, captures = crawled
    lost = [place for place, answers in captures.items() if asked(replay, *place) not in answers]

    assert sum(len(answers) for (url, _), answers in captures.items() if "/Detail/" in url) == 2 * len(SLUGS)
    assert lost == []


def asked(replay, url, timestamp):
    """Return status and bytes that a replay gives for an address at a time."""
    try:
        with urllib.request.urlopen(f"{replay}/{timestamp}id_/{url}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
