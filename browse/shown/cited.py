"""A citation of a version in words, French and English, and as linked data; what it says is the archive's."""

from typing import Any

from archive.catalog.articles import Version
from archive.exporters.citing import Cited
from archive.texts.terminal import visible
from browse.tongue import Tongue


def sentence(told: Cited, tongue: Tongue) -> str:
    """Return a citation in words."""
    parts = [f"{told.byline}, " if told.byline else "", tongue.say("“%(headline)s”", headline=told.headline)]
    day = tongue.long_day(told.published) if told.published else tongue.say("no date")
    told_of = {
        "publisher": told.publisher, "day": day, "url": told.url, "captured": tongue.utc(told.captured_at),
        "key": told.key,
    }  # fmt: skip
    if not told.address:
        return "".join(parts) + tongue.say(
            ", %(publisher)s, %(day)s, %(url)s. Archived version of %(captured)s, %(key)s.", **told_of
        )
    return "".join(parts) + tongue.say(
        ", %(publisher)s, %(day)s, %(url)s. Archived version of %(captured)s, %(key)s, %(address)s.",
        address=told.address,
        **told_of,
    )


def linked_data(told: Cited, version: Version) -> dict[str, Any]:
    """Return a version as schema.org has it (JSON-LD): what reference managers and catalogues read from the page."""
    record = version.record
    modified = record["modified"]
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": told.address, "identifier": told.key,
        "headline": told.headline, "url": told.url, "archivedAt": told.address, "inLanguage": told.language,
        "publisher": {"@type": "Organization", "name": told.publisher}, "version": version.number,
        "datePublished": told.published, "dateModified": modified["utc"] if modified else None,
        "description": visible(record["lead"]), "articleSection": [visible(each) for each in record["sections"]],
        "keywords": [visible(each) for each in record["tags"]],
        "author": {"@type": "Person", "name": told.byline} if told.byline else None,
        "sdDatePublished": told.captured_at,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "", [])}
