"""One tiny county, built in code: three invented towns, their returns, and the shortest ways to say what a return holds.

A figure is named as formulas name it, with the year before marked: ``births[parity=1]``, ``births@previous``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import openpyxl

from nianbao.catalogue import Catalogue, Township, load_catalogue, load_township
from nianbao.dataset import Dataset, open_dataset
from nianbao.errors import Cell
from nianbao.formulas import parse_dims
from nianbao.indicators import Results, compute
from nianbao.intake import read_return, return_path
from nianbao.observation import Intake, Observation
from nianbao.periods import parse_period, usual
from nianbao.returnform import ReturnRow, write_return
from nianbao.returnsheet import KINDS
from nianbao.values import Status, read_value

REPOSITORY = Path(__file__).resolve().parents[1]
TOWN, YEAR = "qingxi", 2020
TOWNSHIPS = {
    # rounds half up, three villages, a binding target
    "qingxi": """\
zh: 青溪镇
en: Qingxi Town
level: town
parent_zh: 云岭市柳河县
parent_en: Liuhe County, Yunling
office_zh: 青溪镇卫生健康办公室
office_en: Qingxi Town Health Office
villages:
  - {key: "1", zh: 上湾村, en: Shangwan Village}
  - {key: "2", zh: 中湾村, en: Zhongwan Village}
  - {key: "3", zh: 下湾村, en: Xiawan Village}
years:
  2020:
    targets:
      policy_compliance_rate: {value: 92, setter: responsibility, set_by_zh: 目标管理责任书, set_by_en: responsibility letter}
""",
    # rounds half to even, no villages
    "baishi": """\
zh: 白石镇
en: Baishi Town
level: town
parent_zh: 云岭市柳河县
parent_en: Liuhe County, Yunling
office_zh: 白石镇卫生健康办公室
office_en: Baishi Town Health Office
rounding: gbt8170
""",
    "liuhe": """\
zh: 柳河县
en: Liuhe County
level: county
parent_zh: 云岭市
parent_en: Yunling
office_zh: 柳河县卫生健康委员会
office_en: Liuhe County Health Commission
""",
}
FIGURES: Mapping[str, object] = {
    "births[parity=1]": 68,
    "births[parity=2+]": 83,
    "births[parity=1]@previous": 83,
    "births[parity=2+]@previous": 100,
    "population_mean": 11002,
    "births_policy[compliance=in;parity=1]": 68,
    "births_policy[compliance=in;parity=2+]": 78,
    "health_lectures": 15,
    "health_consultations": "10余",
    "premarital_exam_done[unit=person]": 110,
    "premarital_exam_task": 100,
    "illegal_sex_selection_cases": "未发现",
    "infectious_disease_reports": 0,
    "infectious_disease_reports_on_time": 0,
    "nucleic_acid_tests": "202_",
}
"""A return in the manner of a small town: whole figures, a bound, a zero in words, masked digits, a completion above 100 %."""

_REFERENCE = re.compile(r"^(?P<entry>[a-z][a-z0-9_]*)(?:\[(?P<dims>[^\]]*)\])?(?P<previous>@previous)?$")


@dataclass(frozen=True)
class Project:
    """A project folder with the repository's params, notebooks and lock, and the towns of the county."""

    root: Path

    def township(self, key: str = TOWN) -> Township:
        """Return one of the county's places."""
        return load_township(self.root, key)

    def catalogue(self, key: str = TOWN) -> Catalogue:
        """Return the catalogue as a place sees it."""
        return load_catalogue(self.root, township=self.township(key))

    def path(self, *, town: str = TOWN, year: int = YEAR) -> Path:
        """Return where the return of a place and year lies."""
        return return_path(self.root, town, year)

    def write(self, rows: Mapping[str, object] | Sequence[ReturnRow] = FIGURES, *, town: str = TOWN, year: int = YEAR) -> Path:
        """Write a return and return its path."""
        chosen = rows_of(rows, year=year) if isinstance(rows, Mapping) else rows
        path = self.path(town=town, year=year)
        write_return(path, township=self.township(town), year=year, catalogue=self.catalogue(town), rows=chosen)
        return path

    def read(self, *, town: str = TOWN, year: int = YEAR) -> Intake:
        """Return the intake of a written return."""
        return read_return(
            self.path(town=town, year=year),
            root=self.root,
            township=self.township(town),
            year=year,
            catalogue=self.catalogue(town),
        )

    def dataset(self, *, town: str = TOWN, year: int = YEAR) -> Dataset:
        """Return the dataset of a place and year."""
        return open_dataset(self.root, township=town, year=year)

    def set_cell(self, sheet: str, cell: str, value: object, *, number_format: str = "") -> None:
        """Overwrite one cell of the town's return, as a clerk would."""
        workbook = openpyxl.load_workbook(self.path())
        workbook[sheet][cell].value = value
        if number_format:
            workbook[sheet][cell].number_format = number_format
        workbook.save(self.path())


