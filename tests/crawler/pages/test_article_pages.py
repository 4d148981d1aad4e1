"""Golden pages of every layout, fallbacks field by field, and what pages are that are no article."""

import gzip
import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.canonical import canonical
from archive.facts.items import Capture
from archive.facts.record import build
from crawler.pages import decoding
from crawler.pages.article import ERAS
from crawler.pages.notices import visible_text
from crawler.pages.page import css, has_text, text_of, tidy
from tests.french import Page, clean, read
from tests.pages.unknown_layouts import LAYOUTS, MENU, Parts, menu

PAGES = Path(__file__).parents[2] / "pages"
GOLDEN = sorted(path.name.removesuffix(".html.gz") for path in PAGES.glob("*.html.gz"))
URL = "https://french.presstv.ir/Detail/2023/03/04/701000/le-marche"
FIELDS = [
    "layout",
    "headline",
    "kicker",
    "byline",
    "lead",
    "body",
    "captions",
    "images",
    "sections",
    "tags",
    "related",
    "language",
    "source_line",
    "published",
    "modified",
]


def capture(markup, *, url=URL, headers=(), status=200):
    kind = ((b"Content-Type", b"text/html; charset=utf-8"), *headers)
    body = markup.encode() if isinstance(markup, str) else markup
    return Capture(
        url=url, captured_at=datetime(2026, 1, 2, tzinfo=UTC), status=status, response_headers=kind, body=body
    )


def article(markup, **options):
    reading = read(capture(markup, **options))
    assert reading.outcome == "article", reading.detail
    return reading.article


def as_golden(found):
    plain = {
        name: getattr(found, name)
        for name in ("layout", "headline", "kicker", "byline", "lead", "language", "source_line")
    }
    return plain | {
        "body": list(found.body),
        "captions": [[c.text, c.credit] for c in found.captions],
        "images": list(found.images),
        "sections": list(found.sections),
        "tags": list(found.tags),
        "related": [[r.title, r.url] for r in found.related],
        "published": [[d.text, d.source] for d in found.published_texts],
        "modified": [[d.text, d.source] for d in found.modified_texts],
    }


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", GOLDEN)
def test_golden_page(name, field):
    """Each field of each golden page reads as its JSON says."""
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    markup = gzip.decompress((PAGES / f"{name}.html.gz").read_bytes()).decode()
    found = as_golden(clean(article(markup, url=expected["url"])))

    assert found[field] == expected[field], f"page {name}, layout {expected['layout']}, field {field}"


def test_golden_pages_cover_every_layout():
    """Each layout has two golden pages at least."""
    layouts = [name.split("-")[0] for name in GOLDEN]

    assert {layout: layouts.count(layout) >= 2 for layout in layouts} == dict.fromkeys(
        ("classic", "modern", "metadata", "generic"), True
    )


PARTS = Parts(
    headline="Le marché couvert de Brèves rouvre samedi",
    lead="Fermé depuis l’incendie de 2021, le marché couvert de Brèves accueillera de nouveau ses clients samedi matin.",
    body=[
        "Soixante étals seront ouverts dès sept heures, a indiqué vendredi la mairie dans un communiqué.",
        "« Les commerçants ont tenu bon », s'est félicitée l’adjointe au commerce, Hélène Vasseur.",
        "Le toit, refait à l’identique, a demandé 14.000 tuiles et deux ans de travail à une équipe de douze couvreurs.",
        "Une seconde tranche de travaux commencera le lundi 6 novembre, selon la même source.",
    ],
    captions=["La façade du marché, vendredi. ©Courrier de Brèves"],
    sections=["Infos", "Asie", "L’INFO EN CONTINU"],
    printed="Sat Mar 04, 2023 4:46PM",
    iso="2023-03-04T16:46:00+03:30",
    kicker="Commerce",
    related=[("Deux ans de chantier à Brèves", "/Detail/2023/02/01/699000/chantier")],
    latest=[(f"Une autre nouvelle du jour, numéro {n}", f"/Detail/2023/03/04/70110{n}/x") for n in range(8)],
)
HEADED = {name: page for name, page in LAYOUTS.items() if name != "title_in_div"}


@pytest.mark.row("F-CON-04")
@pytest.mark.parametrize("name", LAYOUTS)
def test_unknown_layout(name):
    """A layout never seen before gives headline, text, captions, sections and a date."""
    found = clean(article(LAYOUTS[name](PARTS)))

    assert found.headline == PARTS.headline
    assert [found.lead, *found.body] == [PARTS.lead, *PARTS.body] or list(found.body) == [PARTS.lead, *PARTS.body]
    assert [c.text for c in found.captions] == PARTS.captions
    assert list(found.sections) == PARTS.sections
    assert found.published_texts[0].source != "url"
    assert found.layout in ("generic", "metadata", "voted")


