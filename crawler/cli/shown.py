"""A version of an article in words, as `scrapy show` prints it and `scrapy prove` puts it beside a proof."""

from collections.abc import Iterator

from archive.catalog.articles import Version
from crawler.cli.command import told_by


def lines_of(version: Version) -> Iterator[str]:
    """Yield a version as a person reads it: its text, then how it is cited, whose it is, and where its bytes lie."""
    record = version.record
    if record["kicker"]:
        yield record["kicker"]
    yield record["headline"]
    published = record["published"]
    date = (
        f"{published['utc'] or published['raw'] or 'unknown'} {published['zone']}".rstrip() if published else "unknown"
    )
    yield f"published {date}; version {version.number} of {version.of}"
    yield f"{' / '.join(record['sections'])}  {record['url']}".strip()
    for caption in record["captions"]:
        yield f"[{caption['text']}]"
    for paragraph in (record["lead"], *record["body"]):
        if paragraph:
            yield ""
            yield paragraph
    for related in record["related"]:
        yield ""
        yield f"> {related['title']}  {related['url']}"
    yield ""
    yield f"cite as {version.cite}"
    yield told_by(version.source)
    capture = record["capture"]
    yield f"capture {capture['segment']} at byte {capture['offset']}, payload sha256 {capture['payload_sha256']}"
