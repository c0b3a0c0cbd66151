"""The functions that run on Lambda: their entry points, and below them what they do."""

from __future__ import annotations

import gc

# What a function imports and builds while it starts lives as long as it does. Python looks through all of it
# for garbage several times on the way, which took a tenth of a cold start.
gc.set_threshold(50_000)
