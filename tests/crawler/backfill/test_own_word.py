"""What two looks of ours say of each other stays what it was, whatever others captured before, between and after."""

from datetime import timedelta

import pytest

from archive.catalog.selection import Selection
from archive.exporters.own import selected
from archive.exporters.views import VIEWS
from archive.facts.names import stamp
from tests.crawler.backfill.own_looks import crawled, saw
from tests.foreign_warcs import THEN, Warc, backfilled, moment, page
from tests.made import url_of

OLD, NEW = (
    "Deux marins manquent depuis mardi, dit la capitainerie.",
    "Tous les marins sont rentrés, dit la capitainerie.",
)
TURNS = (
    "Deux blessés et quatre disparus au chantier naval de Grindau, selon la mairie.",
    "La compagnie assure que tout fonctionne normalement depuis vendredi matin.",
    "Un marché de Noël sans plastique ouvrira bientôt place Saint-Martin.",
    "Colombie : un téléphérique transporte désormais les écoliers jusqu’au lycée.",
)
HTTP = [("Last-Modified", f"Sun, 17 Mar 2019 {hour:02}:00:00 GMT") for hour in range(10)]
NUMBERS = [str(number) for number in range(1, 7)]


def rows(archive, view, source="all"):
    """Return a view of the archive."""
    with selected(archive, source) as chosen:
        return list(VIEWS[view](chosen, Selection()))


def ending(number, text):
    """Return a page of which only the last paragraph is none of its own."""
    return page(number, f"Un titre à part, le {number}e", f"Le port {number} attend.").replace(
        b"</article>", f"<p>{text}</p></article>".encode()
    )


def turning(take, days):
    """Add six articles of which each shows another one of four texts at each look."""
    for day in days:
        for number in NUMBERS:
            take(number, ending(number, TURNS[(day + int(number)) % 4]), timedelta(days=day, hours=int(number)))


def standing(archive, number):
    """Return (silent, clocks, noise) of the change between our two looks at an article, and its event."""
    until = [row for row in rows(archive, "changes") if row["article_id"] == number and row["source"] is None]
    events = [row["event"] for row in rows(archive, "events") if row["source"] is row["source_before"] is None]
    return [(row["silent"], row["clocks"], row["noise"]) for row in until[-1:]], sorted(set(events))


def taken(archive, tmp_path, clock, warc):
    """Take in what another one captured."""
    return backfilled(archive, tmp_path, clock, warc.save(tmp_path / "autre.warc.gz"))


@pytest.mark.row("F-OTH-05")
def test_texts_that_take_turns_in_others_captures_hide_no_edit_of_ours(archive, tmp_path, clock):
    """They are noise among themselves, and between two looks of ours one of them in another's place is an edit."""
    first, then = timedelta(days=30), timedelta(days=60)
    crawled(archive, tmp_path, clock, *(saw(n, ending(n, TURNS[0]), THEN + first) for n in NUMBERS))
    crawled(archive, tmp_path, clock, saw("1", ending("1", TURNS[1]), THEN + then, "changed"))
    before = {view: rows(archive, view, "own") for view in VIEWS}
    warc = Warc()
    turning(lambda n, body, span: warc.response(url_of(n), body, at=moment(span.total_seconds())), range(8))
    taken(archive, tmp_path, clock, warc)

    assert standing(archive, "1")[0] == [(True, [], "")]
    assert ("silently_edited", None) in {(row["event"], row["source"]) for row in rows(archive, "events")}
    assert {row["noise"] for row in rows(archive, "changes") if row["source"] and row["source_before"]} == {"rotating"}
    assert {view: rows(archive, view, "own") for view in VIEWS} == before


FORGERIES = {
    "a clock as it stands later": [(OLD, 5, 9)],
    "a clock that moves at each look": [(OLD, 2, 2), (OLD, 3, 3), (OLD, 4, 4), (OLD, 5, 5)],
}


