"""The outlet, described in one place: hosts in order, zone, sections by name, the grammar of its addresses.

What is known of the outlet and how surely stands in docs/outlet.md; section ids of the French edition are not
known, so sections are found by the names in the front page's menu, and `ids` are only fallbacks.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from archive.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: its key on the command line, its name in the menu, an id where one is configured."""

    key: str
    name: str
    fallback_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One language edition of the outlet."""

    name: str
    language: str
    zone: str
    hosts: tuple[str, ...]
    """Hosts that serve this edition, first choice first."""
    aliases: tuple[str, ...]
    """Hosts whose links mean this edition in its own feed only: ids are shared with other languages."""
    feed_path: str
    sections: tuple[Section, ...]
    default_sections: tuple[str, ...]
    boilerplate: tuple[str, ...] = ()
    """Blocks of the template, word for word, that `scrapy layouts --recurring` proposed and a person accepted: they are
    taken out of every text. A new one raises `crawler.pages.REVISION` (docs/add-a-layout.md)."""


FRENCH = Edition(
    name="presstv-fr",
    language="fr",
    zone="Asia/Tehran",
    hosts=(
        "french.presstv.ir",
        "french.presstv.co.uk",
        "french.presstv.com",
        "350431105.r.worldcdn.net",
        "www.presstv.com",
    ),
    aliases=(
        "presstv.ir",
        "www.presstv.ir",
        "presstv.com",
        "presstv.co.uk",
        "www.presstv.co.uk",
        "presstv.tv",
        "www.presstv.tv",
    ),
    feed_path="/rss.xml",
    sections=(
        Section(key="une", name="A La Une"),
        Section(key="europe", name="Europe"),
        Section(key="continu", name="L’INFO EN CONTINU"),
        Section(key="infos", name="Infos"),
        Section(key="ameriques", name="Amériques"),
        Section(key="asie", name="Asie"),
        Section(key="afrique", name="Afrique"),
        Section(key="iran", name="Iran"),
        Section(key="moyen-orient", name="Moyen-Orient"),
        Section(key="economie", name="Économie"),
        Section(key="videos", name="Vidéos"),
        Section(key="sports", name="Sports"),
    ),
    default_sections=("une", "europe", "continu"),
)

_ARTICLE = re.compile(r"/Detail(?:Fr)?/(\d{4})/(\d{1,2})/(\d{1,2})/(\d{1,12})(?:/|$)", re.IGNORECASE)
_MADE_UP = range(2_000_000_000, 2_147_483_647)
"""Numbers that are no article's: far above the outlet's, and within what its software can count."""
_LISTING = re.compile(r"/Section/(\d{1,12})(?:/(\d{1,6}))?/?$", re.IGNORECASE)
_WORD_BREAKS = re.compile(r"[\W_]+")


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def article_id(url: str) -> str | None:
    """Return the article's number from any mirror's address of it, or None where the address is no article's."""
    match = _ARTICLE.search(_path(url))
    return match[4] if match and int(match[4]) not in _MADE_UP else None


def made_up_path(at: datetime, crawl: str) -> str:
    """Return a path as an article's of that day, with a number that no article has; `crawl` varies it."""
    token = sha256(crawl.encode()).digest()
    number = _MADE_UP[int.from_bytes(token[:4]) % len(_MADE_UP)]
    return f"/Detail/{at.year}/{at.month:02}/{at.day:02}/{number}/{token.hex()[:12]}"


def article_day(url: str) -> date | None:
    """Return the day in an article's address, or None where there is none or it is no day of the calendar."""
    match = _ARTICLE.search(_path(url))
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def listing_of(url: str) -> tuple[int, int] | None:
    """Return (section id, page) of a section listing's address, or None."""
    match = _LISTING.search(_path(url))
    return (int(match[1]), int(match[2] or 1)) if match else None


def fold_name(name: str) -> str:
    """Return a section's name for comparing: accents, case, apostrophes, hyphens and any spaces folded."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(_WORD_BREAKS.sub(" ", bare).casefold().split())


def section_of(name: str, edition: Edition = FRENCH) -> Section | None:
    """Return the section meant by its key, its menu name or that name's last words (`en continu`), or None."""
    wanted = fold_name(name)
    for section in edition.sections:
        if (wanted and f" {fold_name(section.name)}".endswith(f" {wanted}")) or wanted == fold_name(section.key):
            return section
    return None


def chosen_sections(text: str, edition: Edition = FRENCH) -> tuple[Section, ...] | None:
    """Return the sections that a comma-separated list names, in its order; None for `all`.

    Raises UsageError for a name that the edition lacks.
    """
    names = [part.strip() for part in text.split(",") if part.strip()] or list(edition.default_sections)
    if any(fold_name(name) == "all" for name in names):
        return None
    found = []
    for name in names:
        section = section_of(name, edition)
        if section is None:
            known = ", ".join(s.key for s in edition.sections)
            raise UsageError(f"no section {name!r} in the edition {edition.name}; choose from {known}, or all")
        if section not in found:
            found.append(section)
    return tuple(found)


def menu_section(name: str, edition: Edition = FRENCH) -> Section:
    """Return the edition's section for a menu entry, or a new one keyed by its folded name."""
    return section_of(name, edition) or Section(key=fold_name(name).replace(" ", "-"), name=name.strip())


def is_own_menu(names: Iterable[str], language: str, edition: Edition = FRENCH) -> bool:
    """Return whether a front page's menu is this edition's, and not a parking page's or another language's.

    It names a section of the edition, and most of its names are such where the page's language is stated to be another.
    """
    told = [section_of(name, edition) is not None for name in names]
    spoken = language.lower().partition("-")[0] in ("", edition.language)
    return any(told) and (spoken or 2 * sum(told) > len(told))


def find_listings(
    menu: Iterable[tuple[str, str]], wanted: tuple[Section, ...] | None, edition: Edition = FRENCH
) -> tuple[Mapping[Section, str], tuple[Section, ...]]:
    """Return (section → listing address, sections not found) for the wanted sections, or for all of the menu.

    `menu` is (name, address) in the menu's order. A wanted section that the menu lacks falls back on its configured id.
    """
    listed = {menu_section(name, edition): url for name, url in reversed(list(menu))}
    listed = dict(reversed(listed.items()))
    if wanted is None:
        return listed, ()
    by_key = {section.key: url for section, url in listed.items()}
    found, missing = {}, []
    for section in wanted:
        if section.key in by_key:
            found[section] = by_key[section.key]
        elif section.fallback_id is not None:
            found[section] = f"/Section/{section.fallback_id}"
        else:
            missing.append(section)
    return found, tuple(missing)
