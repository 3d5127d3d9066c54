"""Returns in, observations and findings out: one return, and one test for each way a clerk can spoil it."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from county import FIGURES, YEAR, Project, build_project, rows_of, shipped_catalogue
from nianbao.dataset import observations_of
from nianbao.errors import Finding, GateError, ReturnError, Severity
from nianbao.files.personal import personal_number
from nianbao.intake import cover_of, read_return
from nianbao.observation import Intake
from nianbao.periods import statistical_year
from nianbao.returnform import ReturnRow
from nianbao.returnsheet import COLUMNS, COVER_SHEET
from nianbao.values import Status

SHEET = "人口监测"
CODE, DIMS, VALUE, UNIT, PERIOD, KIND, NOTE = "BDEFGHI"  # columns of the return
ID_NUMBER, MOBILE = "11010519491231002X", "13812345678"  # the ID is the specimen of GB 11643-1999


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return one project for all tests here, none of which touches its params."""
    return build_project(tmp_path_factory.mktemp("county") / "project")


@pytest.fixture(scope="module")
def births_workbook(home: Project) -> bytes:
    return home.write({"births[parity=1]": 68, "births[parity=2+]": 83}).read_bytes()


@pytest.fixture
def project(home: Project) -> Project:
    """Return the project without any return."""
    shutil.rmtree(home.root / "data", ignore_errors=True)
    return home


@pytest.fixture
def births(project: Project, births_workbook: bytes) -> Project:
    """Return a project whose return gives births of two parities in E4 and E5 of 人口监测."""
    project.path().parent.mkdir(parents=True)
    project.path().write_bytes(births_workbook)
    return project


def only(intake: Intake) -> Finding:
    """Return the single finding of an intake, checked for what every finding must have."""
    assert len(intake.findings) == 1, [(finding.code, finding.address) for finding in intake.findings]
    finding = intake.findings[0]
    assert finding.cells
    for lang in ("zh", "en"):
        assert finding.message(lang)
        assert finding.remedy(lang)
        assert "{" not in finding.message(lang) + finding.remedy(lang)
    assert re.search(r"[\u4e00-\u9fff]", finding.message("zh"))
    assert re.search(r"[\u4e00-\u9fff]", finding.remedy("zh"))
    return finding


# --- a sound return ------------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(project: Project) -> None:
    rows = rows_of(FIGURES)
    project.write(rows)
    intake = project.read()
    assert intake.blocking == ()
    said = {(row.entry, row.dims, row.period or None): str(row.value) for row in rows}
    read = {
        (seen.entry, seen.dims, seen.period.label() if seen.period.year != YEAR else None): seen.raw
        for seen in intake.observations
    }
    assert read == said


def test_observations_keep_period_status_unit_and_cell(births: Project) -> None:
    births.set_cell(SHEET, f"{NOTE}4", "按户籍")
    first, second = births.read().observations
    assert (first.ref, first.value, first.status) == ("births[parity=1]", 68, Status.REPORTED)
    assert (first.period, first.unit, first.note) == (statistical_year(YEAR), "person", "按户籍")
    assert str(first.cell) == f"data/qingxi/2020.xlsx!{SHEET}!E4"
    assert second.cell.short == f"{SHEET}!E5"


def test_the_file_is_identified_by_its_content(births: Project) -> None:
    before = births.read().sha256
    births.set_cell(SHEET, "E4", 69)
    assert births.read().sha256 != before


def test_blank_rows_and_rows_of_labels_alone_say_nothing(births: Project) -> None:
    births.set_cell(SHEET, "A9", "合计")
    intake = births.read()
    assert (len(intake.observations), intake.findings) == (2, ())


def test_columns_may_stand_in_another_order(births: Project) -> None:
    workbook = openpyxl.load_workbook(births.path())
    sheet = workbook[SHEET]
    for row in range(3, 6):  # the value changes places with the note
        sheet[f"E{row}"].value, sheet[f"I{row}"].value = sheet[f"I{row}"].value, sheet[f"E{row}"].value
    workbook.save(births.path())
    intake = births.read()
    assert intake.findings == ()
    assert [seen.cell.cell for seen in intake.observations] == ["I4", "I5"]


