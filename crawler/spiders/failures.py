"""What a request that never became a response comes to: exceptions of Scrapy and of our middlewares as outcomes."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

from archive.facts.outcomes import Outcome, Reason
from crawler.middlewares.ended import EndedError, about_tls

_OUTCOMES: tuple[tuple[type[Exception], Outcome], ...] = (
    (CannotResolveHostError, "dns_error"),
    (DownloadTimeoutError, "timeout"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),
    (DownloadConnectionRefusedError, "conn_error"),
)


def outcome_of(failure: Failure) -> tuple[Outcome, Reason, str]:
    """Return (outcome, reason, detail) of a failed request."""
    error = failure.value
    detail = " ".join(str(error).split())[:300]
    if isinstance(error, EndedError):
        return error.outcome, error.reason, error.detail
    for kind, outcome in _OUTCOMES:
        if isinstance(error, kind):
            return outcome, "", detail
    if isinstance(error, DownloadFailedError):
        return _of_connection(detail), "", detail
    if isinstance(error, IgnoreRequest):
        return "filtered", "", detail
    return "http_error", "", detail


def _of_connection(detail: str) -> Outcome:
    # Scrapy has one exception for all of these, and tells them apart by what it quotes alone.
    if about_tls(detail):
        return "tls_error"
    return "http_error" if "ParseError" in detail or "Invalid response" in detail else "conn_error"
