"""What a listing shows of each article: the headline link's own words, nothing that the template prints in every link."""

import pytest

from archive.facts.teasers import LONGEST, Teaser
from tests.french import read_listing

URL = "https://french.presstv.ir/Section/11702"
TITLES = {
    1: "Le port de Valmère rouvre à midi", 2: "La passerelle sera refaite au printemps",
    3: "Trois bacs pour une seule rive", 4: "Le marché couvert compte 12 étals",
}  # fmt: skip


def href(number):
    return f"/Detail/2026/11/24/79500{number}/titre"


def link(number, inner):
    return f'<a href="{href(number)}">{inner}</a>'


def teasers(*cards, around="<h1>Europe</h1><ul>{}</ul>"):
    """Return the teasers of a listing of such cards, by the articles' last digit."""
    found = read_listing(f"<body>{around.format(''.join(f'<li>{card}</li>' for card in cards))}</body>", URL)
    return {int(each.article_id) % 10: each.teaser for each in found.links}


def texts(*cards, **more):
    return {number: teaser.text for number, teaser in teasers(*cards, **more).items()}


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize(
    "card",
    [
        pytest.param(lambda n, t: f"<h3>{link(n, t)}</h3>", id="headline"),
        pytest.param(lambda n, t: f"{link(n, '<img src=/i.jpg alt=Quais>')}<h3>{link(n, t)}</h3>", id="picture first"),
        pytest.param(lambda n, t: f"{link(n, 'Europe')}<h3>{link(n, t)}</h3>", id="kicker link first"),
        pytest.param(lambda n, t: f"<h3>{link(n, t)}</h3>{link(n, 'Lire la suite')}", id="read on"),
        pytest.param(lambda n, t: f"{link(n, 'Lire la suite')}<p>{link(n, t)}</p>", id="read on first"),
        pytest.param(lambda n, t: f"{link(n, 'Lire la suite')}{link(n, t)}", id="read on at the same spot"),
        pytest.param(lambda n, t: f"{link(n, f'Rubrique {n}')}{link(n, t)}", id="kicker of its own first"),
        pytest.param(lambda n, t: link(n, f"<h4>Rubrique {n}</h4><h3>{t}</h3>"), id="kicker of a lower rank"),
        pytest.param(
            lambda n, t: link(
                n, f"<i class=sur-titre>Rubrique {n}</i><b class=titre>{t}</b><i class=sous-titre>Port</i>"
            ),
            id="by names of classes",
        ),
        pytest.param(lambda n, t: link(n, f"<span>Europe</span><h3>{t}</h3><p>Un chapeau.</p>"), id="card"),
        pytest.param(lambda n, t: link(n, f"<div class=news-title>{t}</div><p>Un chapeau.</p>"), id="titled"),
        pytest.param(lambda n, t: link(n, f"{t} <span>il y a {n} heures</span>"), id="how long ago"),
        pytest.param(lambda n, t: link(n, f"<h3>{t} <time>11:5{n}</time></h3>"), id="time"),
        pytest.param(lambda n, t: link(n, f"<h3>{t}</h3><small>{n} 204 vues</small>"), id="readers"),
        pytest.param(lambda n, t: link(n, f"<span>0{n}/11/2026</span> {t}"), id="date"),
        pytest.param(lambda n, t: link(n, f"<span>{n} décembre 2026</span> {t}"), id="date in words"),
        pytest.param(lambda n, t: link(n, f"<span class=views-count>{n} k</span> {t}"), id="by its class"),
        pytest.param(lambda n, t: link(n, f"{t} – il y a {n} minutes"), id="ago in every link"),
        pytest.param(lambda n, t: link(n, f"1{n}:05 {t}"), id="clock in every link"),
        pytest.param(lambda n, t: link(n, f"{t} ({n})"), id="count in every link"),
    ],
)
def test_the_text_is_the_headline_links_own(card):
    """However a card is built and whatever moves in it."""
    assert texts(*(card(n, title) for n, title in TITLES.items())) == TITLES


def test_numbers_of_a_headline_are_its_own():
    """Words beside a number are the headline's, however many headlines have some; so is what is only printed bold."""
    written = {
        1: "Séisme : 12 morts", 2: "Incendie : 3 morts", 3: "Naufrage : 40 morts", 4: "Un vote en 24 heures, 9 blessés",
    }  # fmt: skip

    assert texts(*(link(n, title) for n, title in written.items())) == written
    assert texts(link(1, "Crue : <b>12 commentaires</b> du préfet")) == {1: "Crue : 12 commentaires du préfet"}
    assert texts(link(1, "Libéré il y a 3 jours"), link(2, "Le bac"), link(3, "Le pont"))[1] == "Libéré il y a 3 jours"


def test_what_else_the_link_says_is_kept_beside():
    """A kicker and a lead are no part of the headline; what moves is in neither."""
    (found,) = teasers(
        link(1, "<img src=/i/1.jpg><p>Europe · il y a 5 minutes</p><p>Port</p><h3>Le port rouvre</h3><p>Dès midi.</p>")
    ).values()

    assert (found.text, found.beside, found.picture) == (
        "Le port rouvre", "Port Dès midi.", "https://french.presstv.ir/i/1.jpg",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("image", "address"),
    [("src=/a.jpg", "https://french.presstv.ir/a.jpg"), ("src=data:image/gif;base64,x data-src=/b.jpg", "https://french.presstv.ir/b.jpg"),
     ("alt=x", ""), ("src='http://['", "")],
)  # fmt: skip
def test_a_picture_is_its_address(image, address):
    """The one that is loaded in the end; a link to nothing but a picture has no text, nor has its description."""
    assert list(teasers(link(1, f"<img {image}>")).values()) == [Teaser(picture=address, spot="")]


