"""What a citation names, and which two versions are compared."""

import pytest

from archive.catalog.history import history_of
from archive.catalog.naming import moment_of, named_pair, named_version, span_of, whole_number
from archive.errors import UsageError
from archive.facts.names import stamp
from tests import facts


@pytest.fixture(scope="module")
def db():
    """Return a catalog of an article of three versions and of one with one."""
    log = facts.new_log()
    for minute, text in ((0, facts.TEXTS[0]), (60, facts.TEXTS[1]), (120, facts.TEXTS[0])):
        facts.write(log, facts.read(1, minute, text))
    facts.write(log, facts.read(2, 0))
    return facts.folded(log).catalog.db


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("1",), (2, 3)),
        (("1", "1"), (1, 3)),
        (("1", "1", "2"), (1, 2)),
        (("1", "3", "1"), (3, 1)),
        (("1", "2026-11-24T12:30:00Z"), (1, 3)),
        (("2", "1"), (1, 1)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) else None,
)
def test_two_versions_are_compared(db, words, numbers):
    """The last two, one and the newest, or any two, in the order that was asked for."""
    assert tuple(version.number for version in named_pair(db, *words)) == numbers


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("2",), "one version only"),
        (("3",), "no article '3'"),
        (("1", None, "1"), "version 1 of article 1 is its first"),
        (("1", "4"), "has no version 4"),
        (("1", "1", "9"), "has no version 9"),
        (("1", "hier"), "'hier' is no time"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_compared_is_a_usage_error(db, words, says):
    """It says what is not there."""
    with pytest.raises(UsageError, match=says):
        named_pair(db, *words)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1", 3),
        ("1@latest", 3),
        ("1@2", 2),
        ("1@2026-11-24T13:10", 2),
        ("1@2026-11-24T16:30:00+03:30", 2),
        ("1@2026-11-24", 3),
    ],
)
def test_a_citation_names_one_version(db, name, number):
    """By number, by `latest`, or by what was in force at a time; a day means its end."""
    assert named_version(db, name).number == number


@pytest.mark.row("F-SAY-05")
@pytest.mark.parametrize("length", [6, 20, 64])
@pytest.mark.parametrize("before", ["", "sha256:"])
@pytest.mark.parametrize("kind", ["version", "payload"])
def test_a_version_is_named_by_digits_of_its_digest(db, length, before, kind):
    """Of what was read, as citations have it, or of the bytes; of the same text twice the newest is meant."""
    second = named_version(db, "1@2")
    digits = second.record["digests"][kind].removeprefix("sha256:")[:length]

    assert named_version(db, f"1@{before}{digits.upper() if not before else digits}").number == 2
    assert named_version(db, f"1@{named_version(db, '1@1').record['digests']['version']}").number == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("1@sha256:0000", "no version of article 1 has a digest 0000…; list them with"),
        ("1@facade", "has a digest facade"),
        ("1@fac", "'fac' is no time"),
        ("1@sha256:xyz0", "is no time"),
        ("3@facade", "no article '3'"),
    ],
)
def test_digits_of_no_version_are_a_usage_error(db, name, says):
    """What can be a digest is looked for as one, and three letters are no digits of one."""
    with pytest.raises(UsageError, match=says):
        named_version(db, name)


def test_digits_that_are_a_day_are_a_day(db):
    """In digits alone a day comes first, and the Wayback Machine's fourteen are an instant."""
    assert named_version(db, "1@20261124").number == 3
    assert named_version(db, "1@20261124131000").number == 2


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), (None, None)),
        (("2",), ("2", None)),
        (("2", "5"), ("2", "5")),
        (("2..5",), ("2", "5")),
        (("2..",), ("2", None)),
        (("..5",), (None, "5")),
        (("2026-11-24T12:30:00.5Z..latest",), ("2026-11-24T12:30:00.5Z", "latest")),
    ],
)
def test_two_versions_are_named_in_one_word_or_two(words, meant):
    """A..B is A and B; without A the one before B, without B the newest."""
    assert span_of(words) == meant


def test_a_span_is_said_once():
    """Beside another word it is refused."""
    with pytest.raises(UsageError, match=r"'2\.\.5 7' says twice which versions"):
        span_of(("2..5", "7"))


@pytest.mark.row("F-SAY-05")
@pytest.mark.parametrize(
    ("digits", "number"),
    [
        ("71195", "711958"), ("7119", "711958"), ("711958", "711958"), ("701000", "701000"), ("7010001", "70100012"),
        ("711", "711"), ("7118", "7118"), ("70100012", "70100012"), ("1", "1"), ("x", "x"), ("٧١١٩", "٧١١٩"),
        ("9999999", "999999999999"), ("999999999998", "999999999998"),
    ],
)  # fmt: skip
def test_a_number_is_named_by_its_first_digits(numbers, digits, number):
    """Four or more, where one article alone begins so; an article of that very number comes first."""
    assert whole_number(numbers, digits) == number


@pytest.mark.row("F-SAY-05")
def test_digits_of_several_numbers_are_refused(numbers):
    """They are named."""
    with pytest.raises(UsageError, match="several begin with it: 701000, 701099, 70100012; write one whole"):
        whole_number(numbers, "7010")


