"""One search for the command line and for pages: what is typed is read once, and finds the same in the same order."""

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.catalog import facets, search, traits
from archive.catalog.catalog import Catalog
from archive.catalog.cells import checking
from archive.catalog.forms import forms_in
from archive.catalog.found import Search
from archive.catalog.indexing import index_all
from archive.catalog.matching import matching
from archive.catalog.query import MOST_LETTERS, QueryRefused, read
from archive.catalog.words import NewWords
from archive.errors import UsageError
from archive.log.chain import EMPTY
from browse.queries import found
from browse.queries.found import Sought
from tests import facts
from tests.archive.catalog.test_anew import PLANS, log_of
from tests.french import LANGUAGE, VOCABULARY

TEXTS = {
    1: "Les alliés accusent le pays d’avoir démenti l’état d’urgence. L’œuvre est à 2 200 mètres.",
    2: "Il accuse un journal de mentir. Les travaux de sécurité avancent, dit le conte.",
    3: "Des journaux accusaient la sécurité ; le travail continue. Une œuvre, des états.",
    4: "Le maire est content. Rien d’autre.",
}
ODD = st.text(st.sampled_from("a é\"'’«*^:()-+{}\0\x02,.²٣AND OR NOT NEAR title:\udce9") | st.characters(), max_size=60)


@pytest.fixture(scope="module")
def db():
    log = facts.new_log()
    facts.write(log, *(facts.read(n, n, text, sections=("Iran",), headline=f"Titre {n}") for n, text in TEXTS.items()))
    facts.write(
        log,
        facts.read(2, 60, "Il accuse un journal.", outcome="changed", headline="Titre 2", sections=("Monde", "Iran")),
    )
    facts.write(log, facts.saw(4, 70, "gone"))
    return facts.folded(log).catalog.db


def numbers(db, words, **more):
    return [int(row["article_id"]) for row in search.search(db, words, VOCABULARY, **more)]


@pytest.mark.parametrize("words", ["200", "2", "2200", "2 200", "22*"])
def test_a_number_in_groups_is_shown_by_whatever_part_found_it(db, words):
    """All of it is marked."""
    row = search.search(db, words, VOCABULARY)[-1]

    assert "est à \x022 200\x03 mètres" in row["snippet"]


@pytest.mark.row("F-LST-06")
@pytest.mark.parametrize(
    ("words", "article_ids"),
    [
        ("accuser", [3, 2, 1]), ("accusent", [3, 2, 1]), ("accusaient", [3, 2, 1]), ('"accusent"', [1]),
        ("journal", [3, 2]), ("journaux", [3, 2]), ('"journaux"', [3]), ("démentir", [1]), ("dementir", [1]),
        ("securite", [3]), ("oeuvre", [3, 1]), ("l’œuvre", [3, 1]), ("l'oeuvre", [3, 1]), ('"l’œuvre"', [1]),
        ("état", [3, 1]), ("2 200", [1]), ("2200", [1]), ("journal -travail", [2]), ("journal -travaux", [2]),
        ("accuse* journal", [2]), ("jo*", [3, 2]), ("j*", []), ("accus* -journal", [1]), ('"le travail continue"', [3]), ("title:titre", [4, 3, 2, 1]),
        ("titre:content", []), ("travail", [3]), ("conte", [4]), ("content", [4]), ('"conte"', []),
    ],
)  # fmt: skip
def test_words_are_found_in_their_other_forms_and_phrases_as_they_stand(db, words, article_ids):
    """Plurals, verb forms, elisions, ligatures and accents make no difference, but between quotes; the newest come first.

    `conte` finds `content`, for its ending: that is what the pages say of it.
    """
    assert numbers(db, words) == article_ids


@pytest.mark.row("F-LST-06")
@settings(max_examples=150, deadline=None)
@given(ODD, st.booleans(), st.sampled_from(["newest", "best"]))
@example("-iran", False, "newest")
@example("NEAR(", False, "best")
@example("(" * 300, True, "newest")
def test_command_line_and_pages_find_the_same_by_any_text(db, words, removed, order):
    """Any text finds the same articles in the same order with the same snippets, or is refused by one sentence in both."""
    try:
        terms = read(words, LANGUAGE)
    except QueryRefused as refused:
        with pytest.raises(UsageError, match=str(refused)[:20]):
            search.search(db, words, VOCABULARY, removed=removed)
        return
    rows = search.search(db, words, VOCABULARY, removed=removed, order=order)
    sought = Sought(terms=terms, language=LANGUAGE, removed=removed, order=order)
    page = found.answer(db, facets.counted(db), sought)
    hits = found.hits(db, sought, page.rows)

    assert page.total == len(hits) == len(rows)
    assert [(hit.article.article_id, hit.version, hit.snippet) for hit in hits] == [
        (row["article_id"], row["version"], row["snippet"]) for row in rows
    ]


