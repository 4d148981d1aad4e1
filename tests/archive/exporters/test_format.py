"""Formats: what is offered for each, and for all of them together."""

from archive.exporters.format import Format, Option, default_views, options_of, views_of

BASE = Option(name="base", metavar="URL", default="https://here.test/", help="where the pages are")


def form(name, *views, options=()):
    return Format(name=name, views=views, options=options, write=lambda *_, **__: 0)


def test_a_view_of_several_formats_is_offered_once():
    """In the order of the formats, each format's in its own."""
    assert views_of([form("a", "latest", "changes"), form("b", "captures", "latest")]) == (
        "latest", "changes", "captures",
    )  # fmt: skip


def test_an_option_of_several_formats_is_offered_once():
    """With the names of those that have it."""
    own = Option(name="quote", metavar="CHAR", default='"', help="what stands around a text")
    found = [form("a", "latest", options=(BASE,)), form("b", "latest"), form("c", "latest", options=(own, BASE))]

    assert list(options_of(found)) == [(BASE, "a, c"), (own, "c")]


def test_the_default_view_is_told_once_where_all_have_the_same():
    """A format that begins with another view is named beside it."""
    alike = [form("a", "latest", "changes"), form("b", "latest")]

    assert default_views(alike) == "latest"
    assert default_views([*alike, form("c", "captures")]) == "latest; c: captures"
