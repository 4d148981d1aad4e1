"""Numbers before the things they count, in the words of a person: `1 commit`, `2 commits`, `3 min 20 s`."""

from collections.abc import Sequence


def amount(number: int, thing: str) -> str:
    """Return how many things there are, the word in its plural but for one: `0 commits`, `1 commit`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def amounts(**things: int) -> str:
    """Return several such, parted by commas: `amounts(commit=1, byte=40)` is `1 commit, 40 bytes`."""
    return ", ".join(amount(number, thing) for thing, number in things.items())


def first_of(names: Sequence[str], most: int) -> str:
    """Return the first so many names, parted by commas, and how many more there are: `1/9, 2/9 and 5 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: `4 s`, `3 min 20 s`, `6 h 2 min`."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
