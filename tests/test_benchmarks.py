"""The pieces of the benchmarks: figures that mean something come of them; how fast they are is not asserted."""

import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.catalog.articles import counts
from archive.facts.items import Capture
from archive.stores.memory import MemoryStore
from archive.warc import warc
from benchmarks import __main__ as program
from benchmarks import (
    archives,
    asked,
    bootstrap,
    children,
    commands,
    crawling,
    dates,
    folding,
    growth,
    indexing,
    onepage,
    padded,
    reading,
    replaying,
    shapes,
    sharing,
    table,
    waiting,
)
from benchmarks import pages as page_costs
from browse.queries import lists
from crawler import pages
from crawler.crawl import recheck
from tests.french import EDITION


@pytest.fixture(scope="module")
def turn():
    """One turn of our crawl, the naive spider and bare Scrapy over the written articles."""
    with padded.site(0) as place:
        yield place, crawling.turn(place)


def test_each_of_the_three_gets_every_article_once(turn):
    """All crawls are sent all articles, once each, and the two that read pages read all of them."""
    place, done = turn
    counts = [run.articles for run in (done.ours, done.naive, done.bare)]

    assert place.articles > 10
    assert counts == [place.articles] * 3
    assert (done.ours.items, done.naive.items) == (place.articles, place.articles)


def test_the_stopwatch_tells_parts_of_a_process(turn):
    """Start-up, crawl, CPU and memory are positive and of a crawl's size."""
    for run in (turn[1].ours, turn[1].naive, turn[1].bare):
        assert 0 < run.started < 60
        assert 0 < run.seconds < 60
        assert 0 < run.cpu < 60
        assert 20 < run.peak_mb < 1000


def test_the_naive_spider_keeps_each_page_whole(tmp_path):
    """Its WARC holds as many answers as there are articles, each with its page."""
    from warcio.archiveiterator import ArchiveIterator

    with padded.site(0) as place:
        children.naive(place, tmp_path)
    with (tmp_path / "naive.gz").open("rb") as file:
        bodies = [record.content_stream().read() for record in ArchiveIterator(file)]

    assert len(bodies) == place.articles
    assert all(b"</html>" in body and len(body) > 30_000 for body in bodies)


@pytest.mark.parametrize("fields", [False, True])
def test_the_least_that_is_kept_is_every_page_whole(tmp_path, fields):
    """Its WARC holds each article's page."""
    with padded.site(0) as place:
        children.least(place, tmp_path, fields=fields)
    kept = list(warc.read((tmp_path / "least.gz").read_bytes()))

    assert len({capture.url for capture in kept}) == place.articles
    assert all(padded.FILLER.encode() in capture.body for capture in kept)


def test_a_crawl_that_gets_too_little_is_refused(turn):
    """A run with an article missing, be it unsent or unread, is no measurement."""
    place, done = turn
    bigger = padded.Site(url=place.url, articles=place.articles + 1)

    with pytest.raises(children.Broken, match="nothing to compare"):
        children.whole(done.naive, bigger, "the naive spider")


def test_a_crawl_that_fails_says_why(tmp_path):
    """A command that ends with an error is told with its code and its own words."""
    with padded.site(0) as real, pytest.raises(children.Broken, match=r"ended with 2:\n.*no section 'nowhere'"):
        children.ours(real, tmp_path, "sections=nowhere")


def test_padded_pages_weigh_as_real_ones_and_read_the_same():
    """A page with the box of teasers weighs 30 to 120 kB and gives the very article of the page without it."""
    with padded.open_padded(0) as server:
        for article in server.outlet.articles.values():
            plain = padded.Server.answer(server, article.path)[1][0]
            heavy = server.answer(article.path)[1][0]
            address = f"https://french.presstv.ir{article.path}"
            looks = [_capture(address, body) for body in (plain, heavy)]
            light, full = (pages.read(look, EDITION).article for look in looks)

            assert light is not None
            assert 30_000 < len(heavy) < 120_000
            assert full == light


