"""Archives of earlier versions: read, folded and verified by today's program to what those versions made of them.

Each of `tests/old/*.tar.xz` was written by the version that its name gives; `tests/old/README.md` says how, and that
every release adds its own.
"""

import json
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest

from archive.catalog.selection import Selection
from archive.errors import KeyMissing
from archive.exporters.views import VIEWS
from archive.facts.items import Check
from archive.facts.teasers import Teaser, teasers_digest
from archive.log.chain import Draft
from crawler.crawl.brake import Brake
from crawler.crawl.program import PROGRAM
from crawler.pages import REVISION
from crawler.reread.adoption import adopt
from crawler.reread.spools import SpoolPlace
from demo.server import serve
from pipelines.export import Export
from pipelines.look import Look
from pipelines.version import Judge, Rules
from tests import facts
from tests.crawler.backfill.test_foreign_order import http, record
from tests.facts import read, reread, saw
from tests.faults.site import article, opened
from tests.foreign_warcs import page, plain_warc
from tests.french import EDITION
from tests.made import BASE, Ticking, archive_at, capture, url_of, writer_of
from tests.old import pack, reader_0_1_0
from tests.project import Project

NAMES = sorted(path.name.removesuffix(".exports.tar.xz") for path in pack.HERE.glob("*.exports.tar.xz"))
ALIKE = ("soft_404", "a made-up address is answered alike")


@pytest.fixture(scope="module", params=NAMES)
def old(request, tmp_path_factory):
    """Return (folder with the unpacked archive, name → what the version that wrote it said)."""
    folder = tmp_path_factory.mktemp("old")
    told = pack.unpacked(f"{request.param}.exports.tar.xz")
    (folder / pack.CERTIFICATES).write_bytes(told.pop(pack.CERTIFICATES))
    for path, data in pack.unpacked(f"{request.param}.tar.xz").items():
        (folder / "archive" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "archive" / path).write_bytes(data)
    return folder, told


@pytest.fixture(scope="module")
def answers(old):
    """Return name → (exit code, answer) of today's program."""
    folder, told = old
    return pack.answers(folder, {name: words for name, words in pack.commands(folder).items() if name in told})


ADDED = frozenset({
    "lags", "vouched", "faults", "source", "source_before", "state_source", "looks_of_others", "strangers", "headline", "url",
    "sections", "cite", "state", "day", "printed", "schema", "view", "edition", "commit", "crawl", "line", "held",
    "last_look", "last_outcome", "edited_at", "begun_at", "last_at", "seen_at", "derived", "resumed",
})  # fmt: skip
"""Fields that versions after 0.1.0 say besides: whose and of what each version, change and event is, days as printed, what
lets a line stand alone, and the bundles, packs and snapshots that were read."""
OLD_VIEWS = ("latest", "versions", "changes", "events", "checks", "placements")


def as_before(today, old):
    """Return a part of an answer without the fields that were added since; each of them must be in ADDED."""
    if isinstance(today, dict) and isinstance(old, dict):
        told = {name: value for name, value in today.items() if name in old or name not in ADDED}
        return {name: as_before(value, old.get(name)) for name, value in told.items()}
    if isinstance(today, list) and isinstance(old, list) and len(today) == len(old):
        return [as_before(*pair) for pair in zip(today, old, strict=True)]
    return today


def parsed(answer):
    """Return a JSON document, or the rows of JSON lines."""
    lines = answer.decode().splitlines()
    return [json.loads(line) for line in lines] if len(lines) != 1 and lines[0] != "{" else json.loads(answer)


def test_an_old_archive_says_what_it_said(old, answers):
    """Each view, history, state and verification ends with 0 and says what the old version said, fields added apart."""
    _, told = old

    assert sorted(answers) == sorted(told)
    assert {name: code for name, (code, _) in answers.items() if code} == {}
    said = {name: (parsed(answer), parsed(told[name])) for name, (_, answer) in answers.items()}
    assert [name for name, (today, before) in said.items() if as_before(today, before) != before] == []


