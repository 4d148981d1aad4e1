"""Two readings in different layouts: what only the page object did is no edit, what an editor did is one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.facts.items import Caption
from tests.archive.texts.test_changes import PLAIN, PRINTED, record
from tests.french import read_otherwise

LONG = " ".join(f"Mot{n} suit l’autre sur le quai de Kermor" for n in range(9)) + "."
ARTICLE = replace(PLAIN, body=(*PLAIN.body, LONG), layout="classic")
OLD = record(ARTICLE)


@pytest.mark.parametrize(
    ("changed", "reading"),
    [
        ({}, True),
        ({"captions": ()}, True),
        ({"kicker": ""}, True),
        ({"lead": "", "body": (PLAIN.lead, *ARTICLE.body)}, True),
        ({"captions": (Caption(text="Le pont, samedi."),)}, True),
        ({"headline": "Un pont rouvre – Press TV"}, True),
        ({"headline": "Région Un pont rouvre"}, True),
        ({"body": (*ARTICLE.body, "Les lecteurs ont aimé ces 3 articles.")}, True),
        ({"body": ("Douze ouvriers l’ont réparé.", "Le maire les a remerciés.", *ARTICLE.body[1:])}, True),
        ({"body": (*PLAIN.body, LONG[:200])}, True),
        ({"published": replace(PRINTED, utc=datetime(2021, 7, 17, tzinfo=UTC), source="time")}, True),
        ({"published": None}, True),
        ({"body": (PLAIN.body[0].replace("Douze", "Quatorze"), *ARTICLE.body[1:])}, False),
        ({"body": (*ARTICLE.body[:2], LONG.replace("Mot4", "Mot44"))}, False),
        ({"headline": "Un pont ferme"}, False),
        ({"lead": "Le pont est ouvert depuis midi, 3 blessés."}, False),
        ({"body": ("Tout autre chose se lit ici.",), "captions": (), "lead": "Rien."}, False),
        ({"published": replace(PRINTED, utc=datetime(2021, 7, 18, tzinfo=UTC))}, False),
    ],
    ids=["nothing", "captions", "kicker", "lead in the body", "credit cut", "site's name", "kicker in the headline",
         "a line of the template", "a break", "an excerpt", "date elsewhere", "no date", "a number", "inside a sentence",
         "headline", "a number at the end", "another text", "another date"],
)  # fmt: skip
def test_read_otherwise(changed, reading):
    """Blocks come and go and texts are cut at their ends; words inside a sentence are an editor's."""
    new = record(replace(ARTICLE, layout="generic", **changed))

    assert read_otherwise(OLD, new) is reading
    assert read_otherwise(new, OLD) is reading


def test_the_same_layout_excuses_nothing():
    """Within one layout a missing caption is an edit."""
    assert not read_otherwise(OLD, record(replace(ARTICLE, captions=())))
