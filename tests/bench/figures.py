"""Figures of a run that never was."""

from __future__ import annotations

from bench.figures import Cost, Figures

FIGURES = Figures(
    date="2026-11-23",
    machine="2 cores",
    throughput={"basic": 1.04, "advanced": 0.7},
    cold={"basic": 1.4, "advanced": 1.1},
    cold_with_bytecode={"basic": 1.1, "advanced": 0.9},
    warm={"basic": 1.5, "advanced": 1.6},
    alone={"basic": 1.65, "advanced": 1.75},
    ours={
        "basic": Cost(calls=1, write_units=0, dollars=21.0),
        "calm": Cost(calls=8, write_units=5, dollars=26.0),
        "even": Cost(calls=7, write_units=5, dollars=5.0),
        "storm": Cost(calls=7, write_units=5, dollars=5.0),
        "announced": Cost(calls=10, write_units=6, dollars=27.0),
    },
    naive={
        "basic": Cost(calls=1, write_units=0, dollars=21.0),
        "advanced": Cost(calls=3, write_units=1, dollars=20.0),
    },
    burst_mails=(13, 1000),
    hundred_rules=1.5,
    ten_records=9.0,
    pages={1000: ((2, 100), (2, 100)), 100_000: ((2, 100), (2, 101))},
    memory=(300, 1.02, 1.01),
)
