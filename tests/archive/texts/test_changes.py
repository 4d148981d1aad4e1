"""What differs between two records, whether it is noise, and whether any clock of the outlet moved."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.canonical import canonical
from archive.facts.items import Article, Caption, Capture, Moment, Related
from archive.facts.record import build, identity
from archive.texts.changes import FIELDS, another_story, render, silent, visible
from tests.french import compare, to_json

PRINTED = Moment(
    utc=datetime(2021, 7, 17, 12, 16, tzinfo=UTC), raw="Sat Jul 17, 2021 4:46PM", zone="Asia/Tehran (assumed)",
    precision="minute", source="item-date",
)  # fmt: skip
PLAIN = Article(
    article_id="600001",
    url="http://127.0.0.1/Detail/2021/7/17/600001/pont",
    headline="Un pont rouvre",
    kicker="Région",
    lead="Le pont est ouvert depuis midi.",
    body=("Douze ouvriers l’ont réparé. Le maire les a remerciés.", "La route reste fermée. On attend la suite."),
    captions=(Caption(text="Le pont, samedi. ©Mairie", credit="Mairie"),),
    published=PRINTED,
)


def record(article: Article = PLAIN, *headers: tuple[bytes, bytes], **changed):
    capture = Capture(
        url=article.url, captured_at=datetime(2021, 7, 18, tzinfo=UTC), status=200, response_headers=headers
    )
    return build(replace(article, **changed), capture, mirror="127.0.0.1", revision=1)


OLD = record()


def test_reworded_added_removed():
    """Each sentence that differs is found once: reworded with marks, added or removed, and its words are counted."""
    new = record(
        body=(
            "Quatorze ouvriers l’ont réparé. Le maire les a remerciés.",
            "La route reste fermée.",
            "Un nouveau chantier commence lundi.",
        )
    )
    change = to_json(compare(OLD, new))

    assert change["fields"] == ["body"]
    assert change["reworded"] == [
        {
            "from": "Douze ouvriers l’ont réparé.",
            "to": "Quatorze ouvriers l’ont réparé.",
            "marks": [["-", "Douze"], ["+", "Quatorze"], ["=", " ouvriers l’ont réparé."]],
            "types": [{"type": "number", "rule": "count_words", "revision": 1}],
        }
    ]
    assert (change["added"], change["removed"]) == (["Un nouveau chantier commence lundi."], ["On attend la suite."])
    assert change["counts"] == {
        "sentences_added": 1, "sentences_removed": 1, "sentences_reworded": 1, "words_added": 6, "words_removed": 5,
    }  # fmt: skip


def test_moved():
    """A sentence that stands elsewhere, in another field too, is moved and neither removed nor added."""
    new = record(
        lead="Le maire les a remerciés.",
        body=("Le pont est ouvert depuis midi.", "Douze ouvriers l’ont réparé.", *PLAIN.body[1:]),
    )
    change = to_json(compare(OLD, new))

    assert sorted(change["moved"]) == ["Le maire les a remerciés.", "Le pont est ouvert depuis midi."]
    assert (change["added"], change["removed"], change["reworded"]) == ([], [], [])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"headline": "Tout autre titre"}, "headline"),
        ({"kicker": ""}, "kicker"),
        ({"lead": "Fermé."}, "lead"),
        ({"body": ()}, "body"),
        ({"captions": ()}, "captions"),
        ({"published": None}, "published"),
        ({"published": replace(PRINTED, utc=datetime(2020, 1, 1, tzinfo=UTC))}, "published"),
    ],
    ids=["headline", "kicker", "lead", "body", "captions", "no date", "other date"],
)
def test_each_field(changed, field):
    """Each field of a version's identity is named when it differs, and no other."""
    assert compare(OLD, record(**changed)).fields == (field,)


