"""A day of 100 million uploads against AWS's limits, and the sums of the whole chain: docs/limits.md."""