def test_a_replay_of_an_old_archive_makes_no_article_of_what_was_none(old, answers):
    """A page that was told by comparison to be no article is none to a replay either, though it reads as one."""
    folder, _ = old
    checks = [json.loads(line) for line in answers["checks.jsonl"][1].splitlines()]
    none = {(each["article_id"], each["at"]) for each in checks if (each["outcome"], each.get("detail")) == ALIKE}
    replayed = {"replay.json": ("replay", "--json"), "versions.jsonl": ("export", "jsonl", "--view", "versions")}
    (code, report), (_, versions) = pack.answers(folder, replayed).values()
    read = {(row["article_id"], row["captured_at"]) for row in map(json.loads, versions.splitlines())}

    assert none
    assert (code in (0, 3), json.loads(report)["failed"]) == (True, [])
    assert read & none == set()


PARTED = frozenset({"removed", "soft_removed", "restored", "host_lost", "mirrored", "moved", "slug_changed"})


def by_today(rows):
    """Return article → (state, begins of its versions, events) of those that have a version; `rows` gives a view."""
    events = {}
    for row in rows("events"):
        if row["event"] in PARTED:
            since = None if row["event"] == "mirrored" else row["not_before"]
            told = (row["event"], since, row["not_after"], row["detail"])
            events.setdefault(row["article_id"], []).append(told)
    begun = {}
    for row in rows("versions"):
        begun.setdefault(row["article_id"], []).append(row["captured_at"])
    return {
        row["article_id"]: (
            row["state"], begun[row["article_id"]], sorted(events.get(row["article_id"], ()), key=str),
        )
        for row in rows("latest")
    }  # fmt: skip


def by_old(get):
    """Return the same by the rules of version 0.1.0."""
    found = reader_0_1_0.Facts(get)
    told = {number: reader_0_1_0.told(found, number) for number in found.readings}
    return {number: each for number, each in told.items() if each[1]}


def places(rows):
    """Return what stood where in listings."""
    return [tuple(row[name] for name in ("at", "section", "page", "rank", "article_id")) for row in rows("placements")]


@pytest.mark.parametrize("name", NAMES)
def test_the_old_rules_are_those_of_the_old_version(name):
    """What `reader_0_1_0` makes of an old archive is what was exported, but for texts that two layouts read."""
    get = pack.unpacked(f"{name}.tar.xz").get
    told = pack.unpacked(f"{name}.exports.tar.xz")
    rows = {view: [json.loads(line) for line in told[f"{view}.jsonl"].splitlines()] for view in OLD_VIEWS}
    read_by = {}
    old = reader_0_1_0.Facts(get)
    for number, readings in old.readings.items():
        read_by[number] = {record["extraction"]["layout"] for _, _, record in readings}
    found, wanted = by_old(get), by_today(rows.__getitem__)
    one_layout = [number for number in wanted if len(read_by[number]) == 1]

    assert len(one_layout) > len(wanted) / 2
    assert {number: found[number] for number in one_layout} == {number: wanted[number] for number in one_layout}
    assert old.placements == places(rows.__getitem__)


def get_from(store):
    """Return a function that gives a key's bytes, None where there is none."""

    def get(key):
        try:
            return store.get(key)
        except KeyMissing:
            return None

    return get


SEIZED = b"<title>Avis</title><h1>This website has been seized</h1><p>by the United States Government.</p>"
PARKED = b"<title>Domaine</title><h1>Ce nom de domaine est \xc3\xa0 vendre</h1>"
WALL = b"<html><title>Just a moment...</title><body>Checking your browser before accessing</body></html>"
GONE = "<html><title>Page introuvable</title><h1>Page introuvable</h1><p>Retour à l’accueil.</p>".encode()
PAGE, OTHER = article(7), article(7, text=["Le phare de Kermor s’est éteint."])
OTHER_HOST = "https://french.presstv.co.uk"
STORY = {
    "1": [(0, PAGE), (1, PAGE), (2, OTHER), (3, PAGE)],
    "2": [(0, PAGE), (1, b"rien", 404), (9, b"rien", 410), (12, PAGE)],
    "3": [(0, PAGE), (1, GONE), (9, GONE)],
    "4": [(0, PAGE), (1, b"rien", 404), (3, b"rien", 404)],
    "5": [(0, PAGE), (1, SEIZED), (9, SEIZED, 503)],
    "6": [(0, PAGE), (1, PARKED), (9, PARKED)],
    "7": [(0, PAGE), (1, WALL, 503), (9, WALL), (12, b"", 500)],
    "8": [(0, PAGE), (1, b""), (9, b"panne", 500)],
    "9": [(0, PAGE), (1, "dns_error"), (9, "conn_error")],
    "10": [(0, PAGE), (1, "timeout"), (9, "robots_denied")],
}
"""Article → (hour, what was answered, status), or how a look ended that had no answer."""
TAKEN_OVER = {"5": "http://127.0.0.5", "6": "http://127.0.0.6"}
"""Article → its host, where that is somebody else's in the end: what it answers says nothing of other articles."""


