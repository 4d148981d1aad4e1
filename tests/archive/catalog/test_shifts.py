"""What changes beside the versions."""

import pytest

from archive.catalog.shifts import between, divergence
from tests.archive.texts.test_changes import OLD, PLAIN, record
from tests.french import VOCABULARY


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({}, {}, []),
        ({"images": ("http://a/1.jpg",)}, {"images": ("http://b/1.jpg?v=2",)}, []),
        ({"images": ("http://a/1.jpg",)}, {"images": ("http://a/2.jpg",)}, [("image_changed", "-/1.jpg +/2.jpg")]),
        ({"images": ("/1.jpg", "/2.jpg")}, {"images": ("/2.jpg", "/1.jpg")}, [("image_changed", "in another order")]),
        ({"layout": "classic"}, {"layout": "generic"}, [("layout", "classic before, generic from here on")]),
        ({"layout": "a", "images": ("/1.jpg",)}, {"layout": "b"}, [("layout", "a before, b from here on")]),
    ],
    ids=["nothing", "host and query", "picture", "order", "layout", "picture in another layout"],
)
def test_between(before, after, kinds):
    """A picture is its path; in another layout pictures say nothing."""
    found = between(record(PLAIN, **before), record(PLAIN, **after))

    assert [(shift.kind, shift.detail) for shift in found] == kinds


def test_divergence():
    """It names the fields in which a mirror differs."""
    assert divergence(OLD, record(lead="Rien."), VOCABULARY).detail == "differs in lead"
