"""The environment held against the settings: what production refuses, what the local settings leave unread.

Values come by `settings.production` alone; here it is told what would be passed over in silence.
"""

from collections.abc import Iterator, Mapping

from archive.errors import ConfigurationError
from archive.texts.nearest import nearest
from archive.texts.terminal import visible
from settings.given import Given
from settings.names import FIXED, FROM_ENVIRONMENT
from settings.scrapys import SCRAPYS

_BESIDE = frozenset({"SIGNING_KEY", "ALLOW_PLAINTEXT"})
"""Read from the environment wherever the program runs, and no settings."""
_SWITCHES = frozenset({"SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE"})
"""What Scrapy is told by which settings it is to read."""
_EVERYBODYS = frozenset({"LOG_LEVEL", "USER_AGENT"})
"""Others have names like these."""
_MEANT = (frozenset(FROM_ENVIRONMENT) | FIXED | _BESIDE) - _EVERYBODYS
_OTHERS = ("AWS_", "MAIL_", "FTP_", "GCS_")
_GENERAL = frozenset({"ADDONS", "BOT_NAME", "DOWNLOADER", "EDITOR", "EXTENSIONS", "LOG_FORMAT", "SCHEDULER"})
"""Names of Scrapy's settings that other programs' variables have."""
_ON, _OFF = frozenset({"1", "true"}), frozenset({"0", "false"})


def is_production(settings: Given) -> bool:
    """Return whether the settings are read from the environment."""
    return settings.getbool("READS_ENVIRONMENT")


def check_environment(environment: Mapping[str, str], settings: Given) -> None:
    """Check what production's environment sets besides the settings that it may set.

    Raises ConfigurationError for another value of a setting that is FIXED, and for a name at most two letters from one
    of ours that is not set itself. No value is repeated: it may be a secret.
    """
    for name, value in environment.items():
        if name in FIXED and not _same(value, settings[name]):
            raise ConfigurationError(
                f"{name} may not be set by the environment: it stays {_plainly(settings[name])}; unset it"
            )
        meant = None if _is_known(name) else nearest(name, _MEANT)
        if meant and meant not in environment:
            raise ConfigurationError(
                f"{visible(name)} in the environment is no setting; did you mean {meant}? Set that, or unset it"
            )


def _is_known(name: str) -> bool:
    return name.startswith(_OTHERS) or name in SCRAPYS or name in _MEANT


def _same(value: str, setting: object) -> bool:
    if isinstance(setting, bool):
        return value.strip().lower() in (_ON if setting else _OFF)
    return isinstance(setting, str) and value == setting


def _plainly(setting: object) -> str:
    if isinstance(setting, bool):
        return "on" if setting else "off"
    return setting or "empty" if isinstance(setting, str) else "as the program has it"


def unread(environment: Mapping[str, str], settings: Given, given: frozenset[str]) -> Iterator[str]:
    """Yield a line for what the environment sets in vain; `given` are the names that `-s` gave in its place."""
    if is_production(settings):
        names = [name for name in _scrapys(environment) if name not in given and name not in _MEANT | _EVERYBODYS]
        if names:
            yield f"{_are_set(names)} in the environment, from which Scrapy's own are not read: give -s {names[0]}=…"
        return
    for name in environment:
        if name not in _SWITCHES and not _is_known(name) and (meant := nearest(name, _SWITCHES)):
            yield f"{visible(name)} in the environment means nothing; did you mean {meant}?"
    names = [name for name in (*FROM_ENVIRONMENT, *sorted(FIXED)) if name in environment and name not in given]
    if names:
        yield (
            f"{_are_set(names)} in the environment, which the local settings do not read: "
            f"set SCRAPY_PROJECT=production, or give -s {names[0]}=…"
        )


def _scrapys(environment: Mapping[str, str]) -> list[str]:
    return [
        name for name in environment
        if name in SCRAPYS and not name.startswith(_OTHERS) and name not in _GENERAL
    ]  # fmt: skip


def _are_set(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} set"
