"""What the fold leaves in the tables, row by row."""

import pytest

from archive.catalog.cells import unsealed
from archive.facts.canonical import canonical
from archive.texts.wordforms import search_form, words_in
from tests import facts


def rows(archive, table, number=1):
    """Return an article's rows of a table, by name, instants as minutes after noon."""
    order = {"versions": "number", "changes": "number", "checks": "at"}.get(table, "article_id")
    cursor = archive.catalog.db.execute(f"SELECT * FROM {table} WHERE article_id = {number} ORDER BY {order}")
    names = [column[0] for column in cursor.description]
    told = [dict(zip(names, row, strict=True)) for row in cursor]
    return [{n: facts.minutes(v) if n in INSTANTS and v else v for n, v in row.items()} for row in told]


INSTANTS = {
    "at", "captured_at", "last_at", "from_at", "to_at", "first_seen", "last_seen", "last_look", "edited_at", "latest",
    "published", "confirms", "due_at", "absent_from",
}  # fmt: skip


def told_of(commits):
    """Return the archive folded of these commits."""
    log = facts.new_log()
    for commit in commits:
        facts.write(log, *commit)
    return facts.folded(log)


def test_an_articles_life_in_its_row():
    """First and last sights, the last look and how it ended, the last edit and the last capture; the address it led to."""
    moved = facts.url_of(1) + "-corrige"
    archive = told_of(
        [
            [facts.saw(1, 0, "timeout"), facts.read(1, 10)],
            [facts.read(1, 60, facts.TEXTS[1], headline="Un pont", outcome="changed")],
            [facts.saw(1, 70, answered=moved), facts.saw(1, 80, "gone", detail="410"), facts.saw(1, 90, "timeout")],
        ]
    )

    assert rows(archive, "articles") == [
        {
            "article_id": 1, "url": moved, "state": "gone", "headline": "Un pont", "published": 0, "first_seen": 0,
            "last_seen": 70, "last_look": 90, "last_outcome": "timeout", "versions": 2, "edited_at": 60, "latest": 60,
            "state_source": None, "due_at": 451, "absent_from": 80, "hosts": "127.0.0.1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("looks", "row"),
    [
        pytest.param(
            [facts.read(1, 10), facts.saw(1, 20)],
            ("live", "Un bac", 10, 20, 20, "unchanged", 1, None, 10), id="read once",
        ),
        pytest.param(
            [facts.saw(1, 10, "challenge"), facts.saw(1, 20, "gone")],
            ("gone", "", 10, None, 20, "gone", 0, None, None), id="never read",
        ),
        pytest.param(
            [facts.read(1, 10, host="miroir.test", kind="mirror")],
            None, id="read on a mirror only",
        ),
        pytest.param(
            [facts.saw(1, 10, host="miroir.test", kind="mirror")], None, id="a mirror was asked only",
        ),
    ],
)  # fmt: skip
def test_an_articles_row(looks, row):
    """What was never read has no headline and no capture; what only a mirror was asked for is no article of ours."""
    found = rows(told_of([looks]), "articles")
    names = (
        "state",
        "headline",
        "first_seen",
        "last_seen",
        "last_look",
        "last_outcome",
        "versions",
        "edited_at",
        "latest",
    )

    assert [tuple(each[name] for name in names) for each in found] == ([row] if row else [])


def test_a_capture_is_a_sight_without_a_look():
    """A record that came without its check shows the article at its capture's time all the same."""
    later = facts.read(1, 30)
    archive = told_of([[facts.read(1, 0)], [facts.Fact(check=None, capture=later.capture, record=later.record)]])
    [row] = rows(archive, "articles")

    assert (row["first_seen"], row["last_seen"], row["last_look"], row["versions"], row["latest"]) == (0, 30, 30, 1, 30)


def test_versions_and_what_changed_between_them():
    """Each version from its first capture to its last, where both were committed, and each change as new as its later text."""
    one, two, three = facts.TEXTS
    archive = told_of(
        [
            [facts.read(1, 0, one)],
            [facts.read(2, 0), facts.read(1, 10, one, tags=("eau",))],
            [facts.read(1, 20, two)],
            [facts.read(1, 30, three)],
            [facts.read(1, 40, two), facts.read(1, 50, two, tags=("bac",))],
        ]
    )
    versions, changes = rows(archive, "versions"), rows(archive, "changes")
    names = ("number", "captured_at", "seq", "line", "last_at", "last_seq", "last_line", "seen_seq")

    assert [tuple(version[name] for name in names) for version in versions] == [
        (1, 0, 1, 0, 10, 2, 1, 1), (2, 20, 3, 0, 20, 3, 0, 3), (3, 30, 4, 0, 30, 4, 0, 4), (4, 40, 5, 0, 50, 5, 1, 5),
    ]  # fmt: skip
    assert [(c["number"], c["from_at"], c["to_at"], c["seq"]) for c in changes] == [
        (2, 0, 20, 3), (3, 20, 30, 4), (4, 30, 40, 5),
    ]  # fmt: skip
    assert [unsealed(change["json"])["returns_to"] for change in changes] == [None, None, 2]


def plain(text):
    return " ".join(word.form for word in words_in(search_form(text)))


def words_of(archive, table):
    """Return row → column → its words in their order."""
    found = {}
    for row, column, _, word in facts.searched(archive.catalog.db, table)[0]:
        found.setdefault(row, {}).setdefault(column, []).append(word)
    return {row: {column: " ".join(words) for column, words in told.items()} for row, told in found.items()}


def test_words_that_were_taken_out_are_found():
    """A sentence that a later version lacks, each on its line, and of a reworded one the words that went."""
    archive = told_of([[facts.read(1, 0, facts.TEXTS[0])], [facts.read(1, 20, facts.TEXTS[2])]])
    found = words_of(archive, "taken_out")
    change = unsealed(rows(archive, "changes")[0]["json"])
    gone = [*change["removed"], *(pair["from"] for pair in change["reworded"])]
    cut = [text for pair in change["reworded"] for sign, text in pair["marks"] if sign == "-"]

    assert gone
    assert found == {
        (1 << 20) + 2: {
            "sentences": plain("\n".join(gone)), "words": plain("\n".join([*change["removed"], *cut])),
        }
    }  # fmt: skip


def test_what_is_searched_is_the_newest_text():
    """Headline, lead, body and captions of the newest version, a part a line, in the form in which words are searched."""
    archive = told_of([[facts.read(1, 0)], [facts.read(1, 20, "Un\u00a0autre.", headline="Un\u00a0pont")]])

    assert words_of(archive, "texts") == {
        1: {"headline": "un pont", "body": "un chapeau un autre le bac mairie"}
    }  # fmt: skip


def test_a_check_is_kept_as_it_was_written():
    """Each field that anything asks for, by the commit and the line."""
    seen = facts.saw(
        1, 10, "soft_404", detail="ailleurs", reason="front_page", answered="http://127.0.0.1/", confirms="x"
    )
    archive = told_of([[facts.saw(2, 0)], [facts.saw(2, 1), seen]])
    cursor = archive.catalog.db.execute("SELECT * FROM checks WHERE article_id = 1")

    assert cursor.fetchall() == [
        (
            2, 1, "2026-11-24T12:10:00.000000Z", facts.url_of(1), 1, "article", "soft_404", "front_page", 200, "x",
            "ailleurs", "http://127.0.0.1/", None,
        )
    ]  # fmt: skip


def test_what_a_commit_holds():
    """Its size is that of its segments and of itself; its batch is what its segments are named for."""
    log = facts.new_log()
    made = facts.write(log, facts.read(1, 0), name="20261124t120000z-0000000a-0007", crawl="c", summary={"exit": 0})
    found = facts.folded(log).catalog.db.execute("SELECT * FROM commits").fetchall()
    size = sum(segment.bytes for segment in made.segments) + len(made.data)

    assert found == [
        (1, made.digest, "2026-11-24T12:00:00.000000Z", "c", "20261124t120000z-0000000a-0007", size,
         canonical(made.summary).decode())
    ]  # fmt: skip


def test_what_mirrors_say_is_held_against_the_text_in_force():
    """A mirror diverges from the version of its time, once for each text that it shows, whichever mirror it is."""
    one, two, three = facts.TEXTS
    mirror = {"kind": "mirror", "outcome": "changed"}
    archive = told_of(
        [
            [facts.read(1, 0, one), facts.read(1, 60, two)],
            [
                facts.read(1, 10, one, host="a.test", **mirror),
                facts.read(1, 20, three, host="a.test", **mirror),
                facts.read(1, 30, three, host="a.test", **mirror | {"outcome": "unchanged"}),
                facts.read(1, 40, one, host="a.test", **mirror),
                facts.read(1, 50, three, host="a.test", **mirror),
                facts.read(1, 70, one, host="a.test", **mirror),
                facts.read(1, 25, two, host="b.test", **mirror),
                facts.read(1, 80, two, host="b.test", **mirror),
            ],
        ]
    )
    shown = [(row["at"], row["seq"]) for row in rows(archive, "shifts") if row["kind"] == "mirror_diverged"]

    assert sorted(shown) == [(20, 2), (25, 2), (50, 2), (70, 2)]
    assert facts.versions_of(archive, 1) == [(0, one), (60, two)]