@pytest.mark.parametrize(
    "changed",
    [
        {"byline": "A. Petit"},
        {"tags": ("pont",)},
        {"sections": ("Europe",)},
        {"images": ("http://127.0.0.1/a.jpg",)},
        {"captions": (Caption(text="Le pont, samedi. ©Mairie", credit=""),)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_beside_the_identity(changed):
    """What makes no version makes no change."""
    change = compare(OLD, record(**changed))

    assert (change.fields, change.raw_only, change.noise, change.silent) == ((), (), "", False)


@pytest.mark.row("F-TXT-01")
@pytest.mark.parametrize(
    ("changed", "fields", "raw_only", "noise"),
    [
        pytest.param({"headline": "Un pont\u00a0rouvre"}, (), ("headline",), "space", id="F-TXT-01"),
        pytest.param({"lead": "Le pont est\u202e ouvert depuis midi."}, (), ("lead",), "space", id="F-TXT-02"),
        pytest.param({"body": (" ".join(PLAIN.body),)}, ("body",), (), "space", id="paragraphs joined"),
        pytest.param(
            {"body": tuple(p.replace("’", "'") for p in PLAIN.body)}, ("body",), (), "typography", id="quotes"
        ),
        pytest.param({"lead": "Le pont est ouvert depuis midi ."}, ("lead",), (), "", id="space before a stop"),
        pytest.param({"body": (*PLAIN.body, "Partager Cet Article")}, ("body",), (), "template", id="template"),
        pytest.param({"published": replace(PRINTED, utc=None)}, ("published",), (), "date", id="date"),
        pytest.param({"published": None, "kicker": "Région !"}, ("kicker", "published"), (), "", id="date and text"),
        pytest.param({"headline": "Un p\u043ent rouvre"}, ("headline",), (), "", id="F-TXT-04"),
    ],
)
def test_noise(changed, fields, raw_only, noise):
    """All of a difference must fall in one class to be noise; equal comparison forms are noted, not edits."""
    change = compare(OLD, record(**changed))

    assert (change.fields, change.raw_only, change.noise) == (fields, raw_only, noise)


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["headline", "kicker", "lead"]))
def test_a_digit_is_never_noise(before, after, field):
    """Whatever the field, a changed digit is a real change."""
    change = compare(record(**{field: f"{before} morts à l'est"}), record(**{field: f"{after} morts à l’est"}))

    assert change.noise == ("typography" if before == after else "")


LATER = replace(PRINTED, utc=datetime(2021, 7, 18, 9, tzinfo=UTC), raw="Sun Jul 18, 2021 1:30PM")


def test_render():
    """Every field that differs has its heading; marks, whole sentences, the date and the clocks follow."""
    new = record(
        headline="Un pont ferme",
        body=(PLAIN.body[0], "La route reste fermée. Un chantier commence."),
        published=LATER,
    )

    assert render(compare(OLD, new), colour=False) == (
        "Headline\n"
        "  Un pont [-rouvre-]{+ferme+}\n"
        "Body\n"
        "  - On attend la suite.\n"
        "  + Un chantier commence.\n"
        "Published\n"
        "  [-2021-07-17T12:16:00Z-]{+2021-07-18T09:00:00Z+}\n"
        "clocks that moved: visible\n"
    )


def test_render_says_silent_and_noise():
    """The last line names the noise and the silence."""
    new = record(body=tuple(p.replace("’", "'") for p in PLAIN.body))

    assert render(compare(OLD, new), colour=False).endswith("noise: typography; silent: no clock of the outlet moved\n")
    assert render(compare(OLD, OLD), colour=False) == "The texts are the same.\n"


HOSTILE = "Un \x1b]0;titre\x07 \x9b31m pont <b> \U000e0041 \r fin"


@pytest.mark.row("F-TXT-02")
def test_render_escapes():
    """F-EXP-04: nothing of the outlet's reaches the terminal as a control; colours are ours alone."""
    change = compare(OLD, record(headline=HOSTILE, lead=HOSTILE, captions=(Caption(text=HOSTILE),)))
    bare, coloured = render(change, colour=False), render(change, colour=True)

    assert not [c for c in bare if c != "\n" and visible(c) != c]
    assert "\\x1b]0;titre\\x07" in bare
    assert [line for line in coloured.replace("\x1b[", "").split("\n") if visible(line) != line] == []
    assert "\x1b[32m" in coloured


@pytest.mark.row("F-TXT-04")
def test_render_names_lookalikes():
    """F-TXT-04: a Cyrillic letter in a changed word is named."""
    shown = render(compare(OLD, record(headline="Un p\u043ent rouvre")), colour=False)

    assert "[-pont-]{+p\u043ent<U+043E CYRILLIC SMALL LETTER O>+}" in shown


@pytest.mark.row("F-TXT-02")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1bb", "a\\x1bb"), ("\u202e", "\\u202e"), ("\n", "\\x0a"), ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"), ("é « ok »", "é « ok »"),
    ],
)  # fmt: skip
def test_visible(text, expected):
    """Unseen characters are written as escapes, all others stay."""
    assert visible(text) == expected


