"""Tests of crawler/pages/units.py: a container as units of text."""

import pytest

from crawler.pages.units import Unit, blocks, printed_once, units
from tests.crawler.pages.test_article_pages import URL
from tests.french import Page


def read(markup, skip=()):
    """Return the units of a body; `skip` are ids of elements to leave out."""
    page = Page(URL, f"<html><body>{markup}</body></html>")
    left_out = frozenset(e for e in page.root.iter() if e.get("id") in skip)
    return units(page.root.find("body"), page, left_out)


LINES = [
    ("paragraphs", "<p>un</p><p>deux</p>", ["un", "deux"]),
    ("text beside boxes", "avant<p>un</p>après", ["avant", "un", "après"]),
    ("one break stays", "<p>un<br>deux</p>", ["un\ndeux"]),
    ("two breaks part", "<p>un<br> <br>deux</p>", ["un", "deux"]),
    ("words join", "<p>un <b>deux</b><i> trois</i></p>", ["un deux trois"]),
    ("script and form are out, what follows is not", "<p>un<script>x</script> deux</p><form>trois</form>quatre", ["un deux", "quatre"]),
    ("a box out parts what stands beside it", "un<div class=share>deux</div>trois", ["un", "trois"]),
    ("left out by the caller", "<p>un</p><div id=it><p>deux</p></div><p>trois</p>", ["un", "trois"]),
    ("no text", "<p> </p><p><br></p>", []),
    ("code and what is hidden is out", "<p>un <span hidden>x</span>deux<style>x</style></p><p style='display: none'>x</p><noscript>x</noscript>trois<p>quatre<p>cinq", ["un deux", "trois", "quatre", "cinq"]),
    ("what is laid out by a style stays", "<p style='display:block'>un</p>", ["un"]),
    ("a place to break a word parts none", "<p>anti<wbr>constitutionnel", ["anticonstitutionnel"]),
    ("exponents", "<p>10<sup>6</sup> litres, 10<sup>-3</sup>, CO<sub>2</sub>, <b>5<sup><i>4</i></sup></b>", ["10⁶ litres, 10⁻³, CO₂, 5⁴"]),
    ("exponents without a sign", "<p>10<sup>6,5</sup> litres", ["10^6,5 litres"]),
    ("letters printed small are letters", "<p>le XX<sup>e</sup> siècle, la 1<sup>re</sup> dame", ["le XXe siècle, la 1re dame"]),
    ("a line printed small is a line", "<p><sup>12 personnes sont venues</sup>", ["12 personnes sont venues"]),
    ("rows of data", "<table><tr><th>An</th><th>Morts</th></tr><tr><td><p>2019</p></td><td>3<br>100</td></tr></table>fin", ["An | Morts", "2019 | 3 100", "fin"]),
    ("an empty cell keeps its place", "<table><tr><td>a</td><td></td><td>c</td></tr><tr><td></td><td>e</td><td>f</td></tr></table>", ["a | | c", "| e | f"]),
    ("a table that lays out a page", "<table><tr><td><p>un</p><p>deux</p></td><td>trois</td></tr><tr><td>quatre</td><td>cinq</td></tr></table>", ["un", "deux", "trois", "quatre | cinq"]),
    ("columns of text", f"<table><tr><td>{'un mot ' * 20}</td><td>deux</td></tr></table>", [("un mot " * 20).strip(), "deux"]),
    ("cells that are links", "<table><tr><td><a href=/a>un</a></td><td>deux</td></tr><tr><td><a href=/b>trois</a></td><td>quatre</td></tr></table>", ["un", "deux", "trois", "quatre"]),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "lines"), [pytest.param(m, x, id=i) for i, m, x in LINES])
def test_units_in_order(markup, lines):
    """Boxes and double line breaks part text, a single break is kept, words of a line join."""
    assert [u.text for u in read(markup, skip=["it"])] == lines