def _capture(url, body):
    kind = ((b"Content-Type", b"text/html; charset=utf-8"),)
    return Capture(
        url=url, captured_at=datetime(2026, 11, 24, tzinfo=UTC), status=200, response_headers=kind, body=body
    )


def test_three_crawls_are_counted_at_outlet_and_store(tmp_path):
    """First all, then listings only, then a 304 for each article; a batch takes six puts at most."""
    with padded.site(0) as place:
        crawls = asked.three(place, tmp_path)
    first, second, again = crawls.values()
    kinds = [asked.kinds(found.run) for found in (first, second, again)]

    assert kinds[0]["articles"] == first.run.items > 10
    assert kinds[1]["articles"] == 0
    assert kinds[1]["listings"] <= 3
    assert kinds[2]["articles"] == kinds[0]["articles"]
    assert kinds[2]["304"] >= kinds[2]["articles"]
    assert all(0 < found.batch_puts <= 6 * found.batches for found in (first, second, again))
    assert first.stored > second.stored > 0


def test_the_folds_and_plain_inserts_take_in_the_same_articles(tmp_path):
    """All take in every article of a log, however often each was looked at, and none is timed where one is missing."""
    log = archives.fill(tmp_path, 7, 3, edits=5)
    tasks = (folding.folded, folding.followed, folding.inserted)

    assert [task(log, tmp_path / task.__name__) for task in tasks] == [7] * 3
    assert sum(s.lines for commit in log.after() for s in commit.segments if s.kind == "checks") == 21
    with pytest.raises(children.Broken):
        folding.seconds(folding.folded, log, tmp_path / "c", 8)


def test_what_looks_cost_and_weigh_is_told():
    """A row for each number of looks, folded both ways, the exponents, and bytes that a look adds."""
    rows = folding.measure(articles=8, fewer=4, looks=(1, 2), rounds=1)

    assert [row.ratio is not None for row in rows] == [True] * 4 + [False] * 4
    assert all(row.ours > 0 for row in rows[:4])