def judged(tmp_path):
    """Return an archive of STORY: each page read and judged by today's steps, as adoption does."""
    clock = Ticking()
    archive = archive_at(tmp_path, clock)
    rules = Rules(revision=REVISION, keep_for=timedelta(days=30), reread=lambda record: record)
    looks = sorted(((hour, int(n), *more) for n, story in STORY.items() for hour, *more in story), key=lambda x: x[:2])
    for place, (hour, number, answer, *status) in enumerate(looks):
        clock.now = max(clock.now, facts.NOON + timedelta(hours=hour))

        def writer(place=place):
            return writer_of(archive, tmp_path, clock, crawl=f"20261124t120000z-{place:08x}")

        url = url_of(str(number)).replace(BASE, TAKEN_OVER.get(str(number), BASE))
        made = writer()
        if isinstance(answer, str):
            look = Look(url=url, kind="article", at=clock(), outcome=answer, article_id=str(number))
            Export(made).process_item(Judge(made, rules).process_item(look))
            made.close({})
        else:
            made.spool(capture(url, at=clock(), body=answer, status=status[0] if status else 200))
        made.abandon()
        adopt(SpoolPlace.of(tmp_path / "spool", archive), archive, writer, rules, EDITION, braking=Brake)
        archive.catalog.follow(archive.log)
    return archive


