"""Which program this is, as each commit names it: its name, its version, and the revision that it reads pages by."""

from crawler.pages import REVISION
from settings.base import VERSION

PROGRAM = {"name": "presstv-archive", "version": VERSION, "extractor": REVISION}
