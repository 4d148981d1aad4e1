"""How a middleware ends a request: an exception that reaches the request's errback with an outcome of the ledger."""

from scrapy.exceptions import IgnoreRequest


class EndedError(IgnoreRequest):
    """A request that is not to be made, followed or believed."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail = outcome, detail
