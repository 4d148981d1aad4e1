"""Arabic: the names of Gregorian months."""

from archive.languages.language import DateWords, Language

ARABIC = Language(
    code="ar",
    dates=DateWords(
        months=(
            "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر",
            "ديسمبر",
        )
    ),
)  # fmt: skip
