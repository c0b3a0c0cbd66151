"""What all tests share: how hard the property tests look."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples on every machine and every run; `make fuzz` (HYPOTHESIS_PROFILE=searching) looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("searching", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
