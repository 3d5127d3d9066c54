"""Time every statistical method on as many areas as a country has townships, vectorised, fixed seed.

Sizes are all different, the worst case for funnel limits, which equal sizes share.  Prints one line about the machine and a table of the
fastest and the median of the rounds.  Run: ``.venv/bin/python benchmarks/intervals.py [ROUNDS] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy

from nianbao import stats

AREAS, STRATA, SEED = 40_000, 18, 20
CPU_INFO = Path("/proc/cpuinfo")


def machine() -> str:
    """Return processor, cores, system and library versions in one line."""
    told = CPU_INFO.read_text(encoding="utf-8").splitlines() if CPU_INFO.exists() else []
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}"
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}; {versions}"


def cases() -> Mapping[str, Callable[[], object]]:
    """Return a call of every method on the same made-up areas."""
    drawn = np.random.default_rng(SEED)
    sizes = 20 + drawn.permutation(AREAS) * 5
    counts, before = drawn.binomial(sizes, 0.92), drawn.binomial(sizes, 0.91)
    few = drawn.poisson(8, AREAS)
    people = drawn.integers(20, 5000, (AREAS, STRATA))
    deaths = drawn.binomial(people, 0.01)
    weights = np.arange(STRATA, 0, -1)
    return {
        "wilson": lambda: stats.wilson(counts, sizes),
        "exact_poisson": lambda: stats.exact_poisson(few),
        "byar": lambda: stats.byar(counts),
        "count_interval": lambda: stats.count_interval(few),
        "sex_ratio": lambda: stats.sex_ratio(counts, sizes),
        "ratio_of_counts": lambda: stats.ratio_of_counts(counts, before),
        "difference_of_proportions": lambda: stats.difference_of_proportions(counts, sizes, before, sizes),
        "standardised_rate": lambda: stats.standardised_rate(deaths, people, weights),
        "binomial_funnel": lambda: stats.binomial_funnel(sizes, 0.915, confidence=0.998),
        "poisson_funnel": lambda: stats.poisson_funnel(sizes * 0.07, confidence=0.998),
        "tails": lambda: stats.tails(counts, sizes, 0.915),
    }


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def main() -> None:
    """Print the machine and the table, or the table alone as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds = given.rounds
    found = {}
    for name, call in cases().items():
        taken = [1000 * seconds(call) for _ in range(rounds)]
        found[name] = {"fastest": min(taken), "median": statistics.median(taken)}
    if given.json:
        print(json.dumps({"rounds": rounds, "milliseconds": found}))
        return
    print(machine())
    print(f"{AREAS} areas, {rounds} rounds, milliseconds")
    print(f"{'method':<26} {'fastest':>8} {'median':>8}")
    for name, told in found.items():
        print(f"{name:<26} {told['fastest']:8.1f} {told['median']:8.1f}")


if __name__ == "__main__":
    main()