def batched():
    """Return an archive written batch by batch: revisions, mirrors, suspect crawls, another host's silence."""
    log, hour = facts.new_log(), 60
    first = read(21, 0)
    facts.write(log, first, read(21, 5, facts.TEXTS[1], outcome="changed"), read(22, 0), read(23, 0), read(24, 0))
    facts.write(
        log, reread(first, "Relu."), saw(22, 10, "gone", host="miroir.exemple"),
        saw(22, 9 * hour, "gone", host="miroir.exemple"), saw(23, 10, "unchanged", kind="mirror", host="miroir.exemple"),
        read(24, 11, "Un autre texte.", outcome="changed", kind="mirror", host="miroir.exemple"),
    )  # fmt: skip
    facts.write(log, read(24, 60, facts.TEXTS[2], outcome="changed"), crawl="a", summary={"suspect": True})
    facts.write(log, read(22, 60, facts.TEXTS[2], outcome="changed"), crawl="b", summary={"suspect": True})
    draft = Draft(crawl="c", writer=PROGRAM, segments=[], summary={"accept": "b"}, committed_at=facts.NOON)
    log.append(draft)
    return facts.folded(log)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Return (what today's program tells of STORY, what the old rules tell of it)."""
    archive = judged(tmp_path_factory.mktemp("story"))
    told = by_today(lambda view: list(VIEWS[view](archive, Selection()))), by_old(get_from(archive.store))
    archive.close()
    return told


def test_what_today_judges_is_read_by_the_old_rules(story):
    """States, versions and events of what was fetched today are the same by version 0.1.0."""
    today, old = story

    assert old == today


def test_what_today_commits_is_read_by_the_old_rules():
    """Of revisions, mirrors, suspect crawls and another host's silence version 0.1.0 tells the same as today's."""
    archive = batched()
    today, old = by_today(lambda view: list(VIEWS[view](archive, Selection()))), by_old(get_from(archive.store))

    assert old == today
    assert {number: len(begun) for number, (_, begun, _) in today.items()} == {"21": 2, "22": 2, "23": 1, "24": 1}


def test_teasers_are_passed_over_by_the_old_rules():
    """A listing's check with teasers, or the digest of them, lists the same places to version 0.1.0."""
    log, shown = facts.new_log(), (Teaser(text="Un bac", picture="http://127.0.0.1/i.jpg", spot="a"), Teaser())
    looks = [
        Check(
            at=facts.at(minute), url="http://127.0.0.1/une", kind="section", section="une", page=1, outcome="listed",
            status=200, listed=("21", "22"), teasers=teasers, teasers_digest=digest,
        )
        for minute, teasers, digest in ((1, shown, None), (2, (), teasers_digest(t.fields() for t in shown)))
    ]  # fmt: skip
    facts.write(log, read(21, 0), read(22, 0))
    facts.write(log, *(facts.Fact(check=look) for look in looks))
    archive = facts.folded(log)

    assert reader_0_1_0.Facts(get_from(archive.store)).placements == places(
        lambda view: list(VIEWS[view](archive, Selection()))
    )
    assert by_old(get_from(archive.store)) == by_today(lambda view: list(VIEWS[view](archive, Selection())))


def test_the_story_comes_to_what_it_tells(story):
    """Two articles are away, one came back, three hosts are lost: the rules had something to do."""
    today, _ = story

    assert {number: state for number, (state, _, _) in today.items() if state != "live"} == {
        "3": "removed", "4": "gone",
    }  # fmt: skip
    assert {number: [event for event, *_ in events] for number, (_, _, events) in today.items() if events} == {
        "2": ["removed", "restored"], "3": ["soft_removed"], "5": ["host_lost"], "6": ["host_lost"], "9": ["host_lost"],
    }  # fmt: skip
    assert {number: len(begun) for number, (_, begun, _) in today.items() if len(begun) > 1} == {"1": 3}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return what the commands write: two signed crawls, an edit and a removal between, and two files of others."""
    folder = tmp_path_factory.mktemp("written")
    signed = ("-s", f"SIGNING_KEY_FILE={folder / 'key'}")
    (folder / "key").write_text("11" * 32)
    (folder / "key").chmod(0o600)
    joined = (
        record("warcinfo", b"operator: Institut A\r\n", None, WARC_Record_ID="<a>"),
        record("response", b"HTTP/1.1 103 X\r\nLink: a\r\n\r\n" + http(page("7")), WARC_Protocol="h2\r\nWARC-Protocol: tls/1.3"),
        record("resource", page("8"), url_of("8"), Content_Type="text/html"),
        record("response", http(b"rien", status="404 Not Found"), url_of("7"), at="2019-03-18T09:30:00Z"),
    )  # fmt: skip
    (folder / "joints.warc").write_bytes(b"".join(joined))
    plain_warc(4).save(folder / "autre.warc.gz")
    with serve() as outlet:
        project = Project(folder, outlet.url)
        codes = [project.crawl(*signed).returncode]
        for act, told in (
            ("edit", {"id": "711958", "open": True, "headline": "Le ferry transporte 1 400 passagers"}),
            ("remove", {"id": "697008"}),
        ):
            asked = Request(f"{outlet.url}/_control/{act}", json.dumps(told).encode(), method="POST")
            urlopen(asked).read()
        codes += [project.crawl(*signed, "-a", "recheck=all").returncode]
        given = (folder / "autre.warc.gz", folder / "joints.warc")
        codes += [project.run("backfill", *signed, "--outlet", outlet.url, *given).returncode]
        codes += [project.run("verify").returncode]
    assert codes == [0, 0, 0, 0]
    return project


def test_what_the_commands_write_is_read_by_the_old_rules(written):
    """Signatures, teasers, what was learned, others' captures and saved pages: the same states, versions and events."""
    with opened(written) as archive:
        get = get_from(archive.store)
        old = by_old(get)
        today = by_today(lambda view: list(VIEWS[view](archive, Selection())))
        commits = list(archive.log.after())
        shown = [row for row in VIEWS["placements"](archive, Selection()) if row.get("teaser")]
        stood = places(lambda view: list(VIEWS[view](archive, Selection())))
        signed = [get(f"log/{commit.seq:012d}.sig") is not None for commit in commits]

    assert old == today
    assert reader_0_1_0.Facts(get).placements == stood
    assert len(today) > 60
    assert {"unpacked", "archive", "backfill"} <= {name for commit in commits for name in commit.summary}
    assert (all(signed), bool(shown)) == (True, True)
