"""The pages: each a function from a request (`browse.asking.Ask`) to an answer, and the addresses that they have.

A page asks `browse.queries` and the archive, has `browse.shown` make it ready, and fills in a template. None writes.
"""

from collections.abc import Callable, Mapping

from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from archive.catalog import articles
from archive.exporters import citing
from browse.asking import Ask, as_json
from browse.pages import (
    about,
    addresses,
    article,
    cites,
    compare,
    corpora,
    downloads,
    feeds,
    figures,
    front,
    lists,
    memento,
    openapi,
    ranks,
    searching,
    status,
    stored,
    taken,
)
from browse.queries.lists import LISTS


class _Part(Convertor[str]):
    """A part of an address that has a form."""

    def convert(self, value: str) -> str:
        """Return the part as it stands."""
        return value

    def to_string(self, value: str) -> str:
        """Return the part as it stands."""
        return value


def _register(name: str, regex: str) -> None:
    register_url_convertor(name, type(f"_{name.title()}", (_Part,), {"regex": regex})())


_register("number", r"[1-9][0-9]{0,11}")
_register("ordinal", "[1-9][0-9]{0,3}")
_register("version", rf"[1-9][0-9]{{0,11}}(?:@{cites.TIME})?")
_register("instant", cites.TIME)
_register("side", rf"(?:mirror@)?{cites.TIME}")
_register("cites", rf"{cites.ONE}(?:,{cites.ONE}){{0,{cites.MOST - 1}}}")
_register("list", "|".join(LISTS))
_register("key", "[0-9a-z-]{1,64}")


def interface(ask: Ask) -> Response:
    """Answer what programs may ask for, as OpenAPI."""
    title = ask.tongue.say("Archive of %(outlet)s", outlet=ask.outlet.name)
    return as_json(openapi.document(ROUTES, title, SCHEMAS, _examples(ask)))


def _examples(ask: Ask) -> dict[str, str]:
    """Return what places and words of addresses may be in this archive: the newest article that is there."""
    live = articles.newest_live(ask.db, 1)
    version = articles.newest_version(ask.db, live[0].article_id) if live else None
    found = {"list": LISTS[0], "key": next(iter(ask.outlet.sections), "front"), "old": "1", "new": "1", "ordinal": "1"}
    if version is None:
        return found
    number, url = version.article_id, version.record["url"]
    key = citing.key_of(version)
    return {**found, "number": number, "version": number, "url": url, "u": url, "keys": key, "text": key}


SCHEMAS: Mapping[str, str] = {
    "/index.json": "presstv.front/1", "/list/{list}.json": "presstv.list/1", "/search.json": "presstv.found/1",
    "/sections.json": "presstv.sections/1", "/sections/{key}.json": "presstv.section/1",
    "/sections/{key}/ranks.json": "presstv.ranks/1", "/a/{version}.json": "presstv.history/1",
    "/a/{number}/diff/{old}..{new}.json": "presstv.diff/1", "/cite/{keys}.json": "presstv.cited/1",
    "/figures.json": "presstv.figures/1", "/coverage.json": "presstv.coverage/1", "/url.json": "presstv.address/1",
    "/about.json": "presstv.about/1", "/status.json": "presstv.status/1",
}  # fmt: skip
"""What the JSON of a path calls itself."""
ROUTES: tuple[tuple[str, Callable[[Ask], Response]], ...] = (
    ("/", front.front),
    ("/index.json", front.front_json),
    ("/list/{list:list}", lists.happened),
    ("/list/{list:list}.json", lists.happened_json),
    ("/list/{list:list}.atom", feeds.happened),
    *taken.ROUTES,
    ("/sections", lists.sections),
    ("/sections.json", lists.sections_json),
    ("/sections/{key:key}/ranks.json", ranks.section_ranks_json),
    ("/sections/{key:key}/ranks.csv", ranks.section_ranks_csv),
    ("/sections/{key:key}/ranks", ranks.section_ranks),
    ("/sections/{key:key}.json", lists.section_json),
    ("/sections/{key:key}.atom", feeds.section),
    ("/sections/{key:key}", lists.section),
    ("/search", searching.search),
    ("/search.json", searching.search_json),
    ("/search.atom", feeds.search),
    ("/search.zip", corpora.search_corpus),
    ("/a/{version:version}.json", article.article_json),
    ("/a/{version:version}.bib", downloads.bibtex),
    ("/a/{version:version}.ris", downloads.ris),
    ("/a/{version:version}.csl", downloads.csl),
    ("/a/{version:version}.txt", downloads.text),
    ("/a/{number:number}/v/{ordinal:ordinal}", downloads.ordinal),
    ("/a/{version:version}/proof", downloads.proof),
    ("/a/{version:version}/capture", downloads.capture),
    ("/a/{version:version}/warc", downloads.warc_record),
    ("/a/{version:version}/wacz", downloads.wacz_file),
    ("/a/{version:version}/page", stored.page),
    ("/a/{number:number}/diff", compare.chosen),
    ("/a/{number:number}/diff/{old:side}..{new:side}.json", compare.compare_json),
    ("/a/{number:number}/diff/{old:side}..{new:side}", compare.compare),
    ("/a/{version:version}", article.article),
    ("/cite", cites.check),
    ("/cite/{keys:cites}.json", cites.cite_json),
    ("/cite/{keys:cites}.bib", cites.cite_bib),
    ("/cite/{keys:cites}.ris", cites.cite_ris),
    ("/cite/{keys:cites}.csl", cites.cite_csl),
    ("/cite/{keys:cites}", cites.cite),
    ("/url", addresses.url),
    ("/url.json", addresses.url_json),
    ("/timegate/{url:path}", memento.timegate),
    ("/timemap/link/{url:path}", memento.timemap_of),
    ("/timemap/json/{url:path}", memento.timemap_json_of),
    ("/timemap/{number:number}.link", memento.timemap),
    ("/timemap/{number:number}.json", memento.timemap_json),
    ("/figures", figures.figures),
    ("/figures.json", figures.figures_json),
    ("/figures/days.csv", figures.days_csv),
    ("/figures/sections.csv", figures.sections_csv),
    ("/figures/first-edits.csv", figures.first_edits_csv),
    ("/figures/most-edited.csv", figures.most_edited_csv),
    ("/coverage", about.coverage),
    ("/coverage.json", about.coverage_json),
    ("/coverage/walks.csv", about.walks_csv),
    ("/status", status.status),
    ("/status.json", status.status_json),
    ("/metrics", status.metrics),
    ("/about", about.about),
    ("/about.json", about.about_json),
    ("/openapi.json", interface),
)
