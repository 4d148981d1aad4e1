"""A call that ends within a time, whatever the other side does."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_PIECE = 2**20


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises. Raises TimeoutError where that takes longer.

    A client's own time-outs are for each read: who sends a byte now and then is never late. A call that is not waited
    for any longer runs on in a thread of its own, which keeps no process from ending.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:  # noqa: BLE001 - handed on to who waits
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not returned:
        raise TimeoutError(f"not whole after {seconds:.0f} seconds")
    return returned[0]


def read_within(seconds: float, body: Any, most: int) -> bytes:
    """Return all bytes of a stream, of more than `most` one too many; it is closed then.

    Raises TimeoutError where that takes longer.
    """

    def whole() -> bytes:
        # Not `with body`: of botocore's that gives urllib3's stream, whose errors are not botocore's. It is closed
        # here, since closing waits for who reads.
        with contextlib.closing(body):
            parts, left = list[bytes](), most + 1
            # Piece by piece: room for the length that an answer states would be taken beforehand.
            while left > 0 and (part := body.read(min(left, _PIECE))):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)

    return within(seconds, whole)
