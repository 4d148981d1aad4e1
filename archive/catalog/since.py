"""Where a selection begins: past a commit, or at an instant."""

from archive.errors import UsageError
from archive.facts.names import stamp, typed

_MOST_COMMITS = 999_999_999_999


class Since:
    """Where an export begins: past a commit number, or at an instant; with neither, at the beginning."""

    def __init__(self, text: str | None = None) -> None:
        """Read `--since`: a commit number, a day (its start in UTC) or an instant (UTC where it names no zone).

        Raises UsageError where it is none of these.
        """
        self.seq, self.at = 0, ""
        if text is None:
            return
        if text.isdecimal() and len(text) <= len(str(_MOST_COMMITS)):
            self.seq = int(text)
            return
        try:
            self.at = stamp(typed(text)) if "-" in text[1:] else ""
        except ValueError:
            self.at = ""
        if not self.at:
            raise UsageError(f"--since {text!r} is neither a commit number nor a day such as 2026-11-24")

    def holds(self, seq: int, at: str) -> bool:
        """Return whether something of that commit and instant (RFC 3339) is to be exported."""
        return seq > self.seq and at >= self.at
