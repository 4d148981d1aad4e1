"""Whose each record of a WARC is: by the warcinfo before it, or by the one that it names itself.

Files that were joined keep the warcinfo of each part. A record's own WARC-Warcinfo-ID overrides what stands before it
(ISO 28500:2017, section 5.16); where no warcinfo of the file has that id, nobody but the file is known to have made it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from archive.warc.exchanges import WarcRecord, fields_of
from crawler.backfill.sources import Provenance

_MOST = 100_000
"""Warcinfo records of a file that are remembered."""


@dataclass(slots=True, kw_only=True)
class Makers:
    """The makers of one file's records, as far as it was read."""

    file: Provenance
    again: Callable[[], Iterable[WarcRecord]]
    """Reads the file's records once more: a part may stand behind the records that name its warcinfo."""
    _current: Provenance = field(init=False)
    _named: dict[str, Provenance] = field(default_factory=dict)
    _looked: bool = False

    def __post_init__(self) -> None:
        self._current = self.file

    def note(self, record: WarcRecord) -> None:
        """Take in a warcinfo: of the records behind it, it is the one, and says nothing of those before."""
        self._current = self._keep(record)

    def of(self, fields: Mapping[str, str]) -> Provenance:
        """Return whose the record with these fields is."""
        name = fields.get("warc-warcinfo-id", "")
        if not name:
            return self._current
        if name not in self._named and not self._looked:
            self._looked = True
            for record in self.again():
                if record.kind == "warcinfo":
                    self._keep(record)
        return self._named.get(name, self.file)

    def _keep(self, record: WarcRecord) -> Provenance:
        told = self.file.informed(fields_of(b"\r\n" + record.block))
        if len(self._named) < _MOST:
            self._named.setdefault(record.id, told)
        return told
