"""Notices that an article is gone and walls, told from articles whose headlines use their words."""

import pytest

from crawler.pages import notices
from tests.french import EDITION, Page, read
from tests.made import capture, url_of

MENU = "<nav class=menu><a href=/Section/1>Europe</a><a href=/Section/2>Asie</a></nav>"
DATE = "<time class=news-detail>Tue Nov 24, 2026 11:50AM</time>"
SENTENCE = "Le bac de Karimabad ne passe plus la rivière depuis la crue, dit le maire du bourg."


def modern(headline, *, text=SENTENCE, date=DATE, inside=""):
    """Return an article's page in a layout of the outlet."""
    return (
        f"<html lang=fr><head><title>{headline}</title></head><body>{MENU}<h1 class=news-title-container>{headline}</h1>"
        f"{date}<div class=news-body-container><p>{text}</p>{inside}</div></body></html>"
    )


def classic(headline, *, text=SENTENCE):
    """Return one in the older layout."""
    return (
        f"<html lang=fr><head><title>PressTV-{headline}</title></head><body>{MENU}<h2 class=page-header>{headline}</h2>"
        f"<div class=item-date>Tue Nov 24, 2026 11:50AM</div><div class=item-text><p>{text}</p></div></body></html>"
    )


def unknown(headline, *, text=SENTENCE, date="<p>Publié le 24 novembre 2026 à 11h50</p>", head="", title=None):
    """Return a page in a layout that nobody knows."""
    return (
        f"<html lang=fr><head><title>{headline if title is None else title}</title>{head}</head><body>{MENU}"
        f"<main><h1>{headline}</h1>{date}{text}</main></body></html>"
    )


def paragraphs(count):
    """Return a text of so many paragraphs."""
    return "".join(f"<p>{SENTENCE} C’est la {n}e fois en dix ans, selon les bateliers.</p>" for n in range(count))


def notice(*lines, heading="Page introuvable", title="French Press TV"):
    """Return a notice in the site's frame."""
    told = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html lang=fr><head><title>{title}</title></head><body>{MENU}<main><h1>{heading}</h1>{told}</main></body></html>"


def outcome(markup):
    """Return what the page of an article's address comes to, and why."""
    reading = read(capture(url_of("7"), body=markup.encode()))
    return reading.outcome, reading.reason


HEADLINES = [
    "Karimabad : « Le village n’existe plus », dit le maire",
    "Vidéo supprimée par la plateforme : le port de Torvik vu du ciel",
    "L’avion reste introuvable, dix ans après",
    "Une page introuvable : enquête sur les liens morts",
    "Le vaccin n’est plus disponible en pharmacie",
    "Erreur 404 : quand la mairie perd ses archives",
    "The bridge no longer exists, says the mayor",
    "Article supprimé de la Constitution : l’opposition proteste",
    "Accès refusé aux pêcheurs de Brèves",
    "Contenu indisponible en France, une chaîne porte plainte",
]


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize("page", [modern, classic, unknown], ids=["modern", "classic", "unknown"])
@pytest.mark.parametrize("headline", HEADLINES)
def test_a_headline_may_use_the_words_of_a_notice(headline, page):
    """A short article under a date is one, whatever its headline says of its subject."""
    text = paragraphs(2) if page is unknown else SENTENCE
    reading = read(capture(url_of("7"), body=page(headline, text=text).encode()))

    assert (reading.outcome, reading.detail) == ("article", "")
    assert reading.article.headline == headline


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_film_without_words_is_an_article(headline):
    """In a layout of the outlet a headline and a date are enough; that the text is missing is said."""
    page = modern(
        headline, text="", inside="<video src=/v.mp4></video><figure><figcaption>Le port.</figcaption></figure>"
    )
    article = read(capture(url_of("7"), body=page.encode())).article

    assert (article.headline, article.blocks, article.issues) == (headline, (), ("no_text",))
    assert [caption.text for caption in article.captions] == ["Le port."]
    assert article.published_texts


@pytest.mark.parametrize("film", ["<video src=/v.mp4></video>", "<audio controls></audio>"])
def test_a_film_in_an_unknown_layout_is_an_article(film):
    """Under a headline that the head repeats, and a date; without the film nothing is known of it."""
    page = unknown("Le port de Torvik vu du ciel", text=f"{film}<figure><figcaption>Le port.</figcaption></figure>")
    article = read(capture(url_of("7"), body=page.encode())).article

    assert (article.headline, article.blocks, article.issues) == ("Le port de Torvik vu du ciel", (), ("no_text",))
    assert outcome(page.replace(film, "")) == ("extract_failed", "")