def test_search_tables_are_built_beside_plain_ones(tmp_path):
    """Both take in each text, and one that takes in too few is not timed."""
    [row] = indexing.measure(articles=7, rounds=1)

    assert row.ours > 0
    assert row.beside > 0
    (tmp_path / "c").touch()
    with pytest.raises(children.Broken, match="1 of 2 texts"):
        indexing.rate(lambda _: 1, tmp_path / "c", 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two archives that are crawled still."""
    return [growth.make(tmp_path_factory.mktemp("grown"), count) for count in (20, 400)]


def test_a_made_archive_is_one_and_lives(made):
    """It verifies; some articles of it were edited, some are removed, some came back, and none is due now."""
    *_, one = made
    commands.cpu(commands.presstv(one.folder, "verify"))
    with closing(one.opened()) as archive:
        db = archive.catalog.db
        held = counts(db)
        names = [name for name in lists.LISTS if lists.found(db, name, "2000").total]
        due = list(recheck.chosen(db, "due", datetime.now(UTC), 10))

    assert held["articles"] == 400
    assert (held["removed"] > 0, held["live"] > 300, held["changes"] > 0) == (True, True, True)
    assert (names, due) == (list(lists.LISTS), [])


def test_what_grows_with_the_articles_is_told(made):
    """Each question has a row; the exponent of what takes twice as much for twice as many is 1, of the same 0."""
    rows = list(growth.questions(made, 1))
    twice = [growth.Kept(articles=count, folder=made[0].folder) for count in (1000, 2000)]

    assert len(rows) == 2 + len(lists.LISTS) + 2
    assert all(row.ours > 0 and row.beside > 0 for row in rows)
    assert [round(growth.grown("x", twice, costs, "").ratio, 3) for costs in ([3, 6], [3, 3], [6, 3])] == [1, 0, -1]


def test_every_kind_of_page_is_measured(made):
    """Each has a row over archives of both sizes."""
    rows = list(page_costs.cost(made, 1))

    assert [row.what for row in rows] == list(page_costs.KINDS)
    assert all(row.ours > 0 and row.ratio is not None for row in rows)


def test_readers_wait_beside_a_crawl_and_memory_is_told(tmp_path):
    """The real server answers while a real crawl commits; then pages that are all different ones are asked for."""
    one = growth.make(tmp_path, 40)
    (waited, rows, _), (held, memory, _) = page_costs.waits(one, 1, 30)
    with closing(one.opened()) as archive:
        db = archive.catalog.db
        known = counts(db)["articles"]

    assert known == 43
    assert re.match(r"ms that 8 readers wait beside [1-9]\d* commits of a crawl, 40 articles", waited)
    assert rows[-1].what.startswith("all ")
    assert held.startswith("MB of the server's memory (RssAnon)")
    assert [row.what for row in memory][-1] == "after 30 different pages"
    assert all(10 < row.ours < 300 for row in memory)


def test_a_page_that_is_refused_is_not_timed(tmp_path):
    """The benchmark ends with the page's own words."""
    with (
        waiting.served(growth.make(tmp_path, 20)) as server,
        pytest.raises(children.Broken, match=r"answered 404 to /a/1:\n(.|\n)*</html>"),
    ):
        server.ask("/a/1")


def test_a_command_that_fails_is_not_timed(made):
    """It is told with its own words."""
    with pytest.raises(children.Broken, match=r"ended with 2:\n.*no article '1'"):
        commands.cpu(commands.presstv(made[0].folder, "show", "1"))


def test_crawls_of_archives_of_any_size_ask_the_same(made, tmp_path):
    """An unchanged crawl asks an outlet for as much, whatever the archive knows besides; else there is no figure."""
    [(_, rows, _)] = growth.crawled(made[1:], tmp_path, 1)
    place, page = padded.Site(url="http://127.0.0.1:1", articles=0), {"path": "/", "status": 200}
    run = children.Run(seconds=1, cpu=1, started=1, start_cpu=1, whole_cpu=1, peak_mb=1, items=0, asked=(page,) * 3)

    assert all(row.ours > 0 and row.beside > 0 for row in rows)
    growth._alike(place, [run, run])
    with pytest.raises(children.Broken, match=r"asked for \[3, 4\] addresses"):
        growth._alike(place, [run, replace(run, asked=(*run.asked, page))])


@pytest.mark.parametrize("processes", [1, 2])
def test_a_replay_reads_every_page(tmp_path, processes):
    """Each stored page once, in segments enough for a rate; where one reads otherwise it is written anew."""
    count = replaying.fill(tmp_path / "a", 0, segment=3)
    ends, replay = replaying.replayed(tmp_path / "a", processes)
    replaying.fill(tmp_path / "b", 0, segment=3, as_read=replaying.misread)
    _, anew = replaying.replayed(tmp_path / "b", processes)

    assert count > 10
    assert (replay.total.same, replay.total.differ, anew.total.differ) == (count, 0, count)
    assert len(ends) == -(-count // 3)
    assert replaying.rate(ends) > 0
    assert replaying.theirs(tmp_path / "a") > 0


def test_a_replay_of_too_few_segments_is_no_rate(tmp_path):
    """The first two are the start of the processes."""
    replaying.fill(tmp_path, 0, segment=300)
    ends, replay = replaying.replayed(tmp_path, 1)

    with pytest.raises(children.Broken, match="too few"):
        replaying.rate(ends)
    with pytest.raises(children.Broken, match="nothing to compare"):
        replaying._whole(ends, replay, 10**6)


def test_pages_for_reading_are_read_by_both():
    """Ours and trafilatura both give an article of a page of 30 to 120 kB; an empty page ends the benchmark."""
    markup = reading.page(3, paragraphs=13, boxes=84)

    assert 20_000 < len(markup) < 120_000
    assert reading.ours(markup)
    assert reading.theirs(markup)
    assert reading.text_alone(markup)
    with pytest.raises(SystemExit):
        reading.seconds(reading.ours, ["<p>"])


def test_every_printed_form_is_read_and_what_is_no_date_is_not():
    """All forms but the last are dates to ours."""
    read = [dates.ours(text, source) is not None for text, source in dates.FORMS]

    assert read == [True] * (len(dates.FORMS) - 1) + [False]


def test_hostile_pages_are_read_in_two_sizes():
    """Each shape has a row, and the bigger page is the bigger one."""
    rows = list(shapes.measure("unknown", small=2_000, rounds=1))

    assert [row.what for row in rows] == list(shapes.SHAPES)
    assert all(row.ours > 0 and row.beside > 0 and row.ratio > 0 for row in rows)
    assert all(len(make(8_000)) > 2 * len(make(2_000)) for make in shapes.SHAPES.values())


@pytest.mark.parametrize(("less", "ratio"), [(False, 2.0), (True, 0.5)], ids=["more is better", "less is better"])
def test_a_ratio_over_one_says_that_ours_is_better(less, ratio):
    """Medians of both columns, and the median of the rounds' own ratios, whichever way better is."""
    row = table.compared("x", [(20, 10), (400, 200), (60, 30)], less=less)

    assert (row.ours, row.beside, row.ratio) == (60, 30, ratio)


def test_a_table_lines_up():
    """Figures keep their columns; what is not known stays empty."""
    rows = [table.Row(what="a", ours=12345.6, beside=3.14159, ratio=1.5, aim="1"), table.Row(what="b", ours=0.5)]
    head, first, second, end = table.lines("title", rows, "other")

    assert first.split() == ["a", "12,346", "3.14", "1.50", "1"]
    assert second.split() == ["b", "0.50"]
    assert head.index("ratio") + 5 == first.index("1.50") + 4
    assert end == ""


def test_an_unknown_part_is_named():
    """A word that is no benchmark ends the program with the words that are."""
    with pytest.raises(
        SystemExit,
        match=r"'nonsense'.*crawl, floor, read, shapes, dates, asked, fold, growth, bootstrap, replay, pages, shares, memory",
    ):
        program.main(["nonsense"])


def test_the_documents_figures_are_of_the_parts_that_exist():
    """docs/benchmarks.md names every part."""
    text = (children.ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")

    assert set(program.PARTS) <= set(re.findall(r"`(\w+)`", text))


def test_the_probe_is_counted():
    """The probe asks for puts, losers of its races included."""
    assert asked.probe_puts() == 5 * 8 + 5


def test_one_page_of_any_outlet_is_read():
    """A page is read as the pipeline does, without a layout or an address that it knows; what is none says so."""
    at = datetime(2021, 5, 2, tzinfo=UTC)
    found = onepage.read("https://journal.invalid/une", at, reading.page(3, paragraphs=13, boxes=84).encode())
    none = onepage.read("https://journal.invalid/une", at, b"<html><title>Le journal</title><a href=/>Une</a></html>")

    assert (found["headline"], found["published"]) == ("Titre du sujet 3", "2021-05-01T09:30:00+00:00")
    assert (len(found["body"]), found["precision"], found["zone"]) == (13, "minute", "UTC (assumed)")
    assert (none["headline"], none["body"], none["issues"][0]) == ("", [], "not_observed")


def test_a_first_reading_is_the_same_in_each_way():
    """All segments of records are read but where a snapshot has them; a bundle saves hundreds of requests."""
    ways, head = bootstrap.measure(MemoryStore(), 270)
    plain, bundled, snapped = ways["nothing"], ways["bundles and packs"], ways["a snapshot"]

    assert head.seq == 270
    assert (plain.records, bundled.records, snapped.records) == (27, 27, 0)
    assert plain.gets > 3 * 270
    assert bundled.gets < 100
    assert snapped.gets < 20


def test_shares_are_measured_beside_one_process():
    """They come to the same records, or nothing is told; each figure has one beside it."""
    rows = sharing.measure(0, of=2, segment=3)

    assert len(rows) == 5
    assert all(row.ours > 0 and row.beside > 0 for row in rows)
