"""Hypothesis looks for new examples at a desk and repeats the same ones in CI, so that CI says the same each time."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
