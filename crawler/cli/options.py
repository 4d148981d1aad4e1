"""The settings as given: names that are meant otherwise, values out of range, secrets where everybody can read them.

Checked once, before a command does anything, whether they came from a file, `-s` or the environment.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.errors import ConfigurationError, UsageError
from archive.texts.nearest import nearest
from crawler.cli.environment import is_production
from settings import base
from settings.given import Given
from settings.scrapys import SCRAPYS

_SECRET = re.compile(r"^AWS_|SECRET|PASSWORD|PASSWD|TOKEN|ACCESS_KEY|CREDENTIAL|(?<!^VERIFY)_KEY$", re.IGNORECASE)
_MOST = 2**31
COMMAND_LINE = 40
"""Scrapy's priority of what the command line set."""
# Where not 0 and up: (least, most).
_RANGES: Mapping[str, tuple[float, float]] = {
    "BATCH_CAPTURES": (1, 100_000),
    "BATCH_BYTES": (1, 2**30),
    "BATCH_SECONDS": (1, 86_400),
    "KEEP_UNCHANGED_DAYS": (1, 36_500),
    "CLOCK_BEFORE": (0, 10**12),
    "SECTION_PAGE_CAP": (1, 1_000_000),
    "DEEP_WALK_DAYS": (1, 36_500),
    "RECHECK_BUDGET": (1, _MOST),
    "PARITY_DAYS": (0, 36_500),
    "BRAKE_SHARE": (0, 1),
    "BRAKE_MINIMUM": (1, _MOST),
    "CONCURRENT_REQUESTS": (1, 64),
    "CONCURRENT_REQUESTS_PER_DOMAIN": (1, 64),
    "CONCURRENT_ITEMS": (1, 1000),
    "DOWNLOAD_TIMEOUT": (1, 3600),
    "RETRY_TIMES": (0, 20),
    "SNAPSHOTS": (0, 1),
}
_BOOLEANS = frozenset({"0", "1", "true", "false"})


def known_names(settings: Given) -> frozenset[str]:
    """Return the names of Scrapy's settings and of the project's own, `settings` given on the command line left out."""
    ours = (name for name in settings if settings.getpriority(name) != COMMAND_LINE)
    return frozenset(name for name in (*SCRAPYS, *vars(base), *ours) if name.isupper())


def given_settings(settings: Given) -> dict[str, Any]:
    """Return what the command line set (-s, --nolog, -L …), for the crawls to be set alike; SCHEDULE is not theirs."""
    given = (name for name in settings if settings.getpriority(name) == COMMAND_LINE)
    return {name: settings[name] for name in given if name != "SCHEDULE"}


def agent_of(settings: Given) -> str:
    """Return how requests introduce themselves: USER_AGENT, and CRAWLER_CONTACT where it is set."""
    contact = contact_of(settings)
    return f"{settings['USER_AGENT']} (+{contact})" if contact else str(settings["USER_AGENT"])


def contact_of(settings: Given) -> str:
    """Return whom the outlet may write to, empty where that is not set."""
    return str(settings.get("CRAWLER_CONTACT") or "").strip()


def check_contact(settings: Given) -> None:
    """Raise ConfigurationError where the outlet would be asked in production, and could write to nobody."""
    if is_production(settings) and not contact_of(settings):
        raise ConfigurationError(
            "CRAWLER_CONTACT is empty, and in production nothing is crawled without it; set it to an address that the "
            "outlet can write to"
        )


def check_names(given: Iterable[str], known: frozenset[str]) -> None:
    """Check the names given with `-s`.

    Raises UsageError for a secret, whose value is not repeated, and ConfigurationError for a name close to a known one.
    """
    for name in given:
        if _SECRET.search(name):
            raise UsageError(
                f"-s {name}: a secret on the command line can be read by every user of this machine; "
                f"set the environment variable {name} instead"
            )
        meant = None if name in known else nearest(name, sorted(known))
        if meant:
            raise ConfigurationError(f"no setting {name!r}; did you mean {meant}?")


def check_values(settings: Given) -> None:
    """Check every number, switch and name that the project sets. Raises ConfigurationError naming the setting."""
    for name, default in vars(base).items():
        if name.isupper() and isinstance(default, bool | int | float):
            check_number(name, settings.get(name), default)
    for name in ("ARCHIVE_URI", "CATALOG_PATH", "SPOOL_DIR"):
        if not str(settings.get(name) or "").strip():
            raise ConfigurationError(f"{name} is empty; set it, or leave it out for its default")
    if str(settings["LOG_LEVEL"]).upper() not in logging.getLevelNamesMapping():
        raise ConfigurationError(
            f"LOG_LEVEL={settings['LOG_LEVEL']!r} is no level; write DEBUG, INFO, WARNING or ERROR"
        )
    log = Path(str(settings.get("LOG_FILE") or "log"))
    if not log.parent.is_dir() or log.is_dir():
        raise ConfigurationError(f"LOG_FILE={str(log)!r} is no file in a folder that is there; make the folder first")
    if Path(catalog := str(settings["CATALOG_PATH"])).is_dir():
        raise ConfigurationError(f"CATALOG_PATH={catalog!r} is a folder; name a file in it, such as catalog.sqlite")
    if not settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        raise ConfigurationError("DOWNLOAD_VERIFY_CERTIFICATES=0 would let anybody pose as the outlet; leave it on")
    contact = str(settings.get("CRAWLER_CONTACT") or "")
    if not (contact.isascii() and contact.isprintable()):
        raise ConfigurationError(f"CRAWLER_CONTACT={contact!r} can't stand in a header; write an address in ASCII")
    _check_zone(settings["OUTLET_ZONE"])


def check_number(name: str, value: Any, default: object) -> None:
    """Check one value against the kind of its default. Raises ConfigurationError."""
    if isinstance(default, bool):
        if str(value).lower() not in _BOOLEANS:
            raise ConfigurationError(f"{name}={value!r} is neither on nor off; write 1 or 0")
        return
    least, most = _RANGES.get(name, (0, _MOST))
    # DOWNLOAD_DELAY and its like may be 0.5 though the default is whole.
    whole = isinstance(default, int) and name in base.OURS
    try:
        number = int(value) if whole else float(value)
    except (TypeError, ValueError, OverflowError):
        number = least - 1
    if not least <= number <= most:
        kind = "whole number" if whole else "number"
        raise ConfigurationError(f"{name}={value!r} is no {kind} from {least} to {most}; mend the setting")


def _check_zone(name: Any) -> None:
    try:
        ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(f"OUTLET_ZONE={name!r} is no time zone; write one like Asia/Tehran") from error
