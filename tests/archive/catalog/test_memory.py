"""What a crawl asks of what is archived: answers, listings, batches, hosts, each of a real log that was folded."""

from archive.catalog import memory
from archive.facts.names import stamp
from tests import facts

ROBOTS = "http://127.0.0.1/robots.txt"


def asked(minute, status=200, body=b"", *, url=ROBOTS, kind="robots", repeats=None, outcome="listed", **more):
    """Return a look at an address that is no article's, with the bytes that it left."""
    check = facts.Check(at=facts.at(minute), url=url, kind=kind, outcome=outcome, status=status, **more)
    left = facts.Capture(
        url=url, captured_at=facts.at(minute), status=status or 0, body=body, payload=facts.digest(body)
    )
    return facts.Fact(check=check, capture=left if body else None, repeats=repeats)


def db_of(*commits):
    """Return the catalog's database of a log with these commits."""
    log = facts.new_log()
    for commit in commits:
        facts.write(log, *commit)
    return facts.folded(log).catalog.db


def place_of(db, minute):
    """Return where the capture of that minute lies."""
    sql = "SELECT segment, offset, length FROM captures WHERE captured_at = ?"
    return db.execute(sql, (stamp(facts.at(minute)),)).fetchone()


def test_the_last_answer_is_the_newest_that_says_something():
    """Statuses of the classes 2 and 4 but 429, from the instant asked for on; of an error or silence nothing follows."""
    db = db_of(
        [asked(0, body=b"a"), asked(10, 404, b"b"), asked(20, 429, b"c"), asked(30, 503, b"d"), asked(40, None)],
        [asked(15, 403, b"e", url="http://127.0.0.2/robots.txt")],
    )
    told = [memory.last_answer(db, ROBOTS, facts.at(minute)) for minute in (0, 10, 11)]

    assert told == [(404, stamp(facts.at(10)), place_of(db, 10))] * 2 + [None]
    assert memory.last_answer(db, "http://127.0.0.3/robots.txt", facts.at(0)) is None


def test_the_last_answer_lies_where_its_bytes_were_kept():
    """A look that left no bytes saw those of the capture before it; a repetition has the place of what it repeats."""
    first, other = asked(0, body=b"a"), asked(5, body=b"b")
    repeated = asked(10, body=b"a", repeats=first.capture)
    db = db_of([first], [other], [repeated], [asked(20)], [asked(30, body=b"c")])

    for since, minute, kept in ((0, 30, 30), (30, 30, 30)):
        assert memory.last_answer(db, ROBOTS, facts.at(since)) == (200, stamp(facts.at(minute)), place_of(db, kept))
    for commits, minute, kept in (([[first], [other]], 5, 5), ([[first], [other], [repeated], [asked(20)]], 20, 0)):
        db = db_of(*commits)
        assert memory.last_answer(db, ROBOTS, facts.at(0)) == (200, stamp(facts.at(minute)), place_of(db, kept))


def test_the_last_answer_of_bytes_kept_twice_lies_with_the_newer():
    """The same bytes kept whole again are read from where they were kept last; a later capture is not looked ahead to."""
    db = db_of([asked(0, body=b"a")], [asked(5, body=b"a")], [asked(6)])

    assert memory.last_answer(db, ROBOTS, facts.at(0)) == (200, stamp(facts.at(6)), place_of(db, 5))
    assert place_of(db, 0) != place_of(db, 5)


def test_an_answer_without_kept_bytes_has_no_place():
    """A status alone is an answer."""
    assert memory.last_answer(db_of([asked(0, 404)]), ROBOTS, facts.at(0)) == (404, stamp(facts.at(0)), None)