@pytest.fixture(scope="module")
def numbers():
    """Return a catalog of articles whose numbers begin alike."""
    log = facts.new_log()
    facts.write(log, *(facts.read(number, 0) for number in (711958, 701000, 701099, 70100012, 999999999999)))
    return facts.folded(log).catalog.db


OURS, OTHER = facts.read(1, 0), facts.read(1, 0, facts.TEXTS[1], outcome="changed")
NOON = "2026-11-24T12:00:00.000000Z"
BEFORE = {
    "ours alone": [(OURS, "ours")],
    "an earlier capture of the same text": [(OURS, "ours"), (facts.read(1, -60), "backfill-b")],
    "an earlier capture of another text": [(OURS, "ours"), (facts.read(1, -60, facts.TEXTS[1]), "backfill-b")],
    "a later capture of the same text": [(OURS, "ours"), (facts.read(1, 60), "backfill-b")],
    "a capture of the same instant": [(OURS, "ours"), (OTHER, "backfill-b")],
    "a capture of the same instant, committed before": [(OTHER, "backfill-b"), (OURS, "ours")],
    "both": [(facts.read(1, -60), "backfill-a"), (OTHER, "backfill-b"), (OURS, "ours")],
}


def catalog_of(looks):
    """Return the catalog of looks committed one by one, each by the crawl or backfill that is named."""
    log = facts.new_log()
    for fact, crawl in looks:
        facts.write(log, fact, crawl=crawl)
    return facts.folded(log).catalog.db


def payload_of(version):
    """Return which bytes a version's record was read from."""
    return version.record["digests"]["payload"]


@pytest.mark.row("F-TXT-09")
@pytest.mark.parametrize("looks", BEFORE.values(), ids=BEFORE)
def test_a_citation_names_one_capture_for_ever(looks):
    """Ours stays ours whatever others captured before, after or at the very same instant, and cites itself."""
    version = named_version(catalog_of(looks), f"1@{NOON}")

    assert (payload_of(version), version.captured_at) == (OURS.capture.payload, NOON)
    assert version.cite == f"1@{NOON}"


@pytest.mark.row("F-TXT-09")
@pytest.mark.parametrize("order", [1, -1], ids=["ours first", "the other first"])
def test_captures_of_one_instant_are_told_apart(order):
    """The second has a name of its own, which is what its version cites; there is no third."""
    db = catalog_of([(OURS, "ours"), (OTHER, "backfill-b")][::order])
    second = named_version(db, f"1@{NOON}/2")
    of_version = named_version(db, f"1@{second.number}")

    assert payload_of(second) == payload_of(of_version) == OTHER.capture.payload
    assert second.cite == of_version.cite == f"1@{NOON}/2"
    assert payload_of(named_version(db, f"1@{NOON}/1")) == OURS.capture.payload
    assert [v["cite"] for v in history_of(db, "1")["versions"]][second.number - 1] == second.cite
    with pytest.raises(UsageError, match=r"no capture 3 of 2026-11-24T12:00:00\.000000Z, only 2"):
        named_version(db, f"1@{NOON}/3")


@pytest.mark.parametrize("text", ["/2", "hier/2", "2/2", f"{NOON}/0", f"{NOON}/x", f"{NOON}/2/2"])
def test_what_names_no_place_is_no_time(db, text):
    """Only a time may have one, and a number that is one."""
    with pytest.raises(UsageError, match="is no time"):
        named_version(db, f"1@{text}")


@pytest.mark.row("F-TXT-09")
def test_other_times_name_the_version_in_force():
    """Between captures nothing was captured: the version that began last, with the record that began it."""
    db = catalog_of([(OURS, "ours"), (facts.read(1, 60), "ours"), (facts.read(1, -60), "backfill-b")])
    between, late = (named_version(db, f"1@{time}") for time in ("2026-11-24T12:30", "2026-11-24"))
    confirmed = named_version(db, "1@2026-11-24T13:00")

    assert between.captured_at == late.captured_at == "2026-11-24T11:00:00.000000Z"
    assert (confirmed.captured_at, confirmed.number, confirmed.of) == ("2026-11-24T13:00:00.000000Z", 1, 1)


@pytest.mark.row("F-TXT-09")
def test_a_citation_goes_on_with_a_newer_reading():
    """A capture read again is the same capture, whoever committed the reading."""
    log = facts.new_log()
    facts.write(log, OURS)
    facts.write(log, OTHER, crawl="backfill-b")
    facts.write(log, facts.reread(OURS, facts.TEXTS[2]), crawl="replay-c")
    version = named_version(facts.folded(log).catalog.db, f"1@{NOON}")

    assert (payload_of(version), version.record["extraction"]["revision"]) == (OURS.capture.payload, 2)


def test_a_mirrors_capture_is_no_version():
    """What another host showed at that instant is not named; the version in force is."""
    mirrored = facts.read(1, 30, facts.TEXTS[1], outcome="changed", host="127.0.0.2", kind="mirror")
    db = catalog_of([(OURS, "ours"), (mirrored, "ours")])

    assert named_version(db, "1@2026-11-24T12:30").captured_at == NOON


def test_a_day_means_its_last_instant():
    """In UTC."""
    assert stamp(moment_of("2026-11-24")) == "2026-11-24T23:59:59.999999Z"
