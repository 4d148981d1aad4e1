"""Tests of crawler/pages/loss.py: whether a reading lost the text of its page."""

import pytest

from crawler.pages.loss import loses_text
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page

FIRST = "Le conseil municipal de Valmère a voté lundi un budget de 12 400 euros pour la passerelle du port."
SECOND = "Deux associations demandent que le passage reste ouvert aux piétons et aux vélos pendant le chantier."
THIRD = "La prochaine réunion publique se tiendra le 3 décembre à la salle des fêtes, devant la mairie annexe."
PAGE = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"

CASES = [
    ("all kept", PAGE, (FIRST, SECOND, THIRD), False),
    ("one of three lost", PAGE, (FIRST, SECOND), False),
    ("two of three lost", PAGE, (FIRST,), True),
    ("kept in other fields and other breaks", PAGE, (f"{FIRST}\n{SECOND}", THIRD), False),
    ("kept but for a link set apart", f"<p>{FIRST} Lire aussi : le bac</p>", (FIRST,), False),
    ("short lines lost", "<p>Partager</p><p>Valmère</p>", (), False),
    ("code, hidden boxes, feet and side boxes lost", f"<p>{FIRST}</p><noscript><p>{SECOND}</p></noscript><footer><p>{SECOND}</p></footer><aside><p>{THIRD}</p></aside>", (FIRST,), False),
    ("no paragraphs", "<div>un</div>", (), False),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "texts", "lost"), [pytest.param(m, t, x, id=i) for i, m, t, x in CASES])
def test_loses_text(markup, texts, lost):
    """More than half of the long paragraphs' words in no field is a loss, and nothing else is."""
    assert loses_text(Page(URL, f"<html><body>{markup}</body></html>"), texts) is lost
