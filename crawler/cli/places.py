"""Where relative paths begin: of settings at the project, of words on the command line where the person stands."""

import re
from pathlib import Path

from scrapy.utils.conf import closest_scrapy_cfg

import settings

_STORE = re.compile(r"(?!file:)(?:s3:|memory:|[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
_FILE = re.compile(r"file:(?!/)", re.IGNORECASE)


def project_folder() -> Path:
    """Return the project's folder: that of the nearest scrapy.cfg, else the one that holds the program."""
    found = closest_scrapy_cfg()
    return Path(found).resolve().parent if found else Path(settings.__file__).resolve().parents[1]


def placed(word: str, stood: Path) -> str:
    """Return a path or `file:` URI made absolute from the folder `stood`; other URIs, `-` and nothing as they are."""
    if word in ("", "-") or _STORE.match(word):
        return word
    scheme = _FILE.match(word)
    if scheme:
        return f"file:{stood / word[scheme.end() :]}"
    return word if word.lower().startswith("file:") else str(stood / word)
