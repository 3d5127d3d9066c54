"""Run every comparison, half an hour on two cores, and write what came of it to ``benchmarks/RESULTS.md``, with the machine it holds for.

Each comparison is a program of its own in this folder that answers ``--json``; one that fails leaves a line that says so, and the exit
code 1.  Run: ``make bench``, or ``.venv/bin/python benchmarks/results.py [NAME…] [--to FILE]`` for some of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CPU_INFO = Path("/proc/cpuinfo")
LIBRARIES = (
    "papermill",
    "nbclient",
    "ipykernel",
    "nbconvert",
    "matplotlib",
    "pandas",
    "typst",
    "python-docx",
    "openpyxl",
    "distributed",
)
COMPARISONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "engines": (
        "Notebooks of a township, on one core: plain papermill (a kernel a notebook), nianbao's engine, and the floor, which is the same "
        "cells as plain functions in one warm process; and a whole report in three formats against plain papermill and nbconvert's HTML",
        ("1", "--towns", "3"),
    ),
    "incremental": (
        "``nianbao report --all`` over townships built before: nothing changed, and one cell of one return; most memory of the process",
        ("--townships", "1000", "--rounds", "3"),
    ),
    "cluster": (
        "Towns of the demonstration county by a pool of two workers and by a Dask cluster of two on the same machine",
        ("--towns", "10", "--rounds", "2"),
    ),
    "growth": (
        "Ever more townships built from nothing as web pages by two workers: time, and the most memory the run's own process and a worker "
        "with its warm parent held",
        ("--townships", "300"),
    ),
    "rendering": ("HTML, PDF and Word of the demonstration county's report, and the share of each step", ("3",)),
    "reading": ("A return of twelve sheets of a thousand rows, read and checked", ("3",)),
    "charts": ("One chart of each kind, and its SVG and PNG within that", ("9",)),
    "intervals": ("Every interval and funnel limit over forty thousand areas", ("3",)),
}
"""By program: what is compared, and the arguments of its run."""


def machine() -> list[str]:
    """Return the machine and the versions in sentences."""
    told = CPU_INFO.read_text(encoding="utf-8").splitlines() if CPU_INFO.exists() else []
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    busy = f", load {os.getloadavg()[0]:.1f} before the run" if hasattr(os, "getloadavg") else ""
    return [
        f"Machine: {models[0] if models else platform.machine()}, {os.cpu_count()} cores{busy}; {platform.system()} {platform.release()}.",
        f"Python {platform.python_version()}; {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}.",
    ]


def answer(name: str, arguments: tuple[str, ...], county: Path) -> dict[str, Any] | None:
    """Return what a comparison found; None when it failed."""
    shared = ("--county", str(county)) if name in ("engines", "rendering") else ()
    command = [sys.executable, str(HERE / f"{name}.py"), *arguments, *shared, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines(name: str, found: dict[str, Any] | None) -> Iterator[str]:
    """Yield the section of one comparison."""
    yield from (f"## {name}", "", f"{COMPARISONS[name][0]}.", "")
    if found is None:
        yield from ("This comparison failed.", "")
        return
    for title in ("seconds", "milliseconds"):
        rows: dict[str, dict[str, float]] = found.get(title, {})
        if rows:
            columns = list(next(iter(rows.values())))
            yield f"| median {title} | {' | '.join(columns)} |"
            yield f"|---|{'---:|' * len(columns)}"
            yield from (f"| {row} | {' | '.join(f'{told[column]:.2f}' for column in columns)} |" for row, told in rows.items())
            yield ""
    if ratios := found.get("ratios"):
        columns = list(next(iter(ratios.values())))
        yield f"| median ratio | {' | '.join(columns)} |"
        yield f"|---|{'---:|' * len(columns)}"
        yield from (f"| {row} | {' | '.join(f'{told[column]:.2f}' for column in columns)} |" for row, told in ratios.items())
        yield ""
    if notes := found.get("notes"):
        yield from (*(f"- {note}" for note in notes), "")
    yield from (f"Rounds: {found['rounds']}.", "")


def main() -> int:
    """Write the page and return 1 when a comparison failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMPARISONS)}; all without")
    parser.add_argument("--to", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(COMPARISONS)):
        parser.error(f"no comparison is called {', '.join(unknown)}; there are {', '.join(COMPARISONS)}")
    page = [
        "# What the benchmarks found",
        "",
        "Written by `make bench`; ratios are of one run, side by side on the same machine.",
        "",
    ]
    page += [*machine(), ""]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in given.names or COMPARISONS:
            print(name, flush=True)
            found = answer(name, COMPARISONS[name][1], Path(folder) / "county")
            failed = failed or found is None
            page += lines(name, found)
    given.to.write_text("\n".join(page).rstrip("\n") + "\n", encoding="utf-8")
    print(given.to)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
