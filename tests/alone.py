"""Two sites of one archive: over itself, and over what was exported of it alone; what their article pages differ in."""

import contextlib
from dataclasses import replace

from archive.exported.lines import ExportedLine
from archive.exported.rebuilt import rebuilt
from archive.exported.searchable import Searchable
from browse.asking import ReadAlone
from browse.reader import Reader
from tests import facts
from tests.browsing import client_of, page, site_of
from tests.french import VOCABULARY

VIEWS = ("records", "checks", "events", "commits")


@contextlib.contextmanager
def two_sites(log, folder):
    """Give (site over an archive, site over those views of it alone, the search of the latter, not begun)."""
    for each in ("whole", "alone"):
        (folder / each).mkdir()
    whole = site_of(log, folder / "whole")
    exports = facts.exports(whole.reader.archive)
    lines = [ExportedLine("x", n, row) for n, row in enumerate((row for view in VIEWS for row in exports[view]), 1)]
    made = rebuilt(lines, folder / "alone", lambda _: VOCABULARY)
    search = Searchable(folder / "alone" / "catalog.sqlite", VOCABULARY.language)
    about = ReadAlone(
        names=("x",), looks=True, head=made.head, searchable=lambda: (search.done, search.of, search.broken)
    )
    alone = replace(whole, reader=Reader(made.archive, still=True), alone=about, tongues={})
    yield whole, alone, search
    search.stop()
    whole.reader.close()
    alone.reader.close()


def other_pages(whole, alone):
    """Return the articles whose page, comparison of newest versions or JSON is another one without the archive."""
    numbers = [n for (n,) in whole.reader.catalog.db.execute("SELECT article_id FROM articles")]
    with client_of(whole) as ours, client_of(alone) as theirs:
        return [number for number in numbers if told(ours, number) != told(theirs, number)]


def told(client, number):
    """Return what pages tell of an article, but for where its capture lies and what is taken away from there."""
    history = client.get(f"/a/{number}.json").json()
    paths = [f"/a/{number}"]
    if len(history["versions"]) > 1:
        paths.append(client.get(f"/a/{number}/diff").headers["location"])
    return history, [words(page(client, path)) for path in paths]


def words(tree):
    """Return what stands in a page's main part, less provenance and what leads to files."""
    main = tree.find(".//main")
    for part in main.xpath(".//*[@id='provenance' or @aria-labelledby='provenance' or @class='take']"):
        part.getparent().remove(part)
    return " ".join(main.text_content().split())
