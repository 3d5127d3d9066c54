"""The corpus read: every figure right or covered by a finding that was expected, and nothing said that the sheet does not give reason for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from corpus.layouts import STYLES, Case, Truth, cases
from nianbao.catalogue import load_catalogue
from nianbao.formulas import reference
from nianbao.layouts.layout import read_table
from nianbao.layouts.placenames import Place
from nianbao.layouts.tables import FormReading, Setting, TableRead

ROOT = Path(__file__).resolve().parents[2]
SETTING = Setting(
    file="表.xlsx",
    year=2020,
    catalogue=load_catalogue(ROOT),
    places=(Place("1", ("上湾村",)), Place("2", ("中湾村",)), Place("3", ("下湾社区",))),
    town_names=("青溪镇",),
)
CASES = cases()


def read(case: Case) -> TableRead:
    return read_table(case.sheet, case.form, setting=SETTING)


def name(reading: FormReading, truth: dict[str, Truth]) -> str:
    """Return the reading's name in the truth; where rows are months, the last month of its window is part of it."""
    plain = reference(reading.entry, reading.dims)
    return plain if plain in truth else f"{plain}@{reading.period.end:%Y-%m}"


def wrong(case: Case) -> list[str]:
    """Return what is silently wrong with a case: a reading unlike the truth, a figure neither read nor told, a finding missed or invented."""
    table = read(case)
    truth = dict(case.truth)
    codes = {finding.code for finding in table.findings}
    found = {name(one, truth): one.value for one in table.readings if not one.total}
    faults = [
        f"{key} is {value}, not {truth.get(key)}" for key, value in found.items() if key not in truth or value != truth[key]
    ]
    lost = [key for key, value in truth.items() if value is not None and key not in found]
    if lost and not codes & case.codes:
        faults.append(f"lost in silence: {lost}")
    if lost and not case.codes:
        faults.append(f"not read: {lost}")
    if codes != case.codes:
        faults.append(f"findings {sorted(codes)}, expected {sorted(case.codes)}")
    return faults


def test_the_corpus_is_large_and_varied() -> None:
    assert len(STYLES) >= 30
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) >= 200
    assert len({code for case in CASES for code in case.codes}) >= 25


def test_every_sheet_is_read_right_or_flagged() -> None:
    faults = {case.name: found for case in CASES if (found := wrong(case))}
    assert faults == {}


def test_one_changed_figure_is_noticed_in_every_sheet() -> None:
    unnoticed = []
    for case in CASES:
        held = {name(one, dict(case.truth)) for one in read(case).readings if not one.total}
        key = next((key for key, value in case.truth.items() if value is not None and key in held), None)
        if key is not None:
            changed = {**case.truth, key: (case.truth[key] or Fraction(0)) + 1}
            gone = {other: value for other, value in case.truth.items() if other != key}
            unnoticed += [case.name for truth in (changed, gone) if not wrong(replace(case, truth=truth))]
    assert unnoticed == []


def test_a_figure_lost_is_noticed() -> None:
    case = next(case for case in CASES if not case.codes)
    more: dict[str, Truth] = {**case.truth, "deaths[village=1]": Fraction(3)}
    assert any("lost in silence" in fault for fault in wrong(replace(case, truth=more)))


def test_a_finding_that_is_not_expected_is_noticed() -> None:
    case = next(case for case in CASES if case.codes)
    assert wrong(replace(case, codes=frozenset()))


def test_findings_have_addresses_and_words() -> None:
    for case in CASES[::7]:
        for finding in read(case).findings:
            assert finding.cells
            for lang in ("zh", "en"):
                assert "{" not in finding.message(lang) + finding.remedy(lang)
