"""Settings for machines: each of our settings may be given by the environment variable of the same name.

The only module that reads the environment; a number that is none ends every command with exit code 4.
"""

import os
from typing import Any

from settings.base import *  # noqa: F403
from settings.base import OURS


def _from_environment(name: str, default: Any) -> Any:
    # Text is passed on as it is: Scrapy reads numbers with getint and getfloat, which name what they can't read.
    return os.environ.get(name, default)


globals().update({name: _from_environment(name, default) for name, default in OURS.items()})