PARAGRAPHS = st.lists(
    st.text(alphabet=st.sampled_from("aéB1 .!«»’'\u00a0\u200b\x1b\u0430&"), max_size=30)
    | st.sampled_from(["Un mot. Deux mots.", "Lire aussi : x", "Trois mots ici."]),
    max_size=5,
)
ARTICLES = st.builds(
    lambda head, lead, body, caps: record(
        headline=head, lead=lead, body=tuple(body), captions=tuple(Caption(text=c) for c in caps)
    ),
    st.text(max_size=12), st.text(max_size=30), PARAGRAPHS, PARAGRAPHS,
)  # fmt: skip


@given(old=ARTICLES, new=ARTICLES)
def test_total(old, new):
    """Any two texts compare: fields are the identity's, marks lead both ways, JSON is canonical, text renders."""
    change = compare(old, new)
    before, after = identity(old), identity(new)

    assert change.fields == tuple(name for name in FIELDS if before[name] != after[name])
    for pair in change.all_of("reworded"):
        assert "".join(text for sign, text in pair.marks if sign != "+") == pair.old
        assert "".join(text for sign, text in pair.marks if sign != "-") == pair.new
    assert change.silent == silent(old, new)
    assert canonical(to_json(change))
    assert render(change, colour=False).isprintable() or "\n" in render(change, colour=False)
    assert compare(old, old).fields == ()


def test_huge_texts_fall_back():
    """F-WEB-13: two texts far beyond the caps still compare, by what each has that the other lacks."""
    old = record(body=tuple(f"Ligne {n} de la liste." for n in range(30_000)))
    new = record(body=("Neuve.", *reversed(old["body"][1:])))
    change = to_json(compare(old, new))

    assert (change["removed"], change["added"]) == (["Ligne 0 de la liste."], ["Neuve."])


@pytest.mark.parametrize(
    ("before", "after", "noise"),
    [("Il pleut.", "Il neige.", "flip_flop"), ("12 morts.", "14 morts.", "")],
    ids=["words", "digits"],
)
def test_a_return_to_an_earlier_version_is_labelled(before, after, noise):
    """It is a flip-flop by label, unless a number came back with it; the version is named in both cases."""
    change = to_json(compare(record(lead=before), record(lead=after), returns_to=1))

    assert (change["noise"], change["returns_to"]) == (noise, 1)


def test_links_to_other_articles_are_noise():
    """A line that is the title of a link of the page is labelled related, with a digit in it is not."""
    link = Related(title="Le phare de Kermor", url="/Detail/2021/7/1/1/x")
    plain, linked = record(related=(link,)), record(related=(link,), body=(*PLAIN.body, "Le phare de Kermor"))
    counted = record(related=(replace(link, title="12 morts"),), body=(*PLAIN.body, "12 morts"))

    assert (compare(plain, linked).noise, compare(plain, counted).noise) == ("related", "")


@pytest.mark.row("F-CON-09")
@pytest.mark.parametrize(
    ("headline", "lead", "body", "other"),
    [
        ("Gratuité votée pour les musées", "Dès janvier.", ("Quatorze établissements publics sont concernés.",), True),
        ("Gratuité votée pour les musées", PLAIN.lead, PLAIN.body, False),
        (PLAIN.headline, "Dès janvier.", ("Quatorze établissements publics sont concernés.",), False),
        ("Le pont rouvre enfin après les travaux", PLAIN.lead, (*PLAIN.body, *(f"Phrase {n}." for n in range(99))), False),
    ],
    ids=["another story", "headline only", "text only", "grown"],
)  # fmt: skip
def test_another_story(headline, lead, body, other):
    """F-CON-09: headline and text both share less than a fifth of their words; a text that grew is the same story."""
    new = record(headline=headline, lead=lead, body=body)

    assert another_story(OLD, new) is other
    assert compare(OLD, new).another_story is other
