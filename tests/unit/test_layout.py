"""A form applied to a sheet: what the corpus does not vary: choosing, units, windows by column, comparisons, registers, privacy."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from corpus.forms_fixtures import FIXTURES, birth_register, births, task_completion
from corpus.sheets import sheet_of_rows, sheet_of_worksheet
from county import shipped_catalogue
from nianbao.errors import Severity
from nianbao.files.grid import RawCell, Sheet
from nianbao.formulas import reference
from nianbao.layouts.choosing import choose_form
from nianbao.layouts.forms import Form, load_forms
from nianbao.layouts.layout import read_sheet, read_table
from nianbao.layouts.placenames import Place
from nianbao.layouts.remarks import WORDING
from nianbao.layouts.tables import Setting, TableRead
from nianbao.values import Status, exact_text

ROOT = Path(__file__).resolve().parents[2]
FORMS = load_forms(ROOT, catalogue=shipped_catalogue())
SETTING = Setting(
    file="data/qingxi/2020/表.xlsx",
    year=2020,
    catalogue=shipped_catalogue(),
    places=(Place("1", ("上湾村",)), Place("2", ("中湾村",)), Place("3", ("下湾社区",))),
    town_names=("青溪镇",),
)


def form_of(columns: Sequence[Mapping[str, object]], **changes: object) -> Form:
    made: dict[str, object] = {
        "key": "x",
        "zh": "表",
        "en": "x",
        "anchors": ["村名"],
        "period": {"kind": "calendar_year"},
        "rows": {"by": "village", "header": "村名"},
        "columns": list(columns),
        **changes,
    }
    return Form.model_validate(made)


def codes(table: TableRead) -> list[str]:
    return [finding.code for finding in table.findings]


def figures(table: TableRead) -> dict[str, str]:
    return {reference(one.entry, one.dims): exact_text(one.value) for one in table.readings}


def edited(sheet: Sheet, changes: Mapping[str, object]) -> Sheet:
    """Return a sheet with some cells holding another value, by address."""
    by_address = {cell.address: place for place, cell in sheet.cells.items()}
    cells = dict(sheet.cells)
    for address, value in changes.items():
        place = by_address[address]
        cells[place] = replace(cells[place], value=value, text=str(value))
    return replace(sheet, cells=cells)


# ---- what a reading carries ------------------------------------------------------------------------------------------


def test_a_reading_carries_all_that_an_observation_needs() -> None:
    table = read_sheet(sheet_of_worksheet(births()), FORMS, setting=SETTING)
    reading = next(one for one in table.readings if reference(one.entry, one.dims) == "births[parity=1;village=1]")
    assert reading.raw is not None
    assert (reading.cell.short, reading.raw.value, reading.raw.number_format) == ("出生情况!C4", 7, "General")
    assert (reading.header, reading.label, reading.factor, reading.unit) == (("出生人数", "一孩"), ("上湾村",), 1, "person")
    observation = reading.observation()
    assert (observation.value, observation.status, observation.total) == (Fraction(7), Status.REPORTED, False)
    assert observation.raw == "7"
    assert observation.note == "出生人数/一孩/上湾村"
    assert observation.cell == reading.cell


# ---- choosing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.form)
def test_one_form_is_chosen_whatever_the_sheet_is_called(fixture: object) -> None:
    sheet = replace(sheet_of_worksheet(fixture.build()), name="Sheet1 (2)")  # type: ignore[attr-defined]
    choice = choose_form(sheet, FORMS, file="f", year=2020)
    assert choice.form is not None
    assert choice.form.key == fixture.form  # type: ignore[attr-defined]
    assert choice.findings == ()


def test_a_sheet_no_form_knows_is_told_with_the_way_out() -> None:
    table = read_sheet(sheet_of_rows([["名称", "甲"], ["某", 1]]), FORMS, setting=SETTING)
    assert codes(table) == ["no-form"]
    assert "--suggest" in table.findings[0].remedy("en")
    assert table.readings == ()


OVERVIEW = [
    ["青溪镇概况表", *[None] * 7],
    ["2020年9月30日", *[None] * 7],
    ["单位", "总人口", "人口变动", None, None, None, "已婚育龄妇女", "出生"],
    [None, None, "出生", None, "死亡", None, None, None],
    [None, None, "男", "女", "男", "女", None, None],
    ["上湾村", 900, 5, 4, 3, 2, 140, 9],
    ["中湾村", 800, 3, 3, 2, 2, 120, 6],
]
THREE_ROWS = ("A1:H1", "A2:H2", "A3:A5", "B3:B5", "C3:F3", "C4:D4", "E4:F4", "G3:G5", "H3:H5")


@pytest.mark.parametrize("merges", [THREE_ROWS, ()], ids=["merged", "bare"])
def test_a_table_of_another_kind_is_not_read_by_a_form_that_finds_a_few_of_its_columns_there(merges: tuple[str, ...]) -> None:
    sheet = sheet_of_rows(OVERVIEW, name="基本情况", merges=merges)
    table = read_sheet(sheet, FORMS, setting=SETTING)
    assert codes(table) == ["form-unsure"]
    assert table.readings == ()
    finding = table.findings[0]
    assert finding.severity is Severity.WARN
    assert "人口计生基本情况一览表" in finding.message("zh")
    assert "params/forms/population_overview.yml" in finding.remedy("zh")
    assert "--suggest" in finding.remedy("zh")


def test_a_form_under_another_name_needs_every_column_it_calls_for() -> None:
    head, rows = ["单位", "总人口", "已婚育龄妇女", "出生", "死亡"], [["上湾村", 900, 140, 9, 5], ["中湾村", 800, 120, 6, 4]]
    whole = sheet_of_rows([["某表 2020年"], head, *rows], name="Sheet1")
    assert read_sheet(whole, FORMS, setting=SETTING).form == "population_overview"
    cut = sheet_of_rows([["某表 2020年"], head[:4], *(row[:4] for row in rows)], name="Sheet1")
    table = read_sheet(cut, FORMS, setting=SETTING)
    assert (codes(table), table.readings) == (["form-unsure"], ())
    assert "“死亡”" in table.findings[0].message("zh")
    named = read_sheet(replace(cut, name="人口基本情况"), FORMS, setting=SETTING)
    assert named.form == "population_overview"
    lacking = next(one for one in named.findings if one.code == "missing-column")
    assert "params/forms/population_overview.yml" in lacking.remedy("zh") + lacking.remedy("en")


def test_items_of_which_none_is_in_the_form_are_another_table() -> None:
    sheet = sheet_of_rows([["食堂用品"], ["项目", "数量"], ["大米", 40], ["食用油", 12]], name="Sheet1")
    assert codes(read_sheet(sheet, FORMS, setting=SETTING)) == ["form-unsure"]


def test_a_form_whose_name_suits_but_not_its_header_is_named() -> None:
    table = read_sheet(sheet_of_rows([["名称", "甲"], ["某", 1]], name="出生情况"), FORMS, setting=SETTING)
    assert "births" in table.findings[0].message("en")


def test_two_forms_that_fit_alike_are_never_chosen_between() -> None:
    form = next(form for form in FORMS if form.key == "births")
    twin = form.model_copy(update={"key": "births_again"})
    table = read_sheet(sheet_of_worksheet(births()), [form, twin], setting=SETTING)
    assert codes(table) == ["form-ambiguous"]
    assert table.findings[0].severity is Severity.BLOCK
    assert table.readings == ()
    assert codes(read_sheet(sheet_of_worksheet(births()), [form], setting=SETTING)) == []


def test_a_form_out_of_use_is_not_chosen() -> None:
    form = next(form for form in FORMS if form.key == "births").model_copy(update={"valid_until": 2019})
    assert codes(read_sheet(sheet_of_worksheet(births()), [form], setting=SETTING)) == ["no-form"]


# ---- units -----------------------------------------------------------------------------------------------------------

MONEY = [{"path": "奖扶金", "entry": "reward_assistance_amount"}]


@pytest.mark.parametrize(
    ("rows", "value", "told"),
    [
        ([["村名", "奖扶金（元）"], ["上湾村", 960]], "960", []),
        ([["村名", "奖扶金（万元）"], ["上湾村", 16.332]], "163320", []),
        ([["单位：万元"], ["村名", "奖扶金"], ["上湾村", 16.332]], "163320", []),
        ([["单位：万元"], ["村名", "奖扶金（元）"], ["上湾村", 960]], "960", []),
        ([["填报单位：青溪镇", "金额单位：万元"], ["村名", "奖扶金"], ["上湾村", 16.332]], "163320", []),
        ([["村名", "奖扶金"], ["上湾村", 960]], None, ["unit-unstated"]),
        ([["村名", "奖扶金（户）"], ["上湾村", 960]], None, ["wrong-unit"]),
        ([["单位：人"], ["村名", "奖扶金"], ["上湾村", 960]], None, ["wrong-unit"]),
    ],
)
def test_the_unit_nearest_the_number_counts(rows: list[list[object]], value: str | None, told: list[str]) -> None:
    table = read_table(sheet_of_rows(rows), form_of(MONEY), setting=SETTING)  # type: ignore[arg-type]
    assert codes(table) == told
    assert figures(table) == ({} if value is None else {"reward_assistance_amount[village=1]": value})


def test_a_unit_column_gives_each_row_its_own() -> None:
    form = form_of(
        [{"path": "单位", "role": "unit"}, {"path": "数量", "role": "value"}],
        anchors=["项目"],
        rows={
            "by": "item",
            "header": "项目",
            "items": [
                {"label": "奖扶金", "entry": "reward_assistance_amount"},
                {"label": "慰问金", "entry": "consolation_amount"},
                {"label": "献血", "entry": "blood_donors"},
            ],
        },
    )
    rows = [["项目", "单位", "数量"], ["奖扶金", "万元", 1.5], ["慰问金", "元", 800], ["献血", "毫升", 9]]
    table = read_table(sheet_of_rows(rows), form, setting=SETTING)
    assert figures(table) == {"reward_assistance_amount": "15000", "consolation_amount": "800"}
    assert codes(table) == ["wrong-unit"]


def test_a_unit_other_than_the_form_says_is_told_and_read_as_the_sheet_says() -> None:
    form = form_of([{**MONEY[0], "unit": "yuan"}])
    table = read_table(sheet_of_rows([["单位：万元"], ["村名", "奖扶金"], ["上湾村", 2]]), form, setting=SETTING)
    assert codes(table) == ["unit-differs"]
    assert figures(table) == {"reward_assistance_amount[village=1]": "20000"}


# ---- windows ---------------------------------------------------------------------------------------------------------


def test_columns_of_this_period_its_end_the_year_so_far_and_the_year_before() -> None:
    form = form_of(
        [
            {"path": ["出生", "本期"], "entry": "births"},
            {"path": ["出生", "累计"], "entry": "births", "period": "cumulative"},
            {"path": ["出生", "上年同期"], "entry": "births", "period": "previous"},
            {"path": ["期末总人口"], "entry": "population_total", "period": "end"},
        ],
        period={"kind": "statistical_year", "read": ["统计时间"]},
    )
    rows = [
        ["统计时间：2020年6月"],
        ["村名", "出生", None, None, "期末总人口"],
        [None, "本期", "累计", "上年同期"],
        ["上湾村", 2, 11, 3, 1500],
    ]
    table = read_table(sheet_of_rows(rows, merges=["A2:A3", "B2:D2", "E2:E3"]), form, setting=SETTING)
    assert [(exact_text(one.value), one.period.code, one.cumulative) for one in table.readings] == [
        ("2", "month_range:2020-06-01/2020-06-30", False),
        ("11", "month_range:2019-10-01/2020-06-30", True),
        ("3", "month_range:2019-06-01/2019-06-30", False),
        ("1500", "as_of:2020-06-30", False),
    ]


@pytest.mark.parametrize(
    ("lines", "code", "told"),
    [
        ([["统计时间：2020年三季度"]], "month_range:2020-01-01/2020-09-30", []),
        ([["统计时间：", "2020年三季度"]], "month_range:2020-01-01/2020-09-30", []),
        ([["填报日期：2020年10月8日"]], "", ["period-missing"]),
        ([["2020年情况表"], ["统计时间：2019年三季度"]], "", ["period-conflict"]),
        ([["2020年情况表"], ["统计时间：2020年三季度"]], "month_range:2020-01-01/2020-09-30", []),
    ],
)
def test_the_sheet_says_its_window(lines: list[list[str]], code: str, told: list[str]) -> None:
    form = form_of(
        [{"path": "签约人数", "entry": "family_doctor_signed"}],
        period={"kind": "calendar_year", "read": ["统计时间", "title"], "cumulative": True, "required": True},
    )
    table = read_table(sheet_of_rows([*lines, ["村名", "签约人数"], ["上湾村", 9]]), form, setting=SETTING)
    assert codes(table) == told
    assert {one.period.code for one in table.readings} == ({code} if code else set())


# ---- comparisons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "value", "told"),
    [
        ("B4", 16, ["row-sum-differs", "printed-rate-differs", "table-total-differs"]),
        ("C7", 18, ["row-sum-differs", "table-total-differs"]),
        ("F4", 16, ["part-exceeds-whole", "table-total-differs"]),
        ("K5", 0.85, ["printed-rate-differs"]),
        ("K5", 0.8461, []),
        ("K6", 0.99, ["printed-rate-differs"]),
    ],
)
def test_what_does_not_add_up_is_told(address: str, value: object, told: list[str]) -> None:
    sheet = sheet_of_worksheet(births())
    assert codes(read_sheet(sheet, FORMS, setting=SETTING)) == []
    assert sorted(codes(read_sheet(edited(sheet, {address: value}), FORMS, setting=SETTING))) == sorted(told)


def test_a_rate_over_nothing_is_told() -> None:
    sheet = edited(sheet_of_worksheet(task_completion()), {"E7": 0, "F7": 0, "G7": 0})
    assert "rate-without-denominator" in codes(read_sheet(sheet, FORMS, setting=SETTING))


def test_a_rate_its_row_cannot_give_is_handed_on() -> None:
    form = form_of([{"path": "出生率（‰）", "check": "crude_birth_rate"}])
    table = read_table(sheet_of_rows([["村名", "出生率（‰）"], ["上湾村", "8.18‰"]]), form, setting=SETTING)
    assert figures(table) == {"crude_birth_rate[village=1]": "8.18"} or codes(table)


# ---- registers -------------------------------------------------------------------------------------------------------


class Guarded(dict[tuple[int, int], RawCell]):
    """Cells of a register that fail when a value of an identifying column is looked at below the header."""

    forbidden = frozenset({2, 6, 7})

    def _check(self, place: tuple[int, int]) -> None:
        assert not (place[0] > 2 and place[1] in self.forbidden), f"cell {place} of an identifying column was read"

    def __getitem__(self, place: tuple[int, int]) -> RawCell:
        self._check(place)
        return super().__getitem__(place)

    def get(self, place: tuple[int, int], default: RawCell | None = None) -> RawCell | None:  # type: ignore[override]
        self._check(place)
        return super().get(place, default)

    def items(self) -> Iterator[tuple[tuple[int, int], RawCell]]:  # type: ignore[override]
        raise AssertionError("every cell was read")

    def values(self) -> Iterator[RawCell]:  # type: ignore[override]
        raise AssertionError("every cell was read")


def test_a_register_is_counted_without_looking_at_who() -> None:
    sheet = sheet_of_worksheet(birth_register())
    guarded = replace(sheet, cells=Guarded(sheet.cells))
    with pytest.raises(AssertionError, match="identifying"):
        guarded.at(3, 7)
    table = read_sheet(guarded, FORMS, setting=SETTING)
    assert codes(table) == ["outside-period"]
    reading = next(one for one in table.readings if reference(one.entry, one.dims) == "births[parity=2;village=1]")
    assert (reading.cell.cell, reading.raw, reading.value) == ("H3:H7;E3:E7", None, 1)
    told = "".join(finding.message(lang) + finding.remedy(lang) for finding in table.findings for lang in ("zh", "en"))
    assert "甲" not in told
    assert "110105" not in told


@pytest.mark.parametrize(("address", "value"), [("E4", "不详"), ("C4", "未知"), ("H4", "别村"), ("D4", "去年")])
def test_a_value_not_understood_makes_no_count(address: str, value: str) -> None:
    table = read_sheet(edited(sheet_of_worksheet(birth_register()), {address: value}), FORMS, setting=SETTING)
    assert "count-unknown" in codes(table)
    assert next(one for one in table.findings if one.code == "count-unknown").cells[0].cell == address
    whole = read_sheet(sheet_of_worksheet(birth_register()), FORMS, setting=SETTING)
    assert len(table.readings) < len(whole.readings)
    if address[0] == "D":
        assert table.readings == ()  # whether the child belongs to the period is not known, so no count holds


def test_a_sheet_of_persons_without_a_form_is_left_alone() -> None:
    rows = [["奖扶发放表"], ["村名", "姓名", "身份证号", "金额"], ["上湾村", "甲", "11010519491231002X", 960]]
    table = read_sheet(sheet_of_rows(rows), [form for form in FORMS if not form.count_rows], setting=SETTING)
    assert codes(table) == ["no-form"]
    assert "身份证" in table.findings[0].message()
    assert "110105" not in table.findings[0].message()


# ---- rows and what stands around --------------------------------------------------------------------------------------


def test_without_a_list_villages_keep_the_name_they_have_and_that_is_told() -> None:
    table = read_table(
        sheet_of_rows([["村名", "出生"], ["上湾村", 3], ["东岭村", 4]]),
        form_of([{"path": "出生", "entry": "births"}]),
        setting=replace(SETTING, places=()),
    )
    assert codes(table) == ["no-village-list"]
    assert figures(table) == {"births[village=上湾村]": "3", "births[village=东岭村]": "4"}


def test_two_totals_are_told_and_only_the_first_handed_on() -> None:
    rows = [["村名", "出生"], ["合计", 7], ["上湾村", 3], ["中湾村", 4], ["总计", 7]]
    table = read_table(sheet_of_rows(rows), form_of([{"path": "出生", "entry": "births"}]), setting=SETTING)
    assert codes(table) == ["two-totals"]
    assert [one.cell.cell for one in table.readings if one.total] == ["B2"]


def test_text_columns_are_let_be_and_unknown_items_told() -> None:
    form = form_of(
        [{"path": "数量", "role": "value"}, {"path": "负责人", "role": "text"}],
        anchors=["项目"],
        rows={
            "by": "item",
            "header": "项目",
            "items": [{"label": "献血人次", "entry": "blood_donors"}, {"label": "义诊", "ignore": True}],
        },
    )
    rows = [["项目", "数量", "负责人"], ["献血人次", 3, "王"], ["义诊", 5, "李"], ["献血人入", 4, "张"]]
    table = read_table(sheet_of_rows(rows), form, setting=SETTING)
    assert figures(table) == {"blood_donors": "3"}
    assert codes(table) == ["unknown-row"]
    assert "献血人次" in table.findings[0].message()


def test_a_personal_number_in_a_header_is_not_repeated() -> None:
    rows = [["村名", "出生", "张13812345678"], ["上湾村", 3, 4]]
    table = read_table(sheet_of_rows(rows), form_of([{"path": "出生", "entry": "births"}]), setting=SETTING)
    assert codes(table) == ["unknown-column"]
    assert "138" not in table.findings[0].message()


def test_reading_twice_gives_the_same() -> None:
    for fixture in FIXTURES:
        sheet = sheet_of_worksheet(fixture.build())
        assert read_sheet(sheet, FORMS, setting=SETTING) == read_sheet(sheet, FORMS, setting=SETTING)


# ---- wording ---------------------------------------------------------------------------------------------------------


def used_codes() -> set[str]:
    """Return the codes the modules of office tables can report."""
    found: set[str] = set()
    for module in ("choosing", "layout", "tables", "cellvalues", "registers", "remarks"):
        tree = ast.parse((ROOT / "lib" / "nianbao" / "layouts" / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and node.args
                and ast.unparse(node.func).endswith(("remarks.add", "self.add", "fault"))
            ):
                found |= {
                    one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    return found


def test_every_finding_has_its_words_and_its_line_in_the_guide() -> None:
    guide = (ROOT / "docs" / "howto" / "forms.md").read_text(encoding="utf-8")
    assert used_codes() - {"village-twice", "row-twice"} <= set(WORDING)
    assert set(WORDING) - used_codes() <= {"village-twice", "row-twice"}
    assert [code for code in WORDING if f"`{code}`" not in guide] == []
