"""The page as it was: the stored HTML in a frame, from a second origin, where nothing in it runs or loads."""

from starlette.responses import Response

from archive.exporters.taken import capture_of
from browse.asking import Ask, Unfit
from browse.guard import POLICY
from browse.pages.article import read_version
from browse.pages.downloads import need_captures
from browse.shown.quieted import quieted

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {origin}"


def page(ask: Ask) -> Response:
    """Show the page of a version as it was, without its pictures and scripts."""
    need_captures(ask)
    version = read_version(ask)
    if ask.site.ports is None:
        raise Unfit(ask.tongue.say("No second origin is there from which stored pages could be shown."))
    origin = ask.origin_at(ask.site.ports[1])
    policy = POLICY.format(more=f"; frame-src {origin}")
    return ask.render(
        "stored.html",
        headers={"content-security-policy": policy},
        version=version,
        frame=f"{origin}/frame/{version.cite}",
    )


def frame(ask: Ask) -> Response:
    """Give the stored HTML to the frame; it is served from the second origin alone."""
    need_captures(ask)
    text = ask.outlet.html_of(capture_of(ask.site.reader.archive.store, ask.db, read_version(ask).record).capture)
    framed_by = ask.origin_at(ask.site.ports[0]) if ask.site.ports else "'none'"
    headers = {
        "content-security-policy": SANDBOX.format(origin=framed_by),
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(quieted(text).encode("utf-8", "replace"), headers=headers, media_type="text/html; charset=utf-8")
