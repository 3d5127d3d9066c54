"""The notebooks as files and as programs: house rules, a run by plain papermill from anywhere, and the fast engine's equal result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from nianbao import notebook
from nianbao.blocks import blocks_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
EXPLORATORY = ("explore",)
"""Notebooks that ask questions of the data and are no chapter of a report."""
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
CHAPTERS = [name for name in NAMES if name not in EXPLORATORY]
ELSEWHERE = ROOT / "data" / "maolin"
"""A folder inside the project that is neither its root nor that of the notebooks."""


def papermill(name: str, target: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    """Run a notebook as any papermill user would: no engine named, ordinary kernel, parameters on the command line."""
    command = [sys.executable, "-m", "papermill", str(FOLDER / f"{name}.ipynb"), str(target), "--no-progress-bar", *parameters]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, cwd=ELSEWHERE, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_keeps_the_house_rules(name: str) -> None:
    assert notebook.hygiene(FOLDER / f"{name}.ipynb", exploratory=name in EXPLORATORY) == []


def test_the_house_rules_notice_a_chapter_that_computes(tmp_path: Path) -> None:
    altered = nbformat.read(FOLDER / "elderly.ipynb", as_version=4)
    altered.cells[2].source += "\nfor _ in range(3):\n    pass"
    path = tmp_path / "elderly.ipynb"
    path.write_bytes(notebook.to_bytes(altered))
    assert any("a loop" in fault for fault in notebook.hygiene(path))


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_takes_township_and_year(name: str) -> None:
    declared = {parameter.name: parameter.type for parameter in notebook.parameters_of(FOLDER / f"{name}.ipynb")}
    assert declared["township"] == "str"
    assert declared["year"] == "int"


@pytest.mark.parametrize("name", CHAPTERS)
def test_plain_papermill_and_the_fast_engine_give_the_same_chapter(name: str, tmp_path: Path) -> None:
    ran = papermill(name, tmp_path / "plain.ipynb", "-p", "township", "maolin", "-p", "year", "2020")
    assert ran.returncode == 0, ran.stderr
    plain = notebook.normalise(nbformat.read(tmp_path / "plain.ipynb", as_version=4))
    fast = notebook.execute(
        FOLDER / f"{name}.ipynb", parameters={"township": "maolin", "year": 2020}, engine="fast", cwd=ELSEWHERE
    )
    assert notebook.chapter_record(plain) == notebook.chapter_record(fast)
    assert [block for block, _ in blocks_of(plain)] == [block for block, _ in blocks_of(fast)]
    assert notebook.to_bytes(plain) == notebook.to_bytes(fast)


@pytest.mark.parametrize("name", EXPLORATORY)
def test_an_exploratory_notebook_runs_by_plain_papermill(name: str, tmp_path: Path) -> None:
    ran = papermill(name, tmp_path / "plain.ipynb", "-p", "township", "maolin", "-p", "year", "2020")
    assert ran.returncode == 0, ran.stderr
    executed = nbformat.read(tmp_path / "plain.ipynb", as_version=4)
    shown = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert any("population" in str(output.get("data", {}).get("text/html", "")) for output in shown)


def test_plain_papermill_stops_at_a_township_that_does_not_exist(tmp_path: Path) -> None:
    ran = papermill("elderly", tmp_path / "plain.ipynb", "-p", "township", "malin", "-p", "year", "2020")
    assert ran.returncode != 0
    assert "did you mean 'maolin'" in ran.stderr
