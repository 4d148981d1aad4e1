"""The editions that the program knows, by name. A new one is one file and one entry here (docs/add-an-edition.md)."""

from collections.abc import Mapping
from dataclasses import replace

from archive.errors import ConfigurationError
from archive.languages.vocabulary import Vocabulary
from crawler.editions.edition import Edition
from crawler.editions.presstv_en import PRESSTV_EN
from crawler.editions.presstv_fr import PRESSTV_FR
from settings.base import OURS
from settings.given import Given

EDITIONS: Mapping[str, Edition] = {edition.name: edition for edition in (PRESSTV_FR, PRESSTV_EN)}


def edition_named(name: str) -> Edition:
    """Return an edition by its name. Raises ConfigurationError, with the names that exist, where there is none."""
    if name not in EDITIONS:
        raise ConfigurationError(f"no edition {name!r}; this program knows {', '.join(EDITIONS)}")
    return EDITIONS[name]


def vocabulary_of(name: str) -> Vocabulary:
    """Return what the core is told of the edition of that name. Raises as `edition_named`."""
    return edition_named(name).vocabulary


def in_zone(edition: Edition, settings: Given) -> Edition:
    """Return the edition with the zone of OUTLET_ZONE, where that was set to another one than its default."""
    zone = str(settings["OUTLET_ZONE"])
    return edition if zone == OURS["OUTLET_ZONE"] else replace(edition, zone=zone)


def edition_of(settings: Given) -> Edition:
    """Return the edition that EDITION and OUTLET_ZONE ask for. Raises as `edition_named`."""
    return in_zone(edition_named(str(settings["EDITION"])), settings)