def test_role_is_that_of_the_nearest_element():
    """A role holds inside its element, an inner one for its own part of it."""
    found = read("<blockquote>un<figure>deux</figure>trois</blockquote><ul><li>quatre</ul><p>cinq")

    assert [(u.text, u.role) for u in found] == [
        ("un", "quote"),
        ("deux", "caption"),
        ("trois", "quote"),
        ("quatre", "list"),
        ("cinq", "paragraph"),
    ]
    assert [None if u.group is None else u.group.tag for u in found] == [None, "figure", None, None, None]


def test_links_belong_to_the_unit_that_shows_them():
    """A link goes with its line, absolute; one without words or to no page is none."""
    found = read(
        "<p>Selon <a href=/a>une <b>source</b></a><br><br>et <a href='javascript:x'>deux</a><a href=/b></a></p><p>trois</p>"
    )

    assert [u.links for u in found] == [(("une source", "https://french.presstv.ir/a"),), (), ()]


@pytest.mark.parametrize(
    ("markup", "strong", "bold"),
    [
        pytest.param("<p><b>un deux</b></p>", True, (True,), id="all"),
        pytest.param("<p><b>un</b> deux</p>", False, (False,), id="a word"),
        pytest.param("<p><strong>Un long début</strong>.</p>", True, (True,), id="all but the full stop"),
        pytest.param("<p><b>un</b><br>deux</p>", False, (True, False), id="a line"),
    ],
)
def test_bold(markup, strong, bold):
    """A unit is bold where nine tenths of it are, and each of its lines for itself."""
    (unit,) = read(markup)

    assert (unit.strong, unit.bold) == (strong, bold)


def test_parted_at_bold_lines():
    """Lines of one print stay together, and the parts keep what else is known of the unit."""
    (unit,) = read("<ul><li><b>un</b><br><b>deux</b><br>trois</li></ul>")

    assert [(part.text, part.strong, part.role) for part in unit.parted()] == [
        ("un\ndeux", True, "list"),
        ("trois", False, "list"),
    ]
    assert read("<p><b>un</b><br><b>deux</b></p>")[0].parted()[0].text == "un\ndeux"


LONG = "Une ligne assez longue pour que nul ne la prenne pour un titre de rubrique"
WEIGHTS = [
    ("sentence", Unit(text="Il pleut.", node=None), 9),
    ("long line without a full stop", Unit(text=LONG, node=None), len(LONG)),
    ("short line", Unit(text="Europe", node=None), 0),
    ("sub-head", Unit(text=f"{LONG}.", node=None, role="heading"), 0),
    ("caption", Unit(text=f"{LONG}.", node=None, role="caption"), 0),
    ("line of links", Unit(text=f"{LONG}.", node=None, links=((LONG, "x"),)), 0),
    ("sentence with a link", Unit(text=f"{LONG}.", node=None, links=(("longue", "x"),)), len(LONG) + 1),
]


@pytest.mark.parametrize(("unit", "weight"), [pytest.param(u, w, id=i) for i, u, w in WEIGHTS])
def test_weight(unit, weight):
    """Sentences and long lines weigh their length; captions, sub-heads, names and links weigh nothing."""
    assert unit.weight() == weight


def test_blocks_are_the_body_alone():
    """Captions and related links are other fields; a lead inside the body is a paragraph of it."""
    found = read("<p class=lead>un</p><figure>deux</figure><div class=related>trois</div><h2>quatre</h2>")

    assert [(b.text, b.role) for b in blocks(found)] == [("un", "paragraph"), ("quatre", "heading")]


@pytest.mark.row("F-TXT-26")
@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ("a b c a b c d", "a b c d"), ("x a b a b a b y", "x a b y"), ("a a b b", "a a b b"), ("a b c b a c", "a b c b a c"),
        ("refrain a refrain b", "refrain a refrain b"), ("a b x a b", "a b x a b"),
    ],
    ids=["whole", "thrice", "one line again", "another order", "a refrain", "not next to it"],
)  # fmt: skip
def test_what_is_printed_twice_word_for_word_is_one(lines, kept):
    """A stretch for a narrow screen behind the one for a wide; a line that comes again is the author's."""
    page = read("".join(f"<p>{line}</p>" for line in lines.split()))

    assert [unit.text for unit in printed_once(page)] == kept.split()
