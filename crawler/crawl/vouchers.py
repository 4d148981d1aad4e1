"""What verification may rely on, as the settings say."""

from datetime import datetime

from archive.errors import ConfigurationError
from archive.seen.judging import Recalled
from archive.trust.signing import public_keys
from archive.trust.timestamps import authority
from archive.trust.verify import Trust
from settings.given import Given


def trust_of(
    settings: Given,
    *,
    seen: Recalled | None = None,
    published: str | None = None,
    required: bool = False,
    now: datetime | None = None,
) -> Trust:
    """Return what verification may rely on: VERIFY_KEY, TIMESTAMP_CERTS, what this machine saw, the published head.

    Raises ConfigurationError for keys or certificates that can't be read, and for `required` signatures without a key.
    """
    keys = public_keys(settings["VERIFY_KEY"])
    if required and not keys:
        raise ConfigurationError("--require-signatures needs VERIFY_KEY: the public key, or a file that holds it")
    return Trust(
        seen=seen or Recalled(), published=published, keys=keys, signatures_required=required, now=now,
        authority=authority(settings["TIMESTAMP_CERTS"]),
    )  # fmt: skip
