"""Which words of a selection mean something in a view."""

from collections.abc import Collection, Mapping

from archive.catalog.selection import WORDS, Word
from archive.errors import UsageError
from archive.exporters.views import SELECTED_BY


def check_meant(view: str, words: Collection[Word], also: Mapping[str, frozenset[Word]] | None = None) -> None:
    """Raise UsageError for a word that means nothing in a view; `also` says of views what else does there."""
    known = {**SELECTED_BY, **(also or {})}.get(view, frozenset(WORDS))
    for word in (word for word in WORDS if word in words and word not in known):
        having = ", ".join(name for name, those in SELECTED_BY.items() if word in those)
        raise UsageError(f"--{word} means nothing in the view {view}; it goes with {having}")