@pytest.mark.parametrize("name", [n for n in LAYOUTS if n not in ("structured", "crowded", "emphasised", "spans")])
def test_unknown_layout_gives_related_links(name):
    """Links introduced by `Lire aussi` leave the text with their address, whatever the markup."""
    found = clean(article(LAYOUTS[name](PARTS)))

    assert [(r.title, r.url) for r in found.related] == [
        (title, f"https://french.presstv.ir{path}") for title, path in PARTS.related
    ]


def test_menu_is_no_breadcrumb():
    """A page without a breadcrumb has no sections, though its menu names them all."""
    page = HEADED["hashed"](PARTS).replace(f"<div class='css-4d1'>{' / '.join(PARTS.sections)}</div>", "")

    assert article(page).sections == ()


def test_breadcrumb_of_all_names_is_one():
    """An article that stands in every section keeps them all, once."""
    found = article(LAYOUTS["hashed"](Parts(**{**_fields(PARTS), "sections": list(MENU)})))

    assert found.sections == MENU


def _fields(parts):
    return {name: getattr(parts, name) for name in parts.__dataclass_fields__}


MODERN = (
    "<html lang=fr><head><title>Titre de la page, assez long</title></head><body><nav>{menu}</nav>"
    "<h1 class=news-title-container>Titre de la page, assez long</h1><time class=news-detail>Sat Mar 04, 2023 4:46PM</time>"
    "<div class={box}>{text}</div></body></html>"
)
TEXT = "".join(f"<p>{p}</p>" for p in [PARTS.lead, *PARTS.body])


@pytest.mark.row("F-CON-04")
def test_field_falls_back_alone():
    """When the body's container is renamed the text comes from the generic reading, the rest stays (F-CON-04)."""
    found = article(MODERN.format(menu=menu(), box="renamed", text=TEXT))

    assert found.layout == "generic"
    assert found.sources["headline"] == "modern:h1.news-title-container"
    assert found.sources["blocks"].startswith("generic:")
    assert [b.text for b in found.blocks] == [PARTS.lead, *PARTS.body]
    assert found.published_texts[0].source == "time"


@pytest.mark.parametrize(
    ("inner", "blocks"),
    [
        pytest.param("un<br>deux<br><br>trois", ["un\ndeux", "trois"], id="single and double breaks"),
        pytest.param("<div><div>un</div>deux</div>trois", ["un", "deux", "trois"], id="bare text between tags"),
        pytest.param("<p>un<!-- rien --> deux</p>", ["un deux"], id="comment"),
        pytest.param(
            "<p>un</p><form><p>non</p></form><iframe>non</iframe><p>deux</p>", ["un", "deux"], id="forms and frames"
        ),
        pytest.param("<p>e&#769;te&#x301;</p>", ["été"], id="composed (NFC)"),
        pytest.param("<p>a&#0;b&#xD800;c&#x1;d</p>", ["abcd"], id="controls and surrogates"),
        pytest.param("<p>«\u00a0oui\u00a0»</p>", ["«\u00a0oui\u00a0»"], id="no-break spaces stay"),
        pytest.param("<p>l’un \n\t l'autre</p>", ["l’un l'autre"], id="white space folded, apostrophes kept"),
    ],
)
def test_blocks(inner, blocks):
    """Blocks follow the page's order, markup stripped, text as written."""
    found = article(MODERN.format(menu="", box="news-body-container", text=f"<p>Début.</p>{inner}"))

    assert [b.text for b in found.blocks] == ["Début.", *blocks]


@pytest.mark.row("F-CON-11")
def test_links_are_absolute_and_bad_ones_dropped():
    """Links of a block carry absolute addresses; `javascript:` and malformed ones are no links (F-CON-11)."""
    text = "<p>Voir <a href='../x'>ici</a>, <a href='javascript:void(0)'>là</a>, <a href='http://['>nulle part</a>.</p>"
    found = article(MODERN.format(menu="", box="news-body-container", text=text))

    assert found.blocks[0].links == (("ici", "https://french.presstv.ir/Detail/2023/03/04/x"),)


