"""What programs may ask for: the addresses of all pages as an OpenAPI document (3.1), made of the routes themselves."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from starlette.convertors import CONVERTOR_TYPES
from starlette.responses import Response

from archive.catalog.query import MOST_LETTERS
from archive.facts.outcomes import STATES
from browse.asking import Ask
from browse.tongue import CODES

_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_HTML = "text/html"
_MEDIA = {
    "json": "application/json", "csl": "application/json", "proof": "application/json", "csv": "text/csv",
    "atom": "application/atom+xml", "bib": "application/x-bibtex", "ris": "application/x-research-info-systems",
    "link": "application/link-format", "capture": "text/plain", "txt": "text/plain", "warc": "application/warc",
    "wacz": "application/wacz", "zip": "application/zip",
    "jsonl": "application/x-ndjson", "parquet": "application/vnd.apache.parquet", "metrics": "text/plain",
}  # fmt: skip
_LEADING = ("/url", "/cite", "/timegate/", "/a/{number}/diff", "/a/{number}/v/")
"""What answers by leading to another address, or begins so."""
Schema = Mapping[str, Any]
Routes = Iterable[tuple[str, Callable[[Ask], Response]]]
_FLAG: Schema = {"type": "string", "description": "1 for yes; anything else is no"}
_DAY: Schema = {
    "type": "string", "anyOf": [{"format": "date"}, {"maxLength": 0}], "description": "2026-11-24, or an instant",
}  # fmt: skip
_TEXT: Schema = {"type": "string"}
WORDS: Mapping[str, Schema] = {
    "a": {"type": "string", "description": "an article's number: marked in the chart"},
    "all": _FLAG, "noise": _FLAG, "spaces": _FLAG, "removed": _FLAG, "edited": _FLAG, "silent": _FLAG,
    "away": _FLAG, "own": _FLAG, "others": _FLAG, "layout": _TEXT,
    "month": {"type": "string", "description": "of publication, in the outlet's zone: 2026-11"},
    "from": _TEXT, "to": _TEXT, "text": _TEXT, "u": _TEXT,
    "lang": {"type": "string", "description": f"{' or '.join(CODES)}; anything else is passed over"},
    "order": {"type": "string", "description": "best, else the newest first"},
    "page": {"type": "string", "description": "which page, from 1; what is no number is the first"},
    "q": {"type": "string", "maxLength": MOST_LETTERS},
    "section": {"type": "string", "description": "a section's name as articles have it, or a listing's key"},
    "since": _DAY, "until": _DAY,
    "state": {"type": "string", "description": f"{', '.join(STATES)}; anything else is any"},
    "view": {"type": "string", "description": "inline, else side by side"},
}  # fmt: skip
"""Words of a query, and what each may be."""
_NARROWING = ("section", "month", "state", "layout", "edited", "silent", "away", "own", "others")
_SEARCH = ("q", "removed", *_NARROWING, "order", "page")
_QUERIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/search", _SEARCH),
    ("/list/", ("since", "until", "section", "page")),
    ("/sections/{key}/ranks", ("since", "until", "a", "page")),
    ("/sections/{key}", ("page",)),
    ("/a/{number}/diff/", ("view", "all", "noise", "spaces")),
    ("/a/{number}/diff", ("from", "to")),
    ("/figures/sections.csv", ()),
    ("/figures/most-edited.csv", ()),
    ("/figures", ("since",)),
    ("/url", ("u",)),
    ("/cite/", ()),
    ("/cite", ("text",)),
    ("/index.json", ("since",)),
)
"""Beginnings of paths, the first that fits counts, and the words that pages there read."""


class Described(NamedTuple):
    """One route: its path as OpenAPI writes it, its parameters, what it answers."""

    path: str
    parameters: list[dict[str, Any]]
    media: str
    leads: bool


def words_of(path: str) -> tuple[str, ...]:
    """Return the words that the page of a path reads from the query, less the language."""
    if path == "/":
        return ("since",)
    words = next((words for begun, words in _QUERIES if path.startswith(begun)), ())
    paged = path.endswith(".json") or path.startswith("/search") or "." not in path.rpartition("/")[2]
    return words if paged else tuple(word for word in words if word != "page")


def described(path: str, examples: Mapping[str, str] | None = None) -> Described:
    """Return what a route's path says; `examples` are what its places and words may be in this archive."""
    named = _PARAMETER.findall(path)
    plain = _PARAMETER.sub(r"{\1}", path)
    ending = plain.rpartition("/")[2]
    media = _MEDIA.get(ending.rpartition(".")[2], _HTML) if "/timemap/link/" not in plain else _MEDIA["link"]
    if "/timemap/json/" in plain:
        media = _MEDIA["json"]
    leads = plain.startswith(_LEADING) and media == _HTML and "/diff/" not in plain
    places = [_place(name, kind) | _example(examples, name) for name, kind in named]
    queries = [
        {"name": word, "in": "query", "required": False, "schema": WORDS[word], **_example(examples, word)}
        for word in (*words_of(plain), *(("lang",) if media == _HTML else ()))
    ]
    return Described(plain, [*places, *queries], media, leads)


def _example(examples: Mapping[str, str] | None, name: str) -> dict[str, str]:
    return {"example": examples[name]} if examples and name in examples else {}


def _place(name: str, kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if kind != "path":
        schema["pattern"] = f"^(?:{CONVERTOR_TYPES[kind].regex})$"
    return {"name": name, "in": "path", "required": True, "schema": schema}


def document(routes: Routes, title: str, schemas: Mapping[str, str], examples: Mapping[str, str]) -> dict[str, Any]:
    """Return the document.

    `schemas` are what JSON answers of paths call themselves in `schema`, `examples` what places of paths and words of
    queries may be.
    """
    paths = {}
    for path, page in routes:
        told = described(path, examples)
        paths[told.path] = {
            "get": {
                "operationId": f"{page.__module__.rpartition('.')[2]}.{page.__name__}",
                "summary": (page.__doc__ or "").strip().partition("\n")[0],
                "parameters": told.parameters,
                "responses": _answers(told, schemas.get(told.path)),
            }
        }
    about = (
        "All of it is read only: GET and HEAD. `lang` chooses the language of pages; without it Accept-Language does."
    )
    return {"openapi": "3.1.0", "info": {"title": title, "version": "1", "description": about}, "paths": paths}


def _answers(told: Described, schema: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "required": ["schema"], "properties": {"schema": {"const": schema}}}
    good = {"schema": found} if schema else {}
    # A refusal is JSON where the path ends as JSON does.
    failed = _MEDIA["json"] if told.path.endswith((".json", ".csl")) else _HTML
    answers = {"200": _answer("what was asked for", told.media, good)}
    if told.leads:
        answers["302"] = {"description": "leads to it"}
    for code, why in _REFUSALS:
        answers[code] = _answer(why, failed, {})
    answers["414"] = {"description": "the address is too long"}
    return answers


_REFUSALS: tuple[tuple[Literal["400", "404", "503"], str], ...] = (
    ("400", "can't be answered as it was put; says how to put it"),
    ("404", "is not there; offers what lies nearest"),
    ("503", "the catalog can't answer just now; says how far it is"),
)


def _answer(description: str, media: str, content: Schema) -> dict[str, Any]:
    return {"description": description, "content": {media: content}}
