"""Files on disk, read the whole way: every figure right or covered by a finding that was expected, whatever kind of file holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from corpus.layouts import COUNT_FAULTS, COUNTS, PERCENTS, Case, Truth, Written, cases
from corpus.sheets import sheet_of_rows
from corpus.written import KINDS, Kind, traits
from nianbao.catalogue import Township, load_catalogue
from nianbao.errors import Severity
from nianbao.files.grid import RawCell, Sheet, Value
from nianbao.formulas import reference
from nianbao.intake import read_return
from nianbao.layouts.forms import Form
from nianbao.observation import Intake
from nianbao.returnsheet import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(ROOT)
TOWN = Township.model_validate(
    {
        "key": "qingxi",
        **yaml.safe_load(
            "{zh: 青溪镇, en: Qingxi, level: town, parent_zh: 柳河县, parent_en: Liuhe, office_zh: 办, office_en: Office}"
        ),
        "villages": [
            {"key": str(place), "zh": name, "en": f"Village {place}"}
            for place, name in enumerate(("上湾村", "中湾村", "下湾社区"), 1)
        ],
    }
)


@dataclass(frozen=True)
class Filed:
    """A case of the corpus as one file."""

    case: Case
    kind: Kind

    @property
    def name(self) -> str:
        """Return what the file is called when a test fails."""
        return f"{self.case.name} as {self.kind.name}"


def holds(kind: Kind, case: Case) -> bool:
    """True when a kind of file can say everything the sheet says."""
    return not (kind.lacks & traits(case.sheet) or (kind.flat and case.codes & UNSEEN_IN_TEXT))


UNSEEN_IN_TEXT = frozenset({"merged-figure", "formula-without-value"})


def filed() -> tuple[Filed, ...]:
    """Return every case as a file of a kind that can hold it, the kinds in turn."""
    found = []
    for place, case in enumerate(cases()):
        for step in range(len(KINDS)):
            kind = KINDS[(place + step) % len(KINDS)]
            if holds(kind, case):
                found.append(Filed(case, kind))
                break
    return tuple(found)


FILED = filed()


def form_file(form: Form) -> str:
    """Return a form as its file in ``params/forms`` says it."""
    said = json.loads(form.model_dump_json(by_alias=True, exclude_unset=True, exclude={"key"}))
    return yaml.safe_dump(_as_written(said), allow_unicode=True)


def _as_written(said: object, *, name: str = "") -> object:
    """Return what a form holds as its file writes it: pairs of dimensions as a mapping, a path as its words."""
    if isinstance(said, dict):
        return {key: _as_written(value, name=key) for key, value in said.items()}
    if not isinstance(said, list):
        return said
    if name == "dims":
        return dict(said)
    if name in ("path", "label"):
        return [step if isinstance(step, str) else "|".join(step) for step in said]
    return [_as_written(value) for value in said]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Intake]:
    """Write every file into a project with the form it needs, read it, and return the intakes by name."""
    base = tmp_path_factory.mktemp("files")
    roots: dict[str, Path] = {}
    found = {}
    for place, one in enumerate(FILED):
        said = form_file(one.case.form)
        if said not in roots:
            roots[said] = base / str(len(roots))
            (roots[said] / "params" / "forms").mkdir(parents=True)
            (roots[said] / "params" / "forms" / f"{one.case.form.key}.yml").write_text(said, encoding="utf-8")
        root = roots[said]
        path = root / "data" / TOWN.key / "2020" / f"{place}{one.kind.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.kind.write(one.case.sheet))
        found[one.name] = read_return(path, root=root, township=TOWN, year=2020, catalogue=CATALOGUE)
    return found


def codes_of(one: Filed) -> frozenset[str]:
    """Return the codes a file must cause: those of its sheet, told as its kind lets them be known, and those of the kind itself."""
    codes = set(one.case.codes)
    if one.kind.name == "xlsm":
        codes.add("macros-ignored")
    if one.kind.flat and "cell-error" in codes:
        codes = codes - {"cell-error"} | {"not-a-number"}  # text that says #REF! is no error of a formula
    if "header-not-found" in codes:
        codes = codes - {"header-not-found"} | {"no-form", "no-cover", "empty-return"}  # no form fits, so nothing was read
    if (one.kind.flat or not one.case.form.sheets) and "missing-column" in codes:
        codes = {"form-unsure", "no-cover", "empty-return"}  # no sheet's name says that the form is the right one all the same
    return frozenset(codes)


def wrong(one: Filed, intake: Intake) -> list[str]:
    """Return what is silently wrong: a figure unlike the truth, one neither read nor told, a finding missed or invented."""
    truth, codes = one.case.truth, {finding.code for finding in intake.findings}
    expected = codes_of(one)
    found: dict[str, Truth] = {}
    for item in intake.observations:
        key = reference(item.entry, item.dims)
        if not item.total:
            found[key if key in truth else f"{key}@{item.period.end:%Y-%m}"] = item.value
    faults = [
        f"{key} is {value}, not {truth.get(key)}" for key, value in found.items() if key not in truth or value != truth[key]
    ]
    lost = [key for key, value in truth.items() if value is not None and key not in found]
    if lost and not codes & expected:
        faults.append(f"lost in silence: {lost}")
    if (missed := expected - codes) and "personal-data" not in codes:
        faults.append(f"not found: {sorted(missed)}")
    if invented := codes - expected:
        faults.append(f"invented: {sorted(invented)}")
    return faults


OWN: tuple[tuple[str, Written], ...] = (
    *(("births", one) for one in (*COUNTS, *COUNT_FAULTS)),
    *(("contraceptive_prevalence_rate", one) for one in PERCENTS),
)
"""A figure in the return format, one file each: a count or a percentage, in every way it is written."""


def own_sheet(entry: str, one: Written) -> Sheet:
    """Return a sheet in the return format: the figure, and one beside it that is always sound."""
    rows: tuple[tuple[Value, ...], ...] = (
        COLUMNS,
        ("活产", "live_births", None, None, 7, "人", "2020统计年度", "实报", None),
        ("指标", entry, None, None, None, CATALOGUE.units[CATALOGUE.entry(entry).unit].zh, None, "实报", None),
    )
    made = sheet_of_rows(rows, name="人口监测")
    cells = dict(made.cells)
    text = one.error or ("" if one.value is None else str(one.value))
    if text or one.formula:
        cells[3, 5] = RawCell(3, 5, one.value, text, one.format, one.formula, one.error)
    return replace(made, cells=cells)


def test_the_files_are_many_and_of_every_kind() -> None:
    assert len(FILED) >= 200
    assert {one.kind.name for one in FILED} == {kind.name for kind in KINDS}


def test_every_file_is_read_right_or_flagged(read: dict[str, Intake]) -> None:
    faults = {one.name: found for one in FILED if (found := wrong(one, read[one.name]))}
    assert faults == {}


def test_one_changed_figure_is_noticed_in_every_file(read: dict[str, Intake]) -> None:
    unnoticed = []
    for one in FILED:
        held = {reference(item.entry, item.dims) for item in read[one.name].observations if not item.total}
        key = next((key for key, value in one.case.truth.items() if value is not None and key in held), None)
        if key is not None:
            changed = {**one.case.truth, key: (one.case.truth[key] or Fraction(0)) + 1}
            if not wrong(replace(one, case=replace(one.case, truth=changed)), read[one.name]):
                unnoticed.append(one.name)
    assert unnoticed == []


def own_files() -> list[tuple[str, Written, Kind]]:
    """Return every figure of :data:`OWN` with the kind of file it is written as, the kinds in turn."""
    found = []
    for place, (entry, one) in enumerate(OWN):
        sheet = own_sheet(entry, one)
        able = [
            kind for kind in KINDS if not kind.lacks & traits(sheet) and not (kind.flat and one.formula and one.value is None)
        ]
        found.append((entry, one, able[place % len(able)]))
    return found


CODES_OF_OFFICES = frozenset({"-1", "−2", "-2", "A"})
"""Words a form may declare as missing; the return format has none of them, so that they are told."""


def test_every_figure_in_the_return_format_is_read_right_or_flagged(tmp_path: Path) -> None:
    faults = {}
    for place, (entry, one, kind) in enumerate(own_files()):
        path = tmp_path / "data" / TOWN.key / f"{place}{kind.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kind.write(own_sheet(entry, one)))
        intake = read_return(path, root=tmp_path, township=TOWN, year=2020, catalogue=CATALOGUE)
        told = [
            item.code
            for item in intake.findings
            if item.severity is not Severity.NOTE and any(at.cell == "E3" for at in item.cells)
        ]
        values = [item.value for item in intake.observations if item.entry == entry]
        other = [item.value for item in intake.observations if item.entry == "live_births"]
        right = values == [one.truth] or (values == [] and one.truth is None and one.value is None)
        must_read = not one.code and str(one.value).removesuffix(".0") not in CODES_OF_OFFICES
        if other != [7] or not (right or told) or (must_read and told):
            faults[f"{entry} {one.value!r} {one.format} {one.error} as {kind.name}"] = (values, one.truth, told, other)
    assert faults == {}