def test_a_player_that_shows_nothing_is_no_notice():
    """In a layout of the outlet what a dead player says is not said of the article."""
    assert outcome(modern("Le port vu du ciel", inside="<p>Cette vidéo n’est plus disponible.</p>")) == ("article", "")


NOTICES = [
    notice("L’article que vous cherchez n’existe plus ou a été déplacé. Vous pouvez revenir à l’accueil."),
    notice("Retour à l’accueil", heading="Cet article n’existe plus"),
    notice("Désolé, cette page n’est plus disponible.", heading="Oups !"),
    notice("La page que vous avez demandée n’a pas pu être trouvée.", heading="Erreur"),
    notice(heading="404", title="Page introuvable - Press TV"),
    notice("Cette vidéo a été supprimée.", "Voir nos autres vidéos", heading="Vidéos"),
    notice("The page you are looking for could not be found.", heading="Not found"),
    notice("Sorry, this content is no longer available.", heading="Oops"),
    modern("Page introuvable", text="La page que vous cherchez a changé d’adresse.", date=""),
    modern("Contenu indisponible", text="Retour à l’accueil", date=""),
    unknown("French Press TV", text="<p>L’article que vous cherchez n’existe plus. Retour à l’accueil.</p>"),
]


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize("markup", NOTICES)
def test_a_notice_of_the_page_is_told(markup):
    """What says of itself that it is gone, and has nothing of an article, is a soft 404."""
    assert outcome(markup) == ("soft_404", "")


@pytest.mark.row("F-CON-01")
@pytest.mark.parametrize(
    "markup",
    [
        modern("Page introuvable", text="Retour à l’accueil"),
        classic("Cet article n’existe plus"),
        unknown("Contenu indisponible", text="<p>Retour à l’accueil</p>"),
        unknown("Le village n’existe plus", text="<p>Le maire raconte.</p>", date=""),
        unknown("Nouvelles", text="<p>L’article que vous cherchez n’existe plus. Retour à l’accueil.</p>"),
    ],
    ids=["modern", "classic", "unknown", "undated", "below-a-dated-headline"],
)
def test_where_words_and_build_disagree_nothing_is_said(markup):
    """By the page alone it can't be told whether it is a notice or an article: it is neither seen nor absent."""
    assert outcome(markup) == ("not_observed", "doubtful_notice")


def test_a_long_text_under_a_notices_words_is_an_article():
    """No notice is five hundred characters long."""
    assert outcome(modern("Page introuvable", text=SENTENCE * 8)) == ("article", "")


@pytest.mark.parametrize(
    ("line", "is_it"),
    [
        ("Page introuvable", True),
        ("Cet article n'existe plus.", True),
        ("404 - Page non trouvée", True),
        ("Vidéo supprimée", True),
        ("Press TV | Page introuvable", True),
        ("Le village n’existe plus", False),
        ("Une page se tourne", False),
        ("Cette page", False),
        ("", False),
    ],
)
def test_a_line_that_is_nothing_but_a_notice(line, is_it):
    """A word that names anything else makes a headline of it."""
    assert notices.is_notice(line, EDITION) is is_it


@pytest.mark.parametrize("line", ["Cet article n’existe plus", "La page que vous cherchez est introuvable"])
def test_what_speaks_of_itself_is_no_headline(line):
    """`Vidéo supprimée` may be one, `Cette vidéo est supprimée` is none."""
    assert notices.speaks_of_itself(line, EDITION)
    assert not notices.speaks_of_itself("Vidéo supprimée", EDITION)


def test_other_articles_headlines_are_no_notice_of_this_page():
    """A teaser that links to another article says nothing of the one asked for."""
    teaser = f"<h3><a href='{url_of('8')}'>Vidéo supprimée</a></h3>"
    page = Page(url_of("7"), f"<html><body><p>Un bac.</p>{teaser}</body></html>")

    assert (notices.gone(page), notices.mentions_gone(page)) == ("", "")


HOME = ['<meta property="og:url" content="/">', '<link rel="canonical" href="https://french.presstv.ir/">']
TYPES = ["", '<meta property="og:type" content="website">', '<meta property="og:type" content="article">']