def test_the_way_down_a_listing_is_remembered():
    """The next page's address is that of the last whole answer: a 304 repeats none, and the last page has none."""
    page = {"url": "http://127.0.0.1/Section/1", "kind": "section", "listed": ("7",)}
    first, same = asked(0, onward="http://127.0.0.1/Section/1/2", **page), asked(5, 304, **page)

    assert memory.last_look(db_of([first], [same]), page["url"]).onward == "http://127.0.0.1/Section/1/2"
    assert memory.last_look(db_of([first], [asked(5, **page)]), page["url"]).onward is None


def test_when_an_address_was_looked_at():
    """The newest look, whatever came of it."""
    db = db_of([asked(0)], [asked(5, None, outcome="timeout")])

    assert memory.looked_at(db, ROBOTS) == facts.at(5)
    assert memory.looked_at(db, "http://127.0.0.1/none") is None


def test_the_first_of_the_deep_walks():
    """The place of each section is the newest that the log names; the earliest of them is when there were any first."""
    log = facts.new_log()
    for minutes, section in ((0, "une"), (30, "asie"), (60, "une")):
        deep = {"begun": stamp(facts.at(minutes)), "page": minutes, "ended": "end"}
        walk = {"complete": True, "pages": 1, "articles": 0, "ended": "end", "deep": deep}
        facts.write(log, summary={"sections": {section: walk}})
    db = facts.folded(log).catalog.db

    assert memory.deep_since(db) == facts.at(30)
    assert (memory.deep_place(db, "une").page, memory.deep_place(db, "asie").page) == (60, 30)
    assert memory.deep_since(db_of([asked(0)])) is None


def test_what_a_mirror_was_asked_last():
    """Looks of the parity kind at that origin alone: another host, another port and a crawl's own looks don't count."""
    base = "http://127.0.0.2"
    db = db_of(
        [asked(minute, kind="mirror", url=f"{base}/{minute}") for minute in (5, 9, 7)],
        [asked(20, kind="front", url=f"{base}/"), asked(30, kind="mirror", url=f"{base}:81/")],
        [asked(40, kind="mirror", url="http://127.0.0.1/"), asked(50, kind="mirror", url="http://127.0.0.3/")],
    )

    assert memory.mirrored_at(db, base) == facts.at(9)
    assert memory.mirrored_at(db, "http://127.0.0.9") is None


def test_what_an_origin_served_last():
    """Addresses of articles on it, those looked at last before the others, in the order of the address at one instant."""
    base = "http://127.0.0.2"
    db = db_of(
        [asked(minute, kind="article", url=f"{base}/{minute}", article_id=str(minute)) for minute in (5, 9)],
        [asked(7, kind="mirror", url=f"{base}/{name}") for name in "ba"],
        [asked(20, kind="front", url=f"{base}/"), asked(21, kind="section", url=f"{base}/s")],
        [asked(30, kind="article", url="http://127.0.0.1/1"), asked(31, kind="article", url="http://127.0.0.3/1")],
    )

    assert memory.served_by(db, base, 9) == [f"{base}/{name}" for name in ("9", "a", "b", "5")]
    assert memory.served_by(db, base, 2) == [f"{base}/9", f"{base}/a"]


def test_when_a_version_began():
    """The newest version of that digest where a text came back, and only of that article."""
    one, other = facts.TEXTS[:2]
    looks = [facts.read(1, 0, one), facts.read(1, 60, other), facts.read(1, 120, one), facts.read(2, 180, other)]
    db = db_of(*([look] for look in looks))
    told = [look.record["digests"]["version"] for look in looks]

    assert memory.showed(db, "1", told[0]) == stamp(facts.at(120))
    assert memory.showed(db, "1", told[1]) == stamp(facts.at(60))
    assert [memory.showed(db, "3", told[0]), memory.showed(db, "1", "sha256:0")] == [None, None]