@pytest.mark.parametrize(
    ("kind", "status", "total"),
    [
        ("实报", Status.REPORTED, False),
        ("推算", Status.IMPLIED, False),
        ("预计", Status.ESTIMATED, False),
        ("合计", Status.REPORTED, True),
        ("", Status.REPORTED, False),
    ],
)
def test_kinds(births: Project, kind: str, status: Status, total: bool) -> None:
    births.set_cell(SHEET, f"{KIND}4", kind)
    seen = births.read().observations[0]
    assert (seen.status, seen.total) == (status, total)


def test_a_bound_stays_a_bound_whatever_the_kind(births: Project) -> None:
    births.set_cell(SHEET, f"{KIND}4", "推算")
    births.set_cell(SHEET, f"{VALUE}4", "70余")
    assert births.read().observations[0].status is Status.FLOOR


def test_a_counting_word_after_the_number_is_understood(births: Project) -> None:
    births.set_cell(SHEET, f"{VALUE}4", "68名")
    intake = births.read()
    assert (intake.observations[0].value, intake.findings) == (68, ())


def test_a_formula_with_its_stored_result_is_read(births: Project) -> None:
    births.set_cell(SHEET, f"{VALUE}4", "=60+8")
    with_result = _store_result(births.path(), "E4", 68)
    births.path().write_bytes(with_result)
    intake = births.read()
    assert (intake.observations[0].value, intake.findings) == (68, ())


