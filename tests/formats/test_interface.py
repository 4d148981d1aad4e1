"""The OpenAPI document: what a program of others makes of it is answered as the document says, by the real server."""

import pytest

from tests import apart
from tests.browsing import serving, stored_project

pytestmark = [pytest.mark.formats, apart.needed]


@pytest.mark.row("F-PAG-12")
def test_schemathesis_finds_nothing(tmp_path):
    """Words at their bounds, past them, of other kinds, and drawn: each is answered with a type and code that it names."""
    with serving(stored_project(tmp_path)) as (_, port):
        words = (
            "--generation-deterministic",
            "--max-examples",
            "3",
            "--request-timeout",
            "60",
            "--phases",
            "examples,coverage,fuzzing",
        )
        done = apart.run("schemathesis", "run", "--no-color", *words, f"http://127.0.0.1:{port}/openapi.json")

    assert done.returncode == 0, done.stdout[-10_000:]
    assert " passed" in done.stdout
