"""An answer's head read as browsers read it: a line that is no header ends no head, and hides none behind it."""

import http.client
import re
from typing import Any

_ODD = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ENDS = (b"\r\n", b"\n", b"")


class Response(http.client.HTTPResponse):
    """As Python's own, which takes the first odd line of a head for the beginning of the body."""

    def begin(self) -> None:
        """Read the head."""
        whole: Any = self.fp
        self.fp = _Head(whole)  # type: ignore[assignment] # what a head is read by, and no more
        try:
            super().begin()
        finally:
            # What is no HTTP closes it at once.
            if self.fp is not None:
                self.fp = whole


class _Head:
    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self._in_headers = False

    def readline(self, most: int = -1) -> bytes:
        line: bytes = self._whole.readline(most)
        if not self._in_headers:
            # The status line; one that says "go on" is followed by another one behind its headers.
            self._in_headers = True
            return line
        dropped = False
        while line not in _ENDS and not (kept := _kept(line, dropped=dropped)):
            dropped, line = True, self._whole.readline(most)
        if line in _ENDS:
            self._in_headers = False
            return line
        return kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def _kept(line: bytes, *, dropped: bool) -> bytes:
    """Return a line as a header that can be read, empty for one that is none or goes on from one that was `dropped`."""
    if line[:1] in b" \t":
        return b"" if dropped else line
    name, colon, value = line.partition(b":")
    plain = _ODD.sub(b"_", name.strip())
    return plain + colon + value if colon and plain else b""
