"""`scrapy export site`: the pages of `scrapy browse` as files, with a search by Pagefind (https://pagefind.app)."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from archive.catalog.selection import Selection
from archive.errors import ConfigurationError, UsageError
from archive.exporters.citations import BASE, check_base
from archive.exporters.folders import NOWHERE, whole_folder
from archive.exporters.format import Format, Option, Progress, unwatched
from archive.exporters.targets import Written
from archive.exporters.views import SELECTED_BY, VIEWS
from archive.exporters.warcfile import head_told
from archive.facts.names import instant
from archive.opened import Archive
from crawler.editions.known import edition_named

if TYPE_CHECKING:
    from browse.tongue import Code

MOST_SEARCHED = 10_000
"""Articles that Pagefind indexes: each takes it some 0.2 MB of memory."""
_INDEX = "pagefind"
_NEEDLESS = ("pagefind-ui", "pagefind-modular-ui", "pagefind-component-ui", "pagefind-highlight")


def write(  # noqa: PLR0913 - the format's options
    archive: Archive, view: str, *, chosen: Selection, target: str, base: str, language: str, search: str,
    progress: Progress = unwatched,
) -> Written:  # fmt: skip
    """Write the pages into a folder; count the articles. Raises UsageError for an option, and as `whole_folder`."""
    check_base(base)
    own = edition_named(archive.catalog.vocabulary.edition).language
    languages, searched = _languages(own, language), _searched(search)
    numbers, part = _numbers(archive, view, chosen)
    if searched and len(numbers) > MOST_SEARCHED:
        _note(f"the pages have no search: it is for {MOST_SEARCHED} articles at most, and these are {len(numbers)}")
        searched = False
    if target == NOWHERE:
        return Written(len(numbers))
    searched = searched and bool(numbers)  # Pagefind fails over nothing
    with whole_folder(target) as folder:
        with _pages(archive, numbers, languages, base, part=part, searched=searched) as pages:
            for _ in progress(pages(folder)):
                pass
        if searched:
            for place in (folder, *(folder / code for code in languages[1:])):
                _index(place, own)
    return Written(len(numbers))


def _numbers(archive: Archive, view: str, chosen: Selection) -> tuple[set[int], bool]:
    """Return the numbers of the articles chosen, and whether any was left out by a word of the selection."""
    if not chosen.told().keys() - {"source"}:
        return {number for (number,) in archive.catalog.db.execute("SELECT article_id FROM articles")}, False
    return {int(row["article_id"]) for row in VIEWS[view](archive, chosen)}, True


def _languages(own: str, word: str) -> Sequence["Code"]:
    from browse.tongue import CODES  # noqa: PLC0415 - as in crawler.commands.browse

    if word not in ("both", *CODES):
        raise UsageError(f"no --language {word!r}; choose from both, {', '.join(CODES)}")
    return tuple(code for code in sorted(CODES, key=lambda code: code != own) if word in ("both", code))


def _searched(word: str) -> bool:
    if word not in ("auto", "none"):
        raise UsageError(f"no --search {word!r}; choose from auto, none")
    if word == "auto" and find_spec(_INDEX) is None:
        _note("the pages have no search: it needs the package pagefind; run: .venv/bin/pip install 'pagefind[bin]'")
        return False
    return word == "auto"


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)


@contextmanager
def _pages(
    archive: Archive, numbers: set[int], languages: Sequence["Code"], base: str, *, part: bool, searched: bool
) -> Iterator[Callable[[Path], Iterator[str]]]:
    """Give what writes every page into a folder and yields its name."""
    from browse.asking import Site, Written  # noqa: PLC0415 - as in crawler.commands.browse
    from browse.reader import Reader  # noqa: PLC0415
    from browse.writing import POLICY, Pages, narrowed  # noqa: PLC0415
    from crawler.cli.reading import facts_of  # noqa: PLC0415

    words, at = archive.catalog.vocabulary, head_told(archive)[1]
    edition, reader = edition_named(words.edition), Reader(archive, still=True)
    first = archive.catalog.db.execute("SELECT min(first_seen) FROM articles").fetchone()[0]
    written = Written(
        head=archive.catalog.head().seq, since=instant(first) if first else at, base=base.rstrip("/"), policy=POLICY,
        searched=searched, part=part,
    )  # fmt: skip
    outlet = replace(facts_of(edition), zone=getattr(words.zone, "key", edition.zone))
    site = Site(reader=reader, outlet=outlet, clock=lambda: at, complain=_note, written=written)
    with closing(reader.opened()) as db:
        if part:
            narrowed(db, numbers)
        yield lambda folder: Pages(site, db, numbers, tuple(languages)).write(partial(_put, folder))


def _put(folder: Path, name: str, data: bytes) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def _index(folder: Path, language: str) -> None:
    """Index the articles' own pages. Raises ConfigurationError where Pagefind fails."""
    words = ("--site", str(folder), "--glob", "a/*.html", "--force-language", language, "--quiet")
    done = subprocess.run(  # noqa: S603 - the package's own program
        [sys.executable, "-m", _INDEX, *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = (done.stderr or done.stdout).strip().splitlines()
        raise ConfigurationError(f"Pagefind failed: {why[-1] if why else done.returncode}; leave it out: --search none")
    for path in (folder / _INDEX).iterdir():
        if path.name.startswith(_NEEDLESS):
            path.unlink()


FORMAT = Format(
    name="site", views=("latest",), words={"latest": SELECTED_BY["latest"]}, write=write, place="folder",
    options=(
        BASE,
        Option(name="language", metavar="CODE", default="both", help="fr, en or both"),
        Option(name="search", metavar="HOW", default="auto", help="auto (where Pagefind is installed) or none"),
    ),
)  # fmt: skip
