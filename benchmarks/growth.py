"""How the time and the memory of a run grow with its townships, each of them built from nothing.

Copies of a shipped township are built as web pages by ``--jobs`` workers, more of them in every run.  While a run goes on, memory is
weighed several times a second: of the run's own process, and of each worker with its warm parent, which live as long as the run; what
they fork for a township is not counted.  The most that was seen is printed, with the line fitted through the times.

Run: ``.venv/bin/python benchmarks/growth.py [--townships 300] [--jobs 2] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from incremental import YEAR, project

LOOK_S = 0.2
COUNTS = (10, 30, 100, 300, 1000)


def weighed(run: psutil.Popen) -> tuple[float, float]:
    """Return the most megabytes the run's own process held until it ended, and the most that one worker and its warm parent did."""
    own, worker = 0.0, 0.0
    while run.poll() is None:
        try:
            own = max(own, _megabytes(run))
            for process in run.children():
                if "spawn_main" in " ".join(process.cmdline()):
                    warm = [child for child in process.children() if "nianbao.warm" in " ".join(child.cmdline())]
                    worker = max(worker, sum(map(_megabytes, (process, *warm))))
        except psutil.Error:
            continue  # it has just ended
        finally:
            time.sleep(LOOK_S)
    return own, worker


def _megabytes(process: psutil.Process) -> float:
    """Return the memory a process holds (RSS)."""
    rss: int = process.memory_info().rss
    return rss / 1e6


def built(folder: Path, keys: list[str], jobs: int) -> tuple[float, float, float]:
    """Build townships from nothing and return the seconds, and the megabytes of :func:`weighed`."""
    out = folder / f"built-{len(keys)}"
    command = [sys.executable, "-m", "nianbao.cli", "report", *keys, "--year", str(YEAR), "--to", "html"]
    command += ["--jobs", str(jobs), "--out", str(out), "--quiet"]
    begun = time.perf_counter()
    run = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    own, worker = weighed(run)
    seconds = time.perf_counter() - begun
    assert run.wait() == 0
    assert len(list((out / str(YEAR)).glob("*/report.html"))) == len(keys)
    return seconds, own, worker


def main() -> None:
    """Print time and memory for growing numbers of townships."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--townships", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    counts = sorted({count for count in COUNTS if count < asked.townships} | {asked.townships})
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keys = project(folder, asked.townships)
        os.chdir(folder)
        for count in counts:
            seconds, own, worker = built(folder, keys[:count], asked.jobs)
            rows[f"{count} townships"] = {
                "seconds": seconds,
                "seconds a township": seconds / count,
                "MB of the run": own,
                "MB of a worker": worker,
            }
            line = f"{count} townships: {seconds:.1f} s, {seconds / count:.2f} s each; run {own:.0f} MB, worker {worker:.0f} MB"
            print(line, file=sys.stderr if asked.json else sys.stdout, flush=True)
    notes = []
    times = [row["seconds"] for row in rows.values()]
    if len(counts) > 1:
        slope, start = statistics.linear_regression(counts, times)
        fit = statistics.correlation(counts, times) ** 2
        held = [row["MB of the run"] + asked.jobs * row["MB of a worker"] for row in rows.values()]
        line = f"line through the times: {start:.1f} s + {slope:.3f} s a township, R² {fit:.5f}; memory of the run and its workers from the fewest to the most {100 * (held[-1] / held[0] - 1):+.1f} %"
        notes.append(line)
        print(line, file=sys.stderr if asked.json else sys.stdout, flush=True)
    if asked.json:
        print(json.dumps({"rounds": 1, "seconds": rows, "notes": notes}))


if __name__ == "__main__":
    main()
