"""`scrapy show ID[@TIME]`: one version of an article, as it was read."""

import argparse
from collections.abc import Iterator

from archive.catalog.articles import Version
from archive.catalog.naming import named_version
from crawler.cli.command import ArchiveCommand, as_json, say, told_by


class Command(ArchiveCommand):
    """Print one version."""

    words = "[--json] ID[@TIME]"
    says = "One version of an article: the newest, or the one in force at a time"
    takes = (1, 1)

    def answer(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the version."""
        version = named_version(self.archive().catalog.db, args[0])
        if opts.json:
            print(as_json(version.record | {"source": version.source}))
        else:
            say(_lines(version))


def _lines(version: Version) -> Iterator[str]:
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
