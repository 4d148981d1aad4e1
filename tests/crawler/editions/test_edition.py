"""The outlet's description: addresses, sections by name, the menu's listings."""

import re
from datetime import UTC, date, datetime

import pytest

from archive.errors import UsageError
from crawler.editions.edition import Section, fold_name, listing_of
from crawler.editions.presstv_fr import PRESSTV_FR

MENU = [("Infos", "/Section/1"), ("À la une", "/Section/2"), ("Europe", "/Section/3"), ("Santé", "/Section/9")]


@pytest.mark.row("F-DIS-05")
@pytest.mark.row("F-CON-23")
@pytest.mark.row("F-CON-08")
@pytest.mark.row("F-CON-12")
@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://french.presstv.ir/Detail/2026/11/24/711958/un-titre", "711958"),
        ("https://french.presstv.ir/DetailFr/2017/8/2/5/", "5"),
        ("https://www.presstv.com/Detail/2026/11/24/711958", "711958"),
        ("/detail/2026/11/24/711958/x?utm_source=a#b", "711958"),
        ("/Detail/2026/11/24/711958/%D8%A7%D9%84", "711958"),
        ("/Detail/2026/11/24/", None),
        ("/Detail/2026/1/4/2001/x", "2001"),
        ("/Detail/2026/01/04/2001/x", "2001"),
        ("/Detail/2026/11/24/100200/x", "100200"),
        ("/Detail/2026/11/24/0002001/x", None),
        ("/Detail/2026/11/24/0/x", None),
        ("/Detail/2026/11/24/٢٠٠١/x", None),
        ("/Detail/2026/11/24/%D9%A2%D9%A0%D9%A0%D9%A1/x", None),
        ("/Detail/2026/11/24/２００１/x", None),
        ("/Detail/٢٠٢٦/11/24/2001/x", None),
        ("/Detail/2026/11/24/1234567890123/x", None),
        ("/Video/2015/10/04/431915/un-titre", "431915"),
        ("/Photo/2015/10/04/431916/un-titre", None),
        ("/Section/31016", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_an_articles_number_is_read_from_any_mirrors_address(url, number):
    """The number is the same whatever host, slug, query or case; other addresses have none."""
    assert PRESSTV_FR.article_id(url) == number


@pytest.mark.row("F-DIS-05")
@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://french.presstv.ir/Photo/2015/10/04/431916/un-titre", "/Photo/"),
        ("/Program/15012", "/Program/"),
        ("/Default/Episode/15012/x", "/Default/"),
        ("/Detail/2026/11/24/711958/x", None),
        ("/Video/2015/10/04/431915/x", None),
        ("/Section/31016/2", None),
        ("/Archive/2026/11", None),
        ("/Contact", None),
        ("/a%0Ab/15012", None),
        ("http://[", None),
    ],
)
def test_what_else_has_a_number_is_known_by_its_folder(url, kind):
    """Articles, listings and pages without a number are no other kind; nor is a folder that no line could hold."""
    assert PRESSTV_FR.other_kind(url) == kind


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("/Detail/2026/11/24/1/x", date(2026, 11, 24)),
        ("/Detail/2026/1/4/1/x", date(2026, 1, 4)),
        ("/Detail/2026/13/45/1/x", None),
        ("/Section/1", None),
    ],
)
def test_the_day_in_an_address(url, day):
    """A day that no calendar has is none."""
    assert PRESSTV_FR.article_day(url) == day


def test_a_made_up_address_is_no_articles():
    """It looks like one, differs from crawl to crawl, and has no number, so that nothing is ever read from it."""
    at = datetime(2026, 11, 4, tzinfo=UTC)
    one, other = (PRESSTV_FR.made_up_path(at, crawl) for crawl in ("one", "other"))

    assert re.fullmatch(r"/Detail/2026/11/04/2\d{9}/[0-9a-f]{12}", one)
    assert one != other
    assert PRESSTV_FR.article_id(one) is None


