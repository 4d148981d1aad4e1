"""Who vouches for the archive: the keys and authorities of the settings, and the request for a time-stamp.

The signing key itself is no setting: it comes from a file or from the environment variable SIGNING_KEY, never from an
argument, which other users of the machine could read.
"""

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Never
from urllib.parse import urlsplit

from archive.errors import ConfigurationError, OutletUnreachable
from archive.log import EMPTY, Head
from archive.signing import SigningKey, public_keys, signing_key
from archive.timestamps import authority
from archive.verify import Trust

SECONDS = 30
MOST = 2**20
"""Bytes of an answer that are read."""
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


def key_of(settings: Mapping[str, Any]) -> SigningKey | None:
    """Return the key that signs commits, None where none is set. Raises ConfigurationError for one that is none."""
    return signing_key(settings["SIGNING_KEY_FILE"], os.environ.get("SIGNING_KEY", ""))


def trust_of(
    settings: Mapping[str, Any], *, remembered: Head = EMPTY, published: str | None = None, required: bool = False
) -> Trust:
    """Return what verification may rely on: VERIFY_KEY, TIMESTAMP_CERTS, the remembered and the published head.

    Raises ConfigurationError for keys or certificates that can't be read, and for `required` signatures without a key.
    """
    keys = public_keys(settings["VERIFY_KEY"])
    if required and not keys:
        raise ConfigurationError("--require-signatures needs VERIFY_KEY: the public key, or a file that holds it")
    return Trust(
        remembered=remembered, published=published, keys=keys, signatures_required=required,
        authority=authority(settings["TIMESTAMP_CERTS"]),
    )  # fmt: skip


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
