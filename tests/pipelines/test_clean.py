"""Boilerplate out, related links aside, and a table of what must stay."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.facts.items import Article, Block, Caption, Related
from pipelines.clean import Clean, regular
from pipelines.escapes import undone
from pipelines.look import Look
from tests.french import EDITION, clean
from tests.pages.unknown_layouts import PLACEHOLDER

HREF = "https://french.presstv.ir/Detail/2023/01/01/700001/port"
LONG = "Le conseil a examiné le projet mercredi, puis l’a renvoyé à la commission, qui se réunira le mois prochain."


def block(text, *links):
    return Block(text=text, links=links)


def made(*texts, **fields):
    blocks = tuple(t if isinstance(t, Block) else Block(text=t) for t in texts)
    return Article(**{"article_id": "1", "url": HREF, "headline": "Titre", "blocks": blocks, **fields})


@pytest.mark.parametrize(
    "line",
    [
        "TV",
        "Partager Cet Article",
        "PARTAGER CET ARTICLE :",
        "SOURCE: FRENCH PRESS TV",
        "Télécharger 📥",
        "Abonnez-vous à notre chaîne Telegram: t.me/exemple",
        "Regardez cette vidéo YouTube !",
        "Infos \u00a0 / \u00a0 A La Une \u00a0 / \u00a0 Europe",
        "pic.twitter.com/AbCdEf1234",
        "\u00a0",
        PLACEHOLDER,
        PLACEHOLDER.replace(" ", "\u00a0").upper(),
        PLACEHOLDER[:120],
    ],
)
def test_boilerplate_goes(line):
    """The template's own lines leave the text."""
    assert clean(made(LONG, line, LONG + " Fin.")).body == (LONG, LONG + " Fin.")


@pytest.mark.row("F-TXT-01")
@pytest.mark.parametrize(
    "line",
    [
        "Les îles du golfe [Persique] sont au nombre de trois (NDLR).",
        "Source des photos: Agence du Lac",
        "La TV locale a diffusé le débat.",
        "Il faut lire aussi entre les lignes, a-t-il dit.",
        "Il a invité chacun à partager cet article de foi.",
        "Télécharger un film n’est pas toujours un délit.",
        "Une voix s’est élevée : « Voir aussi loin, quel luxe ! »",
        "US Rep. Ilhan Omar s’est exprimée mardi devant la presse.",
        "Infos/Europe : deux chaînes, un même toit.",
        '« Oui », dit-il ; "non", dit-elle. L\'un et l’autre 2\u202f200 fois : 14.000 !',
        "— Press TV Français (@PresstvFr) September 2, 2017",
        "SOURCE: Reuters",
    ],
)
def test_words_of_the_outlet_stay(line):
    """What only looks like boilerplate stays as it was written, typography included."""
    assert clean(made(LONG, line)).body == (LONG, line)


@pytest.mark.parametrize(
    ("given_block", "title", "url"),
    [
        pytest.param(
            block("Lire aussi : La digue", ("Lire aussi : La digue", HREF)), "La digue", HREF, id="all linked"
        ),
        pytest.param(block("Lire aussi :\u00a0La digue", ("La digue", HREF)), "La digue", HREF, id="title linked"),
        pytest.param(block("À lire aussi: La digue"), "La digue", "", id="no link"),
        pytest.param(block("Voir aussi : La digue", ("La digue", HREF)), "La digue", HREF, id="voir aussi"),
        pytest.param(block("LIRE PLUS: La digue", ("La digue", HREF)), "La digue", HREF, id="lire plus"),
        pytest.param(block("À lire : La digue", ("La digue", HREF)), "La digue", HREF, id="à lire"),
        pytest.param(block("Lire aussi La digue", ("La digue", HREF)), "La digue", HREF, id="no colon"),
    ],
)
def test_related(given_block, title, url):
    """A line that sends to another article leaves the text for `related`."""
    found = clean(made(LONG, given_block))

    assert (found.body, found.related) == ((LONG,), (Related(title=title, url=url),))


