"""What an edition is, and the grammar of the outlet's addresses. Each edition has a file of its own beside this one.

What is known of the outlet and how surely stands in docs/outlet.md; section ids of most editions are not known, so
sections are found by the names in the front page's menu, and an id is only what is tried where that lacks one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.errors import UsageError
from archive.languages.known import LANGUAGES
from archive.languages.language import NOTHING, Language
from archive.languages.vocabulary import Vocabulary
from pipelines.dates import Calendar
from pipelines.template import Template

_MADE_UP = range(2_000_000_000, 2_147_483_647)
"""Numbers that are no article's: far above the outlet's, and within what its software can count."""
_LISTING = re.compile(r"/Section/([0-9]{1,12})(?:/([0-9]{1,6}))?/?$", re.IGNORECASE)
_NUMBERED = re.compile(r"/([\w-]{1,40})/(?:[^/]+/)*?[1-9][0-9]{4,11}(?:/|$)")
_WORD_BREAKS = re.compile(r"[\W_]+")


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
    """As in the setting EDITION and in archive.json."""
    language: str
    """The primary tag (BCP 47) that its pages state; its words are in `archive/languages/`."""
    zone: str
    """The time zone taken for dates that state none; records mark it as assumed."""
    began: datetime
    """Aware UTC: no article is older."""
    month_first: tuple[str, ...] = ()
    """Sources of dates whose numbers begin with the month."""
    hosts: tuple[str, ...]
    """Hosts that serve this edition, first choice first."""
    aliases: tuple[str, ...]
    """Hosts whose links mean this edition in its own feed only: ids are shared with other languages."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Hosts that serve other languages as well, by the path that is this edition's: article numbers are shared."""
    folder: str = "/Detail/"
    """Below it lie articles."""
    article: re.Pattern[str]
    """Stands in an article's path: year, month, day and number are its groups.

    A number is one of `ARTICLE_ID`: in other digits or with zeros before it another page may answer.
    """
    feed_path: str
    sitemap_path: str = "/sitemap.xml"
    """Asked for where robots.txt names none."""
    sections: tuple[Section, ...]
    default_sections: tuple[str, ...]
    home_names: frozenset[str]
    """What a breadcrumb calls the front page, folded: no sections."""
    side_names: frozenset[str]
    """Titles, folded, of boxes that stand beside a listing."""
    template: Template
    """What its pages print around every article."""
    template_like: re.Pattern[str] = NOTHING
    """A line like the template's own: what comes and goes with it is no edit."""
    site: re.Pattern[str] = NOTHING
    """The outlet's name, alone."""
    outlet: str = "Press TV"
    """The same, as it is cited."""

    @property
    def words(self) -> Language | None:
        """The edition's language, or None where there is no file of it."""
        return LANGUAGES.get(self.language)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the core is told of the edition."""
        return Vocabulary(
            edition=self.name, language=self.words, template=self.template_like, site=self.site,
            outlet=self.outlet, zone=ZoneInfo(self.zone),
        )  # fmt: skip

    @property
    def calendar(self) -> Calendar:
        """What is known of its dates beforehand."""
        return Calendar(zone=self.zone, began=self.began, month_first=self.month_first)

    def article_id(self, url: str) -> str | None:
        """Return the article's number from any mirror's address of it, or None where the address is no article's."""
        match = self.article.search(_path(url))
        return match[4] if match and int(match[4]) not in _MADE_UP else None

    def article_day(self, url: str) -> date | None:
        """Return the day in an article's address, or None where there is none or it is no day of the calendar."""
        match = self.article.search(_path(url))
        if not match:
            return None
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None

    def other_kind(self, url: str) -> str | None:
        """Return the first folder of an address with a number of its own that is no article's nor a listing's, or None.

        Whether such numbers are the articles' nobody knows, so what lies there is named and not read: `/Photo/`.
        """
        match = _NUMBERED.match(_path(url))
        known = self.article.search(_path(url)) or listing_of(url)
        return f"/{match[1]}/" if match and not known else None

    def is_made_up(self, url: str) -> bool:
        """Return whether an address is one that `made_up_path` makes."""
        match = self.article.search(_path(url))
        return match is not None and int(match[4]) in _MADE_UP

    def made_up_path(self, at: datetime, crawl: str) -> str:
        """Return a path as an article's of that day, with a number that no article has; `crawl` varies it."""
        token = sha256(crawl.encode()).digest()
        number = _MADE_UP[int.from_bytes(token[:4]) % len(_MADE_UP)]
        return f"{self.folder}{at.year}/{at.month:02}/{at.day:02}/{number}/{token.hex()[:12]}"

    def below(self, host: str) -> str:
        """Return the path of a host below which all is this edition's; empty where the host serves no other."""
        return self.shared.get(host, "")

    def section_of(self, name: str) -> Section | None:
        """Return the section meant by its key, its menu name or that name's last words (`en continu`), or None."""
        wanted = fold_name(name)
        for section in self.sections:
            if (wanted and f" {fold_name(section.name)}".endswith(f" {wanted}")) or wanted == fold_name(section.key):
                return section
        return None

    def chosen_sections(self, text: str) -> tuple[Section, ...] | None:
        """Return the sections that a comma-separated list names, in its order; None for `all`.

        Raises UsageError for a name that the edition lacks.
        """
        names = [part.strip() for part in text.split(",") if part.strip()] or list(self.default_sections)
        if any(fold_name(name) == "all" for name in names):
            return None
        found = []
        for name in names:
            section = self.section_of(name)
            if section is None:
                known = ", ".join(s.key for s in self.sections)
                raise UsageError(f"no section {name!r} in the edition {self.name}; choose from {known}, or all")
            if section not in found:
                found.append(section)
        return tuple(found)

    def menu_section(self, name: str) -> Section:
        """Return the edition's section for a menu entry, or a new one keyed by its folded name."""
        return self.section_of(name) or Section(key=fold_name(name).replace(" ", "-"), name=name.strip())

    def is_own_menu(self, names: Iterable[str], language: str) -> bool:
        """Return whether a front page's menu is this edition's, and not a parking page's or another language's.

        It names a section of the edition, and most of its names are such where the page's language is stated to be
        another.
        """
        told = [self.section_of(name) is not None for name in names]
        return any(told) and (self.speaks(language) or 2 * sum(told) > len(told))

    def speaks(self, language: str) -> bool:
        """Return whether a page that states that language, or none, may be this edition's."""
        return language.lower().partition("-")[0] in ("", self.language)

    def find_listings(
        self, menu: Iterable[tuple[str, str]], wanted: tuple[Section, ...] | None
    ) -> tuple[Mapping[Section, str], tuple[Section, ...]]:
        """Return (section → listing address, sections not found) for the wanted sections, or for all of the menu.

        `menu` is (name, address) in the menu's order. A wanted section that the menu lacks falls back on its configured
        id.
        """
        listed = {self.menu_section(name): url for name, url in reversed(list(menu))}
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


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def listing_of(url: str) -> tuple[int, int] | None:
    """Return (section id, page) of a section listing's address, or None; it is the same in every edition."""
    match = _LISTING.search(_path(url))
    return (int(match[1]), int(match[2] or 1)) if match else None


def fold_name(name: str) -> str:
    """Return a section's name for comparing: accents, case, apostrophes, hyphens and any spaces folded."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(_WORD_BREAKS.sub(" ", bare).casefold().split())
