"""Blocks that recur word for word in unrelated articles."""

import pytest

from archive.facts.canonical import digest
from archive.texts.recurrence import Sketch, blocks, recurring

FOLLOW = "Suivez-nous sur notre nouvelle application, disponible partout."


def record(number, *body, day=None, **more):
    """Return a record as far as recurrence reads it."""
    return {
        "article_id": str(number),
        "headline": f"Une nouvelle nommée {number}",
        "lead": "",
        "body": [f"Un paragraphe propre à {number}.", *body],
        "captions": [],
        "related": [],
        "published": {"utc": f"2026-11-{day or number:02}T10:00:00Z"},
        "captured_at": "2026-11-24T12:00:00.000000Z",
    } | more


def found(records, **bounds):
    """Return the texts proposed."""
    return [block.text for block in recurring(lambda: iter(records), **bounds)]


@pytest.mark.parametrize(
    ("records", "proposed"),
    [
        ([record(n, FOLLOW) for n in range(1, 6)], [FOLLOW]),
        ([record(n, FOLLOW) for n in range(1, 5)], []),
        ([record(n, FOLLOW, day=1 + n % 2) for n in range(1, 9)], []),
        ([record(n, FOLLOW, headline="La même") for n in range(1, 9)], []),
        ([record(n, FOLLOW, related=[{"title": FOLLOW, "url": ""}]) for n in range(1, 9)], []),
        ([record(n, FOLLOW + str(n)) for n in range(1, 9)], []),
        ([record(n, "***") for n in range(1, 9)], []),
        ([record(1, *[FOLLOW] * 9)], []),
        ([record(n, FOLLOW.replace(" ", "\u00a0") if n % 2 else FOLLOW) for n in range(1, 6)], [FOLLOW.replace(" ", "\u00a0")]),
        ([record(n, lead=FOLLOW) for n in range(1, 6)], [FOLLOW]),
        ([record(n, captions=[{"text": FOLLOW, "credit": ""}]) for n in range(1, 6)], [FOLLOW]),
        ([record(n, FOLLOW, published=None) for n in range(1, 9)], []),
    ],
    ids=[
        "five", "four", "two-days", "one-story", "related", "differs", "marks", "one-article", "spaces", "lead",
        "caption", "undated",
    ],
)  # fmt: skip
def test_what_recurs(records, proposed):
    """Five articles of three days with headlines of their own, word for word but for spaces; no link's title, no marks."""
    assert found(records) == proposed


def test_the_most_frequent_comes_first_with_examples():
    """Each block tells how many articles have it, where it stood, and the first numbers."""
    often = [record(n, FOLLOW, *(["Partagez cette page."] if n > 3 else [])) for n in range(1, 12)]
    first, second = recurring(lambda: iter(often))

    assert (first.text, first.articles, first.place, first.examples) == (FOLLOW, 11, "body", ["1", "2", "3", "4", "5"])
    assert (second.text, second.articles) == ("Partagez cette page.", 8)


def test_the_bounds_can_be_set():
    """Fewer articles and days propose more."""
    assert found([record(n, FOLLOW, day=1) for n in (1, 2)], articles=2, days=1) == [FOLLOW]


def test_a_sketch_counts_never_too_low():
    """Thirty thousand keys: no count too low, none too high; past 255 it stays there."""
    keys = [bytes.fromhex(digest(str(n).encode())[7:39]) for n in range(30_000)]
    sketch = Sketch()
    for n, key in enumerate(keys):
        for _ in range(1 + n % 3):
            sketch.add(key)
    for _ in range(300):
        sketch.add(bytes(16))

    assert [sketch.count(key) for key in keys] == [1 + n % 3 for n in range(len(keys))]
    assert sketch.count(bytes(16)) == 255


def test_each_form_counts_once_an_article():
    """A block that stands twice in one article is one block of it."""
    assert [form for form, *_ in blocks(record(1, FOLLOW, FOLLOW))] == ["Un paragraphe propre à 1.", FOLLOW]