@pytest.mark.parametrize(
    ("url", "listing"),
    [
        ("https://h/Section/31016", (31016, 1)),
        ("https://h/section/31016/3/", (31016, 3)),
        ("https://h/Section/٣", None),
        ("https://h/Section/x", None),
        ("https://h/Section/1/2/3", None),
    ],
)
def test_a_listings_address(url, listing):
    """A section's address without a page is its first page."""
    assert listing_of(url) == listing


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("une", "une"),
        ("A La Une", "une"),
        ("à la une", "une"),
        ("EUROPE", "europe"),
        ("en continu", "continu"),
        ("L'info en continu", "continu"),
        ("L’INFO\u00a0EN CONTINU", "continu"),
        ("moyen-orient", "moyen-orient"),
        ("Moyen Orient", "moyen-orient"),
        ("economie", "economie"),
        ("nulle part", None),
        ("", None),
        ("rope", None),
    ],
)
def test_a_section_is_meant_by_key_or_name(name, key):
    """Accents, case, apostrophes and spaces don't matter; half a word is no name."""
    found = PRESSTV_FR.section_of(name)

    assert (found.key if found else None) == key


def test_sections_are_chosen_in_the_order_given_and_once():
    """`all` is every section, nothing the default ones, a stranger is named with the choices."""
    assert [s.key for s in PRESSTV_FR.chosen_sections("europe, une,Europe")] == ["europe", "une"]
    assert [s.key for s in PRESSTV_FR.chosen_sections("")] == list(PRESSTV_FR.default_sections)
    assert PRESSTV_FR.chosen_sections("une,ALL") is None
    with pytest.raises(UsageError, match=r"nulle-part.*europe.*all"):
        PRESSTV_FR.chosen_sections("une,nulle-part")


def test_listings_are_found_by_the_menus_names():
    """Wanted sections in their order; one that the menu lacks falls back on its id, or is told missing."""
    asie, sports = Section(key="asie", name="Asie"), Section(key="sports", name="Sports", fallback_id=77)
    found, missing = PRESSTV_FR.find_listings(
        MENU, (PRESSTV_FR.section_of("europe"), asie, sports, PRESSTV_FR.section_of("une"))
    )

    assert {s.key: url for s, url in found.items()} == {
        "europe": "/Section/3",
        "sports": "/Section/77",
        "une": "/Section/2",
    }
    assert missing == (asie,)


def test_every_entry_of_the_menu_is_a_section_of_all():
    """Sections that the edition doesn't know get a key from their name, in the menu's order."""
    found, missing = PRESSTV_FR.find_listings(MENU, None)

    assert [s.key for s in found] == ["infos", "une", "europe", "sante"]
    assert missing == ()


def test_of_two_entries_with_a_name_the_first_stands():
    """A menu that is printed twice names each section once."""
    found, _ = PRESSTV_FR.find_listings([*MENU, ("EUROPE", "/Section/33")], None)

    assert found[PRESSTV_FR.menu_section("Europe")] == "/Section/3"


def test_names_fold_to_words():
    """Marks fold to one space, accents go."""
    assert fold_name("  L’Économie — & Société ") == "l economie societe"


@pytest.mark.parametrize(
    ("names", "language", "own"),
    [
        (("Infos", "A La Une", "Europe"), "fr", True),
        (("Europe",), "", True),
        (("Europe", "Culture", "Science"), "fr-FR", True),
        (("Infos", "A La Une", "Culture"), "en", True),
        (("Europe", "West Asia", "US", "Africa"), "en", False),
        (("Assurance", "Voyages"), "fr", False),
        ((), "fr", False),
    ],
    ids=["all", "no-language", "new-sections", "language-misstated", "english", "parked", "empty"],
)
def test_a_menu_is_the_editions_own(names, language, own):
    """A section of the edition must be there, and most must be where the page says that it speaks otherwise."""
    assert PRESSTV_FR.is_own_menu(names, language) is own
