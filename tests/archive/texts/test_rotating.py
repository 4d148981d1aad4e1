"""What rotates between two records, by a closed form, and the edits that look like it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.facts.items import Article, Caption, Capture
from archive.facts.record import build
from archive.texts.ages import same_times
from archive.texts.changes import Known
from archive.texts.rotating import Spots, lost_letters, number_form, rotating
from tests.archive.texts.test_changes import PLAIN
from tests.facts import NOON
from tests.french import compare

COUNTED = Spots(numbers=frozenset({"Lu # fois"}), texts=frozenset({"La fanfare joue dimanche", "Un musée gratuit"}))


def read(*body, minutes=0, **more):
    """Return the record of an article with these paragraphs, captured so long after noon."""
    taken = Capture(url=PLAIN.url, captured_at=NOON + timedelta(minutes=minutes), status=200)
    article: Article = replace(PLAIN, body=(*PLAIN.body, *body), **more)
    return build(article, taken, mirror="127.0.0.1", revision=1)


@pytest.mark.parametrize(
    ("block", "form"),
    [
        ("Lu 1 200 fois", "Lu # fois"), ("Lu 7 fois", "Lu # fois"), ("12 partages · 3 avis", "# partages · # avis"),
        ("1,2k vues", "# vues"), ("Vues : 31", "Vues : #"), ("1,2 k vues", "# vues"),
        ("👁 1 277", "👁 #"), ("Cet article a été lu 31 fois depuis sa publication.",
         "Cet article a été lu # fois depuis sa publication."),
        ("31", ""), ("(31)", ""), ("Lu souvent", ""), ("Publié le 3 mai à 8 heures", ""), ("Mis à jour à 11h50", ""),
        ("Page 3/7 du dossier", ""), ("Le T4 passe", ""),
        ("Le conseil de la ville a voté lundi soir un budget de 12 400 euros pour le port", ""),
    ],
)  # fmt: skip
def test_the_form_of_a_counter(block, form):
    """Numbers that stand alone between few words; a date, a bare number and a sentence have none."""
    assert number_form(block) == form


@pytest.mark.row("F-SIL-02")
@pytest.mark.row("F-SIL-04")
@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (["Lu 12 fois"], ["Lu 31 fois"], "counter"),
        (["Lu 31 fois"], ["Lu 12 fois"], "counter"),
        (["Lu 12 fois", "L'eau"], ["Lu 31 fois", "L’eau"], "counter"),
        (["Un musée gratuit"], ["La fanfare joue dimanche"], "rotating"),
        (["Un musée gratuit"], [], "rotating"),
        (["il y a 5 minutes"], ["il y a 9 minutes"], "relative"),
        (["Un caf\ufffd ouvre"], ["Un café ouvre"], "replacement"),
        (["Lu 12 fois"], ["Lue 31 fois"], None),
        (["Lu 12 fois", "12 morts"], ["Lu 31 fois", "21 morts"], None),
        (["Lu 12 fois"], [], None),
        (["12 blessés"], ["31 blessés"], None),
        (["Un musée gratuit"], ["Un musée payant"], None),
        (["Un musée gratuit", "Le pont ferme."], ["Un musée gratuit"], None),
        (["L'eau"], ["L’eau"], None),
        (["L'eau"], ["L'eau"], None),
    ],
)
def test_all_of_a_difference_rotates(before, after, way):
    """Known counters, texts known to take turns, distances in time, lost letters; with anything else it is an edit."""
    assert rotating(read(*before), read(*after, minutes=4), COUNTED) == way


@pytest.mark.parametrize(
    "changed", [{"headline": "Lu 31 fois"}, {"kicker": "Lu 31 fois"}, {"lead": "Lu 31 fois"}, {"published": None}],
    ids=["headline", "kicker", "lead", "date"],
)  # fmt: skip
def test_what_is_the_articles_own_never_rotates(changed):
    """A number in headline, kicker or lead, or the date of publication, is the article's, whatever is known."""
    own = {"headline": "Lu 12 fois", "kicker": "Lu 12 fois", "lead": "Lu 12 fois"}
    old = read("Lu 12 fois", **own)
    new = read("Lu 13 fois", **own | changed)

    assert rotating(old, new, COUNTED) is None
    assert rotating(old, read("Lu 13 fois", **own), COUNTED) == "counter"


def test_a_date_with_an_offset_tells_no_zone():
    """Then a clock on the page is looked for in UTC alone."""
    dated = replace(PLAIN.published, zone="+03:30")
    old, new = read("Relevé de 12h01", published=dated), read("Relevé de 13h01", minutes=60, published=dated)

    assert rotating(old, new, COUNTED) == "relative"


def test_a_counter_below_a_picture():
    """A caption is looked into like a paragraph."""
    old, new = (read(captions=(Caption(text=f"Lu {count} fois"),)) for count in (3, 4))

    assert rotating(old, new, COUNTED) == "counter"


