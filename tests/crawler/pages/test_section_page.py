"""Section listings and the front page's menu, in the markup of several years."""

import gzip

import pytest

from crawler.pages.section import ListedLink
from tests.crawler.pages.test_article_pages import capture
from tests.french import read_listing, read_menu

URL = "https://french.presstv.ir/Section/11702/2"
HOST = "https://french.presstv.ir"
NEXT = '<a href="/Section/11702/3">3</a>'
SIDE = '<div class="side latest"><h3>L’INFO EN CONTINU</h3><ul><li><a href="/Detail/2023/01/09/999/x">Autre</a></li></ul></div>'


def link(number, title="Titre"):
    return f'<a href="/Detail/2023/01/0{number}/70000{number}/le-port">{title} {number}</a>'


def listed(*numbers, title="Titre"):
    return tuple(
        ListedLink(article_id=f"70000{n}", url=f"{HOST}/Detail/2023/01/0{n}/70000{n}/le-port", title=f"{title} {n}")
        for n in numbers
    )


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            f"<ul class=section-list><li><div><h3>{link(2)}</h3></div></li><li><div><h3>{link(1)}</h3></div></li></ul>",
            id="li/div/h3/a",
        ),
        pytest.param(f"{link(2)}{link(1)}".replace("<a ", "<a class='hover-effect' "), id="hover-effect"),
        pytest.param(f"<div class=topnews-title>{link(2)}</div><div>{link(1)}</div>", id="topnews-title"),
        pytest.param(f"<div>{link(2)}<p>Résumé {link(2, 'Lire')}</p></div><div>{link(1)}</div>", id="linked twice"),
        pytest.param(f"<TABLE><TR><TD>{link(2)}</TABLE><P>{link(1)}".replace('"', ""), id="capitals without quotes"),
    ],
)
@pytest.mark.parametrize("side", ["", SIDE, SIDE.replace("side latest", "x3"), SIDE.replace("div", "aside")])
def test_listing(rows, side):
    """The main list is read in rank order, each article once, side boxes left out."""
    listing = read_listing(f"<body><nav>{NEXT}</nav><h2 class=page-header>Europe</h2>{rows}{side}</body>", URL)

    assert listing.links == listed(2, 1)
    assert listing.name == "Europe"


def test_picture_before_title():
    """A card that links its picture first keeps the picture's rank and takes the next link's title."""
    picture = '<a href="/Detail/2023/01/02/700002/le-port"><img src=x></a>'
    listing = read_listing(f"<div>{picture}{link(2)}</div>{link(1)}", URL)

    assert listing.links == listed(2, 1)


@pytest.mark.row("F-DIS-05")
def test_other_kinds_in_the_main_list_are_named():
    """What has a number of its own and is no article's; not the pager, the menu, side boxes, or what has no number."""
    photo, programme = "/Photo/2023/01/02/70012/le-port", "/Program/15012"
    other = f'<a href="{photo}">Images</a><a href="{photo}"><img src=x></a><a href="{programme}">Débat</a>'
    beside = '<nav><a href="/Photo/2023/01/02/70013/x">Photos</a></nav><a href="/Contact">Nous écrire</a>'
    video = '<a href="/Video/2023/01/03/700003/le-port">Vidéo 3</a>'
    listing = read_listing(f"<body>{beside}<h2>Europe</h2>{link(2)}{video}{other}{NEXT}{SIDE}</body>", URL)

    assert [x.article_id for x in listing.links] == ["700002", "700003"]
    assert listing.others == (f"{HOST}{photo}", f"{HOST}{programme}")


def test_only_side_boxes():
    """When nothing stands outside the side boxes every article link counts."""
    assert [x.article_id for x in read_listing(SIDE, URL).links] == ["999"]


@pytest.mark.row("F-CON-13")
def test_a_listing_of_many_thousands():
    """A trap's page of thirty thousand links is read in time that grows with them, not with their square."""
    links = "".join(f'<li><a href="/Detail/2023/01/01/{number}/x">un</a></li>' for number in range(1, 30_001))

    assert len(read_listing(f"<h2>Europe</h2><ul>{links}</ul>", URL).links) == 30_000


MANY = "".join(link(number) for number in range(7, 0, -1))
ALL = tuple(range(7, 0, -1))


