"""What many pages show together: counters, texts that take turns, sentences edited alike; and what only looks so."""

from dataclasses import replace

import pytest

from archive.facts.record import build
from archive.texts.spots import PAGES, alike, counters, edited_pairs, in_turn, shown_at, steps, turn_of
from tests import facts
from tests.archive.texts.test_changes import PLAIN
from tests.french import compare

NAMES = [str(number) for number in range(1, 11)]


def read(number, *body, minute=0, layout="modern", **more):
    """Return the record of an article whose text is its own but for the last paragraphs."""
    own = (f"Le quartier {number} a voté.", "Le maire s’en réjouit.")
    article = replace(PLAIN, article_id=str(number), body=(*own, *body), layout=layout, **more)
    return build(article, facts.capture(number, minute), mirror="127.0.0.1", revision=1)


def turned(before, after, numbers=NAMES):
    """Return the turns of articles from one last paragraph to another, each made from the article's place in the row."""
    return [turn_of(read(n, before(i)), read(n, after(i), minute=60)) for i, n in enumerate(numbers)]


def pages(block, numbers=NAMES):
    """Return the newest record of each article."""
    return [read(number, block(place)) for place, number in enumerate(numbers)]


def found(turns, shown, **more):
    return counters(turns, shown, **{"stood": 0, "known": (), "past": {}} | more)


def lu(place):
    return f"Lu {100 + 7 * place} fois"


def lu_more(place):
    return f"Lu {150 + 9 * place} fois"


def toll(figure):
    return lambda place: f"Bilan : {figure} blessés"


def test_a_counter_moves_on_most_pages():
    """The words stand on every page, each has its own number, and most moved: in all articles it is a counter."""
    assert found(turned(lu, lu_more), pages(lu)) == {"Lu # fois": NAMES}


@pytest.mark.row("F-SIL-02")
@pytest.mark.parametrize(
    ("turns", "shown", "more"),
    [
        pytest.param(turned(toll(12), toll(41)), pages(toll(12)), {}, id="one figure on all pages"),
        pytest.param(turned(lu, lu_more, NAMES[:5]), pages(lu, NAMES[:5]) + pages(toll(1), NAMES[5:]), {},
                     id="words that half of the pages have"),
        pytest.param(turned(lu, lu_more, NAMES[:4]), pages(lu), {}, id="four pages"),
        pytest.param(turned(lu, lu_more, NAMES[:5]), pages(lu), {"stood": 6}, id="most pages stood still"),
        pytest.param(turned(lu, lu_more, NAMES[:1]), pages(lu, NAMES[:1]), {}, id="one article"),
        pytest.param(turned(lu_more, lu, NAMES[:3]), pages(lu), {"known": {"Lu # fois"}, "stood": 9},
                     id="a known one that shrinks on few pages"),
        pytest.param([], pages(lu), {}, id="nothing moved"),
    ],
)  # fmt: skip
def test_what_is_no_counter(turns, shown, more):
    """A figure that pages share, words that not all have, and a number that moved on few pages are texts."""
    assert found(turns, shown, **more) == {}


def test_a_slow_counter_is_known_by_what_it_did_before():
    """Known before, it need but grow; unknown, it grows at three looks, in five articles: those of before count, too."""
    few = turned(lu, lu_more, NAMES[:2])
    past = steps((n, crawl, "Lu 3 fois", "Lu 4 fois") for n, crawl in (("3", "a"), ("4", "a"), ("5", "b")))
    once = steps((n, "a", "Lu 3 fois", "Lu 4 fois") for n in ("3", "4", "5"))
    shrank = steps((n, crawl, "Lu 4 fois", "Lu 3 fois") for n, crawl in (("3", "a"), ("4", "a"), ("5", "b")))

    assert found(few, pages(lu), stood=8, known={"Lu # fois"}) == {"Lu # fois": ["1", "2"]}
    assert found(few, pages(lu), stood=8, past=past) == {"Lu # fois": ["1", "2", "3", "4", "5"]}
    assert found(few, pages(lu), stood=8, past=once) == found(few, pages(lu), stood=8, past=shrank) == {}


def test_a_turn_that_is_not_whole():
    """Where a word of the text changed, too, the change is no noise, whatever rotates."""
    old, new = read(1, "Lu 1 fois"), read(1, "Lu 2 fois", minute=60)
    edited = build(replace(PLAIN, article_id="1", body=("Le quartier 1 a gagné.", "Le maire s’en réjouit.", "Lu 2 fois")),
                   facts.capture(1, 60), mirror="127.0.0.1", revision=1)  # fmt: skip

    assert (turn_of(old, new).whole, turn_of(old, replace_layout(new)).whole) == (True, False)
    assert turn_of(old, build_like(edited)).whole is False


