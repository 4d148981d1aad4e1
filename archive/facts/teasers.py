"""Teasers: what a listing shows of an article at its place, as a fact; stored with the check of the look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from archive.facts.canonical import canonical, digest

LONGEST = 2_000
"""Characters of a teaser's text at most; more is no headline."""


class TeaserFields(TypedDict, total=False):
    """A teaser as it is stored; what says nothing is left out."""

    text: str
    beside: str
    picture: str
    spot: str
    also: list["TeaserFields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """One article as a listing shows it at one look."""

    text: str = ""
    """The headline link's own text, tidied; empty where only a picture is linked."""
    beside: str = ""
    """What the link says besides its headline: a kicker, a lead."""
    picture: str = ""
    """The absolute address of the picture that is linked."""
    spot: str = ""
    """Where on the page it stands, as a name made of the tags and classes around it: like is compared with like."""
    also: tuple["Teaser", ...] = ()
    """The other texts under which the same page links to the article, each with its spot."""

    def fields(self) -> TeaserFields:
        """Return the teaser as it is stored."""
        found: TeaserFields = {"text": self.text, "beside": self.beside, "picture": self.picture, "spot": self.spot}
        if self.also:
            found["also"] = [other.fields() for other in self.also]
        return {name: value for name, value in found.items() if value}  # type: ignore[return-value]


def teasers_digest(teasers: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest that names a list of stored teasers: over canonical JSON, less spots and pictures' queries.

    Behind the question mark stands what makes browsers ask anew; the names of classes may be made up each time.
    """
    return digest(canonical([_named(each) for each in teasers]))


def _named(teaser: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: value for name, value in teaser.items() if name != "spot"}
    if "picture" in named:
        named["picture"] = named["picture"].partition("?")[0]
    if "also" in named:
        named["also"] = [_named(other) for other in named["also"]]
    return named
