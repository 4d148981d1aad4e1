"""One sitemap file: what it names, and what is refused."""

import gzip
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from archive.errors import ArchiveError
from crawler.spiders.sitemap import LIMIT, MOST, SitemapEntry, read_sitemap

PLACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
URLS = (
    f'<?xml version="1.0" encoding="UTF-8"?><!-- fait à la main --><urlset {PLACES} {NEWS}>'
    "<url><loc> https://h/Detail/1 </loc><lastmod>2026-11-24</lastmod></url>"
    "<url><news:news><news:title>Le bac</news:title><news:publication_date>2026-11-24</news:publication_date></news:news>"
    "<loc>https://h/a?b=1&amp;c=2</loc><image:image><image:loc>https://h/i.jpg</image:loc></image:image></url>"
    "<url><lastmod>2026-11-24</lastmod></url><url><loc></loc></url></urlset>"
)
INDEX = (
    f"<sitemapindex {PLACES}><sitemap><loc>https://h/a.xml</loc><lastmod>2026-11-24T10:00:00+03:30</lastmod></sitemap>"
    "<sitemap><loc>https://h/b.xml.gz</loc><lastmod>hier</lastmod></sitemap></sitemapindex>"
)


@pytest.mark.row("F-DIS-03")
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_addresses_in_their_order(pack):
    """Of a news sitemap as of any other: pictures' addresses are none of a page, and what has no address is none."""
    found = read_sitemap(pack(URLS.encode()))

    assert not found.index
    assert found.entries == (
        SitemapEntry(url="https://h/Detail/1", changed=datetime(2026, 11, 25, tzinfo=UTC)),
        SitemapEntry(url="https://h/a?b=1&c=2", changed=None),
    )


def test_an_index():
    """Its entries are sitemaps; an instant with an offset is nearly exact, words are no date."""
    found = read_sitemap(INDEX.encode())

    assert found.index
    assert [(entry.url, entry.changed) for entry in found.entries] == [
        ("https://h/a.xml", datetime(2026, 11, 24, 7, 30, tzinfo=UTC)),
        ("https://h/b.xml.gz", None),
    ]


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-31T23:59:59Z", "0000-00-00", "2026-02-30", "", "٢٠٢٦-١١-٢٤"])
def test_a_day_that_no_clock_can_show_is_none(day):
    """The entry stands all the same."""
    body = f"<urlset><url><loc>https://h/a</loc><lastmod>{day}</lastmod></url></urlset>"

    assert read_sitemap(body.encode()).entries == (SitemapEntry(url="https://h/a", changed=None),)


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes():
    """Its server may have cut it; what stands in it is no less true."""
    assert [entry.url for entry in read_sitemap(URLS.encode()[:-60]).entries][:1] == ["https://h/Detail/1"]


def test_no_more_than_the_protocol_allows():
    """A file without end is read to fifty thousand entries."""
    body = f"<urlset {PLACES}>{'<url><loc>https://h/</loc></url>' * (MOST + 5)}</urlset>".encode()

    assert len(read_sitemap(body).entries) == MOST


@pytest.mark.row("F-DIS-04")
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no readable XML"),
        (b"\x00\xff\x00", "no readable XML"),
        (b"<html><body><h1>Introuvable</h1></body></html>", "its first element is 'html'"),
        (b"<rss version='2.0'><channel/></rss>", "its first element is 'rss'"),
        (b"<!DOCTYPE a [<!ENTITY a '&b;&b;'>]><urlset><url><loc>&a;</loc></url></urlset>", "document type"),
        (
            "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&a;</loc></url></urlset>".encode(
                "utf-16"
            ),
            "document type",
        ),
        (gzip.compress(b"<urlset>" + b" " * LIMIT), "over"),
        (gzip.compress(URLS.encode())[:-9], "cut or damaged"),
        (b"<urlset>" + b" " * LIMIT, "at most"),
    ],
    ids=["empty", "bytes", "page", "feed", "bomb-of-entities", "file", "bomb-of-bytes", "cut-packed", "too-large"],
)
def test_what_is_refused(body, why):
    """It has a reason, and nothing of it is read."""
    with pytest.raises(ArchiveError, match=why):
        read_sitemap(body)


def test_an_entity_that_is_not_declared_is_nothing():
    """Nothing is resolved: the address is what stands beside it."""
    found = read_sitemap(b"<urlset><url><loc>https://h/&x;a</loc></url></urlset>")

    assert all("&" not in entry.url for entry in found.entries)


def test_a_deep_one_ends():
    """Boxes in boxes without end are given up, not followed."""
    body = b"<urlset>" + b"<a>" * 100_000
    entries = ()
    with suppress(ArchiveError):
        entries = read_sitemap(body).entries

    assert entries == ()
