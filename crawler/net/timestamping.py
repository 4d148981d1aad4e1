"""Ask a time-stamping authority over HTTP (RFC 3161, section 3.4)."""

import http.client
import urllib.error
import urllib.request
from typing import Any, Never
from urllib.parse import urlsplit

from archive.errors import ConfigurationError, OutletUnreachable

SECONDS = 30
MOST = 2**20
"""Bytes of an answer that are read."""
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


def ask(url: str, query: bytes) -> bytes:
    """Send a time-stamp query to an authority and return its answer (RFC 3161, section 3.4); redirects are refused.

    Raises ConfigurationError for an address that can't be one, OutletUnreachable where no good answer comes.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ConfigurationError("TIMESTAMP_URL must be an http(s) address without a user in it; ask the authority")
    request = urllib.request.Request(url, query, {"Content-Type": _QUERY, "Accept": _REPLY})  # noqa: S310 - as checked
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS) as answer:
            kind, data = answer.headers.get_content_type(), answer.read(MOST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise OutletUnreachable(f"{parts.hostname} gave no time-stamp: {error}; run it again later") from error
    if kind != _REPLY or len(data) > MOST:
        raise OutletUnreachable(f"{parts.hostname} gave no time-stamp but {kind}; check TIMESTAMP_URL")
    return bytes(data)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Never:
        del msg, newurl
        raise urllib.error.HTTPError(req.full_url, code, "a redirect, which is not followed", headers, fp)