def _store_result(path: Path, cell: str, value: int) -> bytes:
    """Return the workbook with a stored result for one formula, as Excel saves it."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                changed = re.sub(
                    rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v\s*/>|(<c r="{cell}"[^>]*><f>[^<]*</f>)<v></v>'.encode(),
                    lambda found: (found[1] or found[2]) + f"<v>{value}</v>".encode(),
                    content,
                )
                assert changed != content
                content = changed
            target.writestr(name, content)
    return out.getvalue()


def test_a_percentage_cell_of_a_percentage_is_read_in_per_cent(project: Project) -> None:
    project.write({"policy_compliance_target": 92})
    project.set_cell(shipped_catalogue().areas["family_planning"].zh, "E4", 0.92, number_format="0%")
    assert project.read().observations[0].value == 92


def test_a_text_element_keeps_its_text(project: Project) -> None:
    project.write({"yinling_age_band": "55～80"})
    seen = project.read().observations[0]
    assert (seen.raw, seen.value, seen.status) == ("55～80", None, Status.REPORTED)


def test_a_village_must_be_one_of_the_towns(project: Project) -> None:
    project.write({"livestock_stock[animal=cattle;village=2]": 5})
    assert project.read().findings == ()
    project.write({"livestock_stock[animal=cattle;village=9]": 5})
    assert only(project.read()).code == "unknown-dimension-value"


def test_a_town_without_villages_may_name_any(project: Project) -> None:
    project.write({"livestock_stock[animal=cattle;village=9]": 5}, town="baishi")
    assert project.read(town="baishi").findings == ()


def test_the_earlier_return_wins_where_two_give_the_same_figure(project: Project) -> None:
    project.write({"births": 151, "births@previous": 180})
    project.write({"births": 183, "deaths": 90}, year=YEAR - 1)
    intakes = [project.read(), project.read(year=YEAR - 1)]
    assert [(seen.ref, seen.period.year, seen.value) for seen in observations_of(intakes)] == [
        ("births", 2020, 151),
        ("births", 2019, 180),
        ("deaths", 2019, 90),
    ]


def test_the_cover_names_township_and_year(births: Project) -> None:
    assert cover_of(births.path()) == ("青溪镇", YEAR)


# --- one fault at a time -------------------------------------------------------------------------------------------------------

Spoil = Callable[[Project], None]


def cell(column: str, value: object) -> Spoil:
    return lambda project: project.set_cell(SHEET, f"{column}4", value)


def cover(address: str, value: object) -> Spoil:
    return lambda project: project.set_cell(COVER_SHEET, address, value)


def drop_cover(project: Project) -> None:
    workbook = openpyxl.load_workbook(project.path())
    del workbook[COVER_SHEET]
    workbook.save(project.path())


# fault | how | severity | cell | what the English message and remedy must say | figures kept of two
FAULTS: dict[str, tuple[str, Spoil, Severity, str, tuple[str, ...], int]] = {
    "another town's file": (
        "wrong-township",
        cover("B3", "白石镇"),
        Severity.BLOCK,
        f"{COVER_SHEET}!B3",
        ("白石镇", "青溪镇"),
        2,
    ),
    "another year's file": ("wrong-year", cover("B4", 2019), Severity.BLOCK, f"{COVER_SHEET}!B4", ("2019", "2020"), 2),
    "no cover": ("no-cover", drop_cover, Severity.WARN, f"{COVER_SHEET}!A1", ("cover",), 2),
    "renamed header": (
        "header-missing",
        lambda project: project.set_cell(SHEET, "E3", "数据"),
        Severity.BLOCK,
        f"{SHEET}!A3",
        ("数值",),
        0,
    ),
    "misspelt code": ("unknown-code", cell(CODE, "birhts"), Severity.BLOCK, f"{SHEET}!B4", ("birhts", "births"), 1),
    "no code": ("no-code", cell(CODE, None), Severity.BLOCK, f"{SHEET}!B4", ("no code",), 1),
    "dimension without value": ("bad-dims", cell(DIMS, "parity"), Severity.BLOCK, f"{SHEET}!D4", ("parity", "key=value"), 1),
    "dimension twice": ("bad-dims", cell(DIMS, "parity=1;parity=2"), Severity.BLOCK, f"{SHEET}!D4", ("twice",), 1),
    "unknown dimension": ("unknown-dimension", cell(DIMS, "partiy=1"), Severity.BLOCK, f"{SHEET}!D4", ("partiy", "parity"), 1),
    "unknown dimension value": (
        "unknown-dimension-value",
        cell(DIMS, "sex=femal"),
        Severity.BLOCK,
        f"{SHEET}!D4",
        ("femal", "'female'"),
        1,
    ),
    "no period": ("bad-period", cell(PERIOD, "去年"), Severity.BLOCK, f"{SHEET}!G4", ("去年", "2020统计年度"), 1),
    "another period": ("wrong-year", cell(PERIOD, "2015统计年度"), Severity.BLOCK, f"{SHEET}!G4", ("2015", "2020"), 1),
    "next year": ("wrong-year", cell(PERIOD, "2021统计年度"), Severity.BLOCK, f"{SHEET}!G4", ("2021",), 1),
    "unknown kind": ("bad-kind", cell(KIND, "估算"), Severity.BLOCK, f"{SHEET}!H4", ("估算", "推算"), 1),
    "wrong unit": ("wrong-unit", cell(UNIT, "户"), Severity.BLOCK, f"{SHEET}!F4", ("户", "人"), 1),
    "unit in the cell": ("unit-in-cell", cell(VALUE, "68户"), Severity.BLOCK, f"{SHEET}!E4", ("户",), 1),
    "words in the cell": ("unit-in-cell", cell(VALUE, "68（不含补报）"), Severity.BLOCK, f"{SHEET}!E4", ("不含补报",), 1),
    "negative": ("negative", cell(VALUE, -1), Severity.BLOCK, f"{SHEET}!E4", ("-1", "negative"), 1),
    "not whole": ("not-whole", cell(VALUE, 68.5), Severity.BLOCK, f"{SHEET}!E4", ("68.5",), 1),
    "text for a number": ("not-a-number", cell(VALUE, "较多"), Severity.BLOCK, f"{SHEET}!E4", ("较多", "text"), 1),
    "nothing, ambiguously": ("not-a-number", cell(VALUE, "无"), Severity.BLOCK, f"{SHEET}!E4", ("none counted",), 1),
    "all, of a count": ("not-a-number", cell(VALUE, "全部"), Severity.BLOCK, f"{SHEET}!E4", ("100%",), 1),
    "formula without result": (
        "formula-without-value",
        cell(VALUE, "=E5*2"),
        Severity.BLOCK,
        f"{SHEET}!E4",
        ("formula",),
        2,
    ),
    "illegible digits": ("masked", cell(VALUE, "6_"), Severity.WARN, f"{SHEET}!E4", ("6_",), 2),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_one_finding_with_address_and_remedy(births: Project, fault: str) -> None:
    code, spoil, severity, address, words, kept = FAULTS[fault]
    assert births.read().findings == ()  # the return is sound before it is spoilt
    spoil(births)
    intake = births.read()
    finding = only(intake)
    assert (finding.code, finding.severity, finding.cells[0].short) == (code, severity, address)
    said = f"{finding.message('en')}; {finding.remedy('en')}"
    for word in words:
        assert word in said
    assert len(intake.observations) == kept


def test_a_column_that_is_missing_altogether_is_named(births: Project) -> None:
    for position, name in enumerate(COLUMNS, start=1):
        births.write({"births[parity=1]": 68})
        births.set_cell(SHEET, f"{get_column_letter(position)}3", None)
        finding = only(births.read())
        assert finding.code == "header-missing"
        assert name in finding.message("zh")


def test_a_sheet_of_another_name_is_not_read_and_the_nearest_named(births: Project) -> None:
    workbook = openpyxl.load_workbook(births.path())
    workbook[SHEET].title = "人口检测"
    workbook.save(births.path())
    unknown, empty = births.read().findings
    assert (unknown.code, unknown.severity, unknown.cells[0].short) == ("unknown-sheet", Severity.WARN, "人口检测!A1")
    assert "人口检测" in unknown.message("zh")
    assert "人口监测" in unknown.remedy("zh")
    assert empty.code == "empty-return"


def test_a_unit_dimension_must_name_a_unit(project: Project) -> None:
    project.write({"pack_size[item=hand_sanitiser;unit=bottle]": 500})
    assert project.read().findings == ()
    sheet = shipped_catalogue().areas["epidemic"].zh
    project.set_cell(sheet, f"{DIMS}4", "item=hand_sanitiser;unit=botle")
    project.set_cell(sheet, f"{UNIT}4", None)
    finding = only(project.read())
    assert (finding.code, "'bottle'" in finding.message("en")) == ("unknown-dimension-value", True)


def test_a_date_where_a_number_belongs_is_refused(births: Project) -> None:
    births.set_cell(SHEET, f"{VALUE}4", date(2020, 3, 1), number_format="yyyy-mm-dd")
    assert only(births.read()).code == "not-a-number"


def test_the_same_figure_twice_is_a_note(births: Project) -> None:
    births.write([ReturnRow("deaths", value=90), ReturnRow("deaths", value=90)])
    finding = only(births.read())
    assert (finding.code, finding.severity) == ("given-twice", Severity.NOTE)
    assert [seen.short for seen in finding.cells] == [f"{SHEET}!E4", f"{SHEET}!E5"]


def test_the_same_figure_twice_differently_blocks(births: Project) -> None:
    births.write([ReturnRow("deaths", value=90), ReturnRow("deaths", value=91)])
    finding = only(births.read())
    assert (finding.code, finding.severity) == ("given-twice-differently", Severity.BLOCK)
    assert all(figure in finding.message(lang) for figure in finding.figures.values() for lang in ("zh", "en"))
    assert set(finding.figures) == {"first", "second"}
    assert "differently" in finding.message("en")


def test_the_same_figure_for_two_years_is_no_duplicate(births: Project) -> None:
    births.write({"deaths": 90, "deaths@previous": 90})
    assert births.read().findings == ()


def test_all_problems_of_a_file_come_together(births: Project) -> None:
    births.write({"births[parity=1]": 68, "births[parity=2+]": 83, "deaths": 90, "population_mean": 11002})
    births.set_cell(COVER_SHEET, "B4", 2019)
    births.set_cell(SHEET, "B4", "birhts")
    births.set_cell(SHEET, "D5", "parity=7")
    births.set_cell(SHEET, "E6", "较多")
    births.set_cell(SHEET, "F7", "户")
    intake = births.read()
    assert [finding.code for finding in intake.findings] == [
        "wrong-year",
        "unknown-code",
        "unknown-dimension-value",
        "not-a-number",
        "wrong-unit",
    ]
    assert len(intake.blocking) == 5


def test_two_faults_of_one_row_both_show(births: Project) -> None:
    births.set_cell(SHEET, "D4", "parity=7")
    births.set_cell(SHEET, "G4", "去年")
    assert [finding.code for finding in births.read().findings] == ["unknown-dimension-value", "bad-period"]


def test_a_return_without_any_figure_blocks(births: Project) -> None:
    births.write([])
    finding = only(births.read())
    assert (finding.code, finding.severity) == ("empty-return", Severity.BLOCK)


def test_a_change_may_be_negative(project: Project) -> None:
    project.write({"births_change_yoy": -32})
    intake = project.read()
    assert (intake.observations[0].value, intake.findings) == (-32, ())


def test_money_and_rates_need_not_be_whole(project: Project) -> None:
    project.write({"reward_assistance_amount": 960.5, "crude_birth_rate": 8.18})
    intake = project.read()
    assert {seen.value for seen in intake.observations} == {Fraction(1921, 2), Fraction(818, 100)}
    assert intake.findings == ()


def test_a_sheet_longer_than_any_return_is_refused_with_its_cell(births: Project) -> None:
    births.set_cell(SHEET, "A20001", "x")
    with pytest.raises(GateError) as refused:
        births.read()
    assert refused.value.finding.cells[0].sheet == SHEET


# --- personal data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "secret"),
    [
        *((column, MOBILE) for column in "ABCDEFGHI"),
        *((VALUE, secret) for secret in (ID_NUMBER, f"联系人 {MOBILE}", "138 1234 5678", "138-1234-5678", f"-{MOBILE}")),
    ],
)
def test_personal_numbers_block_by_address_and_never_by_content(births: Project, column: str, secret: str) -> None:
    births.set_cell(SHEET, f"{column}4", secret)
    intake = births.read()
    finding = only(intake)
    assert (finding.code, finding.severity, finding.cells[0].short) == ("personal-data", Severity.BLOCK, f"{SHEET}!{column}4")
    assert len(intake.observations) == 1
    assert secret not in repr(intake)


def test_a_mobile_number_typed_as_a_number_blocks_too(births: Project) -> None:
    births.set_cell(SHEET, "E4", int(MOBILE))
    intake = births.read()
    assert only(intake).code == "personal-data"
    assert MOBILE not in repr(intake)


def test_a_personal_number_on_the_cover_is_not_repeated(births: Project) -> None:
    births.set_cell(COVER_SHEET, "B3", f"王某{MOBILE}")
    intake = births.read()
    assert intake.blocking
    assert MOBILE not in repr(intake)


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        (ID_NUMBER, True),
        (ID_NUMBER.lower(), True),
        ("110105194912310021", True),  # the check digit is wrong
        ("11010519491231003X", True),
        (MOBILE, True),
        ("12812345678", False),  # no mobile number starts with 12
        ("138123456789", False),
        ("0563-5021234", True),
        ("1530758", False),
        ("2019年10月1日至2020年9月30日", False),
    ],
)
def test_what_is_a_personal_number(text: str, personal: bool) -> None:
    assert (personal_number(text) is not None) is personal


# --- files that cannot be read -------------------------------------------------------------------------------------------------


def test_a_missing_return_names_the_place_and_what_lies_there(project: Project) -> None:
    project.write({"deaths": 90}, year=2019)
    with pytest.raises(ReturnError, match=r"data/qingxi/2020\.xlsx: return not found for qingxi 2020.*2019\.xlsx"):
        project.dataset()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "cut off"),
        ("指标,数值\n出生,151\n".encode("gbk"), "the content is plain text"),
        (b"PK\x03\x04 cut off", "cut off"),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_to_do(project: Project, content: bytes, words: str) -> None:
    project.path().parent.mkdir(parents=True)
    project.path().write_bytes(content)
    with pytest.raises(ReturnError, match=words) as raised:
        project.read()
    assert str(raised.value).startswith("data/qingxi/2020.xlsx: ")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_workbook_is_refused(births: Project, share: float) -> None:
    whole = births.path().read_bytes()
    births.path().write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ReturnError):
        births.read()


def test_a_workbook_with_a_broken_sheet_is_called_damaged(births: Project) -> None:
    with zipfile.ZipFile(births.path()) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"][:200]
    with zipfile.ZipFile(births.path(), "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    with pytest.raises(ReturnError, match="damaged"):
        births.read()


def test_a_file_outside_the_project_is_called_by_its_name(births: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "to check.xlsx"
    elsewhere.write_bytes(births.path().read_bytes())
    intake = read_return(elsewhere, root=births.root, township=births.township(), year=YEAR, catalogue=births.catalogue())
    assert intake.file == "to check.xlsx"


def test_every_code_of_the_catalogue_can_stand_in_a_return(project: Project) -> None:
    catalogue = shipped_catalogue()
    rows = []
    for entry in catalogue.entries.values():
        chosen = {
            key: values[0] if values != ("*",) else "bottle" if key == "unit" else "1" for key, values in entry.dims.items()
        }
        dims = tuple(sorted(chosen.items()))
        rows.append(ReturnRow(entry.id, dims=dims))
    project.write(rows)
    intake = project.read()
    assert [finding.code for finding in intake.findings] == ["empty-return"]
    assert [seen.status for seen in intake.observations] == [Status.MISSING] * len(rows)
    assert len({seen.cell for seen in intake.observations}) == len(rows)
