"""Who vouches for the archive: the keys of the settings.

The signing key itself is no setting: it comes from a file or from the environment variable SIGNING_KEY, never from an
argument, which other users of the machine could read.
"""

import os

from archive.catalog.snapshots import SnapshotJudge, SnapshotWord
from archive.trust.signing import SigningKey, public_keys, signing_key
from archive.trust.snapshots import judge
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
