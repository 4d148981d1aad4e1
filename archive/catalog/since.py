"""Where a selection begins and ends, as a person types it: past a commit, at a day of the outlet, at an instant."""

from datetime import UTC, tzinfo

from archive.errors import UsageError
from archive.facts.names import stamp, typed

_MOST_COMMITS = 999_999_999_999
_WAYBACK = len("20261124122630")
WHOSE_DAY = "a day is the outlet's own ({zone}), an instant that names no zone is UTC"
"""What every help and error says of days."""


def whose_day(zone: tzinfo) -> str:
    """Return in words whose day a day is."""
    return WHOSE_DAY.format(zone=zone)


def check_reached(seq: int, head: int) -> None:
    """Raise UsageError for a commit past the archive's end: nothing could be told of what came since."""
    if seq > head:
        raise UsageError(f"--since {seq}: the archive ends at commit {head}, so this copy of it knows nothing of that")


class Since:
    """Where a selection begins: past a commit number, or at an instant; with neither, at the beginning."""

    def __init__(self, text: str | None = None, *, zone: tzinfo = UTC) -> None:
        """Read `--since`: a commit number, a day (its start in the `zone`) or an instant (UTC where it names no zone).

        Raises UsageError where it is none of these.
        """
        self.text, self.seq, self.at = text or "", 0, ""
        if text is None:
            return
        if text.isdecimal() and len(text) <= len(str(_MOST_COMMITS)):
            self.seq = int(text)
            return
        self.at = _instant(text, zone, end=False)
        if not self.at:
            raise UsageError(
                f"--since {text!r} is neither a commit number nor a day such as 2026-11-24, nor an instant; "
                + whose_day(zone)
            )

    def holds(self, seq: int, at: str) -> bool:
        """Return whether something of that commit and instant (RFC 3339) is to be exported."""
        return seq > self.seq and at >= self.at


class Until:
    """Where a selection ends: at an instant, which is still in it; without one nowhere."""

    def __init__(self, text: str | None = None, *, zone: tzinfo = UTC) -> None:
        """Read `--until`: a day (its end in the `zone`) or an instant. Raises UsageError where it is neither."""
        self.text, self.at = text or "", "" if text is None else _instant(text, zone, end=True)
        if text is not None and not self.at:
            hint = " (what stands at an earlier commit can't be told from here)" if text.isdecimal() else ""
            raise UsageError(f"--until {text!r} is no day such as 2026-11-24, nor an instant{hint}; {whose_day(zone)}")


def _instant(text: str, zone: tzinfo, *, end: bool) -> str:
    try:
        return stamp(typed(text, zone=zone, end=end)) if "-" in text[1:] or len(text) == _WAYBACK else ""
    except ValueError:
        return ""
