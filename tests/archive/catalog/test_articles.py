"""What the catalog answers: versions in force, searches that never raise anything but a usage error."""

import contextlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog import articles, crawls, events, memory, search, snippets
from archive.catalog.naming import named_version
from archive.errors import UsageError
from archive.facts.names import stamp
from tests import facts
from tests.french import VOCABULARY

PLAIN = "L’économie de Karimabad : « un été », dit-elle. Élection à l'Assemblée."


@pytest.fixture(scope="module")
def db():
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, PLAIN, headline="Un bac"), facts.read(2, 0))
    facts.write(log, facts.read(1, 60, "Tout autre chose. Le maire a remercié 12 ouvriers.", headline="Un pont"))
    facts.write(log, facts.read(1, 120, "Tout autre chose. Le maire a remercié 14 ouvriers.", headline="Un pont"))
    return facts.folded(log).catalog.db


def ids(db, words, **more):
    return [row["article_id"] for row in search.search(db, words, VOCABULARY, **more)]


@pytest.mark.row("F-TXT-03")
@pytest.mark.row("F-TXT-07")
@pytest.mark.parametrize(
    "words",
    ["economie", "l’économie", "l'economie", "ÉTÉ", "e\u0301te\u0301", '"été"', "« été »", "assemblée election",
     "dit-elle", "élec\u00adtion", "été\0économie", "KARIMABAD :"],
)  # fmt: skip
def test_words_are_found_without_accents_quotes_and_case(db, words):
    """However it is typed, a word of the text taken out of article 1 is found there."""
    assert ids(db, words, removed=True) == ["1"]


@settings(max_examples=150)
@given(
    st.text(st.sampled_from("a é\"'’«*^:()-+{}\0\x02,.²٣AND OR NOT NEAR\udce9") | st.characters(), max_size=40),
    st.booleans(),
)
def test_no_search_raises_anything_but_a_usage_error(db, words, removed):
    """Any text is either searched for or refused in words."""
    with contextlib.suppress(UsageError):
        assert isinstance(search.search(db, words, VOCABULARY, removed=removed), list)


@pytest.mark.parametrize(
    "words",
    ["(" * 2000, "( " * 2000 + "été", "été " * 5000, "AND", "-x", "NEAR(été)", "a" * 10**6],
    ids=lambda w: w[:8],
)
@pytest.mark.parametrize("removed", [True, False])
def test_long_and_crooked_searches(db, words, removed):
    """Thousands of parentheses or words end in an answer or a usage error."""
    with contextlib.suppress(UsageError):
        assert isinstance(search.search(db, words, VOCABULARY, removed=removed), list)


@pytest.mark.parametrize("words", ["", "   ", '""', "\0", "( )", "«»", "’"])
def test_a_search_without_a_word_is_a_usage_error(db, words):
    """There must be a letter or a digit to look for."""
    with pytest.raises(UsageError, match="nothing to search"):
        search.search(db, words, VOCABULARY)


@pytest.mark.parametrize("limit", [0, -1, 2**80])
def test_a_limit_is_a_count(db, limit):
    """Neither none nor more than SQLite can count."""
    with pytest.raises(UsageError, match="limit"):
        search.search(db, "été", VOCABULARY, limit=limit)


def test_removed_words_are_those_that_are_gone(db):
    """A number that was replaced is found with its neighbours and marked; a word that stays in its sentence is not."""
    (found,) = search.search(db, "remercié 12 ouvriers", VOCABULARY, removed=True)

    assert (found["article_id"], found["version"], found["headline"]) == ("1", 3, "Un pont")
    assert f"{snippets.MARK}12{snippets.END_MARK}" in found["snippet"]
    assert ids(db, "ouvriers", removed=True) == []
    assert ids(db, "bac", removed=True) == ["1"]


@pytest.mark.parametrize(
    ("minute", "second", "version"), [(0, 0, 1), (59, 59.999999, 1), (60, 0, 2), (60, 0.000001, 2), (9999, 0, 3)]
)
def test_the_version_in_force(db, minute, second, version):
    """From its own instant on until the next one's, to the microsecond."""
    from datetime import timedelta

    at = facts.at(minute) + timedelta(seconds=second)

    assert articles.version_at(db, "1", at).number == version


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("1@2026-11-24T13:00:00Z", 2), ("1@2026-11-24T16:30:00+03:30", 2), ("1@2026-11-24T13:00Z", 2),
        ("1@2026-11-24T12:59:59", 1), ("1@2026-11-24", 3), ("1@2026-12-31", 3), ("1@latest", 3), ("1", 3), ("1@2", 2),
    ],
)  # fmt: skip
def test_a_citation_may_be_written_in_any_way(db, name, version):
    """Other zones and precisions name the same instant, a day its end, a small number the version itself."""
    assert named_version(db, name).number == version


