"""Types of words changed inside a sentence, each told by a rule that is named."""

import pytest

from archive.texts.edittypes import RULES
from archive.texts.sentences import Reworded, marks
from tests.french import types_of


def typed(old, new):
    """Return the types of a reworded sentence."""
    return [found["type"] for found in types_of(Reworded(old=old, new=new, marks=marks(old, new)))]


@pytest.mark.parametrize(
    ("old", "new", "types"),
    [
        ("Le bac a coûté 2 200 euros.", "Le bac a coûté 1 400 euros.", ["number"]),
        ("Douze ouvriers sont là.", "Quatorze ouvriers sont là.", ["number"]),
        ("Hier, Mme Dupont a parlé.", "Hier, Mme Durand a parlé.", ["name"]),
        ("Le port dort.", "Un port dort.", []),
        ("Il est « très content » du pont.", "Il est « content » du pont.", ["quotation"]),
        ("Il est très content du pont.", "Il est « content » du pont.", ["quotation"]),
        ("Le pont est sûr, a affirmé la mairie.", "Le pont est sûr, selon la mairie.", ["attribution"]),
        ("Le bac a coulé.", "Le bac aurait coulé.", ["hedge"]),
        ("Le bac a coulé près de Kermor.", "Le bac a coulé à Kermor.", ["hedge"]),
        ("La maison montrait son toit.", "La maison montre son toit.", []),
        ("Le bac est vieux.", "Le bac est ancien.", []),
        ("Selon Paul, 12 barques ont coulé.", "Selon Jean, 14 barques auraient coulé.", ["number", "name", "hedge"]),
    ],
)
def test_types(old, new, types):
    """A rule tells what changed; where none does, nothing is said."""
    assert typed(old, new) == types


def test_each_type_names_its_rule_and_revision():
    """So that a later rule can be told from an older one."""
    found = types_of(Reworded(old="12 pas.", new="13 pas.", marks=marks("12 pas.", "13 pas.")))

    assert found == [{"type": "number", "rule": "digits", "revision": 1}]
    assert len({(rule, revision) for _, rule, revision, _ in RULES}) == len(RULES)
