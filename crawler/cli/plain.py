"""The project's settings, loaded without Scrapy as Scrapy loads them: by scrapy.cfg, SCRAPY_PROJECT and `-s`."""

import importlib
import os
import sys
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any

from archive.errors import ConfigurationError
from archive.texts.terminal import visible
from crawler.cli.places import OWN_FOLDER, closest_cfg
from settings.base import COMMANDS_MODULE

_PRIORITIES = {"default": 0, "command": 10, "project": 20, "cmdline": 40}
_MODULE = "SCRAPY_SETTINGS_MODULE"
_SWITCHES = {"True": True, "true": True, "False": False, "false": False}


class PlainSettings(dict[str, Any]):
    """Settings by name; what the command line set outweighs the project's."""

    def __init__(self, project: Mapping[str, Any]) -> None:
        super().__init__(project)
        self._priorities = dict.fromkeys(project, _PRIORITIES["project"])

    def __missing__(self, name: str) -> None:
        """Return None for a setting that is nobody's, as Scrapy does."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting as it was given, the default where it is None or nobody's."""
        value = self[name]
        return default if value is None else value

    def getint(self, name: str, default: int = 0) -> int:
        """Return a setting as a whole number. Raises ValueError for what is none."""
        return int(self.get(name, default))

    def getfloat(self, name: str, default: float = 0.0) -> float:
        """Return a setting as a number. Raises ValueError for what is none."""
        return float(self.get(name, default))

    def getbool(self, name: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002 - Scrapy's form
        """Return whether a setting is on. Raises ValueError for what is neither on nor off."""
        value = self.get(name, default)
        return _SWITCHES[value] if value in _SWITCHES else bool(int(value))

    def getpriority(self, name: str) -> int | None:
        """Return how weighty the place is that a setting came from, by Scrapy's numbers."""
        return self._priorities.get(name)

    def setdict(self, values: Mapping[str, Any], priority: str) -> None:
        """Set values of one priority, by Scrapy's name for it."""
        self.update(values)
        self._priorities |= dict.fromkeys(values, _PRIORITIES[priority])


def settings_module() -> str:
    """Return the name of the settings' module: that of SCRAPY_SETTINGS_MODULE, else what SCRAPY_PROJECT means.

    scrapy.cfg says what that is: the nearest one above the current folder, the person's own, or the program's. Raises
    ConfigurationError where none does.
    """
    if name := os.environ.get(_MODULE):
        return name
    project, config = os.environ.get("SCRAPY_PROJECT", "default"), ConfigParser()
    try:
        config.read(_sources(), encoding="utf-8")
        known = dict(config["settings"]) if config.has_section("settings") else {}
    except (Error, UnicodeDecodeError) as error:
        raise ConfigurationError(f"a scrapy.cfg can't be read: {error}; mend it") from error
    if project.lower() not in known:
        raise ConfigurationError(f"SCRAPY_PROJECT={visible(project)} is in no scrapy.cfg; set {' or '.join(known)}")
    return known[project.lower()]


def _sources() -> list[Path]:
    # In Scrapy's order, the program's own first: what is read later outweighs it.
    persons = Path(os.path.expanduser("~"))  # noqa: PTH111 - a user without a home has no file there, and no error
    config = Path(os.environ.get("XDG_CONFIG_HOME") or persons / ".config")
    above = closest_cfg()
    found = [OWN_FOLDER / "scrapy.cfg", Path("/etc/scrapy.cfg"), config / "scrapy.cfg", persons / ".scrapy.cfg"]
    return [*found, above] if above else found


def project_settings() -> PlainSettings:
    """Load the project's settings.

    Raises ConfigurationError as `settings_module`, and for a module that is not there or is another project's.
    """
    name, above = settings_module(), closest_cfg()
    if above and str(above.parent) not in sys.path:
        sys.path.append(str(above.parent))
    try:
        module = importlib.import_module(name)
    except (ImportError, SyntaxError, TypeError, ValueError) as error:
        told = f"no settings {visible(name)} ({visible(str(error))}); {_MODULE} or scrapy.cfg names them"
        raise ConfigurationError(told) from error
    settings = PlainSettings({name: value for name, value in vars(module).items() if name.isupper()})
    if settings["COMMANDS_MODULE"] != COMMANDS_MODULE:
        told = f"{visible(name)}, named by {above or _MODULE}, is another project's; stand elsewhere, or mend that"
        raise ConfigurationError(told)
    return settings