def test_spots_are_places_and_not_positions():
    """Cards of one list share a name, whichever is first, open or numbered; another list has another."""
    rows = "".join(
        f'<li class="row-{n} {"first active" if n == 1 else "odd"}">{link(n, TITLES[n])}</li>' for n in (1, 2)
    )
    hero = f"<div class=hero><h2>{link(3, TITLES[3])}</h2></div>"
    found = read_listing(f"<body><h1>Europe</h1>{hero}<ul class=list>{rows}</ul></body>", URL).links
    spots = [each.teaser.spot for each in found]

    assert spots[1] == spots[2] != spots[0]
    assert all(len(spot) == 8 for spot in spots)


def test_an_article_in_two_lists_keeps_both_texts():
    """Each with its spot: the one may be changed without the other."""
    slider = f"<div class=slider><h2>{link(1, 'Le port rouvre')}</h2></div>"
    found = read_listing(f"<body><h1>Europe</h1>{slider}<ul><li>{link(1, TITLES[1])}</li></ul></body>", URL).links
    (teaser,) = [each.teaser for each in found]

    assert (teaser.text, [other.text for other in teaser.also]) == ("Le port rouvre", [TITLES[1]])
    assert teaser.spot != teaser.also[0].spot


def test_a_text_of_any_length_is_bounded():
    """A link that was never closed says nothing of its article; a text is kept up to a bound."""
    endless = f"<a href={href(2)}><div>" + "<p>Un port.</p>" * 500

    assert len(texts(link(1, "m" * 9_999))[1]) == LONGEST
    assert texts(endless)[2] == ""


@pytest.mark.parametrize(
    "hostile",
    [
        link(1, "<span>" * 150 + "mot " * 100_000), link(1, f"<p class='{'titre-' * 50_000}'>Un</p>"),
        link(1, f"<p class='{'a' * 200_000}'>Un</p>"), link(1, "1 " * 100_000), link(1, "." * 200_000), link(1, "<h3>" * 150 + "x" * 300_000),
        "".join(f"<a href={href(1)}><div>" for _ in range(900)),
    ],
    ids=["nested", "classes", "a class", "digits", "stops", "headings", "unclosed"],
)  # fmt: skip
def test_hostile_cards_are_read_soon(hostile):
    """However deep, long or strange a link is, little is done for it; the test's own time limit would tell."""
    assert set(teasers(hostile, link(2, "Le bac"))) >= {1}


def test_ten_thousand_links_deep_in_a_page():
    """Each box is named once, however many links it holds: a page's teasers take time that grows with its size."""
    deep = "<div class=a>" * 300
    links = "".join(
        f'<li><a href="/Detail/2023/01/01/{number}/x"><span>Un</span></a></li>' for number in range(1, 10_001)
    )

    assert len(read_listing(f"{deep}<h2>Europe</h2><ul>{links}</ul>", URL).links) == 10_000


LONG = {number: f"{title}, dit le maire de Valmère" for number, title in TITLES.items()}


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize("box", ["<div class=box>{}</div>", "<div class=box><ul>{}</ul></div>"])
@pytest.mark.parametrize("card", ["{}", "<li>{}</li>", "<li><h3>{}</h3></li>"])
def test_boxes_made_alike_may_say_it_otherwise(box, card):
    """Each box's own words are kept under the one name of the spot, in the order of the page; a card says it once."""
    boxes = [
        box.format("".join(card.format(link(number, words[number])) for number in (1, 2))) for words in (TITLES, LONG)
    ]
    found = teasers(*boxes, around="<h1>Europe</h1><main>{}</main>")

    for number in (1, 2):
        assert (found[number].text, [each.text for each in found[number].also]) == (TITLES[number], [LONG[number]])
        assert found[number].spot == found[number].also[0].spot


def test_a_card_says_it_once_at_a_spot():
    """A second link of the same card is no headline of its own: its number of readers is another at each look."""
    cards = [f"<div>{link(n, t)}{link(n, f'{n} commentaires')}</div>" for n, t in TITLES.items()]

    assert [(teaser.text, teaser.also) for teaser in teasers(*cards).values()] == [(t, ()) for t in TITLES.values()]


@pytest.mark.row("F-LST-02")
@pytest.mark.parametrize("rank", ["{} {}", "{}. {}", "#{} – {}", "<span class=rank>{}</span> {}", "<b>{}</b>{}"])
@pytest.mark.parametrize("places", [(1, 2, 3, 4), (2, 1, 4, 3), (1, 2, 4, 5)])
def test_a_place_in_a_list_is_no_part_of_a_headline(rank, places):
    """An article that is read more climbs; in place of one number may stand what is no article."""
    cards = [link(n, rank.format(place, t)) for place, (n, t) in zip(places, TITLES.items(), strict=True)]

    assert texts(*cards) == TITLES


@pytest.mark.parametrize("figures", [(2, 12, 40, 3), (3, 3, 4, 5), (7, 8, 9, 10), (1, 2)])
def test_a_figure_before_a_headline_is_the_headlines_own(figures):
    """The dead and the days of a headline are never a place, nor is one number among headlines without."""
    titles = {n: f"{figure} bacs coulent" for n, figure in enumerate(figures, 1)}

    assert texts(*(link(n, t) for n, t in titles.items())) == titles
