"""Citations as answers in the formats of reference managers: BibTeX, RIS and CSL-JSON, of one version or of many."""

from collections.abc import Iterable

from starlette.responses import Response

from archive.catalog.articles import Version
from archive.exporters import citing
from archive.exporters.citing import Cited
from browse.asking import Ask, as_json


def cited(ask: Ask, version: Version) -> Cited:
    """Return what a citation of a version says, with its address here."""
    return citing.cited(version, ask.outlet.name, ask.base())


def as_bibtex(told: Iterable[Cited]) -> Response:
    """Answer citations as BibTeX."""
    text = "\n".join(map(citing.bibtex, told))
    return Response(text, media_type="application/x-bibtex; charset=utf-8")


def as_ris(told: Iterable[Cited]) -> Response:
    """Answer citations as RIS."""
    text = "".join(map(citing.ris, told))
    return Response(text, media_type="application/x-research-info-systems; charset=utf-8")


def as_csl(told: Iterable[Cited]) -> Response:
    """Answer citations as CSL-JSON."""
    return as_json([citing.csl(each) for each in told])
