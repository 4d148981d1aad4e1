"""Feeds: RSS 2.0, RSS 1.0, Atom, and what hostile XML comes to."""

import gzip

import pytest

from crawler.pages import FeedItem, read_feed
from crawler.pages.feed import LIMIT, UnreadableFeed
from tests.crawler.pages.test_article_pages import capture

URL = "https://french.presstv.ir/rss.xml"
ITEM = FeedItem(title="L’été « au port »", url="https://presstv.ir:443/Detail/2023/01/01/700001/port")
LINK = ITEM.url
RSS = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>x</title><link>https://x/</link>{}</channel></rss>"


@pytest.mark.parametrize(
    "feed",
    [
        pytest.param(RSS.format(f"<item><title>{ITEM.title}</title><link> {LINK} </link></item>"), id="rss"),
        pytest.param(
            RSS.format(f"<item><title><![CDATA[{ITEM.title}]]></title><link>{LINK}</link></item>"), id="cdata"
        ),
        pytest.param(RSS.format(f"<item><title>{ITEM.title}</title><guid>{LINK}</guid></item>"), id="guid only"),
        pytest.param(
            f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>{ITEM.title}</title><link rel='self' href='/no'/><link href='{LINK}'/></entry></feed>",
            id="atom",
        ),
        pytest.param(
            f"<rdf:RDF xmlns:rdf='urn:r' xmlns='http://purl.org/rss/1.0/'><item><title>{ITEM.title}</title><link>{LINK}</link></item></rdf:RDF>",
            id="rdf",
        ),
    ],
)
def test_feed(feed):
    """Each form gives title and address, the port and the host as they stand."""
    assert read_feed(feed.encode(), URL) == (ITEM,)


@pytest.mark.parametrize(
    ("before", "title", "read"),
    [
        pytest.param("\n", "Un", "Un", id="a blank line first"),
        pytest.param("\ufeff \n\t", "Un", "Un", id="a mark and blanks first"),
        pytest.param(
            "", "L&eacute;t&eacute;&nbsp;&laquo;&nbsp;x&nbsp;&raquo;", "Lété\xa0«\xa0x\xa0»", id="names of html"
        ),
        pytest.param("", "Riz & maïs", "Riz & maïs", id="a bare ampersand"),
        pytest.param("", "AT&T & Cie; &amp; fils", "AT&T & Cie; & fils", id="bare and named"),
        pytest.param("", "Un\x0b port\x00", "Un port", id="controls"),
        pytest.param("\n", "<![CDATA[Riz & maïs &eacute;]]>", "Riz & maïs &eacute;", id="cdata is text already"),
        pytest.param("\n", "&LT;b&GT; &inconnu;", "<b> &inconnu;", id="what would be markup is text"),
    ],
)
def test_what_readers_of_feeds_forgive(before, title, read):
    """A feed that is nearly XML is read as what it means."""
    assert [
        i.title
        for i in read_feed(
            (before + RSS.format(f"<item><title>{title}</title><link>{LINK}</link></item>")).encode(), URL
        )
    ] == [read]


def test_a_feed_in_another_charset_with_a_fault():
    """The declared charset holds, and without one that of Windows."""
    item = f"<item><title>Été & port</title><link>{LINK}</link></item>"
    declared = RSS.replace("utf-8", "iso-8859-1").format(item).encode("latin-1")
    bare = RSS.replace(" encoding='utf-8'", "").format(item).encode("cp1252")

    assert [read_feed(data, URL)[0].title for data in (declared, bare)] == ["Été & port"] * 2


def test_items_without_address():
    """Entries without an http address are passed over, relative ones are made absolute."""
    items = "<item><title>a</title></item><item><link>javascript:x</link></item><item><link>http://[</link></item><item><link>/Detail/1</link></item>"

    assert [i.url for i in read_feed(RSS.format(items).encode(), URL)] == ["https://french.presstv.ir/Detail/1"]


BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><rss><channel><item><title>&b;</title><link>http://x/</link></item></channel></rss>"
FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><rss><item><title>&a;</title><link>http://x/</link></item></rss>"


@pytest.mark.row("F-CON-19")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(BOMB.encode(), "document type", id="entity bomb"),
        pytest.param(BOMB.encode("utf-16"), "document type", id="entity bomb in utf-16"),
        pytest.param(FILE.encode(), "document type", id="file entity"),
        pytest.param(b" " * (LIMIT + 1), "at most", id="too large"),
        pytest.param(b"<html><p>no", "no readable XML", id="no xml"),
        pytest.param(b"", "no readable XML", id="nothing"),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, "no readable XML", id="nested deep"),
    ],
)
def test_refused(data, words):
    """Hostile or broken XML is refused with the feed's address (F-CON-19)."""
    with pytest.raises(UnreadableFeed, match=words) as caught:
        read_feed(data, URL)

    assert URL in str(caught.value)


@pytest.mark.parametrize(
    ("inside", "picture"),
    [
        ("<enclosure url='/i/1.jpg' type='image/jpeg'/>", "https://french.presstv.ir/i/1.jpg"),
        ("<enclosure url='https://x/1.mp3' type='audio/mpeg'/>", ""),
        (
            "<m:content xmlns:m='http://search.yahoo.com/mrss/' url='https://x/2.jpg' medium='image'/>",
            "https://x/2.jpg",
        ),
        ("<m:group xmlns:m='urn:m'><m:thumbnail url='https://x/3.jpg'/></m:group>", "https://x/3.jpg"),
        ("<link rel='enclosure' type='image/png' href='https://x/4.png'/>", "https://x/4.png"),
        ("<enclosure url='http://[' type='image/png'/>", ""),
        ("", ""),
    ],
)
def test_a_picture(inside, picture):
    """An enclosure's that is a picture, or one of Media RSS; none of a sound, none of an address that is none."""
    (item,) = read_feed(RSS.format(f"<item><title>Un</title>{inside}<guid>{LINK}</guid></item>").encode(), URL)

    assert item.picture == picture


def test_capture():
    """A capture's content coding comes off first."""
    body = gzip.compress(RSS.format(f"<item><title>{ITEM.title}</title><link>{LINK}</link></item>").encode())

    assert read_feed(capture(body, url=URL, headers=((b"Content-Encoding", b"gzip"),)), URL) == (ITEM,)
