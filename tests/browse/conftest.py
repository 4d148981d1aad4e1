"""What tests of several kinds of page ask."""

import pytest

from tests.browsing import client_of, told_site


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Return a client of pages over an archive that has something of each kind to tell, one for each module."""
    with told_site(tmp_path_factory.mktemp("site")) as site:
        yield client_of(site)