def replace_layout(record):
    return record | {"extraction": record["extraction"] | {"layout": "classic"}}


def build_like(record):
    return record | {"extraction": record["extraction"] | {"layout": "modern"}}


POOL = ("La fanfare joue dimanche", "Un musée ouvre gratuitement", "Orage attendu ce soir", "Le tram roule de nuit",
        "Une école de voile recrute")  # fmt: skip


def rows(text, numbers=NAMES[:6], looks=4):
    """Return what each article showed at its last looks; the last one by its turn."""
    told = {}
    for place, number in enumerate(numbers):
        seen = [read(number, text(place, look), minute=60 * look) for look in range(looks)]
        told[number] = shown_at(turn_of(seen[-2], seen[-1]), seen[:-1])
    return told


def advert(place, look):
    return POOL[(place + look) % len(POOL)]


@pytest.mark.row("F-SIL-05")
def test_texts_take_turns():
    """At three looks in a row another one, on five pages, each shown on other pages or another article's headline."""
    shown = [read(number, advert(place, 3)) for place, number in enumerate(NAMES[:6])]
    teasers = {text: {"99"} for text in POOL}

    assert in_turn(rows(advert), shown, {}, known=False) == set(POOL)
    assert in_turn(rows(advert), [], teasers, known=False) == set(POOL)
    assert in_turn(rows(advert, NAMES[:1]), shown, teasers, known=True) == set(POOL[:4])


@pytest.mark.row("F-SIL-05")
@pytest.mark.parametrize(
    ("text", "more"),
    [
        (advert, {"looks": 3}),
        (advert, {"numbers": NAMES[:4]}),
        (lambda place, look: POOL[min(look, 1)], {}),
        (advert, {"numbers": NAMES[:1]}),
        (lambda place, look: f"{POOL[look]}, dit l’habitant {place * 'a'}", {}),
        (lambda place, look: f"Le bilan de la crue est de {12 + look} morts", {}),
        (lambda place, look: POOL[look], {}),
    ],
    ids=["two looks", "four pages", "changed once and stays", "one page", "each page's own", "one sentence reworded",
         "alike on five pages of ten"],
)  # fmt: skip
def test_what_takes_no_turns(text, more):
    """A text that changed once and stays, an article's own, a figure kept up to date are edits, however many they hit."""
    told = rows(text, **more)
    shown = [read(number, text(place, 3)) for place, number in enumerate(NAMES[:6])]

    assert in_turn(told, [*shown, *pages(toll(3), NAMES[6:])], {}, known=False) == frozenset()


def test_a_text_of_the_day_on_all_pages():
    """Alike on each page, it takes turns only where every page of the layout has it."""
    told = rows(lambda place, look: POOL[look])
    shown = [read(number, POOL[3]) for number in NAMES[:6]]

    assert in_turn(told, shown, {}, known=False) == set(POOL[:4])


def test_an_articles_own_headline_is_no_teaser():
    """A headline in the text speaks for another article only where that is another one."""
    own = {text: {number} for text, number in zip(POOL, NAMES[:5], strict=True)}
    told = {"1": rows(lambda place, look: POOL[look], ["1"])["1"]}

    assert in_turn(told, [], own, known=True) == frozenset()


def changed(count, figure):
    """Return article → edited pairs of so many articles in which one figure changed."""
    return {
        number: edited_pairs(compare(read(number, "Le bilan est de 12 blessés."), read(number, figure)))
        for number in NAMES[:count]
    }


@pytest.mark.row("F-SIL-06")
def test_edited_alike():
    """One sentence that changed alike in five articles is told with both texts; in four it is no more than four edits."""
    assert alike(changed(PAGES, "Le bilan est de 41 blessés.")) == [
        {"from": "Le bilan est de 12 blessés.", "to": "Le bilan est de 41 blessés.", "articles": NAMES[:PAGES]}
    ]
    assert alike(changed(PAGES - 1, "Le bilan est de 41 blessés.")) == []
    assert alike(changed(PAGES, "")) == [{"from": "Le bilan est de 12 blessés.", "to": "", "articles": NAMES[:PAGES]}]