@pytest.mark.parametrize("time", ["2026-11-24T11:59:59Z", "2026-11-23", "2026-11-24T15:29:59+03:30"])
def test_no_version_by_then_is_a_usage_error(db, time):
    """Before the first capture there is none; the error names the instant."""
    with pytest.raises(UsageError, match=r"article 1 has no version at 2026-11-2\d"):
        named_version(db, f"1@{time}")


@pytest.mark.parametrize(
    "time", ["hier", "", "2026-11-31", "24/11/2026", "2026-11-24T25:00", "0001-01-01T00:00:00+23:59"]
)
def test_what_is_no_time_is_a_usage_error(db, time):
    """It says what a time looks like."""
    with pytest.raises(UsageError, match="is no time; write 2026-11-24 or 2026-11-24T12:00:00Z"):
        named_version(db, f"1@{time}")


@pytest.mark.parametrize("number", ["99", "", "x", "1 OR 1", "-1", "1" * 30, "²", "01", "١"])
def test_an_unknown_article_is_a_usage_error(db, number):
    """A number that isn't there, or is none, says how to find one."""
    with pytest.raises(UsageError, match="scrapy search"):
        articles.article_row(db, number)


def test_an_address_is_known_however_it_is_written():
    """A capture lies under its escaped address; the look asked with the plain one."""
    from dataclasses import replace

    look = facts.read(1, 0)
    url = facts.url_of(1) + "/é t"
    taken = replace(look.capture, url=url)
    log = facts.new_log()
    facts.write(log, replace(look, capture=taken, record=None, check=replace(look.check, url=url)))
    db = facts.folded(log).catalog.db

    assert memory.last_look(db, url).kept_at == taken.captured_at
    assert memory.holds(db, url, stamp(taken.captured_at), taken.payload)
    assert not memory.holds(db, url, stamp(taken.captured_at), "sha256:00")


def test_counts_by_state_and_the_last_crawl():
    """Every article is in one state; the last crawl is the last that came to its end."""
    log = facts.new_log()
    facts.write(
        log, facts.read(1, 0), facts.read(2, 0), facts.saw(3, 0, "challenge"), summary={"exit": 0, "requests": {}}
    )
    facts.write(log, *(facts.saw(1, m, "gone") for m in (1, 400)), facts.saw(2, 5, "gone"), name="b-2")
    db = facts.folded(log).catalog.db
    counts = articles.counts(db)

    assert [counts[s] for s in ("live", "gone", "removed", "unread")] == [0, 1, 1, 1]
    assert counts["articles"] == 3
    assert crawls.last_crawl(db)["crawl"].endswith("-0001")
    assert (memory.names_batch(db, "b-2"), memory.names_batch(db, "b-3")) == (True, False)


def test_the_newest_record_is_the_last_of_its_version():
    """A record that begins no version is the one that the next look is compared with."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), facts.read(1, 60, tags=("eau",)))
    archive = facts.folded(log)
    db = archive.catalog.db

    assert articles.latest(db, "1")["tags"] == ["eau"]
    assert articles.version_at(db, "1").record["tags"] == []
    assert [version.record["tags"] for _, version, _ in articles.placed(db, newest=True)] == [["eau"]]
    assert articles.latest(db, "2") is None
    assert [look["outcome"] for look in events.looks_of(db, 1)] == ["new", "new"]


def absent_from(db, number):
    return articles.article_row(db, number).absent_from


def test_since_when_an_article_is_absent():
    """The first look that found nothing after the last sight; walls are none, and a sight ends it."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0), *(facts.saw(1, m, o) for m, o in ((5, "challenge"), (9, "gone"), (20, "gone"))))
    gone = facts.folded(log).catalog.db
    facts.write(log, facts.saw(1, 30))
    back = facts.folded(log).catalog.db

    assert absent_from(gone, "1") == stamp(facts.at(9))
    assert absent_from(back, "1") is None
    assert memory.looked(back, "1", stamp(facts.at(9)))
    assert not memory.looked(back, "1", stamp(facts.at(10)))


def test_what_a_mirror_does_not_have_is_no_absence():
    """A mirror that never had the article, or lost it, says nothing of it at home; the first look there counts."""
    log, elsewhere = facts.new_log(), {"host": "m.test", "kind": "mirror"}
    facts.write(log, facts.read(1, 0), *(facts.saw(1, m, o, **elsewhere) for m, o in ((5, "gone"), (6, "soft_404"))))
    there = facts.folded(log).catalog.db
    facts.write(log, facts.saw(1, 9, "gone"), facts.saw(1, 12, "gone", **elsewhere))
    gone = facts.folded(log).catalog.db

    assert absent_from(there, "1") is None
    assert absent_from(gone, "1") == stamp(facts.at(9))


