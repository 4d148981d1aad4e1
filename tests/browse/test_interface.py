"""The OpenAPI document says what the routes are, and what pages read; errors of JSON are JSON."""

import json
import re
from pathlib import Path

import pytest

from browse import pages
from browse.pages import ROUTES, SCHEMAS
from browse.pages.openapi import WORDS, described
from tests.browse.test_hostile import filled
from tests.page_kinds import KINDS

FOLDER = Path(pages.__file__).parent


@pytest.fixture(scope="module")
def told(client):
    return client.get("/openapi.json").json()


@pytest.mark.row("F-PAG-05")
def test_every_route_is_described(told):
    """Each path stands there with a sentence, its places with their form, its answers with their type."""
    assert list(told["paths"]) == [re.sub(r"\{(\w+):\w+\}", r"{\1}", path) for path, _ in ROUTES]
    assert len({each["get"]["operationId"] for each in told["paths"].values()}) == len(ROUTES)
    for path, page in told["paths"].items():
        get = page["get"]
        places = [each["name"] for each in get["parameters"] if each["in"] == "path"]
        assert places == re.findall(r"\{(\w+)\}", path), path
        assert get["summary"], path


@pytest.mark.row("F-PAG-05")
def test_every_word_that_a_page_reads_is_described(told):
    """Whatever is taken from a query stands in the document of some path, and nothing else does."""
    code = "".join(path.read_text(encoding="utf-8") for path in [*FOLDER.glob("*.py"), FOLDER.parent / "asking.py"])
    read = set(re.findall(r'\.(?:word|_day)\("(\w+)"\)', code))
    named = {
        each["name"] for page in told["paths"].values() for each in page["get"]["parameters"] if each["in"] == "query"
    }

    assert named == read == set(WORDS)


@pytest.mark.parametrize("path", [path for path, _ in ROUTES])
@pytest.mark.row("F-PAG-05")
def test_an_answer_has_the_type_that_is_described(client, path):
    """What each path answers, a refusal too, has the type and code that the document has for it."""
    answer = client.get(filled(path))
    form = described(path)
    codes = {200, 400, 404} | ({302} if form.leads else set())

    assert answer.status_code in codes, path
    if answer.status_code == 200:
        assert answer.headers["content-type"].partition(";")[0] == form.media
        if name := SCHEMAS.get(form.path):
            assert answer.json()["schema"] == name
    elif path.endswith(".json"):
        assert answer.json()["schema"] == "presstv.refused/1" or answer.json()["schema"] == SCHEMAS[form.path]


@pytest.mark.row("F-WEB-16")
def test_every_kind_of_page_is_looked_at():
    """Whatever answers with a page is among those that browsers in tests and `make screenshots` open."""
    pages_of_ours = {path for path, _ in ROUTES if described(path).media == "text/html"}

    assert pages_of_ours - set(LEADING) == set(KINDS)


LEADING = ("/a/{number:number}/v/{ordinal:ordinal}", "/a/{number:number}/diff", "/timegate/{url:path}")
"""Routes that lead to another page, and are none."""


def test_the_document_names_each_kind_of_json(told):
    """Every JSON of ours that calls itself something is named so."""
    assert set(SCHEMAS) <= set(told["paths"])
    assert json.dumps(told).count('"const"') == len(SCHEMAS)