def test_dates_never_come_from_the_text():
    """A weekday date in the body is no candidate for the publication instant."""
    found = article(LAYOUTS["blog"](PARTS))

    assert not [d for d in found.published_texts if "novembre" in d.text]


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("Le port. ©AFP", "AFP"),
        ("Le port @Reuters", "Reuters"),
        ("Le port. (Photo d’archives)", "Photo d’archives"),
        ("Le port (à droite) et la digue.", ""),
        ("Le port, le 3 mai.", ""),
        ("Écrire à contact@exemple.fr", ""),
    ],
)
def test_credit(text, credit):
    """The credit is what follows © or @ or names a photo in the closing brackets; the caption's text stays whole."""
    page = MODERN.format(
        menu="", box="news-body-container", text=f"<figure><figcaption>{text}</figcaption></figure>{TEXT}"
    )
    (caption,) = article(page).captions

    assert (caption.text, caption.credit) == (text, credit)


HOME = f"<div>{menu()}</div>" + "".join(
    f"<div class=block><h2>Infos</h2><ul><li><a href='/Detail/2023/03/04/70110{n}/x'>Une nouvelle du jour, {n}</a></li></ul></div>"
    for n in range(8)
)
TEASERS = f"<div>{menu()}</div><h2 class=page-header>Europe</h2><ul>" + "".join(
    f"<li><div><h3><a href='/Detail/2023/03/04/70110{n}/x'>Nouvelle {n}</a></h3><p>Quelques mots qui présentent la nouvelle du jour, "
    f"sans en dire trop, pour la {n}e fois.</p></div></li>"
    for n in range(12)
)
NO_ARTICLE = [
    ("empty", "<html><body></body></html>", "empty"),
    ("no bytes", "", "empty"),
    ("cloudflare", "<title>Just a moment...</title><body>Checking your browser before accessing</body>", "challenge"),
    (
        "captcha form",
        "<body><form class=captcha-form><input name=captcha></form><p>Saisissez le code.</p></body>",
        "challenge",
    ),
    (
        "seizure banner",
        "<title>x</title><body><h1>This website has been seized</h1><p>by the FBI</p></body>",
        "challenge",
    ),
    ("parked", "<title>presstv</title><body><p>This domain is for sale. Buy this domain.</p></body>", "challenge"),
    ("not found", f"<title>Introuvable</title><body>{menu()}<h2>Page introuvable</h2></body>", "soft_404"),
    ("gone", f"<body>{menu()}<h2>Cette page n'est plus disponible</h2></body>", "soft_404"),
    ("gone, curly", f"<body>{menu()}<h1>Cet article n’existe plus</h1></body>", "soft_404"),
    (
        "gone in a known layout",
        "<h1 class=news-title-container>Page introuvable</h1><div class=news-body-container><p>La page que vous cherchez a changé d’adresse.</p></div>",
        "soft_404",
    ),
    ("front page", f"<title>French Press TV</title><body>{HOME}</body>", "soft_404"),
    ("section page", f"<title>Europe</title><body>{TEASERS}</body>", "soft_404"),
    (
        "article without its text",
        f"<title>Le marché rouvre ses portes samedi</title><body>{menu()}<h1>Le marché rouvre ses portes samedi</h1></body>",
        "extract_failed",
    ),
    (
        "text without a headline",
        f"<body>{menu()}<div><p>{PARTS.lead}</p><p>{PARTS.body[0]}</p></div></body>",
        "extract_failed",
    ),
    ("nested 3,000 deep", "<div>" * 3000 + "<p>fin</p>", "parse_incomplete"),
    ("150,001 tags", "<b></b>" * 75_001, "too_large"),
    ("600 deep, 10,001 tags", f"{'<div>' * 600}{'<p>mot</p>' * 5000}", "too_large"),
    ("undecodable", b"\xef\xbb\xbf<p>" + b"\xff" * 50 + b"texte" * 50, "parse_incomplete"),
]


@pytest.mark.row("F-CON-01")
@pytest.mark.row("F-CON-02")
@pytest.mark.row("F-OUT-16")
@pytest.mark.row("F-OUT-17")
@pytest.mark.parametrize(("markup", "outcome"), [pytest.param(m, o, id=i) for i, m, o in NO_ARTICLE])
def test_no_article(markup, outcome):
    """Walls, notices, lists and damaged pages are told apart, and give no article (F-CON-01, F-CON-02, F-OUT-16, 0.4)."""
    reading = read(capture(markup))

    assert (reading.outcome, reading.article) == (outcome, None)
    assert reading.detail