@pytest.mark.row("F-SIL-03")
@pytest.mark.parametrize(
    ("before", "after", "minutes", "same"),
    [
        ("il y a 5 minutes", "il y a 6 minutes", 0.05, True),
        ("il y a 5 minutes", "il y a 65 minutes", 60, True),
        ("il y a 59 minutes", "il y a 1 heure", 1, True),
        ("À l’instant", "il y a 2 min", 2, True),
        ("il y a 2 heures", "il y a 2 heures et 5 morts", 1, False),
        ("il y a 5 minutes", "il y a 50 minutes", 3, False),
        ("il y a 50 minutes", "il y a 5 minutes", 3, False),
        ("il y a 2 heures", "il y a 8 heures", 60, False),
        ("Relu il y a 1 jour", "Relu il y a 2 jours", 10, True),
        ("Le pont de Karimabad a cédé il y a 3 jours, sous le poids d’un camion.",
         "Le pont de Karimabad a cédé il y a 4 jours, sous le poids d’un camion.", 10, False),
        ("Le pont de Karimabad a cédé il y a 3 jours, sous le poids d’un camion.",
         "Le pont de Karimabad a cédé il y a 4 jours, sous le poids d’un camion.", 60 * 24, True),
        ("il y a une minute", "il y a 4 minutes", 3, True),
        ("il y a environ une heure", "il y a environ 2 heures", 30, True),
        ("an hour ago", "2 hours ago", 30, True),
        ("il y a une minute", "il y a une heure", 3, False),
        ("5 minutes ago", "7 minutes ago", 2, True),
        ("5 minutes de marche", "6 minutes de marche", 1, False),
        ("il y a 3 ans", "il y a 4 ans", 10, False),
    ],
)  # fmt: skip
def test_a_distance_in_time_agrees_with_the_looks(before, after, minutes, same):
    """It counts on by what passed, in whatever unit; by more or less somebody wrote it, and a day needs its time."""
    assert same_times(before, after, (NOON, NOON + timedelta(minutes=minutes))) is same


@pytest.mark.row("F-SIL-03")
@pytest.mark.parametrize(
    ("before", "after", "minutes", "way"),
    [
        ("Il est 15:30:10 au port", "Il est 15:34:07 au port", 4, "relative"),
        ("Relevé de 12h01", "Relevé de 13h00", 60, "relative"),
        ("Relevé de 12h01", "Relevé de 12h31", 60, None),
        ("Le train part à 20h00", "Le train part à 21h00", 60, None),
        ("Le train part à 15h30", "Le train part à 16h00", 4, None),
        ("Relevé de 12h01, 3 cm", "Relevé de 13h01, 5 cm", 60, None),
        ("Relevé de 12h01", "Relevé de midi", 60, None),
    ],
)  # fmt: skip
def test_a_clock_on_the_page_shows_the_time_of_each_look(before, after, minutes, way):
    """In UTC or in the zone of the page's dates; a time that only moved by as much as passed is an edit."""
    assert rotating(read(before), read(after, minutes=minutes), COUNTED) == way


@pytest.mark.row("F-SIL-04")
@pytest.mark.parametrize(
    ("damaged", "whole", "lost"),
    [
        ("un caf\ufffd", "un café", True), ("un caf\ufffd\ufffd", "un café", True), ("l\ufffdeau", "l’eau", True),
        ("1\ufffd morts", "12 morts", False), ("m\ufffd", "m²", False), ("un caf\ufffd", "un cafés", False),
        ("un \ufffd\ufffd\ufffd", "un ami", False), ("un \ufffd", "un deux", False), ("café", "cafè", False),
    ],
)  # fmt: skip
def test_lost_letters(damaged, whole, lost):
    """U+FFFD stands for a letter or sign that no wrong charset keeps, and never for a digit or a plain word."""
    assert lost_letters(damaged, whole) is lost_letters(whole, damaged) is lost


def test_a_word_changed_under_cover_of_a_lost_letter():
    """What stands where letters were lost must be what stood there before."""
    damaged, mended, changed = read("Le pr\ufffdt"), read("Le prêt"), read("Le prît")

    assert compare(damaged, mended, known=Known(undamaged=read("Le prêt"))).noise == "replacement"
    assert compare(damaged, changed, known=Known(undamaged=read("Le prêt"))).noise == ""
    assert compare(damaged, changed).noise == "replacement"


def test_noise_that_rotates_is_not_silent():
    """Nobody edited it; both texts are in the change all the same."""
    change = compare(read("Lu 12 fois"), read("Lu 31 fois"), known=Known(spots=COUNTED))

    assert (change.noise, change.silent, change.fields) == ("counter", False, ("body",))
    assert [(edit.old, edit.new) for edit in change.all_of("reworded")] == [("Lu 12 fois", "Lu 31 fois")]
    assert compare(read("Lu 12 fois"), read("Lu 31 fois")).silent is True
