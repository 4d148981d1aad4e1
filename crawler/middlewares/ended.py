"""How a middleware ends a request: one exception that reaches the request's errback with an outcome of the ledger."""

from scrapy.exceptions import IgnoreRequest

OUTCOMES = frozenset(
    {
        "robots_denied", "redirected_offsite", "ssrf_blocked", "truncated", "bomb", "too_large", "http_error",
        "filtered", "not_attempted", "conn_error", "dns_error", "tls_error",
    }
)  # fmt: skip


class EndedError(IgnoreRequest):
    """Raise for a request that is not made, not followed or not believed; `outcome` and `detail` say why.

    Scrapy hands it to the errback of the request at hand, which after redirects is a copy of the first with its meta.
    Raises ValueError for an outcome that no middleware may give.
    """

    def __init__(self, outcome: str, detail: str) -> None:
        if outcome not in OUTCOMES:
            raise ValueError(f"no such outcome of a middleware: {outcome}")
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail = outcome, detail


def about_tls(detail: str) -> bool:
    """Tell whether a failed connection's words are about its certificate: Scrapy has no class for that."""
    return any(word in detail for word in ("SSL", "TLS", "certificate", "VerificationError"))
