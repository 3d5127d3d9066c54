"""Time all three formats of the demonstration county's report, with the share of each step.

Every round is a process of its own that has rendered the report of one of the county's towns before: everything is imported and warm,
but nothing of the county's report has been seen, for Typst remembers what it has set.  The steps are timed one by one in half of the
rounds and the whole as a build does it, Typst beside the others, in the other half.
Run: ``.venv/bin/python benchmarks/rendering.py [ROUNDS] [--county DIR] [--json]``.  DIR keeps the built county for the next time; without it the
county is invented and built anew, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from nianbao import assembly, docx, pipeline, report
from nianbao.blocks import blocks_of
from nianbao.callstack import with_room
from nianbao.dataset import open_dataset
from nianbao.garbage import uncollected

ROOT = Path(__file__).resolve().parents[1]
LARGEST, WARMING, YEAR = "shifan", "qingshi", 2020


def built(folder: Path) -> None:
    """Make the county and its two reports where they are not there yet."""
    if not (folder / "params").exists():
        subprocess.run([sys.executable, ROOT / "tools" / "demo_county.py", folder], check=True, stdout=subprocess.DEVNULL)
    for township in (WARMING, LARGEST):
        command = [sys.executable, "-m", "nianbao.cli", "report", township, "--year", str(YEAR)]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def chapters(folder: Path, township: str) -> dict[str, Any]:
    """Return what :func:`nianbao.report.assemble` takes for a built report."""
    data = open_dataset(folder, township=township, year=YEAR)
    home = folder / "outputs" / str(YEAR) / township / "chapters"
    executed = [(name, nbformat.read(home / f"{name}.ipynb", as_version=4)) for name in assembly.chapters_of(data)]
    options = pipeline.Options(year=YEAR, out=folder / "outputs")
    return {
        "chapters": [(name, chapter) for name, chapter in executed if blocks_of(chapter)],
        "info": assembly.report_info(data, options),
        "hashes": {intake.file: intake.sha256 for intake in data.returns},
        "parts": assembly.parts_of(data, options.lang),
    }


def steps(given: dict[str, Any], folder: Path) -> dict[str, float]:
    """Return the seconds of each step, one after another."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        done = work()
        spent[name] = time.perf_counter() - began
        return done

    with uncollected():
        document = timed("assemble", lambda: report.assemble(**given))
        timed("character check", lambda: report.check_characters(document))
        text, _ = timed("html", lambda: report.HtmlReportExporter().from_notebook_node(document))
        work, _ = timed("typst source", lambda: report.PdfReportExporter().prepare(document))
        pdf, pages = timed("typst compile", lambda: report.typeset(work))
        word = timed("docx", lambda: docx.build(document, pages=lambda: pages))
        made = {"html": text.encode("utf-8"), "pdf": pdf, "docx": word}
        timed("write", lambda: [(folder / f"report.{fmt}").write_bytes(content) for fmt, content in made.items()])
    return spent


def whole(given: dict[str, Any], folder: Path) -> dict[str, float]:
    """Return the seconds from executed chapters to three files, as a build does it."""
    began = time.perf_counter()
    with uncollected():
        document = report.assemble(**given)
        for fmt, content in report.render_all(document, ("html", "pdf", "docx")).items():
            (folder / f"report.{fmt}").write_bytes(content)
    return {"whole": time.perf_counter() - began}


def one_round(folder: Path, kind: str) -> None:
    """Print one measured round as JSON."""
    largest, warming = chapters(folder, LARGEST), chapters(folder, WARMING)
    with tempfile.TemporaryDirectory() as made:
        work = whole if kind == "whole" else steps
        with_room(lambda: work(warming, Path(made)))  # as a run builds its townships
        print(json.dumps(with_room(lambda: work(largest, Path(made)))))


def main() -> None:
    """Print the median of the whole and of each step with its share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--county", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--round", choices=("whole", "steps"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.round:
        one_round(given.county, given.round)
        return
    with tempfile.TemporaryDirectory() as folder:
        county = (given.county or Path(folder)).resolve()
        built(county)
        found: dict[str, list[float]] = {}
        for _ in range(given.rounds):
            for kind in ("whole", "steps"):
                command = [sys.executable, __file__, "--county", county, "--round", kind]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                for name, seconds in json.loads(done.stdout).items():
                    found.setdefault(name, []).append(seconds)
    if given.json:
        told = {name: {"wall": statistics.median(taken), "least": min(taken)} for name, taken in found.items()}
        print(json.dumps({"rounds": given.rounds, "seconds": told}))
        return
    together = found.pop("whole")
    print(f"html, pdf and docx of {LARGEST}: median {statistics.median(together):.2f} s, fastest {min(together):.2f} s")
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    for name, seconds in medians.items():
        print(f"{name:<16}{seconds:>7.2f} s{seconds / sum(medians.values()):>7.0%}")
    print(f"{'one by one':<16}{sum(medians.values()):>7.2f} s")


if __name__ == "__main__":
    main()
