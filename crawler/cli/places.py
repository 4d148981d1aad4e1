"""Where relative paths begin: of settings at the project, of words on the command line where the person stands."""

import re
from pathlib import Path

import settings

_STORE = re.compile(r"(?!file:)(?:s3:|memory:|[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
_FILE = re.compile(r"file:(?!/)", re.IGNORECASE)
OWN_FOLDER = Path(settings.__file__).resolve().parents[1]
"""Where the program lies."""


def closest_cfg() -> Path | None:
    """Return the nearest scrapy.cfg, in the current folder or above it; None where there is none."""
    here = Path.cwd()
    found = (folder / "scrapy.cfg" for folder in (here, *here.parents))
    return next((path for path in found if path.exists()), None)


def project_folder() -> Path:
    """Return the project's folder: that of the nearest scrapy.cfg, else the one that holds the program."""
    found = closest_cfg()
    return found.resolve().parent if found else OWN_FOLDER


def placed(word: str, stood: Path) -> str:
    """Return a path or `file:` URI made absolute from the folder `stood`; other URIs, `-` and nothing as they are.

    What ends in a slash is meant as a folder, and ends in one still.
    """
    if word in ("", "-") or _STORE.match(word):
        return word
    scheme = _FILE.match(word)
    if scheme:
        return f"file:{_below(stood, word[scheme.end() :])}"
    return word if word.lower().startswith("file:") else _below(stood, word)


def _below(stood: Path, word: str) -> str:
    path = str(stood / word)
    return f"{path.rstrip('/')}/" if word.endswith("/") else path