def test_related_in_the_next_block():
    """After `Lire aussi :` alone, blocks that are one link to an article follow it into `related`."""
    found = clean(
        made(
            LONG,
            "Lire aussi :",
            block("La digue", ("La digue", HREF)),
            block("Le port", ("Le port", HREF)),
            LONG + " Fin.",
        )
    )

    assert [r.title for r in found.related] == ["La digue", "Le port"]
    assert found.body == (LONG, LONG + " Fin.")


@pytest.mark.parametrize(
    ("blocks", "titles", "body"),
    [
        pytest.param(["Lire aussi :", "Un mot.", block("La digue", ("La digue", HREF))], [], ("Un mot.", "La digue"),
                     id="a text between"),
        pytest.param(["Lire aussi :", block("Lire aussi : La digue", ("Lire aussi : La digue", HREF))], ["La digue"], (),
                     id="introduced twice"),
        pytest.param(["Lire aussi :", block("La digue", ("La", "#"), ("La digue", HREF))], ["La digue"], (),
                     id="two links"),
        pytest.param(["Lire aussi :", block("La digue", ("La digue", "https://ailleurs.test/"))], [], ("La digue",),
                     id="no article"),
        pytest.param([block("Lire aussi : Le port", ("Le port", HREF)), block("La digue", ("La digue", HREF))],
                     ["Le port"], ("La digue",), id="a whole line introduces nothing"),
    ],
)  # fmt: skip
def test_what_an_introduction_reaches(blocks, titles, body):
    """Links to articles right behind it, and nothing else."""
    found = clean(made(LONG, *blocks))

    assert ([r.title for r in found.related], found.body) == (titles, (LONG, *body))


@pytest.mark.parametrize(
    ("linked", "url"),
    [("La digue du port", HREF), ("La digue", HREF), ("Lire aussi : La digue du port", HREF), ("Le lac", "")],
)
def test_the_address_of_a_related_line(linked, url):
    """Of the link whose text is part of the title, or the title part of it."""
    found = clean(made(LONG, block("Lire aussi : La digue du port", ("", "#"), (linked, HREF))))

    assert found.related == (Related(title="La digue du port", url=url),)


def test_a_link_that_introduces_itself_at_a_paragraphs_end():
    """Where the words before the title are part of the link, they go with it."""
    found = clean(made(block(f"{LONG} Lire aussi : La digue", ("Lire aussi : La digue", HREF))))

    assert (found.body, found.related) == ((LONG,), (Related(title="La digue", url=HREF),))


def test_a_lead_without_a_text():
    """A page of a lead alone keeps it, on one line."""
    found = clean(made(lead=" Un\nchapeau. "))

    assert (found.lead, found.body, found.issues) == ("Un chapeau.", (), ())


@pytest.mark.parametrize(("more", "issues"), [(0, ()), (1, ("cleaner_stopped",))])
def test_how_much_the_cleaner_may_take(more, issues):
    """Sixty of a hundred characters and none more; a link set aside counts as kept, with the words that led to it."""
    taken = f"Regardez cette vidéo YouTube {'!' * (30 + more)}"
    title = "La digue du vieux lac"
    found = clean(made("Un mot.", taken, block(f"Lire aussi : {title}", (title, HREF)), issues=("no_date",)))

    assert found.issues == ("no_date", *issues)
    assert found.body == (("Un mot.", taken, f"Lire aussi : {title}") if issues else ("Un mot.",))
    assert found.related == (() if issues else (Related(title=title, url=HREF),))
    assert found.source_line == ""


def test_link_block_without_introduction_stays():
    """A block that is one link, introduced by nothing, is the outlet's text."""
    assert clean(made(LONG, block("La digue", ("La digue", HREF)))).body == (LONG, "La digue")
    assert clean(made(block("La digue", ("La digue", HREF)), LONG)).body == ("La digue", LONG)


@pytest.mark.parametrize(
    "text", [f"{LONG} Lire aussi : La digue", f"{LONG}\nLire aussi : La digue", f"{LONG} (Lire aussi : La digue"]
)
def test_related_at_a_paragraphs_end(text):
    """A related link at the end of a paragraph or behind a line break is cut from it."""
    found = clean(made(block(text, ("La digue", HREF))))

    assert (found.body, found.related) == ((LONG,), (Related(title="La digue", url=HREF),))


