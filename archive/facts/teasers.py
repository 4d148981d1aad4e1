"""Teasers: what a listing shows of an article at its place, as a fact; stored with the check of the look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from archive.facts.canonical import canonical, digest


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
    """Return the digest that names a list of stored teasers: over its canonical JSON, pictures without their query.

    Behind the question mark stands what makes browsers ask anew.
    """
    return digest(canonical([_named(each) for each in teasers]))


def _named(teaser: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.partition("?")[0] if name == "picture" else value for name, value in teaser.items()}
