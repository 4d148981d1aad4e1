"""Settings for machines: each that is a plain value may be given by the environment variable of the same name.

The only module that reads values from the environment; a number that is none ends every command with exit code 4, and
so does a variable that may not be set, or almost has the name of one (`crawler/cli/environment.py`).
"""

import os

from settings.base import *  # noqa: F403
from settings.names import FROM_ENVIRONMENT

READS_ENVIRONMENT = True

# Text is passed on as it is: Scrapy reads numbers with getint and getfloat, which name what they can't read.
globals().update({name: os.environ[name] for name in FROM_ENVIRONMENT if name in os.environ})
