"""What a township hands in, end to end: hostile files beside sound ones, numbers of persons, several files for one year."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import openpyxl
import pypdf
import pytest
from openpyxl.comments import Comment

from built import Run, nianbao, rows
from corpus.forms_fixtures import birth_register, births
from corpus.hostile import FILES
from corpus.sheets import sheet_of_worksheet
from corpus.written import xls
from county import FIGURES, Project
from nianbao.assembly import inputs_of
from nianbao.cli import main
from nianbao.dataset import open_dataset
from nianbao.errors import GateError, ReturnError, Severity
from nianbao.intake import read_return

SLOWNESS = os.environ.get("NIANBAO_SLOWNESS", "2" if "PYTEST_XDIST_WORKER" in os.environ else "1")
SECONDS = 2.0 * float(SLOWNESS)
"""What one file may take; a machine busy with other tests is given a factor."""
TINY = {"health_lectures": 15, "health_consultations": 3}
REFUSED = [
    (name, code, make)
    for name, code, make in FILES
    if code is not None and Path(name).suffix in (".xlsx", ".xls", ".ods", ".csv")
]
NUMBERS = {
    "ID": "349924199001011234",
    "ID with x": "34992419900101123x",
    "ID full width": "３４９９２４１９９００１０１１２３Ｘ",
    "ID with blanks": "349924 19900101 1234",
    "ID of fifteen": "349924900101123",
    "ID in Chinese": "三四九九二四一九九零零一零一一二三四",
    "phone": "13800138000",
    "phone grouped": "+86 138-0013-8000",
    "card": "6217 0012 3456 7890 122",
}
"""Nine ways to write a number of a person, all invented."""


# ---- hostile files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code", "make"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_a_hostile_return_is_refused_with_its_name(name: str, code: str, make: object, project: Project) -> None:
    path = project.root / "data" / "qingxi" / "2020" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(make())  # type: ignore[operator]
    began = time.perf_counter()
    with pytest.raises(GateError) as refused:
        read_return(path, root=project.root, township=project.township(), year=2020, catalogue=project.catalogue())
    assert time.perf_counter() - began < SECONDS
    assert refused.value.code == code
    assert str(refused.value).startswith(f"data/qingxi/2020/{name}")


def test_a_batch_builds_the_others(project: Project) -> None:
    made = {name: make() for name, _, make in FILES}
    project.write(TINY, town="baishi")
    folder = project.root / "data"
    for town, name in (("qingxi", "deep.xlsx"), ("liuhe", "password.xls")):
        (folder / town).mkdir()
        (folder / town / f"2020{Path(name).suffix}").write_bytes(made[name])
    done = nianbao(project.root, "report", "--all", "--year", "2020", "--to", "html")
    assert done.code == 1
    assert (project.root / "outputs" / "2020" / "baishi" / "report.html").is_file(), done.said
    assert "data/qingxi/2020.xlsx" in done.err
    assert "data/liuhe/2020.xls" in done.err
    assert "1 built" in done.out
    assert "2 refused" in done.out
    said = nianbao(project.root, "check", "qingxi", "--year", "2020", "--format", "json")
    assert said.code == 1
    [finding] = json.loads(said.out)
    assert finding["code"] == "too-deep"
    assert finding["message_zh"]
    assert finding["remedy_en"]


# ---- numbers of persons ---------------------------------------------------------------------------------------------


def planted(project: Project) -> Path:
    """Write a return with every number in every place a workbook has, and return its path."""
    path = project.write(FIGURES)
    book = openpyxl.load_workbook(path)
    sheet = book["人口监测"]
    end = sheet.max_row + 1
    for row, number in enumerate(NUMBERS.values(), start=end):
        for column, value in enumerate(("指标", "births", number, None, 3, "人", "2020统计年度", "实报", None), start=1):
            sheet.cell(row, column, value)
        sheet.cell(row + 20, 5, number)
        sheet.cell(row + 20, 2, "births")
        sheet.cell(row + 40, 9, f"联系人{number}，已核")
        sheet.cell(row + 40, 2, "births")
        sheet.cell(row + 60, 2, number)
        sheet.cell(row + 80, 1, number)
        sheet.cell(row + 100, 1).comment = Comment(f"见{number}", "")
        sheet.cell(1, 20 + row, f"表头{number}")
    sheet.cell(end + 120, 5, 349924199001011234)
    sheet.cell(end + 121, 5, 13800138000)
    hidden = book.create_sheet("旧表")
    hidden.sheet_state = "hidden"
    for row, number in enumerate(NUMBERS.values(), start=1):
        hidden.cell(row, 1, number)
        book.create_sheet(f"{row}名{number}").cell(1, 1, 5)
    sheet.oddHeader.center.text = NUMBERS["phone"]
    book.properties.title = NUMBERS["ID"]
    book.save(path)
    return path


def expected_places(path: Path) -> set[tuple[str, str]]:
    """Return (sheet, address) of every planted cell and comment; a sheet is called *** and its place where its name is a number."""
    book = openpyxl.load_workbook(path)
    found = set()
    for place, sheet in enumerate(book.worksheets, start=1):
        secret = any(number in sheet.title for number in NUMBERS.values())
        name = f"***{place}" if secret else sheet.title
        if secret:
            found.add((name, "A1"))
        for line in sheet.iter_rows():
            for cell in line:
                words = f"{cell.value} {cell.comment.text if cell.comment else ''}"
                if any(number in words for number in NUMBERS.values()):
                    found.add((name, cell.coordinate))
    return found


def leaks(content: bytes, secrets: Iterator[str] | tuple[str, ...]) -> list[str]:
    """Return the secrets that stand in some bytes, as text in any usual encoding."""
    return [one for one in secrets if any(one.encode(code) in content for code in ("utf-8", "utf-16-le", "gb18030"))]


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of every file of a folder, and of every part of those that are packages."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as package:
                    for name in package.namelist():
                        yield f"{path.name}!{name}", package.read(name)


def text_of_pdf(path: Path) -> str:
    """Return the words of a PDF and of what it says about itself, blanks left out: a line may break anywhere."""
    document = pypdf.PdfReader(path)
    outline = [entry.title or "" for entry in document.outline if isinstance(entry, pypdf.generic.Destination)]
    words = [*(page.extract_text() for page in document.pages), *outline, *map(str, (document.metadata or {}).values())]
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "".join(words)))


def said(done: Run) -> bytes:
    return done.said.encode("utf-8")


def test_every_number_of_a_person_is_found_and_none_is_printed(project: Project) -> None:
    path = planted(project)
    secrets = (*NUMBERS.values(), "13800138000", "349924199001011000")
    found = {
        (cell.sheet, cell.cell)
        for finding in project.read().findings
        if finding.code == "personal-data"
        for cell in finding.cells
    }
    assert expected_places(path) <= found
    copy = project.root / "copies" / "noted.xlsx"
    copy.parent.mkdir()
    for arguments in (
        ("check", "qingxi", "--year", "2020", "--format", "json"),
        ("check", "qingxi", "--year", "2020"),
        ("check", "qingxi", "--year", "2020", "--lang", "en"),
        ("check", str(path), "--annotate", str(copy)),
        ("check", str(path), "--suggest", "--year", "2020"),
        ("results", "qingxi", "--year", "2020"),
        ("report", "qingxi", "--year", "2020"),
    ):
        done = nianbao(project.root, *arguments)
        assert leaks(said(done), secrets) == [], arguments
    assert copy.is_file()
    assert {name: leaks(content, secrets) for name, content in contents(copy.parent) if leaks(content, secrets)} == {}
    assert not (project.root / "outputs" / "2020" / "qingxi").exists()


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_the_office_text_and_the_params_hold_no_number_either(project: Project, number: str) -> None:
    project.write(FIGURES)
    text = project.root / "data" / "qingxi" / "2020.md"
    text.write_text(f"## population\n\n村民王某（{number}）反映情况。\n", encoding="utf-8")
    params = project.root / "params" / "townships" / "baishi.yml"
    params.write_text(params.read_text(encoding="utf-8") + f"# {number}\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"2020\.md:3: ") as refused:
        project.dataset().require_text()
    assert number not in str(refused.value)
    with pytest.raises(Exception, match=r"baishi\.yml:\d+: ") as faulty:
        project.township("baishi")
    assert number not in str(faulty.value)


def test_a_file_named_after_a_person_is_refused_without_its_name(project: Project) -> None:
    project.write(TINY)
    folder = project.root / "data" / "qingxi" / "2020"
    folder.mkdir()
    shutil.copy(project.path(), folder / "13800138000.xlsx")
    done = nianbao(project.root, "check", "qingxi", "--year", "2020", "--format", "json")
    assert done.code == 1
    assert "personal-data" in done.out
    assert leaks(said(done), ("13800138000",)) == []


def commands_naming(number: str, project: Project) -> Iterator[list[str]]:
    """Yield command lines that name a number of a person in every place where a command takes a name or a path."""
    folder = project.root / number
    folder.mkdir()
    (folder / "deep").mkdir()
    own = project.path()
    for path in (folder / f"甲某{number}.xlsx", folder / "2020.xlsx", folder / "bad.xlsx"):
        path.write_bytes(b"%PDF-1.7" if path.name == "bad.xlsx" else own.read_bytes())
        yield ["check", str(path)]
        yield ["check", path.relative_to(project.root).as_posix(), "--lang", "en", "--format", "json"]
        yield ["check", str(path), "--suggest", "--year", "2020"]
        yield ["check", str(path), "--annotate", str(folder / f"noted{number}.xlsx")]
    yield ["check", str(own), "--annotate", str(folder / "deep")]
    yield ["check", str(own), "--annotate", str(folder / f"{number}.xlsx")]
    yield ["check", str(own), "--annotate", str(folder / "none" / "noted.xlsx")]
    yield ["check", f"{number}/none.xlsx"]
    yield ["check", str(folder)]
    yield ["check", str(own), "--township", number]
    yield ["template", "qingxi", "--year", "2020", "-o", f"{number}/blank.xlsx"]
    yield ["template", "qingxi", "--year", "2020", "-o", f"{number}/none/blank.xlsx"]
    yield ["report", "qingxi", "--year", "2020", "--dry-run", "--out", str(own / number)]
    yield ["report", "qingxi", "--year", "2020", "--to", number]
    yield ["new", number, "--name", number]
    yield ["trace", "qingxi", f"births[village={number}]", "--year", "2020"]
    yield ["trace", "qingxi", "births", "--year", number]
    yield ["trace", "qingxi", "births", "--year", "2020", number]
    yield [number]
    town = project.root / "data" / number
    town.mkdir()
    shutil.copy(own, town / "2020.xlsx")
    (project.root / "data" / "qingxi" / f"{number}.xlsx").touch()
    yield ["check", f"data/{number}/2020.xlsx", "--township", "qingxi"]
    yield ["trace", "qingxi", "births", "--year", "2031"]
    for name in ("check", "results", "report"):
        yield [name, number, "--year", "2020"]
    own.unlink()
    yield ["report", "--all", "--year", "2020"]


@pytest.mark.parametrize(
    "number", [NUMBERS[kind] for kind in ("ID with x", "ID full width", "ID in Chinese", "phone grouped", "card")]
)
def test_no_command_repeats_a_number_in_a_name_or_a_path(
    number: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    project.write(FIGURES)
    monkeypatch.chdir(project.root)
    for arguments in commands_naming(number, project):
        monkeypatch.setattr("sys.argv", ["nianbao", *arguments])
        with suppress(SystemExit):
            main()
        printed = b"".join(capsysbinary.readouterr())
        assert printed, arguments
        assert leaks(printed, (number, "甲某")) == [], arguments
    assert (project.root / number / f"{number}.xlsx").is_file()
    assert [name for name, content in contents(project.root / number) if leaks(content, (number,))] == []


def test_a_register_gives_counts_and_no_person(project: Project) -> None:
    params = project.root / "params" / "townships" / "qingxi.yml"
    params.write_text(params.read_text(encoding="utf-8").replace("zh: 下湾村,", "zh: 下湾社区,"), encoding="utf-8")
    path = project.path()
    path.parent.mkdir(parents=True)
    sheet = birth_register()
    assert sheet.parent is not None
    sheet.parent.save(path)
    secrets = ("11010519491231002X", "甲甲", "甲乙", "甲丙", "甲丁", "甲戊", "乙一", "乙二", "乙三", "乙四", "乙五")
    data = project.dataset()
    counted = {item.ref: item.value for item in data.given}
    assert counted["births[parity=1;village=1]"] == 1
    assert counted["births[parity=3+;village=3]"] == 1
    assert data.blocking == ()
    copy = project.root / "copies" / "noted.xlsx"
    copy.parent.mkdir()
    for arguments in (
        ("check", "qingxi", "--year", "2020", "--format", "json"),
        ("check", str(path), "--township", "qingxi", "--year", "2020", "--annotate", str(copy)),
        ("check", str(path), "--township", "qingxi", "--year", "2020", "--suggest"),
        ("results", "qingxi", "--year", "2020", "--format", "csv"),
        ("trace", "qingxi", "births[parity=1;village=1]", "--year", "2020"),
        ("report", "qingxi", "--year", "2020"),
    ):
        done = nianbao(project.root, *arguments)
        assert done.code == 0, (arguments, done.said)
        assert leaks(said(done), secrets) == [], arguments
    built = project.root / "outputs" / "2020" / "qingxi"
    assert rows(built / "results.csv")
    for folder in (built, copy.parent):
        assert {name: leaks(content, secrets) for name, content in contents(folder) if leaks(content, secrets)} == {}
    text = text_of_pdf(built / "report.pdf")
    assert "青溪镇" in text
    assert [secret for secret in secrets if secret in text] == []


# ---- several files for one year -------------------------------------------------------------------------------------


def beside(project: Project, births_of_first: int = 7) -> Path:
    """Write the return and, in the folder of the year, an old workbook with the table of births."""
    params = project.root / "params" / "townships" / "qingxi.yml"
    params.write_text(params.read_text(encoding="utf-8").replace("zh: 下湾村,", "zh: 下湾社区,"), encoding="utf-8")
    project.write({"health_lectures": 15, "births[parity=1;village=1]": births_of_first})
    path = project.root / "data" / "qingxi" / "2020" / "出生.xls"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(xls(sheet_of_worksheet(births())))
    return path


def test_several_files_are_one_return(project: Project) -> None:
    beside(project)
    data = project.dataset()
    assert [intake.file for intake in data.intakes] == ["data/qingxi/2020.xlsx", "data/qingxi/2020/出生.xls"]
    assert data.blocking == ()
    values = {item.ref: item.value for item in data.given}
    assert values["health_lectures"] == 15
    assert values["births[parity=2;village=2]"] == 6
    births_total = data.results.get("births")
    assert births_total is not None
    assert births_total.value == 36


def test_one_figure_in_two_files_with_two_values_names_both(project: Project) -> None:
    beside(project, 8)
    [finding] = [item for item in project.dataset().blocking if item.code == "given-twice-differently"]
    for lang in ("zh", "en"):
        assert "data/qingxi/2020.xlsx" in finding.message(lang)
        assert "data/qingxi/2020/出生.xls" in finding.message(lang)
    assert {cell.file for cell in finding.cells} == {"data/qingxi/2020.xlsx", "data/qingxi/2020/出生.xls"}


def test_staleness_sees_every_file_and_form(project: Project) -> None:
    path = beside(project)
    before = inputs_of(project.dataset())
    assert {"data/qingxi/2020.xlsx", "data/qingxi/2020/出生.xls", "params/forms/births.yml"} <= set(before)
    sheet = births()
    sheet["C4"] = 6
    path.write_bytes(xls(sheet_of_worksheet(sheet)))
    changed = inputs_of(project.dataset())
    assert [name for name in before if before[name] != changed[name]] == ["data/qingxi/2020/出生.xls"]
    form = project.root / "params" / "forms" / "births.yml"
    form.write_text(form.read_text(encoding="utf-8") + "note: more\n", encoding="utf-8")
    assert inputs_of(project.dataset())["params/forms/births.yml"] != before["params/forms/births.yml"]
    path.unlink()
    assert "data/qingxi/2020/出生.xls" not in inputs_of(project.dataset())


def test_an_unreadable_file_among_several_is_named(project: Project) -> None:
    beside(project).with_name("坏.xlsx").write_bytes(b"%PDF-1.7\n" + bytes(100))
    with pytest.raises(ReturnError, match=r"data/qingxi/2020/坏\.xlsx"):
        project.dataset()


def test_every_bad_file_of_a_year_is_told_in_one_run(project: Project) -> None:
    folder = beside(project).parent
    folder.with_suffix(".ods").write_bytes(b"")
    (folder / "坏.xlsx").write_bytes(b"%PDF-1.7\n" + bytes(100))
    (folder / "号13800138000.xlsx").write_bytes(b"")
    (folder / "错.csv").write_text("%PDF", encoding="utf-8")
    project.set_cell("人口监测", "E4", "三十x")  # and a fault of a file that can be read
    told = ("2020.ods", "坏.xlsx", "错.csv", "2020.xlsx!人口监测!E4", "电话号码")
    for command in ("check", "report", "results"):
        done = nianbao(project.root, command, "qingxi", "--year", "2020")
        assert done.code == 1
        assert [name for name in told if name not in done.err] == [], command
        assert leaks(said(done), ("13800138000",)) == []
    listed = nianbao(project.root, "check", "qingxi", "--year", "2020", "--format", "json")
    assert listed.code == 1
    found = {(finding["cells"].rpartition("/")[2], finding["code"]) for finding in json.loads(listed.out)}
    assert {("2020.ods", "empty"), ("坏.xlsx", "pdf"), ("2020", "personal-data")} <= found
    assert any(cells.startswith("2020.xlsx!人口监测!E4") for cells, _ in found)


def test_a_county_tells_the_bad_files_of_all_its_towns(project: Project) -> None:
    params = project.root / "params" / "townships" / "liuhe.yml"
    params.write_text(params.read_text(encoding="utf-8") + "members: [qingxi, baishi]\n", encoding="utf-8")
    for town in ("qingxi", "baishi", "liuhe"):
        project.path(town=town).parent.mkdir(parents=True)
        project.path(town=town).write_bytes(b"")
    with pytest.raises(ReturnError) as refused:
        project.dataset(town="liuhe")
    assert [finding.cells[0].file for finding in refused.value.findings] == [
        f"data/{town}/2020.xlsx" for town in ("liuhe", "qingxi", "baishi")
    ]


def test_a_link_that_leads_nowhere_is_named(project: Project) -> None:
    beside(project).with_name("旧.xlsx").symlink_to("nowhere.xlsx")
    with pytest.raises(ReturnError, match=r"data/qingxi/2020/旧\.xlsx"):
        open_dataset(project.root, township="qingxi", year=2020)


def test_a_total_in_one_file_does_not_hide_the_figure_of_another(project: Project) -> None:
    beside(project)
    (project.root / "data" / "qingxi" / "2020.xlsx").rename(project.root / "data" / "qingxi" / "2020" / "a.xlsx")
    rest = [item for item in project.dataset().findings if item.severity is Severity.BLOCK]
    assert rest == []