@pytest.mark.row("F-CON-02")
def test_wall_by_header():
    """The header `cf-mitigated: challenge` makes a wall of any page (F-CON-02)."""
    reading = read(capture(LAYOUTS["semantic"](PARTS), headers=((b"CF-Mitigated", b"challenge"),), status=403))

    assert reading.outcome == "challenge"


@pytest.mark.parametrize(
    "headline", ["L’avion reste introuvable, dix ans après", "Une page introuvable : enquête sur les liens morts"]
)
def test_headline_about_missing_things(headline):
    """An article whose headline says `introuvable` is an article when it has a text."""
    found = article(LAYOUTS["semantic"](Parts(**{**_fields(PARTS), "headline": headline})))

    assert found.headline == headline


def test_article_about_a_captcha():
    """An article in a known layout that quotes a wall's words is no wall."""
    found = article(
        MODERN.format(menu="", box="news-body-container", text=f"<p>Just a moment, checking your browser.</p>{TEXT}")
    )

    assert found.layout == "modern"


@pytest.mark.row("F-OUT-12")
def test_truncated_body():
    """Half of a gzip body is `truncated`, never a shorter article (0.2)."""
    body = gzip.compress(LAYOUTS["semantic"](PARTS).encode())
    reading = read(capture(body[: len(body) // 2], headers=((b"Content-Encoding", b"gzip"),)))

    assert reading.outcome == "truncated"


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        pytest.param(gzip.compress, ["gzip"], id="gzip"),
        pytest.param(lambda page: page, ["gzip"], id="a lie"),
        pytest.param(lambda page: gzip.compress(gzip.compress(page)), ["gzip, GZIP"], id="a chain"),
        pytest.param(gzip.compress, ["gzip, gzip"], id="a chain with a lie in it"),
        pytest.param(lambda page: page, [], id="no coding"),
    ],
)
def test_body_unpacked_before(body, encodings):
    """A body whose codings were undone before gives the same reading, issues included, as the capture alone."""
    headers = tuple((b"Content-Encoding", value.encode()) for value in encodings)
    given_capture = capture(body(LAYOUTS["semantic"](PARTS).encode()), headers=headers)
    unpacked, lies = decoding.unpack(given_capture.body, encodings)
    reading = read(given_capture, body=unpacked)

    assert reading == read(given_capture)
    assert reading.article.issues == lies


def test_unpacked_body_over_the_limit():
    """The limit holds for a body that was unpacked before."""
    given_capture = capture(gzip.compress(b"<p>un</p>" * 50), headers=((b"Content-Encoding", b"gzip"),))

    assert read(given_capture, body=b"<p>un</p>" * 50, limit=100).outcome == "too_large"


def test_head_behind_the_end_of_the_page():
    """Meta lines, titles and JSON-LD count wherever they stand, behind a premature `</html>` too."""
    page = Page(
        URL,
        "<html><head><title>un</title></head><body><p>deux</p></body></html><meta name=author content=trois>"
        '<script type=\'application/ld+json\'>{"@type": "NewsArticle"}</script></body></html>',
    )

    assert (page.title, page.meta, page.json_ld) == ("un", {"author": ["trois"]}, [{"@type": "NewsArticle"}])


@pytest.mark.parametrize("end", ["</html>", "</body>", "</BODY ></html>", "</body></html></body>"])
@pytest.mark.parametrize("at", ["before the headline", "before the text", "in the text", "behind the text"])
def test_premature_end_of_the_page(end, at):
    """What stands behind a premature `</html>` or `</body>` is read as in a browser: it ends nothing."""
    places = dict.fromkeys(("before the headline", "before the text", "in the text", "behind the text"), "") | {at: end}
    page = (
        f"<html><head><title>x</title></head><body>{places['before the headline']}"
        f"<h1 class=news-title-container>{PARTS.headline}</h1>{places['before the text']}<div class=news-body-container>"
        f"<p>{PARTS.lead}</p>{places['in the text']}<p>{PARTS.body[0]}</p></div>{places['behind the text']}"
        "<figure><figcaption>Le toit, vendredi.</figcaption></figure>suite nue</body></html>"
    )
    found = article(page)

    assert (found.layout, found.headline) == ("modern", PARTS.headline)
    assert [b.text for b in found.blocks] == [PARTS.lead, PARTS.body[0]]
    assert [c.text for c in found.captions] == ["Le toit, vendredi."]


def test_nesting_behind_the_end_of_the_page():
    """A tree too deep is noticed behind a premature `</html>`, too."""
    reading = read(capture(f"<html><body><p>un</p></html>{'<div>' * 3000}<p>deux</p>"))

    assert reading.outcome == "parse_incomplete"


def test_scripts_behind_the_end_of_the_page():
    """A counter's script and pixel behind `</body>`, as many pages have them, change nothing of the tree."""
    page = Page(URL, "<html><body><p>un</p></body><script>x('</body>')</script><noscript><img src=p></noscript></html>")

    assert [e.tag for e in page.root] == ["body", "script", "noscript"]


VISIBLE = st.recursive(
    st.sampled_from(["un", " deux ", "<br>", "<script>un</script>", "<style>deux</style>", "<template>un</template>"]),
    lambda inside: st.lists(inside, max_size=4).map(lambda parts: f"<div>{''.join(parts)}</div>"),
    max_leaves=12,
)


@given(VISIBLE)
def test_visible_text(inside):
    """The text of a page is that of its body, what stands in scripts, styles and templates out."""
    page = Page(URL, f"<html><head><title>x</title></head><body>{inside}</body></html>")
    shown = page.root.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::template)]")

    assert visible_text(page) == " ".join("".join(shown).split())