def test_which_looks_captures_and_batches_are_archived():
    """A look is its article and instant, a capture its address, instant and payload, a batch its name."""
    look = facts.read(1, 0)
    log = facts.new_log()
    facts.write(log, look, name="20261124t120000z-0000000a-0001")
    db = facts.folded(log).catalog.db
    url, at, payload = look.capture.url, stamp(facts.at(0)), look.capture.payload

    assert memory.looked(db, "1", at)
    assert not memory.looked(db, "2", at)
    assert not memory.looked(db, "1", stamp(facts.at(1)))
    assert memory.holds(db, url, at, payload)
    assert not memory.holds(db, facts.url_of(2), at, payload)
    assert not memory.holds(db, url, stamp(facts.at(1)), payload)
    assert not memory.holds(db, url, at, "sha256:0")
    assert memory.names_batch(db, "20261124t120000z-0000000a-0001")
    assert not memory.names_batch(db, "20261124t120000z-0000000a-0002")


def test_what_a_listing_named_is_known_in_its_order():
    """The articles of the last look at a listing, validators and payload beside them."""
    url = "http://127.0.0.1/s"
    about = {"kind": "section", "section": "s", "page": 1}
    db = db_of(
        [
            asked(
                0,
                body=b"a",
                url=url,
                listed=("9", "8"),
                etag='"a"',
                last_modified="hier",
                payload=facts.digest(b"a"),
                **about,
            )
        ]
    )
    known = memory.last_look(db, url)

    assert (known.outcome, known.listed, known.etag, known.last_modified) == ("listed", ("9", "8"), '"a"', "hier")
    assert (known.payload, known.kept_at, known.proved_at) == (facts.digest(b"a"), facts.at(0), facts.at(0))
    assert memory.last_look(db, f"{url}x") is None


def test_what_one_address_kept_is_not_another_ones():
    """Of each page the newest capture that was kept, and the newest that proved it; an older one committed later is neither."""
    there = "http://127.0.0.1/t"
    body = {"body": b"a", "payload": facts.digest(b"a"), "kind": "section"}
    db = db_of(
        [asked(5, url=ROBOTS, **body), asked(7, url=there, **body)],
        [asked(9, url=there, **body)],
        [asked(2, url=there, **body)],
    )

    assert [(k.kept_at, k.kept_url, k.proved_at) for k in (memory.last_look(db, url) for url in (ROBOTS, there))] == [
        (facts.at(5), ROBOTS, facts.at(5)), (facts.at(9), there, facts.at(9)),
    ]  # fmt: skip


def test_an_answer_that_was_cut_is_no_last_answer():
    """Half of a robots.txt forbids half: the whole one before it is what is known."""
    db = db_of([asked(0, body=b"a"), asked(10, body=b"b", outcome="truncated", reason="disconnect")])

    assert memory.last_answer(db, ROBOTS, facts.at(0)) == (200, stamp(facts.at(0)), place_of(db, 0))


def test_what_became_of_articles_lately():
    """Each one's newest look of ours that was answered; not who was absent before, nor what was accepted, nor others'."""
    log = facts.new_log()
    old = [facts.read(number, -120) for number in range(1, 8)]
    facts.write(log, *old, facts.saw(2, -60, "gone"), crawl="first")
    facts.write(log, facts.saw(1, 10, "gone"), facts.saw(2, 10, "gone"), facts.saw(3, 10, "gone"), crawl="second")
    facts.write(log, facts.saw(3, 20), facts.saw(4, 20, "timeout"), facts.saw(1, 20, "timeout"), crawl="third")
    facts.write(log, facts.saw(5, 30, "gone"), crawl="fourth", summary={"suspect": True})
    facts.write(log, facts.saw(6, 30, "gone"), crawl="fifth", summary={"suspect": True})
    facts.write(log, crawl="accepting", summary={"accept": "fifth"})
    facts.write(log, facts.saw(7, 40, "gone", source="a.warc"), crawl="backfill-sixth")
    db = facts.folded(log).catalog.db

    assert memory.lately(db, facts.at(0), 6) == {
        facts.url_of(1): "gone", facts.url_of(3): "unchanged", facts.url_of(5): "gone",
    }  # fmt: skip
