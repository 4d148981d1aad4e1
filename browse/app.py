"""The pages under their addresses, and what is answered where one can't be made."""

import sqlite3
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from archive.catalog.articles import Db
from archive.errors import ArchiveError, UsageError
from browse.asking import Ask, NotThere, Site, Unfit, etag_of, known, refusal
from browse.guard import Guard
from browse.pages import ROUTES, stored
from browse.pages.missing import missing
from browse.reader import NotReady
from browse.shown import hindered
from browse.tongue import Tongue

STATIC = Path(__file__).parent / "static"
Page = Callable[[Ask], Response]


def app_of(site: Site, names: Collection[str] = (), origins: Collection[str] = ()) -> ASGIApp:
    """Return the pages of a site as an ASGI app.

    `names` are host names under which it may be reached besides, `origins` those whose pages may read it.
    """
    routes = [Route(path, _answering(site, page), methods=["GET", "HEAD"]) for path, page in ROUTES]
    files = Mount("/static", StaticFiles(directory=STATIC))
    nothing = _answering(site, missing)
    app = Starlette(
        routes=[Route("/healthz", _health(site)), Route("/robots.txt", _robots), files, *routes],
        exception_handlers={404: nothing, HTTPException: _plainly, Exception: _failing(site)},
    )
    app.router.redirect_slashes = False
    return Guard(app, names, origins)


def asked(site: Site, db: Db, url: str, tongue: Tongue) -> Response:
    """Return what a page answers, asked for within this process; the site's reader is not asked for a connection.

    Raises ArchiveError where the archive is damaged, LookupError where no page has that address.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": parts.query.encode(),
        "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80), "root_path": "",
    }  # fmt: skip
    for route, page in _PAGES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            ask = Ask(site=site, request=Request({**scope, **found}), db=db, tongue=tongue)
            try:
                return page(ask)
            except (NotThere, UsageError) as error:
                return missing(ask, str(error) if isinstance(error, NotThere) else "")
    raise LookupError(url)


_PAGES = [(Route(path, page), page) for path, page in ROUTES]


def frames_of(site: Site, names: Collection[str] = ()) -> ASGIApp:
    """Return the second origin: stored pages for frames, and nothing else."""
    app = Starlette(
        routes=[Route("/frame/{version:version}", _answering(site, stored.frame), methods=["GET", "HEAD"])],
        exception_handlers={HTTPException: _plainly, Exception: _failing(site)},
    )
    app.router.redirect_slashes = False
    return Guard(app, names)


def _answering(site: Site, page: Page) -> Callable[..., Response]:
    def endpoint(request: Request, _error: Exception | None = None) -> Response:
        tongue = site.chosen_tongue(request)
        try:
            with site.reader.reading() as db:
                etag = etag_of(site, request, tongue, db)
                if known(request.headers.get("if-none-match", ""), etag):
                    return Response(status_code=304, headers={"etag": etag, "vary": "accept-language"})
                return _tagged(_made(Ask(site=site, request=request, db=db, tongue=tongue), page), etag)
        except NotReady as error:
            why = hindered.sentence(tongue, error)
            answer = refusal(site, request, tongue, "not_ready.html", 503, why=why, done=error.done, of=error.of)
            answer.headers["retry-after"] = "10"
            answer.headers.add_vary_header("accept-language")
            return answer

    return endpoint


def _made(ask: Ask, page: Page) -> Response:
    try:
        return page(ask)
    except (NotThere, UsageError) as error:
        return missing(ask, str(error) if isinstance(error, NotThere) else "")
    except Unfit as error:
        return ask.refused("unfit.html", 400, str(error))
    except ArchiveError as error:
        ask.site.reader.met(error)
        ask.site.complain(f"{ask.request.url.path}: {error}")
        return ask.refused("broken.html", 503, str(error))
    except (HTTPException, NotReady, sqlite3.Error):
        raise
    except Exception as error:
        if not ask.site.reader.archive.unproven:
            raise
        ask.site.reader.met(error)
        raise NotReady("damaged", f"{type(error).__name__} of a catalog that nobody vouches for") from error


def _tagged(response: Response, etag: str) -> Response:
    if response.status_code == 200:
        response.headers["etag"] = etag
    response.headers.add_vary_header("accept-language")
    return response


def _plainly(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers=error.headers)


def _failing(site: Site) -> Callable[[Request, Exception], Response]:
    def failed(request: Request, error: Exception) -> Response:
        where = "".join(traceback.format_tb(error.__traceback__, limit=-1)).strip().splitlines()
        site.complain(f"{request.url.path}: {type(error).__name__}: {error}; {where[0].strip() if where else ''}")
        tongue = site.chosen_tongue(request)
        why = tongue.say("This page could not be made; that is a fault of the program, and its terminal says more.")
        return refusal(site, request, tongue, "broken.html", 500, why=why)

    return failed


def _health(site: Site) -> Callable[[Request], Response]:
    def health(_request: Request) -> Response:
        try:
            with site.reader.reading():
                return PlainTextResponse("ok\n")
        except NotReady as error:
            return PlainTextResponse(f"{error}\n", 503)

    return health


def _robots(_request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
