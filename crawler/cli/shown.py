"""A version of an article in words, as `scrapy show` prints it and `scrapy prove` puts it beside a proof."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from msgspec.structs import asdict

from archive.catalog.articles import ArticleRow, Version
from archive.facts.days import in_words
from crawler.cli.command import told_by


def state_in_words(article: Mapping[str, Any]) -> str:
    """Return an article's state, and who says so where not only looks of ours do."""
    by = f" by the word of others ({article['state_source']})" if article["state_source"] else ""
    return f"{article['state']}{by}"


def lines_of(version: Version, article: ArticleRow, zone: tzinfo) -> Iterator[str]:
    """Yield a version as a person reads it: its text, then how it is cited, whose it is, and where its bytes lie.

    Days are those of the page, else of the outlet's `zone`.
    """
    record = version.record
    if record["kicker"]:
        yield record["kicker"]
    yield record["headline"]
    yield f"published {in_words(record['published'], zone)}; version {version.number} of {version.of}"
    yield f"{state_in_words(asdict(article))}, last seen {article.last_seen or 'never'}"
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
