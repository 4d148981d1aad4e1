"""When two texts of one link say the same, and when they don't."""

from datetime import timedelta

import pytest

from archive.texts.teasers import alike, moved_alike

HOUR = timedelta(hours=1)


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Le port « rouvre » à midi", 'LE PORT "rouvre" à midi'), ("L’été au port", "L'été  au port"),
        ("La passerelle sera refaite au printemps", "La passerelle sera refa…"),
        ("La passerelle sera...", "La passerelle sera refaite au…"), ("La passerelle […]", "La passerelle sera refaite"),
        ("Le port rouvre il y a 5 minutes", "Le port rouvre il y a 1 heure"), ("55 min · Le port", "2 h · Le port"),
        ("Le plan of\ufb01ciel", "Le plan officiel"), ("Un œuf", "Un oeuf"),
    ],
)  # fmt: skip
def test_the_same(old, new):
    """Case, typography, a cut, and a time that went on as the clock did."""
    assert alike(old, new, HOUR)
    assert alike(new, old, -HOUR)


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Israël bombarde une école", "Frappe sur une école"), ("12 morts", "2 morts"), ("Le port rouvre ?", "Le port rouvre"),
        ("Le « plan » du maire", "Le plan du maire"), ("La passerelle sera…", "Le pont sera refait au printemps"),
        ("Le port rouvre à midi", "Le port rouvre"), ("Otage libéré il y a 3 jours", "Otage libéré il y a 5 jours"),
        ("Le port il y a 5 minutes", "Le pont il y a 1 heure"), ("Le port rouvre", "Le port rouvre… ou pas"), ("pêche", "péché"),
    ],
)  # fmt: skip
def test_not_the_same(old, new):
    """A word, a digit, a question mark, quotes around a word; a headline that was made shorter was not cut."""
    assert not alike(old, new, HOUR)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("La passerelle sera refaite au printemps", "La passerelle refaite", True),
        ("Port", "Le port de Valmère rouvre à midi", True), ("Valmère : le port", "Le bac est à quai ce soir", True),
        ("Israël bombarde une école à Gaza", "Une frappe touche une école à Gaza", False),
    ],
)  # fmt: skip
def test_at_another_spot(old, new, same):
    """What is printed shorter there is the same headline; one of which most words stand, and some don't, was changed."""
    assert moved_alike(old, new) is same
