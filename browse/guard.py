"""What stands around every answer: who may ask for what, how long an address may be, and which headers go out.

Plain ASGI, so that errors of what lies inside get the same headers.
"""

import re
from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.facts.addresses import literal

MOST_ADDRESS = 16_384
"""Bytes of path and query of which a page is made; longer ones get a sentence. The longest search, in percent signs, is
shorter."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; script-src 'self'{more}"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "interest-cohort=()",
    "x-robots-tag": "noindex, noarchive",
}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")
_WHOLE = re.compile(r"https?://([^/]*)(/.*)?", re.IGNORECASE | re.DOTALL)
_ALLOWED = ("GET", "HEAD")


class Guard:
    """An ASGI app around another one."""

    def __init__(self, app: ASGIApp, names: Collection[str], origins: Collection[str] = ()) -> None:
        """Answer under `names`, under this machine's own name and under any network address, and no other name.

        A page elsewhere can make its own name lead here (DNS rebinding), but no address. Pages of `origins` may read
        what is answered (Fetch, 3.2.3), those of every one where it is `*`.
        """
        self.app, self.names = app, frozenset(name.lower() for name in names)
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
                self._share(scope, message)
            await send(message)

        scope = _relative(scope)
        refused = self._refusal(scope)
        await (refused or self.app)(scope, receive, guarded)

    def _share(self, scope: Scope, message: Message) -> None:
        if not self.origins:
            return
        told = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), "")
        headers = MutableHeaders(scope=message)
        headers.add_vary_header("origin")
        if told in self.origins or (told and "*" in self.origins):
            headers["access-control-allow-origin"] = "*" if "*" in self.origins else told
            headers["cross-origin-resource-policy"] = "cross-origin"

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if scope["method"] not in _ALLOWED:
            return PlainTextResponse(
                "Pages are only read here: GET and HEAD.\n", 405, headers={"allow": ", ".join(_ALLOWED)}
            )
        if not self._is_ours(scope):
            return PlainTextResponse(
                "This archive is not served under that name; start it with --name to allow one.\n", 400
            )
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > MOST_ADDRESS:
            return PlainTextResponse(
                f"The address is longer than {MOST_ADDRESS} bytes; ask with fewer words.\n"
                f"L’adresse dépasse {MOST_ADDRESS} octets ; demandez avec moins de mots.\n",
                414,
            )
        return None

    def _is_ours(self, scope: Scope) -> bool:
        told = [value for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(told[0].decode("latin-1")) if len(told) == 1 else None
        if match is None:
            return False
        host = match[1].strip("[]").rstrip(".").lower()
        return host == "localhost" or host in self.names or literal(host) is not None


def _relative(scope: Scope) -> Scope:
    """Return a request that names its whole address as one that names its path, the origin in place of its Host field.

    So asks who takes us for a proxy; the address counts then (RFC 9112, 3.2.2).
    """
    whole = _WHOLE.fullmatch((scope.get("raw_path") or b"").decode("latin-1"))
    if whole is None:
        return scope
    path = whole[2] or "/"
    headers = [(b"host", whole[1].encode("latin-1")), *(each for each in scope["headers"] if each[0] != b"host")]
    return {**scope, "headers": headers, "path": unquote(path), "raw_path": path.encode("latin-1")}


def _add_headers(message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    # A browser takes the headers of a 304 over (RFC 9111, 3.2): the page that it holds keeps the policy it came with.
    if message["status"] != HTTPStatus.NOT_MODIFIED:
        headers.setdefault("content-security-policy", POLICY.format(more=""))
    headers.setdefault("cache-control", "no-cache")