@pytest.mark.row("F-LST-06")
@pytest.mark.parametrize(
    ("words", "said"),
    [("-iran", "takes away"), ("-iran -bac", "takes away"), ("", "nothing to search"), ("* \0 -", "nothing to search"),
     ("a" * (MOST_LETTERS + 1), "too long"), ("a" * 1_000_000, "too long"), ("un " * 65, "too many"),
     ("2026-" * 65, "too many")],
    ids=["without", "twice", "nothing", "signs", "long", "a megabyte", "many", "a long phrase"],
)  # fmt: skip
def test_what_cannot_be_searched_for_is_a_sentence(db, words, said):
    """Only what takes away, no word, too much: told in words, never by the index's own error."""
    for removed in (False, True):
        with pytest.raises(QueryRefused, match=said):
            search.search(db, words, VOCABULARY, removed=removed)


def test_of_many_articles_a_beginning_has_three_letters(db, monkeypatch):
    """With two the index would go through every place of every such word; in headlines it need not."""
    monkeypatch.setattr("archive.catalog.matching.MANY", 3)
    for removed in (False, True):
        for words in ("jo*", "accuse jo*", "accuse -jo*"):
            with pytest.raises(QueryRefused, match="give 3 letters before"):
                search.search(db, words, VOCABULARY, removed=removed)

    assert (numbers(db, "jou*"), numbers(db, "title:ti*"), numbers(db, "j*")) == ([3, 2], [4, 3, 2, 1], [])


def test_what_is_made_searchable_later_is_what_the_fold_makes(db):
    """Article by article, what is found and the words are the same, where an article has one record or several."""
    texts, words = "SELECT rowid, headline, body FROM texts", "SELECT * FROM words"
    copy = checking(sqlite3.connect(":memory:", isolation_level=None))
    db.backup(copy)
    for table in ("texts", "taken_out"):
        copy.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    copy.execute("DELETE FROM words")
    met = NewWords(copy, LANGUAGE)
    for number in TEXTS:
        index_all(copy, [number], met)

    assert copy.execute(texts).fetchall() == db.execute(texts).fetchall()
    assert copy.execute(words).fetchall() == db.execute(words).fetchall()
    for asked in ("accuser", "mentir", "2200", "oeuvre"):
        for removed in (False, True):
            assert numbers(copy, asked, removed=removed) == numbers(db, asked, removed=removed)


def test_a_word_has_the_forms_that_the_archive_holds(db):
    """Forms come from the texts that were ever read, whatever became of them, and only from those."""
    assert forms_in(db, "accuser", LANGUAGE) == ["accuser", "accuse", "accusent", "accusaient"]
    assert forms_in(db, "mentir", LANGUAGE) == ["mentir"]
    assert forms_in(db, "travaux", LANGUAGE) == ["travaux", "travail"]
    assert forms_in(db, "accuser", None) == ["accuser"]


def test_facets_count_what_was_found(db):
    """In months, sections, states and by what was done to them; without a search all that is known."""
    known = facets.counted(db)
    every = facets.narrowed(db, known, None).facets
    some = facets.narrowed(db, known, Search(match=matching(db, "accuser", LANGUAGE))).facets
    gone = facets.narrowed(db, known, Search(match=matching(db, "mentir", LANGUAGE), removed=True)).facets

    assert (every.total, every.states) == (4, {"live": 3, "gone": 1})
    assert (every.months, every.sections) == ({"2026-11": 4}, {"Iran": 4, "Monde": 1})
    assert (some.total, some.sections, some.traits["edited"]) == (3, {"Iran": 3, "Monde": 1}, 1)
    assert (some.layouts, some.traits["own"]) == ({"modern": 3}, 3)
    assert (gone.total, gone.sections) == (1, {"Iran": 1, "Monde": 1})
    assert traits.EDITED & traits.STATE == 0


@pytest.mark.row("F-LST-07")
@settings(max_examples=40, deadline=None)
@given(PLANS, st.data())
def test_what_was_counted_is_gone_on_from(plan, data):
    """Counted from any commit on, articles count as they do counted from nothing, by their numbers."""
    log = log_of(plan)
    commits = list(log.after(EMPTY))
    cut = data.draw(st.integers(0, len(commits)))
    catalog = Catalog(":memory:", log.store.uri, VOCABULARY)
    for commit in commits[:cut]:
        catalog.fold(commit, log)
    before = facets.counted(catalog.db)
    for commit in commits[cut:]:
        catalog.fold(commit, log)
    after, anew = facets.counted(catalog.db, before), facets.counted(catalog.db)

    assert list(after.of) == list(anew.of) == sorted(anew.of)
    assert [after.kinds[place] for place in after.of.values()] == [anew.kinds[place] for place in anew.of.values()]
    assert (after.head, after.sections) == (anew.head, anew.sections)