def build_project(folder: Path) -> Project:
    """Return a project built under ``folder``: params copied, so that a test may break them, notebooks and lock copied too."""
    shutil.copytree(REPOSITORY / "params", folder / "params")
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(REPOSITORY / "requirements.lock", folder / "requirements.lock")
    for key, content in TOWNSHIPS.items():
        (folder / "params" / "townships" / f"{key}.yml").write_text(content, encoding="utf-8")
    return Project(folder)


def split_reference(text: str) -> tuple[str, tuple[tuple[str, str], ...], bool]:
    """Return entry, dimension values, and whether the figure is of the year before."""
    found = _REFERENCE.match(text)
    assert found, f"{text!r} names no figure"
    return found["entry"], parse_dims(found["dims"] or ""), bool(found["previous"])


def rows_of(figures: Mapping[str, object], *, year: int = YEAR, kind: str = "实报") -> list[ReturnRow]:
    """Return the rows of a return that gives ``figures``."""
    catalogue = shipped_catalogue()
    rows = []
    for text, value in figures.items():
        entry, dims, previous = split_reference(text)
        period = usual(catalogue.entry(entry).period, year - 1).label() if previous else ""
        rows.append(ReturnRow(entry, dims=dims, value=value, period=period, kind=kind))
    return rows


def observe(
    text: str, value: object, *, year: int = YEAR, period: str = "", kind: str = "实报", row: int = 4, sheet: str = "表"
) -> Observation:
    """Return an observation without a workbook; ``kind`` is what the column 数据性质 would say."""
    catalogue = shipped_catalogue()
    entry_id, dims, previous = split_reference(text)
    entry = catalogue.entry(entry_id)
    reading = read_value(value, percent=entry.unit == "percent")
    assert not reading.problem, f"{value!r}: {reading.problem}"
    status = KINDS[kind] if kind != "实报" and reading.status is Status.REPORTED else reading.status
    return Observation(
        entry=entry_id,
        dims=dims,
        period=parse_period(period) if period else usual(entry.period, year - 1 if previous else year),
        value=reading.value,
        status=status,
        unit=dict(dims).get("unit", entry.unit),
        unit_word="",
        raw=reading.raw,
        note="",
        cell=Cell("data/qingxi/2020.xlsx", sheet, f"E{row}"),
        total=kind == "合计",
    )


def observe_all(figures: Mapping[str, object]) -> list[Observation]:
    """Return one observation a figure, in consecutive rows; a value may be ``(value, kind)`` or ``(value, kind, period)``."""
    made = []
    for row, (text, said) in enumerate(figures.items(), start=4):
        value, kind, period = (*said, "", "")[:3] if isinstance(said, tuple) else (said, "", "")
        made.append(observe(text, value, kind=str(kind) or "实报", period=str(period), row=row))
    return made


def results_of(figures: Mapping[str, object] | Iterable[Observation], *, town: str = TOWN) -> Results:
    """Return the results of a place that reported ``figures``."""
    given = observe_all(figures) if isinstance(figures, Mapping) else figures
    return compute(given, catalogue=shipped_catalogue(), township=place(town), year=YEAR)


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """Return the catalogue the repository ships, without overrides."""
    return load_catalogue(REPOSITORY)


@cache
def place(key: str = TOWN) -> Township:
    """Return one of the county's places without touching the disk."""
    import yaml

    return Township.model_validate({"key": key, **yaml.safe_load(TOWNSHIPS[key])})
