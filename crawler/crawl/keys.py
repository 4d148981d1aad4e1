"""Who vouches for the archive: the keys and authorities of the settings, and the request for a time-stamp.

The signing key itself is no setting: it comes from a file or from the environment variable SIGNING_KEY, never from an
argument, which other users of the machine could read.
"""

import os
from datetime import datetime

from archive.catalog.snapshots import SnapshotJudge, SnapshotWord
from archive.errors import ConfigurationError
from archive.seen.judging import Recalled
from archive.trust.signing import SigningKey, public_keys, signing_key
from archive.trust.snapshots import judge
from archive.trust.timestamps import authority
from archive.trust.verify import Trust
from settings.given import Given


def key_of(settings: Given) -> SigningKey | None:
    """Return the key that signs commits, None where none is set. Raises ConfigurationError for one that is none."""
    return signing_key(settings["SIGNING_KEY_FILE"], os.environ.get("SIGNING_KEY", ""))


def judge_of(settings: Given, own: SigningKey | None = None) -> SnapshotJudge | None:
    """Return what judges snapshots: by VERIFY_KEY and one's `own` key; None where none is taken (SNAPSHOTS=0).

    Where VERIFY_KEY is set signatures count: what no key of it signed serves nobody then.
    """
    if not settings.getbool("SNAPSHOTS"):
        return None

    def judged(manifest: bytes, signature: bytes | None) -> SnapshotWord:
        # Only now: most commands find a catalog, and need no key.
        keys = public_keys(settings["VERIFY_KEY"])
        counting = (*keys, own.public) if own else keys
        return judge(counting, required=bool(keys))(manifest, signature)

    return judged


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
