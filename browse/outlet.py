"""What a page is told of the outlet, which it does not know: the command hands it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from archive.facts.items import Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletFacts:
    """Names and rules of one edition of the outlet."""

    name: str
    """As it is cited: `Press TV`."""
    edition: str
    language: str
    """Of its texts, a primary tag (BCP 47)."""
    zone: str
    """The time zone (IANA) in which instants are shown."""
    sections: Mapping[str, str]
    """Key to name, in the order of the menu."""
    article_of: Callable[[str, Callable[[str, str], bool]], tuple[str, datetime | None] | None]
    """Return (article number, instant) of an address on any mirror, or within a replay service's; None for no article.

    It is given, too, what tells whether an article of a number was looked at on a host that is none of the edition's.
    The instant (aware UTC) is the replay's, None where the address names none.
    """
    html_of: Callable[[Capture], str]
    """Return the page of a capture, its codings undone. Raises ArchiveError where that can't be."""