@pytest.mark.row("F-OTH-05")
@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_others_captures_make_an_edit_of_ours_neither_silent_nor_noise(archive, tmp_path, clock, forged):
    """Both looks are ours, and so is all that is said of what changed between them."""
    crawled(archive, tmp_path, clock, saw("7", page(text=OLD), THEN, headers=HTTP[:1]))
    late = THEN + timedelta(days=10)
    crawled(archive, tmp_path, clock, saw("7", page(text=NEW), late, "changed", headers=HTTP[9:]))
    before = standing(archive, "7")
    warc = Warc()
    for text, day, hour in forged:
        warc.response(url_of("7"), page(text=text), at=moment(days=day), headers=HTTP[hour : hour + 1])
    taken(archive, tmp_path, clock, warc)

    assert before == ([(False, ["last_modified"], "")], ["discovered", "edited"])
    assert standing(archive, "7")[0] == before[0]


@pytest.mark.row("F-OTH-05")
@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_what_we_saw_ourselves_does(archive, tmp_path, clock, forged):
    """The same captures made by us make the same edit silent: no clock moved, or it moves at each look."""
    crawled(archive, tmp_path, clock, saw("7", page(text=OLD), THEN, headers=HTTP[:1]))
    for text, day, hour in forged:
        look = saw("7", page(text=text), THEN + timedelta(days=day), "changed", headers=HTTP[hour : hour + 1])
        crawled(archive, tmp_path, clock, look)
    late = THEN + timedelta(days=10)
    crawled(archive, tmp_path, clock, saw("7", page(text=NEW), late, "changed", headers=HTTP[9:]))

    assert standing(archive, "7")[0] == [(True, [], "")]


@pytest.mark.row("F-OTH-05")
def test_the_same_text_in_others_captures_before_makes_an_edit_of_ours_no_turn_back(archive, tmp_path, clock):
    """We saw the later text once; that it had stood there before is another one's word, told with their capture."""
    crawled(archive, tmp_path, clock, saw("7", page(text=OLD), THEN + timedelta(days=8)))
    crawled(archive, tmp_path, clock, saw("7", page(text=NEW), THEN + timedelta(days=10), "changed"))
    warc = Warc()
    warc.response(url_of("7"), page(text=NEW), at=moment(days=5))
    taken(archive, tmp_path, clock, warc)
    theirs, ours = rows(archive, "changes")

    assert (theirs["source_before"] is None, theirs["returns_to"]) == (False, None)
    assert (ours["source_before"], ours["returns_to"], ours["noise"]) == (None, None, "")


@pytest.mark.row("F-OTH-05")
def test_a_text_that_we_saw_before_is_one_that_comes_back(archive, tmp_path, clock):
    """A flip-flop of our own looks stays one beside others' captures."""
    for day, text in enumerate((NEW, OLD, NEW)):
        crawled(archive, tmp_path, clock, saw("7", page(text=text), THEN + timedelta(days=day), "changed"))
    warc = Warc()
    warc.response(url_of("7"), page(text=OLD), at=moment(days=1, hours=3))
    taken(archive, tmp_path, clock, warc)

    assert [(row["returns_to"], row["noise"]) for row in rows(archive, "changes")] == [(None, ""), (1, "flip_flop")]


def sheet(*paragraphs, known):
    """Return the same article in a layout that a class knows, or in one that none knows."""
    told = "".join(f"<p>{text}</p>" for text in paragraphs)
    title, body = "La pluie revient sur la côte de Grindau", f"<div class=news-body-container>{told}</div>"
    dated = "<h1 class=news-title-container>{}</h1><time class=news-detail>Sun Mar 17, 2019 9:46AM</time>{}"
    shape = dated if known else "<article><h1>{}</h1>{}</article>"
    head = f"<!doctype html><html lang=fr><head><meta charset=utf-8><title>{title}</title></head>"
    return f"{head}<body>{shape.format(title, body if known else told)}</body></html>".encode()


