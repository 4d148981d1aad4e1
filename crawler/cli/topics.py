"""Topics of help: the sections of docs/commands.md, each under a word, as a terminal shows them."""

import re
from pathlib import Path

from archive.errors import ConfigurationError, UsageError
from archive.texts.nearest import nearest
from crawler.cli.places import OWN_FOLDER

DOCS = OWN_FOLDER / "docs" / "commands.md"
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")
_OF_COMMAND = "scrapy "


def topics(path: Path = DOCS) -> dict[str, str]:
    """Return the text of each topic, by its word. Raises ConfigurationError (4) where the file is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"can't read {path}: {error.strerror}; it comes with the program: take it from there. --help of a command "
            "needs no file"
        ) from error
    sections = _SECTION.findall(_LINK.sub(r"\1", text))
    return {word_of(title): f"{title}\n\n{body.strip()}\n" for title, body in sections}


def word_of(title: str) -> str:
    """Return the word of a section: a command's name, else its title (`exit-codes`)."""
    return title.removeprefix(_OF_COMMAND).lower().replace(" ", "-")


def topic(word: str, path: Path = DOCS) -> str:
    """Return the text of a topic. Raises UsageError (2) with the one that may be meant where there is none."""
    found = topics(path)
    meant = word_of(word)
    if meant not in found:
        near = nearest(meant, found)
        more = f"did you mean {near}? " if near else ""
        raise UsageError(f"no topic {word!r}; {more}presstv help lists them")
    return found[meant]
