"""Time the chapters of a township through nianbao's engine and through plain papermill, in one run.

Plain papermill starts a kernel for every notebook; the engine forks a warm process.  Both run the same notebooks with the same
parameters, in turn, so that the ratio holds on a busy machine too.  Run: ``.venv/bin/python benchmarks/chapters.py [ROUNDS]``.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path

import papermill

from nianbao import notebook
from nianbao.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = {"township": "maolin", "year": 2020}


def plain(paths: list[Path], folder: Path) -> float:
    """Return the seconds plain papermill takes, a kernel a notebook, its defaults left alone."""
    began = time.perf_counter()
    for path in paths:
        papermill.execute_notebook(path, folder / path.name, parameters=PARAMETERS, cwd=ROOT, progress_bar=False)
    return time.perf_counter() - began


def warm(paths: list[Path]) -> float:
    """Return the seconds the engine takes, its warm parent already running."""
    began = time.perf_counter()
    for path in paths:
        notebook.execute(path, parameters=PARAMETERS, cwd=ROOT)
    return time.perf_counter() - began


def main() -> None:
    """Print the medians of both and their ratio, round by round."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    logging.getLogger("papermill").setLevel(logging.ERROR)
    paths = [ROOT / "notebooks" / f"{name}.ipynb" for name in load_catalogue(ROOT).outline.chapters]
    warm(paths[:1])
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            pairs.append((plain(paths, Path(folder)), warm(paths)))
            print(f"plain {pairs[-1][0]:6.2f} s   engine {pairs[-1][1]:6.2f} s   ratio {pairs[-1][0] / pairs[-1][1]:5.2f}")
    slow, fast = (statistics.median(pair[place] for pair in pairs) for place in (0, 1))
    print(f"{len(paths)} chapters, median of {rounds}: plain papermill {slow:.2f} s, engine {fast:.2f} s")
    print(f"median ratio {statistics.median(a / b for a, b in pairs):.2f}")


if __name__ == "__main__":
    main()
