"""What a corpus says of itself to people: a datasheet for web archives.

The headings are those of the British Library's datasheets for web archives, after Gebru and others (2018).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from archive.catalog import articles
from archive.exporters.manifest import RIGHTS
from archive.exporters.warcfile import head_told
from archive.facts.canonical import canonical
from archive.facts.names import stamp
from archive.opened import Archive


def datasheet(
    archive: Archive, counted: Mapping[str, int], ends: Sequence[tuple[str, str]], asof: str, asked: Mapping[str, Any]
) -> str:
    """Return the datasheet of a corpus as Markdown; `asked` is what was chosen, by the words of who asked."""
    words, head, held = archive.catalog.vocabulary, archive.catalog.head(), articles.counts(archive.catalog.db)
    software, at = head_told(archive)
    told = {
        "Motivation": [
            f"Texts of {words.outlet or words.edition} ({words.edition}), archived so that they can be cited and "
            "checked; a corpus of them for text analysis."
        ],
        "Composition": [
            f"{counted['documents']} documents, one an article, {counted.get('words', 0)} words between blanks.",
            f"Chosen by: {canonical(asked).decode()}" if asked else "Chosen: every article that has a text.",
            f"Text: lead and paragraphs of one version of each article: {asof}.",
            *(f"{name[6:]}: {number}" for name, number in sorted(counted.items()) if name.startswith("state ")),
            "Which fields are there and which are missing: fields.csv.",
            "Nearly the same texts are marked (near_duplicate_of: four fifths of their runs of five words), not left "
            "out.",
        ],
        "Splits": [
            *(f"{split}: published up to {end}: {counted.get(f'split {split}', 0)}" for split, end in ends),
            f"test: the rest: {counted.get('split test', 0)}",
            "A text is that of the version in force when its split ends. Where none was captured by then it is the "
            "first one, and says so (later). state and versions are those of the archive's head.",
        ],
        "Collection process": [
            f"The archive holds {held['articles']} articles, {held['versions']} versions, {held['captures']} captures "
            f"and {held['checks']} looks, as of commit {head.seq} {head.digest or ''} of {stamp(at)}, written by "
            f"{software}.",
            "Captures of others may be among them; each line of the archive's exports says whose it is.",
            "What happened between two looks was not observed. What was never listed or found is not in it.",
        ],
        "Preprocessing": [
            "Read from the stored pages by rules; the template's own lines are left out; no word was changed. "
            "In tables what a spreadsheet would run has an apostrophe before it."
        ],
        "Uses": [
            "It is one outlet's: it stands for nothing else, and nobody vouches for what it says.",
            "Names of people occur as published.",
        ],
        "Distribution": [RIGHTS],
        "Maintenance": ["Made again from the archive at any time; the same head gives the same bytes."],
    }  # fmt: skip
    parts = (f"## {name}\n\n" + "".join(f"- {line.strip()}\n" for line in lines) for name, lines in told.items())
    return f"# Datasheet: {words.edition}\n\n" + "\n".join(parts)
