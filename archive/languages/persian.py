"""Persian: the names of Gregorian months, which some dates of the outlet's pages have."""

from archive.languages.language import DateWords, Language

PERSIAN = Language(
    code="fa",
    dates=DateWords(
        months=(
            "ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
        )
    ),
)  # fmt: skip
