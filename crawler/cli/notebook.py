"""What `archive.open` needs of the program above the core: the project's settings, the edition's names and words."""

import argparse
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from archive.catalog.articles import article_row
from archive.catalog.selection import Selection, Word
from archive.catalog.since import check_reached
from archive.opened import Archive, open_archive
from archive.reading.openarchive import OpenArchive
from archive.stores.opening import open_store, place_of
from archive.stores.temporary import temporary_folder
from crawler.cli.meant import check_meant
from crawler.cli.notes import notes_of
from crawler.cli.numbers import name_of, number_of
from crawler.cli.places import placed, project_folder
from crawler.cli.plain import PlainSettings, project_settings
from crawler.cli.selecting import selection_of
from crawler.crawl.keys import judge_of
from crawler.crawl.named import split_name
from crawler.editions.edition import Edition
from crawler.editions.known import edition_named, in_zone


def opened(uri: str | Path | None, catalog: str | Path | None) -> OpenArchive:
    """Open an archive as `archive.open` says; what is worth knowing of it is warned of (UserWarning)."""
    settings = project_settings()
    place = placed(settings["ARCHIVE_URI"], project_folder()) if uri is None else str(uri)
    folder = None if catalog or _is_projects(place, settings) else temporary_folder("notebook")
    default = Path(folder.name) / "catalog.sqlite" if folder else placed(settings["CATALOG_PATH"], project_folder())
    edition = partial(_edition, settings)
    try:
        archive = open_archive(
            place, catalog or default, vocabulary_of=lambda name: edition(name).vocabulary, judge=judge_of(settings)
        )
    except BaseException:
        if folder:
            folder.cleanup()
        raise
    for line in notes_of(archive):
        _warn(line)
    of = edition(archive.catalog.vocabulary.edition)
    return OpenArchive(archive, choose=partial(_chosen, of), named=partial(_named, of), folder=folder)


def _is_projects(place: str, settings: PlainSettings) -> bool:
    projects = placed(settings["ARCHIVE_URI"], project_folder())
    return place_of(open_store(place)) == place_of(open_store(projects))


def _edition(settings: PlainSettings, name: str) -> Edition:
    return in_zone(edition_named(name), settings)


def _warn(line: str) -> None:
    warnings.warn(line, UserWarning, stacklevel=2)


def _chosen(edition: Edition, archive: Archive, view: str, words: Mapping[Word, Any]) -> Selection:
    check_meant(view, words)
    number = partial(_number, edition, archive)
    opts = argparse.Namespace()
    vars(opts).update({str(word): value for word, value in words.items()})
    chosen = selection_of(opts, edition, archive.catalog.db, number)
    check_reached(chosen.since.seq, archive.catalog.head().seq)
    return chosen


def _number(edition: Edition, archive: Archive, article: str) -> str:
    db = archive.catalog.db
    return article_row(db, number_of(db, edition, article, _warn)).article_id


def _named(edition: Edition, archive: Archive, name: str) -> str:
    article, time = split_name(name, edition)
    number = _number(edition, archive, article)
    return name_of(archive.catalog.db, number, time, edition.vocabulary.zone)
