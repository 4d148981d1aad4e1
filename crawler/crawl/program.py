"""Which program this is, as each commit names it: its name, its version, and the revision that it reads pages by."""

from collections.abc import Mapping

from crawler.pages import REVISION
from settings.base import VERSION

PROGRAM: Mapping[str, str | int] = {"name": "presstv-archive", "version": VERSION, "extractor": REVISION}


def program() -> Mapping[str, str | int]:
    """Return PROGRAM: what each machine is asked for that works for another one."""
    return PROGRAM
