"""Tests of crawler/pages/leftout.py: what is left out of a container is judged by what it holds."""

import pytest

from tests.crawler.pages.test_units import read

FIRST = "Le conseil municipal de Valmère a voté lundi un budget pour la passerelle du port."
SECOND = "Deux associations demandent que le passage reste ouvert aux piétons pendant le chantier."
ASKS = "Recevez chaque matin notre lettre avec toutes les nouvelles du port et de la ville."
TEXT = f"<p>{FIRST}</p><p>{SECOND}</p>"

KEPT = [
    ("a wrapper without advertisements", f"<div class='text no-ads'>{TEXT}</div>"),
    ("a wrapper with comments, and a share line in it", f"<div class=has-comments>{TEXT}<div class=share>Partager</div></div>"),
    ("a wrapper by its id", f"<div id=gigya-share-content>{TEXT}</div>"),
    ("a page inside one form", f"<form><input type=hidden>{TEXT}</form>"),
    ("a wrapper whose text has breaks only", f"<div class=ads>{FIRST}<br><br>{SECOND}</div>"),
    ("a headline's wrapper below a long line", f"<p>{ASKS}</p><div class=ads><h1>Le pont</h1>{TEXT}</div>"),
    ("a share wrapper that begins late", f"<p>{ASKS}</p><div class=post-share>{TEXT * 2}</div>"),
    ("a wrapper in a wrapper", f"<form><div class='site has-comments'>{TEXT}</div></form>"),
]  # fmt: skip


@pytest.mark.parametrize("markup", [pytest.param(m, id=i) for i, m in KEPT])
def test_a_wrapper_of_the_text_is_read(markup):
    """A box that holds the text is read, whatever word stands in its name."""
    found = [u.text for u in read(markup)]

    assert found[-2:] == [FIRST, SECOND]
    assert "Partager" not in found


OUT = [
    ("a letter to subscribe to above the text", f"<form>{ASKS}<button>ok</button></form>{TEXT}"),
    ("comments longer than the text", f"{TEXT}<div class=comments>{f'<p>{ASKS}</p>' * 9}</div>"),
    ("a share line with a sentence", f"<div class=share>{ASKS}</div>{TEXT}"),
    ("advertisements in the middle", f"<p>{FIRST}</p><div class=ads><p>{ASKS}</p></div><p>{SECOND}</p>"),
    ("a search between", f"<p>{FIRST}</p><form>Chercher</form><p>{SECOND}</p>"),
    ("a box of links before the text", f"<div class=sponsored><a href=/a>{ASKS}</a></div>{TEXT}"),
    ("a foot", f"{TEXT}<footer>{ASKS}</footer>"),
]


@pytest.mark.parametrize("markup", [pytest.param(m, id=i) for i, m in OUT])
def test_a_box_beside_the_text_is_left_out(markup):
    """Share lines, comments, forms and advertisements are no text, however much they say."""
    assert [u.text for u in read(markup)] == [FIRST, SECOND]


@pytest.mark.parametrize("tag", ["footer", "cite"])
def test_who_is_quoted_is_kept(tag):
    """The person named at the end of a quotation belongs to it."""
    found = read(f"<blockquote><p>{FIRST}</p><{tag}>Sara Vasseur</{tag}></blockquote>")

    assert [(u.text, u.role) for u in found] == [(FIRST, "quote"), ("Sara Vasseur", "quote")]
