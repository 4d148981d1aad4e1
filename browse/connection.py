"""Connections of readers: one that neither asks nor reads is let go, also so that somebody else finds room.

uvicorn itself waits for ever for the end of a request's head, and for who does not read an answer.
"""

import asyncio
from collections.abc import MutableSet
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from browse.guard import HEADERS, POLICY

MOST = 200
"""Connections; for a further one that which has waited longest is let go."""
PATIENCE_SECONDS = 20.0
"""How long a connection may be open without that a request begins, or something of the answer is read."""
_WATCH_SECONDS = 2.0


class Connection(H11Protocol):
    """One connection, watched."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and make room."""
        super().connection_made(transport)
        self._since, self._left, self._known = self.loop.time(), 0, self.cycle
        self._watching = self.loop.call_later(_WATCH_SECONDS, self._watch)
        _make_room(self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._watching.cancel()
        super().connection_lost(exc)

    @property
    def waits_since(self) -> float | None:
        """Since when it waits for its reader; None while an answer is being made."""
        left = self.transport.get_write_buffer_size()
        if self.cycle is not None and not self.cycle.response_complete and not left:
            return None
        return self._since

    def let_go(self) -> None:
        """End it at once, whatever is left to be sent."""
        self.transport.abort()

    def _watch(self) -> None:
        now, left = self.loop.time(), self.transport.get_write_buffer_size()
        if self.waits_since is None or left < self._left or self.cycle is not self._known:
            self._since = now
        elif now - self._since > PATIENCE_SECONDS:
            self.let_go()
            return
        self._left, self._known = left, self.cycle
        self._watching = self.loop.call_later(_WATCH_SECONDS, self._watch)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers of every answer."""
        told = HEADERS | {"content-security-policy": POLICY.format(more=""), "cache-control": "no-cache"}
        headers = told | {"content-type": "text/plain; charset=utf-8", "connection": "close"}
        begun = h11.Response(status_code=400, reason=b"Bad Request", headers=list(headers.items()))
        for event in (begun, h11.Data(data=f"{msg}\n".encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def _make_room(connections: MutableSet[Any]) -> None:
    if len(connections) <= MOST:
        return
    waiting = [(since, id(each), each) for each in connections if (since := each.waits_since) is not None]
    if waiting:
        min(waiting)[2].let_go()
