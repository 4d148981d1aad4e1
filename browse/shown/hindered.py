"""Why the catalog can't answer just now, in words: what is the matter, whether it mends itself, what to do."""

from browse.reader import NotReady
from browse.tongue import Tongue


def sentence(tongue: Tongue, error: NotReady) -> str:
    """Return what a reader is told."""
    say, counts = tongue.say, {"done": tongue.number(error.done), "all": tongue.number(error.of)}
    told = {
        "folding": say(
            "The catalog is being folded anew: %(done)s of %(all)s commits so far. Ask again in a moment.", **counts
        ),
        "indexing": say(
            "Search is being made ready: %(done)s of %(all)s articles so far. "
            "All other pages are there. Ask again in a moment.",
            **counts,
        ),
        "no_index": say(
            "Search could not be made ready; all other pages are there. Start the command again: %(why)s", why=error
        ),
        "slow": say(
            "That question took longer than the two seconds that a page may. Ask for less, or again in a moment."
        ),
        "damaged": say(
            "The catalog is damaged. It is made anew from the archive, which is not touched by that: "
            "ask again in a minute."
        ),
        "unreadable": say(
            "The catalog’s file is not there or can’t be read. It is opened again within half a minute, "
            "and made anew where it is gone: ask again then."
        ),
    }
    return told[error.why]
