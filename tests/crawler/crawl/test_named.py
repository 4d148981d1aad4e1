"""What a person names an article by: numbers, and addresses as they are met with, on any host of the edition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import UsageError
from crawler.crawl.named import article_named, hosts_seen, listed, split_name
from crawler.editions.presstv_en import PRESSTV_EN
from crawler.editions.presstv_fr import PRESSTV_FR

PATH = "/Detail/2021/07/17/662518/Iran-nucleaire"
FRENCH = f"french.presstv.ir{PATH}"
WAYBACK = "https://web.archive.org/web"
SAME = {
    "a number": "662518",
    "with its scheme": f"https://{FRENCH}",
    "in clear": f"http://{FRENCH}",
    "without a scheme": FRENCH,
    "by the page's own scheme": f"//{FRENCH}",
    "a path alone": PATH,
    "in capitals": FRENCH.replace("french.presstv.ir", "HTTPS://French.PressTV.IR"),
    "with spaces around": f"  https://{FRENCH}\n",
    "between the signs of mail": f"<https://{FRENCH}>",
    "quoted, with what stands behind": f"« https://{FRENCH} ».",
    "without a slug": "https://french.presstv.ir/Detail/2021/07/17/662518",
    "with a slash at its end": "https://french.presstv.ir/Detail/2021/07/17/662518/",
    "a day without zeros": "https://french.presstv.ir/Detail/2021/7/17/662518/Iran",
    "with query and fragment": f"https://{FRENCH}?utm_source=x&amp=1#part/2",
    "with its port": FRENCH.replace(".ir/", ".ir:443/"),
    "with a dot behind the host": FRENCH.replace(".ir/", ".ir./"),
    "percent-encoded": "https://french.presstv.ir/Detail/2021/07/17/662518/Fr%C3%A9gate%40mer",
    "in letters of its own": "https://french.presstv.ir/Detail/2021/07/17/662518/Frégate",
    "on a mirror": f"https://french.presstv.co.uk{PATH}",
    "on a cache of the outlet's": f"http://350431105.r.worldcdn.net{PATH}",
    "on a shared host": "https://www.presstv.com/DetailFr/2021/07/17/662518/Iran",
    "on an alias": f"https://www.presstv.ir{PATH}",
    "a video": "https://french.presstv.ir/Video/2021/07/17/662518/Iran",
    "in the Wayback Machine": f"{WAYBACK}/20200101000000/https://{FRENCH}",
    "as it was": f"{WAYBACK}/20200101000000id_/https://{FRENCH}",
    "in a frame": f"{WAYBACK}/20200101000000if_/http://{FRENCH}",
    "a short time": f"{WAYBACK}/2020/{FRENCH}",
    "all times": f"{WAYBACK}/*/https://{FRENCH}",
    "some times": f"{WAYBACK}/2020*/https://{FRENCH}",
    "no time": f"{WAYBACK}/https://{FRENCH}",
    "without any scheme": f"web.archive.org/web/20200101000000/{FRENCH}",
    "one slash lost": f"{WAYBACK}/20200101000000/https:/{FRENCH}",
    "encoded whole": f"{WAYBACK}/20200101000000/https%3A%2F%2Ffrench.presstv.ir%2FDetail%2F2021%2F07%2F17%2F662518%2FIran",
    "with the outlet's port": f"{WAYBACK}/20200101000000/http://french.presstv.ir:80{PATH}",
    "a mirror in it": f"{WAYBACK}/20200101000000/http://french.presstv.co.uk{PATH}",
    "twice wrapped": f"{WAYBACK}/20210101000000/{WAYBACK}/20200101000000id_/https://{FRENCH}",
    "in another archive": f"https://arquivo.pt/wayback/20200101000000/https://{FRENCH}",
}  # fmt: skip


@pytest.mark.row("F-SAY-01")
@pytest.mark.parametrize("text", SAME.values(), ids=list(SAME))
def test_every_spelling_names_the_article(text):
    """Whichever host, scheme, port or archive an address was copied from."""
    assert article_named(text, PRESSTV_FR) == "662518"


REFUSED = {
    "a version": ("662518@2", "names one version, and an article is meant here: leave @2 out"),
    "a version by address": (f"https://{FRENCH}@2026-11-24", "names one version"),
    "a word": ("Iran", "'Iran' is neither an article's number nor its address"),
    "nothing": ("", "'' is neither"),
    "zeros before it": ("0662518", "'0662518' is neither"),
    "a listing": ("https://french.presstv.ir/Section/31016/3", "is no article's address, but page 3 of the listing of section 31016"),
    "another kind": ("https://french.presstv.ir/Photo/2021/07/17/662518/x", "of another kind, /Photo/"),
    "the front page": ("https://french.presstv.ir/", "french.presstv.ir/ is no article's address, but an address without"),
    "another edition's": ("https://www.presstv.com/Detail/2021/07/17/662518/x", "would be article 662518, but of the edition presstv-en"),
    "somebody else's": (f"https://www.lemonde.test{PATH}", "would be article 662518, but www.lemonde.test is no host of presstv-fr"),
    "a host that ends alike": (f"https://notfrench.presstv.ir{PATH}", "notfrench.presstv.ir is no host"),
    "a host before it": (f"https://evil.test/{FRENCH}", "evil.test is no host"),
    "another port": (f"https://french.presstv.ir:8443{PATH}", "french.presstv.ir:8443 is no host"),
    "another scheme": (f"ftp://{FRENCH}", "no article's address"),
    "no address at all": ("https://[", "no article's address"),
    "a listing in the Wayback Machine": (f"{WAYBACK}/2020/https://french.presstv.ir/Section/31016", "page 1 of the listing"),
    "the Wayback Machine's own": (f"{WAYBACK}/20200101000000/", "no article's address"),
}  # fmt: skip


@pytest.mark.row("F-SAY-01")
@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_article_of_the_edition_is_told_as_understood(text, says):
    """Which address, and what it is instead."""
    with pytest.raises(UsageError) as told:
        article_named(text, PRESSTV_FR)

    assert says in str(told.value)


def test_no_password_is_repeated():
    """Who copies an address with one finds it in no message."""
    with pytest.raises(UsageError) as told:
        article_named("https://moi:secret@french.presstv.ir/Section/1", PRESSTV_FR)

    assert "secret" not in str(told.value)


def test_the_editions_read_their_own():
    """Below a path of a shared host lies one of them."""
    assert article_named("https://www.presstv.com/Detail/2021/07/17/662518/x", PRESSTV_EN) == "662518"
    with pytest.raises(UsageError, match="of the edition presstv-fr"):
        article_named(f"https://{FRENCH}", PRESSTV_EN)


def test_where_the_archive_looked_is_known():
    """An outlet that stands for the edition, and a host at which that article was seen."""
    assert article_named(f"http://127.0.0.1:8800{PATH}", PRESSTV_FR, hosts_seen(("http://127.0.0.1:8800",))) == "662518"
    assert (
        article_named(f"http://ancien.test{PATH}", PRESSTV_FR, lambda *seen: seen == ("662518", "ancien.test"))
        == "662518"
    )
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:8801 is no host"):
        article_named(f"http://127.0.0.1:8801{PATH}", PRESSTV_FR, hosts_seen(("http://127.0.0.1:8800",)))


@pytest.mark.parametrize(
    "time", ["", "latest", "2", "2026-11-24", "2026-11-24T12:00:00.000001Z/2", "20261124", "2026-11-24T16:30:00+03:30"]
)
@pytest.mark.parametrize(
    "article", ["662518", f"https://{FRENCH}", FRENCH, f"{WAYBACK}/20200101000000id_/https://{FRENCH}"]
)
def test_a_time_may_stand_behind_either(article, time):
    """As in a citation."""
    assert split_name(f"{article}@{time}" if time else article, PRESSTV_FR) == (article, time)


def test_an_at_of_the_address_is_no_time():
    """Before the number it is the address's own; behind it what is no time is refused, and says how an @ is written."""
    assert split_name(f"https://moi@{FRENCH}", PRESSTV_FR) == (f"https://moi@{FRENCH}", "")
    with pytest.raises(UsageError, match=r"'PressTV' behind the @ of an address is no time.*as %40"):
        split_name("https://french.presstv.ir/Detail/2021/07/17/662518/Interview-@PressTV", PRESSTV_FR)


def test_a_list_parts_at_commas_that_are_not_an_addresss_own():
    """Numbers and addresses may be mixed."""
    commas = "https://french.presstv.ir/Detail/2021/07/17/662518/Iran,Irak,Syrie"

    assert listed(f"1,{commas}, 2 ,{FRENCH},3") == ["1", commas, "2", FRENCH, "3"]
    assert listed("a,b") == ["a", "b"]
    assert listed(" , ") == []


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text):
    """Nothing else is raised, whatever is typed."""
    try:
        article, _ = split_name(text, PRESSTV_FR)
        assert article_named(article, PRESSTV_FR).isdigit()
    except UsageError:
        pass


@given(st.text(alphabet="/:@.%?#[]0129aé*_", max_size=30))
def test_any_address_is_read_or_refused(rest):
    """An archive's address with anything in it, too."""
    for text in (f"{WAYBACK}/{rest}", f"https://french.presstv.ir/Detail/2021/07/17/662518{rest}", f"https://{rest}"):
        try:
            article_named(split_name(text, PRESSTV_FR)[0], PRESSTV_FR)
        except UsageError:
            continue
