"""Throughput of a Dask cluster on this machine against the local pool, on the towns of the demonstration county.

Both build the same towns from nothing with two workers each, in turn, so that a busy machine slows both alike; the reports
are compared byte for byte.  Run: ``.venv/bin/python benchmarks/cluster.py [--towns 10] [--rounds 3] [--workers 2]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
YEAR = "2020"


def main() -> None:
    """Print the time of each round and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--towns", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nianbao-") as place:
        project = Path(place) / "county"
        subprocess.run(
            [sys.executable, str(ROOT / "tools" / "demo_county.py"), str(project), "--towns", str(given.towns)], check=True
        )
        towns = sorted(path.name for path in (project / "data").iterdir() if path.is_dir())
        ways = {"pool": ("--jobs", str(given.workers)), "Dask": ("--cluster", f"local:{given.workers}")}
        took: dict[str, list[float]] = {way: [] for way in ways}
        built: dict[str, dict[str, str]] = {}
        for number in range(given.rounds):
            for way, options in ways.items():
                out = Path(place) / f"{way}-{number}"
                begun = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "nianbao.cli", "report", *towns, "--year", YEAR, "--out", str(out), "-q", *options],
                    cwd=project,
                    check=True,
                )
                took[way].append(time.perf_counter() - begun)
                built[way] = contents(out)
                line = f"round {number + 1}, {way}: {took[way][-1]:.1f} s for {len(towns)} towns"
                print(line, file=sys.stderr if given.json else sys.stdout, flush=True)
    pool, dask = statistics.median(took["pool"]), statistics.median(took["Dask"])
    if built["pool"] != built["Dask"]:
        sys.exit("the reports differ")
    if given.json:
        seconds = {f"{len(towns)} towns, {given.workers} workers": {"pool": pool, "Dask": dask}}
        print(
            json.dumps(
                {
                    "rounds": given.rounds,
                    "seconds": seconds,
                    "ratios": {"throughput": {"Dask against the pool": pool / dask}},
                    "notes": ["the reports are the same bytes"],
                }
            )
        )
        return
    print(f"throughput of Dask against the pool: {pool / dask:.2f} (medians {pool:.1f} s and {dask:.1f} s)")
    print("reports are the same bytes")


def contents(out: Path) -> dict[str, str]:
    """Return the hash of every built file; logs and locks, whose names begin with a dot, are no part of a report."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file())
    named = {path.relative_to(out): path for path in files}
    return {
        name.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named.items()
        if not any(part.startswith(".") for part in name.parts)
    }


if __name__ == "__main__":
    main()
