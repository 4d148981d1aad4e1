"""What settings look like to whoever reads them: Scrapy's own, or those that were loaded without it."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Given(Protocol):
    """Settings by name, as Scrapy has them; text from `-s` or the environment is a number once it is read as one."""

    def __getitem__(self, name: str) -> Any:
        """Return a setting as it was given, None where there is none."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the name of each setting."""
        ...

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting as it was given."""
        ...

    def getint(self, name: str, default: int = 0) -> int:
        """Return a setting as a whole number. Raises ValueError for what is none."""
        ...

    def getfloat(self, name: str, default: float = 0.0) -> float:
        """Return a setting as a number. Raises ValueError for what is none."""
        ...

    def getbool(self, name: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - Scrapy's form
        """Return whether a setting is on. Raises ValueError for what is neither on nor off."""
        ...

    def getpriority(self, name: str) -> int | None:
        """Return how weighty the place is that a setting came from; 40 is the command line."""
        ...

    def setdict(self, values: Mapping[str, Any], priority: str) -> None:
        """Set values of one priority, by Scrapy's name for it."""
        ...
