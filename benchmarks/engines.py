"""Time a county's townships three ways, on one core: plain papermill, nianbao's engine, and the floor under both.

*plain* is papermill in a loop, a kernel a notebook, its defaults left alone; *engine* the same notebooks through nianbao's engine as a
build runs them, the return opened once; *floor* the source of the same cells run as plain functions in one warm process, nothing kept
of what they show.  Each way is a process of its own, bound with everything it starts to one core, warm before the clock runs, and
opens the returns within the time; the ways take turns in every round, so that their ratios hold on a busy machine too.  *whole* is a
township's report from the return to HTML, PDF and Word, *stock* the plain loop and then nbconvert's own HTML of every notebook.

Run: ``.venv/bin/python benchmarks/engines.py [ROUNDS] [--towns N] [--county DIR] [--json]``.  DIR keeps the invented county for the
next time.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
YEAR = 2020
COUNTY = "shifan"
"""The demonstration county's own key, which is no township."""
RATIOS = (
    ("plain papermill / engine", "plain", "engine"),
    ("engine / floor", "engine", "floor"),
    ("plain papermill and nbconvert's HTML / whole report", "stock", "whole"),
)
Times = dict[str, list[tuple[float, float]]]
"""By way, for each round the wall and processor seconds a township."""


def made(folder: Path) -> None:
    """Invent the county where it is not there yet."""
    if not (folder / "params").exists():
        command = [sys.executable, str(ROOT / "tools" / "demo_county.py"), str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def towns_of(folder: Path) -> list[str]:
    """Return the keys of the county's townships that handed in a return, in order."""
    found = sorted(path.parent.name for path in (folder / "data").glob(f"*/{YEAR}.xlsx"))
    return [key for key in found if key != COUNTY]


# ---- the ways, each in a process of its own ------------------------------------------------------------------------


def _chapters(folder: Path, town: str) -> list[Path]:
    from nianbao import assembly
    from nianbao.dataset import open_dataset

    names = assembly.chapters_of(open_dataset(folder, township=town, year=YEAR))
    return [folder / "notebooks" / f"{name}.ipynb" for name in names]


def plain(folder: Path, town: str, paths: Sequence[Path], made_in: Path) -> None:
    """Run the notebooks as anyone would with papermill."""
    import papermill

    for path in paths:
        given = {"township": town, "year": YEAR}
        papermill.execute_notebook(path, made_in / path.name, parameters=given, cwd=folder, progress_bar=False)


def stock(folder: Path, town: str, paths: Sequence[Path], made_in: Path) -> None:
    """Run them so, and make nbconvert's own HTML of each."""
    from nbconvert import HTMLExporter

    plain(folder, town, paths, made_in)
    for path in paths:
        text, _ = HTMLExporter().from_filename(str(made_in / path.name))
        (made_in / f"{path.stem}.html").write_text(text, encoding="utf-8")


def engine(folder: Path, town: str, paths: Sequence[Path], made_in: Path) -> None:  # noqa: ARG001  it writes nothing
    """Run them as a build does, every output kept but, as with the floor, no file written."""
    from nianbao import engine as warm
    from nianbao import notebook

    with warm.session(folder, township=town, year=YEAR):
        for path in paths:
            notebook.execute(path, parameters={"township": town, "year": YEAR}, cwd=folder)


def floor(folder: Path, town: str, paths: Sequence[Path], made_in: Path) -> None:  # noqa: ARG001  it writes nothing
    """Run the source of their cells in this process, the given values after the cell of the parameters."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    from nianbao.dataset import open_dataset

    setattr(InteractiveShell.instance().display_pub, "publish", lambda *_args, **_kwargs: None)  # noqa: B010  it is a method
    data = open_dataset(folder, township=town, year=YEAR)
    _ = data.results, data.findings
    for path in paths:
        names: dict[str, Any] = {}
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, path.name, "exec"), names)
                if "parameters" in cell.metadata.get("tags", []):
                    names |= {"township": town, "year": YEAR}


def whole(folder: Path, town: str, paths: Sequence[Path], made_in: Path) -> None:  # noqa: ARG001  the report names its own
    """Build the report in three formats."""
    from nianbao import pipeline

    options = pipeline.Options(year=YEAR, formats=("html", "pdf", "docx"), out=made_in, force=True)
    outcome = pipeline.build_report(folder, town, options)
    assert outcome.state == "built", outcome.reasons


WAYS: dict[str, Callable[[Path, str, Sequence[Path], Path], None]] = {
    "plain": plain,
    "engine": engine,
    "floor": floor,
    "stock": stock,
    "whole": whole,
}


def _processor_seconds() -> float:
    """Return what this process, the children it has waited for, those still running, and theirs, have used."""
    here = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (here, *here.children()))


def one_way(way: str, folder: Path, towns: Sequence[str], warming: str) -> None:
    """Print the seconds a township of one measured process as JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.getLogger("papermill").setLevel(logging.ERROR)
    os.chdir(folder)
    run = WAYS[way]
    with tempfile.TemporaryDirectory() as made_in:
        chapters = {town: _chapters(folder, town) for town in towns}
        # Everything is imported and the warm parent runs, but nothing of the measured townships is open.
        run(folder, warming, _chapters(folder, warming)[:1], Path(made_in))
        from nianbao import dataset

        dataset._opened.cache_clear()
        began, busy = time.perf_counter(), _processor_seconds()
        for town in towns:
            run(folder, town, chapters[town], Path(made_in))
        wall = time.perf_counter() - began
        busy = _processor_seconds() - busy
    print(json.dumps([wall / len(towns), busy / len(towns)]))


# ---- the comparison ------------------------------------------------------------------------------------------------


def compared(folder: Path, *, ways: Sequence[str], towns: int, rounds: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Return medians and ratios of the ways, each round all of them in turn."""
    made(folder)
    keys = towns_of(folder)
    warming, measured = keys[-1], keys[: towns or len(keys)]
    times: Times = {way: [] for way in ways}
    for turn in range(rounds):
        for way in ways if turn % 2 == 0 else ways[::-1]:
            command = [
                sys.executable,
                __file__,
                "--way",
                way,
                "--county",
                str(folder),
                "--keys",
                ",".join((warming, *measured)),
            ]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            wall, busy = json.loads(done.stdout.splitlines()[-1])
            times[way].append((wall, busy))
            progress(f"round {turn + 1}: {way:<8}{wall:7.2f} s a township, {busy:6.2f} s of processor")
    ratios = {}
    for name, upper, lower in RATIOS:
        if upper in times and lower in times:
            pairs = list(zip(times[upper], times[lower], strict=True))
            ratios[name] = {
                "wall": statistics.median(a[0] / b[0] for a, b in pairs),
                "processor": statistics.median(a[1] / b[1] for a, b in pairs),
            }
    medians = {
        way: {"wall": statistics.median(one[0] for one in taken), "processor": statistics.median(one[1] for one in taken)}
        for way, taken in times.items()
    }
    return {"townships": len(measured), "rounds": rounds, "seconds": medians, "ratios": ratios}


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--towns", type=int, default=2, help="how many townships are measured; 0 for all")
    parser.add_argument("--ways", default=",".join(WAYS), help=f"which of {', '.join(WAYS)}")
    parser.add_argument("--county", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--keys", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        warming, *towns = given.keys.split(",")
        one_way(given.way, given.county, towns, warming)
        return
    with tempfile.TemporaryDirectory() as kept:
        folder = (given.county or Path(kept) / "county").resolve()
        told = (lambda _: None) if given.json else print
        found = compared(folder, ways=given.ways.split(","), towns=given.towns, rounds=given.rounds, progress=told)
    if given.json:
        print(json.dumps(found))
        return
    print(f"{found['townships']} townships, medians of {found['rounds']} rounds, seconds a township on one core")
    for way, seconds in found["seconds"].items():
        print(f"{way:<10}{seconds['wall']:8.2f} s wall{seconds['processor']:8.2f} s processor")
    for name, ratio in found["ratios"].items():
        print(f"{name}: {ratio['wall']:.2f} by the clock, {ratio['processor']:.2f} by processor time")


if __name__ == "__main__":
    main()
