"""What the tests of kills share."""

import pytest

from tests.faults.killing import loaded


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a process from which commands are forked."""
    with loaded(tmp_path_factory.mktemp("said")) as forked:
        yield forked
