"""The crawl's arguments, read before anything is fetched."""

from dataclasses import replace
from datetime import date

import pytest

from archive.errors import UsageError
from tests.french import EDITION, Plan, plan_of


def test_no_argument_is_the_default_plan():
    """The default sections, due re-checks, no limit, the edition's hosts over https."""
    plan = plan_of({})

    assert [s.key for s in plan.sections] == ["une", "europe", "continu"]
    assert (plan.recheck, plan.limit, plan.since, plan.ids) == ("due", None, None, ())
    assert plan.bases[0] == "https://french.presstv.ir"


def test_all_arguments_are_read():
    """Each argument lands in its field."""
    plan = plan_of(
        {
            "sections": "all",
            "since": "2026-11-01",
            "recheck": "all",
            "ids": "662518, 662519",
            "limit": "5",
            "outlet": "http://127.0.0.1:8800/",
        }
    )

    assert plan == Plan(
        sections=None,
        since=date(2026, 11, 1),
        recheck="all",
        ids=("662518", "662519"),
        limit=5,
        outlet=("http://127.0.0.1:8800",),
    )
    assert plan.bases == ("http://127.0.0.1:8800",)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"section": "une"}, "no crawl argument 'section'; did you mean sections=…?"),
        ({"SINCE": "2026-01-01"}, "did you mean since=…?"),
        ({"recheks": "all"}, "did you mean recheck=…?"),
        ({"id": "1"}, "did you mean ids=…?"),
        ({"speed": "9"}, "choose from sections, since, recheck, ids, limit, outlet"),
        ({"sections": "une,xyz"}, "'xyz'"),
        ({"since": "gestern"}, "since='gestern'"),
        ({"since": "2026-02-30"}, "since="),
        ({"recheck": "often"}, "due, none, all"),
        ({"ids": "66,abc"}, "ids='abc'"),
        ({"ids": "1234567890123"}, "ids="),
        ({"ids": "0662518"}, "ids='0662518'"),
        ({"ids": "٦٦٢"}, "ids='٦٦٢'"),
        ({"limit": "0"}, "limit='0'"),
        ({"limit": "-3"}, "limit="),
        ({"limit": "many"}, "limit="),
        ({"limit": "²"}, "limit="),
        ({"outlet": "nonsense"}, "outlet="),
        ({"outlet": "ftp://127.0.0.1"}, "outlet="),
        ({"outlet": "http://127.0.0.1:99999"}, "outlet="),
        ({"outlet": "http://127.0.0.1/path"}, "outlet="),
        ({"outlet": "http://me:pw@127.0.0.1"}, "outlet="),
        ({"outlet": "http://[::1"}, "outlet="),
        ({"outlet": "http://127.0.0.1:80?x=1"}, "outlet="),
        ({"outlet": "http://127.0.0.1:80,"}, "outlet=''"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_named_with_its_value(arguments, says):
    """The message has the argument, what was given, and what is accepted."""
    with pytest.raises(UsageError) as told:
        plan_of(arguments)

    assert says in str(told.value)


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("HTTP://127.0.0.1:8800", "http://127.0.0.1:8800"),
        ("http://[::1]:81", "http://[::1]:81"),
        ("https://Example.ORG", "https://example.org"),
    ],
)
def test_another_base_is_kept_as_its_origin(base, origin):
    """Scheme and host in lower case, no path; brackets stay around IPv6."""
    assert plan_of({"outlet": base}).outlet == (origin,)


def test_several_bases_keep_their_order():
    """The first is the first choice; one that is named twice counts once."""
    plan = plan_of({"outlet": "http://127.0.0.1:2, http://127.0.0.1:1/,http://127.0.0.1:2"})

    assert plan.bases == ("http://127.0.0.1:2", "http://127.0.0.1:1")


def test_an_edition_brings_its_own_hosts():
    """The hosts are the edition's that the plan is given, not those of a constant."""
    edition = replace(EDITION, hosts=("a.exemple", "b.exemple"))

    assert plan_of({}, edition=edition).bases == ("https://a.exemple", "https://b.exemple")


def test_ids_may_be_addresses():
    """On the edition's hosts, in the Wayback Machine, at the outlet that is crawled; each article once."""
    asked = (
        "66,https://french.presstv.ir/Detail/2021/07/17/662518/a,b",
        "https://web.archive.org/web/2021id_/https://french.presstv.co.uk/Detail/2021/07/17/662518/a",
        "http://127.0.0.1:8800/Detail/2021/07/17/66/c",
    )
    plan = plan_of({"ids": ",".join(asked), "outlet": "http://127.0.0.1:8800"})

    assert plan.ids == ("66", "662518")
    with pytest.raises(UsageError, match=r"ids=127\.0\.0\.1:8800/Detail/2021/07/17/66/c would be article 66, but"):
        plan_of({"ids": asked[2]})
