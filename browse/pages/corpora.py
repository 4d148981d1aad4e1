"""What a search found as a corpus: the folder of `scrapy export corpus`, in one zip file."""

import tempfile
import threading
from pathlib import Path
from typing import BinaryIO, cast

from starlette.responses import Response

from archive.catalog.selection import Selection
from archive.exporters import corpus
from archive.exporters.zipping import zipped
from archive.stores.temporary import temporary_folder
from browse.asking import TAKEN_ROWS, Ask, NotThere
from browse.pages.downloads import sent
from browse.pages.searching import answer_of, sought
from browse.queries import found

_MAKING = threading.BoundedSemaphore(1)
"""Each text is held against all others: one corpus at a time."""
_PATIENCE_SECONDS = 5
_LATEST = "last"


def search_corpus(ask: Ask) -> Response:
    """Give the texts of what a search found, the first 2,000 articles, as a corpus with its datasheet."""
    question = sought(ask)
    numbers = list(dict.fromkeys(found.numbers(question, answer_of(ask, question).rows)))[:TAKEN_ROWS]
    if not numbers:
        raise NotThere(ask.tongue.say("Nothing was found: there is no corpus of that."))
    if not _MAKING.acquire(timeout=_PATIENCE_SECONDS):
        return ask.refused(
            "unfit.html", 503, ask.tongue.say("Another corpus is being made just now; ask again in a moment.")
        )
    try:
        return sent(_made(ask, numbers), "presstv-search-corpus.zip", "application/zip")
    finally:
        _MAKING.release()


def _made(ask: Ask, numbers: list[int]) -> BinaryIO:
    words = {name: value for name, value in ask.request.query_params.items() if value and name not in ("lang", "page")}
    chosen = Selection(ids=frozenset(map(str, numbers)))
    ask.site.reader.unhurried(ask.db)
    with temporary_folder("corpus") as name:
        place, archive = Path(name) / "corpus", ask.site.reader.archive_at(ask.db)
        corpus.write(archive, "versions", chosen=chosen, target=str(place), asof=_LATEST, asked={"search": words})
        # Closed by who sends it.
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(2**22))  # noqa: SIM115
        with zipped(file) as zip_file:
            for path in sorted(each for each in place.rglob("*") if each.is_file()):
                with zip_file.entry(path.relative_to(place).as_posix()) as out:
                    out.write(path.read_bytes())
    return file
