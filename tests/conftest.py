"""What many tests need: a clock, an empty archive, a faulty outlet; Hypothesis as it is at a desk and in CI.

Hypothesis looks for new examples at a desk and repeats the same ones in CI, so that CI says the same each time.
"""

import os

import pytest
from hypothesis import settings

from tests.faulty import Faulty
from tests.made import Ticking, archive_at
from tests.project import Project

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture
def clock():
    """Return a clock that ticks."""
    return Ticking()


@pytest.fixture
def archive(tmp_path, clock):
    """Return an empty archive."""
    found = archive_at(tmp_path, clock)
    yield found
    found.close()


@pytest.fixture
def outlet():
    """Return a faulty outlet of the written articles."""
    with Faulty() as server:
        yield server


@pytest.fixture
def project(tmp_path, outlet):
    """Return a project that crawls the faulty outlet."""
    return Project(tmp_path, outlet.url)
