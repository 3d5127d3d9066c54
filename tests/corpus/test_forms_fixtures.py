"""Each shipped form reads its own table: every figure as written down by hand, nothing else, no finding but the expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.forms_fixtures import FIXTURES, Fixture
from corpus.sheets import sheet_of_worksheet
from nianbao.catalogue import load_catalogue
from nianbao.formulas import reference
from nianbao.layouts.forms import Form, load_forms
from nianbao.layouts.layout import read_sheet
from nianbao.layouts.placenames import Place
from nianbao.layouts.tables import Setting, TableRead
from nianbao.values import exact_text

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(ROOT)
FORMS: tuple[Form, ...] = load_forms(ROOT, catalogue=CATALOGUE)
SETTING = Setting(
    file="基本情况.xlsx",
    year=2020,
    catalogue=CATALOGUE,
    places=(Place("1", ("上湾村",)), Place("2", ("中湾村",)), Place("3", ("下湾社区",))),
    town_names=("青溪镇",),
)


def read(fixture: Fixture) -> TableRead:
    return read_sheet(sheet_of_worksheet(fixture.build()), FORMS, setting=SETTING)


def figures(table: TableRead, *, total: bool) -> dict[str, str]:
    return {reference(one.entry, one.dims): exact_text(one.value) for one in table.readings if one.total is total}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.form)
def test_a_form_reads_its_table(fixture: Fixture) -> None:
    table = read(fixture)
    assert (
        table.form,
        [(one.code, one.address, one.message()) for one in table.findings if one.code not in fixture.codes],
    ) == (
        fixture.form,
        [],
    )
    assert figures(table, total=False) == dict(fixture.figures)
    assert figures(table, total=True) == dict(fixture.totals)
    assert {one.period.code for one in table.readings} == {fixture.period}
    assert tuple(one.code for one in table.findings) == fixture.codes
