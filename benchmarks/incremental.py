"""Time a rerun over many townships: nothing changed, and one cell of one return changed; and how that grows with their number.

A project of ``--townships`` copies of a shipped township is made.  With ``--real`` every report is built; without it one is, and the others
are copies of it with manifest and stamp of their own: a check compares sizes, times and hashes and never looks into a report, so it cannot
tell the two apart, and the one return that is changed is that of the report built for real.  Each run is a process of its own, its start
and its imports included; the least and the median of the rounds are printed, with the line fitted through the counts.

Run: ``.venv/bin/python benchmarks/incremental.py [--townships N] [--rounds R] [--real] [--folder DIR]``.
"""

from __future__ import annotations

import argparse
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

from nianbao import assembly, store
from nianbao.dataset import open_dataset
from nianbao.freshness import write_stamp
from nianbao.pipeline import Options, build_report

ROOT = Path(__file__).resolve().parents[1]
SOURCE, YEAR = "maolin", 2020
RERUN = """
import sys, time
begun = time.perf_counter()
from pathlib import Path
from nianbao.freshness import Options, fresh, townships_with_return
root, options = Path.cwd(), Options({year})
keys = townships_with_return(root, {year})[:{count}]
stale = [key for key in keys if fresh(root, key, options) is None]
checked = time.perf_counter()
for key in stale:
    from nianbao.pipeline import build_report
    made = build_report(root, key, options)
    print(made.state, key, *made.reasons, "|", *made.executed)
print(f"checks {{checked - begun:.3f}} builds {{time.perf_counter() - checked:.3f}} stale {{len(stale)}}", file=sys.stderr)
"""


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


def rerun(folder: Path, count: int) -> tuple[float, str]:
    """Run the first ``count`` townships in a process of its own; return its seconds and what it said."""
    code = RERUN.format(year=YEAR, count=count)
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - begun, (done.stdout + done.stderr).decode("utf-8").strip()


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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        keys = project(folder, asked.townships)
        os.chdir(folder)
        for key in keys if asked.real else keys[:1]:
            made = build_report(folder, key, Options(YEAR))
            assert made.state == "built", made
        if not asked.real:
            plant(folder, keys)
        rerun(folder, len(keys))
        counts = sorted({count for count in (10, 30, 100, 300, 1000) if count < len(keys)} | {len(keys)})
        medians = []
        for count in counts:
            found = [rerun(folder, count) for _ in range(asked.rounds)]
            assert all(said.endswith("stale 0") for _, said in found), found
            taken = [seconds for seconds, _ in found]
            medians.append(statistics.median(taken))
            print(f"nothing changed, {count} townships: least {min(taken):.2f} s, median {medians[-1]:.2f} s ({found[-1][1]})")
        if len(counts) > 1:
            slope, start = statistics.linear_regression(counts, medians)
            fit = statistics.correlation(counts, medians) ** 2
            print(f"line: {start:.2f} s + {slope * 1000:.2f} ms a township, R² {fit:.4f}")
        taken = []
        for round_ in range(asked.rounds):
            cell = change_cell(folder / "data" / keys[0] / f"{YEAR}.xlsx", round_)
            seconds, said = rerun(folder, len(keys))
            taken.append(seconds)
            print(f"{cell} changed among {len(keys)}: {seconds:.2f} s\n  {said}")
        print(f"one cell: least {min(taken):.2f} s, median {statistics.median(taken):.2f} s")


if __name__ == "__main__":
    main()
