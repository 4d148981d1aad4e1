"""What the core is told of an edition, which it does not know: its name, language, zone, and template's words."""

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo

from archive.languages.language import NOTHING, Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words by which one edition's texts are held against each other."""

    edition: str
    """The edition's name, as archive.json has it."""
    language: Language | None
    """Without one nothing is typed, and every stop before a capital ends a sentence."""
    template: re.Pattern[str] = NOTHING
    """A line like the template's own, in comparison form, whole."""
    site: re.Pattern[str] = NOTHING
    """The outlet's name, alone."""
    outlet: str = ""
    """The outlet's name, as it is cited."""
    zone: tzinfo = UTC
    """Whose days people mean, and are shown."""