@pytest.mark.parametrize(
    ("markup", "numbers"),
    [
        (f"<h1>Europe</h1>{link(9)}<div class=latest-news><ul>{MANY}</ul></div>", (9, *ALL)),
        (f"<div class='content has-sidebar'><h1>Europe</h1>{MANY}<div class=sidebar>{link(9)}</div></div>", ALL),
        (f"<h1>Europe</h1>{MANY}<div class=latest-news>{link(9)}{link(8)}</div>", ALL),
        (f"<h1>Europe</h1>{link(9)}<div class=latest><h3>L’INFO EN CONTINU</h3>{MANY}</div>", (9,)),
        (f"<h1>Europe</h1>{link(9)}<div class=latest><h3>Asie</h3>{MANY}</div>", (9,)),
        (f"<h1>Europe</h1>{link(9)}<aside class=latest>{MANY}</aside>", (9,)),
    ],
    ids=["hero above", "column with a sidebar", "a true side box", "headed as a box", "another section's", "an aside"],
)
def test_the_main_list_is_told_by_what_it_holds(markup, numbers):
    """A class alone makes no side box of what holds most of the page's articles; its heading or its tag does."""
    assert read_listing(markup, URL).links == listed(*numbers)


def test_latest_section_is_not_a_side_box():
    """The list of the section that bears a box's name is its main list."""
    rows = f"<div><h2>L’INFO EN CONTINU</h2>{link(2)}{link(1)}</div>"

    assert read_listing(f"<h1>L’INFO EN CONTINU</h1>{rows}", URL).links == listed(2, 1)


@pytest.mark.row("F-CON-11")
@pytest.mark.parametrize(
    "href", ["javascript:void(0)", "mailto:a@b.c", "http://[", "//", "tel:1", "data:text/html,x", "/Detail/x"]
)
def test_odd_addresses(href):
    """Addresses that lead to no article are passed over without an exception (F-CON-11)."""
    assert read_listing(f'<a href="{href}">x</a>{link(1)}', URL).links == listed(1)


@pytest.mark.parametrize(
    ("markup", "following"),
    [
        pytest.param(
            '<li class="next"><a href="/Section/11702/3">&gt;</a></li>', f"{HOST}/Section/11702/3", id="li.next"
        ),
        pytest.param("<link rel=next href='?page=3'>", f"{URL}?page=3", id="rel=next"),
        pytest.param(
            f"<a href=/Section/11702/1>1</a>{NEXT}<a href=/Section/11702/9>9</a>",
            f"{HOST}/Section/11702/3",
            id="numbers",
        ),
        pytest.param("<a href=/Section/5/3>3</a><a href=/Section/11702/1>1</a>", None, id="last page"),
        pytest.param('<li class="next"><a href="#">&gt;</a></li>', None, id="dead arrow"),
        pytest.param('<li class="next"><a href="javascript:more()">&gt;</a></li>', None, id="script"),
    ],
)
def test_next_page(markup, following):
    """The next page is found by its mark or its number; the last page has none."""
    assert read_listing(f"<body>{markup}</body>", URL).next_url == following


def test_unreadable_listing():
    """A listing that can't be decoded lists nothing and says why."""
    body = gzip.compress(link(1).encode())[:-9]
    listing = read_listing(capture(body, url=URL, headers=((b"Content-Encoding", b"gzip"),)), URL)

    assert listing.links == ()
    assert "cut or damaged" in listing.issue


def test_menu():
    """The menu gives each section's name once, in order, with its absolute address."""
    page = (
        "<nav class=menu><a href='/'>TV</a> / <a href='/Section/11'>Infos</a> / <a href='/Section/12/'>A La Une</a> /"
        "<a href='/Default/Section/13/'>L’INFO EN CONTINU</a> / <a href='javascript:x'>Langue</a> /"
        "<a href='https://t.invalid/canal'>Telegram</a> / <a href='/Videos'>Vidéos</a></nav>"
        "<div class=block><h2><a href='/Section/99'>INFOS</a></h2><a href='/Detail/2023/01/01/700001/x'>Titre</a></div>"
        "<p><a href='/contact'>Contact</a></p>"
    )

    assert [(e.name, e.url.removeprefix(HOST)) for e in read_menu(page, f"{HOST}/")] == [
        ("Infos", "/Section/11"),
        ("A La Une", "/Section/12/"),
        ("L’INFO EN CONTINU", "/Default/Section/13/"),
        ("Vidéos", "/Videos"),
    ]


@pytest.mark.parametrize("markup", ["", "<body></body>", "<div>" * 3000])
def test_no_menu(markup):
    """A page without links has no menu."""
    assert read_menu(markup, f"{HOST}/") == []
