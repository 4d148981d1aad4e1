"""The two languages of the pages: every sentence of ours is in both, dates and numbers as each writes them."""

import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from browse.tongue import LOCALE, Tongue, chosen

BROWSE = Path(LOCALE).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "say": None, "count": (1, 2), "ngettext": (1, 2)}


def said():
    """Return every sentence that stands in the code and the templates; of those with a number both forms."""
    found = extract_from_dir(str(BROWSE), METHODS, {"**.html": {"silent": "false"}}, KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def french():
    with (LOCALE / "fr.po").open("rb") as file:
        return {m.id: m for m in read_po(file, locale="fr") if m.id}


def test_every_sentence_is_translated(french):
    """Whatever the code or a template says is in the French catalog, and nothing else; none is empty or doubtful."""
    told = {each if isinstance(each, str) else tuple(each) for each in french}

    assert said() - told == set()
    assert told - said() == set()
    assert [
        m.id for m in french.values() if m.fuzzy or not all([m.string] if isinstance(m.string, str) else m.string)
    ] == []


def test_translations_have_the_same_places(french):
    """What is filled into a sentence is filled into its translation."""
    for message in french.values():
        pairs = zip(*([each] if isinstance(each, str) else each for each in (message.id, message.string)), strict=True)
        for ours, theirs in pairs:
            assert set(placed(ours)) == set(placed(theirs)), ours


def placed(text):
    """Return the names of what is filled in."""
    return [part.partition(")")[0] for part in text.split("%(")[1:]]


def test_french_has_its_spaces(french):
    """Before a colon, a semicolon and a question mark, and inside guillemets, stands a space that does not break."""
    for message in french.values():
        for text in [message.string] if isinstance(message.string, str) else message.string:
            for sign in ":;?!»":
                bare = text.replace("titre:mot", "")
                assert all(bare[at - 1] == "\u00a0" for at in range(1, len(bare)) if bare[at] == sign), text


def test_no_template_speaks_past_the_catalog():
    """Between the tags of a template stand our sentences through `_` alone, and names that are the same everywhere."""
    known = {
        "Atom",
        "JSON",
        "JSONL",
        "Parquet",
        "BibTeX",
        "RIS",
        "CSL-JSON",
        "TLS",
        "WARC",
        "CSV",
        "robots.txt",
        "/openapi.json",
        "Prometheus",
        "healthz",
        "python3 docs/check_proof.py presstv-…proof.json --head",
        "/",
        "j",
        "k",
    }
    for path in (BROWSE / "templates").glob("*.html"):
        rest = stripped(path.read_text(encoding="utf-8"))
        words = {line.strip() for line in rest.splitlines() if any(c in string.ascii_letters for c in line)}
        assert words - known == set(), path.name


def stripped(text):
    """Return a template without tags, comments and expressions."""
    out, depth, tag = [], 0, False
    place = 0
    while place < len(text):
        two = text[place : place + 2]
        if two in ("{{", "{%"):
            depth += 1
            place += 2
        elif two in ("}}", "%}") and depth:
            depth -= 1
            place += 2
            out.append("\n")
        else:
            char = text[place]
            tag = (tag or char == "<") and not (char == ">" and not depth)
            if char == ">" and not depth:
                out.append("\n")
            elif not (depth or tag):
                out.append(char)
            place += 1
    return "".join(out)


@pytest.mark.parametrize(
    ("accepted", "asked", "code"),
    [
        ("", "", "fr"),
        ("en", "", "en"),
        ("fr-CA,en;q=0.8", "", "fr"),
        ("de,en;q=0.3,fr;q=0.7", "", "fr"),
        ("fr;q=0,en", "", "en"),
        ("en;q=x", "", "fr"),
        ("en", "fr", "fr"),
        ("en", "de", "en"),
        (",;=" * 500 + "en", "", "fr"),
    ],
)
def test_the_language_is_the_readers(accepted, asked, code):
    """What was asked for, else what the browser prefers, else the outlet's."""
    assert chosen(asked, accepted, "fr") == code


def test_dates_and_numbers_are_written_as_each_language_does():
    """In the outlet's zone; thousands parted; French hours with an h."""
    french, english = (Tongue(code, "Asia/Tehran") for code in ("fr", "en"))
    at = "2026-11-24T22:05:00.000000Z"

    assert french.moment(at) == "25 nov. 2026 à 1\u00a0h\u00a035"
    assert english.moment(at) == "25 Nov 2026, 01:35"
    assert (french.number(10000), english.number(10000)) == ("10\u202f000", "10,000")
    assert english.utc(at) == "24 Nov 2026, 22:05:00 UTC"
    assert (french.place, english.place) == ("Téhéran", "Tehran")
    assert french.count("%(num)s article", "%(num)s articles", 0) == "0\u00a0article"