@pytest.mark.row("F-OTH-05")
def test_a_capture_of_others_bridges_no_edit_of_ours(archive, tmp_path, clock):
    """What another layout left out reads like either of our texts; between these a paragraph was taken out."""
    whole = [f"{one} {other}" for one, other in zip(TURNS, (*TURNS[1:], OLD), strict=True)]
    crawled(archive, tmp_path, clock, saw("7", sheet(*whole, NEW, known=True), THEN))
    crawled(archive, tmp_path, clock, saw("7", sheet(*whole, known=True), THEN + timedelta(days=10), "changed"))
    warc = Warc()
    warc.response(url_of("7"), sheet(*whole, known=False), at=moment(days=5))
    found = taken(archive, tmp_path, clock, warc)
    edits = [row["event"] for row in rows(archive, "events") if "edited" in row["event"]]

    assert found.intake.tally.taken == {"changed": 1}
    assert edits == ["silently_edited"]
    assert [row["extraction"]["layout"] for row in rows(archive, "versions")] == ["modern", "modern"]


@pytest.mark.row("F-OTH-05")
def test_a_capture_of_others_at_our_own_instant_is_never_told_as_ours(archive, tmp_path, clock):
    """Two texts of one instant: each change and event between them says whose the other one is."""
    crawled(archive, tmp_path, clock, saw("7", page(text=OLD), THEN))
    warc = Warc()
    warc.response(url_of("7"), page(text=NEW), at=moment())
    taken(archive, tmp_path, clock, warc)
    late = THEN + timedelta(days=1)
    crawled(archive, tmp_path, clock, saw("7", page(text=OLD), late, "unchanged", confirms=stamp(THEN)))
    told = [row for view in ("changes", "events") for row in rows(archive, view) if row.get("event") != "discovered"]

    assert len(told) == 4
    assert all(row["source"] or row["source_before"] for row in told)
    assert rows(archive, "latest")[0]["source"] is None


@pytest.mark.row("F-OTH-05")
@pytest.mark.parametrize("files", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)], ids=str)
def test_two_libraries_in_one_second_say_the_same_in_any_order(archive, tmp_path, clock, files):
    """An edit lies between them: one has the text before, the other the text after; no text comes back."""
    places = []
    for day, text in ((0, OLD), (1, OLD), (1, NEW), (2, NEW)):
        warc = Warc(info={"operator": f"Bibliothèque {text[:4]} {day}"})
        warc.response(url_of("7"), page(text=text), at=moment(days=day))
        places.append(warc.save(tmp_path / f"{len(places)}.warc.gz"))
    for file in (*files, 3):
        backfilled(archive, tmp_path, clock, places[file])
    versions = [(row["captured_at"][8:10], row["body"][0][:4]) for row in rows(archive, "versions")]

    assert versions == [("17", OLD[:4]), ("18", NEW[:4])]


@pytest.mark.row("F-OTH-05")
@pytest.mark.parametrize("back", [True, False])
def test_who_says_that_a_removed_article_is_back(archive, tmp_path, clock, back):
    """Where only others saw it again the state says so; once we did, it is ours."""
    crawled(archive, tmp_path, clock, saw("7", page(), THEN))
    for day in (1, 2):
        crawled(archive, tmp_path, clock, saw("7", b"", THEN + timedelta(days=day), "gone", status=404))
    warc = Warc()
    warc.response(url_of("7"), page(), at=moment(days=3))
    taken(archive, tmp_path, clock, warc)
    if back:
        again = saw("7", page(), THEN + timedelta(days=4), "unchanged", confirms=stamp(THEN))
        crawled(archive, tmp_path, clock, again)
    (row,) = rows(archive, "latest")

    assert (row["state"], row["state_source"] is None) == ("live", back)
    assert rows(archive, "latest", "own")[0]["state"] == ("live" if back else "removed")
