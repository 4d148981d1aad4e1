"""How a bucket's server is reached: a boto3 session, its client, and endpoints that are refused before boto3 sees them.

Credentials, region, profile and endpoint are boto3's own: the AWS_* variables, ~/.aws, roles.
"""

import functools
import logging
import os
import re
from typing import Any
from urllib.parse import urlsplit

from archive.errors import ConfigurationError, CredentialsError
from archive.facts.addresses import is_loopback
from archive.stores.s3errors import REDIRECTS, REGION

CONNECT_SECONDS = 10
READ_SECONDS = 60
CONNECTIONS = 40
"""Kept open by one client: a log is read sixteen ahead (`archive/log/ahead.py`), and again before the last such reading
was answered."""
ATTEMPTS = 5
"""Of one request, by botocore; AWS_MAX_ATTEMPTS overrides it."""
ON_AWS = re.compile(r"https://([a-z0-9-]+\.)*amazonaws\.com(\.cn)?")
"""AWS's own endpoints."""
_log = logging.getLogger(__name__)


def connect() -> tuple[Any, Any]:
    """Return a fresh session, which looks credentials up anew, and its client.

    Raises ConfigurationError and CredentialsError for what boto3 can't use, and for an unsafe endpoint.
    """
    import boto3.session  # noqa: PLC0415 - boto3 costs most of a second
    from botocore.exceptions import BotoCoreError, NoCredentialsError, PartialCredentialsError  # noqa: PLC0415

    _quieten()
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        _refuse_more(os.environ.get(name, ""))
    try:
        session = boto3.session.Session()
        client = _client(session, {})
        endpoint = client.meta.endpoint_url
        _refuse_unsafe(endpoint)
        return session, client if ON_AWS.fullmatch(endpoint) else _client(session, _elsewhere())
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CredentialsError(f"the AWS_* variables or the profile lack something: {error}") from error
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"boto3 can't use the AWS_* variables or ~/.aws/config: {error}") from error


def _elsewhere() -> dict[str, Any]:
    # Trailing checksums and bucket.host names break servers other than AWS's; a variable set by the user still counts.
    wanted = {
        "request_checksum_calculation": "AWS_REQUEST_CHECKSUM_CALCULATION",
        "response_checksum_validation": "AWS_RESPONSE_CHECKSUM_VALIDATION",
    }
    own = {option: "when_required" for option, variable in wanted.items() if variable not in os.environ}
    return {"s3": {"addressing_style": "path"}, **own}


def _client(session: Any, more: dict[str, Any]) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - slow to import

    retries: Any = {"mode": "standard"}
    if "AWS_MAX_ATTEMPTS" not in os.environ:
        retries["total_max_attempts"] = ATTEMPTS
    config = Config(
        retries=retries,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
        **more,
    )
    # A server of one's own has no regions; without the default a newcomer would have to name one all the same.
    client = session.client("s3", config=config, region_name=session.region_name or "us-east-1")
    client.meta.events.register_first("needs-retry.s3", _stop_at_redirects)
    return client


def _stop_at_redirects(response: Any, operation: Any, **_: Any) -> None:
    """End a request that is led elsewhere and not told to which region: botocore would ask for that region for ever."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

    parsed: Any = response[1] if response else {}
    about = parsed.get("ResponseMetadata", {})
    if about.get("HTTPStatusCode") in REDIRECTS and REGION not in about["HTTPHeaders"]:
        raise ClientError(parsed, operation.name)


def _quieten() -> None:
    # At DEBUG botocore logs the session token and the signature, at INFO where it found the endpoint, for cron to mail.
    for name in ("boto3", "botocore", "urllib3"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.WARNING, logger.level))
    # It warns of a connection that it opened beyond those it keeps: nobody has to do anything about it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def _refuse_unsafe(endpoint: str) -> None:
    _refuse_more(endpoint)
    parts = urlsplit(endpoint)
    if parts.scheme == "https" or is_loopback(parts.hostname or ""):
        return
    if os.environ.get("ALLOW_PLAINTEXT") != "1":
        raise ConfigurationError(
            f"the endpoint {endpoint} is plain http: others on the way can read and change the archive; use https, or "
            "set ALLOW_PLAINTEXT=1 in the environment on a network that is yours alone"
        )
    _warn(endpoint)


def _refuse_more(endpoint: str) -> None:
    # Refused before boto3 sees it: its errors repeat an endpoint whole.
    if any(mark in endpoint for mark in "@?#"):
        raise ConfigurationError(
            "AWS_ENDPOINT_URL_S3 is scheme, host and port alone, without user and query: credentials don't belong "
            "there; set AWS_ACCESS_KEY_ID and its secret"
        )


@functools.cache
def _warn(endpoint: str) -> None:
    _log.warning("the endpoint %s is plain http (ALLOW_PLAINTEXT=1)", endpoint)
