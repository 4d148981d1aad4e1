"""Canonical JSON bytes (RFC 8785), their reading, and the one maker of digests."""

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")
_decode = msgspec.json.Decoder().decode


def canonical(value: Any) -> bytes:
    """Encode strings, integers, booleans, None, lists and dicts with ASCII keys as RFC 8785 bytes.

    No floats: RFC 8785's number form is not this encoder's. Raises ValueError or TypeError.
    """
    try:
        return _encoder.encode(value)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def parse(data: bytes | str) -> Any:
    """Decode JSON bytes. Raises ValueError for what is not JSON, or is nested deeper than anything of ours."""
    try:
        return _decode(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def digest(data: bytes) -> str:
    """Return `sha256:` and 64 hex digits over these bytes; the one maker of digests."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
