"""Addresses of one article: another host or path is a move, another slug is told apart."""

import pytest

from archive.catalog.moves import moves, parts

HERE = "https://h.test/Detail/2026/1/2/7/un-titre"


@pytest.mark.parametrize(
    ("url", "events"),
    [
        (HERE, []),
        ("https://h.test/Detail/2026/01/02/7/un-titre/", []),
        ("https://h.test/Detail/2026/1/2/7/un%2Dtitre", []),
        ("https://h.test/Detail/2026/1/2/7/un-autre", ["slug_changed"]),
        ("https://m.test/Detail/2026/1/2/7/un-titre", ["moved"]),
        ("https://h.test/Detail/2026/1/3/7/un-titre", ["moved"]),
        ("https://m.test/Detail/2026/1/2/7/un-autre", ["moved", "slug_changed"]),
        ("https://h.test/Detail/2026/1/2/7", ["slug_changed"]),
    ],
    ids=["same", "padded", "encoded", "slug", "host", "day", "both", "no slug"],
)
def test_moves(url, events):
    """The later sight's address is held against the earlier one's; a redirect's end counts, not its start."""
    sights = [{"at": "1", "url": HERE, "article_id": 7}, {"at": "2", "url": HERE, "answered": url, "article_id": 7}]
    found = list(moves(lambda name, since, look, detail: (name, since, look["at"]), sights))

    assert found == [(name, "1", "2") for name in events]


def test_parts_of_nonsense():
    """What is no address has no host and breaks nothing."""
    assert parts("http://[x", "7")[0] == ""
