"""Time a rerun over many townships: nothing changed, and one cell of one return changed; and how that grows with their number.

A project of ``--townships`` copies of a shipped township is made.  With ``--real`` every report is built; without it one is, and the others
are copies of it with manifest and stamp of their own: a check compares sizes, times and hashes and never looks into a report, so it cannot
tell the two apart, and the one return that is changed is that of the report built for real.  Each run is a process of its own, its start
and its imports included; the least and the median of the rounds are printed, with the line fitted through the counts.

Run: ``.venv/bin/python benchmarks/incremental.py [--townships N] [--rounds R] [--real] [--folder DIR]``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import openpyxl

from nianbao import assembly, engine, store
from nianbao.dataset import open_dataset
from nianbao.freshness import write_stamp
from nianbao.pipeline import Options, build_report

ROOT = Path(__file__).resolve().parents[1]
SOURCE, YEAR = "maolin", 2020
MEASURED = """
import atexit, sys
from pathlib import Path
atexit.register(lambda: sys.stderr.write(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split(chr(10))[0] + chr(10)))
sys.argv[0] = "nianbao"
from nianbao.cli import main
main()
"""
"""The command line, which says on leaving the most memory its process held."""


def project(folder: Path, count: int) -> list[str]:
    """Make a project of ``count`` townships in a folder and return their keys; the files are made to look an hour old."""
    for part in ("params", "notebooks"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy2(ROOT / "requirements.lock", folder)
    keys = [f"town{number:04d}" for number in range(count)]
    params = folder / "params" / "townships" / f"{SOURCE}.yml"
    for key in keys:
        shutil.copy2(params, params.with_name(f"{key}.yml"))
        shutil.copytree(ROOT / "data" / SOURCE, folder / "data" / key)
    params.unlink()
    hour_ago = time.time() - 3600
    for path in folder.rglob("*"):
        os.utime(path, (hour_ago, hour_ago))
    time.sleep(2.5)  # a file changed within the last two seconds is hashed again, as the time of its making shows
    return keys


def plant(folder: Path, keys: list[str]) -> None:
    """Give every township but the first a copy of the first one's report, with a manifest and a stamp of its own."""
    options = Options(YEAR, out=folder / "outputs")
    first = folder / "outputs" / str(YEAR) / keys[0]
    built = store.read_manifest(first)
    assert built is not None
    for key in keys[1:]:
        begun = time.time_ns()
        final = first.with_name(key)
        shutil.copytree(first, final)
        data = open_dataset(folder, township=key, year=YEAR)
        inputs = assembly.inputs_of(data)
        manifest = replace(built, township=key, inputs=inputs)
        (final / store.MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
        time.sleep(0.06)  # files as young as the tick of a disk's clock would be hashed
        outputs = {**manifest.outputs, store.MANIFEST_NAME: store.sha256_file(final / store.MANIFEST_NAME)}
        sources = assembly.sources_of(data, inputs)
        write_stamp(final, folder, options, sources, outputs, begun_ns=begun, warnings=0, unwritten="")


def rerun(folder: Path, keys: list[str], *, everything: bool) -> tuple[float, int, str]:
    """Run ``nianbao report`` over townships; return its seconds, its greatest memory in kilobytes and what it printed."""
    which = ["--all"] if everything else keys
    command = [sys.executable, "-c", MEASURED, "report", *which, "--year", str(YEAR), "--jobs", "2", "--progress", "none"]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    seconds = time.perf_counter() - begun
    assert done.returncode == 0, done.stdout + done.stderr
    return seconds, int(done.stderr.split()[-2]), done.stdout


def change_cell(path: Path, round_: int) -> str:
    """Write another figure into one cell of a return and return its address."""
    book = openpyxl.load_workbook(path)
    sheet = next(sheet for sheet in book if sheet.title.startswith("健康教育"))
    sheet["E4"].value = 100 + round_
    book.save(path)
    return f"{sheet.title}!E4"


def main() -> None:
    """Print the seconds of reruns without a change over growing numbers of townships, and with one changed cell over all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--townships", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON, the rest on standard error.")
    asked = parser.parse_args()

    def tell(line: str) -> None:
        print(line, file=sys.stderr if asked.json else sys.stdout, flush=True)

    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        keys = project(folder, asked.townships)
        os.chdir(folder)
        for key in keys if asked.real else keys[:1]:
            made = build_report(folder, key, Options(YEAR))
            assert made.state == "built", made
        engine.stop()
        if not asked.real:
            plant(folder, keys)
        rerun(folder, keys, everything=True)
        counts = sorted({count for count in (10, 30, 100, 300, 1000) if count < len(keys)} | {len(keys)})
        medians, memory = [], []
        for count in counts:
            found = [rerun(folder, keys[:count], everything=count == len(keys)) for _ in range(asked.rounds)]
            assert all(said.count("up to date (") == count for _, _, said in found), found[0][2]
            taken = [seconds for seconds, _, _ in found]
            medians.append(statistics.median(taken))
            memory.append(max(used for _, used, _ in found) / 1024)
            tell(
                f"nothing changed, {count} townships: least {min(taken):.2f} s, median {medians[-1]:.2f} s, {memory[-1]:.0f} MB"
            )
        rows = {f"nothing changed, {count}": seconds for count, seconds in zip(counts, medians, strict=True)}
        sizes = {f"nothing changed, {count}": size for count, size in zip(counts, memory, strict=True)}
        notes = []
        if len(counts) > 1:
            slope, start = statistics.linear_regression(counts, medians)
            fit = statistics.correlation(counts, medians) ** 2
            line = f"line through the times without a change: {start:.2f} s + {slope * 1000:.2f} ms a township, R² {fit:.4f}"
            notes.append(f"{line}; memory from the fewest to the most {100 * (memory[-1] / memory[0] - 1):+.1f} %")
            tell(notes[-1])
        taken, most = [], 0.0
        for round_ in range(asked.rounds):
            cell = change_cell(folder / "data" / keys[0] / f"{YEAR}.xlsx", round_)
            seconds, used, said = rerun(folder, keys, everything=True)
            assert said.count("up to date (") == len(keys) - 1, said
            taken.append(seconds)
            most = max(most, used / 1024)
            [line] = [line for line in said.splitlines() if line.startswith(f"{keys[0]} ")]
            tell(f"{cell} changed among {len(keys)}: {seconds:.2f} s\n  {line}")
        tell(f"one cell: least {min(taken):.2f} s, median {statistics.median(taken):.2f} s")
        notes.append(f"one cell, as told: {line}")
        rows[f"one cell changed among {len(keys)}"] = statistics.median(taken)
        sizes[f"one cell changed among {len(keys)}"] = most
    if asked.json:
        seconds_of = {row: {"seconds": seconds, "MB": sizes[row]} for row, seconds in rows.items()}
        print(json.dumps({"rounds": asked.rounds, "seconds": seconds_of, "notes": notes}))


if __name__ == "__main__":
    main()
