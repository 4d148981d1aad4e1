"""How far a replay came, beside the spools: one that is stopped, or killed, goes on from there.

The file is a help, and nothing is lost with it: one that is gone, torn or of other words means the beginning.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from crawler.reread.segments import Found

NAME = "replay.json"


class Stopped(msgspec.Struct, kw_only=True):
    """How far a replay came: every commit up to `commit` is read, and what differed there is committed."""

    commit: int
    found: Found
    """The counts up to there."""


class _Noted(msgspec.Struct, kw_only=True):
    scope: str
    stopped: Stopped


@dataclass(slots=True, kw_only=True)
class Bookmark:
    """The file in which a replay notes how far it came."""

    path: Path
    scope: str
    """What is read, and by what: archive, revision and selection; one of another scope is none."""

    def read(self) -> Stopped | None:
        """Return where a replay of this scope was stopped, None where one begins."""
        with suppress(OSError, msgspec.MsgspecError):
            noted = msgspec.json.decode(self.path.read_bytes(), type=_Noted)
            return noted.stopped if noted.scope == self.scope and noted.stopped.commit > 0 else None
        return None

    def move(self, stopped: Stopped) -> None:
        """Note how far it came. A disk that refuses costs the time of reading again."""
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._part.write_bytes(msgspec.json.encode(_Noted(scope=self.scope, stopped=stopped)))
            self._part.replace(self.path)

    def end(self) -> None:
        """Forget it: the replay came to its end, or begins anew."""
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
            self.path.unlink()

    @property
    def _part(self) -> Path:
        # Always the same, so that what a kill leaves of it is written over.
        return self.path.with_name(f"{self.path.name}.part")
