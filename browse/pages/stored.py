"""The page as it was: the stored HTML in a frame, from a second origin, where nothing in it runs or loads."""

import re

from starlette.responses import Response

from browse.asking import Ask, Unfit
from browse.guard import POLICY
from browse.pages.article import read_version
from browse.pages.downloads import stored_capture

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {origin}"
# A link element may reach out (preconnect) past any policy; a refresh or a base leads elsewhere.
_REACHING = re.compile(r"<\s{0,9}/?\s*(?:link|base|meta|script|iframe|frame|object|embed|form)\b[^>]*>?", re.IGNORECASE)
# Nothing of this would load or lead anywhere; without it the browser has nothing to complain of.
_LEADING = re.compile(
    r"(?<=[\s\"'/])(?:href|ping|target|src|srcset|poster|background|data|action|formaction|xlink:href|on[a-z]{3,20})"
    r"(?=\s{0,9}=)",
    re.IGNORECASE,
)


def page(ask: Ask) -> Response:
    """Show the page of a version as it was, without its pictures and scripts."""
    version = read_version(ask)
    if not ask.site.frames:
        raise Unfit(ask.tongue.say("No second origin is there from which stored pages could be shown."))
    policy = POLICY.format(more=f"; frame-src {ask.site.frames}")
    return ask.render(
        "stored.html",
        headers={"content-security-policy": policy},
        version=version,
        frame=f"{ask.site.frames}/frame/{version.cite}",
    )


def frame(ask: Ask) -> Response:
    """Give the stored HTML to the frame; it is served from the second origin alone."""
    text = ask.outlet.html_of(stored_capture(ask.site.reader.archive.store, read_version(ask).record))
    quiet = _LEADING.sub("data-was", _REACHING.sub("", text))
    headers = {
        "content-security-policy": SANDBOX.format(origin=" ".join(_origins(ask))),
        "cross-origin-resource-policy": "cross-origin",
    }
    return Response(quiet.encode("utf-8", "replace"), headers=headers, media_type="text/html; charset=utf-8")


def _origins(ask: Ask) -> list[str]:
    return list(ask.site.framed_by)
