"""How much memory a crawl has taken, for the limit that Scrapy's own extension holds it to."""

import re
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_PEAK = re.compile(r"^VmHWM:\s*([0-9]+) kB$", re.MULTILINE)
_STATUS = Path("/proc/self/status")


class OwnMemory(MemoryUsage):
    """Counts what this process took alone.

    Scrapy asks getrusage(2), whose peak on Linux begins with that of the process that started this one: under a large
    scheduler each crawl would end at once. VmHWM (proc(5)) begins with the program.
    """

    def get_virtual_size(self) -> int:
        """Return the peak of resident memory in bytes."""
        try:
            peak = _PEAK.search(_STATUS.read_text(encoding="ascii", errors="replace"))
        except OSError:
            peak = None
        return int(peak[1]) * 1024 if peak else super().get_virtual_size()
