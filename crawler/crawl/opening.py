"""An archive opened for writing without a crawl, for `scrapy replay` and `scrapy backfill`."""

from scrapy.settings import BaseSettings

from archive.committing import Committer
from archive.facts.names import crawl_id
from archive.opened import check_clock, open_for_writing
from archive.trust.signing import sign_commit
from crawler.crawl.clock import Clock
from crawler.crawl.keys import key_of
from crawler.crawl.session import PROGRAM
from crawler.editions.edition import Edition
from settings.base import VERSION


def open_committer(settings: BaseSettings, name: str, edition: Edition) -> Committer:
    """Open the archive of the settings for writing captures of an edition; commits carry an id that begins with `name`.

    Spools of dead crawls are left to the next crawl. Raises ConfigurationError where the clock is behind the archive,
    and as `open_for_writing` does.
    """
    clock, key = Clock(), key_of(settings)
    archive = open_for_writing(
        settings["ARCHIVE_URI"], settings["CATALOG_PATH"], vocabulary=edition.vocabulary, version=VERSION, now=clock()
    )
    check_clock(archive, clock())
    sign = (lambda commit: sign_commit(archive.store, commit, key)) if key else None
    return Committer(archive=archive, crawl=f"{name}-{crawl_id(clock())}", program=PROGRAM, clock=clock, sign=sign)