def test_source_line():
    """The source line moves from the text into its field."""
    assert clean(made(LONG, "SOURCE: FRENCH PRESS TV")).source_line == "SOURCE: FRENCH PRESS TV"


def test_tweet_residue():
    """The picture address of a tweet goes, the tweet stays."""
    assert clean(made("Le port est ouvert. pic.twitter.com/YZjk1b83MT", LONG)).body == ("Le port est ouvert.", LONG)


def test_line_breaks_become_spaces():
    """A single break inside a block, and any run of ASCII white space, is one space."""
    assert clean(made(" un\ndeux \t trois\u00a0! ", LONG)).body == ("un deux trois\u00a0!", LONG)


def test_captions():
    """Placeholder and empty captions go; a caption glued to the placeholder stays with its credit."""
    glued = f"{PLACEHOLDER} Le port. ©AFP"
    captions = (Caption(text=PLACEHOLDER), Caption(text=" "), Caption(text=glued, credit="AFP"), Caption(text="TV"))

    assert clean(made(LONG, captions=captions)).captions == (Caption(text="Le port. ©AFP", credit="AFP"),)


def test_lead_stands_once():
    """A first paragraph that repeats the lead word for word goes; one in other words stays."""
    assert clean(made("Le  résumé.", LONG, lead="Le résumé.")).body == (LONG,)
    assert clean(made("Le résumé !", LONG, lead="Le résumé.")).body == ("Le résumé !", LONG)


@pytest.mark.parametrize(
    ("headline", "source", "expected"),
    [
        ("PressTV-Le port", "og:title", "Le port"),
        ("Le port | French Press TV", "<title>", "Le port"),
        ("PressTV - Le port - Press TV", "meta:title", "Le port"),
        ("PressTV-Le port", "classic:h2.page-header", "PressTV-Le port"),
        ("Press TV", "og:title", "Press TV"),
        ("Saint-Malo - le port", "og:title", "Saint-Malo - le port"),
    ],
)
def test_site_name(headline, source, expected):
    """The outlet's name leaves a headline that came from the head, and only such a one."""
    assert clean(made(LONG, headline=headline, sources={"headline": source})).headline == expected


@pytest.mark.row("F-TXT-08")
def test_cleaner_stops():
    """Rules that would take most of a text leave it whole and say so (F-TXT-08)."""
    lines = [f"Regardez cette vidéo YouTube {'!' * n}" for n in range(1, 9)]
    found = clean(made(*lines, "Fin."))

    assert found.body == (*lines, "Fin.")
    assert found.issues == ("cleaner_stopped",)


def test_short_text_with_many_related_links():
    """Links to other articles moved aside are no lost text: the cleaner goes on."""
    related = [block(f"Lire aussi : {LONG} {n}", (f"{LONG} {n}", HREF)) for n in range(5)]
    found = clean(made("Un mot.", *related))

    assert (found.body, found.issues) == (("Un mot.",), ())


def test_placeholder_is_not_any_caption_about_her():
    """A caption about the same person is a caption; only the template's is the placeholder."""
    assert EDITION.template.is_placeholder(PLACEHOLDER)
    assert not EDITION.template.is_placeholder(
        "US Rep. Ilhan Omar (D-MN) speaks to the press on May 3, 2023. (AFP photo)"
    )


@pytest.mark.parametrize(
    ("before", "begins"), [("", True), ("« ", True), ("\u00a0", True), ("e\u0301", True), ("é", True), ("Le ", False)]
)
def test_what_stands_before_the_placeholder(before, begins):
    """Marks and spaces before the placeholder change nothing; a word does."""
    assert EDITION.template.begins_with_placeholder(before + PLACEHOLDER) == begins


LINES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "Lire aussi :",
            "Lire aussi : x",
            "TV",
            LONG,
            "SOURCE: FRENCH PRESS TV",
            PLACEHOLDER,
            "a pic.twitter.com/abcd1234",
            "\n",
            "« »",
        ]
    ),
)
BLOCKS = st.builds(
    lambda lines, linked: block("\n".join(lines), *([(lines[0], HREF)] if linked else [])),
    st.lists(LINES, min_size=1, max_size=3),
    st.booleans(),
)