@pytest.mark.parametrize("kind", TYPES, ids=["no-type", "website", "article"])
@pytest.mark.parametrize("claim", HOME, ids=["og:url", "canonical"])
class TestEveryPageCallsItselfHome:
    """A template's claim is worthless where the page shows an article, and counts where it shows none."""

    def test_an_article_is_read(self, claim, kind):
        """A headline that the head repeats, a date, a text."""
        assert outcome(unknown("Chantier, jour 3", text=paragraphs(5), head=claim + kind)) == ("article", "")

    def test_an_article_whose_title_is_the_sites_is_read(self, claim, kind):
        """On some sites <title> is a claim of the template, too."""
        page = unknown("Chantier, jour 3", text=paragraphs(5), head=claim + kind, title="French Press TV")
        assert outcome(page) == ("article", "")

    def test_a_short_article_whose_title_is_the_sites_is_doubtful(self, claim, kind):
        """The template says front page, the page shows a headline and a date: nothing is said of it."""
        page = unknown("Chantier, jour 3", text=f"<p>{SENTENCE}</p>", head=claim + kind, title="French Press TV")
        assert outcome(page) == ("not_observed", "doubtful_notice")

    def test_a_short_headline_without_a_text_is_not_called_gone(self, claim, kind):
        """Under a date it is an article's, however short."""
        page = unknown("Le bac", text="<x-player></x-player>", head=claim + kind)
        assert outcome(page) == ("extract_failed", "")

    def test_an_article_that_can_not_be_read_is_not_called_gone(self, claim, kind):
        """Its headline is there and no text: nothing follows of that."""
        page = unknown("Le chantier de la passerelle en images", text="<x-player></x-player>", head=claim + kind)
        assert outcome(page) == ("extract_failed", "")

    def test_the_front_page_is_none(self, claim, kind):
        """Headlines with a few words each, under the site's own title."""
        teasers = "".join(
            f"<div><h2><a href='{url_of(n)}'>Une nouvelle du jour, la {n}e</a></h2><p>{SENTENCE}</p></div>"
            for n in range(9)
        )
        page = unknown("À la une", text=teasers, date="", head=claim + kind, title="French Press TV")
        assert outcome(page)[0] in ("soft_404", "extract_failed" if "article" in kind else "soft_404")

    def test_a_page_about_the_site_is_none(self, claim, kind):
        """A few words without a date or a name in the head."""
        page = unknown("Bienvenue", text=f"<p>{SENTENCE}</p>", date="", head=claim + kind, title="French Press TV")
        assert outcome(page) == ("soft_404", "")


WALL = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"


@pytest.mark.parametrize(
    "markup",
    [
        WALL.format("Access denied", "Reference 18.2f7"),
        WALL.format("Just a moment...", "2026-11-24 11:50 UTC"),
        WALL.format("Accès refusé", "Publié le 24 novembre 2026 à 11h50"),
        WALL.format("french.presstv.ir", "Checking your browser before accessing the site."),
    ],
)
def test_a_wall_stays_one(markup):
    """By its title alone, or by words beside it."""
    assert outcome(markup) == ("challenge", "wall")


@pytest.mark.parametrize(
    ("words", "reason"), [("This website has been seized", "seized"), ("This domain is for sale.", "parked")]
)
def test_a_seizure_under_a_date_stays_one(words, reason):
    """A date printed below makes no article of it."""
    page = f"<html><title>x</title><body><h1>presstv</h1><p>Tue Nov 24, 2026 11:50AM</p><p>{words}</p></body></html>"
    assert outcome(page) == ("challenge", reason)


GATES = {
    "a server's word": "Too many connections",
    "JSON": '{"error":"rate limited"}',
    "languages": "<ul><li><a href=/fr>Français</a><li><a href=/en>English</a></ul>",
    "consent": "<main><a href='/consent?ok=1'>Accepter et continuer</a> <a href='/consent?no=1'>Refuser</a></main>",
    "a picture": "<a href='http://go.example/'><img src=welcome.png></a>",
    "a frame": "<iframe src='/Detail/2026/11/24/7/titre?x=1'></iframe>",
    "an empty frame": MENU,
}


@pytest.mark.parametrize("body", GATES.values(), ids=GATES)
def test_what_leads_to_no_article_is_no_soft_404_by_itself(body):
    """A gate says nothing of the article behind it; what a made-up address is answered with has to decide."""
    assert outcome(f"<html><title>TV</title><body>{body}</body></html>") == ("not_observed", "doubtful_notice")


def test_a_menu_and_teasers_in_an_articles_place_are_a_soft_404():
    """The outlet's own frame with links to others stands where nothing is."""
    link = "<a href=/Detail/2026/11/23/6/bac>Le bac de Karimabad passe de nouveau</a>"
    assert outcome(f"<html><body>{MENU}<ul><li>{link}</ul></body></html>") == ("soft_404", "")
