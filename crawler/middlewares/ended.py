"""How a middleware ends a request: one exception that reaches the request's errback with an outcome of the ledger."""

from typing import Literal

from scrapy.exceptions import IgnoreRequest

from archive.facts.outcomes import Reason

Ended = Literal[
    "robots_denied", "redirected_offsite", "ssrf_blocked", "truncated", "bomb", "too_large", "http_error", "filtered",
    "not_attempted", "conn_error", "dns_error", "tls_error",
]  # fmt: skip
"""The outcomes that a middleware may give."""


class EndedError(IgnoreRequest):
    """Raise for a request that is not made, not followed or not believed; `outcome` and `detail` say why.

    Scrapy hands it to the errback of the request at hand, which after redirects is a copy of the first with its meta.
    """

    def __init__(self, outcome: Ended, detail: str, *, reason: Reason = "") -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail, self.reason = outcome, detail, reason

    def again(self) -> "EndedError":
        """Return another one that says the same, for another request."""
        return EndedError(self.outcome, self.detail, reason=self.reason)


class WaitError(EndedError):
    """Raise where the host asks to wait so many seconds, which is more than RETRY_AFTER_CAP."""

    def __init__(self, outcome: Ended, seconds: int) -> None:
        super().__init__(outcome, f"retry_after {seconds}", reason="retry_after")
        self.seconds = seconds

    def again(self) -> "WaitError":
        """Return another one that says the same, for another request."""
        return WaitError(self.outcome, self.seconds)


def about_tls(detail: str) -> bool:
    """Tell whether a failed connection's words are about its certificate: Scrapy has no class for that."""
    return any(word in detail for word in ("SSL", "TLS", "certificate", "VerificationError"))
