"""Settings for a person at a terminal: the base as it is, the archive in `var/` below the project."""

from settings.base import *  # noqa: F403

READS_ENVIRONMENT = False