@pytest.mark.row("F-TXT-06")
@given(st.lists(BLOCKS, max_size=6), LINES, LINES)
def test_cleaning_twice_is_cleaning_once(blocks, lead, caption):
    """Cleaning is idempotent, leaves no empty paragraph, and never adds a character (F-TXT-06)."""
    article = made(
        *blocks, lead=lead, captions=(Caption(text=caption),), headline=lead, sources={"headline": "og:title"}
    )
    once = clean(article)

    assert clean(once) == once
    assert all(paragraph == regular(paragraph) and paragraph for paragraph in once.body)
    assert sum(map(len, once.body)) <= sum(len(b.text) for b in blocks)


@pytest.mark.row("F-TXT-01")
@pytest.mark.row("F-TXT-06")
@given(st.text(max_size=80))
def test_regular_space(text):
    """Regular text keeps every character but ASCII white space and the white space at its ends."""
    once = regular(text)

    assert once == re.sub(r"[ \t\r\n\f\v]+", " ", text).strip()
    assert regular(once) == once
    assert unicodedata.normalize("NFC", "".join(once.split())) == unicodedata.normalize("NFC", "".join(text.split()))


def test_step():
    """The pipeline step cleans a look's article and lets a look without one pass."""
    look = Look(
        url=HREF, kind="article", at=datetime(2023, 1, 1, tzinfo=UTC), outcome="article", article=made(LONG, "TV")
    )
    gone = replace(look, article=None, outcome="gone")

    assert Clean(EDITION.template).process_item(look).article.body == (LONG,)
    assert Clean(EDITION.template).process_item(gone) is gone


def test_accepted_boilerplate_is_taken_out_word_for_word():
    """A block of the list goes from body, lead and captions, whatever its spaces; with a word more it stays."""
    line, more = "Écoutez\u00a0notre radio du matin.", "Écoutez notre radio du matin. Toujours."
    item = Look(
        url="https://h/x", kind="article", at=datetime(2026, 11, 24, tzinfo=UTC), outcome="article",
        article=replace(made(LONG, line, more), lead=line, captions=(Caption(text=line), Caption(text=more))),
    )  # fmt: skip
    found = Clean(replace(EDITION.template, boilerplate=("Écoutez notre radio du matin.",))).process_item(item).article

    assert (found.body, found.lead, [c.text for c in found.captions]) == ((LONG, more), "", [more])


@pytest.mark.row("F-TXT-08")
def test_accepted_boilerplate_never_takes_a_whole_text():
    """Where the list would take more than 60 % the text stays, and the article says so."""
    found = clean(made(LONG, "Reste."), template=replace(EDITION.template, boilerplate=(LONG,)))

    assert (found.body, found.issues) == ((LONG, "Reste."), ("cleaner_stopped",))


@pytest.mark.row("F-TXT-26")
@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("L&#39;&eacute;t&eacute; finit", "L'été finit"),
        ("R&amp;D &quot;navale&quot;", 'R&D "navale"'),
        ("l&amp;amp;eacute;t&#xe9;", "lété"),
        ("2&nbsp;200 ouvriers", "2\xa0200 ouvriers"),
    ],
)
def test_what_was_escaped_twice_is_undone_and_said(printed, meant):
    """In each field that a reader sees, whatever it names; the address of a link stays as it is."""
    article = made(printed, headline=printed, kicker=printed, lead=f"{printed}.", captions=(Caption(text=printed),))
    found = clean(article)

    assert (found.headline, found.kicker, found.lead, found.body) == (meant, meant, f"{meant}.", (meant,))
    assert ([c.text for c in found.captions], found.issues) == ([meant], ("escaped_twice",))
    assert clean(found) == found


@pytest.mark.parametrize(
    "text", ["Le code &lt;b&gt; en gras", "AT&T ; R&D;", "a &notareference; b", "un &#27; et un &#0;", "a & b;"]
)
def test_what_only_looks_escaped_stays(text):
    """Markup that a text shows, an ampersand of a name, and what would come to a control."""
    found = clean(made(text, headline=text))

    assert (found.headline, found.body, found.issues) == (text, (text,), ())


@given(st.text(alphabet="&#;amplt39xeacu0 ", max_size=40))
def test_undoing_twice_is_undoing_once(text):
    """Whatever was escaped how often."""
    assert undone(undone(text)) == undone(text)