def test_found_words_are_marked_as_one_likes(db):
    """The snippet of a search takes any two marks, or none."""
    (row,) = search.search(db, "ouvriers", VOCABULARY, limit=1)

    assert "[ouvriers]" in snippets.marked(row["snippet"], "[", "]")
    assert snippets.marked("a \x02b\x03 c", "<", ">") == "a <b> c"
    assert snippets.marked("a \x02b\x03 c", "", "") == "a b c"


ODD = "Le chef-d’œuvre de la sœur de Łukasz Øster vaut 2\u202f200 ko\u00adpecks au port inter\u200bnational, dit le plan of\ufb01ciel."


@pytest.fixture(scope="module")
def odd():
    """Return a catalog in which article 1 says it, 2 said it, and 3 says other things."""
    log = facts.new_log()
    facts.write(
        log, facts.read(1, 0, ODD), facts.read(2, 0, ODD), facts.read(3, 0, "L’école a 2 portes et 2000 élèves.")
    )
    facts.write(log, facts.read(2, 60, "Tout autre chose.", outcome="changed"))
    return facts.folded(log).catalog.db


@pytest.mark.row("F-LST-05")
@pytest.mark.parametrize(
    "words",
    ["oeuvre", "OEUVRE", "chef-d'oeuvre", "soeur", "lukasz oster", "2 200", "2200", "2.200", "٢٢٠٠", "200", "kopecks",
     "ko\u00adpecks", "international", "officiel", "of\ufb01ciel", "œuvre sœur"],
)  # fmt: skip
def test_words_are_found_as_they_are_typed(odd, words):
    """Ligatures, strange letters, invisible marks and numbers in groups: in the newest texts and in what was taken out."""
    assert ids(odd, words) == ["1"]
    assert ids(odd, words, removed=True) == ["2"]


@pytest.mark.parametrize("words", ["2 000", "inter", '"kopeck"', "ecolier", "220"])
def test_other_words_are_not_found(odd, words):
    """What only begins alike is another word, and a number is found whole or by its groups."""
    assert ids(odd, words) == (["3"] if words == "2 000" else [])


def test_a_snippet_is_as_the_outlet_wrote_it(odd):
    """The words that were found are marked where they stand, ligatures, accents and groups of digits untouched."""
    told = [
        snippets.marked(search.search(odd, words, VOCABULARY)[0]["snippet"], "[", "]")
        for words in ("soeur 2200", "chef-d'oeuvre")
    ]

    assert told[0] == "…chef-d’œuvre de la [sœur] de Łukasz Øster vaut [2 200] kopecks au port international, dit…"
    assert told[1].startswith("…Le [chef-d’œuvre] de la sœur")


WORDS = ("œuvre", "sœur", "Æther", "Łódź", "Straße", "l’été", "2\u202f200", "14.000", "officiel", "où", "ça", "naïveté")
DISGUISES = (
    str.upper, str.title, lambda w: unicodedata.normalize("NFD", w), "\u00ad".join, lambda w: w + "\u200b",
    lambda w: w.replace("œ", "oe").replace("Æ", "AE").replace("ß", "ss").replace("Ł", "L"),
    lambda w: w.replace("’", "'").replace("\u202f", " ").replace("14.000", "14\u00a0000"),
    lambda w: w.replace("ff", "\ufb00").replace("fi", "\ufb01"),
    lambda w: w.translate({ord("0") + n: chr(0x0660 + n) for n in range(10)}),
)  # fmt: skip
DISGUISED = st.tuples(st.sampled_from(WORDS), st.lists(st.sampled_from(DISGUISES), max_size=3))


def disguised(word, ways):
    for way in ways:
        word = way(word)
    return word


@pytest.mark.row("F-LST-05")
@settings(max_examples=60, deadline=None)
@given(st.lists(DISGUISED, min_size=1, max_size=4), st.lists(st.sampled_from(DISGUISES), max_size=3), st.booleans())
def test_a_word_is_found_however_it_is_written(written, ways, removed):
    """However the outlet writes it, and however a reader types it: in the newest text and in what was taken out."""
    log = facts.new_log()
    facts.write(log, facts.read(1, 0, "Voici : " + " – ".join(disguised(*each) for each in written) + "."))
    if removed:
        facts.write(log, facts.read(1, 60, "Tout autre chose.", outcome="changed"))
    db = facts.folded(log).catalog.db

    assert [ids(db, disguised(word, ways), removed=removed) for word, _ in written] == [["1"]] * len(written)
