"""Where an archive's spools lie, and which of those that lie there are its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.log.spool import Owner
from archive.opened import Archive

ARCHIVE = "{archive}"
"""What stands in SPOOL_DIR for the archive's name."""
_LETTERS = 16


def shared_folder(setting: str | Path) -> Path:
    """Return the folder that SPOOL_DIR names for all archives, which is there before any of them is."""
    return Path(str(setting).partition(ARCHIVE)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolPlace:
    """The folders that hold one archive's spools."""

    own: Path
    """Where new ones begin."""
    name: str
    """What `{archive}` stands for."""
    shared: Path | None
    """Where those of before 0.2.0 lie, and may lie beside others'; None where that is the same place."""
    identity: str
    edition: str

    @classmethod
    def of(cls, setting: str | Path, archive: Archive) -> Self:
        """Return the place that SPOOL_DIR names for an archive; `{archive}` in it becomes the archive's name."""
        text, identity = str(setting), archive.log.identity()
        name = identity.removeprefix("sha256:")[:_LETTERS]
        own = Path(text.replace(ARCHIVE, name))
        edition = archive.catalog.vocabulary.edition
        return cls(
            own=own,
            name=name,
            shared=shared_folder(text) if ARCHIVE in text else None,
            identity=identity,
            edition=edition,
        )

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where to look for spools that dead crawls left."""
        return (self.own,) if self.shared is None or self.shared == self.own else (self.own, self.shared)

    @property
    def alone(self) -> tuple[Path, Path]:
        """A folder for this archive's spools alone, and the SPOOL_DIR that names it."""
        above = self.own if self.shared is None else self.shared
        return above / self.name, above / ARCHIVE

    def owns(self, path: Path) -> Callable[[Owner], bool]:
        """Return what tells from its owner whether the spool at a path is this archive's."""
        alone = self.shared not in (None, self.own) and path.parent == self.own

        def is_ours(owner: Owner) -> bool:
            if owner is None:
                return alone
            # Before 0.2.0 a spool did not say whose it is.
            return owner.get("archive") in (None, self.identity) and owner.get("edition") in (None, self.edition)

        return is_ours