def test_a_deep_page_of_few_tags_is_read():
    """Six hundred tags that nobody closed are clumsy, and no attack."""
    page = MODERN.format(menu="<span>" * 600, box="news-body-container", text=TEXT)

    assert len(article(page).blocks) == len([PARTS.lead, *PARTS.body])


@pytest.mark.row("F-OUT-16")
def test_thousands_of_line_breaks_are_read():
    """As many as may stand on a page take no time that grows with their square, in no layout."""
    page = f"<html><title>{PARTS.headline}</title><body><h1>{PARTS.headline}</h1><div>{'mot<br>' * 74_000}</div></body>"

    assert len(article(page).blocks[0].text) > 200_000


SELECTORS = sorted(
    {
        selector
        for era in ERAS
        for field, selectors in vars(era).items()
        if field.endswith("_at")
        for selector in (*selectors, *(f"{s} img" for s in selectors if " " not in s))
    }
)
CLASSES = sorted({name for selector in SELECTORS for name in re.findall(r"\.([\w-]+)", selector)})
TAGS = sorted({name for selector in SELECTORS for name in re.findall(r"(?:^| )(\w+)", selector)} | {"li", "section"})
ELEMENTS = st.tuples(
    st.sampled_from(TAGS),
    st.lists(st.sampled_from([*CLASSES, "x", "\u00a0", "lead\u00a0x", "LEAD"]), max_size=3),
    st.sampled_from([" ", "\t\n", "  "]),
    st.booleans(),
)


@given(st.lists(ELEMENTS, max_size=25))
def test_select_finds_what_css_finds(elements):
    """The index of classes gives, for each selector of the layouts, the very elements of a CSS engine in its order."""
    inside = "".join(
        f"<{tag} class='{gap}{gap.join(names)}'>{'' if nested else f'</{tag}>'}" for tag, names, gap, nested in elements
    )
    page = Page(URL, f"<html class=lead><body>{inside}</body></html>")

    assert {s: page.select(s) for s in SELECTORS} == {s: css(s, page.root) for s in SELECTORS}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(" \n\t\u00a0\u2003"), max_size=20))
def test_tidy_text(text):
    """Tidied text is NFC with single ASCII spaces, and an element has text exactly when something of it is left."""
    page = Page(URL, "<html><body><p>x</p></body></html>")
    (paragraph,) = page.root.iter("p")
    paragraph.text = text

    assert tidy(text) == unicodedata.normalize("NFC", re.sub(r"[ \t\r\n\f\v]+", " ", text)).strip()
    assert has_text(paragraph) == bool(text_of(paragraph))


@pytest.mark.row("F-CON-15")
@given(st.text(max_size=400), st.sampled_from(sorted(LAYOUTS)), st.integers(0, 3000))
def test_any_page_gives_an_outcome_and_a_record(junk, name, at):
    """Whatever stands in a page, reading ends in an outcome, and an article's record can be encoded (F-CON-15)."""
    page = LAYOUTS[name](PARTS)
    given_capture = capture((page[:at] + junk + page[at:]).encode("utf-8", "ignore"))
    reading = read(given_capture)

    assert (reading.outcome == "article") == (reading.article is not None)
    if reading.article:
        assert canonical(build(clean(reading.article), given_capture, mirror="french.presstv.ir", revision=1))
