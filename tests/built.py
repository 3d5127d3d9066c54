"""A copy of the project, the command line run in it, and the report of Maolin 2020 built that way once for every tier that reads it."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("params", "notebooks", "data", "requirements.lock")
"""What a build reads, beside the installed library."""
RETURN = "data/maolin/2020.xlsx"
CODE, DIMS, VALUE, PERIOD = 2, 4, 5, 7
"""Columns of a return's sheets."""
FIRST_ROW = 4
_BUILT: list[Built] = []
_SAMPLES: dict[str, Built] = {}
_COUNTY: dict[str, Built] = {}


@dataclass(frozen=True)
class Run:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it printed."""
        return self.out + self.err


@dataclass(frozen=True)
class Built:
    """A built report: the project it was built in, its folder, and its parts as read back."""

    project: Path
    folder: Path

    @cached_property
    def facts(self) -> list[dict[str, str]]:
        """The rows of ``facts.csv``."""
        return rows(self.folder / "facts.csv")

    @cached_property
    def results(self) -> list[dict[str, str]]:
        """The rows of ``results.csv``."""
        return rows(self.folder / "results.csv")

    @cached_property
    def html(self) -> str:
        """The HTML page."""
        return (self.folder / "report.html").read_text("utf-8")

    @property
    def soup(self) -> BeautifulSoup:
        """The HTML page parsed; a fresh copy, so that a test may take it apart."""
        return BeautifulSoup(self.html, "html.parser")


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def copy_project(folder: Path) -> Path:
    """Return ``folder`` made into a project of its own: what a build reads, no outputs."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        else:
            shutil.copy2(source, folder / part)
    return folder


def nianbao(project: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
    """Run the command line in a project and return what it did."""
    done = subprocess.run(
        [sys.executable, "-m", "nianbao.cli", *arguments],
        cwd=project,
        env={**os.environ, **(env or {})},
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def maolin(factory: pytest.TempPathFactory) -> Built:
    """Return the report of Maolin 2020 in all three formats, built on the first call; nothing may change it."""
    if not _BUILT:
        project = copy_project(factory.mktemp("maolin"))
        done = nianbao(project, "report", "maolin", "--year", "2020")
        assert done.code == 0, done.said
        _BUILT.append(Built(project, project / "outputs" / "2020" / "maolin"))
    return _BUILT[0]


def samples(factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Return the four sample reports by place, built on the first call; nothing may change them."""
    if not _SAMPLES:
        project = copy_project(factory.mktemp("samples"))
        for year, places in (("2019", ("town-a", "bagongshan")), ("2015", ("town-d",))):
            done = nianbao(project, "report", *places, "--year", year)
            assert done.code == 0, done.said
            _SAMPLES.update({place: Built(project, project / "outputs" / year / place) for place in places})
        _SAMPLES["maolin"] = maolin(factory)
    return _SAMPLES


def county(factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Return the reports of a demonstration county of one town, county and town, built on the first call."""
    if not _COUNTY:
        project = factory.mktemp("demonstration") / "county"
        command = [
            sys.executable,
            str(ROOT / "tools" / "demo_county.py"),
            str(project),
            "--towns",
            "1",
            "--years",
            "2019",
            "2020",
        ]
        subprocess.run(command, check=True)
        places = ("qingshi", "shifan")
        done = nianbao(project, "report", *places, "--year", "2020")
        assert done.code == 0, done.said
        _COUNTY.update({place: Built(project, project / "outputs" / "2020" / place) for place in places})
    return _COUNTY


def clone(built: Built, folder: Path) -> Built:
    """Return a copy of a project with its built report, to be changed at will."""
    shutil.copytree(built.project, folder)
    return Built(folder, folder / built.folder.relative_to(built.project))


def fill(project: Path, entry: str, value: str | float | None, *, dims: str = "", period: str = "") -> str:
    """Write ``value`` into the return's row of an entry and return the address of the cell, ``sheet!cell``.

    Raises:
        LookupError: no row or several rows match.
    """
    path = project / RETURN
    book = openpyxl.load_workbook(path)
    found = [
        (sheet, row)
        for sheet in book.worksheets[1:]
        for row in range(FIRST_ROW, sheet.max_row + 1)
        if sheet.cell(row, CODE).value == entry
        and (sheet.cell(row, DIMS).value or "") == dims
        and period in str(sheet.cell(row, PERIOD).value)
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows hold {entry}[{dims}] {period}")
    sheet, row = found[0]
    sheet.cell(row, VALUE).value = value
    book.save(path)
    return f"{sheet.title}!{sheet.cell(row, VALUE).coordinate}"


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
