"""What pages are told of the outlet. It lies apart from the command, since every command imports all the others."""

from datetime import datetime

from archive.facts.items import Capture
from browse.outlet import OutletFacts
from crawler.backfill.replays import unwrapped
from crawler.editions.edition import Edition
from crawler.pages import decoding


def facts_of(edition: Edition) -> OutletFacts:
    """Return what pages are told of an edition."""

    def article_of(url: str) -> tuple[str, datetime | None] | None:
        bare, at, _ = unwrapped(url if "://" in url else f"https://{url}")
        number = edition.article_id(bare)
        return (number, at) if number else None

    return OutletFacts(
        name="Press TV",
        edition=edition.name,
        language=edition.language,
        zone=edition.zone,
        sections={section.key: section.name for section in edition.sections},
        article_of=article_of,
        html_of=_html_of,
    )


def _html_of(capture: Capture) -> str:
    return decoding.html(capture)[0]
